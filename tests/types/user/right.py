"""A catalogue without a mistake: values of every kind that Pulumi's inputs take, wherever they may stand."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial

import pulumi
from stripe_resources.types import CurrencyOption, DefaultAggregation, EventType, Metadata, PriceRecurring, SubscriptionItem, Tier

from stripe_client import Client, ConfigurationError, Settings
from stripe_components import PlanPrice, Rate, UsageBasedPlan, flat, graduated, packages, per_unit, volume
from stripe_resources import (
    Alert,
    Coupon,
    CreditGrant,
    Customer,
    DefaultPrice,
    EntitlementFeature,
    Meter,
    MeterArgs,
    PaymentLink,
    PortalConfiguration,
    Price,
    PriceArgs,
    Product,
    ProductArgs,
    ProductFeature,
    PromotionCode,
    ShippingRate,
    StripeError,
    StripeResource,
    Subscription,
    SubscriptionArgs,
    TaxRate,
    WebhookEndpoint,
    require_known_settings,
)
from stripe_resources.testing import Declared, Deployment, run

require_known_settings()
config = pulumi.Config()
network = pulumi.StackReference("acme/network/prod")
protected = pulumi.ResourceOptions(protect=config.get_bool("protect"))

# plain values, settings, secrets, outputs of other resources and of other stacks, texts put together
tokens = Meter("tokens", display_name="Tokens", event_name=config.require("event"), default_aggregation={"formula": "sum"})
product = Product(
    "tokens",
    name=pulumi.Output.concat("Tokens, counted as ", tokens.event_name),
    description=pulumi.Output.format("{0} in {1}", tokens.display_name, pulumi.get_stack()),
    active=config.require_bool("active"),
    metadata={"owner": "billing", "meter": tokens.id, "stack": pulumi.get_stack()},
    images=["https://example.com/tokens.png", network.require_output("image")],
    marketing_features=[{"name": "Fast"}, {"name": tokens.display_name}],
    opts=protected,
)
price = Price(
    "tokens",
    product=product.id,
    currency=config.require("currency"),
    unit_amount=config.require_int("amount"),
    recurring={"interval": "month", "usage_type": "metered", "meter": tokens.id},
    currency_options={"eur": {"unit_amount": 4}, "jpy": {"unit_amount_decimal": "0.5", "tax_behavior": "exclusive"}},
    transform_quantity={"divide_by": config.require_int("package"), "round": "up"},
    lookup_key=pulumi.Output.concat("tokens-", pulumi.get_stack()),
)
secret = Customer("acme", name="Acme", email=config.require_secret("email"), address={"country": "DE", "city": config.get("city")})
Price("secret", product=product.id, currency="usd", unit_amount=config.require_secret_int("amount"))
Price("applied", product=product.id, currency="usd", unit_amount=price.unit_amount.apply(lambda amount: amount * 2))
Price("whole", product=network.get_output("product"), currency="usd", unit_amount=pulumi.Output.from_input(4))
Price("parts", product=product.id, currency="usd", unit_amount_decimal=str(Decimal("0.0004")))
Price("parts-2", product=product.id, currency="usd", unit_amount_decimal=format(Decimal(4) / 100, "f"))
Price("maybe", product=product.id, currency="usd", unit_amount=config.get_int("amount"), nickname=config.get("nickname"))
Price("free", product=product.id, currency="usd", custom_unit_amount={"enabled": True, "minimum": 100})

# what is built beside the resource
recurring: PriceRecurring = {"interval": "year", "interval_count": 1}
tiers: list[Tier] = [{"up_to": 1000, "unit_amount_decimal": "0.04"}, {"up_to": "inf", "unit_amount": 3, "flat_amount": 100}]
options: dict[str, CurrencyOption] = {"eur": {"tiers": tiers}}
metadata: Metadata = {"owner": "billing", "product": product.id}
args: PriceArgs = {"product": product.id, "currency": "usd", "recurring": recurring, "metadata": metadata}
by_tier: PriceArgs = {**args, "billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": tiers, "currency_options": options}
tiered = Price("tiered", **by_tier)
formula: DefaultAggregation = {"formula": "last"}
meter_args: MeterArgs = {"display_name": "Seats", "event_name": "seats", "default_aggregation": formula}
seats = Meter("seats", **meter_args)
product_args: ProductArgs = {"name": "Seats"}
product_args["description"] = pulumi.Output.concat("Of ", product.name)
Product("seats", opts=pulumi.ResourceOptions(depends_on=[seats], parent=product), **product_args)
tags = {"owner": "billing"}
Product("tagged", name="Tagged", metadata=tags)
Product("tagged-2", name="Tagged", metadata={**tags, "seats": seats.id})
later: pulumi.Output[PriceRecurring] = config.require_secret("interval").apply(lambda _: recurring)
Price("later", product=product.id, currency="usd", unit_amount=4, recurring=later)
events: list[EventType] = ["invoice.paid", "invoice.voided"]
urls: Sequence[str] = ["https://example.com/a.png"]
Product("pictures", name="Pictures", images=urls)
Product("pictures-2", name="Pictures", images=pulumi.Output.all(product.id, price.id).apply(lambda ids: [str(i) for i in ids]))

# lists of outputs, and loops
names = ["input", "output"]
meters = {name: Meter(name, display_name=name, event_name=name, default_aggregation=formula) for name in names}
metered = [
    Price(name, product=product.id, currency="usd", unit_amount=4, recurring={"interval": "month", "meter": meter.id})
    for name, meter in meters.items()
]
items: list[SubscriptionItem] = [{"price": price.id} for price in metered]
items.append(
    {"price": tiered.id, "quantity": 2, "tax_rates": [TaxRate("vat", display_name="VAT", inclusive=True, percentage=19).id]}
)
coupon = Coupon("launch", percent_off=10, duration="repeating", duration_in_months=3)
subscription = Subscription("acme", customer=secret.id, items=items, discounts=[{"coupon": coupon.id}], metadata=product.metadata)
Subscription("direct", customer=secret.id, items=[{"price": price.id} for price in metered], trial_end="now")
Subscription("dated", customer=secret.id, items=[{"price": price.id}], cancel_at=1900000000, billing_mode={"type": "flexible"})
subscribed: SubscriptionArgs = {"customer": secret.id, "items": items, "collection_method": "send_invoice", "days_until_due": 30}
Subscription("built", pulumi.ResourceOptions(protect=True), **subscribed)

# other kinds
code = PromotionCode("launch", promotion={"type": "coupon", "coupon": coupon.id}, restrictions={"first_time_transaction": True})
DefaultPrice("default", product=product.id, default_price=price.id)
feature = EntitlementFeature("support", lookup_key="support", name="Support")
ProductFeature("support", product=product.id, entitlement_feature=feature.id)
Alert(
    "much", alert_type="usage_threshold", title="Much", usage_threshold={"gte": 10, "meter": tokens.id, "recurrence": "one_time"}
)
CreditGrant(
    "welcome",
    customer=secret.id,
    amount={"type": "monetary", "monetary": {"currency": "usd", "value": 1000}},
    applicability_config={"scope": {"prices": [{"id": price.id} for price in metered]}},
)
hook = WebhookEndpoint(
    "hook", url=pulumi.Output.concat("https://", network.require_output("host")), enabled_events=["invoice.paid"]
)
ShippingRate("post", display_name="Post", fixed_amount={"amount": 500, "currency": "eur"})
link = PaymentLink("link", line_items=[{"price": price.id}, {"price": tiered.id, "quantity": 1}])
portal = PortalConfiguration("portal", features={"invoice_history": {"enabled": True}}, default_return_url=config.get("url"))

# outputs: every argument, and what Stripe computes
pulumi.export("nickname", price.nickname)
pulumi.export("interval", price.recurring["interval"])
pulumi.export("first", tiered.tiers[0]["up_to"])
pulumi.export("key", pulumi.Output.concat("key: ", price.lookup_key))
pulumi.export("status", subscription.status)
pulumi.export("items", subscription.items.apply(lambda items: [item["id"] for item in items]))
pulumi.export("code", code.code)
pulumi.export("link", link.url)
pulumi.export("secret", pulumi.Output.secret(hook.secret))
pulumi.export("login", portal.login_page_url)
pulumi.export("live", price.livemode)
Price("same", product=price.product, currency=price.currency, unit_amount=price.unit_amount, recurring=price.recurring)
Price(
    "same-2",
    product=price.product,
    currency="usd",
    tiers=tiered.tiers,
    tiers_mode=tiered.tiers_mode,
    tax_behavior=price.tax_behavior,
)
key: pulumi.Output[str] = price.lookup_key
created: pulumi.Output[int] = product.created
resources: list[StripeResource] = [product, price, subscription]
ids: list[pulumi.Output[str]] = [resource.id for resource in resources]

# components
rates: list[Rate] = [(1_000_000, "0.0003"), ("inf", Decimal("0.00025"))]
prices: dict[str, PlanPrice] = {
    "team-base": flat(2000, eur=1800),
    "team-input": per_unit(meters["input"].id, "0.0003", eur=Decimal("0.00028")),
    "team-output": {**per_unit("output-tokens", 4, eur=config.require_int("eur")), "nickname": "Output"},
    "team-images": packages(seats.id, 4, of=100, round="down", eur=config.require_secret_int("eur")),
    "team-tiers": graduated(seats.id, rates, eur=[{"up_to": "inf", "unit_amount": 3, "flat_amount": 100}]),
    "team-volume": volume(seats.id, [(100, 4), ("inf", "3.5")], eur=rates),
    "team-plain": {"meter": seats.id, "unit_amount": 4, "currency_options": {"eur": {"unit_amount": 4}}},
}
common = partial(UsageBasedPlan, currency="usd", interval="month", tax_behavior="exclusive", metadata=tags)
team = UsageBasedPlan(
    "team",
    product={"name": "Team", "unit_label": "seat"},
    meters={
        "output-tokens": {"display_name": "Output", "event_name": "out", "default_aggregation": {"formula": "sum"}},
        "s": meter_args,
    },
    prices=prices,
    currency=config.require("currency"),
    interval="month",
    entitlements={"requests_per_minute": 600, "support": True, "region": pulumi.get_stack(), "seats": price.unit_amount},
    tax_behavior=None,
    opts=protected,
)
scale = common("scale", product={"name": "Scale"}, prices={"scale": flat(20000)})
Subscription("team", customer=secret.id, items=[{"price": p.id} for p in team.prices.values()])
Subscription("scale", customer=secret.id, items=[{"price": scale.prices["scale"].id, "quantity": 3}])
DefaultPrice("team", product=team.product_id, default_price=team.prices["team-base"].id)
pulumi.export("team", {"product": team.product.id, "meter": team.meters["output-tokens"].id, "prices": team.price_ids})
pulumi.export("team-base", team.price_ids["team-base"])
by_name: pulumi.Output[Mapping[str, str]] = team.lookup_keys


class Tagged(Product):
    """A user's own class over a kind."""

    def __init__(self, resource_name: str, name: str) -> None:
        super().__init__(resource_name, name=name, metadata={"tagged": "yes"})


