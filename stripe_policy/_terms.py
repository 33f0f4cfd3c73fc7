"""What a price charges: as a text that two people can agree on, and as a bill for a quantity. Pure, exact.

https://docs.stripe.com/products-prices/pricing-models
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ._amounts import decimal, money, options
from ._resources import UNKNOWN

_A_YEAR_HAS = {"day": 365, "week": 52, "month": 12, "year": 1}


@dataclass(frozen=True)
class Tier:
    """Units up to `up_to` (None: all that are left), each at `unit`, and `flat` once; minor currency units."""

    up_to: int | None
    unit: Decimal
    flat: Decimal = Decimal(0)


@dataclass(frozen=True)
class Charge:
    """What a price charges in one currency."""

    currency: str
    tiers: tuple[Tier, ...]
    """A price without tiers has one without end."""
    mode: str = ""
    """graduated, volume, or "" for a price without tiers."""
    package: int = 1
    """How many units the amount is for."""
    rounding: str = ""
    """What becomes of a package that was begun: up or down."""

    def __str__(self) -> str:
        if not self.mode:
            units = "unit" if self.package == 1 else f"{self.package} units rounded {self.rounding}"
            return f"{money(self.tiers[0].unit, self.currency)} per {units}"
        return f"{self.mode} " + ", ".join(self._tier(tier) for tier in self.tiers)

    def _tier(self, tier: Tier) -> str:
        flat = f" and {money(tier.flat, self.currency)} flat" if tier.flat else ""
        where = "beyond" if tier.up_to is None else f"to {tier.up_to}"
        return f"{money(tier.unit, self.currency)}{flat} {where}"

    def bill(self, quantity: int, per_unit: int = 1, flat: int = 1) -> Fraction:
        """The bill for a quantity, packages taken in part; the amounts multiplied by how often in a year they are due."""
        if self.mode == "volume":
            tier = next((t for t in self.tiers if t.up_to is None or quantity <= t.up_to), self.tiers[-1])
            return Fraction(tier.unit) * quantity * per_unit + Fraction(tier.flat) * flat
        total, below = Fraction(0), 0
        for tier in self.tiers:
            end = quantity if tier.up_to is None else min(quantity, tier.up_to)
            if end > below:
                total += Fraction(tier.unit) * (end - below) * per_unit / self.package + Fraction(tier.flat) * flat
                below = end
        return total


def charges(props: Mapping[str, Any]) -> dict[str, Charge]:
    """By currency; without what is not known yet, is no number, or is for the customer to decide."""
    found = {}
    for _, currency, option in options(props):
        charge = _charge(currency, option, props)
        if charge is not None:
            found[currency] = charge
    return found


def _charge(currency: str, option: Mapping[str, Any], props: Mapping[str, Any]) -> Charge | None:
    listed = option.get("tiers")
    if isinstance(listed, list) and listed:
        tiers = [_tier(tier) for tier in listed]
        complete = tuple(tier for tier in tiers if tier is not None)
        return Charge(currency, complete, str(props.get("tiers_mode"))) if len(complete) == len(tiers) else None
    unit = amount_of(option, "unit_amount")
    transform = props.get("transform_quantity")
    package = decimal(transform.get("divide_by")) if isinstance(transform, Mapping) else Decimal(1)
    if unit is None or not package or transform is UNKNOWN:
        return None
    rounding = str(transform.get("round", "up")) if isinstance(transform, Mapping) else ""
    return Charge(currency, (Tier(None, unit),), package=int(package), rounding=rounding)


def _tier(tier: Any) -> Tier | None:
    if not isinstance(tier, Mapping):
        return None
    end = tier.get("up_to")
    up_to = None if end == "inf" else decimal(end)
    if end != "inf" and up_to is None:
        return None
    unit, flat = amount_of(tier, "unit_amount", Decimal(0)), amount_of(tier, "flat_amount", Decimal(0))
    return None if unit is None or flat is None else Tier(None if up_to is None else int(up_to), unit, flat)


def amount_of(fields: Mapping[str, Any], name: str, default: Decimal | None = None) -> Decimal | None:
    """An amount however it is written; `default` where it is absent, None where it is not known or no number."""
    for key in (name, f"{name}_decimal"):
        if fields.get(key) is not None:
            return decimal(fields[key])
    return default


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
    if isinstance(recurring, Mapping):
        if recurring.get("usage_type") == "metered":
            parts.append("metered")
        count = _count(recurring)
        interval = _word(recurring.get("interval"), _A_YEAR_HAS)
        parts.append(f"every {interval}" if count == 1 else f"every {count} {interval}s")
    else:
        parts.append("once")
    tax = props.get("tax_behavior")
    if tax in ("inclusive", "exclusive"):
        parts.append(f"tax {tax}")
    return ", ".join(parts)


def _word(value: Any, words: Mapping[str, int]) -> str:
    return value if isinstance(value, str) and value in words else "period"


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

    Between the ends of tiers a bill is a straight line, so that it rises most at an end of a tier of either, or far beyond all.
    Amounts that are due once a period are compared by the year.
    """
    before, after = charges(old), charges(new)
    found = [increase for currency in sorted(before.keys() & after.keys())
             for increase in _increases(before[currency], after[currency], _times(old), _times(new))]  # fmt: skip
    worst = max(found, key=lambda i: (i.percent is None, i.percent or 0), default=None)
    return worst if worst is not None and (worst.percent is None or worst.percent > 0) else None


def _times(props: Mapping[str, Any]) -> tuple[int, int]:
    """How often in a year an amount per unit and a flat amount are due. Usage is what it is, however often it is billed; a
    licence is paid for in each period."""
    recurring = props.get("recurring")
    if not isinstance(recurring, Mapping):
        return 1, 1
    periods = max(1, _A_YEAR_HAS.get(str(recurring.get("interval")), 1) // _count(recurring))
    return (1 if recurring.get("usage_type") == "metered" else periods), periods


def _increases(old: Charge, new: Charge, olds: tuple[int, int], news: tuple[int, int]) -> Iterator[Increase]:
    ends = {tier.up_to for charge in (old, new) for tier in charge.tiers if tier.up_to is not None}
    for quantity in sorted({1, *ends, *(end + 1 for end in ends)}):
        yield _increase(old.currency, quantity, old.bill(quantity, *olds), new.bill(quantity, *news))
    beyond_old = Fraction(old.tiers[-1].unit) * olds[0] / old.package
    beyond_new = Fraction(new.tiers[-1].unit) * news[0] / new.package
    yield _increase(old.currency, 0, beyond_old, beyond_new)


def _increase(currency: str, quantity: int, before: Fraction, after: Fraction) -> Increase:
    if not before:
        return Increase(currency, quantity, None if after else Decimal(0))
    ratio = (after / before - 1) * 100
    return Increase(currency, quantity, Decimal(ratio.numerator) / Decimal(ratio.denominator))
