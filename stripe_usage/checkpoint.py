"""What became of every event: one SQLite file for each meter, wherever commands are run, which survives `kill -9`.

An event is written down before it is sent for the first time, and again when Stripe has answered; write-ahead logging keeps what
was committed even if the process dies in the next instruction. docs/usage.md describes the file for others who read it.

Rows come and go by the hundred, so they are looked up and written by the hundred: `look_up` asks for all of them at once, and
additions are written down before the next change of a state, or `commit`.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from argparse import _ActionsContainer
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from .errors import UsageError
from .events.dropped import Dropped, Why
from .events.identifiers import PREFIX

try:
    import fcntl
except ImportError:  # not on Windows, where SQLite's own lock is all there is
    fcntl = None  # type: ignore[assignment]

FORMAT = 2
"""Format 1 is the same, but for `about`: it comes from a version that made one event of all fractions of a second."""

_PLACE = ("pulumi-stripe-billing", "usage")
"""Where checkpoints are in the user's folder of states. https://specifications.freedesktop.org/basedir-spec/latest/"""

WAITING, SENDING, ACCEPTED, REFUSED, CANCELED = "waiting", "sending", "accepted", "refused", "canceled"

_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE imports (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    batch TEXT NOT NULL,
    started INTEGER NOT NULL,
    finished INTEGER
);
CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    identifier TEXT NOT NULL UNIQUE,
    customer TEXT NOT NULL,
    value TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    state TEXT NOT NULL,
    sent_at INTEGER,
    reason TEXT,
    import INTEGER NOT NULL,
    line INTEGER NOT NULL,
    copies INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE customers (id TEXT PRIMARY KEY, checked_at INTEGER NOT NULL) WITHOUT ROWID;
