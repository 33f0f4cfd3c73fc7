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

_CLOSE_SECONDS = 1.0

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

    @property
    def key(self) -> tuple[str, str]:
        """The event and the endpoint."""
        return self.event, self.endpoint


class Delivery:
    """A thread that finds what is due, and one for each endpoint that is sent something, so that none waits for another."""

    def __init__(self, submit: Submit, context: Contexts) -> None:
        self._submit, self._context = submit, context
        self._woken = threading.Event()
        self._ended = threading.Event()
        self._attempts: dict[tuple[str, str], tuple[int, float]] = {}
        """(event, endpoint) → how often it was tried, and when it is to be tried again."""
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
            due = [at for (_, endpoint), (_, at) in list(self._attempts.items()) if endpoint not in self._senders]
            self._woken.wait(max(0.0, min(due) - time.monotonic()) if due else None)
            self._woken.clear()
            if self._ended.is_set():
                return
            busy = set(self._senders)  # before it is read what is waiting: who ends after this wakes this thread up again
            try:
                waiting = self._submit(self._waiting).result()
            except sqlite3.Error:
                self._ended.wait(PAUSES[-1])
                self._woken.set()
                continue
            self._start([sending for sending in waiting if sending.endpoint not in busy], busy)

    def _start(self, waiting: list[_Sending], busy: set[str]) -> None:
        keys, now = {sending.key for sending in waiting}, time.monotonic()
        for key in [key for key in list(self._attempts) if key not in keys and key[1] not in busy]:
            del self._attempts[key]
        due: dict[str, list[_Sending]] = {}
        for sending in waiting:
            if self._attempts.get(sending.key, (0, 0.0))[1] <= now:
                due.setdefault(sending.endpoint, []).append(sending)
        for endpoint, sendings in due.items():
            self._senders[endpoint] = threading.Thread(target=self._send, args=(endpoint, sendings), name=endpoint, daemon=True)
            self._senders[endpoint].start()

    def _send(self, endpoint: str, sendings: list[_Sending]) -> None:
        for sending in sendings:
            if not self._ended.is_set():
                self._try(sending)
        del self._senders[endpoint]
        self.wake()

    def _waiting(self, connection: sqlite3.Connection) -> list[_Sending]:
        found = []
        for livemode in (False, True):
            context = self._context(connection, livemode)
            for event in events.undelivered(context):
                for id in list(event["_to"]):
                    target = events.target(context, id)
                    if target is None or not loopback.is_at(target[0]):
                        events.delivered(context, event["id"], id)
                        continue
                    payload = jsontext.dumps(public(event))
                    found.append(_Sending(livemode, event["id"], id, *target, payload))
        return found

    def _try(self, sending: _Sending) -> None:
        tries, _ = self._attempts.get(sending.key, (0, 0.0))
        if not _sent(sending) and tries < len(PAUSES):
            self._attempts[sending.key] = (tries + 1, time.monotonic() + PAUSES[tries])
            return
        try:
            self._submit(
                lambda connection: events.delivered(self._context(connection, sending.livemode), sending.event, sending.endpoint)
            ).result()
            self._attempts.pop(sending.key, None)
        except sqlite3.Error:  # such as a full disk: it is not known to be delivered, so it is sent once more
            self._attempts[sending.key] = (tries, time.monotonic() + PAUSES[-1])


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
