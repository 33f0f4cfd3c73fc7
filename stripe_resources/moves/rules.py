"""Which subscriptions can be moved from a price to the one that replaces it, and by which request. Pure.

A license is billed ahead, usage behind. Usage at a price that an item leaves is billed at that price only under flexible billing,
and only with prorations. https://docs.stripe.com/billing/subscriptions/usage-based/manage-billing-setup#update-prices-mid-cycle
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from stripe_resources._core.values import ownership

Values = Mapping[str, Any]


def unbilled(billing_mode: Any, proration_behavior: Any) -> str:
    """Why Stripe would never bill the usage of a metered price that an item leaves in mid-period; "" where it bills it.

    `billing_mode` is "flexible", or anything else for classic, which all billing was before there were two modes;
    `proration_behavior` is None where Stripe's default (create_prorations) holds.
    """
    if billing_mode != "flexible":
        return "under classic billing Stripe never bills the usage of a price that an item leaves"
    if proration_behavior == "none":
        return 'with proration_behavior="none" Stripe never bills the usage of a price that an item leaves'
    return ""


def is_metered(price: Values) -> bool:
    """Whether a price, as Stripe has it or as a program declares it, bills what a meter counted."""
    recurring = price.get("recurring")
    return isinstance(recurring, Mapping) and recurring.get("usage_type") == "metered"


def items_of(subscription: Values) -> list[Values]:
    """The items of a subscription, as Stripe has it."""
    return list((subscription.get("items") or {}).get("data") or [])


def obstacle(subscription: Values, old: str, new: Values) -> str:
    """Why a subscription stays on the price `old`; "" where it can be moved to `new`.

    `subscription` and `new` are as Stripe has them, `new` with its `currency_options`.
    """
    return next(_obstacles(subscription, old, new), "")


def _obstacles(subscription: Values, old: str, new: Values) -> Iterator[str]:
    if declared_by := owner(subscription):
        yield f"declared by the stack {'/'.join(declared_by.split('/')[:2])}"
    if subscription["status"] == "incomplete":
        yield "its first payment is incomplete"
    if subscription.get("schedule"):
        yield "a subscription schedule manages it"
    if subscription.get("pending_update"):
        yield "an update of it waits for a payment"
    if subscription.get("billing_schedules"):
        yield "it is billed ahead (billing_schedules)"
    items = items_of(subscription)
    leaving = [i for i in items if i["price"]["id"] == old]
    if len(leaving) != 1:
        yield "Stripe's answer does not show which one of its items is to change"
        return
    if any(i["price"]["id"] == new["id"] for i in items):
        yield "another item has the new price already"
    currencies = {new["currency"], *(new.get("currency_options") or {})}
    if subscription["currency"] not in currencies:
        yield f"the new price has no amount in its currency, {subscription['currency']}"
    yield from _differences(leaving[0]["price"], new, (subscription.get("billing_mode") or {}).get("type"))


def _differences(old: Values, new: Values, billing_mode: Any) -> Iterator[str]:
    """Why a price cannot take another one's place in a running period."""
    if not new.get("active"):
        yield "the new price is archived"
    before, after = old.get("recurring") or {}, new.get("recurring") or {}
    intervals = [(r.get("interval_count"), r.get("interval")) for r in (before, after)]
    if intervals[0] != intervals[1]:
        yield f"the new price is billed {_every(*intervals[1])}, the old one {_every(*intervals[0])}"
    if is_metered(old) != is_metered(new):
        yield f"the new price is {_usage(new)}, the old one {_usage(old)}"
    if is_metered(old):
        if reason := unbilled(billing_mode, None):
            yield f"{reason}; make its billing flexible first (POST /v1/subscriptions/…/migrate)"
    elif billing_mode != "flexible" and _free(old) and not _free(new):
        yield "under classic billing Stripe begins a new period, and charges it, when a free price becomes a paid one"


def _every(count: Any, interval: Any) -> str:
    if interval is None:
        return "once"
    return f"every {interval}" if count in (None, 1) else f"every {count} {interval}s"


def _usage(price: Values) -> str:
    return "metered" if is_metered(price) else "licensed"


def _free(price: Values) -> bool:
    return price.get("unit_amount") == 0


def move(subscription: Values, old: str, new: str) -> dict[str, Any]:
    """The parameters of the update that moves the item with the price `old` to `new`; there must be no `obstacle`.

    Usage is billed at the old price. A license that was paid ahead stays paid: the new price begins with the next period. Stripe
    makes a quantity that is not sent 1. https://docs.stripe.com/api/subscriptions/update#update_subscription-items-price
    """
    item = next(i for i in items_of(subscription) if i["price"]["id"] == old)
    change = {"id": item["id"], "price": new}
    if is_metered(item["price"]):
        return {"items": [change], "proration_behavior": "create_prorations"}
    return {"items": [{**change, "quantity": item.get("quantity", 1)}], "proration_behavior": "none"}


def moved(subscription: Values, params: Values) -> bool:
    """Whether a subscription is as the move with these parameters leaves it."""
    change = params["items"][0]
    item = next((i for i in items_of(subscription) if i["id"] == change["id"]), None)
    return item is not None and item["price"]["id"] == change["price"] and item.get("quantity") == change.get("quantity")


def key(subscription: str, params: Values, after: str = "") -> str:
    """The idempotency key of a move, the same in every run; `after` makes it that of another attempt."""
    text = json.dumps(["move", subscription, params, after], sort_keys=True)
    return "pulumi-" + hashlib.sha256(text.encode()).hexdigest()[:48]


def owner(subscription: Values) -> str:
    """The resource, of whatever stack, that declares the subscription; "" where none does."""
    return str((subscription.get("metadata") or {}).get(ownership.TAG) or "")
