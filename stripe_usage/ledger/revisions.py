"""From what the rows of a window add up to, and what was billed of it, to what is sent next. Pure.

https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api, docs/decisions/0025-ledger.md
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from stripe_pricing.exact import exactly
from stripe_sources.errors import Wrong
from stripe_sources.numbers import value_of
from stripe_usage.events.periods import DAY, HOUR, Period
from stripe_usage.events.values import OLDEST_SECONDS, text_of, time_text

SECONDS = {"hour": HOUR, "day": DAY}

GONE = "none of its rows is left; --gone takes it back"
TOO_OLD = "it began more than 35 days ago"


class Late(StrEnum):
    """What becomes of a change that is too late for the period in which it was used."""

    REPORT = "report"
    CARRY = "carry"
    """It is sent with the present time, and so billed in the present period."""
    CREDIT = "credit"
    """What was billed too much is written down for a credit note; what was billed too little is reported."""


class Kind(StrEnum):
    """How a revision reaches the customer."""

    USAGE = "usage"
    CARRY = "carry"
    CREDIT = "credit"


class State(StrEnum):
    """What is known of a revision."""

    SENDING = "sending"
    """Sent, or about to be, and no answer is written down."""
    UNSURE = "unsure"
    """Stripe cannot be asked again by identifier, and its summaries do not say whether it was counted."""
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LOST = "lost"
    """Stripe's summaries say that it never arrived; another revision takes its place."""
    NOTED = "noted"
    """Written down for a credit, never sent."""


class Window(NamedTuple):
    """A customer's hour or day on one meter, Unix seconds in UTC.

    `value` is what its `rows` add up to, `billed` what of it was accepted by Stripe or written down for a credit, `revision` the
    last one whose fate is known (0: none).
    """

    id: int
    customer: str
    start: int
    end: int
    value: Decimal
    rows: int
    billed: Decimal
    revision: int

    @property
    def change(self) -> Decimal:
        """How much more is to be billed."""
        with exactly():
            return self.value - self.billed


class Entry(NamedTuple):
    """A revision that is to be made: the value of its event, what of the window is billed with it, and its event's time."""

    kind: Kind
    value: str
    billed: Decimal
    timestamp: int


class Rules(NamedTuple):
    """`overwrites`: in a window only the meter's last event counts; `gone`: windows without rows are taken back."""

    overwrites: bool
    late: Late = Late.REPORT
    gone: bool = False


class Invoiced(NamedTuple):
    """The part of an invoice that bills a meter. `final`: it takes no more usage."""

    id: str
    period: Period
    final: bool


def wall(timestamp: int, now: int, closed: Collection[str], invoice: Invoiced | None) -> str:
    """Why usage of that time must not be sent any more; "" where it may be."""
    if timestamp < now - OLDEST_SECONDS:
        return TOO_OLD
    if month_of(timestamp) in closed:
        return f"{month_of(timestamp)} is closed"
    if invoice is not None and invoice.final:
        return f"invoice {invoice.id} is final"
    return ""


def next_entry(window: Window, rules: Rules, now: int, barred: str, barred_now: str = "") -> Entry | str:
    """The next revision of a window whose value is not what was billed, or why there is none. `barred` is what `wall` says of its
    time, `barred_now` what it says of the present.

    An event of a window has the time at which it begins. On a meter with `event_time_window` its value is the whole one, which
    overwrites; else the difference, which may be negative.
    """
    if not window.rows and not rules.gone:
        return GONE
    change, kind, timestamp = window.change, Kind.USAGE, window.start
    if barred:
        if rules.late is Late.CREDIT and change < 0:
            return Entry(Kind.CREDIT, text_of(change), window.value, window.start)
        if rules.late is not Late.CARRY:
            return barred
        if rules.overwrites:
            return f"{barred}, and nothing can be carried on a meter with event_time_window"
        if barred_now:
            return f"{barred}; nothing is carried into the present, since {barred_now}"
        kind, timestamp = Kind.CARRY, now
    try:
        value = value_of(window.value if rules.overwrites else change)
    except Wrong as e:
        return str(e)
    return Entry(kind, value, window.value, timestamp)


def arrived(stripe: Decimal, without: Decimal, with_it: Decimal) -> bool | None:
    """Whether Stripe counted events whose answer is unknown, by what it counted in all; None where neither sum explains that."""
    return True if stripe == with_it else False if stripe == without else None


def month_of(timestamp: int) -> str:
    """The month in UTC: 2026-11."""
    return time_text(timestamp)[:7]
