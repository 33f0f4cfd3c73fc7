"""Subscription item: one price of a subscription. https://docs.stripe.com/api/subscription_items

`Change` is the one place where items are added, changed and removed, whichever endpoint asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stripe_local.calculation.intervals import fit
from stripe_local.resources.products import prices, tax_rates
from stripe_local.resources.shared import existing, merge_metadata
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import PRODUCT, SUBSCRIPTION_ITEM
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.errors import exclusive_params, invalid, missing_param, no_such
from stripe_local.wire.expand import Nested, Ref, register
from stripe_local.wire.operation import Context

from . import billing_runs, charges, discounts, threshold_settings

KIND = SUBSCRIPTION_ITEM


def items_of(context: Context, subscription_id: str) -> list[Body]:
    """The items of a subscription, oldest first."""
    return context.objects.find(KIND, [equal("subscription", subscription_id)])


def put_all(context: Context, items: list[Body]) -> None:
    """Store the items, as they are now."""
    for item in items:
        context.objects.put(KIND, item)


def plan_of(price: Body) -> Body:
    """The predecessor of the price, which Stripe still shows beside it."""
    recurring, transform = price["recurring"], price["transform_quantity"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": price["livemode"],
        "metadata": price["metadata"],
        "meter": recurring["meter"],
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": price["tiers_mode"],
        "transform_usage": transform,
        "trial_period_days": recurring["trial_period_days"],
        "usage_type": recurring["usage_type"],
    }


def rendered(context: Context, body: Body) -> Body:
    """The item as Stripe shows it: with its whole price, and without a quantity when usage is metered."""
    price = prices.shown(charges.stored_price(context, body["price"]))
    shown = public(body)
    if charges.is_metered(price):
        del shown["quantity"]
    current = discounts.current(context, body["discounts"], context.now)
    rates = tax_rates.shown(context, body["tax_rates"])
    return {**shown, "discounts": current, "plan": plan_of(price), "price": price, "tax_rates": rates}


def render(context: Context, id: str) -> Body:
    """The item with this id."""
    return rendered(context, existing(context, KIND, "subscription item", id, "item", in_path=True))


# Changing items


@dataclass
class Change:
    """A change of a subscription's items: which there are, at which price, in which quantity. What it costs comes after.

    `items` are all of the subscription's; `before` are those as they were that have another price or quantity now.
    """

    context: Context
    subscription: Body
    items: list[Body]
    added: list[Body] = field(default_factory=list)
    changed: list[Body] = field(default_factory=list)
    removed: list[Body] = field(default_factory=list)
    before: list[Body] = field(default_factory=list)
    another_interval: bool = False
    start: int | None = None
    """When discounts begin, if not now."""

    def apply(self, params: list[dict[str, Any]], param: str = "items") -> None:
        """Add, change and remove items; those that are not named stay. Raises StripeError."""
        for index, wanted in enumerate(params):
            here = f"{param}[{index}]" if param else ""
            if wanted.get("id") is None:
                if wanted.get("deleted"):
                    raise missing_param(f"{here}[id]")
                self._add(wanted, here)
                continue
            item = next((item for item in self.items if item["id"] == wanted["id"]), None)
            if item is None:
                raise no_such("subscription item", wanted["id"], f"{here}[id]")
            if wanted.get("clear_usage") is not None:
                self._refuse_clear_usage()
            if wanted.get("deleted"):
                self.items.remove(item)
                self.removed.append(item)
            else:
                self._alter(item, wanted, here)
        if params:
            self._check()

    def _refuse_clear_usage(self) -> None:
        if self.subscription["billing_mode"]["type"] == "flexible":
            raise invalid(
                "With `billing_mode.type=flexible` set on a subscription, the following parameters are not "
                "supported: clear_usage.",
                "clear_usage",
            )

    def _check(self) -> None:
        """What holds for all items together. Raises StripeError."""
        if not self.items:
            raise invalid(
                "A subscription must have at least one active item. To end the subscription, cancel it instead.",
                "items",
            )
        used: set[str] = set()
        intervals = set()
        for item in self.items:
            price = charges.stored_price(self.context, item["price"])
            if price["id"] in used:
                raise invalid(
                    f"Cannot create a Subscription with multiple Subscription Items with the same Price: {price['id']}",
                    "plan",
                )
            used.add(price["id"])
            intervals.add((price["recurring"]["interval"], price["recurring"]["interval_count"]))
        # https://docs.stripe.com/billing/subscriptions/mixed-interval
        if len(intervals) > 1 and billing_runs.is_classic(self.subscription):
            raise invalid(
                "Currency and interval fields must match across all prices on this subscription. Found mismatch in "
                "interval field.",
                "items",
            )
        if not fit(intervals):
            # That Stripe refuses this is published; its words are not.
            raise invalid(
                "Each price's interval has to be a multiple of the shortest interval of the subscription's prices.", "items"
            )

    def _add(self, wanted: dict[str, Any], param: str) -> None:
        price = self._price(wanted, param)
        now, subscription = self.context.now, self.subscription
        item: Body = {
            "id": new_id("si"),
            "object": KIND,
            "billed_until": None,
            "billing_thresholds": threshold_settings.of_item(price, None, wanted, param),
            "created": now,
            "current_period_end": None,
            "current_period_start": None,
            "current_trial": None,
            "discounts": [],
            "metadata": {},
            "price": price["id"],
            "quantity": _quantity(price, wanted, param),
            "subscription": subscription["id"],
            "tax_rates": [],
            "_anchor": subscription["billing_cycle_anchor"],
            "_anchor_day": subscription.get("_anchor_day"),
            "_debits": [],
            # An item that replaces another must not count what was counted there.
            "_usage_from": [now, self.context.usage.latest_seq()],
        }
        merge_metadata(item, wanted)
        self._reduce_and_tax(item, wanted, param)
        self.items.append(item)
        self.added.append(item)

    def _alter(self, item: Body, wanted: dict[str, Any], param: str) -> None:
        old = charges.stored_price(self.context, item["price"])
        new = old
        if wanted.get("price") not in (None, old["id"]) or wanted.get("price_data") is not None:
            new = self._price(wanted, param)
        quantity = item["quantity"]
        if new is not old and charges.is_metered(new):
            _quantity(new, wanted, param)
            quantity = None
        elif "quantity" in wanted or new is not old:
            # Another price without a quantity means one of it, whatever the quantity was before.
            # https://docs.stripe.com/api/subscriptions/update#update_subscription-items-price
            quantity = _quantity(new, wanted, param)
        merge_metadata(item, wanted)
        self._reduce_and_tax(item, wanted, param)
        item["billing_thresholds"] = threshold_settings.of_item(new, item["billing_thresholds"], wanted, param)
        self.changed.append(item)
        if new is not old or quantity != item["quantity"]:
            if all(before["id"] != item["id"] for before in self.before):
                self.before.append({**item})
            item["price"], item["quantity"] = new["id"], quantity
            self.another_interval |= _interval(new) != _interval(old)

    def _reduce_and_tax(self, item: Body, wanted: dict[str, Any], param: str) -> None:
        """Set the item's own discounts and tax rates, where they were sent."""
        if "discounts" in wanted:
            item["discounts"] = discounts.given(
                self.context,
                wanted["discounts"],
                f"{param}[discounts]" if param else "discounts",
                self.subscription,
                of={"subscription_item": item["id"]},
                has=item["discounts"],
                start=self.start,
                what="a subscription item",
            )
        if "tax_rates" in wanted:
            place = f"{param}[tax_rates]" if param else "tax_rates"
            item["tax_rates"] = tax_rates.given(self.context, wanted["tax_rates"], place)

    def _price(self, wanted: dict[str, Any], param: str) -> Body:
        def name(field: str) -> str:
            return f"{param}[{field}]" if param else field

        id, data = wanted.get("price"), wanted.get("price_data")
        if id is not None and data is not None:
            raise exclusive_params(name("price"), name("price_data"))
        if data is not None:
            existing(self.context, PRODUCT, "product", data["product"], name("price_data"))
            price = prices.create_price(self.context, data, inline=True)
        elif id is not None:
            # What a schedule's phase has was for sale when the phase was made.
            price = (
                charges.stored_price(self.context, id)
                if wanted.get("_agreed")
                else prices.usable(self.context, id, name("price"))
            )
        else:
            raise missing_param(name("price"))
        named = name("price") if data is None else f"{name('price_data')}[currency]"
        charges.check_currency(price, self.subscription["currency"], named)
        return price

    def save(self) -> None:
        """Store the items, as they are now."""
        for item in self.removed:
            self.context.objects.remove(KIND, item["id"])
        for item in self.items:
            if item in self.added:
                self.context.objects.insert(KIND, item)
            else:
                self.context.objects.put(KIND, item)


def _interval(price: Body) -> tuple[str, int]:
    return price["recurring"]["interval"], price["recurring"]["interval_count"]


def _quantity(price: Body, wanted: dict[str, Any], param: str) -> int | None:
    if not charges.is_metered(price):
        quantity: int = wanted.get("quantity", 1)
        return quantity
    if wanted.get("quantity") is not None:
        # That Stripe refuses this is published; its words for a subscription are not.
        place = f" from `{param}`" if param else ""
        raise invalid(
            f"Quantity should not be specified where usage_type is `metered`. Remove quantity{place}",
            f"{param}[quantity]" if param else "quantity",
        )
    return None


INDEXED = {KIND: ("subscription", "price")}

register(KIND, {"discounts": Ref("discount"), "price": Nested("price"), "tax_rates": Nested("tax_rate")}, render)
