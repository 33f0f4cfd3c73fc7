"""Events that Stripe took, and dropped later."""

from __future__ import annotations

from typing import NamedTuple


class Why(NamedTuple):
    """Why an event was dropped, and when that was reported (Unix seconds)."""

    said: str
    at: int


class Dropped(NamedTuple):
    """An event that was dropped: its identifier, why, and its row's file (nothing where it was recorded by itself) and line."""

    identifier: str
    why: str
    source: str
    line: int

    def __str__(self) -> str:
        return f"{f'{self.source}, line {self.line}' if self.source else self.identifier}: {self.why}"
