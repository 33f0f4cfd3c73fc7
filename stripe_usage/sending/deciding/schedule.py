"""Which events may be sent now: those of one customer in order, one request at a time; different customers side by side. Pure.

Stripe answers 409 where two requests report usage of one customer to one meter at once, and a meter that takes the last value
needs the order. https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from stripe_usage.events.event import Event


class Schedule:
    """Events that wait, by customer. All are of one meter."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Event]] = {}
        self._ready: deque[str] = deque()  # customers that have something waiting and nothing under way
        self._under_way: set[str] = set()
        self._count = 0

    def __len__(self) -> int:
        """How many events wait; those under way are not among them."""
        return self._count

    @property
    def under_way(self) -> int:
        """How many customers have events under way."""
        return len(self._under_way)

    def add(self, event: Event) -> None:
        """One more event, behind those of the same customer."""
        self._count += 1
        queue = self._waiting.get(event.customer)
        if queue is not None:
            queue.append(event)
            return
        self._waiting[event.customer] = deque((event,))
        if event.customer not in self._under_way:
            self._ready.append(event.customer)

    def take(self, most: int) -> list[Event]:
        """Up to `most` events for one request; their customers' other events wait until `done` is called with them.

        None where every customer with events waiting has some under way.
        """
        taken: list[Event] = []
        while self._ready and len(taken) < most:
            customer = self._ready.popleft()
            self._under_way.add(customer)
            queue = self._waiting[customer]
            while queue and len(taken) < most:
                taken.append(queue.popleft())
            if not queue:
                del self._waiting[customer]
        self._count -= len(taken)
        return taken

    def done(self, events: Sequence[Event]) -> None:
        """The request with these events has ended."""
        for customer in {event.customer for event in events}:
            self._under_way.discard(customer)
            if customer in self._waiting:
                self._ready.append(customer)
