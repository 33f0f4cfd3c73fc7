"""One line of an invoice: how its amount comes about. https://docs.stripe.com/api/invoice-line-item/object

Stripe's amount counts. The arithmetic is our own, from the price; where it differs, the line says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from typing import Any

import stripe_pricing
from stripe_pricing import Charge, NoTerms, Terms, money
from stripe_pricing.exact import exactly

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """A line. Amounts are minor currency units, times Unix seconds."""

    description: str
    price: str | None
    meter: str | None
    """The meter that counts for the line's price, if one does."""
    subscription: str
    """"" where the line is of none."""
    quantity: Decimal
    amount: int
    start: int
    end: int
    arithmetic: str
    """In words; "" where nothing is known of it."""
    equal: bool | None
    """Whether the arithmetic gives Stripe's amount; None where there is nothing to compute."""
    note: str
    """A remark: where it does not add up, by how much."""
    discounts: int
    credits: int
    taxes: int
    """Added to the amount."""
    taxes_included: int
    """Contained in the amount."""
    terms: Terms | None = None
    """How the line's price charges, where that can be told."""

    @property
    def takes_back(self) -> bool:
        """Whether it takes back what was billed before of usage, as at a billing threshold with volume tiers."""
        return self.meter is not None and self.amount < 0 and not self.quantity

    def packages(self, quantity: Decimal) -> Decimal | None:
        """How many packages a quantity makes; None where the price has none."""
        if self.terms is None or self.terms.rounding is None:
            return None
        return stripe_pricing.charge(self.terms, quantity).parts[0].units


def price_of(line: Json) -> str | None:
    """The id of the line's price."""
    price = ((line.get("pricing") or {}).get("price_details") or {}).get("price")
    return price["id"] if isinstance(price, Mapping) else price


def lines_of(lines: Sequence[Json], prices: Mapping[str, Json]) -> list[Line]:
    """The lines of an invoice. `prices` are Stripe's, by id, with `product`, `tiers` and `currency_options` expanded."""

    def key(line: Json) -> tuple[str | None, str, int, int, bool]:
        return price_of(line), _subscription_of(line), line["period"]["start"], line["period"]["end"], is_proration(line)

    found: list[Line] = []
    for (id, *_, prorated), group in groupby(lines, key):
        together, price = list(group), prices.get(id or "")
        found += [_line_of(line, price) for line in together] if prorated else _tiers_of(together, price)
    return found


def _tiers_of(lines: Sequence[Json], price: Json | None) -> list[Line]:
    """A graduated price has for each tier that is reached a line of its units and one of its flat amount, which has quantity 0.

    They are compared together: Stripe rounds each by itself.
    """
    shown = [_line_of(line, price) for line in lines]
    terms = shown[0].terms
    if len(lines) == 1 or terms is None or not terms.tiers or terms.tiers_mode == "volume":
        return shown
    currency = terms.currency
    with exactly():
        charge = stripe_pricing.charge(terms, sum((line.quantity for line in shown), Decimal(0)))
    rates = {part.units: part.unit_amount for part in charge.parts}
    amount, note = sum(line.amount for line in shown), ""
    # Where a part was billed at a threshold, tiers run on from there: then each line says what its units cost.
    runs_on = amount != charge.amount and all(map(_adds_up, shown, lines))
    if runs_on:
        rates |= {line.quantity: each for line, raw in zip(shown, lines, strict=True) if (each := _each(raw)) is not None}
    elif amount != charge.amount:
        tiers, stripe = money(charge.amount, currency), money(amount, currency)
        note = f"does not add up: the lines of the tiers come to {stripe} at Stripe, and to {tiers} by the price"
    found = []
    for line, raw in zip(shown, lines, strict=True):
        words = f"{money(line.amount, currency)} once"
        if line.quantity:
            words = _product(line.quantity, rates[line.quantity], currency) if line.quantity in rates else ""
        name = str(raw.get("description") or line.description)
        found.append(replace(line, description=name, arithmetic=words, equal=runs_on or amount == charge.amount, note=note))
        note = ""
    return found


def _adds_up(shown: Line, line: Json) -> bool:
    """Whether a line by itself comes to what it says of its units; a flat amount says nothing of them."""
    each = _each(line)
    if not shown.quantity:
        return True
    with exactly():
        return each is not None and stripe_pricing.rounded(shown.quantity * each) == shown.amount


