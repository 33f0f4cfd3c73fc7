"""What a reader must know first: usage that nobody would be billed for, meters that stop, prices that no one pays. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import stripe_pricing
from stripe_impact.reading.changes import Changes
from stripe_impact.reading.facts import Facts
from stripe_impact.reading.preview import Preview, Step, unknown

from .bills import Bill, Uncounted, terms_of
from .catalogue import PriceChange, event_name, sold_on
from .movement import GRANDFATHERED, Fate, left_behind, meters_that_stop

SHOWN = 5
"""How many ids are named individually."""

_COUNTING = ("customer_mapping", "default_aggregation", "event_time_window", "value_settings")
"""What decides what a meter counts of the same events."""


@dataclass(frozen=True)
class Notice:
    """A sentence or two. A `warning` is about money that is lost or a deployment that stops; a `note` is good to know."""

    level: Literal["warning", "note"]
    text: str


def notices(
    preview: Preview,
    changes: Changes,
    facts: Facts,
    fates: Sequence[Fate],
    prices: Sequence[PriceChange],
    found: Sequence[Bill],
    uncounted: Sequence[Uncounted],
) -> list[Notice]:
    """All of them, warnings first."""
    warnings = [
        *_meters(changes, facts, fates),
        *_unbilled(preview, changes, facts),
        *_cancelled(changes, found),
        *_refused(fates),
        *_stopped(changes, fates),
        *facts.strangers,
        *map(_not_known, uncounted),
    ]
    notes = [*_unpaid(preview, prices, fates), *_not_charged(found)]
    return [*(Notice("warning", w) for w in warnings), *(Notice("note", n) for n in notes)]


def _not_known(one: Uncounted) -> str:
    now = "" if one.before is None else f", now {stripe_pricing.money(one.before, one.currency)}"
    return f"Not in the figures: {one.subscription or 'a customer'}{now}: {one.reason}."


def _not_charged(found: Sequence[Bill]) -> Iterator[str]:
    """Totals that Stripe cannot charge as they are; the rest goes to the customer's balance."""
    for currency in dict.fromkeys(b.currency for b in found):
        invoices = [(b, p.after_once, p.charged) for b in found if b.currency == currency and b.change for p in b.parts]
        rounded = [(b, total, charged) for b, total, charged in invoices if charged and total != charged]
        below = [total for _, total, charged in invoices if total > 0 and not charged]
        least = stripe_pricing.MINIMUM_CHARGE.get(currency, 0)
        if below:
            bills = f"{len(below):,} of {len(invoices):,} invoices" if len(invoices) > 1 else "The invoice"
            verb = "are" if len(below) > 1 else "is"
            minimum = stripe_pricing.money(least, currency) if least else "what can be charged"
            yield f"{bills} then {verb} below {minimum}, the minimum charge: not charged, but due with the next one."
        if rounded:
            bill, total, charged = rounded[0]
            more = f"; {len(rounded) - 1:,} more are rounded too" if len(rounded) > 1 else ""
            amounts = " as ".join(stripe_pricing.money(a, currency) for a in (total, charged))
            yield f"Stripe charges {amounts} ({bill.customer}), and keeps the rest on the customer's balance{more}."


def _meters(changes: Changes, facts: Facts, fates: Sequence[Fate]) -> Iterator[str]:
    for step in meters_that_stop(changes, fates):
        old, new = step.old.get("event_name", ""), step.new.get("event_name", "")
        prices = set(facts.prices_of_meter.get(step.id, {}))
        left = [f.subscription.id for f in fates if any(t.price in prices for t in f.after)]
        if step.op == "delete":
            said = f'Meter {step.name} stops counting: events "{old}" are refused from the deployment on.'
            lost = "what they use from then on is not billed"
        elif unknown(new) or new == old:
            said = f'Meter {step.name} stops counting: a new one counts "{old}" from 0.'
            another = [name for name in _COUNTING if step.new.get(name) != step.old.get(name)]
            if another:
                said += f" It counts otherwise ({_list(another)}), and the figures are of what was counted so far."
            lost = "what the new meter counts is not billed to them"
        else:
            said = f'Meter {step.name} stops counting "{old}": the application has to report "{new}" from the deployment on.'
            lost = "what the new meter counts is not billed to them"
        yield f"{said} {_subscriptions(left)} stay{_s(left)} on its prices: {lost} ({_named(left)})." if left else said


