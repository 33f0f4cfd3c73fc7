"""From the fields of a row to what can be sent, or to everything that is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from stripe_sources.errors import Wrong
from stripe_sources.numbers import value_of

from .event import Reject, Row
from .values import check_window, customer_of, identifier_of, moment_of

T = TypeVar("T")

_ABSENT = (None, "")


@dataclass(frozen=True)
class Columns:
    """What the fields are called in the file."""

    customer: str = "customer"
    value: str = "value"
    timestamp: str = "timestamp"
    identifier: str = "identifier"


@dataclass(frozen=True)
class Rules:
    """What rows must satisfy.

    `counts`: the meter counts events, so a row needs no value; `has_batch`: the import has a name of its own, by which rows
    without a time are told from those of another import.
    """

    columns: Columns = Columns()
    counts: bool = False
    has_batch: bool = False


def row_of(fields: Mapping[str, object], rules: Rules, now: int, line: int, text: str) -> Row | Reject:
    """The row as an event to be, at a time when Stripe's clock shows `now`; or all that is wrong with it."""
    columns, problems = rules.columns, list[str]()
    customer = _taken(fields, columns.customer, customer_of, problems, "name the customer that used something")
    value = _taken(fields, columns.value, value_of, problems, "" if rules.counts else "say how much was used")
    timestamp, fraction = _taken(fields, columns.timestamp, moment_of, problems) or (None, "")
    identifier = _taken(fields, columns.identifier, identifier_of, problems)
    if timestamp is not None:
        try:
            check_window(timestamp, now)
        except Wrong as e:
            problems.append(f"{columns.timestamp}: {e}")
    elif not rules.has_batch and fields.get(columns.timestamp) in _ABSENT and fields.get(columns.identifier) in _ABSENT:
        problems.append(
            f"{columns.timestamp}: is missing, and so is {columns.identifier}: the row could not be told from another import's; "
            "give one of them, or name the import with --batch"
        )
    if problems:
        return Reject(line, tuple(problems), text)
    return Row(line, customer or "", value or "1", timestamp, identifier, text, fraction)


def _taken(
    fields: Mapping[str, object], column: str, convert: Callable[[object], T], problems: list[str], needed: str = ""
) -> T | None:
    raw = fields.get(column)
    if raw is None or raw == "":
        if needed:
            problems.append(f"{column}: is missing; {needed}")
        return None
    try:
        return convert(raw)
    except Wrong as e:
        problems.append(f"{column}: {e}")
        return None
