"""The thread that writes: what is done together, and what is undone alone."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stripe_local.store.database import Database
from stripe_local.store.writer import Writer


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with contextlib.closing(Database(tmp_path / "stripe.db")) as database:
        yield database


def set_name(name: str, connection: sqlite3.Connection) -> str:
    connection.execute("INSERT INTO settings VALUES (?, 'x')", (name,))
    return name


def names(database: Database) -> list[str]:
    with database.reading() as connection:
        return [name for (name,) in connection.execute("SELECT name FROM settings ORDER BY name")]


def test_a_result_is_told_when_everybody_can_read_it(database: Database) -> None:
    with contextlib.closing(Writer(database, lambda: None)) as writer:
        seen: list[list[str]] = []
        future = writer.submit(lambda connection: set_name("a", connection))
        future.add_done_callback(lambda _: seen.append(names(database)))
        assert future.result(10) == "a"
    assert seen == [["a"]]


def test_what_waits_is_committed_together_and_a_failure_undoes_only_itself(database: Database) -> None:
    commits: list[int] = []
    begun, go = threading.Event(), threading.Event()

    def hold(connection: sqlite3.Connection) -> None:
        begun.set()
        assert go.wait(10)

    def fail(connection: sqlite3.Connection) -> None:
        set_name("undone", connection)
        raise ValueError("no")

    with contextlib.closing(Writer(database, lambda: commits.append(1))) as writer:
        held = writer.submit(hold)
        assert begun.wait(10)
        first = writer.submit(lambda connection: set_name("a", connection))
        failed = writer.submit(fail)
        second = writer.submit(lambda connection: set_name("b", connection))
        assert names(database) == []
        go.set()
        assert (held.result(10), first.result(10), second.result(10)) == (None, "a", "b")
        with pytest.raises(ValueError, match="no"):
            failed.result(10)
        assert names(database) == ["a", "b"]
    assert len(commits) == 2, "one for what held the writer up, one for the three that waited"


def test_nobody_is_told_of_success_when_the_transaction_fails(database: Database) -> None:
    database.writer.execute("PRAGMA foreign_keys = ON")
    database.writer.execute("CREATE TABLE owned (owner TEXT REFERENCES settings (name) DEFERRABLE INITIALLY DEFERRED)")

    def fail_at_the_end(connection: sqlite3.Connection) -> None:
        set_name("a", connection)
        connection.execute("INSERT INTO owned VALUES ('nobody')")

    commits: list[int] = []
    with contextlib.closing(Writer(database, lambda: commits.append(1))) as writer:
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            writer.submit(fail_at_the_end).result(10)
        assert (names(database), commits) == ([], [])
        assert writer.submit(lambda connection: set_name("b", connection)).result(10) == "b"
    assert (names(database), commits) == (["b"], [1])


def test_who_hears_of_a_transaction_reads_it(database: Database) -> None:
    read: list[list[str]] = []
    with contextlib.closing(Writer(database, lambda: read.append(names(database)))) as writer:
        assert writer.submit(lambda connection: set_name("a", connection)).result(10) == "a"
    assert read == [["a"]]


def test_what_waits_is_done_before_it_closes(database: Database) -> None:
    writer = Writer(database, lambda: None)
    futures = [writer.submit(lambda connection, name=str(index): set_name(name, connection)) for index in range(200)]
    writer.close()
    assert [future.result(0) for future in futures] == [str(index) for index in range(200)]
    assert len(names(database)) == 200
