"""Which intervals a subscription can mix. https://docs.stripe.com/billing/subscriptions/mixed-interval"""

from __future__ import annotations

from typing import Any

import pytest
from stripe import StripeClient

from stripe_local.calculation.intervals import fit
from tests.stripe_local.guide import refusal


@pytest.mark.parametrize(
    ("intervals", "together"),
    [
        ("1 month, 2 month, 3 month", True),
        ("2 month, 3 month", False),
        ("3 month, 1 year", True),
        ("5 month, 1 year", False),
        ("12 month, 1 year", True),
        ("7 day, 1 week", True),
        ("14 day, 1 week", True),
        ("10 day, 1 week", False),
        ("1 day, 1 week, 1 month, 1 year", False),
        ("1 day, 1 month, 1 year", True),
        ("1 day, 3 day, 2 week", True),
        ("1 week, 1 month", False),
        ("1 week, 1 year", False),
        ("30 day, 1 month", False),
    ],
)
def test_what_goes_together(intervals: str, together: bool) -> None:
    wanted = [(interval, int(count)) for count, interval in (one.split() for one in intervals.split(", "))]
    assert fit(wanted) is together


def test_what_does_not_is_refused_wherever_a_subscription_is_made(client: StripeClient) -> None:
    product = client.v1.products.create({"name": "Plan"}).id

    def price(interval: Any, count: int) -> str:
        recurring: Any = {"interval": interval, "interval_count": count}
        return client.v1.prices.create({"currency": "usd", "unit_amount": 0, "product": product, "recurring": recurring}).id

    monthly, quarterly, weekly = price("month", 2), price("month", 3), price("week", 1)
    customer = client.v1.customers.create().id
    for other in (quarterly, weekly):
        items: Any = [{"price": monthly, "quantity": 1}, {"price": other, "quantity": 1}]
        new: Any = {"customer": customer, "items": items}
        page: Any = {"mode": "subscription", "success_url": "https://example.com/", "line_items": items}
        preview: Any = {"customer": customer, "subscription_details": {"items": items}}
        assert refusal(client.v1.subscriptions.create, new).param == "items"
        assert refusal(client.v1.checkout.sessions.create, page).param == "line_items"
        assert refusal(client.v1.invoices.create_preview, preview).param == "subscription_details[items]"
    made = client.v1.subscriptions.create({"customer": customer, "items": [{"price": monthly}]})
    more: Any = {"items": [{"price": price("month", 4)}]}
    assert len(client.v1.subscriptions.update(made.id, more)["items"].data) == 2
    assert refusal(client.v1.subscriptions.update, made.id, {"items": [{"price": quarterly}]}).http_status == 400
