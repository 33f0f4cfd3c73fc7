"""What a ledger has, and how it is written, for one writer at a time. docs/ledger.md describes it for its readers.

A revision is in it, and on the disk, before it is sent, and again when Stripe has answered. What Stripe recognises by an
identifier is the revision, not its value: a revision that a dead machine forgot could never be told from a corrected one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import NamedTuple

from stripe_sources.aggregates import Aggregate
from stripe_usage.errors import UsageError
from stripe_usage.events.identifiers import of_window
from stripe_usage.events.periods import Period
from stripe_usage.events.values import text_of, time_text

from . import places
from .revisions import SECONDS, Entry, Kind, State, Window

READ, PAGE = 10_000, 1000
"""How many windows are compared and kept together, and how many of those that are due are looked at together."""

_SCHEMA = """
CREATE TABLE feeds (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    meter TEXT NOT NULL,
    event_name TEXT NOT NULL,
    "window" TEXT NOT NULL,
    begins INTEGER NOT NULL,
    UNIQUE (source, meter)
);
CREATE TABLE windows (
    id INTEGER PRIMARY KEY,
    feed INTEGER NOT NULL,
    customer TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    value TEXT NOT NULL,
    rows INTEGER NOT NULL,
    billed TEXT NOT NULL DEFAULT '0',
    revision INTEGER NOT NULL DEFAULT 0,
    held TEXT,
    UNIQUE (feed, customer, start)
);
CREATE INDEX due ON windows (feed, id) WHERE value <> billed;
CREATE TABLE entries (
    number INTEGER PRIMARY KEY,
    "window" INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL,
    identifier TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL,
    billed TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    state TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    tried_at INTEGER NOT NULL,
    answered_at INTEGER,
    reason TEXT,
    invoice TEXT,
    UNIQUE ("window", revision)
);
CREATE INDEX unanswered ON entries ("window") WHERE state IN ('sending', 'unsure');
CREATE TABLE closed (source TEXT NOT NULL, month TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (source, month))
"""

_WINDOW = 'w.id, w.customer, w.start, w."end", w.value, w.rows, w.billed, w.revision'
_WRITTEN = (
    'e.number, e."window", e.revision, e.kind, e.identifier, e.value, e.billed, e.timestamp, e.state, e.sent_at, '
    "e.tried_at, e.answered_at, e.reason, e.invoice, w.customer, w.start"
)


class Feed(NamedTuple):
    """A source on one meter. `window` is hour or day; nothing before `begins` was ever read."""

    id: int
    source: str
    meter: str
    event_name: str
    window: str
    begins: int


class Written(NamedTuple):
    """A revision in the ledger; `sent_at` is when it was sent first, `tried_at` when last, `start` its window's."""

    number: int
    window: int
    revision: int
    kind: Kind
    identifier: str
    value: Decimal
    billed: Decimal
    timestamp: int
    state: State
    sent_at: int
    tried_at: int
    answered_at: int | None
    reason: str | None
    invoice: str | None
    customer: str
    start: int


class Changes(NamedTuple):
    """What was read, against what the ledger had: windows in all, those that are new, have another value, or lost all rows."""

    windows: int
    new: int
    changed: int
    gone: int


