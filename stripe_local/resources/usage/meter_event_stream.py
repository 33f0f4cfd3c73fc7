"""The meter event stream: many events in a request, accepted at once and validated later.

https://docs.stripe.com/api/v2/billing-meter-stream. The answer does not say what is wrong with an event: it is
dropped, and reported later (`meter_errors`). An event whose identifier is one of the last 24 hours is dropped, and not reported.
"""

from __future__ import annotations

from stripe_local.store.ids import new_id
from stripe_local.store.objects import Body
from stripe_local.wire.errors import StripeError
from stripe_local.wire.operation import Context, Operation, post
from stripe_local.wire.params import ListOf, Obj, Param, Params
from stripe_local.wire.session import SESSION_SECONDS, new_token
from stripe_local.wire.v2 import parse_time, time_text

from . import meter_events

_REPEATED = "duplicate_meter_event"

SESSION: dict[str, Param] = {}
STREAM: dict[str, Param] = {"events": ListOf(Obj(meter_events.CREATE_V2), required=True, max_items=100)}


def create_session(context: Context) -> Body:
    """`POST /v2/billing/meter_event_session`."""
    expires = context.now + SESSION_SECONDS
    return {
        "id": new_id("mes"),
        "object": "v2.billing.meter_event_session",
        "authentication_token": new_token(context.settings.account, context.livemode, expires),
        "created": time_text(context.now),
        "expires_at": time_text(expires),
        "livemode": context.livemode,
    }


def stream(context: Context) -> Body:
    """`POST /v2/billing/meter_event_stream`."""
    events = context.params["events"]
    times = [None if event.get("timestamp") is None else parse_time(event["timestamp"]) for event in events]
    intake = meter_events.Intake(context, events)
    for event, timestamp in zip(events, times, strict=True):
        try:
            intake.receive(event, intake.now(event) if timestamp is None else timestamp, duplicate_code=_REPEATED)
        except StripeError as error:
            if error.code != _REPEATED:
                intake.drop(event, error)
    intake.store()
    return {}


OPERATIONS = [
    post("/v2/billing/meter_event_session", create_session, SESSION),
    Operation("POST", "/v2/billing/meter_event_stream", stream, Params(STREAM), by_session=True),
]
