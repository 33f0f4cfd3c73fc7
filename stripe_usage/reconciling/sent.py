"""What was sent, from the checkpoint that `record` writes; read only, also while an import runs."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, Protocol

from stripe_pricing.exact import exactly
from stripe_usage.checkpoint import ACCEPTED, CANCELED, SENDING, WAITING, check, dropped_of
from stripe_usage.comparing.rows import Used
from stripe_usage.comparing.tally import Event, Kind, Tally
from stripe_usage.errors import UsageError
from stripe_usage.events.dropped import Dropped, Why
from stripe_usage.events.periods import Period

CANCEL_SECONDS = 86400
"""How long after its receipt an event can be canceled."""


class Span(NamedTuple):
    """The times of the first and the last event of a customer, Unix seconds."""

    first: int
    last: int


class Record(Protocol):
    """What was sent to one meter."""

    def spans(self) -> dict[str, Span]:
        """The customers that were sent events, by id."""

    def unsent(self) -> int:
        """How many events wait to be sent."""

    def tally(self, now: int, into: Mapping[str, Sequence[Tally]]) -> None:
        """Adds all events to the tallies of their customers."""

    def used(self, customer: str, period: Period, now: int) -> Used | None:
        """What a customer's rows of a period come to; None where nobody knows."""

    def dropped(self, why: Mapping[str, Why]) -> list[Dropped]:
        """Which of its events those are that Stripe dropped, by identifier."""


class Sent:
    """A checkpoint. `settle` is how many seconds we expect Stripe to take to process an event."""

    def __init__(self, db: sqlite3.Connection, settle: int) -> None:
        self._db, self._settle = db, settle

    def spans(self) -> dict[str, Span]:
        """The customers that were sent events, by id."""
        rows = self._db.execute(
            "SELECT customer, MIN(timestamp), MAX(timestamp) FROM events WHERE state IN (?, ?, ?) GROUP BY customer",
            (ACCEPTED, SENDING, CANCELED),
        )
        return {customer: Span(first, last) for customer, first, last in rows}

    def unsent(self) -> int:
        """How many events wait to be sent."""
        (count,) = self._db.execute("SELECT COUNT(*) FROM events WHERE state = ?", (WAITING,)).fetchone()
        return int(count)

    def tally(self, now: int, into: Mapping[str, Sequence[Tally]]) -> None:
        """Adds all events to the tallies of their customers."""
        rows = self._db.execute(
            "SELECT number, customer, value, timestamp, state, sent_at FROM events WHERE state IN (?, ?, ?) ORDER BY number",
            (ACCEPTED, SENDING, CANCELED),
        )
        with exactly():
            for number, customer, value, timestamp, state, sent_at in rows:
                tallies = into.get(customer)
                if tallies is None:
                    continue
                kind = self._kind(state, now - (sent_at or 0))
                if kind is None:
                    continue
                event = Event(number, Decimal(value), timestamp, kind, state != SENDING)
                for tally in tallies:
                    tally.add(event)

    def used(self, customer: str, period: Period, now: int) -> None:
        """A checkpoint knows events, not the rows behind them."""

    def dropped(self, why: Mapping[str, Why]) -> list[Dropped]:
        """Which of its events those are that Stripe dropped, by identifier."""
        return dropped_of(self._db, why)

    def _kind(self, state: str, age: int) -> Kind | None:
        if state == CANCELED:
            return Kind.CANCELED if age <= CANCEL_SECONDS + self._settle else None
        if age <= self._settle:
            return Kind.YOUNG
        return Kind.SETTLED if state == ACCEPTED else Kind.UNSURE


@contextlib.contextmanager
def opened(path: Path, meter: str, settle: int) -> Iterator[Sent]:
    """The checkpoint of that meter. Raises `UsageError` where there is none, or it is another meter's."""
    if not path.is_file():
        raise UsageError(
            f"{path}: there is no checkpoint: nothing was recorded by this user on this machine; give another --checkpoint"
        )
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)) as db:
            check(db, path, meter)
            yield Sent(db, settle)
    except sqlite3.Error as e:
        raise UsageError(f"{path}: {e}; give another --checkpoint if it is not one") from None


def chosen(spans: Mapping[str, Span], customers: Collection[str]) -> list[str]:
    """The customers to look at: those named, else all that were sent something, in order of their ids."""
    return list(dict.fromkeys(customers)) or sorted(spans)
