"""Stored events, and whom each has still to be sent to.

An event is one row: what Stripe calls a snapshot event and its thin twin are the same row, told apart by how it is shown.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .objects import Body, Condition, Where, dump, load

_SELECT = (
    "SELECT seq, key, type, created, body, (SELECT COUNT(*) FROM deliveries WHERE event = seq), "
    "COALESCE(shown, (SELECT first.shown FROM events AS first WHERE first.seq = events.shown_by)) FROM events"
)
_COLUMNS = ("seq", "type", "created", "object")

DELIVERED = "delivered"
"""A field to find events by: 1 where no endpoint still waits for it or was given up, else 0."""


@dataclass(frozen=True)
class New:
    """An event to be stored."""

    key: str
    """What its ids have in common."""
    type: str
    created: int
    body: Body
    about: str
    """The id of the object that it is about, or nothing."""
    endpoints: Sequence[str]
    """Whom to send it to."""
    shown: Body | None
    """The object that it shows."""
    shown_by: int | None = None
    """Which of the events that are stored with it shows the same object, which is kept once; the first one is 0."""


class Events:
    """The events of one scope, within a transaction.

    Each is read as a body with `id` (what its ids have in common), `type`, `created`, `pending` (how many endpoints have not
    taken it), and what `add` was given.
    """

    def __init__(self, connection: sqlite3.Connection, scope: int) -> None:
        self.connection = connection
        self.scope = scope

    def add(self, events: Sequence[New]) -> None:
        """Store events, and that they are to be sent to their endpoints."""
        (seq,) = self.connection.execute("SELECT COALESCE(MAX(seq), 0) + 1 FROM events").fetchone()
        rows, deliveries = [], []
        for number, event in enumerate(events, seq):
            shown = None if event.shown is None else dump(event.shown)
            by = None if event.shown_by is None else seq + event.shown_by
            about, body = event.about, dump(event.body)
            rows.append((number, self.scope, event.key, event.type, event.created, about, body, shown, by))
            deliveries += [(number, endpoint) for endpoint in event.endpoints]
        self.connection.executemany(
            "INSERT INTO events (seq, livemode, key, type, created, object, body, shown, shown_by) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        if deliveries:
            self.connection.executemany("INSERT INTO deliveries (event, endpoint) VALUES (?, ?)", deliveries)

    def get(self, key: str) -> Body | None:
        """The event, or None."""
        row = self.connection.execute(f"{_SELECT} WHERE livemode = ? AND key = ?", (self.scope, key)).fetchone()
        return None if row is None else _load(row)

    def find(
        self, kind: str, conditions: Iterable[Condition] = (), *, newest_first: bool = False, limit: int | None = None
    ) -> list[Body]:
        """Events that meet all conditions, oldest first unless `newest_first`; `kind` is always the same."""
        texts, values = ["livemode = ?"], [self.scope]
        for condition in conditions:
            assert isinstance(condition, Where)
            if condition.field == DELIVERED:
                texts.append(f"{'NOT ' if condition.value else ''}EXISTS (SELECT 1 FROM deliveries WHERE event = seq)")
                continue
            assert condition.field in _COLUMNS, condition.field
            text, bindings = condition.on(condition.field)
            texts.append(text)
            values += bindings
        order = "DESC" if newest_first else "ASC"
        rows = self.connection.execute(
            f"{_SELECT} WHERE {' AND '.join(texts)} ORDER BY seq {order} LIMIT ?", (*values, -1 if limit is None else limit)
        )
        return [_load(row) for row in rows]

    def sequence(self, kind: str, id: str) -> int | None:
        """The event's place in the order of creation, or None."""
        row = self.connection.execute("SELECT seq FROM events WHERE livemode = ? AND key = ?", (self.scope, id)).fetchone()
        return None if row is None else int(row[0])


def waiting(connection: sqlite3.Connection, endpoint: str, limit: int) -> list[tuple[int, Body]]:
    """The scope and the body of the oldest events that an endpoint has not taken yet, unless they were given up."""
    rows = connection.execute(
        f"{_SELECT.replace('SELECT', 'SELECT livemode, object,', 1)} JOIN deliveries d ON d.event = seq "
        "WHERE d.endpoint = ? AND d.given_up = 0 ORDER BY d.event LIMIT ?",
        (endpoint, limit),
    )
    return [(scope, {**_load(row), "about": object}) for scope, object, *row in rows]


def endpoints_waiting(connection: sqlite3.Connection) -> list[str]:
    """The endpoints that have not taken some event yet."""
    return [id for (id,) in connection.execute("SELECT DISTINCT endpoint FROM deliveries WHERE given_up = 0")]


def delivered(connection: sqlite3.Connection, seq: int, endpoint: str) -> None:
    """Note that an endpoint has taken an event."""
    connection.execute("DELETE FROM deliveries WHERE event = ? AND endpoint = ?", (seq, endpoint))


def given_up(connection: sqlite3.Connection, seq: int, endpoint: str) -> None:
    """Note that an event is not sent to an endpoint any more, though it has not taken it."""
    connection.execute("UPDATE deliveries SET given_up = 1 WHERE event = ? AND endpoint = ?", (seq, endpoint))


def forget(connection: sqlite3.Connection, endpoint: str) -> None:
    """Send nothing more to an endpoint, because it is gone."""
    connection.execute("DELETE FROM deliveries WHERE endpoint = ?", (endpoint,))


def _load(row: Sequence[Any]) -> Body:
    seq, key, type, created, text, pending, shown = row
    body = load(text)
    if shown is not None:
        body["object"] = load(shown)
    return {**body, "seq": seq, "id": key, "type": type, "created": created, "pending": pending}
