"""A run: what the rows add up to against what was billed, and what follows from that to Stripe.

A revision is in the ledger before it is sent and after the answer, so the process may die at any moment. One whose answer is
unknown is sent again as long as Stripe recognises its identifier, and after that looked for in Stripe's summaries; until then its
window has no other one: of two under way at once nobody could tell which one counts.
"""

from __future__ import annotations

import heapq
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby, islice
from typing import NamedTuple

from stripe_client.client import Client
from stripe_pricing.exact import exactly
from stripe_usage.asking.billed import Billing
from stripe_usage.asking.meter import Meter
from stripe_usage.asking.summaries import series_of
from stripe_usage.errors import UsageError
from stripe_usage.events.event import Event, Row
from stripe_usage.events.identifiers import RECOGNISED_SECONDS
from stripe_usage.events.periods import Period
from stripe_usage.events.values import OLDEST_SECONDS, text_of
from stripe_usage.sending.parallel import send
from stripe_usage.sending.senders import Refusals, Sender

from .invoices import Invoices
from .revisions import SECONDS, Entry, Kind, Rules, State, Window, arrived, next_entry, wall
from .store import PAGE, Changes, Feed, Ledger, Written

COUNTED_SECONDS = 3600
"""How long Stripe may take to count an event; it does not say. Before that its summaries prove nothing."""

ABSENT = "Stripe does not have this customer"

SHOWN = 5


class Held(NamedTuple):
    """A change that is not sent, and why."""

    window: Window
    why: str


@dataclass
class Outcome:
    """What was done, or would be."""

    feed: Feed
    changes: Changes
    entries: int = 0
    """Revisions that were sent, or would be."""
    units: Decimal = Decimal(0)
    """How much more is billed with them."""
    customers: Counter[str] = field(default_factory=Counter)
    """How many of the revisions each has."""
    largest: list[Window] = field(default_factory=list)
    carried: int = 0
    credited: int = 0
    held: int = 0
    held_first: list[Held] = field(default_factory=list)
    unanswered: int = 0
    """Revisions of which nobody knows yet whether Stripe counted them."""
    said: list[str] = field(default_factory=list)
    """What is known of them."""

    @property
    def complete(self) -> bool:
        """Whether all that the rows add up to is billed, or will be with what would be sent."""
        return not self.held and not self.unanswered


def check(meter: Meter, source: str, window: str, feeds: Sequence[Feed]) -> None:
    """Raises `UsageError` where a source's windows cannot be billed by that meter."""
    problems = []
    if meter.formula != "sum":
        problems.append(f"it takes the {meter.formula} of events, and a window is one event; declare a meter of the formula sum")
    if meter.event_time_window and SECONDS[meter.event_time_window] > SECONDS[window]:
        problems.append(
            f"of several events in one {meter.event_time_window} it counts the last one; set the source's window to it"
        )
    others = sorted({feed.source for feed in feeds if feed.meter == meter.id} - {source})
    if meter.event_time_window and others:
        problems.append(f"{others[0]} is billed by it too, and of two events in a window it counts the last one; use two meters")
    if problems:
        raise UsageError(f"{source}: meter {meter.event_name}: {'; '.join(problems)}")


