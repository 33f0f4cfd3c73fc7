"""One request to Stripe's API, from its arrival to its answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from email.utils import formatdate
from sqlite3 import Connection
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from stripe_local.resources import clocks
from stripe_local.resources.webhooks import events
from stripe_local.store import answers
from stripe_local.store.answers import Answer
from stripe_local.store.ids import new_id
from stripe_local.wire import forms, jsontext
from stripe_local.wire.auth import Caller, authenticate
from stripe_local.wire.changes import Changes
from stripe_local.wire.errors import (
    API,
    StripeError,
    invalid,
    key_in_use,
    key_reused,
    missing_endpoint,
    rate_limited,
    unrecognized_url,
)
from stripe_local.wire.operation import API_VERSION, Operation, version_of
from stripe_local.wire.perform import perform
from stripe_local.wire.rights import Rights, needed
from stripe_local.wire.sdk import stripe_has
from stripe_local.wire.session import authenticate_session, expired, no_token

from .account import Account
from .faults import Fault
from .incoming import json_object, read
from .recorder import Entry, readable
from .server import Server

_MAX_KEY = 255
_LONGEST_CLIENT = 200

_log = logging.getLogger("uvicorn.error")


_Answered = tuple[int, bytes, dict[str, str]]
"""Status, body and headers."""


class ConnectionLost(Exception):
    """The connection is to be cut without an answer."""


async def exchange(server: Server, operation: Operation | None, request: Request) -> Response:
    """Answer a request; `operation` is None when the URL is not one of Stripe's."""
    path = request.scope["path"]
    takes_key = request.method == "POST" or (request.method == "DELETE" and version_of(path) == 2)
    key = request.headers.get("idempotency-key") if takes_key else None
    client = request.headers.get("user-agent", "")[:_LONGEST_CLIENT]
    caller, account = await _whose(server, operation, request)
    entry = account.recorder.begin(request.method, path, new_id("req"), key, client)
    account.stats.arrived(time.time())
    server.changed()
    try:
        return await _answered(_Exchange(server, account, caller, operation, request, entry))
    finally:
        account.stats.left(entry.status)
        server.changed()


async def _whose(server: Server, operation: Operation | None, request: Request) -> tuple[Caller | StripeError, Account]:
    """Who asks, or why that is nobody; and whose requests this one is among: where it is nobody's, the default account's."""
    authorization = request.headers.get("authorization")
    try:
        if operation is None or not operation.by_session:
            caller = authenticate(authorization)
            return caller, await server.account_of(caller)
        caller = authenticate_session(authorization)
        account = server.known(caller.account or "")
        if account is None:
            raise no_token()
    except StripeError as refused:
        return refused, server.default
    return caller, account


async def _answered(exchange: _Exchange) -> Response:
    request, account, entry = exchange.request, exchange.account, exchange.entry
    request_id, key, version = entry.request_id, entry.idempotency_key, version_of(entry.path)
    headers = {
        "Date": formatdate(account.clock.now(), usegmt=True),
        "Request-Id": request_id,
        "Stripe-Version": request.headers.get("stripe-version") or API_VERSION,
    }
    if key is not None:
        headers["Idempotency-Key"] = key
    try:
        status, body, more = await exchange.answer()
    except StripeError as error:
        status, body, more = error.status, jsontext.dumps(error.body(version)), error.headers
    except ConnectionLost:
        return await _lose_connection(request)
    except ClientDisconnect:
        raise
    except Exception:
        # A bug here: what it did is undone, and the log says why.
        _log.exception("%s %s failed (%s)", request.method, entry.path, request_id)
        failure = StripeError("stripe_local failed; its output has the traceback.", status=500, type=API)
        status, body, more = failure.status, jsontext.dumps(failure.body(version)), {}
    entry.status = status
    if status >= 400:
        entry.error = _error(body)
        account.recorder.weigh(entry, len(body))
    return Response(body, status, {**headers, **more}, "application/json")


async def _lose_connection(request: Request) -> Response:
    request.state.abort()
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response(status_code=500)  # goes nowhere: the connection is gone


