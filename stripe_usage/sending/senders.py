"""Two ways to send events: one by one over v1, and by the hundred over the meter event stream of v2.

v1 validates an event before it answers. The stream accepts at once and validates later, and says nothing of what it then drops:
what can be known beforehand must be checked beforehand. https://docs.stripe.com/api/v2/billing-meter-stream
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlencode

from stripe_client.client import Client
from stripe_usage.asking.meter import Meter
from stripe_usage.errors import UsageError
from stripe_usage.events.event import Event
from stripe_usage.events.values import time_text

from .deciding.verdict import Answer, Verdict
from .http import Http

LIVE_EVENTS_PER_SECOND = 1000
LIVE_STREAM_REQUESTS_PER_SECOND = 100
TEST_REQUESTS_PER_SECOND = 25
"""https://docs.stripe.com/rate-limits; a sandbox counts events among all requests. The stream takes 10,000 events a second."""

EVENTS_A_REQUEST = 100

Refusals = dict[int, str]
"""Why Stripe does not take events, by their number in the checkpoint. It has the others."""


class Sender(Protocol):
    """Sends events; safe to use from several threads."""

    most: int
    """How many events fit in a request."""

    def send(self, events: Sequence[Event]) -> Refusals:
        """Sends up to `most` events. Raises `UsageError` where none of the import's events would be taken."""


class OneByOne:
    """`POST /v1/billing/meter_events`.

    Without an idempotency key: the identifier is one, and Stripe would repeat a refusal for a key even after its reason is gone.
    """

    most = 1

    def __init__(self, http: Http, meter: Meter, api_key: str) -> None:
        self._http, self._meter, self._key = http, meter, api_key
        self._names = (f"payload[{meter.customer_key}]", f"payload[{meter.value_key}]")

    def send(self, events: Sequence[Event]) -> Refusals:
        """As `Sender.send`."""
        refusals: Refusals = {}
        for event in events:
            body = urlencode(
                {
                    "event_name": self._meter.event_name,
                    "identifier": event.identifier,
                    "timestamp": event.timestamp,
                    self._names[0]: event.customer,
                    self._names[1]: event.value,
                }
            )
            sent = partial(_is_event, event.identifier)
            meaning, answer = self._http.post(
                "/v1/billing/meter_events", self._key, "application/x-www-form-urlencoded", body, sent
            )
            if meaning is Verdict.REFUSED:
                refusals[event.number] = _said(answer, self._key)
            elif meaning is not Verdict.ACCEPTED:
                raise _halt(answer, self._key)
        return refusals


class Streaming:
    """`POST /v2/billing/meter_event_stream`, with a session that is renewed when Stripe says that it has expired."""

    most = EVENTS_A_REQUEST

    def __init__(self, http: Http, meter: Meter, client: Client) -> None:
        self._http, self._meter, self._client = http, meter, client
        self._lock = threading.Lock()
        self._token = ""

    def send(self, events: Sequence[Event]) -> Refusals:
        """As `Sender.send`. A request is refused whole: then its halves are sent, until the event that is wrong stands alone."""
        meaning, answer = self._post(events)
        if meaning is Verdict.ACCEPTED:
            return {}
        if meaning is Verdict.HALT:
            raise _halt(answer, self._token)
        if len(events) == 1:
            return {events[0].number: _said(answer, self._token)}
        middle = len(events) // 2
        refusals = self.send(events[:middle])
        try:
            return {**refusals, **self.send(events[middle:])}
        except UsageError as e:
            e.sent = True  # the first half is
            raise

    def _post(self, events: Sequence[Event]) -> tuple[Verdict, Answer]:
        body, token = self.body(events), self._session("")
        meaning, answer = self._stream(token, body)
        if meaning is Verdict.RENEW:
            before = answer.before
            meaning, answer = self._stream(self._session(token), body)
            answer = replace(answer, before=before or answer.before)
        return (Verdict.HALT if meaning is Verdict.RENEW else meaning), answer

    def _stream(self, token: str, body: str) -> tuple[Verdict, Answer]:
        """With an idempotency key of its own: an answer says nothing else about whose it is."""
        key = f"usage-{uuid.uuid4().hex}"
        return self._http.post("/v2/billing/meter_event_stream", token, "application/json", body, _is_empty, key)

    def body(self, events: Sequence[Event]) -> str:
        """The body of a request."""
        name, payload = self._meter.event_name, self._meter.payload
        return json.dumps(
            {
                "events": [
                    {
                        "event_name": name,
                        "identifier": event.identifier,
                        "payload": payload(event.customer, event.value),
                        "timestamp": time_text(event.timestamp),
                    }
                    for event in events
                ]
            },
            separators=(",", ":"),
        )

    def _session(self, expired: str) -> str:
        """The session's token; a new session's where it is the `expired` one. One thread asks for all."""
        with self._lock:
            if not self._token or self._token == expired:
                token = self._client.post("/v2/billing/meter_event_session", {}).body.get("authentication_token")
                if not isinstance(token, str) or not token:
                    raise UsageError("what answers for a meter event session is not Stripe; is there a proxy on the way?")
                self._token = token
            return self._token


def _is_event(identifier: str, body: Mapping[str, Any]) -> bool:
    """Whether it is that event, or says that Stripe has it already: "An event already exists with identifier X."."""
    error = body.get("error")
    if isinstance(error, Mapping):
        return str(error.get("message")).rstrip(".").endswith(f" {identifier.rstrip('.')}")
    return body.get("object") == "billing.meter_event" and body.get("identifier") == identifier


def _is_empty(body: Mapping[str, Any]) -> bool:
    """The stream answers with an empty object, also where it has events already: it validates them later.

    https://docs.stripe.com/api/v2/billing/meter-event-stream/create
    """
    return not body


def _said(answer: Answer, secret: str) -> str:
    return " ".join(answer.message.split()).replace(secret, "(the key)")[:500] if secret else answer.message


def _halt(answer: Answer, secret: str) -> UsageError:
    return UsageError(f"Stripe takes no events: {_said(answer, secret)} (status {answer.status})", sent=answer.before)
