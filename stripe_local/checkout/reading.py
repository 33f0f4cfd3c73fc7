"""What the page of a Checkout session shows, in words."""

from __future__ import annotations

from typing import Any

from stripe_local.overview import words
from stripe_local.resources.billing import charges
from stripe_local.resources.checkout import sessions as checkout_sessions
from stripe_local.resources.payment_methods.payment_methods import CARDS
from stripe_local.resources.shared import existing
from stripe_local.store.kinds import CUSTOMER, PRODUCT, PROMOTION_CODE
from stripe_local.wire.operation import Context

Json = dict[str, Any]


def shown(context: Context, id: str) -> Json:
    """The session as the page needs it. Raises StripeError (404)."""
    body = existing(context, checkout_sessions.KIND, "checkout.session", id, "session", in_path=True)
    customer = context.objects.get(CUSTOMER, body["customer"]) if body["customer"] else None
    return {
        "status": body["status"],
        "livemode": body["livemode"],
        "items": [_item(context, item, body["currency"]) for item in body["_items"]],
        "off": _money(body, "amount_discount"),
        "tax": _money(body, "amount_tax"),
        "due_now": words.money(body["amount_total"], body["currency"]),
        "takes_codes": bool(body["allow_promotion_codes"]),
        "code": _code(context, body),
        "trial": _trial(body["_subscription_data"]),
        "customer": customer and {"id": body["customer"], "name": customer.get("name"), "email": customer.get("email")},
        "email": body["customer_email"],
        "cards": CARDS if checkout_sessions.needs_card(body) else {},
        "expires_at": body["expires_at"],
        "cancel_url": body["cancel_url"],
        "subscription": body["subscription"],
    }


def _money(body: Json, name: str) -> str | None:
    amount = body["total_details"][name]
    return words.money(amount, body["currency"]) if amount else None


def _code(context: Context, body: Json) -> str | None:
    ids = [entry["promotion_code"] for entry in body["discounts"] if entry["promotion_code"]]
    found = context.objects.get(PROMOTION_CODE, ids[0]) if ids else None
    return str(found["code"]) if found else None


def _item(context: Context, item: Json, currency: str) -> Json:
    price = charges.stored_price(context, item["price"])
    product = context.objects.get(PRODUCT, price["product"]) or {}
    metered = charges.is_metered(price)
    quantity = "" if metered or item["quantity"] == 1 else f"{words.number(item['quantity'])} × "
    first, *rest = words.price(words.in_currency(price, currency), product.get("unit_label"), counted=metered)
    return {
        "name": f"{quantity}{product.get('name') or price['product']}",
        "description": product.get("description"),
        "words": [first, *rest],
        "metered": metered,
    }


def _trial(data: Json) -> Json | None:
    if data.get("trial_period_days"):
        return {"days": data["trial_period_days"]}
    return {"end": data["trial_end"]} if data.get("trial_end") else None


def back(success_url: str, session: str) -> str:
    """Where the customer is sent after subscribing."""
    return success_url.replace("{CHECKOUT_SESSION_ID}", session)
