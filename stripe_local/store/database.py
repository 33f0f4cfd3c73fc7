"""The SQLite file: schema and connections.

What is stored says whose it is in the column `livemode`: twice the number of the account, and one more in live mode. This is
called its scope. The default account has the number 0, so the files of versions that had only that one are what they were.

One connection writes, and every write is one transaction that holds both the work and the answer saved for its
idempotency key, so that a crash can separate neither from the other. Write-ahead logging lets other connections read
meanwhile, and a killed process loses nothing that was committed.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

SCHEMA_VERSION = 7

DEFAULT_ACCOUNT = "acct_1LocalStripe0001"
"""The account of those who name no other; its number is 0."""

Index = str | tuple[str, ...]
"""The field, or fields, that an index is of."""

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS accounts (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
INSERT OR IGNORE INTO accounts VALUES (0, '{DEFAULT_ACCOUNT}');

CREATE TABLE IF NOT EXISTS keys (fingerprint TEXT PRIMARY KEY, account INTEGER NOT NULL, permissions TEXT) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    livemode INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    created INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (livemode, kind, id)
);
CREATE INDEX IF NOT EXISTS objects_newest ON objects (livemode, kind, seq);

CREATE TABLE IF NOT EXISTS meter_events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    livemode INTEGER NOT NULL,
    meter TEXT NOT NULL,
    event_name TEXT NOT NULL,
    customer TEXT NOT NULL,
    identifier TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    received_ms INTEGER NOT NULL,
    digits INTEGER NOT NULL,
    scale INTEGER NOT NULL,
    canceled INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS meter_events_usage
    ON meter_events (meter, customer, timestamp, seq, received_ms, canceled, digits, scale);
CREATE INDEX IF NOT EXISTS meter_events_identifier ON meter_events (livemode, identifier);

CREATE TABLE IF NOT EXISTS answers (
    livemode INTEGER NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    request_id TEXT NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (livemode, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS answers_expire ON answers (expires);

CREATE TABLE IF NOT EXISTS superseded (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    livemode INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    body TEXT
);
CREATE INDEX IF NOT EXISTS superseded_until ON superseded (until_ms);

CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY,
    livemode INTEGER NOT NULL,
    key TEXT NOT NULL,
    type TEXT NOT NULL,
    created INTEGER NOT NULL,
    object TEXT NOT NULL,
    body TEXT NOT NULL,
    shown TEXT,
    shown_by INTEGER
);
CREATE INDEX IF NOT EXISTS events_key ON events (livemode, key);
DROP INDEX IF EXISTS events_type;
CREATE INDEX IF NOT EXISTS events_listed ON events (livemode, seq, type, created, object);

CREATE TABLE IF NOT EXISTS deliveries (
    event INTEGER NOT NULL,
    endpoint TEXT NOT NULL,
    given_up INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (endpoint, given_up, event)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deliveries_event ON deliveries (event);

CREATE TABLE IF NOT EXISTS dropped (
    seq INTEGER PRIMARY KEY,
    livemode INTEGER NOT NULL,
    meter TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    identifier TEXT NOT NULL,
    received INTEGER NOT NULL,
    due INTEGER NOT NULL
);

INSERT INTO events (livemode, key, type, created, object, body, shown)
    SELECT livemode, substr(id, 5), json_extract(body, '$.type'), created, '',
        json_object('request', json('[null,null]'), 'related', NULL), json_extract(body, '$.data.object')
    FROM objects WHERE kind = 'event' ORDER BY seq;
DELETE FROM objects WHERE kind = 'event';

UPDATE objects SET body = json_set(
    body, '$._active_until', iif(json_extract(body, '$.active'), coalesce(json_extract(body, '$.expires_at'), 9999999999), 0)
) WHERE kind = 'promotion_code' AND json_extract(body, '$._active_until') IS NULL;
"""


