"""Meter event: usage of a customer, and its cancellation. https://docs.stripe.com/api/billing/meter-event

Events are validated at once, and aggregated once the server's `--event-lag` has passed.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from stripe_local.resources import clocks
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import CUSTOMER
from stripe_local.store.objects import Body, equal
from stripe_local.store.usage import Event
from stripe_local.wire.errors import StripeError, invalid, missing_param
from stripe_local.wire.operation import Context, post
from stripe_local.wire.params import Enum, MapOf, Obj, Param, Str, Timestamp
from stripe_local.wire.v2 import parse_time, time_text

from . import alerts, meter_errors, threshold_watch
from .meters import KIND, active_meter

CREATE: dict[str, Param] = {
    "event_name": Str(100, required=True),
    "identifier": Str(100, clearable=False),
    "payload": MapOf(Str(clearable=True), required=True),
    "timestamp": Timestamp(),
}
ADJUST: dict[str, Param] = {
    "cancel": Obj({"identifier": Str(100, clearable=False)}),
    "event_name": Str(100, required=True),
    "type": Enum("cancel", required=True),
}
CREATE_V2: dict[str, Param] = {
    "event_name": Str(100, required=True),
    "identifier": Str(100, clearable=False),
    "payload": MapOf(Str(clearable=True), required=True),
    "timestamp": Str(clearable=False),
}
ADJUST_V2: dict[str, Param] = {
    "cancel": Obj({"identifier": Str(100, required=True)}, required=True),
    "event_name": Str(100, required=True),
    "type": Enum("cancel", required=True),
}

MAX_DIGITS = 15
OLDEST_SECONDS = 35 * 86400
NEWEST_SECONDS = 5 * 60
# An identifier is taken, and an event can be canceled, for a day after it was received.
DAY_MS = 86400 * 1000

# What version 1 takes nevertheless, and reports later.
# https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api#handle-meter-event-errors
_REPORTED_LATER = ("meter_event_customer_not_found", "meter_event_no_customer_defined")

_VALUE = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\Z")
# Zeros at either end do not count as digits, but there is an end to them.
_MOST_CHARACTERS = 100


def _check_timestamp(timestamp: int, now: int) -> None:
    oldest = now - OLDEST_SECONDS
    if timestamp < oldest:
        raise invalid(
            f"The event timestamp cannot be more than 35 days in past. Expected a timestamp greater than or equal to {oldest}.",
            "timestamp",
            "timestamp_too_far_in_past",
        )
    newest = now + NEWEST_SECONDS
    if timestamp > newest:
        raise invalid(
            "The event timestamp cannot be more than 5 minutes in the future. Expected a timestamp less than or equal "
            f"to {newest}.",
            "timestamp",
            "timestamp_in_future",
        )


def _value(payload: dict[str, Any], meter: Body) -> Decimal:
    if meter["default_aggregation"]["formula"] == "count":
        return Decimal(1)
    key = meter["value_settings"]["event_payload_key"]
    text = payload.get(key)
    if text is None:
        raise invalid(
            f"The event payload must have the key '{key}', which holds the event's value.",
            f"payload[{key}]",
            "meter_event_value_not_found",
        )
    if not _VALUE.match(text):
        raise invalid(
            f"The value in the event payload must be a number. Received `{text}`.",
            f"payload[{key}]",
            "meter_event_invalid_value",
        )
    value = Decimal(text)
    if _digits(value) > MAX_DIGITS or len(text) > _MOST_CHARACTERS:
        raise invalid(
            f"The value in the event payload can have at most {MAX_DIGITS} digits. Received `{text}`.",
            f"payload[{key}]",
            "meter_event_value_too_many_digits",
        )
    return value


def _digits(value: Decimal) -> int:
    """How many digits it takes to write the value without an exponent, zeros at either end not counted."""
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    return len("".join(map(str, digits)).strip("0"))


class Intake:
    """Takes in the events of one request: looks each meter and customer up once, and all identifiers together.

    What was received is stored by `store`, which is called last.
    """

    def __init__(self, context: Context, events: Sequence[dict[str, Any]]) -> None:
        self._context = context
        self._meters: dict[str, Body | None] = {}
        self._customers: dict[str, bool] = {}
        self._times: dict[str, int] = {}
        self._known = context.usage.received([event["identifier"] for event in events if event.get("identifier")])
        self._received: list[Event] = []

    def now(self, event: dict[str, Any]) -> int:
        """What time it is for an event: that of its customer's test clock, or the server's."""
        meter = self._meter(event["event_name"])
        id = meter and event["payload"].get(meter["customer_mapping"]["event_payload_key"])
        if not id:
            return self._context.now
        if id not in self._times:
            clock = clocks.clock_of(self._context, id)
            self._times[id] = self._context.now if clock is None else clocks.frozen_time(self._context, clock)
        return self._times[id]

    def receive(self, event: dict[str, Any], timestamp: int, *, duplicate_code: str | None) -> str:
        """Validate an event and return its identifier. Raises StripeError, and then it is not stored."""
        context, event_name, payload = self._context, event["event_name"], event["payload"]
        meter = self._meter(event_name)
        if meter is None:
            code = "archived_meter" if self._archived(event_name) else None
            raise invalid(f'No active meter found for event name "{event_name}"', "event_name", code)
        _check_timestamp(timestamp, self.now(event))
        value = _value(payload, meter)
        customer = self._customer(payload, meter)
        received_ms = int(context.precise_now * 1000)
        identifier = str(event.get("identifier") or uuid.uuid4())
        known = self._known.get(identifier)
        if known is not None and received_ms - known < DAY_MS:
            raise invalid(f"An event already exists with identifier {identifier}.", code=duplicate_code)
        self._known[identifier] = received_ms
        self._received.append(Event(meter["id"], meter["event_name"], customer, identifier, timestamp, received_ms, value))
        return identifier

    def drop(self, event: dict[str, Any], error: StripeError) -> str:
        """Take an event that counts nothing because of that error, which is reported later; returns its identifier."""
        identifier = str(event.get("identifier") or uuid.uuid4())
        name = event["event_name"]
        meter_errors.drop(self._context, self._meter(name) or self._archived(name), identifier, error)
        return identifier

    def store(self) -> None:
        """Store what was received, trigger the alerts that it reaches, and have thresholds looked at that it counts for."""
        self._context.usage.add(*self._received)
        threshold_watch.of_customers(self._context, dict.fromkeys(event.customer for event in self._received))
        for meter in filter(None, self._meters.values()):
            if active := alerts.active(self._context, meter):
                for customer in dict.fromkeys(event.customer for event in self._received if event.meter == meter["id"]):
                    alerts.watch(self._context, meter, customer, active)

    def _meter(self, event_name: str) -> Body | None:
        if event_name not in self._meters:
            self._meters[event_name] = active_meter(self._context, event_name)
        return self._meters[event_name]

    def _archived(self, event_name: str) -> Body | None:
        return self._context.objects.first(KIND, equal("event_name", event_name))

    def _customer(self, payload: dict[str, Any], meter: Body) -> str:
        key = meter["customer_mapping"]["event_payload_key"]
        id = payload.get(key)
        if not id:
            raise invalid(
                f"Customer mapping key {key} not found in payload.",
                f"payload[{key}]",
                "meter_event_no_customer_defined",
            )
        if id not in self._customers:
            customer = self._context.objects.get(CUSTOMER, id)
            self._customers[id] = customer is not None and not customer.get("deleted")
        if not self._customers[id]:
            raise invalid(f"No such customer: '{id}'", f"payload[{key}]", "meter_event_customer_not_found")
        return str(id)


def create(context: Context) -> Body:
    """`POST /v1/billing/meter_events`."""
    params = context.params
    intake = Intake(context, [params])
    timestamp = params["timestamp"] if "timestamp" in params else intake.now(params)
    try:
        identifier = intake.receive(params, timestamp, duplicate_code=None)
    except StripeError as error:
        if error.code not in _REPORTED_LATER:
            raise
        identifier = intake.drop(params, error)
    intake.store()
    return {
        "object": "billing.meter_event",
        "created": context.now,
        "event_name": params["event_name"],
        "identifier": identifier,
        "livemode": context.livemode,
        "payload": params["payload"],
        "timestamp": timestamp,
    }


def create_v2(context: Context) -> Body:
    """`POST /v2/billing/meter_events`: times are RFC 3339 strings."""
    params = context.params
    text = params.get("timestamp")
    intake = Intake(context, [params])
    timestamp = intake.now(params) if text is None else parse_time(text)
    identifier = intake.receive(params, timestamp, duplicate_code="duplicate_meter_event")
    intake.store()
    return {
        "object": "v2.billing.meter_event",
        "created": time_text(context.now),
        "event_name": params["event_name"],
        "identifier": identifier,
        "livemode": context.livemode,
        "payload": params["payload"],
        "timestamp": text or time_text(timestamp),
    }


def _cancel(context: Context) -> str:
    """Take back an event of the last 24 hours and return its identifier."""
    params = context.params
    identifier = params.get("cancel", {}).get("identifier")
    if identifier is None:
        raise missing_param("cancel[identifier]")
    known = context.usage.last_with(identifier)
    if known is None or known[1] != params["event_name"]:
        raise invalid(f"No event found with identifier {identifier} and event name {params['event_name']}.", "cancel[identifier]")
    seq, _, received_ms = known
    if int(context.precise_now * 1000) - received_ms >= DAY_MS:
        raise invalid("An event can only be canceled within 24 hours of Stripe receiving it.", "cancel[identifier]")
    context.usage.cancel(seq)
    return str(identifier)


def adjust(context: Context) -> Body:
    """`POST /v1/billing/meter_event_adjustments`."""
    identifier = _cancel(context)
    return {
        "object": "billing.meter_event_adjustment",
        "cancel": {"identifier": identifier},
        "event_name": context.params["event_name"],
        "livemode": context.livemode,
        "status": "complete",
        "type": "cancel",
    }


def adjust_v2(context: Context) -> Body:
    """`POST /v2/billing/meter_event_adjustments`."""
    identifier = _cancel(context)
    return {
        "id": new_id("mtr_event_adj"),
        "object": "v2.billing.meter_event_adjustment",
        "cancel": {"identifier": identifier},
        "created": time_text(context.now),
        "event_name": context.params["event_name"],
        "livemode": context.livemode,
        "status": "complete",
        "type": "cancel",
    }


OPERATIONS = [
    post("/v1/billing/meter_events", create, CREATE),
    post("/v1/billing/meter_event_adjustments", adjust, ADJUST),
    post("/v2/billing/meter_events", create_v2, CREATE_V2),
    post("/v2/billing/meter_event_adjustments", adjust_v2, ADJUST_V2),
]
