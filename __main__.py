"""Hypernian's catalogue at Stripe: LLM tokens, pay as you go.

What differs per environment is in Pulumi.<stack>.yaml; what each setting means is in Pulumi.yaml.
"""

import pulumi

from stripe_components import UsageBasedPlan
from stripe_resources import Customer, Subscription, require_known_settings

require_known_settings()
config = pulumi.Config()
environment = config.require("environment")
if environment not in ("dev", "staging", "prod"):
    raise pulumi.RunError(f"hypernian:environment is {environment!r}; give dev, staging or prod")
metadata = {"owner": "hypernian-billing", "environment": environment}

plan = UsageBasedPlan(
    # What is sold.
    "hypernian",
    product={"name": "Hypernian", "unit_label": "token"},
    # What is counted: the values of all events of a customer, summed up.
    meters={
        "tokens": {
            "display_name": config.require("displayName"),
            "event_name": config.require("eventName"),
            "default_aggregation": {"formula": "sum"},
            "customer_mapping": {"type": "by_id", "event_payload_key": "stripe_customer_id"},
            "value_settings": {"event_payload_key": "value"},
        }
    },
    # What it costs: so much per package of tokens that was begun, billed monthly.
    prices={
        "tokens-monthly": {
            "meter": "tokens",
            "unit_amount": config.require_int("unitAmount"),
            "transform_quantity": {"divide_by": config.require_int("tokensPerPackage"), "round": "up"},
            "lookup_key": config.require("lookupKey"),
        }
    },
    currency=config.require("currency"),
    interval="month",
    tax_behavior="exclusive",
    metadata=metadata,
    opts=pulumi.ResourceOptions(protect=config.get_bool("protect")),
)
meter, product, price = plan.meters["tokens"], plan.product, plan.prices["tokens-monthly"]

pulumi.export("meter_id", meter.id)
pulumi.export("event_name", meter.event_name)
pulumi.export("product_id", product.id)
pulumi.export("price_id", price.id)
pulumi.export("price_lookup_key", price.lookup_key)

# Somebody to try it out with.
if config.get_bool("testCustomer"):
    customer = Customer("john-doe", name="John Doe", metadata=metadata)
    subscription = Subscription(
        "john-doe-tokens",
        customer=customer.id,
        items=[{"price": price.id}],
        # He has no card: an invoice is sent instead.
        collection_method="send_invoice",
        days_until_due=30,
        metadata=metadata,
    )
    pulumi.export("customer_id", customer.id)
    pulumi.export("subscription_id", subscription.id)
