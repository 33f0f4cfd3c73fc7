"""Stripe's resources: one file each, with its parameters, its rules and the shape of its object."""

from __future__ import annotations

from .billing import (
    credit_grants,
    invoice_items,
    invoice_previews,
    invoices,
    portal_configurations,
    subscription_item_endpoints,
    subscription_start,
    subscription_update,
    subscriptions,
)
from .checkout import payment_links
from .checkout import sessions as checkout_sessions
from .core import account, customers, events
from .entitlements import features
from .products import coupons, prices, products, promotion_codes, tax_rates
from .usage import alerts, meter_event_stream, meter_event_summaries, meter_events, meters
from .webhooks import webhook_endpoints

# Where two paths fit, as `/v1/products/search` and `/v1/products/{id}`, the first one serves.
OPERATIONS = [
    operation
    for resource in (
        account,
        meters,
        meter_events,
        meter_event_stream,
        meter_event_summaries,
        products,
        prices,
        customers,
        subscription_start,
        subscription_update,
        subscriptions,
        subscription_item_endpoints,
        invoice_previews,
        invoices,
        invoice_items,
        coupons,
        promotion_codes,
        tax_rates,
        features,
        credit_grants,
        alerts,
        checkout_sessions,
        events,
        webhook_endpoints,
        payment_links,
        portal_configurations,
    )
    for operation in resource.OPERATIONS
]
