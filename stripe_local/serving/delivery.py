"""Events, sent to webhook endpoints on loopback, signed as Stripe signs them. https://docs.stripe.com/webhooks

An event is sent to an endpoint until it answers with 2xx, a few times in all. What was not delivered when the server ended is
sent when it starts again, so an endpoint can get an event twice, as with Stripe.
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
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from stripe_local.resources.webhooks import events
from stripe_local.store.objects import public
from stripe_local.wire import jsontext, loopback
from stripe_local.wire.operation import Context

TIMEOUT_SECONDS = 5.0
PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds between one attempt and the next; then it is given up. Stripe goes on for three days."""

Contexts = Callable[[sqlite3.Connection, bool], Context]
T = TypeVar("T")


class Submit(Protocol):
    """Does work on the store, after everything written before."""

    def __call__(self, work: Callable[[sqlite3.Connection], T], /) -> Future[T]:
        """The result, once it is committed."""


def signature(secret: str, timestamp: int, payload: bytes) -> str:
    """The `Stripe-Signature` header. https://docs.stripe.com/webhooks/signature"""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


@dataclass(frozen=True)
class _Sending:
    livemode: bool
    event: str
    endpoint: str
    url: str
    secret: str
    payload: bytes


class Delivery:
    """A thread that sends what is due."""

    def __init__(self, submit: Submit, context: Contexts) -> None:
        self._submit, self._context = submit, context
        self._woken = threading.Event()
        self._ended = threading.Event()
        self._attempts: dict[tuple[str, str], tuple[int, float]] = {}
        """(event, endpoint) → how often it was tried, and when it is to be tried again."""
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)
        self._thread.start()
        self.wake()

    def wake(self) -> None:
        """There may be something to send."""
        self._woken.set()

    def close(self) -> None:
        """Send nothing more."""
        self._ended.set()
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            due = min((at for _, at in self._attempts.values()), default=None)
            self._woken.wait(None if due is None else max(0.0, due - time.monotonic()))
            self._woken.clear()
            if self._ended.is_set():
                return
            waiting = self._submit(self._waiting).result()
            self._attempts = {(s.event, s.endpoint): self._attempts.get((s.event, s.endpoint), (0, 0.0)) for s in waiting}
            for sending in waiting:
                if self._ended.is_set():
                    return
                self._try(sending)

    def _waiting(self, connection: sqlite3.Connection) -> list[_Sending]:
        found = []
        for livemode in (False, True):
            context = self._context(connection, livemode)
            for event in events.undelivered(context):
                for id in list(event["_to"]):
                    target = events.target(context, id)
                    if target is None or urlsplit(target[0]).hostname not in loopback.NAMES:
                        events.delivered(context, event["id"], id)
                        continue
                    payload = jsontext.dumps(public(event))
                    found.append(_Sending(livemode, event["id"], id, *target, payload))
        return found

    def _try(self, sending: _Sending) -> None:
        key = (sending.event, sending.endpoint)
        tries, at = self._attempts[key]
        if time.monotonic() < at:
            return
        if not _sent(sending) and tries < len(PAUSES):
            self._attempts[key] = (tries + 1, time.monotonic() + PAUSES[tries])
            return
        del self._attempts[key]
        self._submit(
            lambda connection: events.delivered(self._context(connection, sending.livemode), sending.event, sending.endpoint)
        ).result()


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
                "Stripe-Signature": signature(sending.secret, int(time.time()), sending.payload),
                "User-Agent": "Stripe/1.0 (stripe_local)",
            }
            target = (url.path or "/") + (f"?{url.query}" if url.query else "")
            connection.request("POST", target, sending.payload, headers)
            return 200 <= connection.getresponse().status < 300
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError):
        return False
