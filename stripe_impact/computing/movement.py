"""Which subscriptions move to another price, and which stay. Pure.

The program decides about the subscriptions that it declares, `existing_subscriptions` about those that nobody declares; whether
one of those can be moved is up to the code that moves them (`stripe_resources.moves.rules`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from stripe_impact.reading.changes import Changes, end_changes, items
from stripe_impact.reading.facts import Facts, Item, Subscription, Values
from stripe_impact.reading.preview import Step, unknown
from stripe_pricing import is_metered, meter_of
from stripe_resources.moves import rules as moves

from .periods import every

Kind = Literal["moves", "changes", "stays", "ends", "unclear"]
"""To other prices; in place; not at all; cancelled, at once or with its period; or the preview does not tell."""

GRANDFATHERED = "grandfathered"


@dataclass(frozen=True)
class Target:
    """An item as it will be: `price` is the existing price's id, or "" where `step` makes it or changes it in place."""

    price: str
    step: Step | None
    item: Item


@dataclass(frozen=True)
class Fate:
    """What becomes of a subscription. `after` are its items then, `if_moved` what they would be if it moved wherever it can."""

    subscription: Subscription
    kind: Kind
    reason: str
    after: tuple[Target, ...]
    if_moved: tuple[Target, ...]
    then: Subscription | None = None
    """The subscription with the end that its program gives it, where that is another than before."""


def fates(changes: Changes, facts: Facts) -> list[Fate]:
    """The fate of every subscription that is known, in the order of their customers."""
    known = sorted(facts.subscriptions.values(), key=lambda s: (s.customer, s.id))
    return [_fate(s, changes, facts) for s in known]


def left_behind(changes: Changes, fates: Sequence[Fate]) -> list[tuple[Step, list[Fate]]]:
    """The prices that are to be migrated and have somebody left on them: each with these, and the deployment ends with an error
    at it."""
    here = [f for f in fates if changes.subscription(f.subscription.id) is None and f.kind not in ("ends", "unclear")]
    found = []
    for step in changes.prices:
        if step.op == "replace" and not step.retained and step.new.get("existing_subscriptions") == "migrate":
            found.append((step, [f for f in here if any(t.price == step.id for t in f.after)]))
    return [(step, left) for step, left in found if left]


def meters_that_stop(changes: Changes, fates: Sequence[Fate]) -> list[Step]:
    """The meters that a deployment stops: not those that would have to wait for a price that somebody is left on."""
    kept = {meter_of(step.old) for step, _ in left_behind(changes, fates) if changes.goes_first(step)}
    return [step for step in changes.meters_that_stop if step.id not in kept]


def _fate(subscription: Subscription, changes: Changes, facts: Facts) -> Fate:
    stays = tuple(Target(i.price, None, i) for i in subscription.items)
    moved = tuple(_moved(i, subscription.currency, changes) for i in subscription.items)
    if step := changes.subscription(subscription.id):
        return _declared(subscription, step, changes, facts, stays)
    if any(c.id == subscription.customer for c in changes.customers):
        return Fate(subscription, "ends", "its customer is deleted", (), ())
    if owner := moves.owner(subscription.stripe):
        stack = "/".join(owner.split("/")[:2])
        ours = stack == f"{changes.project}/{changes.stack}"
        reason = "declared here, and left as it is" if ours else f"declared by the stack {stack}"
        in_place = tuple(m if m.step and m.step.op == "update" else s for s, m in zip(stays, moved, strict=True))
        if in_place != stays:
            return Fate(subscription, "changes", "", in_place, moved)
        return Fate(subscription, "stays", reason, stays, moved)
    after, reasons = [], []
    for item, there in zip(subscription.items, moved, strict=True):
        reason = _obstacle(subscription, item, there, changes, facts)
        after.append(Target(item.price, None, item) if reason else there)
        reasons += [reason] if reason else []
    ops = {t.step.op for t in after if t.step}
    kind: Kind = "moves" if "replace" in ops else "changes" if ops else "stays"
    return Fate(subscription, kind, "; ".join(dict.fromkeys(reasons)), tuple(after), moved)


def _moved(item: Item, currency: str, changes: Changes) -> Target:
    """The item on its price's successor, or on the price as it is changed in place."""
    step = changes.price(item.price)
    if step and step.op == "replace" and _comparable(step.old, step.new):
        return Target("", step, item)
    if step and step.op == "update" and _option(step.old, currency) != _option(step.new, currency):
        return Target("", step, item)
    return Target(item.price, None, item)


def _comparable(old: Values, new: Values) -> bool:
    """Whether a subscription could ever move without being declared: from usage to seats, or to another interval, none does."""
    return is_metered(old) == is_metered(new) and every(old) == every(new)


def _option(price: Values, currency: str) -> Any:
    """What Stripe changes in place: the amounts in a further currency."""
    options = price.get("currency_options")
    return options.get(currency) if isinstance(options, Mapping) else None


def _obstacle(subscription: Subscription, item: Item, there: Target, changes: Changes, facts: Facts) -> str:
    """Why an item that nobody declares keeps its price; "" where it moves."""
    step = changes.price(item.price)
    if there.step is None and step is not None and step.op == "replace":
        there = Target("", step, item)
    if there.step is None:
        archived = step and (step.op == "delete" or (step.op == "update" and not step.new.get("active", True)))
        return "the price is archived" if archived else ""
    if there.step.op == "update":
        return ""
    if there.step.retained:
        return "the old price is left as it is (retain_on_delete)"
    if there.step.new.get("existing_subscriptions", "grandfather") != "migrate":
        return GRANDFATHERED
    if changes.goes_first(there.step):
        return "the old price has to go before the new one exists, since its meter is replaced under the same event name"
    new = as_stripe_has_it(there.step.new)
    return moves.obstacle(_as_stripe_shows_it(subscription, facts), item.price, new)


