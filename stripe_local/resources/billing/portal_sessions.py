"""Portal session: a page on which a customer sees invoices, and changes what a configuration allows.

https://docs.stripe.com/api/customer_portal/sessions. The page is in `stripe_local/hosted`.
"""

from __future__ import annotations

from typing import Any

from stripe_local.resources.shared import NO_CONNECT, NO_CUSTOMER_ACCOUNTS, existing
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import CUSTOMER, SUBSCRIPTION
from stripe_local.store.objects import Body, public
from stripe_local.wire.errors import invalid, missing_param
from stripe_local.wire.expand import Ref, register
from stripe_local.wire.operation import Context, post
from stripe_local.wire.params import AnyWord, Enum, Int, ListOf, Obj, Param, Refused, Str

from . import portal_configurations
from .subscription_items import items_of
from .subscription_states import OVER

KIND = "billing_portal.session"

_OF = Str(required=True)
_NO_PAUSES = "subscriptions are not paused in the portal here."
_FLOW: dict[str, Param] = {
    "after_completion": Obj(
        {
            "hosted_confirmation": Obj({"custom_message": Str(500)}),
            "redirect": Obj({"return_url": Str(required=True)}),
            "type": Enum("hosted_confirmation", "portal_homepage", "redirect", required=True),
        }
    ),
    "subscription_cancel": Obj({"retention": Refused("customers are not talked out of it here."), "subscription": _OF}),
    "subscription_pause": Refused(_NO_PAUSES),
    "subscription_update": Obj({"subscription": _OF}),
    "subscription_update_confirm": Obj(
        {
            "discounts": Refused("no discounts are offered in the portal here."),
            "items": ListOf(
                Obj({"id": Str(required=True), "price": Str(), "quantity": Int(minimum=0)}), required=True, max_items=20
            ),
            "subscription": _OF,
        }
    ),
    "type": Enum(
        "customer_update",
        "payment_method_update",
        "subscription_cancel",
        "subscription_pause",
        "subscription_update",
        "subscription_update_confirm",
        required=True,
        refused={"subscription_pause": _NO_PAUSES},
    ),
}
CREATE: dict[str, Param] = {
    "after_expiration": Refused("sessions do not expire here."),
    "configuration": Str(clearable=False),
    "customer": Str(clearable=False),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    "flow_data": Obj(_FLOW),
    "locale": AnyWord(),
    "on_behalf_of": NO_CONNECT,
    "return_url": Str(),
}
_FEATURES = {
    "customer_update": "customer_update",
    "payment_method_update": "payment_method_update",
    "subscription_cancel": "subscription_cancel",
    "subscription_update": "subscription_update",
    "subscription_update_confirm": "subscription_update",
}


def create(context: Context) -> Body:
    """`POST /v1/billing_portal/sessions`."""
    params = context.params
    if "customer" not in params:
        raise missing_param("customer")
    customer = existing(context, CUSTOMER, "customer", params["customer"], "customer")
    configuration = portal_configurations.of_session(context, params.get("configuration"))
    portal_configurations.keep_default(context, configuration)
    body: Body = {
        "id": new_id("bps"),
        "object": KIND,
        "configuration": configuration["id"],
        "created": context.outside(context.now),
        "customer": customer["id"],
        "customer_account": None,
        "flow": _flow(context, customer["id"], configuration, params.get("flow_data")),
        "livemode": context.livemode,
        "locale": params.get("locale"),
        "on_behalf_of": None,
        "return_url": params.get("return_url") or configuration["default_return_url"],
    }
    return rendered(context, context.objects.insert(KIND, body))


def _flow(context: Context, customer: str, configuration: Body, wanted: dict[str, Any] | None) -> Body | None:
    if wanted is None:
        return None
    kind = wanted["type"]
    feature = _FEATURES[kind]
    if not configuration["features"][feature]["enabled"]:
        raise invalid(
            f"This {kind} flow cannot be started: `{feature}` is not enabled in the configuration {configuration['id']}.",
            "flow_data[type]",
        )
    names = ("subscription_cancel", "subscription_update", "subscription_update_confirm")
    if kind in names:
        if kind not in wanted:
            raise missing_param(f"flow_data[{kind}]")
        place = f"flow_data[{kind}][subscription]"
        subscription = existing(context, SUBSCRIPTION, "subscription", wanted[kind]["subscription"], place)
        if subscription["customer"] != customer or subscription["status"] in OVER:
            raise invalid("The subscription is not one that this customer has now.", place)
        there = {item["id"] for item in items_of(context, subscription["id"])}
        for index, item in enumerate(wanted[kind].get("items", [])):
            if item["id"] not in there:
                raise invalid(
                    f"No such subscription item: '{item['id']}'", f"flow_data[{kind}][items][{index}][id]", "resource_missing"
                )
    after = {"hosted_confirmation": None, "redirect": None, "type": "portal_homepage", **wanted.get("after_completion", {})}
    flow: Body = {"after_completion": after, "customer_update": None, **dict.fromkeys(names), "type": kind}
    if kind == "subscription_cancel":
        flow[kind] = {"retention": None, **wanted[kind]}
    elif kind == "subscription_update_confirm":
        items = [{"id": item["id"], "price": item.get("price"), **_quantity(item)} for item in wanted[kind]["items"]]
        flow[kind] = {"discounts": None, "items": items, "subscription": wanted[kind]["subscription"]}
    elif kind in names:
        flow[kind] = wanted[kind]
    return flow


def _quantity(item: dict[str, Any]) -> dict[str, int]:
    return {"quantity": item["quantity"]} if "quantity" in item else {}


def rendered(context: Context, body: Body) -> Body:
    """The session as Stripe shows it."""
    return {**public(body), "url": f"{context.settings.base_url}/p/session/{body['id']}"}


def render(context: Context, id: str) -> Body:
    """The session with this id."""
    return rendered(context, existing(context, KIND, "billing_portal.session", id, "id"))


register(KIND, {"configuration": Ref("billing_portal.configuration")}, render)

OPERATIONS = [post("/v1/billing_portal/sessions", create, CREATE)]
