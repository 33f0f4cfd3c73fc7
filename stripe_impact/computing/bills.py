"""Each customer's bill, as it is and as it will be: for a full period, and for the present one. Pure; whole minor units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from statistics import median

import stripe_pricing
from stripe_impact.reading.changes import Changes, trial_changes
from stripe_impact.reading.facts import Facts, Item, Subscription, Values
from stripe_impact.reading.preview import Step, unknown

from .movement import Fate, Kind, Target, meters_that_stop, time_in_words
from .periods import Every, common, every, times

ENOUGH = 11
"""How many bills it takes for a median and a histogram: fewer are listed one by one."""


_MICRO = Decimal("0.000001")


@dataclass(frozen=True)
class Line:
    """What one item costs: the price's name, the calculation in words, the amount as an invoice would have it (`once`), and over
    the time that all bills of the currency are compared over (`amount`)."""

    price: str
    words: str
    amount: int
    metered: bool
    every: Every
    once: int


@dataclass(frozen=True)
class Invoices:
    """What is on the invoice at the end of the present period, as it is and as it will be; None: not known before."""

    before: int
    after: int | None


@dataclass(frozen=True)
class Part:
    """One subscription's share in a bill. `present` is about the invoice of the present period, the rest about a full one."""

    subscription: str
    currency: str
    status: str
    kind: Kind
    reason: str
    before: tuple[Line, ...]
    after: tuple[Line, ...]
    if_moved: tuple[Line, ...]
    present: Invoices

    @property
    def after_once(self) -> int:
        """The invoice of a full period, after the deployment."""
        return _once(self.after)

    @property
    def charged(self) -> int:
        """What Stripe charges of it: see `stripe_pricing.charged`."""
        return stripe_pricing.charged(self.after_once, self.currency)


@dataclass(frozen=True)
class Bill:
    """A customer's bill in one currency. `if_moved` is what it would be if every subscription moved to the new prices."""

    customer: str
    currency: str
    parts: tuple[Part, ...]

    @property
    def before(self) -> int:
        """What a period with the usage of the present one costs now."""
        return sum(line.amount for p in self.parts for line in p.before)

    @property
    def after(self) -> int:
        """What the same costs after the deployment."""
        return sum(line.amount for p in self.parts for line in p.after)

    @property
    def if_moved(self) -> int:
        """What it would cost at the new prices."""
        return sum(line.amount for p in self.parts for line in p.if_moved)

    @property
    def change(self) -> int:
        """How much more there is to pay (below 0: less)."""
        return self.after - self.before

    @property
    def present(self) -> Invoices:
        """The invoices of the present period."""
        return _together(p.present for p in self.parts)


@dataclass(frozen=True)
class Medians:
    """Medians in minor units; that of an even number may be half a unit."""

    before: Decimal
    after: Decimal
    change: Decimal


@dataclass(frozen=True)
class Total:
    """All bills in one currency: sums in minor units, over a time such as "a month"; `medians` where there are `ENOUGH` bills."""

    currency: str
    over: str
    compared: bool
    """Whether amounts of different intervals are compared over that time."""
    customers: int
    more: int
    less: int
    before: int
    after: int
    if_moved: int
    present: Invoices
    medians: Medians | None

    @property
    def change(self) -> int:
        """How much more there is to pay in total (below 0: less)."""
        return self.after - self.before


@dataclass(frozen=True)
class Uncounted:
    """A subscription whose bill cannot be computed, and why. `before` is what hangs on it: its bill now, None if not even that
    is known."""

    subscription: str
    currency: str
    reason: str
    before: int | None


Lines = tuple[Line, ...]


def bills(fates: Sequence[Fate], changes: Changes, facts: Facts, units: Mapping[str, str]) -> tuple[list[Bill], list[Uncounted]]:
    """The bills, by customer; and what is not in them. `units` are the names of what is counted, by product id."""
    parts: dict[tuple[str, str], list[Part]] = {}
    uncounted: list[Uncounted] = []
    names = {s.id: s.name for s in changes.prices if s.id}
    stopping = frozenset(step.id for step in meters_that_stop(changes, fates))
    for fate in fates:
        subscription = fate.subscription
        counting = _Counting(subscription, facts, units, names, stopping)
        before: Lines | None = None
        try:
            before = tuple(counting.line(Target(i.price, None, i)) for i in subscription.items)
            if fate.kind == "unclear":
                raise stripe_pricing.NoTerms(fate.reason)
            after, if_moved = (tuple(map(counting.later, side)) for side in (fate.after, _or(fate, counting)))
        except stripe_pricing.NoTerms as e:
            now = None if before is None else sum(line.once for line in before)
            uncounted.append(Uncounted(subscription.id, subscription.currency, str(e), now))
            continue
        part = _part(fate, changes, before, after, if_moved, counting.unused(fate))
        parts.setdefault((subscription.customer, subscription.currency), []).append(part)
    over = {currency: _over(p for (_, c), some in parts.items() if c == currency for p in some) for _, currency in parts}
    return [
        Bill(customer, currency, tuple(_over_the_same_time(p, over[currency]) for p in found))
        for (customer, currency), found in sorted(parts.items())
    ], uncounted