def _as_stripe_shows_it(subscription: Subscription, facts: Facts) -> dict[str, Any]:
    """With its prices in full; one from a usage file as if it was active, under flexible billing, and nothing in the way."""
    stripe = {"status": "active", "currency": subscription.currency, "billing_mode": {"type": "flexible"}, **subscription.stripe}
    data = (stripe.get("items") or {}).get("data") or [{"price": {"id": i.price}} for i in subscription.items]
    shown = [{**i, "price": as_stripe_has_it(facts.prices.get(i["price"]["id"], i["price"]))} for i in data]
    return {**stripe, "items": {"data": shown}}


def as_stripe_has_it(declared: Values) -> dict[str, Any]:
    """A price with the defaults that Stripe fills in, as far as moving from or to it depends on them."""
    recurring = declared.get("recurring")
    if isinstance(recurring, Mapping):
        recurring = {"interval_count": 1, "usage_type": "licensed", **recurring}
    return {"id": "", "active": True, **declared, "recurring": recurring}


def _declared(subscription: Subscription, step: Step, changes: Changes, facts: Facts, stays: tuple[Target, ...]) -> Fate:
    if step.op == "delete":
        return Fate(subscription, "ends", "it is cancelled", (), ())
    after = _as_declared(subscription, step, changes, facts)
    if isinstance(after, str):
        return Fate(subscription, "unclear", after, stays, stays)
    if reason := _refusal(subscription, step, after, facts):
        return Fate(subscription, "stays", f"the deployment will refuse the move: {reason}", stays, after)
    then = _with_its_end(subscription, step) if step.op == "update" and end_changes(step) else None
    if then and then.leaves and not subscription.leaves:
        when = f"at {time_in_words(then.ends_at)}" if then.ends_at else "with its period"
        return Fate(subscription, "ends", f"declared to end {when}", (), (), then)
    moves_ = step.op != "update" or {t.price for t in after} != {i.price for i in subscription.items}
    return Fate(subscription, "moves" if moves_ else "changes", "declared", after, after, then)


def _with_its_end(subscription: Subscription, step: Step) -> Subscription:
    """As it will be; of the ends that are given in words, each is that of a present period."""
    end = step.new.get("cancel_at")
    if isinstance(end, str):
        ends = [i.end for i in subscription.items]
        end = min(ends, default=None) if end == "min_period_end" else max(ends, default=None)
    given = {"cancel_at": end, "cancel_at_period_end": bool(step.new.get("cancel_at_period_end"))}
    return replace(subscription, stripe={**subscription.stripe, **given})


def time_in_words(seconds: int) -> str:
    """Such as "2027-01-31 12:00 UTC"."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def _as_declared(subscription: Subscription, step: Step, changes: Changes, facts: Facts) -> tuple[Target, ...] | str:
    """The items as the program declares them, and those that others added; or why the preview does not tell."""
    old, new = [str(i.get("price", "")) for i in items(step.old)], items(step.new)
    by_price = {i.price: i for i in subscription.items}
    kept = {str(i.get("price")) for i in new}
    leaving = [p for p in old if p not in kept and changes.successor(p)]
    created = [s for s in changes.prices if s.op == "create"]
    period = subscription.items[0] if subscription.items else Item("")
    after: list[Target] = []
    for position, item in enumerate(new):
        price = str(item.get("price", ""))
        if not unknown(price):
            source = by_price.get(price) or replace(period, price=price)
            metered = is_metered(facts.prices.get(price, {}))
            after.append(Target(price, None, replace(source, quantity=None if metered else _quantity(item))))
            continue
        before = old[position] if position < len(old) and old[position] in leaving else next(iter(leaving), "")
        successor = changes.successor(before) if before else created[0] if len(created) == 1 else None
        if successor is None:
            return f"the preview does not tell which price its item {position + 1} will have"
        if before:
            leaving.remove(before)
        source = by_price.get(before, period)
        quantity = None if is_metered(successor.new) else _quantity(item)
        after.append(Target("", successor, replace(source, quantity=quantity)))
    others = [Target(i.price, None, i) for i in subscription.items if i.price not in old and i.price not in kept]
    return tuple(after + others)


def _refusal(subscription: Subscription, step: Step, after: tuple[Target, ...], facts: Facts) -> str:
    """Why the deployment will not carry the move out: Stripe would not, or usage would never be billed."""
    for target in after if step.op == "update" else ():
        price = target.step.new if target.step else facts.prices.get(target.price, {})
        currencies = {str(c) for c in (price.get("currency"), *(price.get("currency_options") or {})) if c and not unknown(c)}
        if currencies and subscription.currency not in {c.lower() for c in currencies}:
            return f"the new price has no amount in its currency, {subscription.currency}"
    staying = {t.price for t in after}
    leaving = [i.price for i in subscription.items if i.price not in staying and i.price in _declared_before(step)]
    if step.op != "update" or not any(is_metered(facts.prices.get(p, {})) for p in leaving):
        return ""
    mode = (step.new.get("billing_mode") or {}).get("type") or ("flexible" if subscription.flexible else "classic")
    return moves.unbilled(mode, step.new.get("proration_behavior"))


def _declared_before(step: Step) -> set[str]:
    return {str(i.get("price", "")) for i in items(step.old)}


def _quantity(item: Values) -> int:
    quantity = item.get("quantity", 1)
    return int(quantity) if isinstance(quantity, int) else 1