class Database:
    """One SQLite file: a connection that writes, and a connection per reading thread.

    `indexed` lists by kind of object the fields that requests filter by, or that must be unique; a tuple is an index of several.
    """

    def __init__(self, path: Path, indexed: Mapping[str, Sequence[Index]] | None = None) -> None:
        self.path = path
        self._indexed = indexed or {}
        path.parent.mkdir(parents=True, exist_ok=True)
        self.writer = self._connect()
        self._readers: list[sqlite3.Connection] = []
        self._local = threading.local()
        self._prepare()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=10)
        connection.execute("PRAGMA journal_mode = WAL")
        # With write-ahead logging NORMAL loses nothing when the process is killed, only when the machine crashes.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -32000")
        # By default the log is moved into the file at every second dozen of subscriptions; this is at 32 MB.
        connection.execute("PRAGMA wal_autocheckpoint = 8000")
        # What a request would undo is kept in memory, not in a file that is made and removed for each.
        connection.execute("PRAGMA temp_store = MEMORY")
        return connection

    def _prepare(self) -> None:
        (version,) = self.writer.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise ValueError(
                f"{self.path} was written by a newer version of stripe_local (schema {version}, expected "
                f"{SCHEMA_VERSION}). Delete the file, or choose another with --db."
            )
        # An older file is brought up to date the way a new one is made.
        with self.writing() as connection:
            if version < SCHEMA_VERSION:
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            _index(connection, self._indexed)

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction on the writing connection: committed at the end, rolled back on an exception."""
        self.writer.execute("BEGIN IMMEDIATE")
        try:
            yield self.writer
            self.writer.execute("COMMIT")
        except BaseException:
            if self.writer.in_transaction:
                self.writer.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A consistent view of what is committed, on this thread's own connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
            self._readers.append(connection)
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")

    def setting(self, name: str) -> str | None:
        """A stored setting, or None."""
        row = self.writer.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_setting(self, connection: sqlite3.Connection, name: str, value: str) -> None:
        """Store a setting within a transaction."""
        connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    def empty(self, connection: sqlite3.Connection, scopes: tuple[int, int]) -> None:
        """Delete everything of an account in both modes, within a transaction."""
        mine = "livemode IN (?, ?)"
        connection.execute(f"DELETE FROM deliveries WHERE event IN (SELECT seq FROM events WHERE {mine})", scopes)
        for table in ("objects", "superseded", "meter_events", "answers", "events", "dropped"):
            connection.execute(f"DELETE FROM {table} WHERE {mine}", scopes)

    def close(self) -> None:
        """Close all connections."""
        for connection in [*self._readers, self.writer]:
            connection.close()


def _index(connection: sqlite3.Connection, indexed: Mapping[str, Sequence[Index]]) -> None:
    """Makes the indexes what is asked for: one for each field, whichever kinds have it, since each slows every write."""
    kinds: dict[tuple[str, ...], list[str]] = {}
    for kind, fields in sorted(indexed.items()):
        for field in fields:
            kinds.setdefault(field if isinstance(field, tuple) else (field,), []).append(kind)
    wanted = {}
    for names, those in kinds.items():
        name = "_".join(("by", *names)).replace(".", "_")
        columns = ", ".join(f"json_extract(body, '$.{one}')" for one in names)
        # SQLite finds that `kind = 'a'` implies `kind = 'a' OR kind = 'b'`, and nothing of the sort for IN.
        condition = " OR ".join(f"kind = '{kind}'" for kind in those)
        wanted[name] = f"CREATE INDEX {name} ON objects (livemode, kind, {columns}, seq) WHERE {condition}"
    asked = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'objects' AND sql IS NOT NULL AND name <> ?"
    present = dict(connection.execute(asked, ("objects_newest",)).fetchall())
    for name in present:
        if wanted.get(name) != present[name]:
            connection.execute(f"DROP INDEX {name}")
    for name, statement in wanted.items():
        if present.get(name) != statement:
            connection.execute(statement)