def _part(fate: Fate, changes: Changes, before: Lines, after: Lines, if_moved: Lines, unused: Lines) -> Part:
    """With what has no further period left out: it ends with the invoice of the present one."""
    subscription, reason = fate.subscription, fate.reason
    present = _present(fate, changes, before, after, unused)
    if subscription.leaves:
        last = _last(fate, before, after, unused)
        before = tuple(line for line in before if line.metered and not subscription.in_trial)
        if fate.then is None and fate.kind != "ends":
            left = f"it ends at {time_in_words(subscription.ends_at or 0)}"
            reason = f"{reason}; {left}" if reason else left
            after = if_moved = last
            present = Invoices(_once(before), None if present.after is None else _once(after))
    return Part(subscription.id, subscription.currency, subscription.status, fate.kind, reason, before, after, if_moved, present)


def _last(fate: Fate, before: Lines, after: Lines, unused: Lines) -> Lines:
    """What is on the last invoice of one that leaves; the usage of a trial is never billed."""
    return () if fate.subscription.in_trial else _used(fate, before, after, unused)


def _used(fate: Fate, before: Lines, after: Lines, unused: Lines) -> Lines:
    """Usage on the invoice of the present period: at the price that is left, and what the new one charges for none."""
    in_place = {t.item.price: line for t, line in zip(fate.after, after, strict=True) if t.step and t.step.op == "update"}
    old = zip(before, fate.subscription.items, strict=True)
    return (*(in_place.get(item.price, line) for line, item in old if line.metered), *unused)


def _present(fate: Fate, changes: Changes, before: Lines, after: Lines, unused: Lines) -> Invoices:
    """The invoice of the present period, with the seats of the next one; what a declared change prorates depends on the day."""
    subscription = fate.subscription
    step = changes.subscription(subscription.id)
    if subscription.in_trial:
        return _present_in_trial(fate, step, before, after)
    seats, then, usage = _seats(before), _seats(after), [line for line in before if line.metered]
    now = _once(usage) + (0 if subscription.leaves else seats)
    if fate.then is not None and fate.kind == "ends":
        whole = all(i.end <= (fate.then.ends_at or 0) for i in subscription.items)
        return Invoices(now, _once(usage) if whole or not seats else None)
    if fate.kind == "ends":
        billed = step is not None and step.old.get("invoice_now") is not False
        return Invoices(now, _once(usage) if billed else 0)
    if fate.kind not in ("moves", "changes"):
        return Invoices(now, now)
    declared = step is not None and (step.new.get("proration_behavior") != "none" or step.op != "update")
    if {line.every for line in before} != {line.every for line in after} or (declared and seats != then):
        return Invoices(now, None)
    if step is not None and trial_changes(step):
        return Invoices(now, None if seats else _once(usage))
    return Invoices(now, then + _once(_used(fate, before, after, unused)))


def _present_in_trial(fate: Fate, step: Step | None, before: Lines, after: Lines) -> Invoices:
    """The invoice at the end of the trial: no usage, nothing to prorate, and the licenses that are paid ahead from then on."""
    now = 0 if fate.subscription.leaves else _seats(before)
    if fate.kind == "ends" or (fate.kind == "moves" and step is not None and step.op != "update"):
        return Invoices(now, 0 if fate.kind == "ends" else None)
    return Invoices(now, _seats(after) if fate.kind in ("moves", "changes") else now)


def _seats(lines: Lines) -> int:
    return _once(line for line in lines if not line.metered)


def _once(lines: Iterable[Line]) -> int:
    return sum(line.once for line in lines)


def _together(found: Iterable[Invoices]) -> Invoices:
    all_ = list(found)
    known = [one.after for one in all_ if one.after is not None]
    return Invoices(sum(one.before for one in all_), sum(known) if len(known) == len(all_) else None)


def _over(parts: Iterable[Part]) -> Every:
    return common(line.every for p in parts for line in (*p.before, *p.after))


def _over_the_same_time(part: Part, over: Every) -> Part:
    before, after, if_moved = (tuple(_over_a(line, over) for line in side) for side in (part.before, part.after, part.if_moved))
    return replace(part, before=before, after=after, if_moved=if_moved)


def _over_a(line: Line, over: Every) -> Line:
    often = times(line.every, over)
    if often == 1:
        return line
    amount = (2 * line.once * often.numerator + often.denominator) // (2 * often.denominator)  # a half up
    return replace(line, amount=amount, words=f"{line.words}, {line.every.words}")


