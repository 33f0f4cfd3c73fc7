"""The objects of the guide: Hypernian sells tokens at 4 cents per 100, counted by a meter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import stripe
from stripe import StripeClient

METER: dict[str, Any] = {
    "display_name": "Hypernian tokens",
    "event_name": "hypernian_tokens",
    "default_aggregation": {"formula": "sum"},
    "customer_mapping": {"event_payload_key": "stripe_customer_id", "type": "by_id"},
    "value_settings": {"event_payload_key": "value"},
}


def price_params(meter: str, unit_amount: int = 4, **more: Any) -> dict[str, Any]:
    """The guide's price; `more` replaces or adds parameters, and None removes one."""
    params = {
        "currency": "usd",
        "unit_amount": unit_amount,
        "billing_scheme": "per_unit",
        "transform_quantity": {"divide_by": 100, "round": "up"},
        "recurring": {"usage_type": "metered", "interval": "month", "meter": meter},
        "product_data": {"name": "Hypernian tokens"},
        **more,
    }
    return {name: value for name, value in params.items() if value is not None}


@dataclass
class Guide:
    """The guide's objects, made."""

    client: StripeClient
    meter: Any
    price: Any
    customer: Any
    subscription: Any

    @property
    def item(self) -> Any:
        return self.subscription.items.data[0]

    def use(self, value: int | str, *, customer: str | None = None, **more: Any) -> Any:
        """Send a meter event."""
        payload = {"stripe_customer_id": customer or self.customer.id, "value": str(value)}
        return self.client.v1.billing.meter_events.create({"event_name": self.meter.event_name, "payload": payload, **more})

    def preview(self, **params: Any) -> Any:
        return self.client.v1.invoices.create_preview({"subscription": self.subscription.id, **params})

    def invoices(self) -> list[Any]:
        """The subscription's invoices, oldest first."""
        found = self.client.v1.invoices.list({"subscription": self.subscription.id, "limit": 100}).data
        return list(reversed(found))

    def new_price(self, unit_amount: int, **more: Any) -> Any:
        return self.client.v1.prices.create(price_params(self.meter.id, unit_amount, **more))


def make_guide(client: StripeClient, *, subscription: dict[str, Any] | None = None, **price: Any) -> Guide:
    """Create meter, price, customer and subscription."""
    meter = client.v1.billing.meters.create(METER)
    made = client.v1.prices.create(price_params(meter.id, **price))
    customer = client.v1.customers.create({"name": "John Doe"})
    subscribed = client.v1.subscriptions.create({"customer": customer.id, "items": [{"price": made.id}], **(subscription or {})})
    return Guide(client, meter, made, customer, subscribed)


def lines(invoice: Any) -> list[tuple[str | None, int]]:
    """(price, amount) of each line."""
    return [(line.pricing.price_details.price, line.amount) for line in invoice.lines.data]


def refusal(call: Any, *args: Any, **kwargs: Any) -> stripe.StripeError:
    """The error that Stripe's client raises."""
    try:
        call(*args, **kwargs)
    except stripe.StripeError as error:
        return error
    raise AssertionError("it was not refused")
