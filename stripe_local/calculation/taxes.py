"""Tax on the lines of an invoice, by rates set by hand. https://docs.stripe.com/tax/tax-rates

Whole minor units: each rate of each line is rounded by itself, a half away from zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .pricing import round_half_up


@dataclass(frozen=True)
class Rate:
    """`percentage` (of 100), part of the price (`inclusive`) or on top of it."""

    id: str
    percentage: Decimal
    inclusive: bool


@dataclass(frozen=True)
class Tax:
    """What one rate makes of an amount."""

    rate: Rate
    amount: int


@dataclass(frozen=True)
class Taxed:
    """An amount without any tax, its taxes, and both together."""

    excluding: int
    taxes: tuple[Tax, ...]

    @property
    def total(self) -> int:
        """What is to be paid."""
        return self.excluding + sum(tax.amount for tax in self.taxes)


def taxed(amount: int, rates: Sequence[Rate], *, exempt: bool = False) -> Taxed:
    """The taxes of an amount, after discounts and credits.

    Several inclusive rates are parts of one price, x - x / (1 + their sum); exclusive ones are each on what is left of it. Who is
    `exempt` pays neither, so a price that includes tax gets smaller.
    """
    if not rates:
        return Taxed(amount, ())
    included = sum((Fraction(rate.percentage) for rate in rates if rate.inclusive), Fraction(0))
    inside = {rate: _of(Fraction(100 * amount) / (100 + included), rate) for rate in rates if rate.inclusive}
    excluding = amount - sum(inside.values())
    amounts = [0 if exempt else inside[rate] if rate.inclusive else _of(Fraction(excluding), rate) for rate in rates]
    return Taxed(excluding, tuple(Tax(rate, amount) for rate, amount in zip(rates, amounts, strict=True)))


def _of(base: Fraction, rate: Rate) -> int:
    return round_half_up(base * Fraction(rate.percentage) / 100)
