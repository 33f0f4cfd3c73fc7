"""What in a preview can change somebody's bill. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stripe_pricing import meter_of

from .preview import Preview, Step, unknown

BILLED_IN_PLACE = ("active", "currency_options")
"""The fields of a price that Stripe changes in place and that matter for what is billed, or to whom it can be sold."""

COURSE = ("cancel_at", "cancel_at_period_end")
"""The fields of a subscription that end it, and bring it back where they go."""


@dataclass(frozen=True)
class Changes:
    """The steps of a preview that matter."""

    project: str
    stack: str
    prices: tuple[Step, ...]
    """New, replaced, updated and retired ones."""
    meters_that_stop: tuple[Step, ...]
    """Meters that are deactivated, with a successor (replace) or without."""
    subscriptions: tuple[Step, ...]
    """Declared ones that exist and whose items, trial or end change, or that end at once."""
    customers: tuple[Step, ...] = ()
    """Declared ones that are deleted: Stripe cancels all their subscriptions at once, no matter who made them."""

    @property
    def priced_ids(self) -> list[str]:
        """The ids of the existing prices whose subscribers have to be known."""
        return [s.id for s in self.prices if s.id and (s.op in ("replace", "delete") or changed_in_place(s))]

    @property
    def ask_stripe(self) -> bool:
        """Whether anything that exists changes in a way that may change a bill."""
        return bool(self.priced_ids or self.meters_that_stop or self.subscriptions or self.customers)

    @property
    def meters_that_lose_a_price(self) -> list[str]:
        """The meters of the prices that are retired without a successor."""
        return [m for s in self.prices if s.op == "delete" and not s.superseded and (m := meter_of(s.old))]

    @property
    def declared_prices(self) -> list[str]:
        """The ids of existing prices that declared subscriptions are to have."""
        ids = (str(i.get("price", "")) for s in self.subscriptions for i in items(s.new))
        return [i for i in ids if i and not unknown(i)]

    def price(self, id_: str) -> Step | None:
        """What happens to an existing price."""
        return next((s for s in self.prices if s.id == id_), None)

    def successor(self, id_: str) -> Step | None:
        """The step that replaces this price, if there is one."""
        step = self.price(id_)
        return step if step and step.op == "replace" else None

    def successor_meters(self, id_: str) -> list[str]:
        """The meter of the price that replaces this one, which may be unknown yet; empty if there is none."""
        step = self.successor(id_)
        return [m for m in [meter_of(step.new)] if m] if step else []

    def goes_first(self, price: Step) -> bool:
        """Whether a replaced price is archived before its successor is made: with its meter, which must make room for another
        of the same event name. Nothing can be migrated then."""
        meter = next((m for m in self.meters_that_stop if m.id == meter_of(price.old) and m.op == "replace"), None)
        return meter is not None and meter.new.get("event_name") == meter.old.get("event_name")

    def subscription(self, id_: str) -> Step | None:
        """What happens to a declared subscription."""
        return next((s for s in self.subscriptions if s.id == id_), None)


def changes(preview: Preview) -> Changes:
    """What can change somebody's bill."""
    kept = [s for s in preview.steps if s.op != "same" and not (s.op == "delete" and s.retained)]
    return Changes(
        preview.project,
        preview.stack,
        tuple(s for s in kept if s.kind == "Price"),
        tuple(s for s in kept if s.kind == "Meter" and s.op in ("replace", "delete") and s.id and not s.retained),
        tuple(s for s in kept if s.kind == "Subscription" and s.id and _bills_otherwise(s)),
        tuple(s for s in kept if s.kind == "Customer" and s.op in ("replace", "delete") and s.id and not s.retained),
    )


def changed_in_place(step: Step) -> bool:
    """Whether an update of a price is about who is billed, or how much."""
    return step.op == "update" and bool(set(changed_fields(step)) & set(BILLED_IN_PLACE))


def changed_fields(step: Step) -> list[str]:
    """The fields in which the program differs from Stripe."""
    defaults = {"active": True}
    names = dict.fromkeys((*step.new, *(n for n in BILLED_IN_PLACE if n in step.old)))
    return [n for n in names if step.new.get(n, defaults.get(n)) != step.old.get(n, defaults.get(n))]


def items(values: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The items that a subscription declares."""
    return [i for i in values.get("items") or [] if isinstance(i, Mapping)]


def _bills_otherwise(step: Step) -> bool:
    if step.op != "update":
        return True
    before, after = ([(i.get("price"), i.get("quantity")) for i in items(v)] for v in (step.old, step.new))
    return before != after or end_changes(step) or trial_changes(step)


def end_changes(step: Step) -> bool:
    """Whether the program says otherwise than before when the subscription ends."""
    return any((step.new.get(n) or None) != (step.old.get(n) or None) for n in COURSE)


def trial_changes(step: Step) -> bool:
    """Whether the program says otherwise than before when the trial ends; where it says no more, the trial is left as it is."""
    return step.new.get("trial_end") not in (None, step.old.get("trial_end"))
