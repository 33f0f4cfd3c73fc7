"""What customers do on the hosted pages: they pay, cancel, change their plan, their card, their name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from stripe_local.resources.billing import (
    invoice_writing,
    portal_configurations,
    portal_sessions,
    subscription_states,
    subscription_update,
    subscriptions,
)
from stripe_local.resources.billing.invoice_parameters import PAY
from stripe_local.resources.billing.subscription_items import items_of
from stripe_local.resources.billing.subscription_parameters import CANCEL
from stripe_local.resources.core import customers, payment_intents
from stripe_local.resources.shared import existing
from stripe_local.store.objects import Body, equal
from stripe_local.wire.errors import StripeError, invalid
from stripe_local.wire.operation import Context, Handler
from stripe_local.wire.params import Param, Params


def _as(context: Context, handler: Handler, params: dict[str, Param], values: dict[str, Any], **path: str) -> Body:
    """The answer to a request with these parameters, within this one."""
    return handler(replace(context, params=Params(params).parse(values, ""), path=path))


def pay(context: Context, id: str, card: str) -> tuple[StripeError | None, str | None]:
    """Pay an invoice; returns why it was not paid, and where the customer has to prove that the card is theirs."""
    values = {"payment_method": card, "off_session": "false"}
    try:
        _as(context, invoice_writing.pay, PAY, values, invoice=id)
    except StripeError as error:
        if not error.keeps:
            raise
        waits = error.code == "invoice_payment_intent_requires_action"
        return error, f"/authenticate/{error.more['payment_intent']['id']}" if waits else None
    return None, None


def authenticate(context: Context, id: str, *, succeeds: bool) -> Body:
    """Prove that a card is one's own, or fail to."""
    return payment_intents.authenticate(context, id, succeeds=succeeds)


def act(context: Context, id: str, wanted: dict[str, Any]) -> None:
    """What a customer does in the portal, as far as its configuration lets them. Raises StripeError."""
    session = existing(context, portal_sessions.KIND, "billing_portal.session", id, "session", in_path=True)
    features = portal_configurations.of_session(context, session["configuration"])["features"]
    action = wanted["action"]
    if action == "details":
        _change_details(context, session["customer"], features, wanted)
    elif action == "card":
        _allowed(features, "payment_method_update")
        _change_card(context, session["customer"], wanted.get("payment_method", ""))
    else:
        place = "subscription"
        body = existing(context, subscriptions.KIND, place, wanted.get(place, ""), place)
        if body["customer"] != session["customer"] or body["status"] in subscription_states.OVER:
            raise invalid("The subscription is not one that this customer has now.", place)
        _change(context, body, features, wanted)


def _allowed(features: Body, name: str) -> Body:
    feature: Body = features[name]
    if not feature["enabled"]:
        raise invalid(f"The portal's configuration does not enable `{name}`.", "action")
    return feature


def _change_details(context: Context, customer: str, features: Body, wanted: dict[str, Any]) -> None:
    allowed = _allowed(features, "customer_update")["allowed_updates"]
    values: dict[str, Any] = {name: wanted[name] for name in ("email", "name") if name in wanted}
    for name in values:
        if name not in allowed:
            raise invalid(f"The portal's configuration does not let customers change their {name}.", name)
    _as(context, customers.update, customers.UPDATE, values, customer=customer)


def _change_card(context: Context, customer: str, card: str) -> None:
    """Charge a customer to another card from now on, also for subscriptions that have one of their own, as after Checkout."""
    settings = {"invoice_settings": {"default_payment_method": card}}
    changed = _as(context, customers.update, customers.UPDATE, settings, customer=customer)
    method = changed["invoice_settings"]["default_payment_method"]
    for body in context.objects.find(subscriptions.KIND, [equal("customer", customer)]):
        if body["default_payment_method"] is not None and body["status"] not in subscription_states.OVER:
            subscription_update.carry_out(context, body, {"default_payment_method": method})


def _change(context: Context, body: Body, features: Body, wanted: dict[str, Any]) -> None:
    """Cancel a subscription, keep it after all, or change it."""
    if wanted["action"] in ("cancel", "keep"):
        cancel = _allowed(features, "subscription_cancel")
        if wanted["action"] == "keep":
            subscription_update.carry_out(context, body, {"cancel_at": None})
        elif cancel["mode"] == "immediately":
            values = {"prorate": str(cancel["proration_behavior"] == "create_prorations").lower()}
            _as(context, subscriptions.cancel, CANCEL, values, id=body["id"])
        else:
            # https://docs.stripe.com/billing/subscriptions/billing-mode/compare: the portal sets `cancel_at`.
            subscription_update.carry_out(context, body, {"cancel_at": "max_period_end"})
        return
    update = _allowed(features, "subscription_update")
    (item, *others) = items_of(context, body["id"])
    if others:
        raise invalid("A subscription of several items is not changed in the portal.", "subscription")
    change: dict[str, Any] = {"id": item["id"]}
    if wanted.get("price") not in (None, item["price"]):
        offered = [id for product in update["products"] or [] for id in product["prices"]]
        if wanted["price"] not in offered or "price" not in update["default_allowed_updates"]:
            raise invalid("The portal's configuration does not offer this price.", "price")
        change["price"] = wanted["price"]
    if "quantity" in wanted and item["quantity"] is not None:
        if wanted["quantity"] != item["quantity"] and "quantity" not in update["default_allowed_updates"]:
            raise invalid("The portal's configuration does not let customers change the quantity.", "quantity")
        change["quantity"] = wanted["quantity"]
    params = {"items": [change], "proration_behavior": update["proration_behavior"], "payment_behavior": "error_if_incomplete"}
    subscription_update.carry_out(context, body, params)
