"""Meter: what is counted, and how. https://docs.stripe.com/api/billing/meter"""

from __future__ import annotations

from stripe_local.resources.shared import existing
from stripe_local.store.ids import meter_id
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.errors import invalid
from stripe_local.wire.expand import register
from stripe_local.wire.operation import Context, get, post
from stripe_local.wire.pagination import PAGE, list_object, page
from stripe_local.wire.params import Enum, Obj, Param, Str

KIND = "billing.meter"
WINDOW_SECONDS = {"hour": 3600, "day": 86400}

CREATE: dict[str, Param] = {
    "customer_mapping": Obj({"event_payload_key": Str(100, required=True), "type": Enum("by_id", required=True)}),
    "default_aggregation": Obj({"formula": Enum("count", "last", "sum", required=True)}, required=True),
    "display_name": Str(250, required=True),
    "event_name": Str(100, required=True),
    "event_time_window": Enum("day", "hour"),
    "value_settings": Obj({"event_payload_key": Str(100, required=True)}),
}
UPDATE: dict[str, Param] = {"display_name": Str(250, clearable=False)}
LIST: dict[str, Param] = {"status": Enum("active", "inactive"), **PAGE}


def _existing(context: Context) -> Body:
    return existing(context, KIND, "billing meter", context.path["id"], "id", in_path=True)


def active_meter(context: Context, event_name: str) -> Body | None:
    """The meter that takes events of this name now, or None."""
    return context.objects.first(KIND, equal("event_name", event_name), equal("status", "active"))


def event_window(meter: Body) -> int | None:
    """Seconds of the window of which the last event counts, or None where every event does."""
    return WINDOW_SECONDS.get(meter["event_time_window"] or "")


def _refuse_second_active(context: Context, event_name: str) -> None:
    if active_meter(context, event_name) is not None:
        raise invalid(
            f"An active meter already exists for event name '{event_name}'. To create a new meter with the same "
            "event name, first deactivate the currently active meter."
        )


def create(context: Context) -> Body:
    """`POST /v1/billing/meters`."""
    params = context.params
    _refuse_second_active(context, params["event_name"])
    body: Body = {
        "id": meter_id(context.livemode),
        "object": KIND,
        "created": context.now,
        "customer_mapping": params.get("customer_mapping") or {"event_payload_key": "stripe_customer_id", "type": "by_id"},
        "default_aggregation": params["default_aggregation"],
        "display_name": params["display_name"],
        "event_name": params["event_name"],
        "event_time_window": params.get("event_time_window"),
        "livemode": context.livemode,
        "status": "active",
        "status_transitions": {"deactivated_at": None},
        "updated": context.now,
        "value_settings": params.get("value_settings") or {"event_payload_key": "value"},
    }
    return public(context.objects.insert(KIND, body))


def retrieve(context: Context) -> Body:
    """`GET /v1/billing/meters/{id}`."""
    return public(_existing(context))


def update(context: Context) -> Body:
    """`POST /v1/billing/meters/{id}`: only `display_name` can change."""
    body = _existing(context)
    if "display_name" in context.params:
        body["display_name"] = context.params["display_name"]
        body["updated"] = context.now
    return public(context.objects.put(KIND, body))


def deactivate(context: Context) -> Body:
    """`POST /v1/billing/meters/{id}/deactivate`: no more events, no new prices."""
    body = _existing(context)
    if body["status"] == "inactive":
        # Stripe's answer is not published; a client has to be ready for a refusal.
        raise invalid(f"The meter {body['id']} is already inactive.")
    body["status"] = "inactive"
    body["status_transitions"] = {"deactivated_at": context.now}
    body["updated"] = context.now
    return public(context.objects.put(KIND, body))


def reactivate(context: Context) -> Body:
    """`POST /v1/billing/meters/{id}/reactivate`."""
    body = _existing(context)
    if body["status"] == "active":
        # As above: not published.
        raise invalid(f"The meter {body['id']} is already active.")
    _refuse_second_active(context, body["event_name"])
    body["status"] = "active"
    body["status_transitions"] = {"deactivated_at": None}
    body["updated"] = context.now
    return public(context.objects.put(KIND, body))


def list_(context: Context) -> Body:
    """`GET /v1/billing/meters`."""
    status = context.params.get("status")
    conditions = [equal("status", status)] if status else []
    found, more = page(context.objects, KIND, "billing meter", context.params, conditions)
    return {**list_object("/v1/billing/meters", [public(body) for body in found], more), "_type": KIND}


INDEXED = {KIND: ("event_name",)}

register(KIND, {}, lambda context, id: public(existing(context, KIND, "billing meter", id, "id")))

OPERATIONS = [
    post("/v1/billing/meters", create, CREATE),
    get("/v1/billing/meters", list_, LIST),
    get("/v1/billing/meters/{id}", retrieve),
    post("/v1/billing/meters/{id}", update, UPDATE),
    post("/v1/billing/meters/{id}/deactivate", deactivate),
    post("/v1/billing/meters/{id}/reactivate", reactivate),
]
