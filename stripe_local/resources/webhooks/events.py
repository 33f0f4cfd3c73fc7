"""Event: something that happened, and whom to tell. https://docs.stripe.com/api/events

Here only triggered alerts, and Checkout sessions that complete or expire, make events.
"""

from __future__ import annotations

from stripe_local.resources.shared import CREATED, existing
from stripe_local.store.ids import new_id
from stripe_local.store.objects import Body, Where, equal, public
from stripe_local.wire.expand import register
from stripe_local.wire.operation import API_VERSION, Context, get
from stripe_local.wire.pagination import PAGE, list_object, page, range_conditions
from stripe_local.wire.params import ListOf, Param, Refused, Str

from . import event_destinations, webhook_endpoints

KIND = "event"

LIST: dict[str, Param] = {
    "created": CREATED,
    "delivery_success": Refused("events are not filtered by delivery here; see `pending_webhooks`."),
    "type": Str(),
    "types": ListOf(Str(), max_items=20),
    **PAGE,
}


def emit(context: Context, type: str, object: Body) -> None:
    """Store an event, to be sent to the endpoints and destinations that are enabled for it now."""
    enabled = equal("status", "enabled")
    receivers = context.objects.find(webhook_endpoints.KIND, [enabled])
    receivers += context.objects.find(
        event_destinations.KIND, [enabled, equal("event_payload", "snapshot"), equal("type", "webhook_endpoint")]
    )
    endpoints = [found["id"] for found in receivers if {"*", type} & set(found["enabled_events"]) and _is_for_us(found)]
    body: Body = {
        "id": new_id("evt"),
        "object": KIND,
        "api_version": API_VERSION,
        "created": context.now,
        "data": {"object": object},
        "livemode": context.livemode,
        "pending_webhooks": len(endpoints),
        "request": {"id": None, "idempotency_key": None},
        "type": type,
        "_to": endpoints,
    }
    context.objects.insert(KIND, body)
    context.emitted = True


def _is_for_us(receiver: Body) -> bool:
    """Whether it wants this account's events; others want those of connected accounts, which do not exist here."""
    return "@self" in receiver["events_from"] if "events_from" in receiver else not receiver.get("_connect")


def target(context: Context, id: str) -> tuple[str, str] | None:
    """The address and the secret of an endpoint or destination, or None when it is gone."""
    body = context.objects.get(webhook_endpoints.KIND, id) or context.objects.get(event_destinations.KIND, id)
    if body is None:
        return None
    return body["url"] if "url" in body else body["webhook_endpoint"]["url"], body["_secret"]


def undelivered(context: Context) -> list[Body]:
    """Events that some endpoint has not taken yet, oldest first."""
    return context.objects.find(KIND, [Where("pending_webhooks", ">", 0)])


def delivered(context: Context, id: str, endpoint: str) -> None:
    """Note that an endpoint has taken an event, or will not be tried again."""
    body = context.objects.get(KIND, id)
    if body is not None and endpoint in body["_to"]:
        body["_to"].remove(endpoint)
        body["pending_webhooks"] = len(body["_to"])
        context.objects.put(KIND, body)


def retrieve(context: Context) -> Body:
    """`GET /v1/events/{id}`."""
    return public(existing(context, KIND, "event", context.path["id"], "id", in_path=True))


def list_(context: Context) -> Body:
    """`GET /v1/events`."""
    params = context.params
    conditions = [equal("type", params["type"])] if params.get("type") else []
    if params.get("types"):
        conditions.append(Where("type", "in", params["types"]))
    conditions += range_conditions("created", params.get("created"))
    found, more = page(context.objects, KIND, "event", params, conditions)
    return {**list_object("/v1/events", [public(body) for body in found], more), "_type": KIND}


register(KIND, {})

OPERATIONS = [get("/v1/events", list_, LIST), get("/v1/events/{id}", retrieve)]
