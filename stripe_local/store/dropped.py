"""Meter events that were taken, and then dropped because they are wrong: kept until they are reported."""

from __future__ import annotations

import math
import sqlite3
from typing import NamedTuple


class Drop(NamedTuple):
    """A meter event that was dropped: its meter (or nothing), why (a code and words), its identifier, when it was received."""

    meter: str
    code: str
    message: str
    identifier: str
    received: int


def add(connection: sqlite3.Connection, scope: int, drop: Drop, lag: float) -> None:
    """Keep one; it is reported with the others of its meter, `lag` (in whole seconds) after the first of them."""
    (due,) = connection.execute("SELECT MIN(due) FROM dropped WHERE livemode = ? AND meter = ?", (scope, drop.meter)).fetchone()
    connection.execute(
        "INSERT INTO dropped (livemode, meter, code, message, identifier, received, due) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (scope, *drop, drop.received + math.ceil(lag) if due is None else due),
    )


def next_due(connection: sqlite3.Connection, scope: int) -> int | None:
    """When some are to be reported next (Unix seconds), or None."""
    (due,) = connection.execute("SELECT MIN(due) FROM dropped WHERE livemode = ?", (scope,)).fetchone()
    return None if due is None else int(due)


def take(connection: sqlite3.Connection, scope: int, moment: int) -> dict[str, list[Drop]]:
    """Those that are to be reported by then, by meter, in the order in which they came; they are kept no longer."""
    found: dict[str, list[Drop]] = {}
    where = "FROM dropped WHERE livemode = ? AND due <= ?"
    for row in connection.execute(f"SELECT meter, code, message, identifier, received {where} ORDER BY seq", (scope, moment)):
        found.setdefault(row[0], []).append(Drop(*row))
    connection.execute(f"DELETE {where}", (scope, moment))
    return found
