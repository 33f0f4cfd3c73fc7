"""The guide's seven steps through Stripe's Python client, against the URL in STRIPE_LOCAL_URL."""

import json
import os
import time

import stripe

address = os.environ["STRIPE_LOCAL_URL"]
client = stripe.StripeClient(os.environ["STRIPE_API_KEY"], base_addresses={"api": address}, max_network_retries=0)
v1 = client.v1

meter = v1.billing.meters.create(
    {
        "display_name": "Hypernian tokens",
        "event_name": "hypernian_tokens",
        "default_aggregation": {"formula": "sum"},
        "customer_mapping": {"event_payload_key": "stripe_customer_id", "type": "by_id"},
        "value_settings": {"event_payload_key": "value"},
    }
)
price = v1.prices.create(
    {
        "currency": "usd",
        "unit_amount": 4,
        "billing_scheme": "per_unit",
        "transform_quantity": {"divide_by": 100, "round": "up"},
        "recurring": {"usage_type": "metered", "interval": "month", "meter": meter.id},
        "product_data": {"name": "Hypernian tokens"},
    }
)
customer = v1.customers.create({"name": "John Doe"})
subscription = v1.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})
v1.billing.meter_events.create({"event_name": "hypernian_tokens", "payload": {"stripe_customer_id": customer.id, "value": "25"}})
preview = v1.invoices.create_preview({"subscription": subscription.id})
minute = int(time.time()) // 60 * 60
summaries = v1.billing.meters.event_summaries.list(
    meter.id, {"customer": customer.id, "start_time": minute - 600, "end_time": minute + 600}
)
aggregated = sum(summary.aggregated_value for summary in summaries.auto_paging_iter())
print(json.dumps({"total": preview.total, "aggregated": aggregated}))
