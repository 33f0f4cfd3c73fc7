"""The endpoints under `/_local/`, of the account whose key is sent, or else the default one; neither recorded nor slowed down."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_local.resources import OPERATIONS
from stripe_local.resources.billing import subscription_states
from stripe_local.serving.account import Account
from stripe_local.serving.incoming import json_object, read
from stripe_local.serving.server import Server
from stripe_local.store.ids import random_text
from stripe_local.store.objects import Body
from stripe_local.wire.auth import authenticate, caller
from stripe_local.wire.errors import StripeError, invalid
from stripe_local.wire.operation import Context
from stripe_local.wire.params import LATEST, Bool, Enum, Int, ListOf, Number, Params, Str
from stripe_local.wire.rights import checked

from . import stored

_CLOCK = Params(advance=Number(), set=Number())
_SINCE = Params(since=Int(minimum=0))
_LIVEMODE = Params(livemode=Bool())
_KEY = Params(key=Str(clearable=False), livemode=Bool(), permissions=ListOf(Str(clearable=False)))
_COLLECTION = Params(retries=Int(minimum=0, maximum=100), days=Int(minimum=1, maximum=365), then=Enum(*subscription_states.THEN))

Endpoint = Callable[[Request], Awaitable[Response]]
OfAccount = Callable[[Request, Account], Awaitable[Response]]


async def json_body(request: Request) -> dict[str, Any]:
    """The object that was sent. Raises StripeError."""
    return json_object(await read(request))


def _lines(name: str, entries: list[dict[str, Any]]) -> Response:
    """One entry on a line, for people who look at it in a terminal."""
    lines = ",\n".join(f"  {json.dumps(entry, ensure_ascii=False)}" for entry in entries)
    return Response(f'{{"{name}": [\n{lines}\n]}}\n', media_type="application/json")


def enveloped(server: Server, endpoint: Endpoint) -> Endpoint:
    """The endpoint with failures in Stripe's envelope; what it changes counts as a change."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except StripeError as error:
            return JSONResponse(error.body(), error.status)
        finally:
            if request.method not in ("GET", "HEAD"):
                server.changed()

    return answer


async def account_of(server: Server, request: Request) -> Account:
    """The account that is meant: of the key that is sent, or the one that `account` in the query names. Raises StripeError."""
    id, authorization = request.query_params.get("account"), request.headers.get("authorization")
    if id is not None:
        found = server.known(id)
        if found is None:
            raise StripeError(f"There is no account '{id}' here.", status=404, code="resource_missing", param="account")
        return found
    return server.default if authorization is None else await server.account_of(authenticate(authorization))


def queried(request: Request) -> dict[str, Any]:
    """The parameters in the query, but for the one that names the account."""
    return {name: value for name, value in request.query_params.items() if name != "account"}


def _livemode(request: Request) -> bool:
    return bool(_LIVEMODE.parse(queried(request), "").get("livemode", False))


def _new_key(wanted: dict[str, Any]) -> str:
    """The key that is asked for, or another one. Raises StripeError where it is none of that kind and mode."""
    kind, mode = "rk" if "permissions" in wanted else "sk", "live" if wanted.get("livemode") else "test"
    key = str(wanted.get("key") or f"{kind}_{mode}_{random_text(24)}")
    if not re.fullmatch(rf"{kind}_{mode}_[A-Za-z0-9_]+", key):
        what = "A key with permissions" if kind == "rk" else "A key without permissions, which may do everything,"
        raise invalid(f"{what} begins with {kind}_{mode}_, and has letters, digits and _ after that.", "key")
    return key


def routes(server: Server) -> list[Route]:
    """The routes under `/_local/`."""

    def mine(endpoint: OfAccount) -> Endpoint:
        async def answer(request: Request) -> Response:
            return await endpoint(request, await account_of(server, request))

        return enveloped(server, answer)

    async def requests(request: Request, account: Account) -> Response:
        if request.method == "DELETE":
            account.recorder.clear()
            return JSONResponse({"requests": []})
        since = _SINCE.parse(queried(request), "").get("since", 0)
        return _lines("requests", account.recorder.since(since))

    async def endpoints(request: Request) -> Response:
        return JSONResponse({"endpoints": [f"{operation.method} {operation.path}" for operation in OPERATIONS]})

    async def process(request: Request) -> Response:
        return JSONResponse({"pid": os.getpid(), "folder": str(Path.cwd())})

    async def stats(request: Request, account: Account) -> Response:
        if request.method == "DELETE":
            account.stats.clear()
        return JSONResponse(account.stats.public())

    async def faults(request: Request, account: Account) -> Response:
        if request.method == "POST":
            return JSONResponse(account.faults.add(await json_body(request)))
        if request.method == "DELETE":
            account.faults.clear()
        return JSONResponse({"faults": account.faults.list()})

    async def clock(request: Request, account: Account) -> Response:
        if request.method == "POST":
            params = _CLOCK.parse(await json_body(request), "")
            if len(params) != 1:
                raise invalid("Send either `advance` (seconds) or `set` (Unix seconds).")
            offset = account.clock.offset + params.get("advance", 0)
            if "set" in params:
                offset += params["set"] - account.clock.precise()
            if not 0 <= time.time() + offset <= LATEST:
                raise invalid(f"The clock can show 0 to {LATEST} (Unix seconds).", *params)
            await server.writing(account, lambda connection: server.move_clock(connection, account, offset))
        return JSONResponse({"now": account.clock.now(), "offset": account.clock.offset})

    async def collection(request: Request, account: Account) -> Response:
        scope = account.scope(_livemode(request))
        wanted = _COLLECTION.parse(await json_body(request), "") if request.method == "POST" else {}

        def work(context: Context) -> Body:
            return subscription_states.rule(context, wanted) if wanted else subscription_states.rules(context)

        return JSONResponse(await server.change(scope, work))

    async def objects(request: Request, account: Account) -> Response:
        id, fields = request.path_params["id"], await json_body(request)
        scope = account.scope(_livemode(request))

        def work(context: Context) -> Body:
            return stored.remove(context, id) if request.method == "DELETE" else stored.change(context, id, fields)

        return JSONResponse(await server.change(scope, work, id))

    async def keys(request: Request, account: Account) -> Response:
        wanted = _KEY.parse(await json_body(request), "")
        key = _new_key(wanted)
        permissions = checked(wanted["permissions"]) if "permissions" in wanted else None
        fingerprint = caller(key).fingerprint
        await server.writing(account, lambda connection: server.put_key(connection, account, fingerprint, permissions))
        listed = None if permissions is None else sorted(permissions)
        return JSONResponse({"key": key, "account": account.settings.account, "permissions": listed})

    async def reset(request: Request, account: Account) -> Response:
        account.faults.clear()
        await server.writing(account, lambda connection: server.reset(connection, account))
        return JSONResponse({"reset": True})

    return [
        Route("/_local/requests", mine(requests), methods=["GET", "DELETE"]),
        Route("/_local/endpoints", enveloped(server, endpoints)),
        Route("/_local/process", enveloped(server, process)),
        Route("/_local/stats", mine(stats), methods=["GET", "DELETE"]),
        Route("/_local/faults", mine(faults), methods=["GET", "POST", "DELETE"]),
        Route("/_local/clock", mine(clock), methods=["GET", "POST"]),
        Route("/_local/collection", mine(collection), methods=["GET", "POST"]),
        Route("/_local/objects/{id}", mine(objects), methods=["POST", "DELETE"]),
        Route("/_local/keys", mine(keys), methods=["POST"]),
        Route("/_local/reset", mine(reset), methods=["POST"]),
    ]
