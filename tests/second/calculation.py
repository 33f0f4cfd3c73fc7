"""What Stripe's pages say a subscription is billed: from its history to the lines of its invoices.

Written without a look at `stripe_local`, and sharing nothing with it, so that both are unlikely to make one mistake. Licensed
prices of whole minor units; seconds since 1970, UTC. What the pages leave open is no part of a history: `tests.second.histories`
says what that is.

Pages, below docs.stripe.com/billing/subscriptions: backdating, billing-cycle, billing-mode/compare, cancel, change-price,
prorations, trials.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

DAY = 86_400


@dataclass(frozen=True)
class Price:
    """`unit_amount` for each unit and interval."""

    unit_amount: int
    interval: str
    interval_count: int = 1


@dataclass(frozen=True)
class Item:
    price: Price
    quantity: int

    @property
    def amount(self) -> int:
        """Of a whole period."""
        return self.price.unit_amount * self.quantity


Items = dict[str, Item]
"""By a name that an item keeps."""


@dataclass(frozen=True, order=True)
class Line:
    start: int
    end: int
    amount: int


Invoice = list[Line]
"""In no order that means anything."""


@dataclass(frozen=True)
class Start:
    """Creation at `now`, in flexible or classic mode. `day_of_month` is that of billing_cycle_anchor_config."""

    now: int
    mode: str
    items: Items
    prorate: bool = True
    trial_end: int | None = None
    billing_cycle_anchor: int | None = None
    day_of_month: int | None = None
    backdate_start_date: int | None = None


@dataclass(frozen=True)
class Update:
    """The items from now on. `at` is proration_date; with `reset`, which is billing_cycle_anchor=now, it is now."""

    now: int
    at: int
    items: Items
    proration_behavior: str
    reset: bool = False


@dataclass(frozen=True)
class EndTrial:
    """trial_end=now."""

    now: int


@dataclass(frozen=True)
class CancelAtPeriodEnd:
    now: int


@dataclass(frozen=True)
class Cancel:
    """At once."""

    now: int
    prorate: bool
    invoice_now: bool


Step = Update | EndTrial | CancelAtPeriodEnd | Cancel


@dataclass(frozen=True)
class Grid:
    """The dates on which full periods begin: the anchor's, and every interval before and after it."""

    anchor: int
    interval: str
    count: int
    day: int | None = None
    """The day of the month, where the anchor's month is too short for it."""

    def date(self, n: int) -> int:
        """The anchor's day in its month, or that month's last one: January 31, February 28, March 31 (billing-cycle)."""
        if self.interval in ("day", "week"):
            return self.anchor + n * self.count * DAY * (7 if self.interval == "week" else 1)
        anchor = datetime.fromtimestamp(self.anchor, UTC)
        months = anchor.year * 12 + anchor.month - 1 + n * self.count * (12 if self.interval == "year" else 1)
        year, month = months // 12, months % 12 + 1
        day = min(self.day or anchor.day, calendar.monthrange(year, month)[1])
        return int(anchor.replace(year=year, month=month, day=day).timestamp())

    def after(self, moment: int) -> int:
        """The number of the first date after a moment."""
        n = 0
        while self.date(n) <= moment:
            n += 1
        while self.date(n - 1) > moment:
            n -= 1
        return n


@dataclass(frozen=True)
class Period:
    """The current one. `length` is that of the natural period that it is, or whose share it is."""

    start: int
    end: int
    length: int
    charged: bool = True


@dataclass
class Debit:
    """What was charged for an item from `start` to `end`; from `unused` on it has been credited."""

    item: str
    start: int
    end: int
    amount: int
    unused: int


