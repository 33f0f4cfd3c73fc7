"""A customer's usage over time. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from stripe_pricing.exact import exactly
from stripe_usage.events.periods import DAY, HOUR, Period


class Window(NamedTuple):
    """An hour, a day or a whole period (Unix seconds, `end` excluded), and what the meter says of it."""

    start: int
    end: int
    value: Decimal


@dataclass(frozen=True)
class Series:
    """What a customer used in a period. `windows` are those with usage, in chronological order."""

    customer: str
    formula: str
    period: Period
    by: str
    """hour, day or total"""
    windows: tuple[Window, ...]

    @property
    def total(self) -> Decimal:
        """For the whole period: the sum of the windows, or the last value where the meter takes that; 0 without usage."""
        if self.formula == "last":
            return self.windows[-1].value if self.windows else Decimal(0)
        with exactly():
            return sum((w.value for w in self.windows), Decimal(0))

    def every_window(self) -> Iterator[Window]:
        """All windows of the period; those without usage have 0, or, where the meter takes the last value, the one before."""
        if self.by == "total":
            yield Window(*self.period, self.total)
            return
        known, carried = {w.start: w.value for w in self.windows}, Decimal(0)
        step = HOUR if self.by == "hour" else DAY
        for start in range(self.period.start, self.period.end, step):
            value = known.get(start, carried)
            if self.formula == "last":
                carried = value
            yield Window(start, start + step, value)


def label(moment: int, by: str) -> str:
    """What a window is called: 2026-11-24, or 2026-11-24 10:00, in UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d" if by == "day" else "%Y-%m-%d %H:%M")
