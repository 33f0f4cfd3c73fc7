"""How many objects of one kind are read with few requests: which page of Stripe's list to ask for next, or none. Pure.

A refresh reads each object by itself. What one stack made lies together in Stripe's list, which is sorted by time: so once some
objects were read, the list is asked from one of them on, newer or older as needed, 100 objects at a time, and later reads are
answered from these pages. Whatever the account holds, this never takes many more requests than reading each object by itself,
because a page must pay before the next one is asked for.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Live = Mapping[str, Any]

FEW = 10
"""How many reads a process makes one by one in any case: a small stack needs no lists."""

PAGE = 100
"""Objects on a page, Stripe's maximum."""

ADVANCE = 3
"""Pages that are asked for before any has answered a read."""

WORTH = 5
"""Reads that a page must have answered, on average, before more are asked for; and how many objects of the stack must be on a
page for the list to be followed further in search of one that was not on it."""

FRESH_SECONDS = 30.0
"""How old a page may be to answer a read."""


class Alone(enum.Enum):
    """Read the object by itself, and show it to `saw`."""

    JUST = "just that"
    FIRST = "before anything else is read: the list can begin there"


@dataclass(frozen=True)
class Page:
    """Ask for the page of the list next to the object `cursor`, and hand it to `turned`."""

    newer: bool
    cursor: str

    @property
    def params(self) -> dict[str, Any]:
        """https://docs.stripe.com/api/pagination"""
        return {"limit": PAGE, "ending_before" if self.newer else "starting_after": self.cursor}


@dataclass
class _End:
    """One end of the stretch of the list that is known."""

    id: str
    created: int
    more: bool = True


class Sweep:
    """The reads of one kind of object in one process. `ours` tells objects that the stack made, as far as they show it."""

    def __init__(self, ours: Callable[[Live], bool]) -> None:
        self._ours = ours
        self._reads, self._answered, self._pages, self._firsts = 0, 0, 0, 0
        self._wished: set[str] = set()
        self._known: dict[str, tuple[float, Live]] = {}
        self._newest: _End | None = None
        self._oldest: _End | None = None
        self._since = 0.0
        self.left = 0
        """How many times the list was left: what was read by itself before the last time does not lead back to it."""

    def wish(self, id_: str) -> None:
        """The object is going to be read."""
        self._reads += 1
        self._wished.add(id_)

    def find(self, id_: str, created: int, now: float) -> Live | Page | Alone:
        """The object as a page had it; or what to do to get it. `created` is its Unix time, `now` in seconds of any clock."""
        at, live = self._known.get(id_, (now, None))
        if live is not None and now - at <= FRESH_SECONDS:
            self._answered += 1
            return live
        if now - self._since > FRESH_SECONDS:
            self.lost()
        if self._reads <= FEW or self._pages >= ADVANCE + self._answered // WORTH:
            return Alone.JUST
        if self._newest is None or self._oldest is None:
            # All that wait for the first one wait in vain where it is gone: so not many first ones.
            self._firsts += 1
            return Alone.FIRST if self._firsts <= ADVANCE else Alone.JUST
        # Between the two ends everything is known: what is not there is gone, or not listed (a cancelled subscription).
        if self._newest.more and created >= self._newest.created:
            return Page(True, self._newest.id)
        if self._oldest.more and created <= self._oldest.created:
            return Page(False, self._oldest.id)
        return Alone.JUST

    def saw(self, live: Live | None, now: float, left: int) -> None:
        """An object was read by itself, None where it was gone: the list can be asked from there on.

        `left` is what it was when the read began.
        """
        if live is not None and self._newest is None and left == self.left:
            self._newest = _End(live["id"], live["created"])
            self._oldest = _End(live["id"], live["created"])
            self._since = now

    def turned(self, page: Page, objects: Sequence[Live], more: bool, id_: str, now: float) -> None:
        """A page came, newest first, for the sake of the object `id_`; `more`: the list goes on beyond it.

        `now` is the time when it was asked for.
        """
        self._pages += 1
        self._known.update((o["id"], (now, o)) for o in objects)
        end = self._newest if page.newer else self._oldest
        if end is not None:
            end.more = more
            if objects:
                last = objects[0 if page.newer else -1]
                end.id, end.created = last["id"], last["created"]
        wanted = sum(o["id"] in self._wished or self._ours(o) for o in objects)
        if more and wanted < WORTH and all(o["id"] != id_ for o in objects):
            self.lost()  # others' objects lie between: better begin anew beyond them

    def refused(self) -> None:
        """A page could not be had."""
        self._pages += 1
        self.lost()

    def lost(self) -> None:
        """Where the list was left off is not known any more; what pages had still holds."""
        self.left += self._newest is not None
        self._newest = self._oldest = None

    def forget(self) -> None:
        """What pages had does not hold any more either."""
        self.lost()
        self._known.clear()
