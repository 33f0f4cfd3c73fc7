"""What the hosted pages show, in words."""

from __future__ import annotations

from typing import Any

from stripe_local.overview import words
from stripe_local.resources.billing import (
    charges,
    invoices,
    portal_configurations,
    portal_sessions,
    subscriptions,
)
from stripe_local.resources.billing.subscription_items import items_of
from stripe_local.resources.billing.subscription_states import OVER
from stripe_local.resources.payment_methods.payment_methods import CARDS
from stripe_local.resources.shared import existing
from stripe_local.store.kinds import CUSTOMER, PAYMENT_INTENT, PRODUCT
from stripe_local.store.objects import Body, equal
from stripe_local.wire.operation import Context

Json = dict[str, Any]

_MOST = 24
FAILING = {
    "pm_card_chargeCustomerFail": "Visa that is declined",
    "pm_card_authenticationRequired": "Visa that asks for 3-D Secure",
}
"""What else can be chosen where a customer pays, to see what becomes of it."""


def invoice(context: Context, id: str) -> Json:
    """An invoice as its page shows it. Raises StripeError (404)."""
    body = invoices.render(context, id)
    currency = body["currency"]
    return {
        "kind": "invoice",
        "livemode": body["livemode"],
        "title": f"Invoice {body['number'] or ''}".strip(),
        "status": body["status"],
        "lines": [
            {"name": line["description"] or "", "amount": words.money(line["amount"], currency)} for line in body["lines"]["data"]
        ],
        "total": words.money(body["total"], currency),
        "due": words.money(body["amount_remaining"], currency),
        "due_date": body["due_date"],
        "cards": {**CARDS, **FAILING} if body["status"] in ("open", "uncollectible") else {},
    }


def intent(context: Context, id: str) -> Json:
    """A payment that waits for the customer. Raises StripeError (404)."""
    body = existing(context, PAYMENT_INTENT, "payment_intent", id, "intent", in_path=True)
    action = body["next_action"] or {}
    return {
        "kind": "payment",
        "livemode": body["livemode"],
        "title": f"Pay {words.money(body['amount'], body['currency'])}",
        "status": body["status"],
        "return_url": action.get("redirect_to_url", {}).get("return_url"),
    }


def portal(context: Context, id: str) -> Json:
    """The portal as a customer sees it. Raises StripeError (404)."""
    session = existing(context, portal_sessions.KIND, "billing_portal.session", id, "session", in_path=True)
    features = portal_configurations.of_session(context, session["configuration"])["features"]
    customer = existing(context, CUSTOMER, "customer", session["customer"], "customer")
    found = context.objects.find(subscriptions.KIND, [equal("customer", customer["id"])], newest_first=True, limit=_MOST)
    bills = context.objects.find(invoices.KIND, [equal("customer", customer["id"])], newest_first=True, limit=_MOST)
    changes = features["customer_update"]
    return {
        "kind": "portal",
        "livemode": session["livemode"],
        "title": "Your subscriptions",
        "flow": session["flow"] and session["flow"]["type"],
        "customer": {name: customer[name] for name in ("name", "email")},
        "can_change": changes["allowed_updates"] if changes["enabled"] else [],
        "subscriptions": [_subscription(context, body, features) for body in found if body["status"] not in OVER],
        "cards": {**CARDS, **FAILING} if features["payment_method_update"]["enabled"] else {},
        "invoices": [_bill(body) for body in bills if body["status"] != "draft"]
        if features["invoice_history"]["enabled"]
        else [],
        "return_url": session["return_url"],
    }


def _bill(body: Body) -> Json:
    return {
        "number": body["number"],
        "status": body["status"],
        "total": words.money(body["total"], body["currency"]),
        "created": body["created"],
        "url": f"/i/{body['id']}",
    }


def _subscription(context: Context, body: Body, features: Body) -> Json:
    items = [_item(context, item, body["currency"]) for item in items_of(context, body["id"])]
    update = features["subscription_update"]
    offered = [id for product in update["products"] or [] for id in product["prices"]] if update["enabled"] else []
    prices = [charges.stored_price(context, id) for id in offered]
    return {
        "id": body["id"],
        "status": body["status"],
        "items": items,
        "ends": body["cancel_at"],
        "can_cancel": features["subscription_cancel"]["enabled"],
        "plans": [
            {"id": price["id"], "name": _said(context, price, body["currency"])}
            for price in prices
            if body["currency"] in price["currency_options"] and len(items) == 1
        ],
        "quantity": len(items) == 1 and "quantity" in (update["default_allowed_updates"] or []) and items[0]["quantity"],
    }


def _item(context: Context, item: Body, currency: str) -> Json:
    price = charges.stored_price(context, item["price"])
    return {
        "id": item["id"],
        "name": _said(context, price, currency),
        "price": price["id"],
        "quantity": item["quantity"],
        "period_end": item["current_period_end"],
    }


def _said(context: Context, price: Body, currency: str) -> str:
    product = context.objects.get(PRODUCT, price["product"]) or {}
    first, *_ = words.price(words.in_currency(price, currency), product.get("unit_label"), counted=charges.is_metered(price))
    return f"{product.get('name') or price['product']}: {first}"
