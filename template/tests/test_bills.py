"""What a customer is billed for usage: the catalogue as dev has it, deployed to a local Stripe of its own."""

import pytest

from stripe_project.testing import LocalStack


@pytest.fixture(scope="module")
def stack():
    with LocalStack("dev") as stack:
        stack.up()
        yield stack


def test_three_thousand_units_are_billed(stack):
    ids, stripe = stack.outputs(), stack.stripe.client()
    payload = {"stripe_customer_id": ids["customer_id"], "value": "3000"}
    stripe.v1.billing.meter_events.create({"event_name": ids["event_name"], "payload": payload})
    preview = stripe.v1.invoices.create_preview({"subscription": ids["subscription_id"]})
    assert preview.amount_due == 3000 * stripe.v1.prices.retrieve(ids["price_id"]).unit_amount


def test_what_is_deployed_is_what_is_declared(stack):
    assert set(stack.refresh()) == set(stack.preview()) == {"same"}
