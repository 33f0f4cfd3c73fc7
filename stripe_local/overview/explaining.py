"""How the amount of an invoice line comes about, in words. Pure; amounts are minor currency units.

What does not come to the line's amount is not said.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Context, Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

from .words import money, number, plural, reach

Json = dict[str, Any]

_SPANS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
_EXACT = Context(prec=60)
_SHOWN = Decimal("0.0001")


def explained(line: Json, price: Json, unit: str | None = None) -> str | None:
    """Quantity × price, the tier, the share of a period, and what was rounded; None where the line says all that is known.

    `line` is as `charges` keeps it, `price` Stripe's in the line's currency with its tiers, `unit` the product's `unit_label`.
    "3,025 tokens → 31 packages of 100 × 0.04 USD", "15 of 30 days × 20.00 USD",
    "7 tokens × 0.0355 USD = 0.2485 USD, rounded to 0.25 USD".
    """
    if line.get("free"):
        return None
    said, exact = _share(line) if line.get("share") else _part(line, price, unit or "unit")
    if abs(exact - line["amount"]) > Fraction(1, 2):
        return None
    if exact == line["amount"]:
        return said
    return f"{said} = {_minor(exact, line['currency'])}, rounded to {money(line['amount'], line['currency'])}"


def _share(line: Json) -> tuple[str, Fraction]:
    amount, part, whole = line["share"]
    unit, size = next((unit, size) for unit, size in _SPANS if part % size == whole % size == 0)
    said = f"{number(part // size)} of {number(whole // size)} {plural(unit)} × {money(amount, line['currency'])}"
    return said, Fraction(amount * part, whole)


def _part(line: Json, price: Json, unit: str) -> tuple[str, Fraction]:
    currency, quantity = line["currency"], max(Decimal(line["quantity"]), Decimal(0))
    counted = f"{number(quantity)} {unit if quantity == 1 else plural(unit)}"
    if line.get("tier") is not None:
        return _tier(line, price, counted, quantity)
    each, package = Decimal(line["unit_amount_decimal"] or 0), price["transform_quantity"]
    units, said = Fraction(quantity), counted
    if package is not None:
        units = Fraction(quantity) / package["divide_by"]
        units = Fraction(ceil(units) if package["round"] == "up" else floor(units))
        said = f"{counted} → {number(int(units))} {'package' if units == 1 else 'packages'} of {number(package['divide_by'])}"
    return f"{said} × {money(each, currency)}", units * Fraction(each)


def _tier(line: Json, price: Json, counted: str, quantity: Decimal) -> tuple[str, Fraction]:
    currency, tiers, place = line["currency"], price["tiers"], line["tier"]
    tier = tiers[place - 1]
    each, flat = Decimal(tier["unit_amount_decimal"] or 0), Decimal(tier["flat_amount_decimal"] or 0)
    which = f"tier {place}: {reach(tiers, place - 1)}"
    if price["tiers_mode"] == "volume":
        also = f" + {money(flat, currency)} flat" if flat else ""
        return f"{counted} × {money(each, currency)}{also} ({which}, for all)", Fraction(quantity) * Fraction(each) + Fraction(
            flat
        )
    if line["unit_amount_decimal"] is None:
        return f"{money(flat, currency)} flat ({which})", Fraction(flat)
    return f"{counted} × {money(each, currency)} ({which})", Fraction(quantity) * Fraction(each)


def _minor(exact: Fraction, currency: str) -> str:
    """An amount that is no whole number of minor units: in full, or without end to a ten thousandth of one."""
    value = _EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    if Fraction(value) == exact:
        return money(value, currency)
    return f"about {money(value.quantize(_SHOWN, rounding=ROUND_DOWN, context=_EXACT), currency)}"
