"""Objects that earlier runs left of resources which have another one now: retired when nothing of the stack stands on them.

In a replacement the engine sees to that order. What a lost state, or a run that died, left is in no state, so that the engine
does not know of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from stripe_client.errors import Refused

from .existing import Existing


class Leftovers:
    """Of all kinds. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kinds: list[Existing] = []
        self._looks: list[Callable[[str], None]] = []
        self._done: set[str] = set()
        self._seen: set[str] = set()
        self._waiting: dict[str, tuple[set[str], Callable[[], None]]] = {}

    def enter(self, existing: Existing, look: Callable[[str], None]) -> None:
        """Adds a kind, whose objects can stand on a leftover; `look` adds the leftovers of its resources in one stack."""
        self._kinds.append(existing)
        self._looks.append(look)

    def look(self, stack: str) -> None:
        """Adds the leftovers of all resources of a stack that have another object."""
        for look in self._looks:
            look(stack)

    def add(self, id_: str, stack: str, retire: Callable[[], None]) -> list[str]:
        """Retires the leftover, or leaves that for later: the ids of what stands on it now. Once for each."""
        with self._lock:
            if id_ in self._seen:
                return []
            self._seen.add(id_)
        standing = self._standing_on(id_, stack)
        with self._lock:
            standing -= self._done
            if standing:
                self._waiting[id_] = standing, retire
                return sorted(standing)
        self._retire(id_, retire)
        return []

    def done(self, id_: str) -> None:
        """An object is as its resource wants it, or retired: it stands on no leftover any more."""
        with self._lock:
            self._done.add(id_)
            for standing, _ in self._waiting.values():
                standing.discard(id_)
            due = {leftover: retire for leftover, (standing, retire) in self._waiting.items() if not standing}
            for leftover in due:
                del self._waiting[leftover]
        for leftover, retire in due.items():
            self._retire(leftover, retire)

    def _retire(self, id_: str, retire: Callable[[], None]) -> None:
        try:
            retire()
        except BaseException:
            with self._lock:
                self._seen.discard(id_)
            raise
        self.done(id_)

    def _standing_on(self, id_: str, stack: str) -> set[str]:
        found: set[str] = set()
        for existing in self._kinds:
            try:
                found |= {str(live["id"]) for _, live in existing.of_stack(stack) if _mentions(live, id_)}
            except Refused:  # a key that may not read a kind does not manage it either
                continue
        return found - {id_}


def _mentions(value: Any, id_: str) -> bool:
    if isinstance(value, Mapping):
        return any(_mentions(each, id_) for each in value.values())
    if isinstance(value, (list, tuple)):
        return any(_mentions(each, id_) for each in value)
    return bool(value == id_)