"""


class Known(NamedTuple):
    """An event that is written down already; `import_` is the last import in which its row was read."""

    number: int
    customer: str
    value: str
    timestamp: int
    state: str
    sent_at: int | None
    import_: int
    line: int
    copies: int


class Corrected(NamedTuple):
    """An event that is counted though its file no longer says so: the row that was sent, and what stands in its place now."""

    number: int
    identifier: str
    customer: str
    value: str
    timestamp: int
    line: int
    now_customer: str
    now_value: str
    now_timestamp: int


_COLUMNS = "number, customer, value, timestamp, state, sent_at, import, line, copies"


class Checkpoint:
    """The file of one meter. The next `commit` keeps what was written."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._db = connection
        self._last: int = connection.execute("SELECT COALESCE(MAX(number), 0) FROM events").fetchone()[0]
        self._before = self._last
        about = dict(connection.execute("SELECT name, value FROM about"))
        self.since = int(about.get("fractions_since", 0))
        """Rows of this time or later, with fractions of a second, were never imported by a version that cut these off."""
        self.cut_off = int(about.get("fractions_cut_off", 0))
        """Events with numbers up to this were imported by such a version."""
        self._found: dict[str, Known | None] = {}
        """What `find` knows without reading the file: what was looked up, and what is not written down yet."""
        self._added: list[tuple[int, str, str, str, int, int, int]] = []
        self._read_again: list[tuple[int, int, int, int]] = []

    def commit(self) -> None:
        """Keep what was written."""
        self._write()
        self._db.commit()

    def _write(self) -> None:
        self._found = {}
        if self._added:
            self._db.executemany(
                "INSERT INTO events (number, identifier, customer, value, timestamp, state, import, line) "
                "VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?)",
                self._added,
            )
            self._added.clear()
        if self._read_again:
            self._db.executemany("UPDATE events SET import = ?, line = ?, copies = ? WHERE number = ?", self._read_again)
            self._read_again.clear()

    # -- imports

    def begin(self, source: str, batch: str, now: int) -> int:
        """Adds an import and returns its number."""
        cursor = self._db.execute("INSERT INTO imports (source, batch, started) VALUES (?, ?, ?)", (source, batch, now))
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def finish(self, import_: int, now: int) -> None:
        """The import has ended."""
        self._db.execute("UPDATE imports SET finished = ? WHERE id = ?", (now, import_))

    def source(self, import_: int) -> str:
        """The name of an import's file."""
        return str(self._db.execute("SELECT source FROM imports WHERE id = ?", (import_,)).fetchone()[0])

    def corrected(self, import_: int) -> list[Corrected]:
        """What earlier imports of the same file sent and this one did not find, where it sent the same row with another value,
        or, among rows that stayed, with another customer or time. (A log of which the oldest rows are dropped has neither.) Each
        is told once: `reason` then says which line is in its place."""
        earlier = "FROM imports AS i WHERE i.id < ?1 AND (source, batch) = (SELECT source, batch FROM imports WHERE id = ?1)"
        if self._db.execute(f"SELECT 1 {earlier}", (import_,)).fetchone() is None:
            return []  # without a look at all that was ever sent
        self._write()
        self._db.execute("DROP TABLE IF EXISTS temp.gone")
        self._db.execute(
            "CREATE TEMP TABLE gone AS SELECT e.number, identifier, customer, value, timestamp, line, ended FROM events AS e "
            f"JOIN (SELECT id, COALESCE(finished, started) AS ended {earlier}) AS i ON i.id = e.import "
            "WHERE state = 'accepted' AND reason IS NULL",
            (import_,),
        )
        if self._db.execute("SELECT 1 FROM gone").fetchone() is None:
            return []
        sent = "events AS new ON new.import = ?1 AND new.state = 'accepted' AND new.number > gone.number AND new.sent_at >= ended"
        row = "gone.number, gone.identifier, gone.customer, gone.value, gone.timestamp"
        rows = self._db.execute(
            "WITH stayed AS (SELECT MIN(line) AS first, MAX(line) AS last FROM events WHERE import = ?1 AND number <= ?2), "
            "pairs AS (SELECT gone.number AS gone, new.number AS new FROM gone "
            f"JOIN {sent} AND new.customer = gone.customer AND new.timestamp = gone.timestamp UNION ALL "
            f"SELECT gone.number, new.number FROM gone JOIN {sent} AND new.line = gone.line AND new.value = gone.value "
            "AND (new.customer = gone.customer OR new.timestamp = gone.timestamp), stayed "
            "WHERE new.line BETWEEN stayed.first AND stayed.last) "
            f"SELECT {row}, new.line, new.customer, new.value, new.timestamp "
            "FROM pairs JOIN gone ON gone.number = pairs.gone JOIN events AS new ON new.number = pairs.new "
            "GROUP BY gone.number ORDER BY new.line",
            (import_, self._before),
        )
        found = [Corrected._make(row) for row in rows]
        told = [(f"line {c.line} is in its place", c.number) for c in found]
        self._db.executemany("UPDATE events SET reason = ? WHERE number = ?", told)
        return found

    # -- events

    def look_up(self, identifiers: Sequence[str]) -> None:
        """Looks up some hundred identifiers at once: `find` answers from memory until something is written down."""
        self._write()
        marks = ",".join("?" * len(identifiers))
        rows = self._db.execute(f"SELECT identifier, {_COLUMNS} FROM events WHERE identifier IN ({marks})", identifiers)
        self._found = dict.fromkeys(identifiers)
        self._found.update((identifier, Known._make(known)) for identifier, *known in rows)

    def find(self, identifier: str) -> Known | None:
        """The event of that identifier."""
        if identifier in self._found:
            return self._found[identifier]
        row = self._db.execute(f"SELECT {_COLUMNS} FROM events WHERE identifier = ?", (identifier,)).fetchone()
        return None if row is None else Known._make(row)

    def unanswered(self, customer: str, value: str, timestamp: int | None) -> tuple[str, Known] | None:
        """The last event that was recorded by itself, without an identifier of its own, and has no known answer; without a
        timestamp, at any time."""
        row = self._db.execute(
            f"SELECT identifier, {_COLUMNS} FROM events WHERE state = 'sending' AND customer = ? AND value = ? "
            f"AND timestamp = COALESCE(?, timestamp) AND identifier GLOB '{PREFIX}-*' "
            "AND import IN (SELECT id FROM imports WHERE source = '') ORDER BY number DESC LIMIT 1",
            (customer, value, timestamp),
        ).fetchone()
        return None if row is None else (row[0], Known._make(row[1:]))

    def add(self, identifier: str, customer: str, value: str, timestamp: int, import_: int, line: int) -> int:
        """Adds an event, which waits, and returns its number."""
        self._last += 1
        self._added.append((self._last, identifier, customer, value, timestamp, import_, line))
        self._found[identifier] = Known(self._last, customer, value, timestamp, WAITING, None, import_, line, 1)
        return self._last

    def read_again(self, identifier: str, known: Known, import_: int, line: int, copies: int) -> None:
        """The row of that event was read in this import, `copies` times so far, last on that line."""
        self._read_again.append((import_, line, copies, known.number))
        self._found[identifier] = known._replace(import_=import_, line=line, copies=copies)

    def sending(self, numbers: Iterable[int], now: int) -> None:
        """They are about to be sent. Where an answer is awaited, the time stays that of the first attempt: Stripe may have it."""
        first = "CASE state WHEN 'sending' THEN COALESCE(sent_at, ?1) ELSE ?1 END"
        self._set(f"state = 'sending', sent_at = {first}", ((now, number) for number in numbers))

    def accepted(self, numbers: Iterable[int]) -> None:
        """Stripe has them."""
        self._set("state = 'accepted', reason = NULL", ((number,) for number in numbers))

    def refused(self, number: int, reason: str) -> None:
        """Stripe does not take it."""
        self._set("state = 'refused', reason = ?", [(reason, number)])

    def not_sent(self, numbers: Iterable[int]) -> None:
        """Sending them failed, and Stripe certainly did not count them."""
        self._set("state = 'waiting', sent_at = NULL", ((number,) for number in numbers))

    def canceled(self, identifier: str) -> None:
        """It was taken back."""
        self._write()
        self._db.execute("UPDATE events SET state = 'canceled' WHERE identifier = ?", (identifier,))

    def _set(self, what: str, bindings: Iterable[tuple[object, ...]]) -> None:
        self._write()
        self._db.executemany(f"UPDATE events SET {what} WHERE number = ?", bindings)

    # -- what Stripe dropped later

    def reports_read(self) -> int:
        """When the last report of dropped events that was read was made; 0 before any."""
        row = self._db.execute("SELECT value FROM about WHERE name = 'reports_read'").fetchone()
        return 0 if row is None else int(row[0])

    def dropped(self, why: Mapping[str, Why], until: int) -> list[Dropped]:
        """Events that were accepted, and that reports made `until` then say were dropped: they are sent again once their rows are
        read again."""
        self._write()
        found = dropped_of(self._db, why)
        for one in found:
            self._db.execute("UPDATE events SET state = 'refused', reason = ? WHERE identifier = ?", (one.why, one.identifier))
        if until:
            self._db.execute("INSERT OR REPLACE INTO about VALUES ('reports_read', ?)", (str(until),))
        return found

    # -- customers

    def known_customer(self, id: str, since: int) -> bool:
        """Whether Stripe had that customer when it was asked, at that time or later."""
        return self._db.execute("SELECT 1 FROM customers WHERE id = ? AND checked_at >= ?", (id, since)).fetchone() is not None

    def remember_customer(self, id: str, now: int) -> None:
        """Stripe has that customer."""
        self._db.execute("INSERT OR REPLACE INTO customers VALUES (?, ?)", (id, now))


