"""Everything beside the catalogue, in one stack: deployed, unchanged, edited, destroyed; and the webhook's secret."""

from __future__ import annotations

import json

import pytest

from tests.e2e.project import Project
from tests.stripe_local.server import LocalStripe

PROGRAM = """
import pulumi

from stripe_resources import (
    Alert, Coupon, CreditGrant, Customer, EntitlementFeature, EventDestination, Meter, PaymentLink, PaymentMethodConfiguration,
    PortalConfiguration, Price, Product, ProductFeature, PromotionCode, ShippingRate, TaxRate, WebhookEndpoint,
)

meter = Meter("meter", display_name="Tokens", event_name="tokens", default_aggregation={"formula": "sum"})
product = Product("product", name="Hypernian")
customer = Customer("customer", name="John Doe")
coupon = Coupon("coupon", coupon_id="SUMMER", percent_off=25, name="Summer", applies_to={"products": [product.id]})
code = PromotionCode("code", promotion={"type": "coupon", "coupon": coupon.id}, code="SUMMER25", max_redemptions=10)
vat = TaxRate("vat", display_name="VAT", percentage=23, inclusive=False, country="IE")
feature = EntitlementFeature("feature", lookup_key="long-context", name="Long context")
attached = ProductFeature("attached", product=product.id, entitlement_feature=feature.id)
grant = CreditGrant(
    "grant",
    customer=customer.id,
    amount={"type": "monetary", "monetary": {"currency": "usd", "value": 1000}},
    applicability_config={"scope": {"price_type": "metered"}},
    category="promotional",
)
alert = Alert(
    "alert",
    title="A million tokens",
    alert_type="usage_threshold",
    usage_threshold={"gte": 1000000, "meter": meter.id, "recurrence": "one_time"},
)
hook = WebhookEndpoint("hook", url="https://example.com/stripe", enabled_events=["billing.alert.triggered"])
price = Price(
    "price",
    product=product.id,
    currency="usd",
    unit_amount=4,
    recurring={"interval": "month", "usage_type": "metered", "meter": meter.id},
)
link = PaymentLink("link", line_items=[{"price": price.id}], metadata={"team": "billing"})
portal = PortalConfiguration(
    "portal",
    name="Portal",
    features={
        "invoice_history": {"enabled": True},
        "subscription_update": {
            "enabled": True,
            "default_allowed_updates": ["price"],
            "products": [{"product": product.id, "prices": [price.id]}],
        },
    },
    login_page={"enabled": True},
)
shipping = ShippingRate("shipping", display_name="Ground", fixed_amount={"amount": 500, "currency": "usd"})
methods = PaymentMethodConfiguration(
    "methods",
    name="Subscriptions",
    card={"display_preference": {"preference": "on"}},
    link={"display_preference": {"preference": "off"}},
)
destination = EventDestination(
    "destination",
    name="Events",
    description="Of billing",
    type="webhook_endpoint",
    event_payload="snapshot",
    enabled_events=["billing.alert.triggered"],
    webhook_endpoint={"url": "https://example.com/destination"},
)
pulumi.export("signing_secret", destination.signing_secret)
pulumi.export("url", link.url)
pulumi.export("secret", hook.secret)
pulumi.export("hook", hook.id)
"""
UPDATED = {"code", "coupon", "destination", "feature", "grant", "hook", "methods", "portal", "vat"}
REPLACED = {"alert", "link", "price", "shipping"}


@pytest.mark.thorough
def test_a_whole_life(project: Project, stripe_server: LocalStripe) -> None:
    project.program(PROGRAM)
    up = project.up()
    assert up.code == 0, up.text
    assert project.preview("--expect-no-changes").code == 0
    refresh = project.refresh()
    assert (refresh.code, refresh.summary) == (0, {"same": 18})

    told = json.loads(project.run("stack", "output", "--json", "--show-secrets", "--stack", "dev", check=True).stdout)
    secret, signing_secret = told["secret"], told["signing_secret"]
    assert secret.startswith("whsec_")
    assert signing_secret.startswith("whsec_")
    assert project.outputs()["secret"] == project.outputs()["signing_secret"] == "[secret]"
    texts = [up.text, refresh.text, json.dumps(project.state()), json.dumps(stripe_server.requests())]
    texts += [f.read_text(errors="replace") for f in (project.folder / "state").rglob("*") if f.is_file()]
    assert not any(each in text for text in texts for each in (secret, signing_secret))

    version_2 = stripe_server.client().v2.core.event_destinations
    version_2.disable(version_2.list().data[0].id)
    drifted = project.refresh()
    assert (drifted.code, drifted.summary) == (0, {"same": 17, "update": 1})
    assert project.up().steps == [("update", "destination")]
    assert version_2.list().data[0].status == "enabled"

    project.edit('name="Summer"', 'name="Sommer"')
    project.edit("max_redemptions=10", 'max_redemptions=10, metadata={"team": "billing"}')
    project.edit('country="IE"', 'country="DE"')
    project.edit('name="Long context"', 'name="Very long context"')
    project.edit('category="promotional"', 'category="promotional", expires_at=4000000000')
    project.edit('"gte": 1000000', '"gte": 2000000')
    project.edit("https://example.com/stripe", "https://example.com/events")
    project.edit("unit_amount=4", "unit_amount=5")
    project.edit('"amount": 500', '"amount": 600')
    project.edit('    link={"display_preference": {"preference": "off"}},\n', "")
    project.edit('    description="Of billing",\n', "")
    url = project.outputs()["url"]
    edited = project.up()
    assert edited.code == 0, edited.text
    assert {name for op, name in edited.steps if op == "update"} == UPDATED
    assert {name for op, name in edited.steps if op == "replace"} == REPLACED
    assert project.preview("--expect-no-changes").code == 0
    assert project.outputs()["url"] != url, "another price, another link"
    again = project.run("stack", "output", "secret", "--show-secrets", "--stack", "dev", check=True).stdout.strip()
    assert again == secret, "an update keeps it, though Stripe does not say it again"

    assert project.destroy().code == 0
    client = stripe_server.client().v1
    assert client.coupons.list().data == client.webhook_endpoints.list().data == client.billing.alerts.list().data == []
    assert client.promotion_codes.list({"active": True}).data == client.tax_rates.list({"active": True}).data == []
    assert client.shipping_rates.list({"active": True}).data == version_2.list().data == []
    assert [c.is_default for c in client.payment_method_configurations.list({"active": True}).data] == [True]
    assert client.entitlements.features.list().data == client.payment_links.list({"active": True}).data == []
    assert client.billing_portal.configurations.list({"active": True}).data == []
    assert [g.voided_at is not None for g in client.billing.credit_grants.list().data] == [True]
    # A product that has prices cannot be deleted, and is archived instead.
    assert [(r["method"], r["path"][:13]) for r in stripe_server.requests() if r["status"] >= 400] == [
        ("DELETE", "/v1/products/")
    ]
