"""Random histories of a subscription, told to a local Stripe over HTTP and to the second calculation.

Left out is what Stripe's pages do not say:

- the length of the natural period of which a stretch before an anchor is a share, where it matters; which way a half is rounded;
- more than an interval of backdated time in classic mode; a backdated start with a trial; one without prorations in flexible
  mode, and without an anchor;
- a change, or a cancellation that prorates, in a trial or in a first part that is free;
- how two credits of parts of one debit are rounded, which a proration_date before the latest change makes in flexible mode;
- a new anchor without prorations in flexible mode, after which two debits are for one time; one for a subscription that is
  about to end;
- another interval in flexible mode, whose anchor stays.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

import stripe
from hypothesis import strategies as st

from tests.second.calculation import (
    DAY,
    Cancel,
    CancelAtPeriodEnd,
    EndTrial,
    Invoice,
    Item,
    Items,
    Line,
    Price,
    Start,
    Step,
    Subscription,
    Update,
    interval_from,
    interval_of,
    told,
)
from tests.stripe_local.server import LocalStripe

INTERVALS = [("month", 1), ("month", 1), ("month", 3), ("year", 1), ("week", 1), ("week", 2), ("day", 1), ("day", 10)]
FROM, TO = 1_767_225_600, 1_893_456_000  # 2026 to 2029


@dataclass(frozen=True)
class Beginning:
    """Fractions are thousandths of an interval; None leaves a parameter out."""

    now: int
    mode: str
    interval: tuple[str, int]
    unit_amounts: tuple[int, ...]
    quantity: int
    prorate: bool
    trial: int | None
    anchor: int | None
    day_of_month: int | None
    backdate: int | None


@dataclass(frozen=True)
class Move:
    """What is done, `wait` thousandths of an interval after what came before."""

    wait: int
    kind: str
    proration_behavior: str
    proration_date: int | None
    """Thousandths of the time since the period's start; None: now."""
    unit_amount: int
    quantity: int
    interval: tuple[str, int]
    prorate: bool
    invoice_now: bool


CHANGES = ("quantity", "price", "add", "remove")
KINDS = (*CHANGES, *CHANGES, "reset", "interval", "end_trial", "nothing", "cancel_at_period_end", "cancel")

_amounts = st.integers(100, 99_999)
_optional = st.none() | st.integers(1, 999)
BEGINNINGS = st.builds(
    Beginning,
    now=st.integers(FROM, TO),
    mode=st.sampled_from(["flexible", "classic"]),
    interval=st.sampled_from(INTERVALS),
    unit_amounts=st.tuples(_amounts) | st.tuples(_amounts, _amounts),
    quantity=st.integers(1, 12),
    prorate=st.sampled_from([True, True, False]),
    trial=st.none() | _optional,
    anchor=_optional,
    day_of_month=st.none() | st.none() | st.integers(1, 31),
    backdate=st.none() | st.integers(1, 3_500),
)
MOVES = st.builds(
    Move,
    wait=st.integers(1, 1_700),
    kind=st.sampled_from(KINDS),
    proration_behavior=st.sampled_from(["create_prorations", "always_invoice", "none"]),
    proration_date=_optional,
    unit_amount=_amounts,
    quantity=st.integers(1, 12),
    interval=st.sampled_from(INTERVALS),
    prorate=st.booleans(),
    invoice_now=st.booleans(),
)
HISTORIES = st.tuples(BEGINNINGS, st.lists(MOVES, max_size=8))
THERE_AND_BACK = st.tuples(BEGINNINGS, MOVES.filter(lambda move: move.kind in CHANGES))


