"""What subscription items cost: usage in arrears, licenses in advance, and lines as invoices carry them.

A line is stored with plain values, and with the usage it stands for, so usage that arrives before the invoice is
finalized still counts. Names of fields are those of `_line`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from stripe_local.calculation import descriptions, pricing
from stripe_local.calculation.descriptions import Sold
from stripe_local.calculation.discounts import Taken
from stripe_local.calculation.pricing import Part, Terms, Tier
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
                None if tier["flat_amount_decimal"] is None else Decimal(tier["flat_amount_decimal"]),
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
    price = _sold_here(context, PRICE, id)
    assert price is not None, id
    return price


def _sold_here(context: Context, kind: str, id: str) -> Body | None:
    """A price or a product. No request that bills changes one, so it is read once, however many lines need it."""
    if id not in context.sold:
        found = context.objects.get(kind, id)
        if found is None:
            return None
        context.sold[id] = found
    return context.sold[id]


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


def usage_of(price: Body, customer: str, start: list[int], end: list[int], billed: Body | None = None) -> dict[str, Any]:
    """The usage of a metered price between two bounds (each a timestamp and the number of an event).

    What of it is `billed` already is what `billed_with` returned then.
    """
    usage: dict[str, Any] = {"meter": price["recurring"]["meter"], "customer": customer, "start": start, "end": end}
    return usage if billed is None else {**usage, "billed": billed}


def unbilled_quantity(context: Context, usage: dict[str, Any]) -> Decimal:
    """As `usage_quantity`, without what is billed already."""
    return usage_quantity(context, usage) - Decimal(usage["billed"]["quantity"] if "billed" in usage else 0)


def billed_with(context: Context, price: Body, currency: str, usage: dict[str, Any]) -> Body:
    """What is billed once lines of this usage are on an invoice, to be kept: the whole quantity, and the parts that it makes."""
    quantity = usage_quantity(context, usage)
    parts = pricing.parts(terms(price, currency), quantity)
    kept = [[plain(part.quantity), plain(part.each), part.amount, part.tier, part.flat] for part in parts]
    return {"quantity": plain(quantity), "parts": kept}


def _billed(usage: dict[str, Any] | None) -> list[Part]:
    kept = (usage or {}).get("billed", {"parts": []})["parts"]
    return [Part(Decimal(quantity), Decimal(each), amount, tier, flat) for quantity, each, amount, tier, flat in kept]


def _sold(context: Context, price: Body, currency: str) -> Sold:
    product = _sold_here(context, PRODUCT, price["product"]) or {}
    recurring, transform = price["recurring"] or {}, price["transform_quantity"] or {}
    return Sold(
        str(product.get("name") or price["product"]),
        currency,
        product.get("unit_label"),
        recurring.get("interval", ""),
        recurring.get("interval_count", 1),
        transform.get("divide_by"),
    )


def _line(
    price: Body,
    currency: str,
    quantity: Decimal,
    amount: int,
    period: tuple[int, int],
    *,
    description: str,
    subscription: str | None,
    item: str | None,
    discounts: Sequence[str] = (),
    tax_rates: Sequence[str] = (),
    unit_amount_decimal: str | None = None,
    usage: dict[str, Any] | None = None,
    proration: bool = False,
    tier: int | None = None,
    share: tuple[int, int, int] | None = None,
) -> Body:
    return {
        "id": new_id("il"),
        "amount": amount,
        "currency": currency,
        "description": description,
        "discounts": list(discounts),
        "invoice_item": None,
        "item": item,
        "metadata": {},
        "period": {"start": period[0], "end": period[1]},
        "price": price["id"],
        "product": price["product"],
        "proration": proration,
        "quantity": plain(quantity),
        # What a prorated amount is a share of: an amount, and seconds of seconds.
        "share": share,
        "subscription": subscription,
        "tax_rates": list(tax_rates),
        "tier": tier,
        "unit_amount_decimal": unit_amount_decimal,
        "usage": usage,
    }


def _of(subscription: Body, item: Body) -> dict[str, Any]:
    """What a line has of its subscription and item."""
    return {
        "subscription": subscription["id"],
        "item": item["id"],
        "discounts": item["discounts"],
        "tax_rates": item["tax_rates"],
    }


def _lines(
    context: Context,
    price: Body,
    currency: str,
    quantity: Decimal,
    period: tuple[int, int],
    *,
    usage: dict[str, Any] | None = None,
    **of: Any,
) -> list[Body]:
    """A quantity at a price, in as many lines as it makes, but for what is billed already."""
    sold = _sold(context, price, currency)
    return [
        {
            **_line(
                price,
                currency,
                part.quantity,
                part.amount,
                period,
                description=descriptions.part(sold, part),
                unit_amount_decimal=None if part.flat else plain(part.each),
                usage=usage,
                tier=part.tier,
                **of,
            ),
            # Discounts were taken off what is taken back.
            **({"before": True, "discountable": True} if part.before else {}),
        }
        for part in pricing.unbilled(pricing.parts(terms(price, currency), quantity), _billed(usage))
    ]


def metered_lines(
    context: Context, subscription: Body, item: Body, price: Body, period: tuple[int, int], usage: dict[str, Any]
) -> list[Body]:
    """The usage of an item in a period."""
    quantity, currency = usage_quantity(context, usage), subscription["currency"]
    return _lines(context, price, currency, quantity, period, usage=usage, **_of(subscription, item))


def whole_amount(price: Body, currency: str, quantity: int) -> int:
    """What a license costs for a whole period, in minor units."""
    return pricing.amount(terms(price, currency), Decimal(quantity))


def licensed_lines(context: Context, subscription: Body, item: Body, price: Body, period: tuple[int, int]) -> list[Body]:
    """An item's license for a whole period."""
    quantity = Decimal(item["quantity"] or 0)
    return _lines(context, price, subscription["currency"], quantity, period, **_of(subscription, item))


