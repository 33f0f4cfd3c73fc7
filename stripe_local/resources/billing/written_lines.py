"""A line that somebody writes: of an invoice item, of an invoice, of a preview. https://docs.stripe.com/api/invoiceitems/create"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from stripe_local.calculation.pricing import round_half_up
from stripe_local.resources.products import prices, tax_rates
from stripe_local.resources.shared import DISCOUNTS, TAX_BEHAVIOR, TAX_DETAILS, TAX_RATES, UNIT_AMOUNT_DECIMAL, price_data
from stripe_local.store.ids import new_id
from stripe_local.store.objects import Body
from stripe_local.wire.currencies import Currency
from stripe_local.wire.errors import exclusive_params, invalid, missing_param
from stripe_local.wire.jsontext import plain
from stripe_local.wire.operation import Context
from stripe_local.wire.params import Bool, Dec, Int, ListOf, Metadata, Obj, Param, Refused, Str, Timestamp

from . import charges, discounts

NO_TAX = Refused("tax is not computed here; give tax rates ('tax_rates').", clearable=True)
_MOST = 999_999_999_999
PERIOD = Obj({"end": Timestamp(required=True), "start": Timestamp(required=True)})
PRICING = Obj({"price": Str(clearable=False)})
_PRODUCT_DATA = Obj(
    {
        "description": Str(),
        "images": ListOf(Str(), max_items=8),
        "metadata": Metadata(clearable=False),
        "name": Str(required=True),
        "tax_code": Str(),
        "tax_details": Obj(TAX_DETAILS),
        "unit_label": Str(),
    }
)
PRICE_DATA = Obj(
    {
        "currency": Currency(required=True),
        "product": Str(clearable=False),
        "product_data": _PRODUCT_DATA,
        "tax_behavior": TAX_BEHAVIOR,
        "unit_amount": Int(minimum=-_MOST, maximum=_MOST),
        "unit_amount_decimal": Dec(minimum=-_MOST, maximum=_MOST),
    }
)

# What a line of an invoice has.
LINE: dict[str, Param] = {
    "amount": Int(),
    "description": Str(),
    "discountable": Bool(),
    "discounts": DISCOUNTS,
    "metadata": Metadata(),
    "period": PERIOD,
    "price_data": PRICE_DATA,
    "pricing": PRICING,
    "quantity": Int(minimum=0),
    "quantity_decimal": UNIT_AMOUNT_DECIMAL,
    "tax_amounts": Refused("taxes come from tax rates here ('tax_rates').", clearable=True),
    "tax_rates": TAX_RATES,
}
# What an invoice item has.
ITEM: dict[str, Param] = {
    **{name: param for name, param in LINE.items() if name != "tax_amounts"},
    "price_data": price_data(recurring=False),
    "tax_behavior": NO_TAX,
    "tax_code": NO_TAX,
    "unit_amount_decimal": Dec(minimum=-_MOST, maximum=_MOST),
}

_COSTS = ("amount", "price", "pricing", "price_data", "unit_amount_decimal")
_COUNTS = ("quantity", "quantity_decimal")


def new(context: Context, wanted: dict[str, Any], here: str, owner: Body, *, id: str, at: int, price: str = "pricing") -> Body:
    """The line of an invoice item with this id. Raises StripeError.

    `here` is where the parameters are, `owner` says the `customer`, the `currency`, and the `id` of the subscription or None;
    `price` is the name that the price's parameter has.
    """
    period = (wanted["period"]["start"], wanted["period"]["end"]) if "period" in wanted else (at, at)
    if period[1] < period[0]:
        raise invalid("The period's end must not be before its start.", _join(here, "period[end]"))
    line = _costing(context, wanted, here, owner, period, price)
    line["description"] = wanted.get("description") or line["description"]
    line["invoice_item"] = id
    line["metadata"] = {key: value for key, value in (wanted.get("metadata") or {}).items() if value is not None}
    _set_rest(context, line, wanted, here, owner)
    return line


def changed(context: Context, line: Body, wanted: dict[str, Any], here: str, owner: Body, *, price: str = "pricing") -> Body:
    """The line as an update has it: what is not sent stays. Raises StripeError."""
    priced, counted = (any(name in wanted for name in names) for names in (_COSTS, _COUNTS))
    if priced or counted:
        costs = {**wanted, **({} if priced else _kept_cost(line, price))}
        if not counted and "amount" not in costs:
            costs["quantity_decimal"] = line["quantity"]
        new_line = _costing(context, costs, here, owner, (line["period"]["start"], line["period"]["end"]), price)
        names = ("amount", "price", "product", "quantity", "unit_amount_decimal", "tier")
        line = {**line, **{name: new_line.get(name) for name in names}}
        if priced and new_line["description"]:
            line["description"] = new_line["description"]
    line = dict(line)
    if "period" in wanted:
        line["period"] = {"start": wanted["period"]["start"], "end": wanted["period"]["end"]}
    if "description" in wanted:
        line["description"] = wanted["description"]
    if "metadata" in wanted:
        merged = {**line["metadata"], **(wanted["metadata"] or {})} if wanted["metadata"] is not None else {}
        line["metadata"] = {key: value for key, value in merged.items() if value is not None}
    _set_rest(context, line, wanted, here, owner)
    return line


def _kept_cost(line: Body, price: str) -> dict[str, Any]:
    if line["price"] is not None:
        return {"pricing": {"price": line["price"]}} if price == "pricing" else {"price": line["price"]}
    return {"unit_amount_decimal": Decimal(line["unit_amount_decimal"])}


def _set_rest(context: Context, line: Body, wanted: dict[str, Any], here: str, owner: Body) -> None:
    if "discountable" in wanted:
        line["discountable"] = wanted["discountable"]
    if "discounts" in wanted or "discounts" not in line:
        has = line.get("discounts", ())
        own, what = line["invoice_item"], "an invoice item"
        of = {"subscription_item": line["item"]} if own is None else {"invoice_item": own}
        place = _join(here, "discounts")
        line["discounts"] = discounts.given(context, wanted.get("discounts"), place, owner, of=of, has=has, what=what)
    if "tax_rates" in wanted or "tax_rates" not in line:
        line["tax_rates"] = tax_rates.given(context, wanted.get("tax_rates"), _join(here, "tax_rates"))


def _join(here: str, name: str) -> str:
    if not here:
        return name
    first, bracket, rest = name.partition("[")
    return f"{here}[{first}]{bracket}{rest}"


def _costing(context: Context, wanted: dict[str, Any], here: str, owner: Body, period: tuple[int, int], price_name: str) -> Body:
    """A line that costs what is wanted: an amount, or a price as many times as is said."""
    given = [name for name in _COSTS if wanted.get(name) is not None]
    if len(given) > 1:
        raise exclusive_params(*(_join(here, name) for name in given))
    if not given:
        raise missing_param(_join(here, "amount" if price_name == "pricing" else price_name))
    if wanted.get("currency") not in (None, owner["currency"]):
        raise invalid(f"The invoice is in {owner['currency']}, and so are its items.", _join(here, "currency"))
    counts = [name for name in _COUNTS if wanted.get(name) is not None]
    if len(counts) > 1:
        raise exclusive_params(*(_join(here, name) for name in counts))
    quantity = Decimal(wanted[counts[0]] if counts else 1)
    if given == ["amount"] or given == ["unit_amount_decimal"]:
        if given == ["amount"] and counts and price_name == "pricing":
            raise exclusive_params(_join(here, "amount"), _join(here, counts[0]))
        each = Decimal(wanted[given[0]])
        amount = wanted["amount"] if given == ["amount"] else round_half_up(Fraction(each) * Fraction(quantity))
        return _of_an_amount(amount, each, Decimal(1) if given == ["amount"] else quantity, owner, period)
    price = _price(context, wanted, given[0], here)
    if price["recurring"] is not None:
        raise invalid(
            "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.",
            _place(here, given[0]),
        )
    where = _join(here, "price_data[currency]") if given == ["price_data"] else _place(here, given[0])
    charges.check_currency(price, owner["currency"], where)
    return charges.one_time_line(context, price, owner["currency"], quantity, period, owner["id"])


def _place(here: str, name: str) -> str:
    return _join(here, "pricing[price]" if name == "pricing" else name)


def _price(context: Context, wanted: dict[str, Any], name: str, here: str) -> Body:
    if name == "price_data":
        data = wanted["price_data"]
        if data.get("product") is None and data.get("product_data") is None:
            raise missing_param(_join(here, "price_data[product]"))
        return prices.create_price(context, data, inline=True)
    id = wanted["pricing"].get("price") if name == "pricing" else wanted["price"]
    if id is None:
        raise missing_param(_join(here, "pricing[price]"))
    return prices.sellable(context, id, _place(here, name))


def _of_an_amount(amount: int, each: Decimal, quantity: Decimal, owner: Body, period: tuple[int, int]) -> Body:
    return {
        "id": new_id("il"),
        "amount": amount,
        "currency": owner["currency"],
        "description": None,
        "invoice_item": None,
        "item": None,
        "metadata": {},
        "period": {"start": period[0], "end": period[1]},
        "price": None,
        "product": None,
        "proration": False,
        "quantity": plain(quantity),
        "share": None,
        "subscription": owner["id"],
        "tier": None,
        "unit_amount_decimal": plain(each),
        "usage": None,
    }
