"""What a price charges: as a text that two people can agree on, and as an increase of bills. Pure, exact."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import stripe_pricing
from stripe_pricing import NoTerms, Terms, Tier

from ._amounts import decimal, money, options

_A_YEAR_HAS = {"day": 365, "week": 52, "month": 12, "year": 1}


@dataclass(frozen=True)
class Charge:
    """What a price charges in one currency, "" where that is not known yet."""

    currency: str
    terms: Terms

    def __str__(self) -> str:
        """As approvals in stacks' configuration quote it: it must not change."""
        if self.terms.tiers:
            return f"{self.terms.tiers_mode} " + ", ".join(map(self._tier, self.terms.tiers))
        package = self.terms.divide_by
        units = "unit" if package == 1 else f"{package} units rounded {self.terms.rounding}"
        return f"{money(self.terms.unit_amount, self.currency)} per {units}"

    def _tier(self, tier: Tier) -> str:
        flat = f" and {money(tier.flat_amount, self.currency)} flat" if tier.flat_amount else ""
        where = "beyond" if tier.up_to is None else f"to {tier.up_to}"
        return f"{money(tier.unit_amount, self.currency)}{flat} {where}"

    @property
    def beyond(self) -> Fraction:
        """What a unit costs at ever larger quantities."""
        last = self.terms.tiers[-1].unit_amount if self.terms.tiers else self.terms.unit_amount
        return Fraction(last) / self.terms.divide_by

    def bill(self, quantity: int, per_unit: int = 1, flat: int = 1) -> Fraction:
        """The bill for a quantity, packages taken in part; the amounts multiplied by how often in a year they are due."""
        total = Fraction(0)
        for part in stripe_pricing.charge(replace(self.terms, rounding=None), quantity).parts:
            total += Fraction(part.units) * Fraction(part.unit_amount) * per_unit / self.terms.divide_by
            total += Fraction(part.flat_amount) * flat
        return total


def charges(props: Mapping[str, Any]) -> dict[str, Charge]:
    """By currency; without what is not known yet, is not a number, or is the customer's to decide."""
    found = {}
    for _, currency, option in options(props):
        # The wire turns every number into a double; an amount that is not known yet is not a number either.
        price = _exact({**option, **{k: props.get(k) for k in ("tiers_mode", "transform_quantity")}, "currency": currency or "?"})
        with contextlib.suppress(NoTerms):
            found[currency] = Charge(currency, stripe_pricing.terms(price))
    return found


def _exact(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _exact(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_exact(v) for v in value]
    return Decimal(str(value)) if isinstance(value, float) else value


# -- as a text


def text(props: Mapping[str, Any]) -> str:
    """What a price charges, in words: `0.04 USD per 100 units rounded up, metered, every month, tax exclusive`.

    It holds everything about a price that Stripe cannot change in place and that can be known before it is created, and nothing
    but numbers, currencies and Stripe's own words.
    """
    found = charges(props)
    unnamed = "what the customer decides" if props.get("custom_unit_amount") else "an amount that is not known"
    parts = [" or ".join(str(found[currency]) for currency in sorted(found)) or unnamed]
    recurring = props.get("recurring")
    if stripe_pricing.is_metered(props):
        parts.append("metered")
    if isinstance(recurring, Mapping):
        word = recurring.get("interval")
        recurring = {"interval": word if word in _A_YEAR_HAS else "period", "interval_count": _count(recurring)}
    parts.append(stripe_pricing.interval(recurring if isinstance(recurring, Mapping) else None))
    tax = props.get("tax_behavior")
    if tax in ("inclusive", "exclusive"):
        parts.append(f"tax {tax}")
    return ", ".join(parts)


def _count(recurring: Mapping[str, Any]) -> int:
    return int(decimal(recurring.get("interval_count")) or 1)


# -- as an increase


@dataclass(frozen=True)
class Increase:
    """The largest relative increase of a bill, and where it is."""

    currency: str
    quantity: int
    """Units in one period; 0 for ever larger quantities."""
    percent: Decimal | None
    """None where there was nothing to pay before."""


def largest_increase(old: Mapping[str, Any], new: Mapping[str, Any]) -> Increase | None:
    """The largest increase over all currencies that both have and over all quantities; None where no bill rises.

    Between the ends of tiers a bill is a straight line, so it rises most at the end of a tier of either price, or far beyond all.
    Amounts that are due once a period are compared by the year.
    """
    before, after = charges(old), charges(new)
    found = [increase for currency in sorted(before.keys() & after.keys())
             for increase in _increases(before[currency], after[currency], _times(old), _times(new))]  # fmt: skip
    worst = max(found, key=lambda i: (i.percent is None, i.percent or 0), default=None)
    return worst if worst is not None and (worst.percent is None or worst.percent > 0) else None


def _times(props: Mapping[str, Any]) -> tuple[int, int]:
    """How often a year an amount per unit and a flat amount are due. Usage is what it is, however often it is billed; a
    licence is paid for in each period."""
    recurring = props.get("recurring")
    if not isinstance(recurring, Mapping):
        return 1, 1
    periods = max(1, _A_YEAR_HAS.get(str(recurring.get("interval")), 1) // _count(recurring))
    return (1 if stripe_pricing.is_metered(props) else periods), periods


def _increases(old: Charge, new: Charge, olds: tuple[int, int], news: tuple[int, int]) -> Iterator[Increase]:
    ends = {tier.up_to for charge in (old, new) for tier in charge.terms.tiers if tier.up_to is not None}
    for quantity in sorted({1, *ends, *(end + 1 for end in ends)}):
        yield _increase(old.currency, quantity, old.bill(quantity, *olds), new.bill(quantity, *news))
    yield _increase(old.currency, 0, old.beyond * olds[0], new.beyond * news[0])


def _increase(currency: str, quantity: int, before: Fraction, after: Fraction) -> Increase:
    if not before:
        return Increase(currency, quantity, None if after else Decimal(0))
    ratio = (after / before - 1) * 100
    return Increase(currency, quantity, Decimal(ratio.numerator) / Decimal(ratio.denominator))
