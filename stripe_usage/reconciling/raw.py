"""The rows of a source, read once more, against what the ledger has of them."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple

from stripe_pricing.exact import exactly
from stripe_usage.comparing.rows import Read
from stripe_usage.errors import UsageError
from stripe_usage.events.periods import Period
from stripe_usage.ledger.described import Described
from stripe_usage.ledger.revisions import SECONDS
from stripe_usage.ledger.store import Ledger

NOTHING = Read(0, Decimal(0))


class Found(NamedTuple):
    """What the rows of a source on one meter come to: of each customer, and of each window of the customers asked for.

    `newer` counts rows of windows that the ledger was never read for.
    """

    customers: dict[str, Read]
    windows: dict[tuple[str, int], Read]
    newer: dict[str, int]


class Raw:
    """The rows of a source on one meter. Raises `UsageError` where the ledger has none of them."""

    def __init__(self, described: Described, ledger: Ledger, meter: str, detail: Collection[str]) -> None:
        feed = next((feed for feed in ledger.feeds(described.name) if feed.meter == meter), None)
        if feed is None:
            raise UsageError(f"--rows: {ledger.name} has nothing of {described.name} on this meter")
        self.source = described.name
        self._described, self._feed, self._until, self._detail = described, feed, ledger.read_until(feed), detail
        self._found: dict[Period, Found] = {}

    def look(self, period: Period, now: int) -> Found:
        """Those of the windows that begin in a period and are over."""
        seconds = SECONDS[self._feed.window]
        first, last = max(period.start, self._feed.begins), min(period.end, now - now % seconds)
        whole = Period(first + -first % seconds, last + -last % seconds)
        if whole not in self._found:
            self._found[whole] = self._read(whole) if whole.start < whole.end else Found({}, {}, {})
        return self._found[whole]

    def _read(self, whole: Period) -> Found:
        found = Found({}, {}, {})
        with exactly():
            for one in self._described.aggregates(whole):
                if one.event_name != self._feed.event_name:
                    continue
                if one.start >= self._until:
                    found.newer[one.customer] = found.newer.get(one.customer, 0) + one.rows
                    continue
                so_far = found.customers.get(one.customer, NOTHING)
                found.customers[one.customer] = Read(so_far.rows + one.rows, so_far.value + one.value)
                if one.customer in self._detail:
                    found.windows[one.customer, one.start] = Read(one.rows, one.value)
        return found
