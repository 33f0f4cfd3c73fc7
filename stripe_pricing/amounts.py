"""What a quantity costs. https://docs.stripe.com/products-prices/pricing-models

Everything is exact but the amount of an invoice line, which Stripe rounds to a whole minor unit: once, a half up. A graduated
price has for each tier a line of its units and one of its flat amount, each rounded by itself.
https://docs.stripe.com/billing/subscriptions/usage-based/pricing-models
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .exact import exactly
from .terms import Terms, Tier


@dataclass(frozen=True)
class Part:
    """One product of the calculation: `units` (or packages) at `unit_amount` each, and `flat_amount` once; minor units."""

    units: Decimal
    unit_amount: Decimal
    flat_amount: Decimal = Decimal(0)


@dataclass(frozen=True)
class Charge:
    """What `quantity` costs under `terms`: `exact` before and `amount` after rounding each line, both in minor units."""

    terms: Terms
    quantity: Decimal
    parts: tuple[Part, ...]
    exact: Decimal
    amount: int


def charge(terms: Terms, quantity: Decimal | int) -> Charge:
    """The charge for a quantity. Usage below 0, which corrections can make, is billed as 0."""
    given = Decimal(quantity)
    with exactly():
        billed = max(given, Decimal(0))
        parts = tuple(_parts(terms, billed))
        lines = [amount for p in parts for amount in (p.units * p.unit_amount, p.flat_amount)]
        exact = sum(lines, Decimal(0))
        by_line = terms.tiers and terms.tiers_mode == "graduated"
        return Charge(terms, given, parts, exact, sum(map(rounded, lines)) if by_line else rounded(exact))


def rounded(amount: Decimal) -> int:
    """The amount of an invoice line: to the nearest minor unit, a half up."""
    with exactly():
        return int(amount.to_integral_value(ROUND_HALF_UP))


def _parts(terms: Terms, quantity: Decimal) -> Iterator[Part]:
    if not terms.tiers:
        yield Part(_packages(terms, quantity), terms.unit_amount)
    elif terms.tiers_mode == "volume":
        tier = next(t for t in terms.tiers if _reaches(t, quantity))
        yield Part(quantity, tier.unit_amount, tier.flat_amount)
    else:
        yield from _graduated(terms.tiers, quantity)


def _graduated(tiers: tuple[Tier, ...], quantity: Decimal) -> Iterator[Part]:
    """The first tier counts even where nothing was used: its flat amount is a base fee."""
    start = Decimal(0)
    for tier in tiers:
        last = _reaches(tier, quantity)
        end = quantity if last or tier.up_to is None else Decimal(tier.up_to)
        yield Part(end - start, tier.unit_amount, tier.flat_amount)
        if last:
            return
        start = end


def _reaches(tier: Tier, quantity: Decimal) -> bool:
    return tier.up_to is None or quantity <= tier.up_to


def _packages(terms: Terms, quantity: Decimal) -> Decimal:
    if terms.rounding is None:
        return quantity
    full, rest = divmod(quantity, Decimal(terms.divide_by))
    return full + 1 if rest and terms.rounding == "up" else full
