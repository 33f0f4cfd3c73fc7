"""What search sees while its index lags behind: states of objects that were superseded a moment ago.

With a lag, each change keeps the state before it, until the lag has passed. Search sees of each object the oldest state
that is still kept, or else the present one. https://docs.stripe.com/search#data-freshness
"""

from __future__ import annotations

import sqlite3


class Superseded:
    """States kept of one scope, within a transaction at `now_ms`; nothing is kept when `lag_ms` is 0."""

    def __init__(self, connection: sqlite3.Connection, scope: int, now_ms: int, lag_ms: int) -> None:
        self.connection = connection
        self.scope = scope
        self.now_ms = now_ms
        self.lag_ms = lag_ms

    def body(self, kind: str, id: str) -> None:
        """Keep the present state of an object that is about to change or be removed."""
        self._keep(kind, id, "body")

    def nothing(self, kind: str, id: str) -> None:
        """Keep that an object, just made, did not exist before."""
        self._keep(kind, id, "NULL")

    def _keep(self, kind: str, id: str, state: str) -> None:
        if not self.lag_ms:
            return
        self.connection.execute("DELETE FROM superseded WHERE until_ms <= ? AND livemode = ?", (self.now_ms, self.scope))
        self.connection.execute(
            f"INSERT INTO superseded (livemode, kind, id, seq, until_ms, body) SELECT livemode, kind, id, seq, ?, {state} "
            "FROM objects WHERE livemode = ? AND kind = ? AND id = ?",
            (self.now_ms + self.lag_ms, self.scope, kind, id),
        )

    def seen(self, kind: str) -> list[str]:
        """The bodies that search sees, newest object first."""
        whose = (self.scope, kind)
        # Of the rows of a group SQLite takes `seq` and `body` from the one with the smallest number.
        kept = self.connection.execute(
            "SELECT id, seq, body, MIN(number) FROM superseded WHERE livemode = ? AND kind = ? AND until_ms > ? GROUP BY id",
            (*whose, self.now_ms),
        ).fetchall()
        present = self.connection.execute("SELECT id, seq, body FROM objects WHERE livemode = ? AND kind = ?", whose)
        seen = {id: (seq, body) for id, seq, body in present}
        seen.update({id: (seq, body) for id, seq, body, _ in kept})
        return [body for _, body in sorted(seen.values(), reverse=True) if body is not None]
