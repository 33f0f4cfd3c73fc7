"""What a restricted key may do: Stripe's permissions, one to read and one to write each resource.

https://docs.stripe.com/keys/permissions-reference says which permission a request needs (GET reads, everything else writes),
https://docs.stripe.com/keys/restricted-api-keys that who may write may read, https://docs.stripe.com/stripe-apps/reference/permissions
which permissions imply others, and that an object which is expanded needs its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from .errors import StripeError, invalid


class Resource(NamedTuple):
    """A resource as permissions name it: `customer_read`, `customer_write`.

    `words` is its name in the Dashboard, `paths` are the beginnings of its endpoints' paths without the version, `implied` the
    resources that may be read then, too. `written_by` is the resource whose permission writes need, where Stripe has only one to
    read this one: "" where nothing writes it.
    """

    name: str
    words: str
    paths: tuple[str, ...]
    implied: tuple[str, ...] = ()
    written_by: str | None = None


RESOURCES = (
    Resource("billing_clock", "Test Clocks", ("test_helpers/test_clocks",)),
    Resource("billing_meter", "Billing Meters", ("billing/meters", "billing/alerts")),
    Resource("billing_meter_event", "Billing Meter Events", ("billing/meter_event",)),
    Resource("charge", "Charges and Refunds", ("charges", "refunds")),
    Resource("checkout_session", "Checkout Sessions", ("checkout/sessions",), ("payment_intent", "payment_links", "product")),
    Resource("connected_account", "Accounts", ("account",)),
    Resource("coupon", "Coupons", ("coupons",)),
    Resource("credit_note", "Credit Notes", ("credit_notes",), ("invoice",)),
    Resource("customer", "Customers", ("customers", "tax_ids", "billing/credit_"), ("billing_clock",)),
    Resource("customer_portal", "Customer Portal", ("billing_portal",)),
    Resource("entitlement", "Entitlements", ("entitlements",), written_by="product"),
    Resource("event", "Events", ("events", "core/events"), written_by=""),
    Resource("invoice", "Invoices", ("invoices", "invoiceitems", "invoice_payments"), ("credit_note",)),
    Resource("payment_intent", "Payment Intents", ("payment_intents",), ("product",)),
    Resource("payment_links", "Payment Links", ("payment_links",), ("product",)),
    Resource("payment_method", "Payment Methods", ("payment_methods",)),
    Resource("payment_method_configurations", "Payment Method Configurations", ("payment_method_configurations",)),
    Resource("plan", "Prices", ("prices",), ("product",)),
    Resource("product", "Products", ("products",)),
    Resource("promotion_code", "Promotion Codes", ("promotion_codes",)),
    Resource("shipping_rate", "Shipping Rates", ("shipping_rates",)),
    Resource("subscription", "Subscriptions", ("subscriptions", "subscription_items", "subscription_schedules")),
    Resource("tax_rate", "Tax Rates", ("tax_rates",)),
    Resource("webhook", "Webhook Endpoints", ("webhook_endpoints", "core/event_destinations")),
)
_NAMED = {resource.name: resource for resource in RESOURCES}
PERMISSIONS = frozenset(
    f"{one.name}_{act}" for one in RESOURCES for act in ("read", "write") if act == "read" or one.written_by is None
)

# The resource of an object that can be expanded, where it has another name.
_OF_TYPES = {
    "billing.credit_balance_transaction": "customer",
    "billing.credit_grant": "customer",
    "billing.meter": "billing_meter",
    "billing_portal.configuration": "customer_portal",
    "customer_balance_transaction": "customer",
    "entitlements.feature": "entitlement",
    "price": "plan",
    "refund": "charge",
    "subscription_schedule": "subscription",
    "test_helpers.test_clock": "billing_clock",
}


def needed(method: str, path: str) -> str:
    """The permission that a request needs."""
    without = re.sub(r"^/v\d/", "", path)
    _, found = max((len(begin), one) for one in RESOURCES for begin in one.paths if without.startswith(begin))
    return f"{found.name}_read" if method == "GET" else f"{found.written_by or found.name}_write"


def needed_to_expand(type: str) -> str | None:
    """The permission that an object in the place of its id needs; None for what is part of other objects."""
    name = _OF_TYPES.get(type, type)
    return f"{name}_read" if name in _NAMED else None


def checked(permissions: Iterable[str]) -> frozenset[str]:
    """The permissions. Raises StripeError for a word that is none."""
    found = frozenset(permissions)
    unknown = sorted(found - PERMISSIONS)
    if unknown:
        raise invalid(f"There is no permission {unknown[0]!r} here; there are {', '.join(sorted(PERMISSIONS))}.", "permissions")
    return found


@dataclass(frozen=True)
class Rights:
    """What the key of a request (with stars for what is not shown) may do; `address` is where its permissions can be changed."""

    permissions: frozenset[str]
    key: str
    account: str
    address: str

    def check(self, permission: str | None) -> None:
        """Raise StripeError (403) unless the key has the permission, or one that implies it."""
        if permission is None or permission in self.held():
            return
        name, act = permission.rsplit("_", 1)
        shown = re.sub(r"\*+", "...", self.key)
        raise StripeError(
            f"Permission denied. The provided key '{shown}' does not have the required permissions for this endpoint on account "
            f"'{self.account}'. Enabling {_NAMED[name].words} {act.capitalize()} ('{permission}') permissions on this key would "
            f"allow this request to continue. You can edit permissions at {self.address}",
            status=403,
            code="more_permissions_required",
        )

    def held(self) -> frozenset[str]:
        """The permissions, with those that they imply."""
        resources = {_NAMED[permission.rsplit("_", 1)[0]] for permission in self.permissions}
        implied = {name for resource in resources for name in (resource.name, *resource.implied)}
        return self.permissions | {f"{name}_read" for name in implied}
