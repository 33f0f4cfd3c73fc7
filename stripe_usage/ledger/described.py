"""A source that a file describes: what its rows add up to, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from stripe_client.client import Client
from stripe_sources import aggregation, checking, source
from stripe_sources.aggregates import Aggregate
from stripe_sources.errors import Unreadable
from stripe_usage.asking.customers import strangers
from stripe_usage.asking.meter import Meter, active
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
        meters = {meter.event_name: meter for meter in active(client)}
        strange = checking.meterless(self._source, meters)
        if declared := {name for name, meter in meters.items() if meter.id in outputs or name in outputs}:
            strange += checking.undeclared(self._source, meters.keys() - declared)
        if strange:  # before the rows are added up, which can take minutes
            raise UsageError("\n".join(strange))
        with _readable(), aggregation.read(self._source, start=period.start, end=period.end, by="hour") as read:
            preview = checking.previewed(read, now)
            problems = checking.problems(self._source, preview, lambda customers: strangers(client, customers))
            yield Read(aggregation.aggregates(read), problems, preview.events, meters)


class Read(NamedTuple):
    """Rows that were read."""

    aggregates: Iterator[Aggregate]
    """What they add up to, in order of event name, customer and time."""
    problems: list[str]
    """What is wrong with some of them, which are not billed."""
    events: Mapping[str, Mapping[str, int]]
    """By `hour` and `day`, whichever the source has: by event name, how many windows there are."""
    meters: Mapping[str, Meter]
    """The account's active ones, by event name; each of the source is among them."""


@contextmanager
def _readable() -> Iterator[None]:
    """Raises `UsageError` with what is wrong."""
    try:
        yield
    except Unreadable as e:
        raise UsageError(str(e)) from None
