"""Amounts against invoice previews of the local Stripe, over HTTP. It computes them by itself: see the import contract.

More examples: PRICES=all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import stripe_pricing
from tests.stripe_local.server import LocalStripe
from tests.stripe_pricing.prices import QUANTITIES, prices

EXAMPLES = 500 if os.environ.get("PRICES") == "all" else 25


class Account:
    """One meter and one product; a price, a customer and a subscription for each example."""

    def __init__(self, server: LocalStripe) -> None:
        self.server, self.client = server, server.client()
        self.meter = self.client.v1.billing.meters.create(
            {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}
        ).id
        self.product = self.client.v1.products.create({"name": "Tokens", "unit_label": "token"}).id

    def price(self, params: dict[str, Any]) -> dict[str, Any]:
        """A metered price, as Stripe has it."""
        recurring = {"interval": "month", "usage_type": "metered", "meter": self.meter}
        made = self.client.v1.prices.create({**params, "product": self.product, "recurring": recurring})  # type: ignore[typeddict-item]
        currencies = [params["currency"], *params["currency_options"]] if "tiers" in params else []
        expand = ["tiers", "currency_options", *(f"currency_options.{c}.tiers" for c in currencies)]
        price: dict[str, Any] = self.server.http("GET", f"/v1/prices/{made.id}", params={"expand[]": expand}).json()
        return price

    def billed(self, price: str, quantity: Decimal, currency: str) -> list[int]:
        """The lines of the preview of an invoice for that much usage."""
        customer = self.client.v1.customers.create().id
        subscription = self.client.v1.subscriptions.create(
            {
                "customer": customer,
                "items": [{"price": price}],
                "currency": currency,
                "collection_method": "send_invoice",
                "days_until_due": 30,
            }
        )
        payload = {"stripe_customer_id": customer, "value": f"{quantity:f}"}
        self.client.v1.billing.meter_events.create({"event_name": "tokens", "payload": payload})
        return [line.amount for line in self.client.v1.invoices.create_preview({"subscription": subscription.id}).lines.data]


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with LocalStripe() as server:
        yield Account(server)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(params=prices(), quantity=QUANTITIES)
def test_amounts_are_those_of_invoice_previews(account: Account, params: dict[str, Any], quantity: Decimal) -> None:
    price = account.price(params)
    for currency in (params["currency"], *params["currency_options"]):
        billed = account.billed(price["id"], quantity, currency)
        for source in (params, price):
            charge = stripe_pricing.charge(stripe_pricing.terms(source, currency), quantity)
            # Each line is rounded by itself, and so is one that has all the tiers.
            assert (charge.amount if len(billed) > 1 else stripe_pricing.rounded(charge.exact)) == sum(billed)
