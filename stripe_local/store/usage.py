"""Meter events and what they add up to, exactly.

A value is kept as an integer of `digits` and a `scale` (decimals): 1.25 is 125 at scale 2, 300 is 3 at scale -2. Sums are
formed per scale, of the upper and lower halves of `digits` separately, so a million values of 15 digits overflow nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

HALF = 10**8
_LAST = 2**62


@dataclass(frozen=True)
class Bound:
    """A point in a meter's time line: all events before `timestamp`, and those at it up to event `seq`.

    `seq` is -1 unless the point lies within a second, as when a period begins between two events. As a start, `received` leaves
    out what was received up to that event, whatever its timestamp; as an end, what was received after it.
    """

    timestamp: int
    seq: int = -1
    received: int | None = None


@dataclass(frozen=True)
class Event:
    """A meter event as received. `timestamp` is Unix seconds; `received_ms` the server's clock in milliseconds."""

    meter: str
    event_name: str
    customer: str
    identifier: str
    timestamp: int
    received_ms: int
    value: Decimal


class Usage:
    """Meter events of one scope, within a transaction. Events received after `visible_ms` are not aggregated yet."""

    def __init__(self, connection: sqlite3.Connection, scope: int, visible_ms: int) -> None:
        self.connection = connection
        self.scope = scope
        self.visible_ms = visible_ms

    def add(self, *events: Event) -> None:
        """Store events, in this order."""
        self.connection.executemany(
            "INSERT INTO meter_events (livemode, meter, event_name, customer, identifier, timestamp, received_ms, "
            "digits, scale) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    self.scope,
                    event.meter,
                    event.event_name,
                    event.customer,
                    event.identifier,
                    event.timestamp,
                    event.received_ms,
                    *_scaled(event.value),
                )
                for event in events
            ),
        )

    def received(self, identifiers: Sequence[str]) -> dict[str, int]:
        """When the latest event with each of these identifiers (a few hundred at most) was received; others are left out."""
        # Of the rows of a group SQLite takes `received_ms` from the one with the largest number.
        rows = self.connection.execute(
            f"SELECT identifier, received_ms, MAX(seq) FROM meter_events WHERE livemode = ? AND identifier IN "
            f"({', '.join('?' * len(identifiers))}) GROUP BY identifier",
            (self.scope, *identifiers),
        )
        return {identifier: received_ms for identifier, received_ms, _ in rows}

    def last_with(self, identifier: str) -> tuple[int, str, int] | None:
        """(seq, event_name, received_ms) of the latest event with this identifier, or None."""
        row: tuple[int, str, int] | None = self.connection.execute(
            "SELECT seq, event_name, received_ms FROM meter_events WHERE livemode = ? AND identifier = ? "
            "ORDER BY seq DESC LIMIT 1",
            (self.scope, identifier),
        ).fetchone()
        return row

    def cancel(self, seq: int) -> None:
        """Take an event out of all aggregates."""
        self.connection.execute("UPDATE meter_events SET canceled = 1 WHERE seq = ?", (seq,))

    def latest_seq(self) -> int:
        """The number of the event received last."""
        (seq,) = self.connection.execute("SELECT COALESCE(MAX(seq), 0) FROM meter_events").fetchone()
        return int(seq)

    def next_received_ms(self, meter: str, customer: str, after_ms: int, since: int) -> int | None:
        """When the first event after that moment was received, of those with a `timestamp` from `since` on; None without any.

        It is yet to come where time was set back.
        """
        (first,) = self.connection.execute(
            "SELECT MIN(received_ms) FROM meter_events WHERE meter = ? AND customer = ? AND timestamp >= ? AND received_ms > ?",
            (meter, customer, since, after_ms),
        ).fetchone()
        return None if first is None else int(first)

    def windows(self, meter: str, customer: str, seconds: int, start: int, end: int) -> list[int]:
        """The starts of the UTC windows of that length, from `start` to `end`, in which there are events."""
        rows = self.connection.execute(
            f"SELECT DISTINCT timestamp / {seconds} FROM meter_events WHERE meter = ? AND customer = ? "
            "AND timestamp >= ? AND timestamp < ? AND received_ms <= ? AND canceled = 0 ORDER BY 1",
            (meter, customer, start, end, self.visible_ms),
        )
        return [index * seconds for (index,) in rows]

    def aggregate(
        self, meter: str, customer: str, formula: str, window_seconds: int | None, start: Bound, end: Bound
    ) -> Decimal | None:
        """What the events of a customer add up to from `start` (inclusive) to `end` (exclusive).

        `formula` is sum, count or last. `window_seconds` (3600 or 86400, for a meter with an `event_time_window`)
        keeps only the most recently received event of each such UTC window. None when there are no events.
        """
        chosen = (
            "SELECT seq, timestamp, digits, scale FROM meter_events WHERE meter = ? AND customer = ? "
            "AND timestamp >= ? AND timestamp <= ? AND (timestamp, seq) > (?, ?) AND (timestamp, seq) <= (?, ?) "
            "AND seq > ? AND seq <= ? AND received_ms <= ? AND canceled = 0"
        )
        bindings: list[object] = [
            meter,
            customer,
            start.timestamp,
            end.timestamp,
            start.timestamp,
            start.seq,
            end.timestamp,
            end.seq,
            -1 if start.received is None else start.received,
            _LAST if end.received is None else end.received,
            self.visible_ms,
        ]
        if window_seconds is not None:
            chosen = f"SELECT MAX(seq) AS seq, timestamp, digits, scale FROM ({chosen}) GROUP BY timestamp / {window_seconds}"
        if formula == "count":
            (count,) = self.connection.execute(f"SELECT COUNT(*) FROM ({chosen})", bindings).fetchone()
            return Decimal(count) if count else None
        if formula == "last":
            row = self.connection.execute(
                f"SELECT digits, scale FROM ({chosen}) ORDER BY timestamp DESC, seq DESC LIMIT 1", bindings
            ).fetchone()
            return None if row is None else Decimal(row[0]).scaleb(-row[1])
        rows = self.connection.execute(
            f"SELECT scale, SUM(digits / {HALF}), SUM(digits % {HALF}) FROM ({chosen}) GROUP BY scale", bindings
        ).fetchall()
        if not rows:
            return None
        return total(rows)


def total(rows: list[tuple[int, int, int]]) -> Decimal:
    """The sum over (scale, sum of the upper halves, sum of the lower halves) of some values; there must be one."""
    most = max(scale for scale, _, _ in rows)
    return _decimal(sum((high * HALF + low) * 10 ** (most - scale) for scale, high, low in rows), most)


def _scaled(value: Decimal) -> tuple[int, int]:
    """(digits, scale) without trailing zeros, so that `digits` stays small whatever the scale."""
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    kept = text.rstrip("0")
    return int(kept or "0") * (-1 if sign else 1), -(exponent + len(text) - len(kept)) if kept else 0


def _decimal(number: int, scale: int) -> Decimal:
    # The context's precision (28 digits) would round a large sum; the constructor never does.
    return Decimal((int(number < 0), tuple(map(int, str(abs(number)))), -scale))
