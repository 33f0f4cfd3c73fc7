"""The prices that change, in words, and how many are on them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import stripe_pricing
from stripe_impact.reading.changes import Changes, changed_fields
from stripe_impact.reading.facts import Facts, Values
from stripe_impact.reading.preview import Preview, Step, unknown

from .bills import terms_of
from .movement import Fate

_ACTIONS = {"create": "new", "replace": "replaced", "delete": "retired", "update": "updated"}


@dataclass(frozen=True)
class PriceChange:
    """A price that changes. `before` and `after` are its formula in words, "" where there is none; the counts are of the
    subscriptions that are on it now, and of their customers."""

    name: str
    id: str
    action: str
    before: str
    after: str
    fields: tuple[str, ...]
    subscriptions: int
    customers: int
    moving: int
    staying: int
    ending: int


@dataclass(frozen=True)
class OtherChange:
    """A product or meter that changes."""

    kind: str
    name: str
    action: str
    fields: tuple[str, ...]


def price_changes(changes: Changes, fates: Sequence[Fate], facts: Facts, units: Mapping[str, str]) -> list[PriceChange]:
    """All prices of the preview that change, as the program names them."""
    return [_price_change(s, fates, facts, units) for s in changes.prices]


def _price_change(step: Step, fates: Sequence[Fate], facts: Facts, units: Mapping[str, str]) -> PriceChange:
    on = [f for f in fates if step.id and any(i.price == step.id for i in f.subscription.items)]
    staying = [f for f in on if f.kind in ("stays", "unclear") or any(t.price == step.id for t in f.after)]
    ending = [f for f in on if f.kind == "ends"]
    old = {**step.old, **facts.prices.get(step.id, {})}
    unit = units.get(str(step.new.get("product"))) or units.get(str(old.get("product"))) or "unit"
    before, after = _compared(old if step.id else {}, step.new, unit)
    fields = changed_fields(step) if step.op in ("update", "replace") else []
    action = _ACTIONS[step.op]
    if step.op == "update" and "active" in fields:
        action = "updated" if step.new.get("active", True) else "archived"
    return PriceChange(
        step.name,
        step.id,
        action,
        before,
        after,
        tuple(fields),
        len(on),
        len({f.subscription.customer for f in on}),
        len(on) - len(staying) - len(ending),
        len(staying),
        len(ending),
    )


def _compared(old: Values, new: Values, unit: str) -> tuple[str, str]:
    """Both formulas, as long as it takes to tell them apart; a single one in full."""
    sides = [_words(v, unit) if v else [] for v in (old, new)]
    if not all(sides):
        one, two = (", ".join(w for w in side if w) for side in sides)
        return one, two
    before, after = sides
    shown = [i for i in range(max(len(before), len(after))) if before[i : i + 1] != after[i : i + 1]] or [0]
    if 0 not in shown:
        shown = [0, *shown]
    one, two = (", ".join(side[i] for i in shown if i < len(side) and side[i]) for side in sides)
    return one, two


def _words(price: Values, unit: str) -> list[str]:
    """The formula; what becomes of packages; how often; what is billed; then the formulas in further currencies."""
    recurring = price.get("recurring")
    own = str(price.get("currency", "")).lower()
    options = price.get("currency_options") or {}
    others = sorted(c for c in options if c != own) if isinstance(options, Mapping) else []
    return [
        _formula(price, unit),
        _note(price),
        "" if recurring is None else f"billed {stripe_pricing.interval(recurring)}",
        "" if recurring is None or stripe_pricing.is_metered(price) else "in advance",
        *(f"in {c.upper()} {_formula(price, unit, c)}" for c in others),
    ]


def _formula(price: Values, unit: str, currency: str | None = None) -> str:
    try:
        return stripe_pricing.formula(terms_of(price, currency), unit)
    except stripe_pricing.NoTerms as e:
        return str(e).partition(": ")[2] or str(e)


def _note(price: Values) -> str:
    try:
        return stripe_pricing.package_note(terms_of(price))
    except stripe_pricing.NoTerms:
        return ""


def other_changes(preview: Preview) -> list[OtherChange]:
    """Products and meters that change."""
    found = [s for kind in ("Product", "Meter") for s in preview.of(kind) if s.op != "same" and not s.retained]
    return [
        OtherChange(s.kind, s.name, _ACTIONS[s.op], tuple(changed_fields(s)) if s.op in ("update", "replace") else ())
        for s in found
    ]


def unit_labels(preview: Preview, facts: Facts) -> dict[str, str]:
    """What is counted, by product id: Stripe's `unit_label`. A product not made yet has the unknown id, if it is the only one."""
    labels = {id_: str(p["unit_label"]) for id_, p in facts.products.items() if p.get("unit_label")}
    for step in preview.of("Product"):
        label = step.new.get("unit_label") or step.old.get("unit_label")
        if label and not unknown(label) and step.id:
            labels[step.id] = str(label)
    new = {str(s.new["unit_label"]) for s in preview.of("Product", "create", "replace") if s.new.get("unit_label")}
    if len(new) == 1:
        (only,) = new
        for step in preview.of("Price"):
            if unknown(step.new.get("product")):
                labels[str(step.new["product"])] = only
    return labels


def event_name(meter: str, preview: Preview, facts: Facts) -> str:
    """The event name of a meter, "" where it is unknown."""
    for step in preview.of("Meter"):
        if step.id == meter:
            return str(step.old.get("event_name", ""))
    return str(facts.meters.get(meter, {}).get("event_name", ""))


def sold_on(meter: str, changes: Changes, facts: Facts) -> bool:
    """Whether a price that can be sold bills what this meter counts, after the deployment."""
    going = {s.id for s in changes.prices if s.op in ("delete", "replace")}
    stay = any(active and id_ not in going for id_, active in facts.prices_of_meter.get(meter, {}).items())
    return stay or any(stripe_pricing.meter_of(s.new) == meter for s in changes.prices if s.op in ("create", "replace"))
