"""Prices and charges in words, for people who decide on them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .amounts import Charge, Part, rounded
from .currencies import money
from .terms import Terms, Tier


def formula(terms: Terms, unit: str = "unit") -> str:
    """How the price charges: "0.04 USD per 100 tokens". `unit` is what is counted, in the singular."""
    if not terms.tiers:
        per = unit if terms.divide_by == 1 else f"{terms.divide_by:,} {plural(unit)}"
        return f"{money(terms.unit_amount, terms.currency)} per {per}"
    words = [_tier(terms, i, unit) for i in range(len(terms.tiers))]
    if terms.tiers_mode == "volume" and len(words) > 1:
        return f"all {plural(unit)} at the rate for their total: {'; '.join(words)}"
    return "; ".join(words)


def package_note(terms: Terms) -> str:
    """What happens to a package that is not full: "a package begun is billed in full"; "" where there are no packages."""
    if terms.rounding is None:
        return ""
    what = "package" if terms.divide_by > 1 else "unit"
    return f"a {what} begun is billed in full" if terms.rounding == "up" else f"a {what} that is not full is not billed"


def interval(recurring: Mapping[str, Any] | None) -> str:
    """How often the price is billed: "once", "every month", "every 3 months"."""
    if not recurring or not recurring.get("interval"):
        return "once"
    count = int(recurring.get("interval_count") or 1)
    return f"every {recurring['interval']}" if count == 1 else f"every {count} {recurring['interval']}s"


def arithmetic(charge: Charge, unit: str = "unit") -> str:
    """The calculation: "3,025 tokens → 31 packages of 100 × 0.04 USD = 1.24 USD"."""
    terms, currency = charge.terms, charge.terms.currency
    used = counted(charge.quantity, unit)
    if charge.quantity < 0:
        used += " count as 0"
    total = money(charge.exact, currency)
    if charge.exact != charge.amount:
        by_line = charge.amount != rounded(charge.exact)
        total += f", {'each line rounded:' if by_line else 'rounded to'} {money(charge.amount, currency)}"
    if not terms.tiers:
        (part,) = charge.parts
        each = money(part.unit_amount, currency)
        if terms.rounding is None or terms.divide_by == 1:
            same = part.units == charge.quantity
            units = used if same else f"{used} → {counted(part.units, unit)}"
            return f"{units} × {each} = {total}"
        return f"{used} → {counted(part.units, 'package')} of {terms.divide_by:,} × {each} = {total}"
    if terms.tiers_mode == "volume" and len(terms.tiers) > 1:
        used += f", all at the rate of {_reached(terms, max(charge.quantity, Decimal(0)))}"
    return f"{used} → {' + '.join(_part(p, currency) for p in charge.parts)} = {total}"


def counted(quantity: Decimal | int, unit: str) -> str:
    """A quantity with its unit: "1 token", "3,025 tokens", "0.5 tokens"."""
    return f"{number(Decimal(quantity))} {unit if quantity == 1 else plural(unit)}"


def number(value: Decimal) -> str:
    """A quantity without a unit: "3,025", "0.5"; every digit of it."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plural(unit: str) -> str:
    """The plural of an English word, well enough for unit labels: abbreviations such as GB have none."""
    if unit.isupper() or unit.endswith("s") or not unit:
        return unit
    if unit.endswith(("x", "ch", "sh")):
        return f"{unit}es"
    if unit.endswith("y") and unit[-2:-1] not in "aeiou":
        return f"{unit[:-1]}ies"
    return f"{unit}s"


def _tier(terms: Terms, position: int, unit: str) -> str:
    tier = terms.tiers[position]
    rate = _rate(tier, terms.currency)
    if len(terms.tiers) == 1:
        return f"all {plural(unit)}: {rate}"
    below = terms.tiers[position - 1].up_to if position else 0
    if terms.tiers_mode == "volume":
        return f"{'above' if tier.up_to is None else 'up to'} {tier.up_to or below or 0:,}: {rate}"
    if tier.up_to is None:
        return f"all above {below:,}: {rate}"
    return f"the {'next' if position else 'first'} {counted(tier.up_to - (below or 0), unit)}: {rate}"


def _rate(tier: Tier, currency: str) -> str:
    each, once = money(tier.unit_amount, currency), money(tier.flat_amount, currency)
    if tier.flat_amount and tier.unit_amount:
        return f"{each} each and {once} once"
    return f"{once} in all" if tier.flat_amount else f"{each} each" if tier.unit_amount else "free"


def _reached(terms: Terms, quantity: Decimal) -> str:
    position = next(i for i, t in enumerate(terms.tiers) if t.up_to is None or quantity <= t.up_to)
    up_to = terms.tiers[position].up_to
    return f"up to {up_to:,}" if up_to is not None else f"above {terms.tiers[position - 1].up_to:,}"


def _part(part: Part, currency: str) -> str:
    product = f"{number(part.units)} × {money(part.unit_amount, currency)}"
    if not part.flat_amount:
        return product
    flat = money(part.flat_amount, currency)
    return f"{product} + {flat}" if part.unit_amount else flat
