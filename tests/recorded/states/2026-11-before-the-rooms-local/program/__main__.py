"""Every kind of resource, and a component, with most of what is declared in practice."""

import pulumi

from stripe_components import UsageBasedPlan
from stripe_resources import (
    Alert,
    Coupon,
    CreditGrant,
    Customer,
    DefaultPrice,
    EntitlementFeature,
    Meter,
    PaymentLink,
    PortalConfiguration,
    Price,
    Product,
    ProductFeature,
    PromotionCode,
    Subscription,
    TaxRate,
    WebhookEndpoint,
    require_known_settings,
)

require_known_settings()
config = pulumi.Config()
metadata = {"owner": "billing", "environment": config.require("environment"), "note": "first"}

# What is sold by use: a component, in two currencies, with each form of amount.
plan = UsageBasedPlan(
    "inference",
    product={
        "name": "Inference",
        "description": "Tokens and requests",
        "unit_label": "token",
        "statement_descriptor": "HYPERNIAN",
        "marketing_features": [{"name": "Long context"}, {"name": "No minimum"}],
    },
    meters={
        "tokens": {
            "display_name": "Tokens",
            "event_name": "hypernian_tokens",
            "default_aggregation": {"formula": "sum"},
            "customer_mapping": {"type": "by_id", "event_payload_key": "stripe_customer_id"},
            "value_settings": {"event_payload_key": "tokens"},
        },
        "requests": {
            "display_name": "Requests",
            "event_name": "hypernian_requests",
            "default_aggregation": {"formula": "count"},
        },
    },
    prices={
        "tokens-monthly": {
            "meter": "tokens",
            "unit_amount": config.require_int("unitAmount"),
            "transform_quantity": {"divide_by": 1000, "round": "up"},
            "currency_options": {"eur": {"unit_amount": 5}},
            "nickname": "Tokens, by the thousand",
        },
        "requests-monthly": {
            "meter": "requests",
            "tiers_mode": "graduated",
            "tiers": [
                {"up_to": 1000, "unit_amount": 0},
                {"up_to": 100000, "unit_amount_decimal": "0.25", "flat_amount": 100},
                {"up_to": "inf", "unit_amount_decimal": "0.125"},
            ],
            "currency_options": {"eur": {"tiers": [{"up_to": 1000, "unit_amount": 0}, {"up_to": "inf", "unit_amount": 1}]}},
            "lookup_key": "hypernian_requests",
            "metadata": {"unit": "request"},
        },
        "base-yearly": {
            "unit_amount_decimal": "1999.5",
            "interval": "year",
            "currency_options": {"eur": {"unit_amount": 2500}},
            "existing_subscriptions": "migrate",
        },
    },
    currency="usd",
    interval="month",
    tax_behavior="exclusive",
    metadata=metadata,
    entitlements={"requests_per_minute": 600, "long_context": True},
)

# What is sold beside it, of which the policies say something.
training = Meter(
    "training-hours",
    display_name="Hours of training",
    event_name="training-hours",
    default_aggregation={"formula": "last"},
    event_time_window="hour",
)
support = Product(
    "support",
    product_id="hypernian-support",
    name="Support",
    images=["https://example.com/support.png"],
    package_dimensions={"height": 1.5, "length": 2, "weight": 0.5, "width": 3},
    shippable=False,
    tax_code="txcd_10103001",
    url="https://example.com/support",
    metadata={"note": "first"},
)
seats = Price(
    "support-seats",
    product=support.id,
    currency="usd",
    billing_scheme="tiered",
    tiers_mode="volume",
    tiers=[{"up_to": 10, "unit_amount": 900}, {"up_to": "inf", "unit_amount": 1100}],
    recurring={"interval": "month", "interval_count": 3},
    lookup_key="hypernian_support_seats",
    metadata=metadata,
)
visit = Price(
    "support-visit",
    product=support.id,
    currency="eur",
    custom_unit_amount={"enabled": True, "minimum": 5000, "preset": 9000, "maximum": 50000},
    lookup_key="hypernian_support_visit",
    tax_behavior="inclusive",
    metadata=metadata,
)
first_choice = DefaultPrice("support-default", product=support.id, default_price=seats.id)

# Reductions and taxes.
launch = Coupon(
    "launch",
    coupon_id="LAUNCH",
    name="Launch",
    percent_off=12.5,
    duration="repeating",
    duration_in_months=3,
    applies_to={"products": [plan.product.id, support.id]},
    max_redemptions=100,
    metadata=metadata,
)
welcome = Coupon(
    "welcome",
    amount_off=500,
    currency="usd",
    currency_options={"eur": {"amount_off": 450}},
    duration="once",
    redeem_by=1830000000,
    metadata=metadata,
)
code = PromotionCode(
    "welcome-code",
    promotion={"type": "coupon", "coupon": welcome.id},
    code="WELCOME5",
    expires_at=1820000000,
    max_redemptions=10,
    restrictions={
        "first_time_transaction": True,
        "minimum_amount": 1000,
        "minimum_amount_currency": "usd",
        "currency_options": {"eur": {"minimum_amount": 900}},
    },
    metadata=metadata,
)
vat = TaxRate(
    "vat",
    display_name="VAT",
    percentage=13.5,
    inclusive=False,
    country="IE",
    jurisdiction="IE",
    description="The reduced rate",
    tax_type="vat",
    metadata=metadata,
)