@dataclass
class Subscription:
    """Where a history has led."""

    mode: str
    items: Items
    grid: Grid
    period: Period
    prorate: bool
    """proration_behavior of the creation, which also says whether what lies between a trial and the anchor is charged."""
    doubtful: bool = False
    """Whether it is charged for what the pages do not settle: see `natural`, `share`, `begin_in_one_piece`."""
    trialing: bool = False
    canceling: bool = False
    canceled: bool = False
    debits: list[Debit] = field(default_factory=list)
    waiting: list[Line] = field(default_factory=list)
    """Invoice items for the next invoice."""
    invoices: list[Invoice] = field(default_factory=list)

    def share(self, amount: int, part: int, length: int) -> int:
        """To the nearest minor unit. The pages do not say where a half goes."""
        units, left = divmod(amount * part, length)
        self.doubtful |= 2 * left == length
        return units + (2 * left > length)

    def charge(self, item: str, start: int, end: int, share: int, length: int) -> Line:
        """A line for `share` seconds of a natural period of `length`."""
        amount = self.share(self.items[item].amount, share, length)
        self.debits.append(Debit(item, start, end, amount, end))
        return Line(start, end, amount)

    def whole(self, start: int, end: int) -> list[Line]:
        return [self.charge(item, start, end, 1, 1) for item in self.items]

    def credit(self, item: str, at: int) -> list[Line]:
        """For what is left of the period: in classic mode at the current price and quantity, whatever was charged; in flexible
        mode what was charged, one credit for each original debit (prorations, billing-mode/compare)."""
        if self.mode == "classic":
            amount = self.share(self.items[item].amount, self.period.end - at, self.period.length)
            return [Line(at, self.period.end, -amount)]
        credits = []
        for debit in self.debits:
            start = max(at, debit.start)
            if debit.item == item and start < debit.unused:
                self.doubtful |= (
                    debit.unused < debit.end
                )  # two credits of parts of one debit: the pages do not say how they are rounded
                amount = self.share(debit.amount, debit.unused - start, debit.end - debit.start)
                credits.append(Line(start, debit.unused, -amount))
                debit.unused = start
        return credits

    def invoice(self, lines: Sequence[Line], *, waiting: bool = True) -> None:
        """With what waits for it, unless told otherwise; none where there is nothing on it."""
        found = [*lines, *(self.waiting if waiting else [])]
        if waiting:
            self.waiting = []
        if found:
            self.invoices.append(sorted(found))

    def pass_time(self, now: int) -> None:
        """Trials and periods end."""
        while not self.canceled and self.period.end <= now:
            self.end_period()

    def end_period(self) -> None:
        end = self.period.end
        if self.canceling:
            self.canceled = True
            self.invoice([])
            return
        if self.trialing:
            self.trialing = False
            self.begin(end)
            return
        following = self.grid.date(self.grid.after(end))
        self.period = Period(end, following, following - end)
        self.invoice(self.whole(end, following))

    def begin(self, start: int) -> None:
        """The first period that can be charged: a whole one, or what lies before the first date of the grid, which is
        prorated, or free without prorations (billing-cycle, trials)."""
        n = self.grid.after(start)
        end = self.grid.date(n)
        if self.grid.date(n - 1) == start:
            self.period = Period(start, end, end - start)
            self.invoice(self.whole(start, end))
            return
        self.period = Period(start, end, self.natural(start, n), charged=self.prorate)
        if self.prorate:
            self.invoice([self.charge(item, start, end, end - start, self.period.length) for item in self.items])

    def natural(self, start: int, n: int) -> int:
        """The length of the natural period whose part a stretch before a date of the grid is. The one that ends there, or the
        one that begins with the stretch: the pages do not say, so there is no doubt only where both are as long."""
        length = self.grid.date(n) - self.grid.date(n - 1)
        if interval_from(self.grid, start) - start != length:
            self.doubtful = True
        return length


def told(start: Start, steps: Sequence[Step]) -> Subscription:
    """The subscription after its history, in the order of time."""
    subscription = created(start)
    for step in steps:
        subscription.pass_time(step.now)
        match step:
            case Update():
                update(subscription, step)
            case EndTrial():
                subscription.trialing = False
                subscription.grid = replace(subscription.grid, anchor=step.now)
                subscription.begin(step.now)
            case CancelAtPeriodEnd():
                subscription.canceling = True
            case Cancel():
                cancel(subscription, step)
    return subscription


def created(start: Start) -> Subscription:
    flexible, backdated = start.mode == "flexible", start.backdate_start_date
    anchor = start.billing_cycle_anchor
    if start.day_of_month is not None:
        anchor = next_day(start.day_of_month, start.now)
    elif anchor is None:
        # Flexible mode aligns the anchor with the backdated start; the trial's end is an anchor as well.
        anchor = start.trial_end or (backdated if flexible and backdated is not None else start.now)
    grid = Grid(anchor, *interval_of(start.items), start.day_of_month)
    made = Subscription(start.mode, start.items, grid, Period(start.now, start.now, 0), start.prorate)
    if start.trial_end is not None:
        made.trialing = True
        made.period = Period(start.now, start.trial_end, 0)
        made.invoices.append([Line(start.now, start.trial_end, 0) for _ in start.items])
    elif backdated is None or not start.prorate:
        made.begin(start.now)
    elif flexible:
        begin_backdated(made, backdated, start.now)
    else:
        begin_in_one_piece(made, backdated, start.now)
    return made


