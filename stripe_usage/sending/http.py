"""Requests with events: one HTTP client for all threads, with the pace and the retries that all requests to Stripe have.

Stripe's own client would do as well, but takes several times as long for a request; here that is most of the time.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
import urllib3

from stripe_client.pace import Pace
from stripe_client.retry import TURNED_AWAY, Outcome, Tries, delay, passing
from stripe_client.settings import LOOPBACK
from stripe_client.version import user_agent
from stripe_usage.errors import Interrupted, UsageError

from .deciding.verdict import Answer, Verdict, verdict

TIMEOUT = urllib3.Timeout(connect=10, read=80)
_SLICE_SECONDS = 0.2
LONGEST_TEXT = 500
_REMEMBERED = 10_000


class Http:
    """Requests to one host. `stopped`, once set, ends all waiting with `Interrupted`; `since` is Stripe's clock when they
    began: what was answered before answers none of them."""

    def __init__(self, base: str, per_second: float, connections: int, stopped: threading.Event, since: int = 0) -> None:
        import stripe

        self._base, self._stopped = base, stopped
        self._pace = Pace(per_second, sleep=self._sleep)
        self._pool = _pool(base, connections)
        self._own = {"Stripe-Version": stripe.api_version, "User-Agent": user_agent()}
        self._since = since
        self._lock = threading.Lock()
        self._answered: dict[str, None] = {}

    def post(
        self,
        path: str,
        token: str,
        content_type: str,
        body: str | bytes,
        confirms: Callable[[Mapping[str, Any]], bool],
        idempotency_key: str = "",
    ) -> tuple[Verdict, Answer]:
        """Sends until an answer is conclusive; `confirms` is that of `verdict`. One that shows another idempotency key is none.

        Raises `UsageError` if none comes within the tries that make sense.
        """
        tries, sent = Tries(), False
        while True:
            self._pause(None, sent)
            answer = self._attempt("POST", path, token, content_type, body, idempotency_key)
            meaning = verdict(answer, confirms)
            if meaning is not Verdict.AGAIN:
                return meaning, replace(answer, before=sent)
            sent = sent or answer.executed
            # What is no answer of Stripe's has no word in when to try again.
            outcome = Outcome(answer.status, answer.code, answer.headers) if passing(answer.status) else Outcome(0)
            tries = tries.failed(outcome)
            if outcome.too_fast:
                self._pace.slow_down(outcome.retry_after)
            wait = delay(tries, outcome, random.random())
            if wait is None:
                why = answer.message.replace(token, "(the key)")[:LONGEST_TEXT]
                raise UsageError(f"{self._base} does not take events: {why}, after {tries.attempts} attempts", sent=sent)
            tries = tries.after(wait)
            self._pause(wait, sent)

    def clock(self, path: str, token: str) -> int:
        """Stripe's clock, by the date of an answer (Unix seconds); that of this machine where the answer has none."""
        found = _dated(self._attempt("GET", path, token, "", None).headers)
        return int(time.time()) if found is None else found

    def _attempt(self, method: str, path: str, token: str, content_type: str, body: str | bytes | None, key: str = "") -> Answer:
        headers = {
            "Authorization": f"Bearer {token}",
            **self._own,
            **({"Content-Type": content_type} if content_type else {}),
            **({"Idempotency-Key": key} if key else {}),
        }
        try:
            # Whose answer it is gets known before the body is read: after that another thread may have the connection.
            response = self._pool.request(
                method, self._base + path, body=body, headers=headers, redirect=False, preload_content=False
            )
            if self._is_anothers(response.headers, key):
                response.close()  # and the connection: what else comes over it is nobody's answer
                return Answer(0, {}, None, "what answers is the answer to another request; is there a proxy on the way?")
            found = _json_object(response)
            if found is None:
                response.close()
        except urllib3.exceptions.HTTPError as e:
            return Answer(0, {}, None, _cause(e), executed=not isinstance(e, urllib3.exceptions.NewConnectionError))
        refused = response.status in TURNED_AWAY or (found is not None and 400 <= response.status < 500)
        return Answer(response.status, response.headers, found, executed=not refused)

    def _is_anothers(self, headers: Mapping[str, str], key: str) -> bool:
        """Whether it answers another request: one beside it, which has an idempotency key of its own, or an earlier one, of this
        process or of one that was killed. The stream's answers say nothing else.

        https://docs.stripe.com/api/request_ids; that answers show the key only Stripe's own clients say
        (`StripeResponse.idempotency_key` in Python), so one without it may be Stripe's.
        """
        request, date = headers.get("request-id"), _dated(headers)
        if headers.get("idempotency-key", key) != key or (date is not None and date < self._since):
            return True
        if request is None:
            return False
        with self._lock:
            repeated = request in self._answered
            self._answered[request] = None
            if len(self._answered) > _REMEMBERED:
                del self._answered[next(iter(self._answered))]
        return repeated

    def _pause(self, seconds: float | None, sent: bool) -> None:
        """Waits that many seconds, or, with None, until the pace allows a request."""
        try:
            if seconds is None:
                self._pace.wait()
            else:
                self._sleep(seconds)
        except Interrupted as e:
            e.sent = sent
            raise

    def _sleep(self, seconds: float) -> None:
        if seconds < _SLICE_SECONDS and not self._stopped.is_set():
            time.sleep(seconds)  # costs a fifth of what waiting for the event does, a thousand times a second
        elif self._stopped.wait(seconds):
            raise Interrupted("interrupted")


def _dated(headers: Mapping[str, str]) -> int | None:
    date = headers.get("date")
    try:
        return int(parsedate_to_datetime(date).timestamp()) if date else None
    except ValueError:
        return None


def _pool(base: str, connections: int) -> urllib3.PoolManager:
    """Connections, through the proxy that the environment names for that host, if it names one."""
    url = urlsplit(base)
    host = url.hostname or ""
    options: dict[str, Any] = {"maxsize": connections, "retries": False, "timeout": TIMEOUT, "ca_certs": certifi.where()}
    proxy = getproxies().get(url.scheme)
    if proxy and host not in LOOPBACK and not proxy_bypass(host):
        return urllib3.ProxyManager(proxy, **options)
    return urllib3.PoolManager(**options)


def _json_object(response: urllib3.BaseHTTPResponse) -> Mapping[str, Any] | None:
    if not response.headers.get("content-type", "").startswith("application/json"):
        return None
    try:
        found = json.loads(response.data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _cause(e: BaseException) -> str:
    """Why there was no answer, in the words of the operating system."""
    while inner := (getattr(e, "reason", None) if isinstance(getattr(e, "reason", None), BaseException) else None) or e.__cause__:
        e = inner
    found = e.__context__ if not isinstance(e, OSError) and isinstance(e.__context__, OSError) else e
    return (isinstance(found, OSError) and found.strerror) or type(found).__name__