def free_line(
    context: Context,
    subscription: Body,
    item: Body,
    price: Body,
    period: tuple[int, int],
    usage: dict[str, Any] | None = None,
) -> Body:
    """An item in a trial: its license, or the `usage` of a metered one so far."""
    quantity = Decimal(item["quantity"] or 0) if usage is None else usage_quantity(context, usage)
    mode = subscription["billing_mode"]["type"]
    return _free(context, price, subscription["currency"], quantity, period, mode, usage=usage, **_of(subscription, item))


def _free(context: Context, price: Body, currency: str, quantity: Decimal, period: tuple[int, int], mode: str, **of: Any) -> Body:
    sold = _sold(context, price, currency)
    said = descriptions.free(sold, quantity, metered=is_metered(price), classic=mode == "classic")
    return {**_line(price, currency, quantity, 0, period, description=said, unit_amount_decimal="0", **of), "free": mode}


def no_usage_line(context: Context, subscription: Body, item: Body, price: Body, period: tuple[int, int]) -> Body:
    """A metered item that begins: no usage, and no flat fee yet."""
    currency = subscription["currency"]
    part = pricing.parts(terms(price, currency), Decimal(0))[0]
    said = descriptions.part(_sold(context, price, currency), part)
    of = {**_of(subscription, item), "tier": part.tier, "unit_amount_decimal": plain(part.each)}
    return _line(price, currency, Decimal(0), 0, period, description=said, **of)


def proration_line(
    context: Context,
    subscription: Body,
    item: Body,
    price: Body,
    period: tuple[int, int],
    amount: int,
    off: Taken,
    of: tuple[int, int, int, int],
    *,
    credit: bool,
) -> Body:
    """A part of what an item's license costs, and of what discounts take `off` that; both are negative where it is given back.

    `of`: the whole of both, and how many seconds of how many the part is.

    https://docs.stripe.com/changelog/clover/2025-09-30/itemize-proration-discount-amounts
    """
    currency, quantity = subscription["currency"], item["quantity"] or 0
    itemized = (subscription["billing_mode"]["flexible"] or {}).get("proration_discounts") == "itemized"
    whole, less, part, seconds = of
    line = _line(
        price,
        currency,
        Decimal(quantity),
        amount if itemized else amount - sum(off.values()),
        period,
        description=descriptions.proration(_sold(context, price, currency), quantity, period[0], credit=credit),
        proration=True,
        share=(whole if itemized else whole - less, part, seconds),
        **{**_of(subscription, item), **({} if itemized else {"discounts": []})},
    )
    return {**line, **({"taken": off} if itemized else {"net_of": list(off)})}


def one_time_line(
    context: Context, price: Body, currency: str, quantity: Decimal, period: tuple[int, int], subscription: str | None
) -> Body:
    """A price charged once."""
    (line,) = _lines(context, price, currency, quantity, period, subscription=subscription, item=None)
    return {**line, "description": _sold(context, price, currency).name}


def recounted(context: Context, lines: list[Body]) -> list[Body]:
    """The lines, those for usage brought up to date with the events that have arrived since, unless they are `fixed`."""
    found = []
    for (usage, *_), group in groupby(lines, lambda line: (line["usage"], line["price"], line["invoice_item"])):
        old = list(group)
        if usage is None or old[0].get("fixed"):
            found += old
            continue
        first = old[0]
        price, quantity = stored_price(context, first["price"]), usage_quantity(context, usage)
        period = (first["period"]["start"], first["period"]["end"])
        names = ("subscription", "item", "discounts", "tax_rates")
        of = {name: first[name] for name in names if name in first}
        if first.get("free"):
            new = [_free(context, price, first["currency"], quantity, period, first["free"], usage=usage, **of)]
        else:
            new = _lines(context, price, first["currency"], quantity, period, usage=usage, **of)
        for place, line in enumerate(new):
            kept = old[place] if place < len(old) else first
            line["id"] = kept["id"] if place < len(old) else f"{first['id']}{place}"
            line.update(invoice_item=kept["invoice_item"], metadata=kept["metadata"])
            line.update({name: kept[name] for name in ("discountable", "said") if name in kept})
            line["description"] = line.get("said", line["description"])
        found += new
    return found


def together(context: Context, lines: list[Body]) -> list[Body]:
    """In one line what those of a price's tiers charge for usage, as an invoice item is one line."""
    if len(lines) < 2:
        return lines
    quantity = sum((Decimal(line["quantity"]) for line in lines), Decimal(0))
    price = stored_price(context, lines[0]["price"])
    said = descriptions.count(_sold(context, price, lines[0]["currency"]), quantity)
    amount = sum(line["amount"] for line in lines)
    one = {"quantity": plain(quantity), "amount": amount, "description": said, "unit_amount_decimal": None, "tier": None}
    return [{**lines[0], **one}]