class _Exchange:
    """One exchange, in the order in which it happens: each method calls those below it."""

    def __init__(
        self,
        server: Server,
        account: Account,
        caller: Caller | StripeError,
        operation: Operation | None,
        request: Request,
        entry: Entry,
    ) -> None:
        self.server = server
        self.account = account
        self.caller = caller
        self.operation = operation
        self.request = request
        self.entry = entry
        self.fault: Fault | None = None
        self.scope = 0
        self.rights: Rights | None = None

    async def answer(self) -> _Answered:
        """Raises StripeError before execution begins, and ConnectionLost."""
        server, account, request, entry = self.server, self.account, self.request, self.entry
        if server.latency:
            await asyncio.sleep(server.latency)
        body = await read(request)
        raw = self._raw_parameters(body)
        self._record(raw, len(body))
        # Only the key, or without one the URL, tells a request that is sent again from another.
        attempt = entry.idempotency_key or f"{request.method} {entry.path}?{request.scope['query_string']}"
        self.fault = account.faults.strike(request.method, entry.path, attempt)
        if self.fault is not None:
            entry.fault = self.fault.describe()
        caller = self._authenticated()
        entry.livemode = caller.livemode
        self.scope = account.scope(caller.livemode)
        if not server.rate_limit.allows(self.scope):
            raise rate_limited()
        await self._hold("before_work")
        if self.fault is not None and not self._strikes_after_work(self.fault):
            await asyncio.sleep(self.fault.delay)
            if self.fault.lose_connection:
                raise ConnectionLost
            if self.fault.status is not None:
                return self.fault.status, jsontext.dumps(self.fault.body), self.fault.headers
        operation = self.operation
        if operation is None:
            if await asyncio.to_thread(stripe_has, request.method, entry.path):
                raise missing_endpoint(request.method, entry.path, server.settings.base_url)
            raise unrecognized_url(request.method, entry.path)
        self.rights = server.rights(caller, account)
        if self.rights is not None:
            self.rights.check(needed(operation.method, operation.path))
        if operation.version == 2 and not request.headers.get("stripe-version"):
            raise invalid("The Stripe-Version header is required by version 2 of the API.")
        params = operation.params.parse(raw, "")
        await server.caught_up(account)
        answered = await self._once(operation, params, raw)
        await self._hold("after_work")
        if self.fault is not None and self.fault.lose_connection:
            raise ConnectionLost
        return answered

    def _raw_parameters(self, sent: bytes) -> dict[str, Any]:
        if self.request.method == "POST" and version_of(self.entry.path) == 2:
            return json_object(sent)
        query = _form(self.request.scope["query_string"])
        if self.request.method not in ("POST", "DELETE"):
            return query
        return {**query, **_form(sent)}

    def _record(self, raw: dict[str, Any], size: int) -> None:
        """Write the parameters down; of a stream's events only how many there were, since they may be millions."""
        if self.operation is not None and self.operation.by_session and isinstance(raw.get("events"), list):
            self.entry.parameters = {**raw, "events": len(raw["events"])}
            return
        self.entry.parameters = readable(raw)
        self.account.recorder.weigh(self.entry, size)

    def _authenticated(self) -> Caller:
        """Raises StripeError (401)."""
        if isinstance(self.caller, StripeError):
            raise self.caller
        if self.caller.expires is not None and self.account.clock.now() >= self.caller.expires:
            raise expired()
        return self.caller

    async def _hold(self, moment: str) -> None:
        """Keep the request waiting here if a fault says so, until faults are called off."""
        if self.fault is not None and self.fault.hold == moment:
            self.entry.held = moment
            await self.fault.called_off.wait()
            self.entry.held = None

    @staticmethod
    def _strikes_after_work(fault: Fault) -> bool:
        # A mere delay counts as part of the work, so requests can be made to overlap.
        return (
            fault.after_work or fault.lose_connection == "after_work" or (fault.lose_connection is None and fault.status is None)
        )

    async def _once(self, operation: Operation, params: dict[str, Any], raw: dict[str, Any]) -> _Answered:
        """Do the work, or repeat the answer saved for the idempotency key."""
        server, account, scope, key = self.server, self.account, self.scope, self.entry.idempotency_key
        if key is None:
            return await self._work(operation, params, None, "")
        if not 0 < len(key) <= _MAX_KEY:
            raise invalid(f"Idempotency keys must have 1 to {_MAX_KEY} characters; this one has {len(key)}.")
        fingerprint = _fingerprint(self.request, raw)
        slot = (scope, key)
        if slot in server.in_progress:
            raise key_in_use(key)
        server.in_progress.add(slot)
        try:
            saved = await server.reading(lambda connection: answers.saved(connection, scope, key, account.clock.now()))
            if saved is None:
                return await self._work(operation, params, key, fingerprint)
        finally:
            server.in_progress.discard(slot)
        if saved.fingerprint != fingerprint:
            raise key_reused(key)
        self.entry.replayed = True
        return saved.status, saved.body, {"Idempotent-Replayed": "true", "Original-Request": saved.request_id}

    async def _work(self, operation: Operation, params: dict[str, Any], key: str | None, fingerprint: str) -> _Answered:
        server, account, scope, fault, path = self.server, self.account, self.scope, self.fault, dict(self.request.path_params)
        if fault is not None:
            await asyncio.sleep(fault.delay)

        def work(connection: Connection) -> tuple[int, bytes]:
            context = server.context(connection, scope, params, path)
            context.rights = self.rights
            context.request_id, context.idempotency_key = self.entry.request_id, key
            if operation.reads_only(params):
                status, body = perform(operation, context)
            else:
                clocks.check_ready(context)
                context.changes = Changes()
                status, body = perform(operation, context, events.record)
            server.tell(context)
            if fault is not None and fault.status is not None:
                status, body = fault.status, fault.body
            return status, jsontext.dumps(body)

        def save(connection: Connection, status: int, body: bytes) -> None:
            # Version 2 executes failed work again; version 1 repeats the failure.
            if key is not None and (operation.version == 1 or status < 400):
                seconds = answers.V1_SECONDS if operation.version == 1 else answers.V2_SECONDS
                answer = Answer(fingerprint, status, body, self.entry.request_id)
                server.save_answer(connection, account, scope, key, answer, seconds)

        def work_and_save(connection: Connection) -> tuple[int, bytes]:
            answered = work(connection)
            save(connection, *answered)
            return answered

        if operation.reads_only(params):
            status, body = await server.reading(work)
            if key is not None:
                await server.writing(account, lambda connection: save(connection, status, body))
        else:
            status, body = await server.writing(account, work_and_save)
        return status, body, fault.headers if fault is not None else {}


def _form(sent: bytes) -> dict[str, Any]:
    try:
        return forms.decode(sent.decode())
    except UnicodeDecodeError:
        raise invalid("Invalid request: parameters must be UTF-8.") from None


def _error(body: bytes) -> dict[str, Any] | None:
    """What is in Stripe's envelope; None where a fault answers with something else."""
    answered = json.loads(body)
    error = answered.get("error") if isinstance(answered, dict) else None
    return error if isinstance(error, dict) else None


def _fingerprint(request: Request, raw: dict[str, Any]) -> str:
    text = json.dumps([request.method, request.scope["path"], raw], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
