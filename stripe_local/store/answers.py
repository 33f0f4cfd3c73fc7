"""Answers saved for idempotency keys. https://docs.stripe.com/api/idempotent_requests"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

# "at least 24 hours" for v1, 30 days for v2.
V1_SECONDS = 24 * 3600
V2_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True)
class Answer:
    """A saved answer; `fingerprint` tells whether a later request had the same parameters."""

    fingerprint: str
    status: int
    body: bytes
    request_id: str


def saved(connection: sqlite3.Connection, scope: int, key: str, now: int) -> Answer | None:
    """The answer saved for the key and still kept, or None."""
    row = connection.execute(
        "SELECT fingerprint, status, body, request_id FROM answers WHERE livemode = ? AND key = ? AND expires > ?",
        (scope, key, now),
    ).fetchone()
    return None if row is None else Answer(*row)


def save(connection: sqlite3.Connection, scope: int, key: str, answer: Answer, expires: int) -> None:
    """Save the answer until `expires` (Unix seconds of the server's clock)."""
    connection.execute(
        "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)",
        (scope, key, answer.fingerprint, answer.status, answer.body, answer.request_id, expires),
    )


def prune(connection: sqlite3.Connection, scopes: tuple[int, int], now: int) -> None:
    """Forget the answers of an account that have expired by its clock."""
    connection.execute("DELETE FROM answers WHERE expires <= ? AND livemode IN (?, ?)", (now, *scopes))
