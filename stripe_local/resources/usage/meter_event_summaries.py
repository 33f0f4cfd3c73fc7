"""Meter event summary: what a customer's events add up to in a window of time.

https://docs.stripe.com/api/billing/meter-event-summary
"""

from __future__ import annotations

import hashlib
from decimal import Decimal

from stripe_local.resources.shared import existing
from stripe_local.store.kinds import CUSTOMER
from stripe_local.store.objects import Body
from stripe_local.store.usage import Bound
from stripe_local.wire.errors import invalid
from stripe_local.wire.jsontext import plain
from stripe_local.wire.operation import Context, get
from stripe_local.wire.pagination import PAGE, list_object, page_of
from stripe_local.wire.params import Enum, Param, Str, Timestamp

from . import meters

KIND = "billing.meter_event_summary"

LIST: dict[str, Param] = {
    "customer": Str(required=True),
    "end_time": Timestamp(required=True),
    "start_time": Timestamp(required=True),
    "value_grouping_window": Enum("day", "hour"),
    **PAGE,
}


def _check_aligned(name: str, moment: int, window: str | None) -> None:
    # The words are ours; that times align with minutes, and with the window, is Stripe's rule.
    seconds = meters.WINDOW_SECONDS[window] if window else 60
    if moment % seconds:
        unit = {None: "minute", "hour": "hour", "day": "day"}[window]
        raise invalid(f"Invalid {name}: it must be aligned with {unit} boundaries in UTC.", name)


def _summary(context: Context, meter: Body, customer: str, start: int, end: int) -> Body | None:
    total = context.usage.aggregate(
        meter["id"],
        customer,
        meter["default_aggregation"]["formula"],
        meters.event_window(meter),
        Bound(start),
        Bound(end),
    )
    if total is None:
        return None
    digest = hashlib.sha256(f"{meter['id']} {customer} {start} {end}".encode()).hexdigest()[:24]
    return {
        "id": f"mtrusg_{digest}" if context.livemode else f"mtrusg_test_{digest}",
        "object": KIND,
        "aggregated_value": Decimal(plain(total)),
        "end_time": end,
        "livemode": context.livemode,
        "meter": meter["id"],
        "start_time": start,
    }


def list_(context: Context) -> Body:
    """`GET /v1/billing/meters/{id}/event_summaries`.

    One summary for the whole window, or one per hour or day with `value_grouping_window`, newest first. Without usage
    there is none: whether Stripe then answers with an empty list or with a 0 is not published.
    """
    params = context.params
    meter = existing(context, meters.KIND, "billing meter", context.path["id"], "id", in_path=True)
    existing(context, CUSTOMER, "customer", params["customer"], "customer")
    window, start, end = params.get("value_grouping_window"), params["start_time"], params["end_time"]
    _check_aligned("start_time", start, window)
    _check_aligned("end_time", end, window)
    if end <= start:
        raise invalid("Invalid end_time: it must be after start_time.", "end_time")
    spans = [(start, end)]
    if window:
        seconds = meters.WINDOW_SECONDS[window]
        used = context.usage.windows(meter["id"], params["customer"], seconds, start, end)
        spans = [(moment, moment + seconds) for moment in reversed(used)]
    found = [summary for span in spans if (summary := _summary(context, meter, params["customer"], *span)) is not None]
    data, more = page_of(found, "billing meter event summary", params)
    return {**list_object(f"/v1/billing/meters/{meter['id']}/event_summaries", data, more), "_type": KIND}


OPERATIONS = [get("/v1/billing/meters/{id}/event_summaries", list_, LIST)]
