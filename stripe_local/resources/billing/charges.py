"""What subscription items cost: usage in arrears, licenses in advance, and lines as invoices carry them.

A line is stored with plain values, and with the usage it stands for, so usage that arrives before the invoice is
finalized still counts. Names of fields are those of `_line`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from stripe_local.calculation import pricing
from stripe_local.calculation.pricing import Terms, Tier
from stripe_local.calculation.stretches import Stretch
from stripe_local.resources.usage import meters
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import PRICE, PRODUCT
from stripe_local.store.objects import Body
from stripe_local.store.usage import Bound
from stripe_local.wire.errors import invalid
from stripe_local.wire.jsontext import plain
from stripe_local.wire.operation import Context


def terms(price: Body, currency: str) -> Terms:
    """How the price charges in that currency."""
    option = price["currency_options"][currency]
    if price["billing_scheme"] == "tiered":
        tiers = tuple(
            Tier(
                tier["up_to"],
                Decimal(tier["unit_amount_decimal"] or 0),
                Decimal(tier["flat_amount_decimal"] or 0),
            )
            for tier in option["tiers"]
        )
        return Terms(tiers=tiers, graduated=price["tiers_mode"] == "graduated")
    unit_amount = Decimal(option["unit_amount_decimal"] or 0)
    transform = price["transform_quantity"]
    if transform is None:
        return Terms(unit_amount)
    return Terms(unit_amount, transform["divide_by"], transform["round"] == "up")


def check_currency(price: Body, currency: str, param: str) -> None:
    """Raise StripeError unless the price can be charged in that currency."""
    if currency not in price["currency_options"]:
        supported = ", ".join(f"`{code}`" for code in price["currency_options"])
        raise invalid(
            f"The price specified only supports {supported}. This doesn't match the expected currency: `{currency}`.",
            param,
        )


def is_metered(price: Body) -> bool:
    """Whether the price charges what a meter counted."""
    return bool(price["recurring"] and price["recurring"]["usage_type"] == "metered")


def stored_price(context: Context, id: str) -> Body:
    """The price of an item, which never goes away."""
    price = context.objects.get(PRICE, id)
    assert price is not None, id
    return price


def usage_quantity(context: Context, usage: dict[str, Any]) -> Decimal:
    """What a meter counted for a customer between two bounds. `usage` is what `usage_of` returns."""
    meter = context.objects.get(meters.KIND, usage["meter"])
    assert meter is not None, usage["meter"]
    total = context.usage.aggregate(
        meter["id"],
        usage["customer"],
        meter["default_aggregation"]["formula"],
        meters.event_window(meter),
        Bound(*usage["start"]),
        Bound(*usage["end"]),
    )
    # A negative total, made by corrections, is billed as nothing.
    return max(total or Decimal(0), Decimal(0))


def usage_of(price: Body, customer: str, start: list[int], end: list[int]) -> dict[str, Any]:
    """The usage of a metered price between two bounds (each a timestamp and the number of an event)."""
    return {"meter": price["recurring"]["meter"], "customer": customer, "start": start, "end": end}


def unit_amount_decimal(price: Body, currency: str) -> str | None:
    """The price's unit amount in that currency; None for a tiered price."""
    amount: str | None = price["currency_options"][currency]["unit_amount_decimal"]
    return amount


def _name(context: Context, price: Body) -> str:
    product = context.objects.get(PRODUCT, price["product"])
    return str(product["name"]) if product else str(price["product"])


def _line(
    context: Context,
    price: Body,
    currency: str,
    quantity: Decimal,
    amount: int,
    period: tuple[int, int],
    *,
    description: str,
    subscription: str | None,
    item: str | None,
    usage: dict[str, Any] | None = None,
    proration: bool = False,
) -> Body:
    return {
        "id": new_id("il"),
        "amount": amount,
        "currency": currency,
        "description": description,
        "invoice_item": None,
        "item": item,
        "metadata": {},
        "period": {"start": period[0], "end": period[1]},
        "price": price["id"],
        "product": price["product"],
        "proration": proration,
        "quantity": plain(quantity),
        "subscription": subscription,
        "unit_amount_decimal": unit_amount_decimal(price, currency),
        "usage": usage,
    }


def metered_line(
    context: Context, subscription: Body, item: Body, price: Body, period: tuple[int, int], usage: dict[str, Any]
) -> Body:
    """The usage of an item in a period."""
    quantity = usage_quantity(context, usage)
    currency = subscription["currency"]
    return _line(
        context,
        price,
        currency,
        quantity,
        pricing.amount(terms(price, currency), quantity),
        period,
        description=f"{plain(quantity)} × {_name(context, price)}",
        subscription=subscription["id"],
        item=item["id"],
        usage=usage,
    )


def whole_amount(price: Body, currency: str, quantity: int) -> int:
    """What a license costs for a whole period, in minor units."""
    return pricing.amount(terms(price, currency), Decimal(quantity))


def licensed_line(context: Context, subscription: Body, item: Body, price: Body, stretch: Stretch, *, free: bool = False) -> Body:
    """An item's license for a stretch of time; `free` in a trial."""
    currency, quantity = subscription["currency"], item["quantity"] or 0
    whole = 0 if free else whole_amount(price, currency, quantity)
    name = _name(context, price)
    if free:
        description = f"Trial period for {name}"
    elif stretch.partial:
        description = f"Remaining time on {quantity} × {name}"
    else:
        description = f"{quantity} × {name}"
    return _line(
        context,
        price,
        currency,
        Decimal(quantity),
        pricing.prorated(whole, stretch.part, stretch.whole),
        (stretch.start, stretch.end),
        description=description,
        subscription=subscription["id"],
        item=item["id"],
        proration=stretch.partial,
    )


def credit_line(context: Context, subscription: Body, item: Body, price: Body, period: tuple[int, int], amount: int) -> Body:
    """What is given back (`amount`, negative) of an item's license for a time."""
    return _line(
        context,
        price,
        subscription["currency"],
        Decimal(item["quantity"] or 0),
        amount,
        period,
        description=f"Unused time on {item['quantity']} × {_name(context, price)}",
        subscription=subscription["id"],
        item=item["id"],
        proration=True,
    )


def one_time_line(
    context: Context, price: Body, currency: str, quantity: int, period: tuple[int, int], subscription: str | None
) -> Body:
    """A price charged once."""
    return _line(
        context,
        price,
        currency,
        Decimal(quantity),
        pricing.amount(terms(price, currency), Decimal(quantity)),
        period,
        description=_name(context, price),
        subscription=subscription,
        item=None,
    )


def recount(context: Context, line: Body) -> None:
    """Bring a line for usage up to date with the events that have arrived since."""
    if line["usage"] is None:
        return
    price = stored_price(context, line["price"])
    quantity = usage_quantity(context, line["usage"])
    line["quantity"] = plain(quantity)
    line["amount"] = pricing.amount(terms(price, line["currency"]), quantity)
    line["description"] = f"{plain(quantity)} × {_name(context, price)}"
