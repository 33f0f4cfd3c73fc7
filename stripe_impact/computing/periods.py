"""How often prices are billed, and amounts over the same time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

_DAYS_OF_A_YEAR = 365


class Every(NamedTuple):
    """A price's interval: months, or days."""

    months: int
    days: int

    @property
    def words(self) -> str:
        """Such as "a month", "2 weeks"."""
        for count, unit in ((self.months / 12, "year"), (self.months, "month"), (self.days / 7, "week"), (self.days, "day")):
            if count and count == int(count):
                return f"a {unit}" if count == 1 else f"{int(count)} {unit}s"
        return "once"


YEAR = Every(12, 0)


def every(price: Mapping[str, Any]) -> Every:
    """How often the price is billed; a month where it does not say."""
    recurring = price.get("recurring")
    said = recurring if isinstance(recurring, Mapping) else {}
    count = int(said.get("interval_count") or 1)
    unit = {"day": Every(0, 1), "week": Every(0, 7), "year": YEAR}.get(str(said.get("interval")), Every(1, 0))
    return Every(unit.months * count, unit.days * count)


def common(found: Iterable[Every]) -> Every:
    """The time over which amounts are compared: the interval of all or, where they differ, a year."""
    different = set(found)
    return different.pop() if len(different) == 1 else YEAR


def times(one: Every, within: Every) -> Fraction:
    """How often an interval is within another one; a year of months has 365 days."""
    if one.months and within.months:
        return Fraction(within.months, one.months)
    return _days(within) / _days(one)


def _days(one: Every) -> Fraction:
    return Fraction(one.days) + Fraction(one.months * _DAYS_OF_A_YEAR, 12)
