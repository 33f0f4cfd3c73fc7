"""Subscription item: one price of a subscription. https://docs.stripe.com/api/subscription_items

`change` is the one place where items are added, changed and removed, whichever endpoint asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stripe_local.calculation import periods
from stripe_local.resources.products import prices
from stripe_local.resources.shared import existing, merge_metadata
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import PRODUCT
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.errors import exclusive_params, invalid, missing_param, no_such
from stripe_local.wire.expand import Nested, Unavailable, register
from stripe_local.wire.operation import Context

from . import charges
from .subscription_parameters import MAX_ITEMS

KIND = "subscription_item"


def items_of(context: Context, subscription_id: str) -> list[Body]:
    """The items of a subscription, oldest first."""
    return context.objects.find(KIND, [equal("subscription", subscription_id)])


def _plan(price: Body) -> Body:
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
    price = prices.render(context, body["price"])
    shown = public(body)
    if charges.is_metered(price):
        del shown["quantity"]
    return {**shown, "plan": _plan(price), "price": price}


def render(context: Context, id: str) -> Body:
    """The item with this id."""
    return rendered(context, existing(context, KIND, "subscription item", id, "item", in_path=True))


# Changing items


@dataclass
class Change:
    """A change of a subscription's items at a moment (`at`, Unix seconds), and the lines that it makes.

    `prorates` tells whether unused and additional time of licenses, and usage at a price that goes, are billed;
    while a subscription is `creating`, its first invoice charges the items instead.
    `lines` wait for an invoice; `due_now` says that an interval changed, so a new period is charged at once.
    """

    context: Context
    subscription: Body
    items: list[Body]
    at: int
    prorates: bool = True
    creating: bool = False
    lines: list[Body] = field(default_factory=list)
    added: list[Body] = field(default_factory=list)
    changed: list[Body] = field(default_factory=list)
    removed: list[Body] = field(default_factory=list)
    due_now: bool = False

    def apply(self, params: list[dict[str, Any]], param: str = "items") -> None:
        """Add, change and remove items; those that are not named stay. Raises StripeError."""
        for index, wanted in enumerate(params):
            here = f"{param}[{index}]" if param else ""
            if wanted.get("id") is None:
                if wanted.get("deleted"):
                    raise missing_param(f"{here}[id]")
                self.add(wanted, here)
                continue
            item = next((item for item in self.items if item["id"] == wanted["id"]), None)
            if item is None:
                raise no_such("subscription item", wanted["id"], f"{here}[id]")
            if wanted.get("clear_usage") is not None:
                self._refuse_clear_usage()
            if wanted.get("deleted"):
                self.remove(item)
            else:
                self.alter(item, wanted, here)
        self.check()

    def _refuse_clear_usage(self) -> None:
        if self.subscription["billing_mode"]["type"] == "flexible":
            raise invalid(
                "With `billing_mode.type=flexible` set on a subscription, the following parameters are not "
                "supported: clear_usage.",
                "clear_usage",
            )

    def check(self) -> None:
        """What holds for all items together. Raises StripeError."""
        if not self.items:
            raise invalid(
                "A subscription must have at least one active item. To end the subscription, cancel it instead.",
                "items",
            )
        if len(self.items) > MAX_ITEMS:
            raise invalid(f"A subscription can have at most {MAX_ITEMS} items.", "items")
        used: set[str] = set()
        intervals = set()
        for item in self.items:
            price = charges.stored_price(self.context, item["price"])
            if price["id"] in used:
                raise invalid(f"Cannot add multiple subscription items with the same price: {price['id']}", "items")
            used.add(price["id"])
            intervals.add((price["recurring"]["interval"], price["recurring"]["interval_count"]))
        # https://docs.stripe.com/billing/subscriptions/mixed-interval
        if len(intervals) > 1 and self.subscription["billing_mode"]["type"] == "classic":
            raise invalid(
                "Currency and interval fields must match across all prices on this subscription. Found mismatch in "
                "interval field.",
                "items",
            )

    # One item

    def add(self, wanted: dict[str, Any], param: str) -> Body:
        """Add an item, charged for what is left of the period that it joins."""
        price = self._price(wanted, param)
        quantity = _quantity(price, wanted, param)
        item: Body = {
            "id": new_id("si"),
            "object": KIND,
            "billed_until": None,
            "billing_thresholds": None,
            "created": self.at,
            "current_trial": None,
            "discounts": [],
            "metadata": {},
            "price": price["id"],
            "quantity": quantity,
            "subscription": self.subscription["id"],
            "tax_rates": [],
            "_anchor": self.subscription["billing_cycle_anchor"],
            # An item that replaces another must not count what was counted there.
            "_usage_from": [self.at, -1] if self.creating else self._moment(),
        }
        merge_metadata(item, wanted)
        self._join_period(item, price)
        if not self.creating and not charges.is_metered(price):
            self._charge_rest(item, price, quantity or 0)
        self.items.append(item)
        self.added.append(item)
        return item

    def alter(self, item: Body, wanted: dict[str, Any], param: str) -> None:
        """Change an item's price, quantity or metadata."""
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
        if new is not old or quantity != item["quantity"]:
            self._leave(item, old)
            item["price"], item["quantity"] = new["id"], quantity
            item["_usage_from"] = self._moment()
            if new["recurring"]["interval"] != old["recurring"]["interval"] or (
                new["recurring"]["interval_count"] != old["recurring"]["interval_count"]
            ):
                self._restart(item, new)
            elif not charges.is_metered(new):
                self._charge_rest(item, new, quantity or 0)
        if item not in self.added:
            self.changed.append(item)

    def remove(self, item: Body) -> None:
        """Remove an item, and settle what it still has to charge or to credit."""
        self._leave(item, charges.stored_price(self.context, item["price"]))
        self.items.remove(item)
        self.removed.append(item)

    # What the changes cost

    def _moment(self) -> list[int]:
        """Now, between the events received so far and those to come."""
        return [self.at, self.context.usage.latest_seq()]

    def _leave(self, item: Body, price: Body) -> None:
        """Usage up to now at the price that goes, or credit for a license's unused time.

        In flexible mode Stripe bills the usage as an invoice item, unless prorations are off; in classic mode it is lost.
        """
        if self.subscription["status"] == "trialing" or not self.prorates:
            return
        start, end = item["current_period_start"], item["current_period_end"]
        if charges.is_metered(price):
            if self.subscription["billing_mode"]["type"] == "flexible":
                usage = charges.usage_of(price, self.subscription["customer"], item["_usage_from"], self._moment())
                line = charges.metered_line(self.context, self.subscription, item, price, (start, self.at), usage)
                self.lines.append(line)
        elif start <= self.at < end and item["quantity"]:
            self.lines.append(
                charges.licensed_line(
                    self.context,
                    self.subscription,
                    item,
                    price,
                    item["quantity"],
                    (self.at, end),
                    share=(end - self.at, period_length(item, price)),
                    sign=-1,
                )
            )

    def _charge_rest(self, item: Body, price: Body, quantity: int) -> None:
        """A license for what is left of the item's period."""
        start, end = item["current_period_start"], item["current_period_end"]
        if self.subscription["status"] == "trialing" or not self.prorates or not quantity:
            return
        share = (end - max(self.at, start), period_length(item, price))
        if share[0] <= 0:
            return
        self.lines.append(
            charges.licensed_line(self.context, self.subscription, item, price, quantity, (self.at, end), share=share)
        )

    def _join_period(self, item: Body, price: Body) -> None:
        if self.subscription["status"] == "trialing":
            item["current_period_start"] = self.subscription["trial_start"]
            item["current_period_end"] = self.subscription["trial_end"]
            item["_usage_from"] = [self.subscription["trial_end"], -1]
            return
        recurring = price["recurring"]
        start, end = periods.containing(item["_anchor"], recurring["interval"], recurring["interval_count"], self.at)
        item["current_period_start"] = max(start, self.at) if self.creating else start
        item["current_period_end"] = end

    def _restart(self, item: Body, price: Body) -> None:
        """Another interval begins now."""
        if self.subscription["status"] == "trialing":
            return
        recurring = price["recurring"]
        item["_anchor"] = item["current_period_start"] = self.at
        item["current_period_end"] = periods.after(self.at, recurring["interval"], recurring["interval_count"])
        if len(self.items) == 1:
            self.subscription["billing_cycle_anchor"] = self.at
        if not charges.is_metered(price):
            self.due_now = True
            period = (self.at, item["current_period_end"])
            self.lines.append(charges.licensed_line(self.context, self.subscription, item, price, item["quantity"] or 0, period))

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
            price = prices.usable(self.context, id, name("price"))
        else:
            raise missing_param(name("price"))
        charges.check_currency(price, self.subscription["currency"], name("price"))
        return price

    def save(self) -> None:
        """Store what changed."""
        for item in self.added:
            if item in self.items:
                self.context.objects.insert(KIND, item)
        for item in self.changed:
            self.context.objects.put(KIND, item)
        for item in self.removed:
            self.context.objects.remove(KIND, item["id"])


def period_length(item: Body, price: Body) -> int:
    """The length in seconds of a whole period around the item's present one, which may be a part of it."""
    recurring = price["recurring"]
    start, end = periods.containing(
        item["_anchor"], recurring["interval"], recurring["interval_count"], item["current_period_start"]
    )
    return end - start


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

register(KIND, {"discounts": Unavailable(), "price": Nested("price"), "tax_rates": Unavailable()}, render)
