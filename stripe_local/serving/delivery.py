"""Events, sent to webhook endpoints on loopback, signed as Stripe signs them. https://docs.stripe.com/webhooks

An endpoint is sent events in the order in which they happened, each until it answers with 2xx, a few times in all. While one is
to be sent again, later ones about the same object wait, and others do not. What was not delivered when the server ended is sent
when it starts again; only an event whose answer came as the server was killed is then sent twice.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from stripe_local.resources.webhooks import events
from stripe_local.store import events as stored
from stripe_local.wire import jsontext, loopback
from stripe_local.wire.operation import Context

TIMEOUT_SECONDS = 5.0
PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds between one attempt and the next; then it is given up. Stripe goes on for three days."""

_CLOSE_SECONDS = 1.0
_MOST = 100
"""Events that are read at once for an endpoint."""

Contexts = Callable[[sqlite3.Connection, int], Context]
T = TypeVar("T")


class Submit(Protocol):
    """Does work on the store, after everything written before."""

    def __call__(self, work: Callable[[sqlite3.Connection], T], /) -> Future[T]:
        """The result, once it is committed."""


def signature(secret: str, timestamp: int, payload: bytes, *, live: bool) -> str:
    """The `Stripe-Signature` header. https://docs.stripe.com/webhooks/signature

    In test mode it has a second signature, of a scheme that nobody is to believe.
    """
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + payload, hashlib.sha256).hexdigest()
    fake = hmac.new(b"", payload, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}" + ("" if live else f",v0={fake}")


@dataclass(frozen=True)
class _Attempt:
    tries: int
    again: float
    """When it is tried again (as `time.monotonic`)."""


@dataclass(frozen=True)
class _Sending:
    seq: int
    about: str
    """The id of the object that the event is about, or nothing."""
    url: str
    secret: str
    payload: bytes
    live: bool


class Delivery:
    """A thread that finds what is due, and one for each endpoint that is sent something, so that none waits for another."""

    def __init__(self, submit: Submit, context: Contexts) -> None:
        self._submit, self._context = submit, context
        self._woken = threading.Event()
        self._ended = threading.Event()
        self._attempts: dict[str, dict[int, _Attempt]] = {}
        """Endpoint → event → what became of it so far, of those that it did not take yet."""
        self._senders: dict[str, threading.Thread] = {}
        """The endpoints that are being sent something."""
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)
        self._thread.start()
        self.wake()

    def wake(self) -> None:
        """There may be something to send."""
        self._woken.set()

    def close(self) -> None:
        """Send nothing more. An endpoint that is slow to answer is not waited for."""
        self._ended.set()
        self._woken.set()
        self._thread.join()
        deadline = time.monotonic() + _CLOSE_SECONDS
        for sender in list(self._senders.values()):
            sender.join(max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        while True:
            due = [
                attempt.again
                for endpoint, attempts in list(self._attempts.items())
                if endpoint not in self._senders
                for attempt in attempts.values()
            ]
            self._woken.wait(max(0.0, min(due) - time.monotonic()) if due else None)
            self._woken.clear()
            if self._ended.is_set():
                return
            busy = set(self._senders)  # before it is read what is waiting: who ends after this wakes this thread up again
            try:
                waiting = self._submit(partial(self._waiting, busy=busy)).result()
            except sqlite3.Error:
                self._ended.wait(PAUSES[-1])
                self._woken.set()
                continue
            for endpoint in set(self._attempts) - set(waiting) - busy:
                del self._attempts[endpoint]
            for endpoint, sendings in waiting.items():
                if sendings:
                    thread = threading.Thread(target=self._send, args=(endpoint, sendings), name=endpoint, daemon=True)
                    self._senders[endpoint] = thread
                    thread.start()

    def _waiting(self, connection: sqlite3.Connection, *, busy: set[str]) -> dict[str, list[_Sending]]:
        """What is to be sent now, by endpoint: the oldest events first, those that wait for another attempt left out."""
        found: dict[str, list[_Sending]] = {}
        now = time.monotonic()
        for endpoint in stored.endpoints_waiting(connection):
            if endpoint in busy:
                continue
            attempts = self._attempts.get(endpoint, {})
            at_once = stored.waiting(connection, endpoint, _MOST + len(attempts))
            target = events.target(self._context(connection, at_once[0][0]), endpoint)
            if target is None or not loopback.is_at(target[0]):
                stored.forget(connection, endpoint)
                continue
            url, secret, is_thin = target
            found[endpoint], held = [], set()
            for scope, body in at_once:
                attempt, about = attempts.get(body["seq"]), body["about"]
                # What is about an object waits for what happened to it before.
                if about in held or (attempt is not None and attempt.again > now):
                    held |= {about} - {""}
                    continue
                context = self._context(connection, scope)
                payload = jsontext.dumps(events.sent(context, body, thin=is_thin))
                found[endpoint].append(_Sending(body["seq"], about, url, secret, payload, context.livemode))
        return found

    def _send(self, endpoint: str, sendings: list[_Sending]) -> None:
        attempts = self._attempts.setdefault(endpoint, {})
        failed: set[str] = set()
        for sending in sendings:
            if not self._ended.is_set() and sending.about not in failed and not self._try(endpoint, sending, attempts):
                failed |= {sending.about} - {""}
        del self._senders[endpoint]
        self.wake()

    def _try(self, endpoint: str, sending: _Sending, attempts: dict[int, _Attempt]) -> bool:
        """Send it; returns whether that is over, because it was taken, or is given up."""
        tries = attempts[sending.seq].tries if sending.seq in attempts else 0
        taken = _sent(sending)
        if not taken and tries < len(PAUSES):
            attempts[sending.seq] = _Attempt(tries + 1, time.monotonic() + PAUSES[tries])
            return False
        note = stored.delivered if taken else stored.given_up
        try:
            self._submit(lambda connection: note(connection, sending.seq, endpoint)).result()
        except sqlite3.Error:  # such as a full disk: it is not known to be delivered, so it is sent once more
            attempts[sending.seq] = _Attempt(tries, time.monotonic() + PAUSES[-1])
            return False
        attempts.pop(sending.seq, None)
        return True


def _sent(sending: _Sending) -> bool:
    """Whether the endpoint took the event."""
    url = urlsplit(sending.url)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(url.hostname or "", url.port, timeout=TIMEOUT_SECONDS)
        try:
            # Signed with real time, whatever the server's clock says: verifying a signature includes its age.
            headers = {
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": signature(sending.secret, int(time.time()), sending.payload, live=sending.live),
                "User-Agent": "Stripe/1.0 (stripe_local)",
            }
            target = (url.path or "/") + (f"?{url.query}" if url.query else "")
            connection.request("POST", target, sending.payload, headers)
            return 200 <= connection.getresponse().status < 300
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError):
        return False
