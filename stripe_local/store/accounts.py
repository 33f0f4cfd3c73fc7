"""Which accounts there are, and the keys that were made for them. A key itself is not stored, only a hash of it."""

from __future__ import annotations

import json
import sqlite3
from typing import NamedTuple


class Key(NamedTuple):
    """What a key that was made here opens: the number of an account, all of it or what the permissions say."""

    account: int
    permissions: frozenset[str] | None


def scopes(account: int) -> tuple[int, int]:
    """The scopes of an account: of test mode, and of live mode."""
    return 2 * account, 2 * account + 1


def numbers(connection: sqlite3.Connection) -> dict[str, int]:
    """The number of each account by its id."""
    return dict(connection.execute("SELECT id, number FROM accounts").fetchall())


def number(connection: sqlite3.Connection, id: str) -> int:
    """The number of an account, which is made where there is none."""
    connection.execute("INSERT OR IGNORE INTO accounts (id) VALUES (?)", (id,))
    (found,) = connection.execute("SELECT number FROM accounts WHERE id = ?", (id,)).fetchone()
    return int(found)


def keys(connection: sqlite3.Connection) -> dict[str, Key]:
    """The keys that were made here, by fingerprint."""
    rows = connection.execute("SELECT fingerprint, account, permissions FROM keys")
    return {row[0]: Key(row[1], None if row[2] is None else frozenset(json.loads(row[2]))) for row in rows}


def put_key(connection: sqlite3.Connection, fingerprint: str, key: Key) -> None:
    """Store a key, in place of what it opened before."""
    text = None if key.permissions is None else json.dumps(sorted(key.permissions))
    connection.execute("INSERT OR REPLACE INTO keys VALUES (?, ?, ?)", (fingerprint, key.account, text))


def forget_keys(connection: sqlite3.Connection, account: int) -> None:
    """No key that was made for the account opens it any more."""
    connection.execute("DELETE FROM keys WHERE account = ?", (account,))


def scope_of(connection: sqlite3.Connection, kind: str, id: str) -> int | None:
    """The scope of the object with this id, whosever it is, or None."""
    row = connection.execute(
        "SELECT livemode FROM accounts CROSS JOIN objects ON livemode IN (2 * number, 2 * number + 1) "
        "AND kind = ? AND objects.id = ?",
        (kind, id),
    ).fetchone()
    return None if row is None else int(row[0])
