"""What a quantity costs. https://docs.stripe.com/products-prices/pricing-models

Exact arithmetic in minor currency units (cents): amounts and quantities are `Decimal` or `Fraction`, and only the
amount of a line is rounded, once, half up.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor


@dataclass(frozen=True)
class Tier:
    """Units up to and including `up_to` (None: without end) cost `unit_amount` each and `flat_amount` once."""

    up_to: int | None
    unit_amount: Decimal
    flat_amount: Decimal


@dataclass(frozen=True)
class Terms:
    """How a price charges.

    Per unit: `unit_amount`, for each unit or for each package of `divide_by` units, an incomplete package counted
    (`round_up`) or not. Tiered: `tiers`, each unit at the rate of the tier it falls into (`graduated`), or all of
    them at the rate of the tier that the quantity falls into (`volume`).
    """

    unit_amount: Decimal = Decimal(0)
    divide_by: int = 1
    round_up: bool | None = None
    tiers: tuple[Tier, ...] = ()
    graduated: bool = True


def amount(terms: Terms, quantity: Decimal) -> int:
    """What the quantity costs, in whole minor units. A negative quantity counts as 0, as Stripe bills it."""
    return round_half_up(exact_amount(terms, quantity))


def exact_amount(terms: Terms, quantity: Decimal) -> Fraction:
    """As `amount`, before rounding."""
    units = max(Fraction(quantity), Fraction(0))
    if terms.tiers:
        return _graduated(terms.tiers, units) if terms.graduated else _volume(terms.tiers, units)
    if terms.round_up is not None:
        packages = units / terms.divide_by
        units = Fraction(ceil(packages) if terms.round_up else floor(packages))
    return units * Fraction(terms.unit_amount)


def _graduated(tiers: tuple[Tier, ...], units: Fraction) -> Fraction:
    total, below = Fraction(0), Fraction(0)
    for position, tier in enumerate(tiers):
        # The first tier's flat amount is charged even for no usage at all.
        if units <= below and position > 0:
            break
        upper = units if tier.up_to is None else min(units, Fraction(tier.up_to))
        total += (upper - below) * Fraction(tier.unit_amount) + Fraction(tier.flat_amount)
        below = upper if tier.up_to is None else Fraction(tier.up_to)
    return total


def _volume(tiers: tuple[Tier, ...], units: Fraction) -> Fraction:
    tier = next(tier for tier in tiers if tier.up_to is None or units <= tier.up_to)
    return units * Fraction(tier.unit_amount) + Fraction(tier.flat_amount)


def prorated(whole: int, part_seconds: int, all_seconds: int) -> int:
    """The share of an amount (negative for a credit) that falls to a part of a period, to the second.

    A half goes down: 4.5 is 4, and a credit of 2.5 is 3, as recorded invoices have it.
    """
    return ceil(Fraction(whole * part_seconds, all_seconds) - Fraction(1, 2)) if all_seconds else 0


def round_half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes away from zero."""
    rounded = floor(abs(value) + Fraction(1, 2))
    return rounded if value >= 0 else -rounded
