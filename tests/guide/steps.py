"""The steps of Stripe's guide to usage-based billing, as an application takes them with `stripe.StripeClient`.

https://docs.stripe.com/billing/subscriptions/usage-based/implementation-guide
"""

from __future__ import annotations

from dataclasses import dataclass

import stripe

EVENT_NAME = "hypernian_tokens"
WINDOW = (1717249380, 1717249440)
"""The guide's minute: 2024-06-01 13:43 UTC, in Unix seconds; the end is not part of it."""


def meter(client: stripe.StripeClient) -> stripe.billing.Meter:
    return client.v1.billing.meters.create(
        {
            "display_name": "Hypernian tokens",
            "event_name": EVENT_NAME,
            "default_aggregation": {"formula": "sum"},
            "customer_mapping": {"event_payload_key": "stripe_customer_id", "type": "by_id"},
            "value_settings": {"event_payload_key": "value"},
        }
    )


def price(client: stripe.StripeClient, meter: str) -> stripe.Price:
    return client.v1.prices.create(
        {
            "currency": "usd",
            "unit_amount": 4,
            "billing_scheme": "per_unit",
            "transform_quantity": {"divide_by": 100, "round": "up"},
            "recurring": {"usage_type": "metered", "interval": "month", "meter": meter},
            "product_data": {"name": "Hypernian tokens"},
        }
    )


def customer(client: stripe.StripeClient) -> stripe.Customer:
    return client.v1.customers.create({"name": "John Doe"})


def subscription(client: stripe.StripeClient, customer: str, price: str) -> stripe.Subscription:
    return client.v1.subscriptions.create({"customer": customer, "items": [{"price": price}]})


@dataclass(frozen=True)
class Running:
    """What the run-time steps need: a meter and somebody who is subscribed to a price of it."""

    client: stripe.StripeClient
    meter: str
    customer: str
    subscription: str

    def report(self, value: int, timestamp: int | None = None) -> stripe.billing.MeterEvent:
        """So many tokens were used, now or at `timestamp`."""
        payload = {"stripe_customer_id": self.customer, "value": str(value)}
        if timestamp is None:
            return self.client.v1.billing.meter_events.create({"event_name": EVENT_NAME, "payload": payload})
        return self.client.v1.billing.meter_events.create({"event_name": EVENT_NAME, "payload": payload, "timestamp": timestamp})

    def preview(self) -> stripe.Invoice:
        """The invoice that comes next."""
        return self.client.v1.invoices.create_preview({"subscription": self.subscription})

    def summaries(self, start: int, end: int) -> list[stripe.billing.MeterEventSummary]:
        return self.client.v1.billing.meters.event_summaries.list(
            self.meter, {"customer": self.customer, "start_time": start, "end_time": end}
        ).data

    def used(self, start: int, end: int) -> float:
        """What the summaries of a window add up to: whether Stripe says 0 or nothing where nothing was used is not documented."""
        return sum(summary.aggregated_value for summary in self.summaries(start, end))


def set_up(client: stripe.StripeClient) -> Running:
    """The first four steps."""
    meter_ = meter(client)
    customer_ = customer(client)
    subscription_ = subscription(client, customer_.id, price(client, meter_.id).id)
    return Running(client, meter_.id, customer_.id, subscription_.id)
