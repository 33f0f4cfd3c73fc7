"""What the events that were sent add up to, by the meter's formula, and what Stripe may say for the time being. Pure.

Stripe counts an event some time after it took it. So some events are open: those sent a moment ago, those whose answer is
unknown, and those that were canceled so recently that they may still be counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from stripe_pricing.exact import exactly
from stripe_usage.events.periods import DAY, HOUR, Period

_Counts = Callable[[bool, bool], bool]


class Kind(Enum):
    """How sure it is that Stripe counts an event."""

    SETTLED = "settled"
    YOUNG = "young"
    """Sent, or under way, so recently that it need not be counted yet."""
    UNSURE = "unsure"
    """Its answer has long been unknown."""
    CANCELED = "canceled"
    """Taken back, so recently that it may still be counted."""


class Event(NamedTuple):
    """An event that was sent; `number` is its place in the order of sending, `answered` whether Stripe said that it has it."""

    number: int
    value: Decimal
    timestamp: int
    kind: Kind
    answered: bool = True


@dataclass(frozen=True)
class Amount:
    """What events add up to. `sent` is that of all that Stripe accepted and nobody canceled."""

    sent: Decimal
    events: int
    low: Decimal
    high: Decimal
    candidates: frozenset[Decimal] | None
    """What Stripe may say for the time being: one of these, or else anything from `low` to `high`."""
    young: int = 0
    unsure: int = 0
    canceled: int = 0

    def possible(self, value: Decimal) -> bool:
        """Whether Stripe may say so, with some of the open events counted and others not."""
        return value in self.candidates if self.candidates is not None else self.low <= value <= self.high

    @property
    def resolves(self) -> bool:
        """Whether time will settle the open events."""
        return bool(self.young or self.canceled)


class Tally:
    """Adds up the events of one customer in one period. `window` is the meter's `event_time_window`.

    `sum` adds values, `count` counts events, `last` takes the value with the latest timestamp, among equal ones that sent last.
    With a window only the event that was sent last in each such hour or day counts.
    """

    def __init__(self, formula: str, period: Period, window: str | None = None) -> None:
        self.period = period
        self._formula = formula
        self._seconds = {"hour": HOUR, "day": DAY}[window] if window else None
        self._counts = dict.fromkeys(Kind, 0)
        self._sent_sum = self._sure = self._above = self._below = Decimal(0)
        self._sent = 0
        self._latest: dict[tuple[int, bool, bool], Event] = {}
        """The event that counts, by window (0 without one), whether it is accepted, and whether it is settled."""
        self._open: set[Decimal] = set()

    def add(self, event: Event) -> bool:
        """Adds the event if it falls in the period, and says whether it does. Call it within `exactly`."""
        if not self.period.start <= event.timestamp < self.period.end:
            return False
        self._counts[event.kind] += 1
        accepted = event.answered and event.kind is not Kind.CANCELED
        self._sent += accepted
        if self._formula == "last" or self._seconds:
            self._keep(event, accepted)
            return True
        value = Decimal(1) if self._formula == "count" else event.value
        if accepted:
            self._sent_sum += value
        if event.kind is Kind.SETTLED:
            self._sure += value
        elif value > 0:
            self._above += value
        else:
            self._below += value
        return True

    def amount(self) -> Amount:
        """What they add up to."""
        counts = self._counts
        open_ = {"young": counts[Kind.YOUNG], "unsure": counts[Kind.UNSURE], "canceled": counts[Kind.CANCELED]}
        with exactly():
            if self._formula != "last" and not self._seconds:
                low, high = self._sure + self._below, self._sure + self._above
                return Amount(self._sent_sum, self._sent, low, high, None, **open_)
            sure = self._of(lambda accepted, settled: settled)
            sent = self._of(lambda accepted, settled: accepted)
            most = self._of(lambda accepted, settled: True)
        low, high = min(sure, sent, most), max(sure, sent, most)
        candidates = frozenset({sure, sent, most, *self._open}) if self._formula == "last" else None
        return Amount(sent, self._sent, low, high, candidates, **open_)

    def _keep(self, event: Event, accepted: bool) -> None:
        settled = event.kind is Kind.SETTLED
        slot = (event.timestamp // self._seconds if self._seconds else 0, accepted, settled)
        before = self._latest.get(slot)
        if before is None or self._rank(event) > self._rank(before):
            self._latest[slot] = event
        if self._formula == "last" and not settled:
            self._open.add(event.value)

    def _rank(self, event: Event) -> tuple[int, int]:
        return (0, event.number) if self._seconds else (event.timestamp, event.number)

    def _of(self, counts: _Counts) -> Decimal:
        """The formula over the events that count."""
        chosen: dict[int, Event] = {}
        for (window, accepted, settled), event in self._latest.items():
            known = chosen.get(window)
            if counts(accepted, settled) and (known is None or self._rank(event) > self._rank(known)):
                chosen[window] = event
        if not chosen:
            return Decimal(0)
        if self._formula == "count":
            return Decimal(len(chosen))
        if self._formula == "last":
            return max(chosen.values(), key=lambda event: (event.timestamp, event.number)).value
        return sum((event.value for event in chosen.values()), Decimal(0))