def begin_backdated(made: Subscription, start: int, now: int) -> None:
    """Flexible: a line for each natural period since the start, as it would have been billed then (backdating)."""
    n = made.grid.after(start)
    lines = []
    begins = start
    while begins <= now:
        ends, natural = made.grid.date(n), made.grid.date(n - 1)
        made.period = Period(begins, ends, ends - begins if begins == natural else made.natural(begins, n))
        lines += [made.charge(item, begins, ends, ends - begins, made.period.length) for item in made.items]
        begins, n = ends, n + 1
    made.invoice(lines)


def begin_in_one_piece(made: Subscription, start: int, now: int) -> None:
    """Classic: one line for what lies before the first full period, a share of the interval that begins at the backdated start
    (backdating)."""
    length = interval_from(made.grid, start) - start
    full = made.grid.anchor
    # Past a whole interval, and with a change in a first part whose natural period is not as long, the pages do not say.
    made.doubtful |= full - start > length or (full > now and full - made.grid.date(-1) != length)
    lines = [made.charge(item, start, full, full - start, length) for item in made.items]
    made.period = Period(start, full, length)
    if full == now:
        made.period = Period(now, made.grid.date(1), made.grid.date(1) - now)
        lines += made.whole(now, made.period.end)
    made.invoice(lines)


def update(subscription: Subscription, step: Update) -> None:
    """What changed is credited and charged for what is left of the period. That waits for the next invoice, or is invoiced at
    once. A new anchor, which classic mode also sets for another interval, credits the old period and charges a new one at once
    (prorations, billing-cycle, change-price)."""
    before, after = subscription.items, step.items
    other_interval = interval_of(before) != interval_of(after)
    assert not other_interval or subscription.mode == "classic"
    prorate = step.proration_behavior != "none"
    if step.reset or other_interval:
        credits = [line for item in before for line in subscription.credit(item, step.at)] if prorate else []
        subscription.items = after
        subscription.grid = Grid(step.now, *interval_of(after))
        end = subscription.grid.date(1)
        subscription.period = Period(step.now, end, end - step.now)
        # Classic leaves out what waits where prorations are to be invoiced (billing-mode/compare).
        waiting = subscription.mode == "flexible" or step.proration_behavior != "always_invoice"
        subscription.invoice([*credits, *subscription.whole(step.now, end)], waiting=waiting)
        return
    changed = [item for item in {**before, **after} if before.get(item) != after.get(item)]
    lines = [line for item in changed if item in before for line in subscription.credit(item, step.at)] if prorate else []
    subscription.items = after
    if prorate:
        end, length = subscription.period.end, subscription.period.length
        lines += [subscription.charge(item, step.at, end, end - step.at, length) for item in changed if item in after]
    if step.proration_behavior == "always_invoice":
        # Classic invoices what waits even where the update itself costs nothing (pending-updates-reference).
        if lines or (subscription.mode == "classic" and subscription.waiting):
            subscription.invoice(lines)
    else:
        subscription.waiting += lines


def cancel(subscription: Subscription, step: Cancel) -> None:
    """What waits goes with it where it neither prorates nor invoices, and stays otherwise (the API's description)."""
    subscription.canceled = True
    if step.prorate:
        subscription.waiting += [line for item in subscription.items for line in subscription.credit(item, step.now)]
    elif not step.invoice_now:
        subscription.waiting = []
    if step.invoice_now:
        subscription.invoice([])


def interval_of(items: Items) -> tuple[str, int]:
    """All items have the same one."""
    price = next(iter(items.values())).price
    return price.interval, price.interval_count


def interval_from(grid: Grid, moment: int) -> int:
    """The end of the interval that begins at a moment."""
    return Grid(moment, grid.interval, grid.count).date(1)


def next_day(day_of_month: int, now: int) -> int:
    """The next date after now with that day, or the last one of a shorter month, at the time of day of now (billing-cycle)."""
    at = datetime.fromtimestamp(now, UTC)
    of_this_month = int(at.replace(day=min(day_of_month, calendar.monthrange(at.year, at.month)[1])).timestamp())
    grid = Grid(of_this_month, "month", 1, day_of_month)
    return grid.date(grid.after(now))
