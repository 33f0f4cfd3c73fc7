"""Rows added up by window, customer and meter, by the engine: one expression, whichever engine that is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from .aggregates import Aggregate
from .engine import BATCH, opened
from .errors import Invalid
from .rows import UNITS, Rows, rows
from .source import Source

SECONDS = {"hour": 3600, "day": 86400}
_TRUNCATED = {"hour": "h", "day": "D"}


class Read(NamedTuple):
    """The rows of a source from `start` up to `end`, read once. `table`, in this process, has what they add up to.

    `by` is `hour` or `day`.
    """

    found: Rows
    start: int
    end: int
    by: str
    table: Any

    def by_day(self) -> Any:
        """The windows of a day, of those of an hour."""
        day = SECONDS["day"] * UNITS[self.found.source.unit]
        table = self.table.mutate(start=self.table.start - self.table.start % day)
        columns = [name for name in table.columns if name not in ("customer", "start")]
        sums = {name: table[name].sum().cast(table[name].type()) for name in columns}
        return table.group_by("customer", "start").aggregate(**sums)


def aggregate(source: Source, *, start: int, end: int) -> Iterator[Aggregate]:
    """What the rows from `start` up to, not including, `end` (Unix seconds, at which windows begin) add up to.

    In the order of event name, customer and window. A window has the same value whatever other windows are asked for with it.
    Rows without a customer, a time or a value that can be read exactly are in no window: `checking` tells how many there are.
    Raises `Invalid` where the rows are not as described, and `ValueError` where a window is cut.
    """
    with read(source, start=start, end=end) as found:
        yield from aggregates(found)


@contextmanager
def read(source: Source, *, start: int, end: int, by: str = "") -> Iterator[Read]:
    """For `aggregates` and for what `checking` says of the same rows. Raises as `aggregate`, also inside the block.

    `by` the hour, unless the source's windows are enough, where it is to be told how many of either size there are.
    """
    size = SECONDS[source.window]
    if start % size or end % size or start >= end:
        raise ValueError(f"from {start} to {end} is no number of whole {source.window}s, UTC")
    by = by or source.window
    with opened(source) as engine:
        found = rows(engine, source)
        refuse_ambiguous(found)
        yield Read(found, start, end, by, engine.fetched(windows(found, start=start, end=end, window=by)))


def aggregates(read: Read) -> Iterator[Aggregate]:
    """As `aggregate`."""
    source = read.found.source
    size = SECONDS[source.window]
    table = read.table if read.by == source.window else read.by_day()
    table = table.filter(table.customer.notnull())
    for i, meter in enumerate(source.meters):
        sums = [f"sum{i}_{j}" for j in range(len(meter.value.factors))]
        chosen = table.filter(table[f"rows{i}"] > 0).order_by("customer", "start").select("customer", "start", f"rows{i}", *sums)
        for batch in chosen.to_pyarrow_batches(chunk_size=BATCH):
            for customer, began, count, *columns in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                began //= UNITS[source.unit]
                value = meter.value.total(count, columns)
                yield Aggregate(
                    meter.event_name, customer, began, began + size, value, int(count)
                )  # a sum of counts is a decimal


def windows(found: Rows, *, start: int, end: int, window: str) -> Any:
    """By customer (or none) and window: its `rows`, for each meter those that count, and the sums of the columns of its value."""
    import ibis

    table = distinct(found, start=start, end=end)
    if table.time.type().is_integer():
        began = table.time - table.time % (SECONDS[window] * UNITS[found.source.unit])
    else:
        began = table.time.truncate(_TRUNCATED[window]).epoch_seconds()
    table = table.mutate(start=began.cast("int64"))
    columns = {"rows": table.count()}
    for i, meter in enumerate(found.source.meters):
        values = [table[f"value{found.values.index(name)}"] for name in meter.value.factors]
        counts = ibis.and_(table[f"meter{i}"], *(value.notnull() for value in values))
        columns[f"rows{i}"] = table.count(where=counts)
        for j, value in enumerate(values):
            columns[f"sum{i}_{j}"] = value.sum(where=counts).cast(value.type())
    return table.group_by("customer", "start").aggregate(**columns)


def distinct(found: Rows, *, start: int, end: int) -> Any:
    """The rows of these windows without those that repeat another one, of which the earliest counts.

    A row repeats the one before it of the same key, if that is recent enough. That is the same from wherever one begins to read,
    as long as one begins so much earlier. The order is total as far as anything here can tell rows apart.
    """
    import ibis

    source = found.source
    within = source.within_days * SECONDS["day"] if source.duplicates else 0
    table = found.table.filter(found.table.time >= found.at(start - within), found.table.time < found.at(end))
    if keys := found.names("key"):
        filtered = [f"meter{i}" for i, meter in enumerate(source.meters) if meter.only or meter.leave_out]
        order = ["time", *found.names("value"), *filtered, "customer"]
        over = ibis.window(group_by=keys, order_by=[table[name].asc(nulls_first=True) for name in order])
        table = table.mutate(before=table.time.lag().over(over))
        gap = within * UNITS[source.unit] if table.time.type().is_integer() else ibis.interval(days=source.within_days)
        table = table.filter(
            ibis.or_(table.before.isnull(), table.before + gap < table.time, *(table[name].isnull() for name in keys))
        )
    return table.filter(table.time >= found.at(start))


def refuse_ambiguous(found: Rows) -> None:
    """Raises `Invalid` where the join leads from one key to several customers: whose are the rows?"""
    if (join := found.source.join) and (keys := found.ambiguous.limit(5).to_pyarrow()["leads"].to_pylist()):
        raise Invalid(
            [
                f"{found.source.path}: customer.join: {', '.join(sorted(keys))} in {join.key} leads to several values of "
                f"{join.customer}; leave one line for each"
            ]
        )