def _subscription_of(line: Json) -> str:
    parent = line.get("parent") or {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    return str(details.get("subscription") or "")


def _line_of(line: Json, price: Json | None) -> Line:
    """The line. `price` is None for a bare amount."""
    quantity = Decimal(str(line.get("quantity_decimal") or line.get("quantity") or 0))
    arithmetic, equal, note = _explained(line, price, quantity)
    taxes = line.get("taxes") or []
    product = price.get("product") if price else None
    name = product.get("name") if isinstance(product, Mapping) else None
    return Line(
        description=str((name if equal is not None else None) or line.get("description") or name or "(no description)"),
        price=price_of(line),
        meter=((price or {}).get("recurring") or {}).get("meter"),
        subscription=_subscription_of(line),
        quantity=quantity,
        amount=line["amount"],
        start=line["period"]["start"],
        end=line["period"]["end"],
        arithmetic=arithmetic,
        equal=equal,
        note=note,
        discounts=total(line.get("discount_amounts")),
        credits=total(credits_among(line.get("pretax_credit_amounts"))),
        taxes=total(t for t in taxes if t.get("tax_behavior") != "inclusive"),
        taxes_included=total(t for t in taxes if t.get("tax_behavior") == "inclusive"),
        terms=_terms(price, line["currency"]),
    )


def _terms(price: Json | None, currency: str) -> Terms | None:
    try:
        return stripe_pricing.terms(price, currency) if price else None
    except NoTerms:
        return None


def total(found: Any) -> int:
    """What the amounts of some objects add up to."""
    return sum(int(one["amount"]) for one in found or ())


def credits_among(found: Any) -> list[Json]:
    """Those of `pretax_credit_amounts` that are billing credits; Stripe lists discounts there too."""
    return [one for one in found or () if one.get("type") != "discount"]


def is_proration(line: Json) -> bool:
    """Whether the line is for a part of a period."""
    parent = line.get("parent") or {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    return bool(details.get("proration"))


def _explained(line: Json, price: Json | None, quantity: Decimal) -> tuple[str, bool | None, str]:
    """The arithmetic, whether it gives the amount, and a note."""
    amount, currency, description = line["amount"], line["currency"], str(line.get("description") or "")
    metered = stripe_pricing.is_metered(price or {})
    if is_proration(line) and not metered:
        return "", None, "a part of a period, prorated by Stripe to the second"
    if metered and amount < 0 and not quantity:
        return "", None, "taken back: it was billed before in this period, at a billing threshold"
    if amount == 0 and "trial" in description.lower():
        return "", None, "free of charge during the trial"
    each = _each(line)
    if price is None:
        if each is None or quantity == 1:
            return "", None, "an amount, not a price"
        return _compared(_product(quantity, each, currency), stripe_pricing.rounded(quantity * each), amount, currency)
    unit = _unit(price)
    try:
        charge = stripe_pricing.charge(stripe_pricing.terms(price, currency), quantity)
        charge = replace(charge, amount=stripe_pricing.rounded(charge.exact))
    except NoTerms as e:
        if each is not None and stripe_pricing.rounded(quantity * each) == amount:
            return _product(quantity, each, currency), True, ""
        return "", None, f"not computed: {e}"
    if charge.amount != amount:
        # Stripe does not publish whether the quantity of such a line is units or packages, and it splits graduated tiers into
        # lines of their own, each with the amount for its units.
        by_line = each is not None and stripe_pricing.rounded(quantity * each) == amount
        if by_line and each is not None:
            what = _packages(charge, quantity) if charge.terms.rounding and charge.terms.divide_by > 1 else ""
            return _product(quantity, each, currency, what), True, ""
    return _compared(stripe_pricing.arithmetic(charge, unit), charge.amount, amount, currency)


def _compared(words: str, computed: int, amount: int, currency: str) -> tuple[str, bool, str]:
    if computed == amount:
        return words, True, ""
    more = f"{money(abs(amount - computed), currency)} {'more' if amount > computed else 'less'}"
    return words, False, f"does not add up: Stripe's line is {money(amount, currency)}, {more}"


def _each(line: Json) -> Decimal | None:
    text = (line.get("pricing") or {}).get("unit_amount_decimal")
    return None if text is None else Decimal(str(text))


def _product(quantity: Decimal, each: Decimal, currency: str, what: str = "") -> str:
    with exactly():
        exact = quantity * each
    words = f"{stripe_pricing.number(quantity)}{what} × {money(each, currency)} = {money(exact, currency)}"
    return (
        words
        if exact == stripe_pricing.rounded(exact)
        else f"{words}, rounded to {money(stripe_pricing.rounded(exact), currency)}"
    )


def _packages(charge: Charge, quantity: Decimal) -> str:
    return f" {'package' if quantity == 1 else 'packages'} of {charge.terms.divide_by:,}"


def _unit(price: Json) -> str:
    product = price.get("product")
    label = product.get("unit_label") if isinstance(product, Mapping) else None
    return label or "unit"
