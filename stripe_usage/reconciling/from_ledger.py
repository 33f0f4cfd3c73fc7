"""What was sent, from the ledger that `aggregate` writes; read only, also while a run sends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from stripe_pricing.exact import exactly
from stripe_usage.comparing.rows import Read, Used
from stripe_usage.comparing.tally import Event, Kind, Tally
from stripe_usage.events.dropped import Dropped, Why
from stripe_usage.events.periods import Period
from stripe_usage.ledger.revisions import State
from stripe_usage.ledger.store import Ledger, Written

from .raw import NOTHING, Raw
from .sent import Span


class FromLedger:
    """The ledger's side of one meter. `settle` is how many seconds we expect Stripe to take to process an event, `sources` are
    read once more."""

    def __init__(self, ledger: Ledger, meter: str, settle: int, sources: Sequence[Raw] = ()) -> None:
        self._ledger, self._meter, self._settle, self._sources = ledger, meter, settle, sources

    def spans(self) -> dict[str, Span]:
        """As `Record.spans`."""
        found: dict[str, Span] = {}
        for one in self._ledger.entries(self._meter):
            known = found.get(one.customer, Span(one.timestamp, one.timestamp))
            found[one.customer] = Span(min(known.first, one.timestamp), max(known.last, one.timestamp))
        return found

    def unsent(self) -> int:
        """As `Record.unsent`."""
        return sum(self._ledger.due_count(feed)[0] for feed in self._ledger.feeds() if feed.meter == self._meter)

    def tally(self, now: int, into: Mapping[str, Sequence[Tally]]) -> None:
        """As `Record.tally`."""
        with exactly():
            for one in self._ledger.entries(self._meter):
                event = Event(one.number, one.value, one.timestamp, self._kind(one, now), one.state is State.ACCEPTED)
                for tally in into.get(one.customer, ()):
                    tally.add(event)

    def dropped(self, why: Mapping[str, Why]) -> list[Dropped]:
        """As `Record.dropped`."""
        ours = [(one, why[one.identifier]) for one in self._ledger.entries(self._meter) if one.identifier in why]
        return [Dropped(one.identifier, reason.said, "", 0) for one, reason in ours if one.tried_at < reason.at]

    def _kind(self, one: Written, now: int) -> Kind:
        if now - (one.answered_at or one.tried_at) <= self._settle:
            return Kind.YOUNG
        return Kind.SETTLED if one.state is State.ACCEPTED else Kind.UNSURE

    def used(self, customer: str, period: Period, now: int) -> Used:
        """As `Record.used`."""
        rows, value, billed, why = 0, Decimal(0), Decimal(0), Counter[str]()
        again, newer, read_again = NOTHING, 0, {raw.source for raw in self._sources}
        with exactly():
            for feed, window, held in self._ledger.windows(self._meter, customer, period):
                rows, value, billed = rows + window.rows, value + window.value, billed + window.billed
                if window.change:
                    why[held or "it is not sent yet"] += 1
                if feed.source not in read_again:
                    again = Read(again.rows + window.rows, again.value + window.value)
            for raw in self._sources:
                found = raw.look(period, now)
                there = found.customers.get(customer, NOTHING)
                again = Read(again.rows + there.rows, again.value + there.value)
                newer += found.newer.get(customer, 0)
        reasons = "; ".join(f"{reason} ({count:,})" for reason, count in why.items())
        return Used(rows, value, billed, reasons, again if self._sources else None, newer)
