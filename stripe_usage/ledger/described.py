"""A source that a file describes: what its rows add up to, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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

    def problems(self, period: Period, now: int, client: Client) -> list[str]:
        """What is wrong with the rows, none of which is billed. Raises `StripeError`."""
        return checking.check(
            self._source,
            start=period.start,
            end=period.end,
            now=now,
            event_names=event_names(client),
            unknown=lambda customers: strangers(client, customers),
        )


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except Unreadable as e:
        raise UsageError(str(e)) from None
