"""The server's parts, and how work gets done on them.

Work that writes runs on one thread, one piece after the other, in the transaction that also holds the answer saved for its
idempotency key. Work that only reads runs beside it. The event loop itself never waits for the database.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from sqlite3 import Connection
from typing import Any, TypeVar

from stripe_local.resources import INDEXED, clocks, lifecycle
from stripe_local.resources.webhooks import events
from stripe_local.store import accounts, answers
from stripe_local.store.accounts import Key
from stripe_local.store.answers import Answer
from stripe_local.store.database import DEFAULT_ACCOUNT, Database
from stripe_local.store.objects import Body
from stripe_local.store.writer import Work, Writer
from stripe_local.wire.auth import Caller, invalid_key
from stripe_local.wire.changes import Changes
from stripe_local.wire.errors import API, StripeError
from stripe_local.wire.operation import Context, Settings
from stripe_local.wire.rights import Rights

from .account import Account
from .alarm import Alarm
from .delivery import Delivery
from .ratelimit import RateLimit

_READERS = 4
_PRUNE_EVERY = 256

T = TypeVar("T")


class Server:
    """One store, and its accounts."""

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
        self.settings = Settings(DEFAULT_ACCOUNT, event_lag, search_lag, report_lag, base_url, advance_lag)
        self.latency = latency
        self.rate_limit = RateLimit(rate_limit)
        self.in_progress: set[tuple[int, str]] = set()
        """The scopes and idempotency keys of the requests that are worked on."""
        self.changes = 0
        self._accounts: dict[str, Account] = {}
        """By id, in the order in which they came to be."""
        self._numbered: dict[int, Account] = {}
        self._keys = accounts.keys(self.database.writer)
        for id, number in sorted(accounts.numbers(self.database.writer).items(), key=lambda item: item[1]):
            self._add(id, number, float(self.database.setting(_offset(number)) or 0))
        self.default = self._numbered[0]
        self._readers = ThreadPoolExecutor(_READERS, "reader")
        self._saved = 0
        self._touched = set(self._numbered.values())
        """The accounts for which the transaction may have changed what is due; used by the writing thread alone."""
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

    # Whose work it is

    def _add(self, id: str, number: int, offset: float = 0.0) -> Account:
        account = Account(number, replace(self.settings, account=id), offset)
        # Other threads go through them meanwhile.
        self._numbered = {**self._numbered, number: account}
        self._accounts = {**self._accounts, id: account}
        return account

    def accounts(self) -> list[str]:
        """The ids of the accounts, the default one first."""
        return list(self._accounts)

    def known(self, id: str) -> Account | None:
        """The account with that id, or None."""
        return self._accounts.get(id)

    async def account_of(self, caller: Caller) -> Account:
        """The account that a key opens; that of a secret key is made where there is none. Raises StripeError (401)."""
        key = self._keys.get(caller.fingerprint)
        if key is not None:
            return self._numbered[key.account]
        if caller.account is None:
            raise invalid_key(caller.shown)
        return self._accounts.get(caller.account) or await self._new_account(caller.account)

    async def _new_account(self, id: str) -> Account:
        number = await self._submitted(lambda connection: accounts.number(connection, id))
        return self._accounts.get(id) or self._add(id, number)

    async def found(self, kind: str, id: str) -> int:
        """The scope of an object, whosever it is, or the default one; what time has made due for its account is done."""
        scope = await self.reading(lambda connection: accounts.scope_of(connection, kind, id)) or 0
        await self.caught_up(self._numbered[scope // 2])
        return scope

    def rights(self, caller: Caller, account: Account) -> Rights | None:
        """What the key may do, or None where that is everything."""
        key = self._keys.get(caller.fingerprint)
        if key is None or key.permissions is None:
            return None
        return Rights(key.permissions, caller.shown, account.settings.account, f"{self.settings.base_url}/_local/keys")

    def put_key(self, connection: Connection, account: Account, fingerprint: str, permissions: frozenset[str] | None) -> None:
        """Make a key of the account, or change what it may do."""
        key = Key(account.number, permissions)
        accounts.put_key(connection, fingerprint, key)
        self._keys = {**self._keys, fingerprint: key}

    # Work

    async def writing(self, account: Account, work: Work[T]) -> T:
        """Run work of an account on the writing thread, within a transaction that is committed when this returns.

        Raises StripeError (500) where the file cannot be written, as on a full disk; then nothing is done.
        """

        def touching(connection: Connection) -> T:
            self._touched.add(account)
            return work(connection)

        return await self._submitted(touching)

    async def _submitted(self, work: Work[T]) -> T:
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
        self, connection: Connection, scope: int, params: dict[str, Any] | None = None, path: dict[str, str] | None = None
    ) -> Context:
        """A context for work at the present time: that of the test clock of what is named, or the account's."""
        account = self._numbered[scope // 2]
        return clocks.by_clock(Context(connection, scope, account.clock.precise(), account.settings, params or {}, path or {}))

    def tell(self, context: Context) -> None:
        """Send the events that the work has made."""
        if context.changes is not None and context.changes.emitted:
            self._delivery.wake()

    def save_answer(self, connection: Connection, account: Account, scope: int, key: str, answer: Answer, seconds: int) -> None:
        """Save an answer for an idempotency key, for that many seconds."""
        now = account.clock.now()
        answers.save(connection, scope, key, answer, now + seconds)
        self._saved += 1
        if self._saved % _PRUNE_EVERY == 0:
            answers.prune(connection, account.scopes, now)

    # Time

    async def caught_up(self, account: Account) -> bool:
        """Do what time has made due for an account; returns whether there was anything."""
        if not account.is_due():
            return False
        await self.writing(account, lambda connection: self._catch_up(connection, account))
        return True

    def _catch_up(self, connection: Connection, account: Account) -> None:
        """Do everything that time has made due for an account, in order."""
        for scope in account.scopes:
            context = self.context(connection, scope)
            context.changes = Changes()
            lifecycle.catch_up(context)
            self.tell(context)

    def _until_due(self) -> float | None:
        waits = (account.due - account.clock.precise() for account in self._numbered.values() if account.due is not None)
        return min(waits, default=None)

    def _ring(self) -> bool:
        def work(connection: Connection) -> None:
            for account in self._numbered.values():
                if account.is_due():
                    self._touched.add(account)
                    self._catch_up(connection, account)

        try:
            self._writer.submit(work).result()
        except sqlite3.Error:  # such as a full disk
            return False
        return True

    def _written(self) -> None:
        if self._find_due():
            self._alarm.look()

    def _find_due(self) -> bool:
        """Look what is due next for the accounts that were touched; returns whether that is another moment for one of them."""
        changed = False
        while self._touched:
            account = self._touched.pop()
            moments = (lifecycle.next_due(self.context(self.database.writer, scope)) for scope in account.scopes)
            before, account.due = account.due, min((moment for moment in moments if moment is not None), default=None)
            changed |= account.due != before
        return changed

    def move_clock(self, connection: Connection, account: Account, offset: float) -> None:
        """Set the distance of an account's clock from real time, and do what became due."""
        self.database.set_setting(connection, _offset(account.number), repr(offset))
        account.clock.offset = offset
        self._catch_up(connection, account)
        self._alarm.look()

    # What is not Stripe's

    async def change(self, scope: int, work: Callable[[Context], Body], about: str | None = None) -> Body:
        """Do work that is not a request to Stripe's API, `about` an object. Raises StripeError, and then nothing is done."""
        account = self._numbered[scope // 2]

        def changing(connection: Connection) -> Body:
            self._catch_up(connection, account)
            context = self.context(connection, scope, path={"id": about} if about else None)
            clocks.check_ready(context)
            context.changes = Changes()
            body = work(context)
            # What it answers may be less than what the API shows of the object.
            events.record(context)
            self.tell(context)
            return body

        return await self.writing(account, changing)

    def reset(self, connection: Connection, account: Account) -> None:
        """Empty an account in both modes, with its list of requests and the keys made for it, and set its clock to real time."""
        self.database.empty(connection, account.scopes)
        self.database.set_setting(connection, _offset(account.number), repr(0.0))
        accounts.forget_keys(connection, account.number)
        self._keys = {fingerprint: key for fingerprint, key in self._keys.items() if key.account != account.number}
        account.clock.offset = 0.0
        account.recorder.clear()
        account.stats.clear()


def _offset(account: int) -> str:
    """The name of the setting that is the offset of an account's clock."""
    return f"clock_offset:{account}" if account else "clock_offset"
