"""The server's parts, and how work gets done on them.

Work that writes runs on one thread, one piece after the other, in the transaction that also holds the answer saved for its
idempotency key. Work that only reads runs beside it. The event loop itself never waits for the database.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from sqlite3 import Connection
from typing import Any, TypeVar

from stripe_local.resources import INDEXED, clocks, lifecycle
from stripe_local.resources.webhooks import events
from stripe_local.store import answers
from stripe_local.store.answers import Answer
from stripe_local.store.clock import Clock
from stripe_local.store.database import Database
from stripe_local.store.objects import Body
from stripe_local.store.writer import Work, Writer
from stripe_local.wire.changes import Changes
from stripe_local.wire.errors import API, StripeError
from stripe_local.wire.operation import Context, Settings

from .alarm import Alarm
from .delivery import Delivery
from .faults import Faults
from .ratelimit import RateLimit
from .recorder import Recorder
from .stats import Stats

ACCOUNT = "acct_1LocalStripe0001"

_READERS = 4
_PRUNE_EVERY = 256

T = TypeVar("T")


class Server:
    """One store, its clock, and what is known about its requests."""

    def __init__(
        self,
        path: Path,
        *,
        latency: float = 0.0,
        rate_limit: float | None = None,
        event_lag: float = 0.0,
        search_lag: float = 0.0,
        report_lag: float = 1.0,
        base_url: str = "",
        advance_lag: float = 0.5,
    ) -> None:
        self.database = Database(path, INDEXED)
        self.clock = Clock(float(self.database.setting("clock_offset") or 0))
        self.settings = Settings(ACCOUNT, event_lag, search_lag, report_lag, base_url, advance_lag)
        self.latency = latency
        self.rate_limit = RateLimit(rate_limit)
        self.recorder = Recorder()
        self.stats = Stats()
        self.faults = Faults()
        self.in_progress: set[tuple[bool, str]] = set()
        self.changes = 0
        self._readers = ThreadPoolExecutor(_READERS, "reader")
        self._saved = 0
        self._due: float | None = None
        self._find_due()
        self._alarm = Alarm(self._until_due, self._ring)
        self._writer = Writer(self.database, self._written)
        self._delivery = Delivery(self._writer.submit, self.context)
        # What is due already is done with all of these.
        self._alarm.start()

    def changed(self) -> None:
        """Something happened that a page would show: a request came or was answered, a control endpoint did its work."""
        self.changes += 1

    def close(self) -> None:
        """Finish what is being worked on, and close the store."""
        self._alarm.close()
        self._delivery.close()
        self._writer.close()
        self._readers.shutdown()
        self.database.close()

    async def writing(self, work: Work[T]) -> T:
        """Run work on the writing thread, within a transaction that is committed when this returns.

        Raises StripeError (500) where the file cannot be written, as on a full disk; then nothing is done.
        """
        try:
            return await asyncio.wrap_future(self._writer.submit(work))
        except sqlite3.OperationalError as error:
            raise StripeError(f"stripe_local cannot write {self.database.path}: {error}.", status=500, type=API) from error

    async def reading(self, work: Callable[[Connection], T]) -> T:
        """Run work on a reading thread, on a consistent view of what is committed."""

        def read() -> T:
            with self.database.reading() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._readers, read)

    def context(
        self, connection: Connection, livemode: bool, params: dict[str, Any] | None = None, path: dict[str, str] | None = None
    ) -> Context:
        """A context for work at the present time: that of the test clock of what is named, or the server's."""
        return clocks.by_clock(Context(connection, livemode, self.clock.precise(), self.settings, params or {}, path or {}))

    def tell(self, context: Context) -> None:
        """Send the events that the work has made."""
        if context.changes is not None and context.changes.emitted:
            self._delivery.wake()

    # Answers saved for idempotency keys

    def saved_answer(self, connection: Connection, livemode: bool, key: str) -> Answer | None:
        """The answer saved for the key, or None."""
        return answers.saved(connection, livemode, key, self.clock.now())

    def save_answer(self, connection: Connection, livemode: bool, key: str, answer: Answer, seconds: int) -> None:
        """Save an answer, for that many seconds."""
        answers.save(connection, livemode, key, answer, self.clock.now() + seconds)
        self._saved += 1
        if self._saved % _PRUNE_EVERY == 0:
            answers.prune(connection, self.clock.now())

    # Time

    def is_due(self) -> bool:
        """Whether time has made something happen: a period ended, an invoice is to be finalized."""
        return self._due is not None and self.clock.precise() >= self._due

    def catch_up(self, connection: Connection) -> None:
        """Do everything that time has made due, in order."""
        for livemode in (False, True):
            context = self.context(connection, livemode)
            context.changes = Changes()
            lifecycle.catch_up(context)
            self.tell(context)

    def _until_due(self) -> float | None:
        return None if self._due is None else self._due - self.clock.precise()

    def _ring(self) -> bool:
        try:
            self._writer.submit(self.catch_up).result()
        except sqlite3.Error:  # such as a full disk
            return False
        return True

    def _written(self) -> None:
        before = self._due
        self._find_due()
        if self._due != before:
            self._alarm.look()

    def _find_due(self) -> None:
        due = [
            moment
            for livemode in (False, True)
            if (moment := lifecycle.next_due(self.context(self.database.writer, livemode))) is not None
        ]
        self._due = min(due, default=None)

    def move_clock(self, connection: Connection, offset: float) -> None:
        """Set the clock's distance from real time, and do what became due."""
        self.database.set_setting(connection, "clock_offset", repr(offset))
        self.clock.offset = offset
        self.catch_up(connection)
        self._alarm.look()

    # What is not Stripe's

    def change(self, connection: Connection, livemode: bool, work: Callable[[Context], Body], about: str | None = None) -> Body:
        """Do work that is not a request to Stripe's API, `about` an object. Raises StripeError, and then nothing is done."""
        self.catch_up(connection)
        context = self.context(connection, livemode, path={"id": about} if about else None)
        clocks.check_ready(context)
        context.changes = Changes()
        body = work(context)
        events.record(context, body)
        self.tell(context)
        return body

    def reset(self, connection: Connection) -> None:
        """Empty the store for both modes and the list of requests, and set the clock to real time."""
        self.database.empty(connection)
        self.clock.offset = 0.0
        self.recorder.clear()
        self.stats.clear()
