"""What is known of who pays what, from Stripe or from a file: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from stripe_pricing import is_metered

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Item:
    """One item of a subscription, with its current period in Unix seconds. `quantity` is None where a meter counts."""

    price: str
    quantity: int | None = None
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class Subscription:
    """A subscription that is billed. `stripe` is Stripe's object; a customer of a usage file has one without an id."""

    id: str
    customer: str
    currency: str
    status: str
    flexible: bool
    items: tuple[Item, ...]
    stripe: Values = field(default_factory=dict)

    @property
    def ends_at(self) -> int | None:
        """When it ends, where that is settled: Stripe's `cancel_at`, which "at the period's end" is too."""
        at = self.stripe.get("cancel_at")
        if at or not self.stripe.get("cancel_at_period_end"):
            return int(at) if at else None
        return max((i.end for i in self.items), default=None)

    def renews(self, item: Item) -> bool:
        """Whether the item has another period after the present one."""
        return self.ends_at is None or item.end < self.ends_at

    @property
    def leaves(self) -> bool:
        """Whether the present period is the last one."""
        return self.ends_at is not None and not any(map(self.renews, self.items))

    @property
    def in_trial(self) -> bool:
        """Whether time and usage cost nothing now. https://docs.stripe.com/billing/subscriptions/trials"""
        return self.status == "trialing"


@dataclass
class Facts:
    """Everything that the impact is computed from, apart from the preview. Empty where a change touches nobody."""

    source: str = "Stripe"
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    prices: dict[str, Values] = field(default_factory=dict)
    """By id; with tiers and currency options."""
    meters: dict[str, Values] = field(default_factory=dict)
    products: dict[str, Values] = field(default_factory=dict)
    prices_of_meter: dict[str, dict[str, bool]] = field(default_factory=dict)
    """The prices that bill what a meter counts, each with whether it can be sold: of the meters that stop, or lose a price."""
    usage: dict[tuple[str, str, int, int], Decimal] = field(default_factory=dict)
    """By meter, customer, start and end of the period."""
    strangers: list[str] = field(default_factory=list)
    """Usage in a file that no price bills, each as one line."""

    def on(self, price: str) -> list[Subscription]:
        """The subscriptions that have an item with this price."""
        return [s for s in self.subscriptions.values() if any(i.price == price for i in s.items)]


def subscription_of(stripe: Values) -> Subscription:
    """A subscription as Stripe has it."""
    items = (stripe.get("items") or {}).get("data") or []
    return Subscription(
        str(stripe["id"]),
        _id(stripe["customer"]),
        str(stripe["currency"]),
        str(stripe["status"]),
        (stripe.get("billing_mode") or {}).get("type") == "flexible",
        tuple(
            Item(
                str(i["price"]["id"]),
                None if is_metered(i["price"]) else int(i.get("quantity") or 0),
                int(i.get("current_period_start") or 0),
                int(i.get("current_period_end") or 0),
            )
            for i in items
        ),
        stripe,
    )


def _id(reference: Any) -> str:
    return str(reference["id"] if isinstance(reference, Mapping) else reference)
