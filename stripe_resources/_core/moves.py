"""What Stripe bills when a subscription item leaves its price. Pure.

A license is billed ahead, usage behind. Usage at a price that an item leaves is billed at that price only under flexible billing,
and only with prorations. https://docs.stripe.com/billing/subscriptions/usage-based/manage-billing-setup#update-prices-mid-cycle
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
    """Whether a price, as Stripe has it, bills what a meter counted."""
    return (price.get("recurring") or {}).get("usage_type") == "metered"


def items_of(subscription: Values) -> list[Values]:
    """The items of a subscription, as Stripe has it."""
    return list((subscription.get("items") or {}).get("data") or [])
