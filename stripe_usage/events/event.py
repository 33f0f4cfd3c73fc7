"""One event of usage, as read and as sent."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """A row that is fit to become an event.

    `value` is a decimal in fixed-point notation, without needless zeros; `timestamp` is Unix seconds, None where the row has
    none; `identifier` is the row's own, None where it has none; `text` is the row as it was read; `fraction` is what its time has
    beyond the second, which Stripe does not take.
    """

    line: int
    customer: str
    value: str
    timestamp: int | None
    identifier: str | None
    text: str
    fraction: str = ""


class Reject(NamedTuple):
    """A row that cannot be sent, and everything that is wrong with it."""

    line: int
    problems: tuple[str, ...]
    text: str


class Event(NamedTuple):
    """An event as Stripe gets it; `number` is its place in the checkpoint."""

    number: int
    identifier: str
    customer: str
    value: str
    timestamp: int
    row: Row
