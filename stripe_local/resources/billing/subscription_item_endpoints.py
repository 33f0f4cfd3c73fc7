"""The endpoints of subscription items: each is a change of one item of its subscription."""

from __future__ import annotations

from typing import Any

from stripe_local.resources.shared import deleted, existing
from stripe_local.store.objects import Body, equal
from stripe_local.wire.errors import StripeError, no_such
from stripe_local.wire.operation import Context, delete, get, post
from stripe_local.wire.pagination import list_object, page

from . import subscription_states, subscription_update, subscriptions
from .subscription_items import KIND, items_of, rendered
from .subscription_parameters import ITEM_CREATE, ITEM_DELETE, ITEM_LIST, ITEM_UPDATE

_OPTIONS = ("expand", "off_session", "payment_behavior", "proration_behavior", "proration_date", "subscription")


def _item(context: Context) -> Body:
    body = context.objects.get(KIND, context.path["item"])
    if body is None:
        raise StripeError(f"Invalid subscription_item id: {context.path['item']}", status=404)
    return body


def _change(context: Context, subscription_id: str, wanted: dict[str, Any]) -> Body:
    """Apply one change; returns the subscription."""
    params = context.params
    body = existing(context, subscriptions.KIND, "subscription", subscription_id, "subscription", in_path=True)
    if body["status"] in subscription_states.OVER:
        raise no_such("subscription", subscription_id, "subscription", status=404)
    options: dict[str, Any] = {
        name: params[name] for name in ("payment_behavior", "proration_behavior", "proration_date") if name in params
    }
    try:
        subscription_update.carry_out(context, body, {**options, "items": [wanted]})
    except StripeError as error:
        # Here the parameters of the item are the parameters of the request.
        if error.param is not None and error.param.startswith("items[0]["):
            name, _, inner = error.param.removeprefix("items[0][").partition("]")
            error.param = name + inner
        raise
    return body


def _wanted(context: Context) -> dict[str, Any]:
    return {name: value for name, value in context.params.items() if name not in _OPTIONS}


def create(context: Context) -> Body:
    """`POST /v1/subscription_items`."""
    body = _change(context, context.params["subscription"], _wanted(context))
    return rendered(context, items_of(context, body["id"])[-1])


def retrieve(context: Context) -> Body:
    """`GET /v1/subscription_items/{item}`."""
    return rendered(context, _item(context))


def update(context: Context) -> Body:
    """`POST /v1/subscription_items/{item}`."""
    item = _item(context)
    _change(context, item["subscription"], {**_wanted(context), "id": item["id"]})
    return rendered(context, _item(context))


def delete_(context: Context) -> Body:
    """`DELETE /v1/subscription_items/{item}`."""
    item = _item(context)
    _change(context, item["subscription"], {**_wanted(context), "id": item["id"], "deleted": True})
    return deleted(KIND, item["id"])


def list_(context: Context) -> Body:
    """`GET /v1/subscription_items`."""
    params = context.params
    existing(context, subscriptions.KIND, "subscription", params["subscription"], "subscription")
    conditions = [equal("subscription", params["subscription"])]
    found, more = page(context.objects, KIND, "subscription item", params, conditions)
    return {**list_object("/v1/subscription_items", [rendered(context, item) for item in found], more), "_type": KIND}


OPERATIONS = [
    post("/v1/subscription_items", create, ITEM_CREATE),
    get("/v1/subscription_items", list_, ITEM_LIST),
    get("/v1/subscription_items/{item}", retrieve),
    post("/v1/subscription_items/{item}", update, ITEM_UPDATE),
    delete("/v1/subscription_items/{item}", delete_, ITEM_DELETE),
]