def totals(found: Sequence[Bill]) -> list[Total]:
    """A total for each currency, the one with the most customers first."""
    by_currency: dict[str, list[Bill]] = {}
    for bill in found:
        by_currency.setdefault(bill.currency, []).append(bill)
    ordered = sorted(by_currency.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [_total(currency, some) for currency, some in ordered]


def _total(currency: str, some: Sequence[Bill]) -> Total:
    parts = [p for b in some for p in b.parts]
    sides = zip(*((b.before, b.after, b.change) for b in some), strict=True)
    return Total(
        currency,
        _over(parts).words,
        len({line.every for p in parts for line in (*p.before, *p.after)}) > 1,
        len(some),
        sum(b.change > 0 for b in some),
        sum(b.change < 0 for b in some),
        sum(b.before for b in some),
        sum(b.after for b in some),
        sum(b.if_moved for b in some),
        _together(b.present for b in some),
        Medians(*(median([Decimal(v) for v in values]) for values in sides)) if len(some) >= ENOUGH else None,
    )


def largest(found: Sequence[Bill], count: int = 10) -> list[Bill]:
    """The bills that change most, in either direction; if none does, those that would."""
    return sorted(found, key=lambda b: (-abs(b.change), -abs(b.if_moved - b.before), b.customer, b.currency))[:count]


def _or(fate: Fate, counting: _Counting) -> tuple[Target, ...]:
    """The items if the subscription moved; those without an amount there stay."""
    return tuple(t if counting.can(t) else Target(t.item.price, None, t.item) for t in fate.if_moved)


@dataclass(frozen=True)
class _Counting:
    subscription: Subscription
    facts: Facts
    units: Mapping[str, str]
    names: Mapping[str, str]
    stopped: frozenset[str]
    """The meters that stop counting."""

    def later(self, target: Target) -> Line:
        """What an item costs in a period after the deployment: nothing for usage that its meter does not count any more."""
        price = {} if target.step else self.facts.prices.get(target.price, {})
        return self.line(target, Decimal(0) if stripe_pricing.meter_of(price) in self.stopped else None)

    def can(self, target: Target) -> bool:
        try:
            self.line(target)
        except stripe_pricing.NoTerms:
            return False
        return True

    def unused(self, fate: Fate) -> Lines:
        """What the metered prices that it moves to charge in the present period for no usage: flat amounts."""
        has = {i.price for i in self.subscription.items}
        moved = (t for t in fate.after if (t.step.op != "update" if t.step else t.price not in has))
        lines = (self.line(t, Decimal(0)) for t in moved if t.item.quantity is None)
        return tuple(line for line in lines if line.once)

    def line(self, target: Target, quantity: Decimal | None = None) -> Line:
        price = target.step.new if target.step else self.facts.prices.get(target.price)
        if price is None:
            raise stripe_pricing.NoTerms(f"{target.price} is not in the preview, and Stripe was not asked")
        terms = terms_of(price, self.subscription.currency)
        charge = stripe_pricing.charge(terms, self._quantity(target, price) if quantity is None else quantity)
        old = self.facts.prices.get(target.item.price, {})
        unit = self.units.get(str(price.get("product"))) or self.units.get(str(old.get("product"))) or "unit"
        name = target.step.name if target.step else self.names.get(target.price, target.price)
        words, metered = stripe_pricing.arithmetic(charge, unit), target.item.quantity is None
        return Line(name, words, charge.amount, metered, every(price), charge.amount)

    def _quantity(self, target: Target, price: Values) -> Decimal:
        """The quantity; a meter that does not exist yet counts as if it had counted what the old one did."""
        item: Item = target.item
        if item.quantity is not None:
            return Decimal(item.quantity)
        counted = next((i.price for i in self.subscription.items if i.price == item.price or i.start == item.start), item.price)
        old, meter = self.facts.prices.get(counted, {}), stripe_pricing.meter_of(price)
        if unknown(meter) or not meter:
            meter = stripe_pricing.meter_of(old)
        if not meter:
            raise stripe_pricing.NoTerms("what its new meter will count is only known after the deployment")
        used = self.facts.usage.get((meter, self.subscription.customer, item.start, item.end), Decimal(0))
        often = times(every(old), every(price)) if old else Fraction(1)
        return used if often == 1 else (used * often.numerator / often.denominator).quantize(_MICRO)


def terms_of(price: Values, currency: str | None = None) -> stripe_pricing.Terms:
    """The terms of a price, at Stripe or in a preview. Raises `stripe_pricing.NoTerms`, also for an amount not known yet."""
    if _has_unknown({k: v for k, v in price.items() if k not in ("product", "metadata", "recurring", "lookup_key", "nickname")}):
        raise stripe_pricing.NoTerms("its amount is only known after the deployment")
    return stripe_pricing.terms(price, currency)


def _has_unknown(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_unknown, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_has_unknown, value))
    return unknown(value)