def start_of(beginning: Beginning) -> Start:
    """What a beginning asks for, without what is left out."""
    interval, count = beginning.interval
    items = {
        str(n): Item(Price(amount, interval, count), beginning.quantity + n) for n, amount in enumerate(beginning.unit_amounts)
    }
    plain = Start(beginning.now, beginning.mode, items, beginning.prorate)
    length = interval_from(told(plain, []).grid, plain.now) - plain.now

    start = plain
    if beginning.trial is not None:
        start = replace(start, trial_end=start.now + max(1, length * beginning.trial // 1000))
    elif beginning.backdate is not None:
        start = replace(start, backdate_start_date=start.now - length * beginning.backdate // 1000)
    if beginning.day_of_month is not None and beginning.interval == ("month", 1):
        start = replace(start, day_of_month=beginning.day_of_month)
    elif beginning.anchor is not None:
        start = replace(start, billing_cycle_anchor=(start.trial_end or start.now) + max(1, length * beginning.anchor // 1000))

    unanchored = start.billing_cycle_anchor is None and start.day_of_month is None
    if start.backdate_start_date is not None and start.mode == "flexible" and not start.prorate and unanchored:
        return plain
    subscription = told(start, [])
    if start.trial_end is not None:
        subscription.pass_time(start.trial_end)
    return plain if subscription.doubtful else start


def step_of(move: Move, now: int, subscription: Subscription) -> Step | None:
    """What a move asks for, unless it is left out."""
    period, flexible = subscription.period, subscription.mode == "flexible"
    changeable = not subscription.trialing and period.charged
    if move.kind == "cancel_at_period_end":
        return CancelAtPeriodEnd(now)
    if move.kind == "cancel":
        return Cancel(now, move.prorate and changeable, move.invoice_now)
    if move.kind == "end_trial":
        own_anchor = subscription.trialing and subscription.grid.anchor == period.end and not subscription.canceling
        return EndTrial(now) if own_anchor else None
    if move.kind == "nothing" or not changeable:
        return None
    items, behavior = changed(move, subscription), move.proration_behavior
    if move.kind in ("reset", "interval"):
        if subscription.canceling or (flexible and (behavior == "none" or move.kind == "interval")):
            return None
        return Update(now, now, items, behavior, reset=move.kind == "reset")
    at = now if move.proration_date is None else period.start + (now - period.start) * move.proration_date // 1000
    return Update(now, at, items, behavior)


def changed(move: Move, subscription: Subscription) -> Items:
    """The items after a change; the same ones where it makes no sense."""
    items = dict(subscription.items)
    first, item = next(iter(items.items()))
    price = item.price
    if move.kind == "quantity":
        items[first] = replace(item, quantity=move.quantity)
    elif move.kind == "price":
        items[first] = replace(item, price=replace(price, unit_amount=move.unit_amount))
    elif move.kind == "add" and len(items) < 3:
        items[str(int(max(items, key=int)) + 1)] = Item(replace(price, unit_amount=move.unit_amount), move.quantity)
    elif move.kind == "remove" and len(items) > 1:
        del items[first]
    elif move.kind == "interval":
        interval, count = move.interval
        items = {name: replace(i, price=Price(i.price.unit_amount, interval, count)) for name, i in items.items()}
    return items


@dataclass
class Teller:
    """Tells one history to a local Stripe; times are those that it answers with."""

    server: LocalStripe
    client: stripe.StripeClient
    product: str = ""
    customer: str = ""
    subscription: str = ""
    prices: dict[tuple[str, Price], str] = field(default_factory=dict)
    """Each item has prices of its own, since no two items of a subscription can have the same one."""
    items: dict[str, str] = field(default_factory=dict)
    """The id of each item."""

    def begin(self, start: Start) -> Start:
        self.server.reset()
        self.server.clock(set=start.now)
        self.product = self.client.v1.products.create({"name": "Seats"}).id
        self.customer = self.client.v1.customers.create(
            {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
        ).id
        params: dict[str, Any] = {
            "customer": self.customer,
            "billing_mode": {"type": start.mode},
            "items": [
                {"price": self.price(n, i.price), "quantity": i.quantity, "metadata": {"name": n}} for n, i in start.items.items()
            ],
        }
        for name in ("trial_end", "billing_cycle_anchor", "backdate_start_date"):
            if getattr(start, name) is not None:
                params[name] = getattr(start, name)
        if start.day_of_month is not None:
            params["billing_cycle_anchor_config"] = {"day_of_month": start.day_of_month}
        if not start.prorate:
            params["proration_behavior"] = "none"
        made = self.client.v1.subscriptions.create(params)  # type: ignore[arg-type]
        self.subscription = made.id
        self.remember(made)
        return replace(start, now=made.created)

    def take(self, step: Step, before: Items) -> Step:
        """Has a step happen."""
        subscriptions = self.client.v1.subscriptions
        self.server.clock(set=step.now)
        if isinstance(step, Cancel):
            canceled = subscriptions.cancel(self.subscription, {"prorate": step.prorate, "invoice_now": step.invoice_now})
            assert canceled.ended_at is not None
            return replace(step, now=canceled.ended_at)
        if isinstance(step, CancelAtPeriodEnd):
            subscriptions.update(self.subscription, {"cancel_at_period_end": True})
            return step
        if isinstance(step, EndTrial):
            return replace(step, now=subscriptions.update(self.subscription, {"trial_end": "now"}).billing_cycle_anchor)
        items = [{"id": self.items[name], "deleted": True} for name in before if name not in step.items]
        for name, item in step.items.items():
            if before.get(name) != item:
                which = {"id": self.items[name]} if name in before else {"metadata": {"name": name}}
                items.append({**which, "price": self.price(name, item.price), "quantity": item.quantity})
        params: dict[str, Any] = {"items": items, "proration_behavior": step.proration_behavior}
        anew = step.reset or interval_of(step.items) != interval_of(before)
        if step.reset:
            params["billing_cycle_anchor"] = {"type": "now"}
        elif not anew:
            params["proration_date"] = step.at
        updated = subscriptions.update(self.subscription, params)  # type: ignore[arg-type]
        self.remember(updated)
        return replace(step, now=updated.billing_cycle_anchor, at=updated.billing_cycle_anchor) if anew else step

    def invoices(self) -> list[Invoice]:
        """Oldest first."""
        found = self.client.v1.invoices.list({"subscription": self.subscription, "limit": 100})
        return [
            sorted(Line(line.period.start, line.period.end, line.amount) for line in invoice.lines.auto_paging_iter())
            for invoice in reversed(list(found.auto_paging_iter()))
        ]

    def waiting(self) -> list[Line]:
        """The pending invoice items."""
        found = self.client.v1.invoice_items.list({"customer": self.customer, "pending": True, "limit": 100})
        return sorted(Line(item.period.start, item.period.end, item.amount) for item in found.auto_paging_iter())

    def price(self, item: str, price: Price) -> str:
        if (item, price) not in self.prices:
            recurring = {"interval": price.interval, "interval_count": price.interval_count}
            params = {"product": self.product, "currency": "usd", "unit_amount": price.unit_amount, "recurring": recurring}
            self.prices[item, price] = self.client.v1.prices.create(params).id  # type: ignore[arg-type]
        return self.prices[item, price]

    def remember(self, made: Any) -> None:
        self.items = {item.metadata["name"]: item.id for item in made.items.data}


def tell_there_and_back(server: LocalStripe, history: tuple[Beginning, Move]) -> None:
    """Tells of a change, and of the change back at the same proration_date: nothing is charged."""
    beginning, move = history
    teller = Teller(server, server.client())
    start = teller.begin(start_of(replace(beginning, trial=None, anchor=None, day_of_month=None, backdate=None)))
    subscription = told(start, [])
    at = start.now + (subscription.period.length * (move.wait % 900) + 60_000) // 1000
    there = changed(move, subscription)
    behavior = "always_invoice" if move.invoice_now else "create_prorations"
    before = len(teller.invoices())
    teller.take(Update(at, at, there, behavior), start.items)
    teller.take(Update(at, at, start.items, behavior), there)
    charged = [line.amount for lines in [*teller.invoices()[before:], teller.waiting()] for line in lines]
    assert sum(charged) == 0
    assert charged or there == start.items


def tell_in_parts(server: LocalStripe, history: tuple[Beginning, list[Move]]) -> None:
    """Tells of a period that changes without prorations part: it costs what its beginning did, and the next one what its does."""
    beginning, moves = history[0], [move for move in history[1] if move.kind in CHANGES]
    teller = Teller(server, server.client())
    start = teller.begin(start_of(replace(beginning, prorate=True, trial=None, anchor=None, day_of_month=None, backdate=None)))
    subscription = told(start, [])
    first, end = [item.amount for item in start.items.values()], subscription.period.end
    for number, move in enumerate(moves, 1):
        now = start.now + 60 + (end - start.now - 300) * number // (len(moves) + 1)
        before, subscription.items = subscription.items, changed(move, subscription)
        teller.take(Update(now, now, subscription.items, "none"), before)
    server.clock(set=end + 1)
    billed = [sorted(line.amount for line in lines) for lines in teller.invoices()]
    assert billed == [sorted(first), sorted(item.amount for item in subscription.items.values())]
    assert teller.waiting() == []


def tell_in_both_modes(server: LocalStripe, history: tuple[Beginning, list[Move]]) -> None:
    """Tells a history twice: lines are the same, credits too but for what rounding the original debit makes of them.

    Without what Stripe's page on the modes has: changes without prorations, and before others; backdated starts; other intervals,
    and new anchors; usage; what is invoiced where nothing changes.
    """
    flexible, classic = (_lines_in(server, mode, history) for mode in ("flexible", "classic"))
    assert [[line[:2] for line in invoice] for invoice in flexible] == [[line[:2] for line in invoice] for invoice in classic]
    for one, other in zip(itertools.chain(*flexible), itertools.chain(*classic), strict=True):
        assert abs(one[2] - other[2]) <= (one[2] < 0), (flexible, classic)


def _lines_in(server: LocalStripe, mode: str, history: tuple[Beginning, list[Move]]) -> list[list[tuple[int, int, int]]]:
    """Invoices, and what waits: (start, end, amount), in seconds since the creation."""
    beginning, moves = history
    teller = Teller(server, server.client())
    start = teller.begin(start_of(replace(beginning, mode=mode, day_of_month=None, backdate=None)))
    subscription, steps, now = told(start, []), list[Step](), start.now
    for move in moves:
        now += max(DAY // 24, (interval_from(subscription.grid, now) - now) * move.wait // 1000)
        subscription.pass_time(now)
        if subscription.period.end - now < 60 or now - subscription.period.start < 60:
            now += 120
            subscription.pass_time(now)
        if subscription.canceled:
            break
        items = changed(move, subscription)
        behavior = "create_prorations" if move.proration_behavior == "none" else move.proration_behavior
        if move.kind == "cancel_at_period_end":
            steps.append(teller.take(CancelAtPeriodEnd(now), subscription.items))
        elif items != subscription.items and subscription.period.charged and not subscription.trialing and move.kind in CHANGES:
            steps.append(teller.take(Update(now, now, items, behavior), subscription.items))
        subscription = told(start, steps)
    server.clock(set=now + 1)
    found = [*teller.invoices(), teller.waiting()]
    return [[(line.start - start.now, line.end - start.now, line.amount) for line in lines] for lines in found]


def tell(server: LocalStripe, history: tuple[Beginning, list[Move]]) -> None:
    """Tells a history, and compares invoice by invoice."""
    beginning, moves = history
    teller = Teller(server, server.client())
    start = teller.begin(start_of(beginning))
    steps: list[Step] = []
    subscription = told(start, steps)
    now = start.now
    for move in moves:
        grid = subscription.grid
        now += max(DAY // 24, (interval_from(grid, now) - now) * move.wait // 1000)
        subscription.pass_time(now)
        if subscription.period.end - now < 60 or now - subscription.period.start < 60:
            now += 120  # so that the time that requests take ends no period
            subscription.pass_time(now)
        if subscription.canceled:
            break
        step = step_of(move, now, subscription)
        if step is not None:
            steps.append(teller.take(step, subscription.items))
            subscription = told(start, steps)
    now += 1
    server.clock(set=now)
    subscription.pass_time(now)
    if subscription.doubtful:
        return
    seen = (teller.invoices(), teller.waiting())
    assert seen == (subscription.invoices, sorted(subscription.waiting)), "\n".join(["", str(start), *map(str, steps)])
