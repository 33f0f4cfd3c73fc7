"""What a price charges: as a text that two people can agree on, and as an increase of bills. Pure, exact."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import stripe_pricing
from stripe_pricing import NoTerms, Terms, Tier

from ._amounts import decimal, money, options
from ._resources import UNKNOWN

_A_YEAR_HAS = {"day": Fraction(365), "week": Fraction(365, 7), "month": Fraction(12), "year": Fraction(1)}


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

    def bill(self, quantity: Fraction | int) -> Fraction:
        """What Stripe bills for a quantity in one period, packages whole, before it rounds to whole minor units."""
        # Decimals have no thirds: a quantity of n/d is n, with everything that a whole unit counts for taken d times.
        by = quantity.denominator
        terms = replace(
            self.terms,
            divide_by=self.terms.divide_by * by,
            unit_amount=self.terms.unit_amount * (by if self.terms.rounding else 1),
            tiers=tuple(Tier(t.up_to and t.up_to * by, t.unit_amount, t.flat_amount * by) for t in self.terms.tiers),
        )
        return Fraction(stripe_pricing.charge(terms, quantity.numerator).exact) / by


def charges(props: Mapping[str, Any]) -> dict[str, Charge]:
    """By currency; without what is not known yet, is not a number, or is the customer's to decide."""
    found: dict[str, Charge] = {}
    if props.get("transform_quantity") is UNKNOWN:
        return found
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
    own_tax = _tax(props)
    found = {currency: str(charge) for currency, charge in charges(props).items()}
    for _, currency, option in options(props):
        if custom := option.get("custom_unit_amount"):
            found[currency] = _decided(custom, currency)
        if currency in found and _tax(option) not in ("", own_tax):
            found[currency] += f" with tax {_tax(option)}"
    parts = [" or ".join(found[currency] for currency in sorted(found)) or "an amount that is not known"]
    recurring = props.get("recurring")
    if stripe_pricing.is_metered(props):
        parts.append("metered")
    if isinstance(recurring, Mapping):
        word = recurring.get("interval")
        every = {"interval": word if word in _A_YEAR_HAS else "period", "interval_count": _count(recurring)}
        parts.append(stripe_pricing.interval(every))
        if days := decimal(recurring.get("trial_period_days")):
            parts.append(f"after {days.normalize():f} days of trial")
    else:
        parts.append(stripe_pricing.interval(None))
    return ", ".join([*parts, f"tax {own_tax}"] if own_tax else parts)


def _decided(custom: Any, currency: str) -> str:
    said = f"what the customer decides in {currency.upper() or 'an unknown currency'}"
    for name, word in (("minimum", "at least"), ("maximum", "at most"), ("preset", "at first")):
        if isinstance(custom, Mapping) and custom.get(name) is not None:
            amount = decimal(custom[name])
            said += f" {word} {'an amount that is not known' if amount is None else money(amount, currency)}"
    return said


def _tax(fields: Mapping[str, Any]) -> str:
    """What is said of tax, "" where nothing is."""
    said = fields.get("tax_behavior")
    return str(said) if said in ("inclusive", "exclusive") else ""


def _count(recurring: Mapping[str, Any]) -> int:
    return int(decimal(recurring.get("interval_count")) or 1)


# -- as an increase


@dataclass(frozen=True)
class Increase:
    """The largest relative increase of a bill, and where it is."""

    currency: str
    quantity: int | None
    """Units in one period, the shorter one where they differ; None for ever larger quantities."""
    percent: Fraction | None
    """None where there was nothing to pay before, or a limit to what there was to pay."""


def largest_increase(old: Mapping[str, Any], new: Mapping[str, Any]) -> Increase | None:
    """The largest increase over all currencies that both have and over all whole quantities; None where no bill rises.

    Periods that differ are compared by the year, with the same usage at any time, or as many licences. An interval that is not
    known yet is taken for the other price's.
    """
    before, after = charges(old), charges(new)
    periods = [_periods(old), _periods(new)]
    a_year = [p for p in periods if p] if all(periods) else [Fraction(1)] * 2
    usage = stripe_pricing.is_metered(old) and stripe_pricing.is_metered(new)
    shares = [max(a_year) / p if usage else Fraction(1) for p in a_year]
    found = [increase for currency in sorted(before.keys() & after.keys())
             for increase in _increases(*map(_Yearly, (before[currency], after[currency]), a_year, shares))]  # fmt: skip
    worst = max(found, key=lambda i: (i.percent is None, i.percent or 0), default=None)
    return worst if worst is not None and (worst.percent is None or worst.percent > 0) else None


def _periods(props: Mapping[str, Any]) -> Fraction | None:
    """How many periods a year has, one for a price that is paid once; None where that is not known."""
    recurring = props.get("recurring")
    if recurring is None:
        return Fraction(1)
    if not isinstance(recurring, Mapping) or recurring.get("interval_count") is UNKNOWN:
        return None
    a_year = _A_YEAR_HAS.get(str(recurring.get("interval")))
    return a_year and a_year / _count(recurring)


@dataclass(frozen=True)
class _Yearly:
    """What a charge comes to in a year; quantities are those of the shorter period, of which one of its own has `share`."""

    charge: Charge
    periods: Fraction
    share: Fraction

    def bill(self, quantity: int) -> Fraction:
        return self.charge.bill(quantity * self.share) * self.periods

    @property
    def beyond(self) -> Fraction:
        return self.charge.beyond * self.share * self.periods

    @property
    def packages(self) -> list[Fraction]:
        return [self.charge.terms.divide_by / self.share] if self.charge.terms.rounding else []

    @property
    def ends(self) -> list[Fraction]:
        return [tier.up_to / self.share for tier in self.charge.terms.tiers if tier.up_to is not None]


def _increases(old: _Yearly, new: _Yearly) -> Iterator[Increase]:
    currency = old.charge.currency
    for quantity in _quantities(old, new):
        yield _increase(currency, quantity, old.bill(quantity), new.bill(quantity))
    yield _increase(currency, None, old.beyond, new.beyond)


def _quantities(old: _Yearly, new: _Yearly) -> list[int]:
    """The quantities at which the one bill can be largest against the other.

    Between ends of tiers a bill is a straight line or a stair, a step for each package. Two lines are furthest apart at an end, a
    line and a stair at an end or at the first or last step between two, and two stairs at the first step of either, at the step
    before it, or far beyond all.
    """
    packages = [*old.packages, *new.packages]
    ends = {Fraction(0), *packages, *old.ends, *new.ends}
    steps = {(end // package + n) * package for end in ends for package in packages for n in (-1, 0, 1, 2)}
    # Where periods differ, steps need not be at whole quantities, until after so many of them.
    steps |= {package * n for package in packages for n in range(1, package.denominator + 1)}
    return sorted({q for place in ends | steps for q in range(floor(place) - 1, floor(place) + 3) if q >= 0})


def _increase(currency: str, quantity: int | None, before: Fraction, after: Fraction) -> Increase:
    if not before:
        return Increase(currency, quantity, None if after else Fraction(0))
    return Increase(currency, quantity, (after / before - 1) * 100)
