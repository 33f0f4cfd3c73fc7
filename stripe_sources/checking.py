"""What is wrong with a source's rows, all of it together, before anything of them is sent; and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .aggregation import Read, read
from .errors import Unreadable
from .source import Source

AHEAD = 300
"""So many seconds after now an event may be, at Stripe."""
_SHOWN = 5


@dataclass(frozen=True)
class Preview:
    """What the rows from `start` up to `end` are. Rows that the description leaves out are in no figure."""

    rows: int
    """From `start` up to `end`, duplicates and all that follows included."""
    duplicates: int
    without_customer: int
    without_key: int
    """Nothing tells whether they repeat another one, so all count."""
    without_time: int
    """Of the whole source: nothing tells when they were."""
    future: int
    """Of the whole source: later than Stripe takes."""
    without_value: dict[str, int]
    """By event name, those that count for the meter and have a value that is missing, or that cannot be read exactly."""
    events: dict[str, dict[str, int]]
    """By `hour` and `day`, whichever the source says: for each event name the windows that have rows, which is one event each."""
    customers: list[str]
    """All, sorted."""


def preview(source: Source, *, start: int, end: int, now: int) -> Preview:
    """Reads the rows, and sends nothing. Raises `Invalid` where they are not as described."""
    with read(source, start=start, end=end, by="hour") as found:
        return previewed(found, now)


def check(
    source: Source,
    *,
    start: int,
    end: int,
    now: int,
    event_names: Collection[str] | None = None,
    unknown: Callable[[list[str]], Iterable[str]] | None = None,
) -> list[str]:
    """One readable line for each problem; none where the rows can be billed as they are.

    `event_names` are the meters that there are; `unknown` says which of the customers it is given Stripe does not have. Without
    them that is not checked. Never raises for what is wrong with the source.
    """
    strange = [] if event_names is None else meterless(source, event_names)
    try:
        with read(source, start=start, end=end, by="hour") as found:
            return [*strange, *problems(source, previewed(found, now), unknown)]
    except Unreadable as e:
        return [*strange, *getattr(e, "problems", [str(e)])]


def meterless(source: Source, event_names: Collection[str]) -> list[str]:
    """Which of the source's meters there are not: one readable line for each."""
    there = _some(sorted(event_names)) if event_names else "none"
    return [
        f"{source.path}: meters.{meter.event_name}: no meter has this event name (there are {there})"
        for meter in source.meters
        if meter.event_name not in event_names
    ]


def undeclared(source: Source, event_names: Collection[str]) -> list[str]:
    """Which of the source's meters are among those that a stack does not have: one readable line for each."""
    return [
        f"{source.path}: meters.{meter.event_name}: the stack's outputs name other meters, and not this one; declare it "
        "there and export its event name, or name the account without a stack"
        for meter in source.meters
        if meter.event_name in event_names
    ]


def problems(source: Source, found: Preview, unknown: Callable[[list[str]], Iterable[str]] | None = None) -> list[str]:
    """What is wrong with the rows, as `check` says it."""
    lines = list(_rows(source, found))
    if unknown and (strangers := sorted(unknown(found.customers))):
        lines.append(
            f"{source.path}: customer: Stripe does not know {_some(strangers)}; create what is missing, or leave its rows out "
            f"with except: {{{source.customer}: …}}"
        )
    return lines


def _rows(source: Source, found: Preview) -> Iterator[str]:
    where = f"{source.path}: "
    if not found.rows:
        yield f"{where}rows: there are none in this time, which is no answer"
    if found.without_customer:
        reason = "lead to no customer" if source.join else "have no customer"
        yield (
            f"{where}customer: {found.without_customer:,} of {found.rows:,} rows {reason}; "
            f"find out whose they are, or leave them out with except: {{{source.customer}: null}}"
        )
    if found.without_key:
        yield (
            f"{where}duplicates: {found.without_key:,} of {found.rows:,} rows have no {' or no '.join(source.duplicates)}; "
            "give other columns, or leave the rows out with except"
        )
    if found.without_time:
        zone = "" if source.zone or source.unit else " with a time zone"
        yield (
            f"{where}time: {found.without_time:,} rows have no {source.time} that is a time{zone}; "
            "correct them, or leave them out with except"
        )
    if found.future:
        yield (
            f"{where}time: {found.future:,} rows are more than {AHEAD // 60} minutes after now, which Stripe refuses; "
            "correct the clock that wrote them"
        )
    for meter in source.meters:
        if count := found.without_value[meter.event_name]:
            columns = " or no ".join(meter.value.factors)
            yield (
                f"{where}meters.{meter.event_name}: {count:,} rows have no {columns} that can be read exactly, and do not count; "
                "correct them, or leave them out with except"
            )


def previewed(read: Read, now: int) -> Preview:
    """What rows are that were read by the hour."""
    import ibis

    found, source = read.found, read.found.source
    table = found.table.filter(found.table.time.isnull() | (found.table.time >= found.at(read.start)))
    inside = (table.time < found.at(read.end)).fill_null(False)
    figures = {
        "rows": inside,
        "without_customer": inside & table.customer.isnull(),
        "without_key": inside & ibis.or_(*(table[name].isnull() for name in found.names("key"))),
        "without_time": table.time.isnull(),
        "future": (table.time >= found.at(now + AHEAD)).fill_null(False),
    }
    for i, meter in enumerate(source.meters):
        values = [table[f"value{found.values.index(name)}"].isnull() for name in meter.value.factors]
        figures[f"value{i}"] = inside & table[f"meter{i}"] & ibis.or_(*values)
    counted = _first(table.aggregate(**{name: table.count(where=condition) for name, condition in figures.items()}))
    kept = _first(read.table.aggregate(rows=read.table.rows.sum()))["rows"] or 0
    whose = read.table.filter(read.table.customer.notnull()).select("customer").distinct().order_by("customer")
    return Preview(
        rows=counted["rows"],
        duplicates=counted["rows"] - int(kept),
        without_customer=counted["without_customer"],
        without_key=counted["without_key"],
        without_time=counted["without_time"],
        future=counted["future"],
        without_value={meter.event_name: counted[f"value{i}"] for i, meter in enumerate(source.meters)},
        events={"hour": _events(read.table, source), "day": _events(read.by_day(), source)},
        customers=whose.to_pyarrow()["customer"].to_pylist(),
    )


def _events(table: Any, source: Source) -> dict[str, int]:
    """How many windows have rows, by event name."""
    names = {f"rows{i}": meter.event_name for i, meter in enumerate(source.meters)}
    table = table.filter(table.customer.notnull())
    counted = _first(table.aggregate(**{name: table.count(where=table[name] > 0) for name in names}))
    return {event_name: counted[name] for name, event_name in names.items()}


def _first(table: Any) -> dict[str, Any]:
    (row,) = table.to_pyarrow().to_pylist()
    return dict(row)


def _some(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")
