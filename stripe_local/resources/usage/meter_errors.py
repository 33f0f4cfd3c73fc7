"""Reports of meter events that were taken and then dropped, which only a thin event tells of.

https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api#handle-meter-event-errors
"""

from __future__ import annotations

from stripe_local.resources.webhooks import events
from stripe_local.store import dropped
from stripe_local.store.dropped import Drop
from stripe_local.store.objects import Body
from stripe_local.wire.errors import StripeError
from stripe_local.wire.operation import Context
from stripe_local.wire.v2 import time_text

from .meters import KIND

REPORTED = "v1.billing.meter.error_report_triggered"
NO_METER = "v1.billing.meter.no_meter_found"

SAMPLES = 10
"""Errors of a kind that a report has in full."""

# What a report calls an error, where that is not what the answer to a request calls it.
_CODES = {None: "no_meter", "meter_event_value_not_found": "meter_event_invalid_value"}


def drop(context: Context, meter: Body | None, identifier: str, error: StripeError) -> None:
    """Keep an event that is wrong for the next report; it counts nothing."""
    code = _CODES.get(error.code, error.code) or "no_meter"
    gone = Drop(meter["id"] if meter else "", code, error.message, identifier, context.now)
    dropped.add(context.connection, context.scope, gone, context.settings.report_lag)


def next_due(context: Context) -> int | None:
    """When the next report is made (Unix seconds), or None."""
    return dropped.next_due(context.connection, context.scope)


def catch_up(context: Context, moment: int) -> None:
    """Make the reports that are due by then."""
    for meter, drops in dropped.take(context.connection, context.scope, moment).items():
        related = {"id": meter, "type": KIND, "url": f"/v1/billing/meters/{meter}"} if meter else None
        events.emit(context, REPORTED if meter else NO_METER, related=related, data=_report(drops, moment))


def _report(drops: list[Drop], moment: int) -> Body:
    by_code: dict[str, list[Drop]] = {}
    for one in drops:
        by_code.setdefault(one.code, []).append(one)
    found = "There is 1 invalid event" if len(drops) == 1 else f"There are {len(drops)} invalid events"
    return {
        "developer_message_summary": found,
        "reason": {
            "error_count": len(drops),
            "error_types": [
                {
                    "code": code,
                    "error_count": len(those),
                    "sample_errors": [
                        {"error_message": one.message, "request": {"identifier": one.identifier}} for one in those[:SAMPLES]
                    ],
                }
                for code, those in by_code.items()
            ],
        },
        "validation_end": time_text(moment),
        "validation_start": time_text(min(one.received for one in drops)),
    }