def _unbilled(preview: Preview, changes: Changes, facts: Facts) -> Iterator[str]:
    linked = any(unknown(stripe_pricing.meter_of(s.new)) for s in preview.of("Price"))
    for step in preview.of("Meter", "create"):
        if not linked:
            event = step.new.get("event_name", "")
            yield f'Usage of the new meter {step.name} ("{event}") is not billed: no price is backed by it.'
    stopping = {s.id for s in changes.meters_that_stop}
    for meter in dict.fromkeys(changes.meters_that_lose_a_price):
        if meter not in stopping and meter in facts.prices_of_meter and not sold_on(meter, changes, facts):
            event = event_name(meter, preview, facts) or meter
            yield f'Usage of "{event}" is not billed to new customers: no price that can be sold is backed by its meter.'
    for meter, stripe in facts.meters.items():
        if stripe.get("status") == "inactive" and meter not in stopping:
            yield f'Usage of "{stripe.get("event_name")}" is not counted: its meter {meter} is inactive at Stripe.'
    for price in preview.of("Price", "create", "replace"):
        if _free(price):
            yield f"Price {price.name} charges nothing: what it meters is not billed."


def _free(step: Step) -> bool:
    try:
        terms = terms_of(step.new)
    except stripe_pricing.NoTerms:
        return False
    amounts = [terms.unit_amount, *(a for t in terms.tiers for a in (t.unit_amount, t.flat_amount))]
    return not any(amounts) and bool(stripe_pricing.meter_of(step.new))


def _cancelled(changes: Changes, found: Sequence[Bill]) -> Iterator[str]:
    for bill in found:
        for part in bill.parts:
            step = changes.subscription(part.subscription)
            usage = sum(line.amount for line in part.before if line.metered)
            if part.kind != "ends" or not usage:
                continue
            lost = f"its usage, {stripe_pricing.money(usage, bill.currency)}, is not billed"
            if step is None:
                yield f"{part.subscription} is cancelled together with its customer {bill.customer}: {lost}."
            elif step.old.get("invoice_now") is False:
                yield f"{part.subscription} is cancelled with invoice_now=False: {lost}."


def _refused(fates: Sequence[Fate]) -> Iterator[str]:
    by_reason: dict[str, list[str]] = {}
    for fate in fates:
        if fate.reason.startswith("the deployment will refuse"):
            by_reason.setdefault(fate.reason, []).append(fate.subscription.id)
    for reason, ids in by_reason.items():
        yield f"{reason[0].upper()}{reason[1:]} ({_named(ids)})."


def _stopped(changes: Changes, fates: Sequence[Fate]) -> Iterator[str]:
    """A price that is to be migrated is archived only once nobody is left on it: until then the deployment ends with an error."""
    for step, left in left_behind(changes, fates):
        why = "; ".join(dict.fromkeys(f.reason for f in left if f.reason))
        ids = [f.subscription.id for f in left]
        yield (
            f"The deployment will end with an error at {step.name}: {_subscriptions(ids)} cannot be migrated, and "
            f"stay{_s(ids)} on the old price ({_named(ids)}): {why}."
        )


def _unpaid(preview: Preview, prices: Sequence[PriceChange], fates: Sequence[Fate]) -> Iterator[str]:
    subscribed = any(unknown(i.get("price")) for s in preview.of("Subscription", "create") for i in s.new.get("items") or [])
    new = [p.name for p in prices if p.action == "new"]
    if new and not subscribed:
        yield f"No one pays {_list(new)} yet: {'it is' if len(new) == 1 else 'they are'} new."
    for price in prices:
        if price.action == "replaced" and price.staying and not price.moving:
            why = _reasons(f for f in fates if any(i.price == price.id for i in f.subscription.items))
            yield f"No one pays the new price {price.name}: {_stay(price)} on the old one ({why})."
        elif price.action == "replaced" and not price.subscriptions and not subscribed:
            yield f"No one pays {price.name}: nobody is subscribed to the old price."
        elif price.action in ("retired", "archived") and not price.subscriptions:
            yield f"No one pays {price.name}, which is {price.action}."


def _stay(price: PriceChange) -> str:
    return "its 1 subscription stays" if price.staying == 1 else f"its {price.staying:,} subscriptions stay"


def _reasons(fates: Iterable[Fate]) -> str:
    counts: Mapping[str, None] = dict.fromkeys(f.reason for f in fates if f.reason)
    texts = ['existing_subscriptions is "grandfather"' if r == GRANDFATHERED else r for r in counts]
    return "; ".join(texts) or "nothing moves them"


def _subscriptions(ids: Sequence[str]) -> str:
    return "1 subscription" if len(ids) == 1 else f"{len(ids):,} subscriptions"


def _s(ids: Sequence[str]) -> str:
    return "s" if len(ids) == 1 else ""


def _named(ids: Sequence[str]) -> str:
    shown = [i for i in ids if i][:SHOWN]
    more = len(ids) - len(shown)
    return ", ".join([*shown, f"{more:,} more"] if more and shown else shown) or "customers of the usage file"


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