def dropped_of(db: sqlite3.Connection, why: Mapping[str, Why]) -> list[Dropped]:
    """The events of a checkpoint that were accepted, and then dropped for these reasons; in the order of the rows."""
    # What was reported before it was sent again is past.
    asked = (
        "SELECT source, line FROM events JOIN imports ON imports.id = events.import "
        "WHERE identifier = ? AND state IN ('accepted', 'sending') AND sent_at < ?"
    )
    rows = [
        (identifier, reason.said, db.execute(asked, (identifier, reason.at)).fetchone()) for identifier, reason in why.items()
    ]
    found = [Dropped(identifier, said, *row) for identifier, said, row in rows if row is not None]
    return sorted(found, key=lambda one: (one.source, one.line))


def add_to(parser: _ActionsContainer) -> None:
    """Adds --checkpoint."""
    parser.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help=f"what was sent (default: METER.db in ~/.local/state/{'/'.join(_PLACE)})"
    )


def path_of(given: Path | None, meter: str, environment: Mapping[str, str] = os.environ) -> Path:
    """The file that is `given`, else the meter's own, wherever the command runs: no two accounts have one meter.

    Raises `UsageError` where an earlier version left one in the working folder.
    """
    if given is not None:
        return given.resolve()
    try:
        state = Path(environment.get("XDG_STATE_HOME", ""))
        folder = (state if state.is_absolute() else Path.home() / ".local" / "state").joinpath(*_PLACE)
    except RuntimeError:
        raise UsageError("there is no home folder for the checkpoint; set HOME, or give --checkpoint") from None
    path, before = folder / f"{meter}.db", Path(".local", "usage", f"{meter}.db")
    if before.exists() and not path.exists():
        raise UsageError(f"{before} is the checkpoint of an earlier version: move it to {path}, or give it as --checkpoint")
    return path


