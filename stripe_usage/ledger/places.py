"""Where a ledger is: a SQLite file, or a Postgres that several machines share. Both take the same statements.

One run writes at a time, and waits for another one: by a lock of the database's own, which ends with the process that has it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from stripe_usage.errors import UsageError

if TYPE_CHECKING:
    import psycopg

PATH = str(Path(".local") / "usage" / "ledger.db")
FORMAT = 1
SCHEMES = ("postgresql", "postgres")

_WAIT_SECONDS = 0.2
_LOCK = int.from_bytes(b"stripe_u")
_SCHEMA = "stripe_usage"


class Database(NamedTuple):
    """What both have. Bindings stand for `?`; `stream` is for what need not fit in memory."""

    execute: Callable[..., Any]
    executemany: Callable[[str, Iterable[Sequence[object]]], object]
    stream: Callable[..., Iterator[tuple[Any, ...]]]
    commit: Callable[[], None]
    rollback: Callable[[], None]


def name_of(place: str) -> str:
    """What a place is called in messages: without a password, or anything else that an address may have."""
    if not is_address(place):
        return place
    parts = urlsplit(place)
    user = f"{parts.username}@" if parts.username else ""
    return f"{parts.scheme}://{user}{parts.netloc.rpartition('@')[2]}{parts.path}"


def is_address(place: str) -> bool:
    """Whether it is an address, and no file. Raises `UsageError` where nothing is known of such an address."""
    scheme, found, rest = place.partition("://")
    if not found:
        return False
    if scheme not in SCHEMES:
        raise UsageError(f"--ledger: {scheme}://…: a ledger is a SQLite file, or in Postgres: postgresql://user@host/database")
    if rest.partition("/")[0].count("@") > 1:
        raise UsageError(f"--ledger: {scheme}://…: has more than one @; one in a password is written %40")
    try:
        urlsplit(place)
    except ValueError:
        raise UsageError(f"--ledger: {scheme}://… is not an address; give one such as {scheme}://user@host/database") from None
    return True


@contextlib.contextmanager
def writing(place: str, schema: str, *, keep: bool) -> Iterator[Database]:
    """The database, with the tables of `schema` (of SQLite) in it. Waits while somebody else writes; without `keep` none is made.

    Raises `UsageError` where it is not a ledger of this version.
    """
    found = _write_postgres(place, schema) if is_address(place) else _write_file(Path(place), schema, keep)
    with _readable(place), found as db:
        try:
            yield db
        finally:
            with contextlib.suppress(*_errors()):
                db.rollback()


@contextlib.contextmanager
def reading(place: str) -> Iterator[Database]:
    """The database, to be looked at, also while somebody writes. Raises `UsageError` where there is none."""
    with _readable(place), _read_postgres(place) if is_address(place) else _read_file(Path(place)) as db:
        yield db


@contextlib.contextmanager
def _readable(place: str) -> Iterator[None]:
    """What the database says in one line, without secrets."""
    try:
        yield
    except _errors() as e:
        said = " ".join(str(e).split())
        for secret in _secrets(place):
            said = said.replace(secret, "…")
        why = "once that is mended the same command goes on; give another --ledger if it is not one"
        raise UsageError(f"{name_of(place)}: {said}; {why}") from None
    except OSError as e:
        raise UsageError(f"{name_of(place)}: {e.strerror}; give another --ledger") from None


def _secrets(place: str) -> list[str]:
    """Passwords as the address has them, and as they are."""
    if not is_address(place):
        return []
    parts = urlsplit(place)
    pairs = (pair.partition("=") for pair in parts.query.split("&"))
    written = [parts.password, *(value for name, _, value in pairs if "password" in name.lower())]
    return [text for one in written if one for text in (one, unquote(one))]


def _errors() -> tuple[type[Exception], ...]:
    """Those of the databases; of Postgres only where it is in use."""
    postgres = sys.modules.get("psycopg")
    return (sqlite3.Error, postgres.Error) if postgres else (sqlite3.Error,)


def _alone(place: str, locked: Callable[[], bool]) -> None:
    """Waits until that is so."""
    told = False
    while not locked():
        if not told:
            sys.stderr.write(f"{name_of(place)} is in use: waiting for the other run to end\n")
            told = True
        time.sleep(_WAIT_SECONDS)


def _nothing_there(place: str) -> UsageError:
    return UsageError(f"{name_of(place)}: there is no ledger: nothing was sent from here with aggregate; give another --ledger")


def _check_format(found: object, place: str) -> None:
    if found != FORMAT:
        raise UsageError(f"{name_of(place)} has format {found}, and this version reads {FORMAT}; give another --ledger")


# -- a SQLite file


def _of_sqlite(db: sqlite3.Connection) -> Database:
    return Database(db.execute, db.executemany, db.execute, db.commit, db.rollback)


@contextlib.contextmanager
def _write_file(path: Path, schema: str, keep: bool) -> Iterator[Database]:
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = Path(f"{path}.lock")
    os.close(os.open(lock, os.O_CREAT | os.O_RDWR, 0o600))
    with contextlib.closing(sqlite3.connect(lock, timeout=0, isolation_level=None)) as held:

        def locked() -> bool:
            try:
                held.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as e:
                if e.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
                return False
            return True

        _alone(str(path), locked)
        with contextlib.closing(_connected(path, keep)) as db:
            (format,) = db.execute("PRAGMA user_version").fetchone()
            if format:
                _check_format(format, str(path))
            else:
                db.execute("BEGIN")
                for statement in schema.split(";"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {FORMAT}")
                db.commit()
            yield _of_sqlite(db)


def _connected(path: Path, keep: bool) -> sqlite3.Connection:
    if not keep and not path.exists():
        return sqlite3.connect("")  # a file of SQLite's own, gone afterwards
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    db = sqlite3.connect(path, timeout=10)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA cache_size = -64000")
    return db


@contextlib.contextmanager
def _read_file(path: Path) -> Iterator[Database]:
    if not path.is_file():
        raise _nothing_there(str(path))
    with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)) as db:
        _check_format(db.execute("PRAGMA user_version").fetchone()[0], str(path))
        yield _of_sqlite(db)


# -- Postgres: the same tables, in a schema of their own


def _of_postgres(db: psycopg.Connection[tuple[Any, ...]]) -> Database:
    numbers = count()

    def bound(query: str) -> bytes:
        return query.replace("?", "%s").encode()

    def execute(query: str, bindings: Sequence[object] = ()) -> Any:
        return db.execute(bound(query), bindings or None)

    def executemany(query: str, bindings: Iterable[Sequence[object]]) -> None:
        with db.cursor() as cursor:
            cursor.executemany(bound(query), bindings)

    def stream(query: str, bindings: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        with db.cursor(f"stream{next(numbers)}") as cursor:
            cursor.itersize = 10_000
            yield from cursor.execute(bound(query), bindings)

    return Database(execute, executemany, stream, db.commit, db.rollback)


@contextlib.contextmanager
def _connection(place: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    try:
        import psycopg
    except ImportError:
        raise UsageError("a ledger in Postgres needs psycopg: pip install 'pulumi-stripe-billing[postgres]'") from None
    with contextlib.closing(psycopg.connect(place, autocommit=True, application_name="stripe-usage")) as db:
        db.execute(f"SET search_path TO {_SCHEMA}".encode())
        yield db


@contextlib.contextmanager
def _write_postgres(place: str, schema: str) -> Iterator[Database]:
    with _connection(place) as db:
        # What was committed must be on the disk, whatever the server is set to; and nothing may end a run that waits for Stripe.
        db.execute("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
        db.execute("SET idle_in_transaction_session_timeout = 0")
        _alone(place, lambda: db.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone() == (True,))
        db.autocommit = False
        found = _of_postgres(db)
        if db.execute("SELECT to_regclass('about')").fetchone() == (None,):
            if db.execute("SELECT to_regnamespace(%s)", (_SCHEMA,)).fetchone() == (None,):
                found.execute(f"CREATE SCHEMA {_SCHEMA}")
            # Texts are in the order of their bytes, as everywhere else; numbers have 64 bits.
            schema = schema.replace("INTEGER PRIMARY KEY", "INTEGER GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY")
            found.execute(schema.replace("INTEGER", "BIGINT").replace("TEXT", 'TEXT COLLATE "C"'))
            found.execute("CREATE TABLE about (format BIGINT)")
            found.execute("INSERT INTO about VALUES (?)", (FORMAT,))
        _check_format(_format(db), place)
        yield found


@contextlib.contextmanager
def _read_postgres(place: str) -> Iterator[Database]:
    with _connection(place) as db:
        db.autocommit, db.read_only = False, True
        if db.execute("SELECT to_regclass('about')").fetchone() == (None,):
            raise _nothing_there(place)
        _check_format(_format(db), place)
        yield _of_postgres(db)


def _format(db: psycopg.Connection[tuple[Any, ...]]) -> object:
    return (db.execute("SELECT format FROM about").fetchone() or (None,))[0]
