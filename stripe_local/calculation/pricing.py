"""What a quantity costs. https://docs.stripe.com/products-prices/pricing-models

Exact arithmetic in minor currency units (cents): amounts and quantities are `Decimal` or `Fraction`, and only the
amount of each line is rounded, once, half up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Tier:
    """Units up to and including `up_to` (None: without end) cost `unit_amount` each and `flat_amount`, if there is one, once."""

    up_to: int | None
    unit_amount: Decimal
    flat_amount: Decimal | None


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


@dataclass(frozen=True)
class Part:
    """A line of an invoice: a quantity at an amount `each`, or where `flat` a tier's flat amount alone; tiers count from 1.

    What was billed `before` and is taken back has a quantity and an amount below 0.
    """

    quantity: Decimal
    each: Decimal
    amount: int
    tier: int | None = None
    flat: bool = False
    before: bool = False


def amount(terms: Terms, quantity: Decimal) -> int:
    """What the quantity costs, in whole minor units. A negative quantity counts as 0, as Stripe bills it."""
    return sum(part.amount for part in parts(terms, quantity))


def parts(terms: Terms, quantity: Decimal) -> list[Part]:
    """The lines that the quantity makes: one, or for graduated tiers those of each tier that it reaches.

    Each is rounded by itself. The first tier is reached even by no usage at all.
    """
    quantity = max(quantity, Decimal(0))
    if terms.tiers:
        return _graduated(terms.tiers, quantity) if terms.graduated else [_volume(terms.tiers, quantity)]
    units = quantity
    if terms.round_up is not None:
        number, of = quantity.as_integer_ratio()
        of *= terms.divide_by
        units = Decimal(-(-number // of) if terms.round_up else number // of)
    return [Part(quantity, terms.unit_amount, _cost(units, terms.unit_amount))]


def unbilled(whole: Sequence[Part], billed: Sequence[Part]) -> list[Part]:
    """What is left of the parts of a whole quantity where those of a smaller one are billed already; both sum to the whole.

    What goes on at the same rate is what has come since. A rate that holds no more, as when another volume tier holds for all, is
    taken back. https://docs.stripe.com/billing/subscriptions/usage-based/thresholds#volume-tiers
    """
    if not billed:
        return list(whole)
    there = {_rate(part): part for part in billed}
    found, back = [], []
    for part in whole:
        before = there.pop(_rate(part), None)
        if before is None:
            found.append(part)
        elif part.quantity >= before.quantity and part.amount >= before.amount:
            found.append(replace(part, quantity=part.quantity - before.quantity, amount=part.amount - before.amount))
        else:
            found.append(part)
            back.append(before)
    back += there.values()
    # What has no more of anything says nothing, but where there is nothing else to say: then no units, rather than no fee.
    found = [part for part in found if part.quantity or part.amount] or [part for part in found if not part.flat][-1:]
    return [*found, *(replace(part, quantity=-part.quantity, amount=-part.amount, before=True) for part in back)]


def _rate(part: Part) -> tuple[int | None, bool, Decimal]:
    return part.tier, part.flat, part.each


def _graduated(tiers: tuple[Tier, ...], quantity: Decimal) -> list[Part]:
    found, below = [], Decimal(0)
    for number, tier in enumerate(tiers, 1):
        if quantity <= below and number > 1:
            break
        units = (quantity if tier.up_to is None else min(quantity, Decimal(tier.up_to))) - below
        found.append(Part(units, tier.unit_amount, _cost(units, tier.unit_amount), number))
        if tier.flat_amount is not None:
            found.append(Part(Decimal(0), tier.flat_amount, _cost(Decimal(1), tier.flat_amount), number, flat=True))
        below += units
    return found


def _volume(tiers: tuple[Tier, ...], quantity: Decimal) -> Part:
    number, tier = next((n, tier) for n, tier in enumerate(tiers, 1) if tier.up_to is None or quantity <= tier.up_to)
    exact = Fraction(quantity) * Fraction(tier.unit_amount) + Fraction(tier.flat_amount or 0)
    return Part(quantity, tier.unit_amount, round_half_up(exact), number)


def _cost(units: Decimal, each: Decimal) -> int:
    # Exact: a product of decimals has only as many digits as their context says.
    (number, of), (amount, to) = units.as_integer_ratio(), each.as_integer_ratio()
    return _rounded(number * amount, of * to)


def prorated(whole: int, part_seconds: int, all_seconds: int) -> int:
    """The share of an amount (negative for a credit) that falls to a part of a period, to the second.

    A half goes down: 4.5 is 4, and a credit of 2.5 is 3, as recorded invoices have it.
    """
    return -((all_seconds - 2 * whole * part_seconds) // (2 * all_seconds)) if all_seconds else 0


def round_half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes away from zero."""
    return _rounded(value.numerator, value.denominator)


def _rounded(numerator: int, denominator: int) -> int:
    rounded = (2 * abs(numerator) + denominator) // (2 * denominator)
    return rounded if numerator >= 0 else -rounded