class Run:
    """One source on one meter. `absent` are customers whom Stripe does not have, `clock` is Stripe's; `told` hears of how many
    revisions there is an answer."""

    def __init__(
        self,
        ledger: Ledger,
        feed: Feed,
        changes: Changes,
        meter: Meter,
        client: Client,
        rules: Rules,
        absent: Collection[str],
        clock: Callable[[], int],
        told: Callable[[int], None],
    ) -> None:
        self.outcome = Outcome(feed, changes)
        self._ledger, self._feed, self._meter, self._client = ledger, feed, meter, client
        self._rules, self._clock, self._told, self._done = rules, clock, told, 0
        self._absent, self._closed = absent, ledger.closed(feed.source)
        self._invoices = Invoices(Billing(client), meter.id)
        self._fresh: dict[int, tuple[Window, Entry]] = {}
        """Revisions that were never sent before, by number, until their fate is known."""

    def dry(self) -> None:
        """Looks at what would be sent, and sends nothing."""
        self.outcome.unanswered = len(self._ledger.unanswered(self._feed))
        for _ in self._due():
            self._fresh.clear()

    def run(self, sender: Sender, threads: int, stopped: threading.Event) -> None:
        """Sends all that is due. Raises what ended it early; the ledger then has what was done."""
        try:
            send(iter([self._again()]), sender, threads, self, stopped)
            send(self._due(), sender, threads, self, stopped)
            for customer, found in self._invoices.found.items():
                for invoice in found:
                    if invoice.final:
                        self._ledger.invoiced(self._meter.id, customer, invoice.period, invoice.id)
        finally:
            self._ledger.commit()
        self.outcome.unanswered = len(self._ledger.unanswered(self._feed))

    # -- what nobody knows

    def _again(self) -> list[Event]:
        """The events that may be sent again; of the others Stripe's summaries say whether they were counted."""
        now, events = self._clock(), list[Event]()
        unanswered = self._ledger.unanswered(self._feed)
        if unanswered:
            self._look(min(one.timestamp for one in unanswered), now)
        unanswered.sort(key=lambda one: (one.customer, self._span(one.timestamp)))
        for (customer, span), group in groupby(unanswered, lambda one: (one.customer, self._span(one.timestamp))):
            together = list(group)
            if all(self._may_be_repeated(one, now) for one in together):
                events += (_event(one.number, one.identifier, customer, text_of(one.value), one.timestamp) for one in together)
            else:
                self._ask(customer, span, together, now)
        self._ledger.commit()
        return events

    def _may_be_repeated(self, one: Written, now: int) -> bool:
        recognised = one.state is State.SENDING and now - one.sent_at <= RECOGNISED_SECONDS and one.customer not in self._absent
        return recognised and not self._wall(one.customer, one.timestamp, now)

    def _span(self, timestamp: int) -> Period:
        seconds = SECONDS[self._feed.window]
        start = timestamp - timestamp % seconds
        return Period(start, start + seconds)

    def _ask(self, customer: str, span: Period, unknown: Sequence[Written], now: int) -> None:
        """Whether Stripe counted them: all or none, by what it counted in that hour or day."""
        sure = self._ledger.counted(self._meter.id, customer, span)
        newest = max([*(one.tried_at for one in unknown), *(one.answered_at or 0 for one in sure)])
        where = f"{customer}: {', '.join(one.identifier for one in unknown)}"
        if now - newest < COUNTED_SECONDS:
            self.outcome.said.append(f"{where}: Stripe's summaries will tell within an hour whether it was counted")
            return
        try:
            counted = series_of(self._client, self._meter, customer, span, "total").total
        except UsageError as e:
            self._unsure(where, unknown, str(e))
            return
        with exactly():
            if self._rules.overwrites:
                without, with_them = sure[-1].value if sure else Decimal(0), unknown[-1].value
            else:
                without = sum((one.value for one in sure), Decimal(0))
                with_them = without + sum(one.value for one in unknown)
        found = arrived(counted, without, with_them)
        if found is None:
            why = (
                f"Stripe counted {text_of(counted)} then, and the ledger explains {text_of(without)} without it and "
                f"{text_of(with_them)} with it"
            )
            self._unsure(where, unknown, why)
            return
        for one in unknown:
            if found:
                self._ledger.accepted([one.number], now)
            else:
                self._ledger.lost(one.number)

    def _unsure(self, where: str, unknown: Sequence[Written], why: str) -> None:
        self.outcome.said.append(f"{where}: {why}; decide with ledger settle")
        for one in unknown:
            self._ledger.unsure(one.number, why)

    # -- what is due

    def _due(self) -> Iterator[list[Event]]:
        due, (_, first) = self._ledger.due(self._feed), self._ledger.due_count(self._feed)
        while chunk := list(islice(due, PAGE)):
            now, events = self._clock(), list[Event]()
            self._look(first, now)
            for window in chunk:
                entry: Entry | str = ABSENT
                if window.customer not in self._absent:
                    walls = (self._wall(window.customer, moment, now) for moment in (window.start, now))
                    entry = next_entry(window, self._rules, now, *walls)
                if isinstance(entry, str):
                    self._hold(window, entry)
                elif entry.kind is Kind.CREDIT:
                    self._ledger.noted(self._feed, window, entry, now)
                    self.outcome.credited += 1
                else:
                    self._count(window, entry)
                    number = self._ledger.number()
                    self._fresh[number] = window, entry
                    identifier = self._ledger.identifier(self._feed, window)
                    events.append(_event(number, identifier, window.customer, entry.value, entry.timestamp))
            yield events

    def _look(self, first: int, now: int) -> None:
        self._invoices.look(max(first, now - OLDEST_SECONDS), now)

    def _wall(self, customer: str, timestamp: int, now: int) -> str:
        return wall(timestamp, now, self._closed, self._invoices.of(customer, timestamp))

    def _hold(self, window: Window, why: str) -> None:
        self._ledger.hold(window, why)
        self.outcome.held += 1
        if len(self.outcome.held_first) < SHOWN:
            self.outcome.held_first.append(Held(window, why))

    def _count(self, window: Window, entry: Entry) -> None:
        outcome = self.outcome
        outcome.entries += 1
        outcome.carried += entry.kind is Kind.CARRY
        outcome.customers[window.customer] += 1
        outcome.largest = heapq.nlargest(SHOWN, [*outcome.largest, window], key=lambda one: abs(one.change))
        with exactly():
            outcome.units += window.change

    # -- the book

    def sending(self, events: Sequence[Event]) -> None:
        """As `parallel.Book.sending`."""
        fresh = [(event.number, *self._fresh[event.number]) for event in events if event.number in self._fresh]
        self._ledger.sending(self._feed, fresh, self._clock())
        self._ledger.sending_again((event.number for event in events if event.number not in self._fresh), self._clock())
        self._ledger.commit()

    def answered(self, events: Sequence[Event], refusals: Refusals) -> None:
        """As `parallel.Book.answered`. What was sent before may have been counted then, whatever Stripe says of it now."""
        self._ledger.accepted([event.number for event in events if event.number not in refusals], self._clock())
        for event in events:
            planned, reason = self._fresh.pop(event.number, None), refusals.get(event.number)
            if reason is not None and planned is None:
                self._ledger.unsure(event.number, reason)
            elif reason is not None and planned is not None:
                self._ledger.refused(event.number, reason)
                self._refused(planned[0], reason)
        self._done += len(events)
        self._told(self._done)

    def _refused(self, window: Window, reason: str) -> None:
        self.outcome.entries -= 1
        self.outcome.customers[window.customer] -= 1
        self.outcome.largest = [one for one in self.outcome.largest if one.id != window.id]
        with exactly():
            self.outcome.units -= window.change
        self._hold(window, f"Stripe refused it: {reason}")

    def failed(self, events: Sequence[Event], error: BaseException) -> None:
        """As `parallel.Book.failed`."""
        if isinstance(error, UsageError) and not error.sent:
            self._ledger.not_sent(event.number for event in events if event.number in self._fresh)


def _event(number: int, identifier: str, customer: str, value: str, timestamp: int) -> Event:
    return Event(number, identifier, customer, value, timestamp, Row(0, customer, value, timestamp, identifier, ""))
