"""How the changes of bills are spread: few steps of equal, round width. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import stripe_pricing
from stripe_impact.computing.impact import Impact

MOST = 6
"""How many steps there are at most, up from zero and down."""


@dataclass(frozen=True)
class Step:
    """The bills that change by more than `low` and at most `high` minor units (both below 0: downwards); both 0: not at all."""

    low: int
    high: int
    count: int


@dataclass(frozen=True)
class Spread:
    """The steps of one currency, from the greatest decrease to the greatest increase. `would` says that no bill changes, and that
    the changes shown are those if everybody moved."""

    currency: str
    would: bool
    steps: tuple[Step, ...]

    def label(self, step: Step) -> str:
        """The step in words: "+0.20 to +0.40 USD"."""
        if step.low == step.high == 0:
            return "no change"
        inner, outer = (stripe_pricing.signed(v, self.currency) for v in (step.low, step.high))
        return f"{inner.rpartition(' ')[0]} to {outer}"


def spread(impact: Impact) -> Spread | None:
    """The spread of the currency that most customers pay in; None where no bill changes, or would, or there are too few."""
    if not impact.totals or impact.totals[0].medians is None:
        return None
    currency = impact.totals[0].currency
    bills = [b for b in impact.bills if b.currency == currency]
    changes = [b.change for b in bills]
    would = not any(changes)
    if would:
        changes = [b.if_moved - b.before for b in bills]
    if not any(changes):
        return None
    return Spread(currency, would, tuple(steps(changes)))


def steps(changes: Sequence[int]) -> list[Step]:
    """The steps from the least change to the greatest, empty ones between them included."""
    width = _width(max((abs(c) for c in changes), default=0))
    counts: dict[int, int] = {}
    for change in changes:
        # The number of the step: 1 for (0, width], -1 for [-width, 0), 0 for no change.
        number = -(-abs(change) // width) * (1 if change > 0 else -1)
        counts[number] = counts.get(number, 0) + 1
    numbers = range(min(counts), max(counts) + 1) if counts else range(0)
    return [Step(_inner(n) * width, n * width, counts.get(n, 0)) for n in numbers if n or 0 in counts]


def _inner(number: int) -> int:
    return number - 1 if number > 0 else number + 1 if number < 0 else 0


def _width(largest: int) -> int:
    """1, 2 or 5 times a power of ten."""
    unit = 1
    while True:
        for factor in (1, 2, 5):
            if largest <= MOST * factor * unit:
                return factor * unit
        unit *= 10