# What customers may use.
context = EntitlementFeature("long-context", lookup_key="long-context", name="Long context", metadata=metadata)
attached = ProductFeature("inference-long-context", product=plan.product.id, entitlement_feature=context.id)

# Somebody who buys.
customer = Customer(
    "customer",
    name="Example Limited",
    email="billing@example.com",
    description=config.require_secret("remark"),
    phone="+353 1 555 0100",
    address={"line1": "1 Example Street", "city": "Dublin", "postal_code": "D01 EX11", "country": "IE"},
    shipping={"name": "Example Limited", "address": {"line1": "2 Example Street", "country": "IE"}},
    invoice_settings={
        "custom_fields": [{"name": "Order", "value": "4711"}],
        "footer": "Thank you",
        "rendering_options": {"amount_tax_display": "exclude_tax"},
    },
    preferred_locales=["en", "de"],
    tax_exempt="reverse",
    balance=-250,
    metadata=metadata,
)
subscription = Subscription(
    "customer-inference",
    customer=customer.id,
    items=[
        {"price": plan.prices["tokens-monthly"].id, "metadata": {"unit": "token"}},
        {"price": plan.prices["requests-monthly"].id},
    ],
    collection_method="send_invoice",
    days_until_due=30,
    description="Inference, by use",
    invoice_settings={"issuer": {"type": "self"}},
    metadata=metadata,
)
supported = Subscription(
    "customer-support",
    customer=customer.id,
    items=[{"price": seats.id, "quantity": 12}],
    billing_mode={"type": "classic"},
    collection_method="send_invoice",
    days_until_due=14,
    cancel_at_period_end=True,
    trial_period_days=30,
    cancellation_details={"comment": "The stack is gone", "feedback": "unused"},
    invoice_now=False,
    metadata=metadata,
)
grant = CreditGrant(
    "customer-credits",
    customer=customer.id,
    name="Welcome",
    amount={"type": "monetary", "monetary": {"currency": "usd", "value": 1000}},
    applicability_config={"scope": {"prices": [{"id": plan.prices["tokens-monthly"].id}]}},
    category="promotional",
    expires_at=4000000000,
    priority=10,
    metadata=metadata,
)

# What tells, and where customers go.
alert = Alert(
    "customer-tokens",
    title="A million tokens",
    alert_type="usage_threshold",
    usage_threshold={
        "gte": 1000000,
        "meter": plan.meters["tokens"].id,
        "recurrence": "one_time",
        "filters": [{"type": "customer", "customer": customer.id}],
    },
)
hook = WebhookEndpoint(
    "hook",
    url="https://example.com/stripe",
    enabled_events=["billing.alert.triggered", "invoice.created"],
    description="Usage and invoices",
    metadata=metadata,
)
link = PaymentLink(
    "link",
    line_items=[
        {"price": plan.prices["tokens-monthly"].id},
        {"price": plan.prices["requests-monthly"].id},
    ],
    after_completion={"type": "redirect", "redirect": {"url": "https://example.com/thanks?id={CHECKOUT_SESSION_ID}"}},
    allow_promotion_codes=True,
    billing_address_collection="required",
    custom_text={"submit": {"message": "Billed at the end of each month."}},
    phone_number_collection={"enabled": True},
    subscription_data={"trial_period_days": 14, "metadata": {"from": "link"}},
    metadata=metadata,
)
portal = PortalConfiguration(
    "portal",
    name="Portal",
    business_profile={"headline": "Hypernian", "privacy_policy_url": "https://example.com/privacy"},
    default_return_url="https://example.com/account",
    features={
        "customer_update": {"enabled": True, "allowed_updates": ["address", "email", "tax_id"]},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": False},
        "subscription_cancel": {
            "enabled": True,
            "mode": "at_period_end",
            "cancellation_reason": {"enabled": True, "options": ["too_expensive", "unused", "other"]},
        },
        "subscription_update": {
            "enabled": True,
            "default_allowed_updates": ["price", "quantity"],
            "products": [{"product": support.id, "prices": [seats.id]}],
        },
    },
    login_page={"enabled": True},
    metadata=metadata,
)

pulumi.export("product", plan.product_id)
pulumi.export("prices", plan.price_ids)
pulumi.export("link", link.url)
pulumi.export("secret", hook.secret)