class Ledger:
    """The ledger. The next `commit` keeps what was written."""

    def __init__(self, db: places.Database, place: str, *, keep: bool) -> None:
        self.name = places.name_of(place)
        self._db, self._keep = db, keep
        self._last: int = db.execute("SELECT COALESCE(MAX(number), 0) FROM entries").fetchone()[0]

    def commit(self) -> None:
        """Keep what was written, unless it is only tried."""
        if self._keep:
            self._db.commit()

    # -- feeds and months

    def feed(self, source: str, meter: str, event_name: str, window: str, begins: int) -> Feed:
        """That source on that meter. Raises `UsageError` where it was billed by other windows: its rows would count twice."""
        self._db.execute(
            'INSERT INTO feeds (source, meter, event_name, "window", begins) VALUES (?, ?, ?, ?, ?) '
            "ON CONFLICT (source, meter) DO UPDATE SET event_name = excluded.event_name, "
            "begins = CASE WHEN excluded.begins < feeds.begins THEN excluded.begins ELSE feeds.begins END",
            (source, meter, event_name, window, begins),
        )
        found = next(feed for feed in self.feeds(source) if feed.meter == meter)
        if found.window != window:
            raise UsageError(
                f"{source}: window: {self.name} has it by the {found.window}, and by the {window} its rows would be billed twice"
                "; keep the window, or give the source another name and begin where this one ends"
            )
        return found

    def feeds(self, source: str | None = None) -> list[Feed]:
        """All of them, or those of one source."""
        found = self._db.execute('SELECT id, source, meter, event_name, "window", begins FROM feeds ORDER BY source, event_name')
        return [feed for feed in map(Feed._make, found) if source is None or feed.source == source]

    def close(self, source: str, month: str, now: int) -> None:
        """Nothing of that month is sent any more."""
        self._db.execute("INSERT INTO closed VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (source, month, now))

    def closed(self, source: str) -> dict[str, int]:
        """The months that are closed, and since when."""
        return dict(self._db.execute("SELECT month, at FROM closed WHERE source = ?", (source,)))

    # -- rows

    def take_in(self, feed: Feed, aggregates: Iterable[Aggregate], period: Period) -> Changes:
        """What the rows of a period add up to now. A window that is not among them any more has no rows.

        Raises `UsageError` where they are not in order of customer and start, or not windows of the feed: one of them could be
        taken for gone, or billed twice.
        """
        windows = new = changed = gone = 0
        after = ("", -1)
        found = iter(aggregates)
        while chunk := list(islice(found, READ)):
            before = after
            for one in chunk:
                _check(feed, one, after, period)
                after = (one.customer, one.start)
            known = self._between(feed, before, after, period)
            fresh, other = [], []
            for one in chunk:
                id, *had = known.pop((one.customer, one.start), (None,))
                value = text_of(one.value)
                if id is None:
                    fresh.append((feed.id, one.customer, one.start, one.end, value, one.rows))
                elif had != [value, one.rows]:
                    other.append((value, one.rows, id))
                    changed += had[0] != value
            left = [id for id, _, rows in known.values() if rows]
            insert = 'INSERT INTO windows (feed, customer, start, "end", value, rows) VALUES (?, ?, ?, ?, ?, ?)'
            self._db.executemany(insert, fresh)
            self._db.executemany("UPDATE windows SET value = ?, rows = ? WHERE id = ?", other)
            self._db.executemany("UPDATE windows SET value = '0', rows = 0 WHERE id = ?", ((id,) for id in left))
            windows, new, gone = windows + len(chunk), new + len(fresh), gone + len(left)
            self.commit()
        gone += self._db.execute(
            "UPDATE windows SET value = '0', rows = 0 "
            "WHERE feed = ? AND (customer, start) > (?, ?) AND start >= ? AND start < ? AND rows > 0",
            (feed.id, *after, *period),
        ).rowcount
        return Changes(windows, new, changed, gone)

    def _between(
        self, feed: Feed, after: tuple[str, int], upto: tuple[str, int], period: Period
    ) -> dict[tuple[str, int], tuple[int, str, int]]:
        rows = self._db.execute(
            "SELECT customer, start, id, value, rows FROM windows "
            "WHERE feed = ? AND (customer, start) > (?, ?) AND (customer, start) <= (?, ?) AND start >= ? AND start < ?",
            (feed.id, *after, *upto, *period),
        )
        return {(customer, start): (id, value, count) for customer, start, id, value, count in rows}

    # -- what is to be done

    def due(self, feed: Feed) -> Iterator[Window]:
        """Windows whose value is not what was billed, but for those of which a revision has no known answer."""
        after = 0
        while True:
            rows = self._db.execute(
                f"SELECT {_WINDOW} FROM windows w WHERE feed = ? AND value <> billed AND id > ? "
                "AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.\"window\" = w.id AND e.state IN ('sending', 'unsure')) "
                "ORDER BY id LIMIT ?",
                (feed.id, after, PAGE),
            ).fetchall()
            if not rows:
                return
            yield from map(_window, rows)
            after = rows[-1][0]

    def due_count(self, feed: Feed) -> tuple[int, int]:
        """How many windows have a value that is not what was billed, and when the first of them begins."""
        query = "SELECT COUNT(*), COALESCE(MIN(start), 0) FROM windows WHERE feed = ? AND value <> billed"
        count, first = self._db.execute(query, (feed.id,)).fetchone()
        return int(count), int(first)

    def customers_due(self, feed: Feed) -> list[str]:
        """Those to whom something may be sent: of such windows, and of revisions without a known answer."""
        query = (
            "SELECT customer FROM windows WHERE feed = ? AND value <> billed UNION SELECT customer "
            "FROM windows w JOIN entries e ON e.\"window\" = w.id WHERE feed = ? AND state IN ('sending', 'unsure')"
        )
        return [customer for (customer,) in self._db.execute(query, (feed.id, feed.id))]

    def read_until(self, feed: Feed) -> int:
        """When the last window of the feed ends."""
        (end,) = self._db.execute('SELECT COALESCE(MAX("end"), 0) FROM windows WHERE feed = ?', (feed.id,)).fetchone()
        return int(end)

    def unanswered(self, feed: Feed) -> list[Written]:
        """Revisions of which nobody knows whether Stripe counted them."""
        return list(self._entries("w.feed = ? AND e.state IN ('sending', 'unsure') ORDER BY e.number", feed.id))

    def counted(self, meter: str, customer: str, period: Period) -> list[Written]:
        """The revisions that Stripe accepted, of all sources, with times in that period; in the order of sending."""
        where = (
            "f.meter = ? AND w.customer = ? AND e.timestamp >= ? AND e.timestamp < ? AND e.state = 'accepted' ORDER BY e.number"
        )
        return list(self._entries(where, meter, customer, *period))

    def entries(self, meter: str) -> Iterator[Written]:
        """The revisions that Stripe has, or may have, of one meter, in the order of sending."""
        return self._entries("f.meter = ? AND e.state IN ('accepted', 'sending', 'unsure') ORDER BY e.number", meter)

    def revisions(self, window: int) -> list[Written]:
        """All revisions of a window, in order."""
        return list(self._entries('e."window" = ? ORDER BY e.revision', window))

    def windows(self, meter: str, customer: str | None, period: Period) -> Iterator[tuple[Feed, Window, str | None]]:
        """The windows of a meter that begin in a period, with why a change of theirs is not sent; of one customer, or of all."""
        feeds = {feed.id: feed for feed in self.feeds()}
        rows = self._db.stream(
            f"SELECT {_WINDOW}, w.held, w.feed FROM feeds f JOIN windows w ON w.feed = f.id "
            f"WHERE f.meter = ? AND w.start >= ? AND w.start < ? {'AND w.customer = ?' if customer else ''} "
            "ORDER BY w.feed, w.customer, w.start",
            (meter, *period, *([customer] if customer else [])),
        )
        for *window, held, feed in rows:
            yield feeds[feed], _window(tuple(window)), held

    def find(self, identifier: str) -> Written | None:
        """The revision of that identifier."""
        return next(self._entries("e.identifier = ?", identifier), None)

    def _entries(self, where: str, *bindings: object) -> Iterator[Written]:
        tables = 'feeds f JOIN windows w ON w.feed = f.id JOIN entries e ON e."window" = w.id'
        return map(_written, self._db.stream(f"SELECT {_WRITTEN} FROM {tables} WHERE {where}", bindings))

    # -- revisions

    def number(self) -> int:
        """The next revision's number."""
        self._last += 1
        return self._last

    def sending(self, feed: Feed, entries: Iterable[tuple[int, Window, Entry]], now: int) -> None:
        """These revisions are about to be sent for the first time."""
        self._add(feed, entries, State.SENDING, now)

    def sending_again(self, numbers: Iterable[int], now: int) -> None:
        """These are about to be sent once more."""
        self._db.executemany("UPDATE entries SET tried_at = ? WHERE number = ?", ((now, number) for number in numbers))

    def noted(self, feed: Feed, window: Window, entry: Entry, now: int) -> None:
        """That revision is written down for a credit."""
        number = self.number()
        self._add(feed, [(number, window, entry)], State.NOTED, now)
        self._decided([number])

    def _add(self, feed: Feed, entries: Iterable[tuple[int, Window, Entry]], state: State, now: int) -> None:
        # A revision that Stripe refused is made anew: it was not counted, and the rows may have changed since.
        rows = []
        for number, window, entry in entries:
            revision, identifier = window.revision + 1, self.identifier(feed, window)
            billed = text_of(entry.billed)
            rows.append(
                (number, window.id, revision, entry.kind, identifier, entry.value, billed, entry.timestamp, state, now, now)
            )
        refused = "DELETE FROM entries WHERE identifier = ? AND state = 'refused'"
        self._db.executemany(refused, [(identifier,) for *_, identifier, _, _, _, _, _, _ in rows])
        self._db.executemany(
            "INSERT INTO entries "
            '(number, "window", revision, kind, identifier, value, billed, timestamp, state, sent_at, tried_at) '
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    @staticmethod
    def identifier(feed: Feed, window: Window) -> str:
        """The identifier of a window's next revision."""
        return of_window(feed.source, feed.meter, window.customer, window.start, window.end, window.revision + 1)

    def accepted(self, numbers: Sequence[int], now: int) -> None:
        """Stripe has them."""
        self._db.executemany(
            "UPDATE entries SET state = 'accepted', answered_at = ?, reason = NULL WHERE number = ?",
            ((now, number) for number in numbers),
        )
        self._decided(numbers)

    def _decided(self, numbers: Sequence[int]) -> None:
        self._db.executemany(
            "UPDATE windows SET billed = e.billed, revision = e.revision, held = NULL "
            'FROM entries e WHERE e.number = ? AND windows.id = e."window"',
            ((number,) for number in numbers),
        )

    def refused(self, number: int, reason: str) -> None:
        """Stripe does not take it, and never had it."""
        self._db.execute("UPDATE entries SET state = 'refused', reason = ? WHERE number = ?", (reason, number))
        self._db.execute(
            'UPDATE windows SET held = ? FROM entries e WHERE e.number = ? AND windows.id = e."window"',
            (f"Stripe refused it: {reason}", number),
        )

    def unsure(self, number: int, reason: str) -> None:
        """Whether Stripe counted it can be told from its summaries at most."""
        self._db.execute("UPDATE entries SET state = 'unsure', reason = ? WHERE number = ?", (reason, number))

    def lost(self, number: int) -> None:
        """It never arrived."""
        self._db.execute("UPDATE entries SET state = 'lost', reason = NULL WHERE number = ?", (number,))
        self._db.execute(
            'UPDATE windows SET revision = e.revision FROM entries e WHERE e.number = ? AND windows.id = e."window"', (number,)
        )

    def not_sent(self, numbers: Iterable[int]) -> None:
        """Sending them for the first time failed, and Stripe certainly did not count them."""
        self._db.executemany("DELETE FROM entries WHERE number = ?", ((number,) for number in numbers))

    def hold(self, window: Window, why: str) -> None:
        """Why a window's change is not sent."""
        self._db.execute("UPDATE windows SET held = ? WHERE id = ? AND COALESCE(held, '') <> ?", (why, window.id, why))

    def invoiced(self, meter: str, customer: str, period: Period, invoice: str) -> None:
        """The invoice that has what was sent with times in that period."""
        self._db.execute(
            "UPDATE entries SET invoice = ? WHERE state = 'accepted' AND timestamp >= ? AND timestamp < ? "
            "AND COALESCE(invoice, '') <> ? "
            'AND "window" IN (SELECT w.id FROM feeds f JOIN windows w ON w.feed = f.id WHERE f.meter = ? AND w.customer = ?)',
            (invoice, *period, invoice, meter, customer),
        )


def _check(feed: Feed, one: Aggregate, after: tuple[str, int], period: Period) -> None:
    seconds = SECONDS[feed.window]
    what = f"{feed.source}: {one.event_name}: {one.customer} at {time_text(one.start)}"
    if (one.customer, one.start) <= after:
        raise UsageError(
            f"{what}: comes after {after[0]} at {time_text(after[1])}; windows must be in order of customer and time"
        )
    if one.start % seconds or one.end - one.start != seconds or not period.start <= one.start < period.end:
        raise UsageError(f"{what}: is not one {feed.window} of the time asked for, in UTC")


def _window(row: tuple[int, str, int, int, str, int, str, int]) -> Window:
    id, customer, start, end, value, rows, billed, revision = row
    return Window(id, customer, start, end, Decimal(value), rows, Decimal(billed), revision)


def _written(row: Sequence[object]) -> Written:
    found = Written._make(row)
    return found._replace(
        kind=Kind(found.kind), value=Decimal(found.value), billed=Decimal(found.billed), state=State(found.state)
    )


@contextlib.contextmanager
def opened(place: str, *, keep: bool = True) -> Iterator[Ledger]:
    """The ledger in that file or at that address, made if there is none; nothing is kept with `keep` False.

    Waits while somebody else writes. Raises `UsageError` where what is there is not a ledger of this version.
    """
    with places.writing(place, _SCHEMA, keep=keep) as db:
        yield Ledger(db, place, keep=keep)


@contextlib.contextmanager
def reading(place: str) -> Iterator[Ledger]:
    """The ledger, to be looked at, also while somebody writes. Raises `UsageError` where there is none."""
    with places.reading(place) as db:
        yield Ledger(db, place, keep=False)
