"""A source that a file describes: what its rows add up to, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from stripe_client.client import Client
from stripe_sources import aggregation, checking, source
from stripe_sources.aggregates import Aggregate
from stripe_sources.errors import Unreadable
from stripe_usage.asking.customers import strangers
from stripe_usage.asking.meter import event_names
from stripe_usage.errors import UsageError
from stripe_usage.events.periods import Period

from .revisions import SECONDS, Late


class Described:
    """The source. Raises `UsageError` where the file describes none."""

    def __init__(self, path: str) -> None:
        with _readable():
            self._source = source.read(path)
        self.name = self._source.name
        self.window: str = self._source.window
        self.seconds = SECONDS[self.window]
        self.late = Late(self._source.late)

    def aggregates(self, period: Period) -> Iterator[Aggregate]:
        """What the rows of whole windows add up to, in order of event name, customer and time. Raises `UsageError`."""
        with _readable():
            yield from aggregation.aggregate(self._source, start=period.start, end=period.end)

    @contextmanager
    def read(self, period: Period, now: int, client: Client, outputs: Collection[str] = ()) -> Iterator[Read]:
        """The rows of whole windows, read once. Raises `UsageError`, also inside the block, and `StripeError`.

        Where some of the stack's `outputs` are ids or event names of meters, the source may have no others.
        """
        there = event_names(client)
        strange = checking.meterless(self._source, there.values())
        if declared := {name for id, name in there.items() if id in outputs or name in outputs}:
            strange += checking.undeclared(self._source, set(there.values()) - declared)
        with _readable(strange), aggregation.read(self._source, start=period.start, end=period.end, by="hour") as read:
            preview = checking.previewed(read, now)
            problems = checking.problems(self._source, preview, lambda customers: strangers(client, customers))
            if strange:
                raise UsageError("\n".join([*strange, *problems]))
            yield Read(aggregation.aggregates(read), problems, preview.events)


class Read(NamedTuple):
    """Rows that were read."""

    aggregates: Iterator[Aggregate]
    """What they add up to, in order of event name, customer and time."""
    problems: list[str]
    """What is wrong with some of them, which are not billed."""
    events: Mapping[str, Mapping[str, int]]
    """By `hour` and `day`, whichever the source has: by event name, how many windows there are."""


@contextmanager
def _readable(also: Iterable[str] = ()) -> Iterator[None]:
    """Raises `UsageError` with what is wrong, and what is wrong also."""
    try:
        yield
    except Unreadable as e:
        raise UsageError("\n".join([*also, str(e)])) from None
