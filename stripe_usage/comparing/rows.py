"""What was found for each customer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from stripe_pricing import number
from stripe_pricing.exact import exactly
from stripe_usage.events.periods import Period
from stripe_usage.invoices.lines import Line

from .coverage import Gap
from .tally import Amount
from .verdicts import Compared, Verdict


@dataclass(frozen=True)
class Billed:
    """What an invoice, or the preview of one, bills of the meter's usage: one price in one period. `quantity` is Stripe's."""

    subscription: str
    price: str
    period: Period
    quantity: Decimal
    line: Line
    invoice: str = ""
    """"" for the preview of the next one."""
    early: bool = False
    """Whether the rest of the period is billed later, since the invoice is one at a billing threshold."""
    anew: bool = False
    """Whether all of the period is billed, and what was billed before is taken back: so it is with another volume tier."""
    before: tuple[str, ...] = ()
    """The invoices at billing thresholds that billed a part of it."""


@dataclass(frozen=True)
class Bill:
    """What is billed, against what was sent in the same period."""

    billed: Billed
    compared: Compared


@dataclass(frozen=True)
class Unbilled:
    """What was sent and is on no invoice, and why."""

    amount: Amount
    gap: Gap


class Read(NamedTuple):
    """How many rows there are, and what they come to."""

    rows: int
    value: Decimal


@dataclass(frozen=True)
class Used:
    """What the rows of a source come to, how many they are, and what of it was billed or written down for a credit."""

    rows: int
    value: Decimal
    billed: Decimal
    why: str = ""
    """Why the rest is not."""
    read: Read | None = None
    """What they are now; None where nobody looked."""
    newer: int = 0
    """Rows of windows that the ledger was never read for."""

    @property
    def changed(self) -> str:
        """How the rows differ from what they were when the ledger was read; "" where they do not."""
        if self.read is None or self.read == (self.rows, self.value):
            return ""
        return (
            f"{number(self.read.value)} in {self.read.rows:,} rows now, and {number(self.value)} in {self.rows:,} when "
            "aggregate read them; run it again"
        )

    @property
    def difference(self) -> str:
        """How much the rows have more, or less; "" where all is billed."""
        if self.value == self.billed:
            return ""
        with exactly():
            change = self.value - self.billed
        said = f"{number(abs(change))} {'more' if change > 0 else 'less'} than was billed"
        return f"{said}: {self.why}" if self.why else said


@dataclass(frozen=True)
class Row:
    """A customer. `used` is None where no ledger says what the rows come to."""

    customer: str
    counted: Compared | None
    """Against the summaries; None where Stripe has none, because of a `problem`."""
    bills: tuple[Bill, ...]
    unbilled: tuple[Unbilled, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    used: Used | None = None

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all."""
        if self.problems or self.counted is None or (self.used and (self.used.changed or self.used.difference)):
            return Verdict.DIFFERS
        found = {self.counted.verdict, *(bill.compared.verdict for bill in self.bills)}
        return next(v for v in (Verdict.DIFFERS, Verdict.OPEN, Verdict.EQUAL) if v in found)

    @property
    def said(self) -> list[str]:
        """What a reader must know of the customer, a sentence each."""
        found = list(self.problems)
        if self.used and self.used.changed:
            found.append(f"source: {self.used.changed}")
        if self.used and self.used.difference:
            found.append(f"rows: {self.used.difference}")
        if self.counted and self.counted.why:
            found.append(f"summaries: {self.counted.why}")
        found += [f"{_named(bill.billed)}: {bill.compared.why}{_late(bill)}" for bill in self.bills if bill.compared.why]
        if self.used and self.used.newer:
            found.append(f"source: {self.used.newer:,} rows of later windows, which aggregate has not read yet")
        return [*found, *self.notes]


def _late(bill: Bill) -> str:
    less = bill.billed.invoice and bill.compared.verdict is Verdict.DIFFERS and bill.compared.difference < 0
    return ": what is reported after an invoice was made is on none" if less else ""


def _named(billed: Billed) -> str:
    name = f"invoice {billed.invoice} of {billed.subscription}" if billed.invoice else f"invoice of {billed.subscription}"
    return f"{name}, with {' and '.join(billed.before)} at a threshold" if billed.before else name


def billed_of(subscription: str, lines: Sequence[Line], meter: str, invoice: str = "", *, early: bool = False) -> list[Billed]:
    """The meter's usage on an invoice; lines of the same price and period, into which Stripe splits tiers, count as one.

    An invoice is `early` at a billing threshold.
    """
    mine = [line for line in lines if line.meter == meter and line.subscription in ("", subscription)]

    def key(line: Line) -> tuple[str, int, int]:
        return line.price or "", line.start, line.end

    found = []
    for (price, start, end), group in groupby(sorted(mine, key=key), key):
        together = list(group)
        with exactly():
            quantity = sum((line.quantity for line in together), Decimal(0))
        anew = any(line.takes_back for line in together)
        found.append(Billed(subscription, price, Period(start, end), quantity, together[0], invoice, early, anew))
    return found


def whole_periods(billed: Sequence[Billed]) -> list[Billed]:
    """With what was billed at thresholds in one with the rest of its period, which is on the next invoice, or on the last one.

    What is reported between two of these invoices is on the second, whatever its time: only all of them together compare.
    """
    found: list[Billed] = []
    early: dict[tuple[str, str, int], Billed] = {}
    for one in sorted(billed, key=lambda one: one.period.end):
        key = (one.subscription, one.price, one.period.start)
        so_far = early.pop(key, None)
        if so_far is not None:
            with exactly():
                quantity = one.quantity if one.anew else so_far.quantity + one.quantity
            one = replace(one, quantity=quantity, before=(*so_far.before, so_far.invoice))
        if one.early:
            early[key] = one
        else:
            found.append(one)
    return [*found, *early.values()]


def as_made(bill: Billed, created: int) -> Billed | None:
    """What an invoice that was made then bills: before a period ends, what was used until then, and of one that has just begun,
    nothing."""
    begins, ends = bill.period
    if ends <= created:
        return bill
    return replace(bill, period=Period(begins, created)) if bill.quantity and begins < created else None


def from_the_start(billed: Sequence[Billed], begun: int) -> list[Billed]:
    """With the usage since `begun` on what is billed first: so it is with a subscription whose start was backdated."""
    first = min((one.period.start for one in billed), default=begun)
    if first <= begun:
        return list(billed)
    return [replace(one, period=Period(begun, one.period.end)) if one.period.start == first else one for one in billed]


def events(amount: Amount, formula: str) -> str:
    """How many there are, and what they come to: "12 events (3,000)"."""
    count = f"{amount.events:,} event{'' if amount.events == 1 else 's'}"
    return f"{count} ({number(amount.sent)})" if formula == "sum" else count


def apart(billed: Sequence[Billed]) -> list[Billed]:
    """Without what a price that was swapped for another one billed: both lines may begin with the period, and share no usage."""
    found = []
    for one in billed:
        start, end = one.period
        others = [
            o.period for o in billed if (o.subscription, o.invoice) == (one.subscription, one.invoice) and o.price != one.price
        ]
        found.append(replace(one, period=Period(max([start, *(o.end for o in others if o.start <= start < o.end < end)]), end)))
    return found
