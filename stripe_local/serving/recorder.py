"""Every request that came in, in order, for tests to look at. Kept in memory, from the start of the server on."""

from __future__ import annotations

import itertools
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

# Older entries are dropped, so that a server that runs for long, or is sent much, does not grow without end.
CAPACITY = 100_000
MOST_BYTES = 64 * 1024 * 1024
"""Of bodies and of errors, together."""


@dataclass
class Entry:
    """One request. `status` is None while it is worked on, and when the connection was lost on purpose.

    `client` is who asked, as its User-Agent says, `received` is Unix seconds of real time, `error` what Stripe's envelope held.
    """

    number: int
    method: str
    path: str
    request_id: str
    idempotency_key: str | None
    client: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    status: int | None = None
    replayed: bool = False
    livemode: bool | None = None
    fault: str | None = None
    held: str | None = None
    error: dict[str, Any] | None = None
    received: int = field(default_factory=lambda: int(time.time()))
    size: int = 0

    def public(self) -> dict[str, Any]:
        """The entry as `/_local/requests` shows it."""
        return {
            "number": self.number,
            "method": self.method,
            "path": self.path,
            "parameters": self.parameters,
            "status": self.status,
            "idempotency_key": self.idempotency_key,
            "request_id": self.request_id,
            "replayed": self.replayed,
            "livemode": self.livemode,
            "client": self.client,
            "fault": self.fault,
            "held": self.held,
            "error": self.error,
            "received": self.received,
        }


class Recorder:
    """The list of requests; numbers start at 1 and never start again, not even after `clear`."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()
        self._count = 0
        self._size = 0

    def begin(self, method: str, path: str, request_id: str, idempotency_key: str | None, client: str) -> Entry:
        """Write down a request as it arrives."""
        self._count += 1
        entry = Entry(self._count, method, path, request_id, idempotency_key, client)
        self._entries.append(entry)
        if len(self._entries) > CAPACITY:
            self._drop()
        return entry

    def weigh(self, entry: Entry, size: int) -> None:
        """Count what the entry holds, in bytes, and make room for it. An entry that is forgotten already counts for nothing."""
        if not self._entries or entry.number < self._entries[0].number:
            return
        entry.size += size
        self._size += size
        while self._size > MOST_BYTES and len(self._entries) > 1:
            self._drop()

    def _drop(self) -> None:
        self._size -= self._entries.popleft().size

    def since(self, number: int) -> list[dict[str, Any]]:
        """The requests after that number."""
        return [entry.public() for entry in self._entries if entry.number > number]

    def latest(self, count: int, *, errors: bool = False) -> list[dict[str, Any]]:
        """The newest requests, newest first; `errors` for those that failed or got no answer."""
        found = (entry for entry in reversed(self._entries) if not errors or (entry.status or 999) >= 400)
        return [entry.public() for entry in itertools.islice(found, count)]

    def clear(self) -> None:
        """Forget all requests."""
        self._entries.clear()
        self._size = 0


def readable(parameters: Any, name: str = "") -> Any:
    """Parameters with `items[0]` shown as lists; free keys, as in metadata, stay what they are."""
    if isinstance(parameters, list):
        return [readable(value) for value in parameters]
    if not isinstance(parameters, dict):
        return parameters
    values = {key: readable(value, key) for key, value in parameters.items()}
    if values and name not in ("metadata", "payload") and sorted(values) == sorted(map(str, range(len(values)))):
        return [values[str(index)] for index in range(len(values))]
    return values
