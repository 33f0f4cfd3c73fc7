"""The one thread that writes: pieces of work one after the other, those waiting together in one transaction.

A commit costs more than most pieces of work, so under load one commit serves many requests. No result is reported before
it is committed.
"""

from __future__ import annotations

import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from .database import Database

# The most pieces in one transaction, so that those at its beginning do not wait long for those at its end.
_MOST = 64

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]


class Writer:
    """Runs work on `database`; `written()` is called after each transaction, before its results are told."""

    def __init__(self, database: Database, written: Callable[[], None]) -> None:
        self._database = database
        self._written = written
        self._waiting: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> Future[T]:
        """Run `work(connection)` within a transaction. If it raises, what it did is undone, and nothing else."""
        future: Future[T] = Future()
        self._waiting.put((work, future))
        return future

    def close(self) -> None:
        """Finish the waiting work, and end the thread."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        ended = False
        while not ended:
            pieces = [self._waiting.get()]
            while len(pieces) < _MOST and not self._waiting.empty():
                pieces.append(self._waiting.get())
            ended = None in pieces
            live = [piece for piece in pieces if piece is not None and piece[1].set_running_or_notify_cancel()]
            if live:
                self._commit_together(live)

    def _commit_together(self, pieces: list[tuple[Work[Any], Future[Any]]]) -> None:
        tellers: list[Callable[[], None]] = []
        try:
            with self._database.writing() as connection:
                tellers = [_try(connection, work, future) for work, future in pieces]
        except Exception as error:  # nothing of it was committed
            tellers = [_teller(future.set_exception, error) for _, future in pieces]
        else:
            # Not within the transaction: who reads meanwhile would take what is not committed for done.
            with contextlib.suppress(sqlite3.Error):
                self._written()
        for tell in tellers:
            tell()


def _try(connection: sqlite3.Connection, work: Work[Any], future: Future[Any]) -> Callable[[], None]:
    """Run a piece of work, or undo it; returns what reports its result once that is committed."""
    connection.execute("SAVEPOINT piece")
    try:
        result = work(connection)
    except Exception as error:
        connection.execute("ROLLBACK TO piece")
        return _teller(future.set_exception, error)
    finally:
        connection.execute("RELEASE piece")
    return _teller(future.set_result, result)


def _teller(tell: Callable[[Any], None], value: Any) -> Callable[[], None]:
    return lambda: tell(value)
