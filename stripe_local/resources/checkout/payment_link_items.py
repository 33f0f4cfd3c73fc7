"""What a payment link sells: its line items. https://docs.stripe.com/api/payment-link/retrieve-line-items"""

from __future__ import annotations

from typing import Any

from stripe_local.resources.billing import charges
from stripe_local.resources.products import prices
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import PRICE
from stripe_local.store.objects import Body
from stripe_local.wire.errors import invalid, missing_param
from stripe_local.wire.operation import Context


def line_of(context: Context, wanted: dict[str, Any], place: str) -> Body:
    """A new line item. Raises StripeError; `place` is its parameter."""
    if not wanted.get("price"):
        raise missing_param(f"{place}[price]")
    price = prices.usable(context, wanted["price"], f"{place}[price]")
    body: Body = {
        "id": new_id("li"),
        "adjustable_quantity": None,
        "price": price["id"],
        "quantity": None,
        "_metered": charges.is_metered(price),
    }
    set_quantity(body, wanted, place)
    if not body["_metered"] and body["quantity"] is None:
        raise invalid(f"Quantity is required. Add `quantity` to `{place}`", f"{place}[quantity]")
    return body


def set_quantity(line: Body, wanted: dict[str, Any], place: str) -> None:
    """Set what was sent of the quantity; a metered price has none."""
    if line["_metered"] and ("quantity" in wanted or wanted.get("adjustable_quantity", {}).get("enabled")):
        raise invalid(
            f"Quantity should not be specified where usage_type is `metered`. Remove quantity from `{place}`",
            f"{place}[quantity]",
        )
    if "quantity" in wanted:
        line["quantity"] = wanted["quantity"]
    if "adjustable_quantity" in wanted:
        limits = {"maximum": 99, "minimum": 0}
        line["adjustable_quantity"] = {**limits, **wanted["adjustable_quantity"]}
        if not wanted["adjustable_quantity"]["enabled"]:
            line["adjustable_quantity"] = None


def shown_line(context: Context, line: Body) -> Body:
    """The line item as Stripe shows it."""
    price = prices.render(context, line["price"])
    amount = (price["unit_amount"] or 0) * (line["quantity"] or 0)
    return {
        "id": line["id"],
        "object": "item",
        "adjustable_quantity": line["adjustable_quantity"],
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": price["nickname"],
        "metadata": None,
        "price": price,
        "quantity": line["quantity"],
    }


def check_interval(context: Context, lines: list[Body]) -> None:
    """Raise StripeError unless one subscription can have all prices."""
    recurring = [prices.render(context, line["price"])["recurring"] for line in lines]
    if len({(r["interval"], r["interval_count"]) for r in recurring}) > 1:
        raise invalid("All recurring prices of a payment link must have the same interval.", "line_items")


def currency_of(context: Context, lines: list[Body], wanted: str | None) -> str:
    """The currency of the link: that of its prices, or another for which they all have an option."""
    own = {prices.render(context, line["price"])["currency"] for line in lines}
    if wanted is None and len(own) > 1:
        raise invalid("All prices of a payment link must have the same currency.", "line_items")
    currency = wanted or own.pop()
    for index, line in enumerate(lines):
        price = context.objects.get(PRICE, line["price"])
        assert price is not None
        if currency != price["currency"] and currency not in price["currency_options"]:
            raise invalid(f"The price {price['id']} has no amount in {currency}.", f"line_items[{index}][price]")
    return currency
