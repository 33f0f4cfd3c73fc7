"""What an endpoint is: a method and a path, its parameters, and the function that does the work."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from stripe_local.store.events import Events
from stripe_local.store.objects import Body, Objects
from stripe_local.store.superseded import Superseded
from stripe_local.store.usage import Usage

from .pagination import EXPAND
from .params import Param, Params
from .rights import Rights

API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True)
class Settings:
    """What holds for an account: its id; and for all: the lags of aggregation, search, reports, test clocks (seconds)."""

    account: str
    event_lag: float = 0.0
    search_lag: float = 0.0
    report_lag: float = 1.0
    base_url: str = ""
    advance_lag: float = 0.5


class Noticing(Protocol):
    """Who is told of each object that changes; see `wire.changes`."""

    emitted: bool
    """Whether that made an event, which is to be delivered."""

    def notice(self, context: Context, kind: str, id: str, body: Body | None, *, new: bool) -> None:
        """An object is about to be made as `body`, to change to it, or to go."""

    def unnoticed(self) -> AbstractContextManager[None]:
        """Meanwhile, changes are thrown away again."""


@dataclass
class Context:
    """One request being worked on, inside its transaction."""

    connection: sqlite3.Connection
    scope: int
    """Whose work it is: an account, and a mode of it. See `stripe_local.store.database`."""
    precise_now: float
    settings: Settings
    params: dict[str, Any] = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    rights: Rights | None = None
    """What the key may do, where it is a restricted one."""
    request_id: str | None = None
    """The request that this is, or None where it is not one to Stripe's API."""
    idempotency_key: str | None = None
    changes: Noticing | None = None
    """What was changed so far, which is what makes events; None where nothing changes."""
    moment: int = 0
    """Unix seconds at which this happens: now, but for what time has made due."""
    test_clock: str | None = None
    """The test clock whose time this is; None where it is the server's own. See `stripe_local.resources.clocks`."""
    server_now: float | None = None
    """The server's own time, where this is a test clock's."""

    def __post_init__(self) -> None:
        self.livemode = bool(self.scope & 1)
        self.now = int(self.precise_now)
        self.moment = self.moment or self.now
        received = self.precise_now if self.server_now is None else self.server_now
        self.sold: dict[str, Body] = {}
        """The prices and products that were read to bill them, by id."""
        superseded = Superseded(self.connection, self.scope, int(received * 1000), int(self.settings.search_lag * 1000))
        self.objects = Objects(self.connection, self.scope, superseded, self._changing)
        self.events = Events(self.connection, self.scope)
        self.usage = Usage(self.connection, self.scope, int((received - self.settings.event_lag) * 1000))

    def outside(self, at: int) -> int:
        """When what lives by no test clock happens, such as an event or a payment: `at`, but by the server's own time."""
        return at if self.server_now is None else int(self.server_now)

    def _changing(self, kind: str, id: str, body: Body | None, new: bool) -> None:
        if self.changes is not None:
            self.changes.notice(self, kind, id, body, new=new)


Handler = Callable[[Context], Body]
Predicate = Callable[[dict[str, Any]], bool]


def _always(params: dict[str, Any]) -> bool:
    return True


def _never(params: dict[str, Any]) -> bool:
    return False


@dataclass(frozen=True)
class Operation:
    """An endpoint of Stripe's.

    Work that only reads (which may depend on the parameters) runs beside the writer, on a connection of its own.
    """

    method: str
    path: str
    handler: Handler
    params: Params
    reads_only: Predicate = _never
    by_session: bool = False
    """Whether the caller shows the token of a meter event session instead of an API key."""

    @property
    def version(self) -> int:
        """As `version_of` its path."""
        return version_of(self.path)


def version_of(path: str) -> int:
    """1 for `/v1/...` (form-encoded), 2 for `/v2/...` (JSON)."""
    return 2 if path.startswith("/v2/") else 1


def get(path: str, handler: Handler, params: Mapping[str, Param] | None = None) -> Operation:
    """An endpoint that only reads."""
    return Operation("GET", path, handler, _params(path, params), reads_only=_always)


def post(
    path: str,
    handler: Handler,
    params: Mapping[str, Param] | None = None,
    *,
    reads_only: Predicate = _never,
) -> Operation:
    """An endpoint that creates, updates or acts."""
    return Operation("POST", path, handler, _params(path, params), reads_only)


def delete(path: str, handler: Handler, params: Mapping[str, Param] | None = None) -> Operation:
    """An endpoint that deletes; its parameters come in the query string."""
    return Operation("DELETE", path, handler, _params(path, params))


def _params(path: str, params: Mapping[str, Param] | None) -> Params:
    return Params({**(params or {}), **(EXPAND if version_of(path) == 1 else {})})


def by_specificity(operations: Iterable[Operation]) -> list[Operation]:
    """The operations, each before those whose path is more general: `/v1/products/search` before `/v1/products/{id}`."""

    def key(operation: Operation) -> tuple[list[tuple[bool, str]], str]:
        return [(segment.startswith("{"), segment) for segment in operation.path.split("/")], operation.method

    return sorted(operations, key=key)
