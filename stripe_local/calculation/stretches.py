"""What a subscription is charged for: stretches of time, each a share of a period's price.

https://docs.stripe.com/billing/subscriptions/prorations, https://docs.stripe.com/billing/subscriptions/backdating

Moments are Unix seconds, shares are exact to the second. Where Stripe does not say which period a stretch is a share of, it is
the one of the subscription's own dates that contains the stretch's start (`rest`).
"""

from __future__ import annotations

from dataclasses import dataclass

from .periods import Grid


@dataclass(frozen=True)
class Stretch:
    """The time from `start` to `end` (excluded). It costs `part` of `whole` (seconds) of a period's price."""

    start: int
    end: int
    part: int
    whole: int

    @property
    def partial(self) -> bool:
        """Whether it costs anything but a period's price."""
        return self.part != self.whole

    def until(self, end: int | None) -> Stretch:
        """The stretch, ended early where `end` lies within it."""
        if end is None or end >= self.end:
            return self
        end = max(end, self.start)
        return Stretch(self.start, end, self.part - (self.end - end), self.whole)


def rest(grid: Grid, start: int) -> Stretch:
    """What is left, at `start`, of the period that contains it: the whole one where it begins then."""
    first, last = grid.period(start)
    return Stretch(start, last, last - start, last - first)


def opening(grid: Grid, start: int, now: int, *, classic: bool) -> list[Stretch]:
    """What a subscription that is made `now` and starts then or earlier has been, or is, in: the last one contains `now`.

    Flexible billing counts each period by itself. Classic billing takes the past together, and counts intervals that begin at
    the backdated start.
    """
    if not classic or start == now:
        found = [rest(grid, start)]
        while found[-1].end <= now:
            found.append(rest(grid, found[-1].end))
        return found
    first, last = grid.period(now)
    if grid.anchor > now or start >= first:
        return [_from_backdated(grid, start, last)]
    return [_from_backdated(grid, start, first), rest(grid, first)]


def _from_backdated(grid: Grid, start: int, end: int) -> Stretch:
    own = Grid(start, grid.interval, grid.count)
    intervals = own.number(end)
    whole = own.date(intervals + 1) - own.date(intervals)
    return Stretch(start, end, intervals * whole + end - own.date(intervals), whole)
