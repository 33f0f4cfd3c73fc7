"""A catalogue with a mistake in each line that says so; after the colon is a word that the type checker's message has."""

import pulumi
from stripe_resources.types import PriceRecurring, SubscriptionItem, Tier

from stripe_client import Client, Settings
from stripe_components import PlanPrice, UsageBasedPlan, flat, graduated, packages, per_unit, volume
from stripe_resources import (
    Coupon,
    Customer,
    Meter,
    PortalConfiguration,
    Price,
    PriceArgs,
    Product,
    PromotionCode,
    Subscription,
)
from stripe_resources.testing import run

config = pulumi.Config()
product = Product("tokens", name="Tokens")
meter = Meter("tokens", display_name="Tokens", event_name="tokens", default_aggregation={"formula": "sum"})
price = Price("tokens", product=product.id, currency="usd", unit_amount=4)
customer = Customer("acme", name="Acme")
coupon = Coupon("launch", percent_off=10.5)

# a field that there is not
Product("p1", nmae="Tokens")  # error: nmae
Product("p2", name="Tokens", prices=[])  # error: prices
Price("p3", product=product.id, currency="usd", unit_amuont=4)  # error: unit_amuont
Customer("c1", adress={"city": "Berlin"})  # error: adress

# a value of the wrong type
Product("p4", name=4)  # error: name
Price("p5", product=product.id, currency="usd", unit_amount="4")  # error: unit_amount
Price("p6", product=product.id, currency="usd", unit_amount=0.04)  # error: unit_amount
Price("p7", product=product.id, currency="usd", unit_amount_decimal=0.0004)  # error: unit_amount_decimal
Price("p8", product=product.id, currency=840, unit_amount=4)  # error: currency
Price("p9", product=product, currency="usd", unit_amount=4)  # error: product
Product("p10", name="Tokens", active="yes")  # error: active
Product("p11", name="Tokens", metadata={"seats": 5})  # error: Awaitable[str]
Product("p12", name="Tokens", images="https://example.com/a.png")  # error: images
Coupon("k1", percent_off="10")  # error: percent_off

# an output of the wrong type
Price("p13", product=product.id, currency="usd", unit_amount=product.name)  # error: unit_amount
Price("p14", product=product.active, currency="usd", unit_amount=4)  # error: product
Price("p15", product=product.id, currency="usd", unit_amount=config.require("amount"))  # error: unit_amount
Price("p16", product=product.id, currency=config.get("currency"), unit_amount=4)  # error: currency
Subscription("s0", customer=customer.id, items=[{"price": price.id}], default_tax_rates=coupon.id)  # error: default_tax_rates

# a required argument that is missing
Product("p17")  # error: name
Price("p18", product=product.id, unit_amount=4)  # error: currency
Meter("m1", display_name="Tokens", event_name="tokens")  # error: default_aggregation
Subscription("s1", customer=customer.id)  # error: items
Product(name="Tokens")  # error: resource_name

# a literal that there is not
Meter("m2", display_name="T", event_name="t", default_aggregation={"formula": "avg"})  # error: default_aggregation
Price("p19", product=product.id, currency="usd", unit_amount=4, recurring={"interval": "monthly"})  # error: recurring
Price("p20", product=product.id, currency="usd", unit_amount=4, tax_behavior="included")  # error: tax_behavior
Price("p21", product=product.id, currency="usd", billing_scheme="tiers")  # error: billing_scheme
Price("p22", product=product.id, currency="usd", unit_amount=4, existing_subscriptions="move")  # error: existing_subscriptions
Coupon("k2", percent_off=10, duration="always")  # error: duration
Subscription("s2", customer=customer.id, items=[{"price": price.id}], collection_method="invoice")  # error: collection_method

# wrong inside
Price("p23", product=product.id, currency="usd", unit_amount=4, recurring="month")  # error: recurring
Price("p24", product=product.id, currency="usd", unit_amount=4, interval="month")  # error: interval
Price("p25", product=product.id, currency="usd", unit_amount=4, recurring={"usage_type": "metered"})  # error: recurring
Price("p26", product=product.id, currency="usd", unit_amount=4, recurring={"interval": "month", "metre": meter.id})  # error: recurring
Price("p27", product=product.id, currency="usd", unit_amount=4, recurring={"interval": "month", "meter": meter})  # error: recurring
Price("p28", product=product.id, currency="usd", tiers_mode="volume", tiers=[{"upto": 10, "unit_amount": 4}])  # error: Tier
Price("p29", product=product.id, currency="usd", tiers_mode="volume", tiers=[{"up_to": "infinity", "unit_amount": 4}])  # error: Tier
Price("p30", product=product.id, currency="usd", tiers_mode="volume", tiers=[{"up_to": "inf", "unit_amount": "4"}])  # error: Tier
Price("p31", product=product.id, currency="usd", tiers_mode="volume", tiers={"up_to": "inf", "unit_amount": 4})  # error: tiers
Price("p32", product=product.id, currency="usd", tiers_mode="volume", tiers=[("inf", 4)])  # error: Tier
Price("p33", product=product.id, currency="usd", unit_amount=4, currency_options={"eur": 4})  # error: CurrencyOption
Price("p34", product=product.id, currency="usd", unit_amount=4, currency_options={"eur": {"unit_amount": "4"}})  # error: CurrencyOption
Price("p35", product=product.id, currency="usd", unit_amount=4, transform_quantity={"divide_by": 100})  # error: transform_quantity
Subscription("s3", customer=customer.id, items=[{"prices": price.id}])  # error: SubscriptionItem
Subscription("s4", customer=customer.id, items=[{"price": price}])  # error: SubscriptionItem
Subscription("s5", customer=customer.id, items=[price.id])  # error: SubscriptionItem
Subscription("s6", customer=customer.id, items={"price": price.id})  # error: items
Subscription("s7", customer=customer.id, items=[{"price": price.id, "discounts": [{"cupon": coupon.id}]}])  # error: SubscriptionItem
PromotionCode("r1", promotion={"type": "coupon", "coupon": coupon})  # error: promotion
PortalConfiguration("b1", features={"invoice_history": True})  # error: features
separate: PriceArgs = {"product": product.id, "currency": "usd", "unit_amont": 4}  # error: unit_amont
interval: PriceRecurring = {"interval": "fortnight"}  # error: fortnight
tier: Tier = {"unit_amount": 4}  # error: Tier
item: SubscriptionItem = {"price": price.id, "quantity": "2"}  # error: Awaitable[int]

