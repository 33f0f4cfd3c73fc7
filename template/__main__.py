"""What ${PROJECT} sells at Stripe: usage, billed monthly for what was used.

What differs per environment is in Pulumi.<stack>.yaml; what each setting means is in Pulumi.yaml.
"""

import pulumi

from stripe_components import UsageBasedPlan
from stripe_resources import Customer, Subscription, require_known_settings

require_known_settings()
config = pulumi.Config()
metadata = {"owner": "${PROJECT}", "environment": config.require("environment")}

plan = UsageBasedPlan(
    # What is sold.
    "pay-as-you-go",
    product={"name": config.require("planName"), "unit_label": config.require("unitLabel")},
    # What is counted: the values of all events of a customer, summed up.
    meters={
        "usage": {
            "display_name": "Usage",
            "event_name": config.require("eventName"),
            "default_aggregation": {"formula": "sum"},
            "customer_mapping": {"type": "by_id", "event_payload_key": "stripe_customer_id"},
            "value_settings": {"event_payload_key": "value"},
        }
    },
    # What it costs: so much per unit.
    prices={
        "usage-monthly": {
            "meter": "usage",
            "unit_amount": config.require_int("unitAmount"),
            "lookup_key": config.require("lookupKey"),
        }
    },
    currency=config.require("currency"),
    interval="month",
    tax_behavior="exclusive",
    metadata=metadata,
    opts=pulumi.ResourceOptions(protect=config.get_bool("protect")),
)
pulumi.export("event_name", plan.meters["usage"].event_name)
pulumi.export("product_id", plan.product.id)
pulumi.export("price_id", plan.prices["usage-monthly"].id)
pulumi.export("price_lookup_key", plan.prices["usage-monthly"].lookup_key)

# Somebody to try it out with.
if config.get_bool("testCustomer"):
    customer = Customer("test-customer", name="Test customer", metadata=metadata)
    subscription = Subscription(
        "test-customer-usage",
        customer=customer.id,
        items=[{"price": plan.prices["usage-monthly"].id}],
        # There is no card: an invoice is sent instead.
        collection_method="send_invoice",
        days_until_due=30,
        metadata=metadata,
    )
    pulumi.export("customer_id", customer.id)
    pulumi.export("subscription_id", subscription.id)