@contextlib.contextmanager
def opened(path: Path, meter: str, event_name: str, *, now: int, dry_run: bool = False) -> Iterator[Checkpoint]:
    """The checkpoint of that meter, created `now` if there is none; a dry run keeps nothing.

    Raises `UsageError` where the file is in use, is another meter's, is empty or no checkpoint, or cannot be written.
    """
    path = path.resolve()
    with contextlib.ExitStack() as stack:
        try:
            if path.exists() or not dry_run:
                stack.enter_context(_locked(path))
            about = {"meter": meter, "event_name": event_name, "fractions_since": str(now)}
            connection = stack.enter_context(contextlib.closing(_connected(path, about, dry_run)))
            check(connection, path, meter)
            if connection.execute("PRAGMA user_version").fetchone() == (1,):
                connection.execute("INSERT INTO about SELECT 'fractions_cut_off', COALESCE(MAX(number), 0) FROM events")
                connection.execute(f"PRAGMA user_version = {FORMAT}")
            points = Checkpoint(path, connection)
        except sqlite3.Error as e:
            raise UsageError(f"{path}: {e}; give another --checkpoint if it is not one") from None
        except OSError as e:
            raise UsageError(f"{path}: {e.strerror}; give another --checkpoint") from None
        if not dry_run:
            connection.commit()
        try:
            yield points
        except sqlite3.Error as e:
            raise UsageError(f"{path}: {e}; once that is mended the same command goes on, and nothing is counted twice") from None
        finally:
            with contextlib.suppress(sqlite3.Error):
                connection.rollback()


def check(connection: sqlite3.Connection, path: Path, meter: str) -> None:
    """Raises `UsageError` where the file is not the checkpoint of that meter."""
    (format,) = connection.execute("PRAGMA user_version").fetchone()
    if not connection.execute("SELECT 1 FROM sqlite_schema").fetchone():
        raise UsageError(
            f"{path} is empty: what was sent before is not in it, and Stripe would count what is over a day old again; "
            "restore it, or remove it if nothing was sent"
        )
    if format not in (1, FORMAT) or not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'about'").fetchone():
        raise UsageError(f"{path} is not a checkpoint of format {FORMAT} (its format is {format}); give another --checkpoint")
    found = connection.execute("SELECT value FROM about WHERE name = 'meter'").fetchone()
    if found != (meter,):
        raise UsageError(f"{path} is the checkpoint of meter {found and found[0]}, not of {meter}; give another --checkpoint")


def _connected(path: Path, about: Mapping[str, str], dry_run: bool) -> sqlite3.Connection:
    if dry_run and not path.exists():
        connection = sqlite3.connect("")  # a file of SQLite's own, gone afterwards
        _fill(connection, about)
        return connection
    if not path.exists():
        _make(path, about)
    connection = sqlite3.connect(path, timeout=10)
    connection.execute("PRAGMA journal_mode = WAL")
    # With write-ahead logging NORMAL loses nothing when the process is killed, only when the machine crashes; and Stripe then
    # recognises what is sent again by its identifier.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -16000")
    return connection


def _make(path: Path, about: Mapping[str, str]) -> None:
    """Makes the file at once: one that is empty, or half of it, is nothing that a kill leaves behind."""
    half = path.with_name(f"{path.name}.new")
    half.unlink(missing_ok=True)
    os.close(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with contextlib.closing(sqlite3.connect(half)) as connection:
            _fill(connection, about)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def _fill(connection: sqlite3.Connection, about: Mapping[str, str]) -> None:
    for statement in _SCHEMA.split(";"):
        connection.execute(statement)
    connection.executemany("INSERT INTO about VALUES (?, ?)", about.items())
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.commit()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR, 0o600), "w") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError(f"{path} is in use: another import to this meter is running; let it end first") from None
        yield