class Catalogue(pulumi.ComponentResource):
    """A component of the user's own."""

    price: Price

    def __init__(self, name: str, amount: pulumi.Input[int], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("acme:billing:Catalogue", name, None, opts)
        product = Tagged(name, name)
        self.price = Price(
            name,
            pulumi.ResourceOptions(parent=self),
            product=product.id,
            currency="usd",
            unit_amount=amount,
            recurring={"interval": "month"},
        )
        self.register_outputs({"price": self.price.id})


Catalogue("catalogue", config.require_int("amount"))
Catalogue("catalogue-2", price.unit_amount)


def describe(price: Price) -> pulumi.Output[str]:
    """What a function of the user's own takes and gives."""
    return pulumi.Output.all(price.currency, price.unit_amount).apply(lambda both: f"{both[0]} {both[1]}")


def test_catalogue() -> None:
    """A test of the user's own."""
    deployment: Deployment = run("prod", settings={"currency": "eur"}, preview=True)
    declared: Declared = deployment.of("Price", "tokens")
    assert declared.inputs["unit_amount"] == 4
    assert deployment.problems == []


def names_of_products() -> list[str]:
    """A script of the user's own."""
    try:
        client = Client(Settings(api_key="sk_test_local", api_base="http://localhost:12111", livemode=False))
        return [str(p["name"]) for page in client.pages("/v1/products") for p in page]
    except (ConfigurationError, StripeError):
        return []
