"""What was sent, against what Stripe counted, against what it will bill: one look at all three, for each customer."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from stripe_client.client import Client
from stripe_client.subscriptions import OVER
from stripe_usage.asking.billed import Billing, NothingToBill
from stripe_usage.asking.meter import Meter
from stripe_usage.asking.summaries import series_of
from stripe_usage.comparing.rows import Bill, Billed, Row, billed_of, events
from stripe_usage.comparing.tally import Amount, Tally
from stripe_usage.comparing.verdicts import compared
from stripe_usage.errors import UsageError
from stripe_usage.events.periods import DAY, DEFAULT_DAYS, Asked, Period, outward
from stripe_usage.events.values import time_text

from .sent import Sent, chosen

_AT_ONCE = 8


@dataclass
class _Found:
    """What Stripe says of a customer. `covered` are periods whose usage was billed before, or is not to be billed."""

    counted: Decimal | None = None
    billed: list[Billed] = field(default_factory=list)
    covered: list[Period] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Reconciler:
    """Looks at one meter. `invoices` says whether previews are compared too."""

    def __init__(self, client: Client, meter: Meter, sent: Sent, *, invoices: bool) -> None:
        self._client, self._meter, self._sent, self._invoices = client, meter, sent, invoices
        self._billing = Billing(client)

    def period(self, wish: Asked, customers: Collection[str], now: int) -> Period:
        """What summaries are asked for: by default from the first event that was sent to the last, or to now.

        Raises `UsageError` where it would end before it begins.
        """
        spans = self._sent.spans()
        mine = [spans[c] for c in chosen(spans, customers) if c in spans]
        first = min((span.first for span in mine), default=now - DEFAULT_DAYS * DAY)
        whole = outward(first, max([now, *(span.last for span in mine)]))
        found = Period(whole.start if wish.start is None else wish.start, whole.end if wish.end is None else wish.end)
        if found.end <= found.start:
            raise UsageError(f"--from: {time_text(found.start)} is not before {time_text(found.end)}, where the period ends")
        return found

    def customers(self, named: Collection[str]) -> list[str]:
        """The customers to look at: those `named`, else all that were sent something."""
        return chosen(self._sent.spans(), named)

    def look(self, customers: Collection[str], period: Period, now: int) -> list[Row]:
        """A row for each customer. Stripe is asked first: what is sent meanwhile is then too recent to be a difference."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = dict(zip(customers, pool.map(lambda c: self._ask(c, period, now), customers), strict=True))
        into = {customer: self._tallies(one, period) for customer, one in found.items()}
        elsewhere = {customer: self._tally(period) for customer in found}
        self._sent.tally(now, into, elsewhere)
        return [self._row(c, one, into[c], elsewhere[c].amount()) for c, one in found.items()]

    # -- Stripe

    def _ask(self, customer: str, period: Period, now: int) -> _Found:
        found = _Found()
        try:
            found.counted = series_of(self._client, self._meter, customer, period, "total").total
            if self._invoices:
                for subscription in self._billing.subscriptions(customer, ended=True):
                    self._ask_bill(subscription, found, now)
        except UsageError as e:
            found.problems.append(str(e))
        return found

    def _ask_bill(self, subscription: dict[str, Any], found: _Found, now: int) -> None:
        mine = any(
            ((item.get("price") or {}).get("recurring") or {}).get("meter") == self._meter.id
            for item in subscription["items"]["data"]
        )
        id, ended = subscription["id"], subscription.get("ended_at")
        if subscription["status"] in OVER:
            if mine and ended:
                found.covered.append(Period(0, ended))
                found.notes.append(f"{id} ended at {time_text(ended)}; what was used until then was billed then, or not at all")
            return
        try:
            preview = self._billing.preview(id)
        except NothingToBill as e:
            found.notes.append(str(e))
            return
        bills = billed_of(id, preview.lines, self._meter.id)
        found.billed += bills
        trial = subscription.get("trial_end") or 0
        if mine and not bills and trial > now:
            found.covered.append(Period(0, trial))
            found.notes.append(f"{id} is in its trial until {time_text(trial)}; what is used until then is not billed")

    # -- the comparison

    def _tally(self, period: Period) -> Tally:
        return Tally(self._meter.formula, period, self._meter.event_time_window)

    def _tallies(self, found: _Found, period: Period) -> list[Tally]:
        return [self._tally(p) for p in (period, *(b.period for b in found.billed), *found.covered)]

    def _row(self, customer: str, found: _Found, tallies: list[Tally], elsewhere: Amount) -> Row:
        formula = self._meter.formula
        all_, *periods = [tally.amount() for tally in tallies]
        bills = [
            Bill(billed, compared(amount, billed.quantity, formula, billed=True, packages=billed.line.packages(amount.sent)))
            for billed, amount in zip(found.billed, periods, strict=False)
        ]
        counted = None if found.counted is None else compared(all_, found.counted, formula)
        problems, notes = list(found.problems), list(found.notes)
        if self._invoices and elsewhere.events and counted is not None:
            if found.billed:
                notes.append(f"{events(elsewhere, formula)} outside of the invoice's period, and so not on it")
            else:
                problems.append(f"{events(elsewhere, formula)} billed to nobody: no subscription to a price of this meter")
        return Row(customer, counted, tuple(bills), elsewhere if self._invoices else None, tuple(problems), tuple(notes))
