"""Every object has the fields that the SDK's classes declare, and no others."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from stripe import StripeClient

from tests.stripe_local import shapes
from tests.stripe_local.guide import Guide, make_guide
from tests.stripe_local.shapes import fields, plain

# Fields that Stripe leaves out unless they are expanded, or that only deleted or unusual objects have.
OMITTED: dict[str, set[str]] = {
    "Price": {"deleted", "currency_options", "tiers"},
    "Product": {"deleted"},
    "Customer": {
        "business_name",
        "individual_name",
        "deleted",
        "cash_balance",
        "invoice_credit_balance",
        "sources",
        "subscriptions",
        "tax",
        "tax_ids",
    },
    "Subscription": {"presentment_details", "status_details"},
    "SubscriptionItem": {"billed_until", "deleted", "quantity"},
    "Plan": {"deleted", "meter", "product", "tiers"},
    "Invoice": {"confirmation_secret", "deleted", "payments", "status_details", "threshold_reason"},
    "InvoiceItem": {"deleted", "net_amount", "proration_details"},
    "PaymentLink": {"line_items", "name_collection"},
    "LineItem": {"deleted", "discounts", "metadata", "taxes"},
    "Coupon": {"applies_to", "currency_options", "deleted"},
    "Event": {"account", "context"},
    "ProductFeature": {"deleted"},
    "WebhookEndpoint": {"deleted"},
}


def check(shown: dict[str, Any], kind: Any) -> None:
    shapes.check(shown, kind, OMITTED.get(kind.__name__, set()))


@pytest.fixture
def guide(client: StripeClient) -> Guide:
    return make_guide(client)


def test_catalogue(guide: Guide) -> None:
    check(plain(guide.meter), stripe.billing.Meter)
    check(plain(guide.price), stripe.Price)
    check(plain(guide.client.v1.products.retrieve(guide.price.product)), stripe.Product)
    check(plain(guide.customer), stripe.Customer)


def test_subscription(guide: Guide) -> None:
    shown = plain(guide.subscription)
    check(shown, stripe.Subscription)
    item = shown["items"]["data"][0]
    check(item, stripe.SubscriptionItem)
    check(item["price"], stripe.Price)
    assert "quantity" not in item


def test_meter_event(guide: Guide) -> None:
    check(plain(guide.use(25)), stripe.billing.MeterEvent)


def test_invoice(guide: Guide) -> None:
    guide.use(25)
    shown = plain(guide.preview())
    check(shown, stripe.Invoice)
    check(shown["lines"]["data"][0], stripe.InvoiceLineItem)
    assert shown["id"].startswith("upcoming_in_")
    assert (shown["billing_reason"], shown["status"]) == ("upcoming", "draft")


def test_invoice_item(guide: Guide) -> None:
    guide.use(25)
    guide.client.v1.subscriptions.update(
        guide.subscription.id, {"items": [{"id": guide.item.id, "price": guide.new_price(5).id}]}
    )
    found = guide.client.v1.invoice_items.list({"customer": guide.customer.id, "pending": True}).data
    assert [item.amount for item in found] == [4]
    check(plain(found[0]), stripe.InvoiceItem)


def test_what_is_sold_around_the_catalogue(guide: Guide) -> None:
    v1, customer = guide.client.v1, guide.customer.id
    coupon = v1.coupons.create({"percent_off": 25})
    feature = v1.entitlements.features.create({"lookup_key": "x", "name": "x"})
    threshold: Any = {"gte": 1, "meter": guide.meter.id, "recurrence": "one_time"}
    scope = {"type": "applicability_scope", "applicability_scope": {"price_type": "metered"}}
    wanted: Any = {"customer": customer, "filter": scope}
    grant: Any = {
        "customer": customer,
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 1000}},
        "applicability_config": {"scope": {"price_type": "metered"}},
    }
    check(plain(coupon), stripe.Coupon)
    check(plain(v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}})), stripe.PromotionCode)
    check(plain(v1.tax_rates.create({"display_name": "VAT", "percentage": 23, "inclusive": False})), stripe.TaxRate)
    link = plain(v1.payment_links.create({"line_items": [{"price": guide.price.id}], "expand": ["line_items"]}))
    check(link, stripe.PaymentLink)
    check(link["line_items"]["data"][0], stripe.LineItem)
    check(
        plain(v1.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})),
        stripe.billing_portal.Configuration,
    )
    check(plain(feature), stripe.entitlements.Feature)
    check(plain(v1.products.features.create(guide.price.product, {"entitlement_feature": feature.id})), stripe.ProductFeature)
    check(plain(v1.billing.credit_grants.create(grant)), stripe.billing.CreditGrant)
    check(plain(v1.billing.credit_balance_summary.retrieve(wanted)), stripe.billing.CreditBalanceSummary)
    check(plain(v1.webhook_endpoints.create({"url": "https://example.com", "enabled_events": ["*"]})), stripe.WebhookEndpoint)
    alert = {"title": "x", "alert_type": "usage_threshold", "usage_threshold": threshold}
    check(plain(v1.billing.alerts.create(alert)), stripe.billing.Alert)  # type: ignore[arg-type]
    guide.use(1)
    (event,) = v1.events.list({"type": "billing.alert.triggered"}).data
    check(plain(event), stripe.Event)
    check(plain(event)["data"]["object"], stripe.billing.AlertTriggered)


NESTED = [
    (stripe.Price.Recurring, lambda guide: guide.price.recurring),
    (stripe.Price.TransformQuantity, lambda guide: guide.price.transform_quantity),
    (stripe.Customer.InvoiceSettings, lambda guide: guide.customer.invoice_settings),
    (stripe.Subscription.CancellationDetails, lambda guide: guide.subscription.cancellation_details),
    (stripe.Subscription.InvoiceSettings, lambda guide: guide.subscription.invoice_settings),
    (stripe.Subscription.PaymentSettings, lambda guide: guide.subscription.payment_settings),
    (stripe.Subscription.AutomaticTax, lambda guide: guide.subscription.automatic_tax),
    (stripe.Invoice.StatusTransitions, lambda guide: guide.preview().status_transitions),
    (stripe.Invoice.AutomaticTax, lambda guide: guide.preview().automatic_tax),
    (stripe.InvoiceLineItem.Pricing, lambda guide: guide.preview().lines.data[0].pricing),
    (stripe.InvoiceLineItem.Parent, lambda guide: guide.preview().lines.data[0].parent),
    (
        stripe.InvoiceLineItem.Parent.SubscriptionItemDetails,
        lambda guide: guide.preview().lines.data[0].parent.subscription_item_details,
    ),
]


@pytest.mark.parametrize(("kind", "value"), NESTED, ids=lambda value: getattr(value, "__qualname__", ""))
def test_nested(guide: Guide, kind: Any, value: Any) -> None:
    assert set(plain(value(guide))) == fields(kind)


def test_ids_have_stripes_prefixes(guide: Guide) -> None:
    assert guide.meter.id.startswith("mtr_test_")
    assert guide.price.id.startswith("price_")
    assert guide.price.product.startswith("prod_")
    assert guide.customer.id.startswith("cus_")
    assert guide.subscription.id.startswith("sub_")
    assert guide.item.id.startswith("si_")