# an output that is not there
pulumi.export("o1", price.amount)  # error: amount
pulumi.export("o2", meter.name)  # error: name
pulumi.export("o3", product.default_prices)  # error: default_prices
pulumi.export("o4", coupon.code)  # error: code
pulumi.export("o5", customer.subscriptions)  # error: subscriptions
pulumi.export("o6", price.unit_amount.apply(lambda amount: amount.upper()))  # error: upper
name: pulumi.Output[int] = product.name  # error: int

# components
UsageBasedPlan("u1", product={"name": "Team"}, currency="usd", prices={"team": flat(2000)})  # error: interval
UsageBasedPlan("u2", product={}, currency="usd", interval="month", prices={"team": flat(2000)})  # error: name
UsageBasedPlan("u3", product=product, currency="usd", interval="month", prices={"team": flat(2000)})  # error: product
UsageBasedPlan("u4", product={"name": "Team"}, currency="usd", interval="months", prices={"team": flat(2000)})  # error: interval
UsageBasedPlan("u5", product={"name": "Team"}, currency="usd", interval="month", price={"team": flat(2000)})  # error: price
UsageBasedPlan("u6", product={"name": "Team"}, currency="usd", interval="month", prices=[flat(2000)])  # error: prices
UsageBasedPlan("u7", product={"name": "Team"}, currency="usd", interval="month", prices={"team": 2000})  # error: PlanPrice
UsageBasedPlan("u8", product={"name": "Team"}, currency="usd", interval="month", prices={"t": {"amount": 4}})  # error: amount
UsageBasedPlan("u9", product={"name": "T"}, currency="usd", interval="month", prices={"t": {"currency": "usd"}})  # error: currency
UsageBasedPlan("u10", product={"name": "T"}, currency="usd", interval="month", prices={}, meters={"t": {"name": "T"}})  # error: MeterArgs
UsageBasedPlan("u11", product={"name": "T"}, currency="usd", interval="month", prices={}, meters={"t": meter})  # error: MeterArgs
UsageBasedPlan("u12", product={"name": "T"}, currency="usd", interval="month", prices={}, entitlements={"a": 0.5})  # error: "str"
per_unit(meter, 4)  # error: Meter
per_unit(meter.id, 0.04)  # error: Decimal
per_unit(meter.id)  # error: amount
per_unit(meter.id, 4, eur=3.5)  # error: eur
flat("20.00", usd=["18.00"])  # error: usd
packages(meter.id, 4)  # error: of
packages(meter.id, 4, of=100, round="nearest")  # error: round
graduated(meter.id, [(1000, 4), ("infinity", 3)])  # error: Tier
graduated(meter.id, [1000, 4])  # error: Tier
volume(meter.id, [("inf", 0.5)])  # error: Tier
own: PlanPrice = {**flat(2000), "product": product.id}  # error: product
plan = UsageBasedPlan("team", product={"name": "Team"}, currency="usd", interval="month", prices={"team": flat(2000)})
pulumi.export("o7", plan.prices["team"].amount)  # error: amount
pulumi.export("o8", plan.prices.team)  # error: team
pulumi.export("o9", plan.price_id)  # error: price_id
Subscription("s8", customer=customer.id, items=[{"price": plan.prices["team"]}])  # error: SubscriptionItem
Subscription("s9", customer=customer.id, items=[{"price": plan.price_ids}])  # error: SubscriptionItem

# the client, and tests
run("prod", setings={"currency": "eur"})  # error: setings
run("prod", settings={"amount": 4})  # error: "str"
run("prod").of("Price", "tokens").unit_amount  # error: unit_amount
run("prod").problem  # error: problem
Client("sk_test_local")  # error: Settings
Client(Settings(api_key="sk_test_local", api_base="http://localhost", livemode="false"))  # error: livemode
