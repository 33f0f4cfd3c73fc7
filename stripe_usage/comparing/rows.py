"""What was found for each customer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

from stripe_pricing import number
from stripe_pricing.exact import exactly
from stripe_usage.events.periods import Period
from stripe_usage.invoices.lines import Line

from .tally import Amount
from .verdicts import Compared, Verdict


@dataclass(frozen=True)
class Billed:
    """What an invoice preview bills of the meter's usage: one price in one period. `quantity` is Stripe's."""

    subscription: str
    price: str
    period: Period
    quantity: Decimal
    line: Line


@dataclass(frozen=True)
class Bill:
    """What is billed, against what was sent in the same period."""

    billed: Billed
    compared: Compared


@dataclass(frozen=True)
class Row:
    """A customer. `elsewhere` are the events outside every period that is, was or need not be billed."""

    customer: str
    counted: Compared | None
    """Against the summaries; None where Stripe has none, because of a `problem`."""
    bills: tuple[Bill, ...]
    elsewhere: Amount | None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all."""
        if self.problems or self.counted is None:
            return Verdict.DIFFERS
        found = {self.counted.verdict, *(bill.compared.verdict for bill in self.bills)}
        return next(v for v in (Verdict.DIFFERS, Verdict.OPEN, Verdict.EQUAL) if v in found)

    @property
    def said(self) -> list[str]:
        """What a reader must know of the customer, a sentence each."""
        found = list(self.problems)
        if self.counted and self.counted.why:
            found.append(f"summaries: {self.counted.why}")
        found += [f"invoice of {bill.billed.subscription}: {bill.compared.why}" for bill in self.bills if bill.compared.why]
        return [*found, *self.notes]


def billed_of(subscription: str, lines: Sequence[Line], meter: str) -> list[Billed]:
    """The meter's usage on an invoice; lines of the same price and period, into which Stripe may split tiers, count as one."""
    mine = [line for line in lines if line.meter == meter]

    def key(line: Line) -> tuple[str, int, int]:
        return line.price or "", line.start, line.end

    found = []
    for (price, start, end), group in groupby(sorted(mine, key=key), key):
        together = list(group)
        with exactly():
            quantity = sum((line.quantity for line in together), Decimal(0))
        found.append(Billed(subscription, price, Period(start, end), quantity, together[0]))
    return found


def events(amount: Amount, formula: str) -> str:
    """How many there are, and what they come to: "12 events (3,000)"."""
    count = f"{amount.events:,} event{'' if amount.events == 1 else 's'}"
    return f"{count} ({number(amount.sent)})" if formula == "sum" else count
