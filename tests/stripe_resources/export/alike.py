"""Whether two accounts have the same, by what Stripe says of each object. Shares nothing with the export."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import stripe

Values = dict[str, Any]

PATHS = {
    "Alert": "/v1/billing/alerts",
    "Coupon": "/v1/coupons",
    "CreditGrant": "/v1/billing/credit_grants",
    "Customer": "/v1/customers",
    "DefaultPrice": "/v1/products",
    "EntitlementFeature": "/v1/entitlements/features",
    "EventDestination": "/v2/core/event_destinations",
    "Meter": "/v1/billing/meters",
    "PaymentLink": "/v1/payment_links",
    "PaymentMethodConfiguration": "/v1/payment_method_configurations",
    "PortalConfiguration": "/v1/billing_portal/configurations",
    "Price": "/v1/prices",
    "Product": "/v1/products",
    "PromotionCode": "/v1/promotion_codes",
    "ShippingRate": "/v1/shipping_rates",
    "Subscription": "/v1/subscriptions",
    "TaxRate": "/v1/tax_rates",
    "WebhookEndpoint": "/v1/webhook_endpoints",
}
EXPANDED = {
    "Coupon": ("applies_to", "currency_options"),
    "PaymentLink": ("line_items",),
    "PortalConfiguration": ("features.subscription_update.products",),
    "Price": ("currency_options", "tiers"),
    "PromotionCode": ("restrictions.currency_options",),
    "ShippingRate": ("fixed_amount.currency_options",),
    "Subscription": ("discounts",),
}
OF_ITS_OWN = frozenset(
    {
        *("id", "created", "updated", "livemode", "secret", "url", "login_page", "is_default"),
        *("start_date", "current_period_start", "current_period_end", "latest_invoice", "next_pending_invoice_item_invoice"),
        *("status_transitions", "times_redeemed", "trial_start"),
    }
)
"""What is every object's own: what Stripe gives it, and what comes of the time at which it was made."""

COMES_ABOUT = {
    "Customer": {"currency"},  # of the first invoice, be it of a subscription that is over
    "Subscription": {"cancel_at", "canceled_at"},  # of the period's end, where it is to end with that
}
FOLLOWS = {"Subscription": {"status": "trial_end"}}
"""By kind and field, the field that it comes of: a subscription whose trial is not declared is not `trialing`."""

OF_ANOTHER = {"Product": {"default_price"}}
"""By kind, the fields that a resource of another kind declares, and is held to: a DefaultPrice has its product's id."""
PART_OF_ANOTHER = frozenset({"DefaultPrice"})
"""The kinds whose objects have the id of another kind's."""


def seen(client: stripe.StripeClient, kind: str, id_: str) -> Values:
    """The object, with all that can be expanded."""
    expand = list(EXPANDED.get(kind, ()))
    live = _get(client, kind, id_, expand)
    tiered = [f"currency_options.{c}.tiers" for c in live.get("currency_options") or {}] if live.get("tiers") else []
    return _get(client, kind, id_, [*expand, *tiered]) if tiered else live


def _get(client: stripe.StripeClient, kind: str, id_: str, expand: list[str]) -> Values:
    more = {"include": ["webhook_endpoint.url"]} if kind == "EventDestination" else {"expand": expand} if expand else {}
    found: Values = client.raw_request("get", f"{PATHS[kind]}/{id_}", **more).data
    return found


def over(live: Values) -> bool:
    """Whether an object is deleted, cancelled or out of use."""
    return bool(live.get("deleted")) or live.get("active") is False or live.get("status") in ("canceled", "inactive")


def differences(ours: Any, theirs: Any, names: Mapping[str, str], at: str = "") -> Iterator[str]:
    """The paths at which two objects differ; false and null are the same.

    `names` are the ids of both accounts with what each of them stands for.
    """
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for key in sorted({*ours, *theirs}):
            if key not in OF_ITS_OWN and not key.startswith("pulumi_"):
                yield from differences(ours.get(key), theirs.get(key), names, f"{at}.{key}".lstrip("."))
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        # Stripe does not keep the order in which items were given.
        for one, other in zip(*(sorted(side, key=lambda v: _ordered(v, names)) for side in (ours, theirs)), strict=True):
            yield from differences(one, other, names, at)
    elif (_named(ours, names) or None) != (_named(theirs, names) or None):
        yield at


def _ordered(value: Any, names: Mapping[str, str]) -> str:
    if not isinstance(value, Mapping):
        return str(_named(value, names))
    price = value.get("price")
    return _named(price["id"], names) if isinstance(price, Mapping) else ""


def _named(value: Any, names: Mapping[str, str]) -> Any:
    return names.get(value, value) if isinstance(value, str) else value


def told(kind: str, path: str, undeclared: Collection[str]) -> bool:
    """Whether a field may differ: the export said that it is not declared, it comes about by itself, or is another one's."""
    field = path.partition(".")[0]
    follows = FOLLOWS.get(kind, {}).get(field, field)
    return follows in {*undeclared, *COMES_ABOUT.get(kind, ()), *OF_ANOTHER.get(kind, ())}


def undeclared(said: Collection[str], id_: str) -> set[str]:
    """The fields of an object of which the export said that the program does not declare them."""
    lines = [line for line in said if f" {id_}" in line.partition(":")[0] and ": not declared, since" in line]
    return {name for line in lines for name in line.rpartition(": ")[2].split(", ")}
