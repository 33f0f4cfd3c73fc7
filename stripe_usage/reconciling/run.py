"""What was sent, against what Stripe counted, against what it will bill: one look at all three, for each customer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from decimal import Decimal

from stripe_client.client import Client
from stripe_client.subscriptions import OVER
from stripe_usage.asking.billed import Billing, NothingToBill, Past
from stripe_usage.asking.meter import Meter
from stripe_usage.asking.summaries import series_of
from stripe_usage.comparing.coverage import Gap, Term, Voided, gaps
from stripe_usage.comparing.rows import (
    Bill,
    Billed,
    Row,
    Unbilled,
    apart,
    as_made,
    billed_of,
    events,
    from_the_start,
    whole_periods,
)
from stripe_usage.comparing.tally import Amount, Tally
from stripe_usage.comparing.verdicts import compared
from stripe_usage.errors import UsageError
from stripe_usage.events.periods import DAY, DEFAULT_DAYS, Asked, Period, outward
from stripe_usage.events.values import time_text

from .sent import Record, chosen

_AT_ONCE = 8


@dataclass
class _Found:
    """What Stripe says of a customer. `covered` is the time whose usage is billed or free, with what is said of usage in it."""

    counted: Decimal | None = None
    billed: list[Billed] = field(default_factory=list)
    covered: list[tuple[Period, str]] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    voided: list[Voided] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class _Tallies:
    """What was sent, in each of the periods that matter for a customer."""

    all: Tally
    billed: list[Tally]
    covered: list[Tally]
    gaps: list[tuple[Gap, Tally]]

    def __iter__(self) -> Iterator[Tally]:
        yield from (self.all, *self.billed, *self.covered, *(tally for _, tally in self.gaps))


class Reconciler:
    """Looks at one meter. `invoices` says whether previews are compared too."""

    def __init__(self, client: Client, meter: Meter, sent: Record, *, invoices: bool) -> None:
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

    def look(self, customers: Collection[str], wish: Asked, period: Period, now: int) -> list[Row]:
        """A row for each customer. Stripe is asked first: what is sent meanwhile is then too recent to be a difference."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = dict(zip(customers, pool.map(lambda c: self._ask(c, wish, period, now), customers), strict=True))
        tallies = {customer: self._tallies(one, period) for customer, one in found.items()}
        self._sent.tally(now, {customer: list(one) for customer, one in tallies.items()})
        return [replace(self._row(c, one, tallies[c]), used=self._sent.used(c, period, now)) for c, one in found.items()]

    # -- Stripe

    def _ask(self, customer: str, wish: Asked, period: Period, now: int) -> _Found:
        found = _Found()
        try:
            found.counted = series_of(self._client, self._meter, customer, period, "total").total
            if self._invoices:
                self._ask_bills(customer, found, wish, period, now)
        except UsageError as e:
            found.problems.append(str(e))
        return found

    def _ask_bills(self, customer: str, found: _Found, wish: Asked, period: Period, now: int) -> None:
        subscriptions = self._billing.subscriptions(customer, ended=True)
        # What was billed at a threshold since the present period began belongs to the preview.
        running = [i for s in subscriptions if s["status"] not in OVER for i in s["items"]["data"]]
        begun = [i.get("current_period_start") or now for i in running]
        past = self._billing.invoices(customer, min([period.start, *begun])) if subscriptions else []
        for subscription in subscriptions:
            id, over = subscription["id"], subscription["status"] in OVER
            bills = self._past(id, past, found.voided)
            items = [
                i for i in subscription["items"]["data"] if (i["price"].get("recurring") or {}).get("meter") == self._meter.id
            ]
            if not over:
                try:
                    bills += billed_of(id, self._billing.preview(id).lines, self._meter.id)
                    found.covered += ((Period(i["current_period_start"], i["current_period_end"]), "") for i in items)
                except NothingToBill as e:
                    found.notes.append(str(e))
            if not items and not bills:
                continue
            bills = whole_periods(bills)
            start, ended = subscription["start_date"], subscription.get("ended_at")
            found.terms.append(Term(id, start, ended))
            trial = Period(subscription.get("trial_start") or 0, subscription.get("trial_end") or 0)
            if trial.end:
                verb = "is" if trial.end > now else "was"
                free = f"{id} {verb} in its trial until {time_text(trial.end)}; what is used until then is not billed"
                found.covered.append((trial, free))
            bills = [bill for bill in bills if not trial.start <= bill.period.start < bill.period.end <= trial.end]
            if start < subscription["created"]:
                bills = from_the_start(bills, trial.end if start <= trial.start < trial.end else start)
            for bill in apart(bills):
                if bill.period.end > period.start:
                    compare = not bill.invoice or wish.start is None or bill.period.start >= wish.start
                    found.billed.append(bill) if compare else found.covered.append((bill.period, ""))

    def _past(self, subscription: str, invoices: Sequence[Past], voided: list[Voided]) -> list[Billed]:
        """What past invoices billed."""
        found = []
        for invoice in invoices:
            for line in billed_of(subscription, invoice.lines, self._meter.id, invoice.id, early=invoice.early):
                bill = as_made(line, invoice.created)
                if bill and invoice.voided:
                    voided.append(Voided(invoice.id, bill.period))
                elif bill:
                    found.append(bill)
        return found

    # -- the comparison

    def _tally(self, period: Period) -> Tally:
        return Tally(self._meter.formula, period, self._meter.event_time_window)

    def _tallies(self, found: _Found, period: Period) -> _Tallies:
        covered = [*(bill.period for bill in found.billed), *(free for free, _ in found.covered)]
        uncovered = gaps(period, covered, found.terms, found.voided) if self._invoices and not found.problems else []
        return _Tallies(
            self._tally(period),
            [self._tally(bill.period) for bill in found.billed],
            [self._tally(free) for free, _ in found.covered],
            [(gap, self._tally(gap.period)) for gap in uncovered],
        )

    def _row(self, customer: str, found: _Found, tallies: _Tallies) -> Row:
        formula = self._meter.formula
        bills = [self._bill(billed, tally.amount()) for billed, tally in zip(found.billed, tallies.billed, strict=True)]
        counted = None if found.counted is None else compared(tallies.all.amount(), found.counted, formula)
        unbilled = [Unbilled(amount, gap) for gap, tally in tallies.gaps if (amount := tally.amount()).events]
        problems = [*found.problems, *(f"{events(u.amount, formula)} billed to nobody: {u.gap.why}" for u in unbilled)]
        free = [said for (_, said), tally in zip(found.covered, tallies.covered, strict=True) if said and tally.amount().events]
        return Row(customer, counted, tuple(bills), tuple(unbilled), tuple(problems), (*found.notes, *free))

    def _bill(self, billed: Billed, amount: Amount) -> Bill:
        packages = billed.line.packages(amount.sent)
        return Bill(billed, compared(amount, billed.quantity, self._meter.formula, billed=True, packages=packages))
