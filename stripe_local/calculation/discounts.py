"""What discounts take off the lines of an invoice. https://docs.stripe.com/billing/subscriptions/coupons

Whole minor units throughout: each discount of each line is rounded by itself, a half away from zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .pricing import prorated, round_half_up


@dataclass(frozen=True)
class Discount:
    """`percent` (of 100) or an `amount` off, of everything or of these products."""

    id: str
    percent: Decimal | None = None
    amount: int = 0
    products: frozenset[str] | None = None


@dataclass(frozen=True)
class Charge:
    """A line before discounts, and those that are its `own`."""

    amount: int
    product: str | None = None
    own: tuple[Discount, ...] = ()
    discountable: bool = True


Taken = dict[str, int]
"""What each discount takes, by its id, in the order in which they apply."""


def taken(charges: Sequence[Charge], common: Sequence[Discount] = ()) -> list[Taken]:
    """What is taken off each charge: by its own discounts, then by those of the whole, each off what the one before left.

    An amount comes off once, however many charges there are, and never more than they amount to.
    """
    left = [charge.amount for charge in charges]
    found: list[Taken] = [{} for _ in charges]
    own = {discount.id: discount for charge in charges for discount in charge.own}
    for discount in (*own.values(), *common):
        places = [place for place, charge in enumerate(charges) if _applies(discount, charge, own)]
        for place, amount in zip(places, _off(discount, [left[place] for place in places]), strict=True):
            found[place][discount.id] = amount
            left[place] -= amount
    return found


def _applies(discount: Discount, charge: Charge, own: Mapping[str, Discount]) -> bool:
    reached = discount.id not in own or discount in charge.own
    return reached and charge.discountable and (discount.products is None or charge.product in discount.products)


def _off(discount: Discount, amounts: list[int]) -> list[int]:
    if discount.percent is not None:
        return [round_half_up(amount * Fraction(discount.percent) / 100) for amount in amounts]
    weights = [max(amount, 0) for amount in amounts]
    return split(min(discount.amount, sum(weights)), weights)


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """An amount in parts by weight, each cut down; the rest goes to the last, and what is beyond its weight to the one before.

    The prorations' page has $5 off $10 and $20 as 1.66 and 3.34. https://docs.stripe.com/billing/subscriptions/prorations
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [amount * weight // whole for weight in weights]
    rest = amount - sum(parts)
    for place in reversed(range(len(parts))):
        more = min(rest, max(weights[place] - parts[place], 0)) if amount <= whole else rest
        parts[place] += more
        rest -= more
    return parts


def share(whole: int, off: Taken, part: int, all: int) -> tuple[int, Taken]:
    """The share of an amount that falls to a part of a period, and of what is taken off it.

    What is left is rounded as the amount is, so it is the same whether the discounts are shown or not. Both are negative for a
    credit.
    """
    gross = prorated(whole, part, all)
    if not off:
        return gross, {}
    difference = gross - prorated(whole - sum(off.values()), part, all)
    sign = -1 if difference < 0 else 1
    parts = split(abs(difference), [abs(amount) for amount in off.values()])
    return gross, {id: sign * amount for id, amount in zip(off, parts, strict=True)}
