"""Each customer's bill for the current period's usage, as it is and as it will be. Pure; whole minor units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

import stripe_pricing
from stripe_impact.reading.changes import Changes
from stripe_impact.reading.facts import Facts, Item, Subscription, Values
from stripe_impact.reading.preview import unknown

from .movement import Fate, Kind, Target


@dataclass(frozen=True)
class Line:
    """What one item costs: the price's name, the calculation in words, the amount as an invoice would have it."""

    price: str
    words: str
    amount: int
    metered: bool


@dataclass(frozen=True)
class Part:
    """One subscription's share in a bill."""

    subscription: str
    status: str
    kind: Kind
    reason: str
    before: tuple[Line, ...]
    after: tuple[Line, ...]
    if_moved: tuple[Line, ...]


@dataclass(frozen=True)
class Bill:
    """A customer's bill in one currency. `if_moved` is what it would be if every subscription moved to the new prices."""

    customer: str
    currency: str
    parts: tuple[Part, ...]

    @property
    def before(self) -> int:
        """What the current period's usage costs now."""
        return sum(line.amount for p in self.parts for line in p.before)

    @property
    def after(self) -> int:
        """What the same usage costs after the deployment."""
        return sum(line.amount for p in self.parts for line in p.after)

    @property
    def if_moved(self) -> int:
        """What it would cost at the new prices."""
        return sum(line.amount for p in self.parts for line in p.if_moved)

    @property
    def change(self) -> int:
        """How much more there is to pay (below 0: less)."""
        return self.after - self.before


@dataclass(frozen=True)
class Total:
    """All bills in one currency: sums and medians, in minor units; the median of an even number may be half a unit."""

    currency: str
    customers: int
    more: int
    less: int
    before: int
    after: int
    if_moved: int
    median_before: Decimal
    median_after: Decimal
    median_change: Decimal

    @property
    def change(self) -> int:
        """How much more there is to pay in total (below 0: less)."""
        return self.after - self.before


@dataclass(frozen=True)
class Uncounted:
    """A subscription whose bill cannot be computed, and why."""

    subscription: str
    reason: str


def bills(fates: Sequence[Fate], changes: Changes, facts: Facts, units: Mapping[str, str]) -> tuple[list[Bill], list[Uncounted]]:
    """The bills, by customer; and what is not in them. `units` are the names of what is counted, by product id."""
    parts: dict[tuple[str, str], list[Part]] = {}
    uncounted: list[Uncounted] = []
    names = {s.id: s.name for s in changes.prices if s.id}
    for fate in fates:
        subscription = fate.subscription
        if fate.kind == "unclear":
            uncounted.append(Uncounted(subscription.id, fate.reason))
            continue
        counting = _Counting(subscription, facts, units, names)
        try:
            before = tuple(counting.line(Target(i.price, None, i)) for i in subscription.items)
            after, if_moved = (tuple(map(counting.line, side)) for side in (fate.after, _or(fate, counting)))
        except stripe_pricing.NoTerms as e:
            uncounted.append(Uncounted(subscription.id, str(e)))
            continue
        part = Part(subscription.id, subscription.status, fate.kind, fate.reason, before, after, if_moved)
        parts.setdefault((subscription.customer, subscription.currency), []).append(part)
    return [Bill(customer, currency, tuple(found)) for (customer, currency), found in sorted(parts.items())], uncounted


def totals(found: Sequence[Bill]) -> list[Total]:
    """A total for each currency, the one with the most customers first."""
    by_currency: dict[str, list[Bill]] = {}
    for bill in found:
        by_currency.setdefault(bill.currency, []).append(bill)
    ordered = sorted(by_currency.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [
        Total(
            currency,
            len(some),
            sum(b.change > 0 for b in some),
            sum(b.change < 0 for b in some),
            sum(b.before for b in some),
            sum(b.after for b in some),
            sum(b.if_moved for b in some),
            *(
                median([Decimal(v) for v in values])
                for values in zip(*((b.before, b.after, b.change) for b in some), strict=True)
            ),
        )
        for currency, some in ordered
    ]


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

    def can(self, target: Target) -> bool:
        try:
            self.line(target)
        except stripe_pricing.NoTerms:
            return False
        return True

    def line(self, target: Target) -> Line:
        price = target.step.new if target.step else self.facts.prices.get(target.price)
        if price is None:
            raise stripe_pricing.NoTerms(f"{target.price} is not in the preview, and Stripe was not asked")
        terms = terms_of(price, self.subscription.currency)
        charge = stripe_pricing.charge(terms, self._quantity(target, price))
        old = self.facts.prices.get(target.item.price, {})
        unit = self.units.get(str(price.get("product"))) or self.units.get(str(old.get("product"))) or "unit"
        name = target.step.name if target.step else self.names.get(target.price, target.price)
        return Line(name, stripe_pricing.arithmetic(charge, unit), charge.amount, target.item.quantity is None)

    def _quantity(self, target: Target, price: Values) -> Decimal:
        """The quantity; a meter that does not exist yet counts as if it had counted what the old one did."""
        item: Item = target.item
        if item.quantity is not None:
            return Decimal(item.quantity)
        meter = stripe_pricing.meter_of(price)
        if unknown(meter) or not meter:
            meter = stripe_pricing.meter_of(self.facts.prices.get(item.price, {}))
        return self.facts.usage.get((meter, self.subscription.customer, item.start, item.end), Decimal(0))


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
