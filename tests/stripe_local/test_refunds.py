"""Payments that are given back, through Stripe's client. Pages are below docs.stripe.com."""

from __future__ import annotations

from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import refusal
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.shop import Shop


@pytest.fixture
def shop(server: LocalStripe, client: StripeClient) -> Shop:
    return Shop(server, client)


def paid(shop: Shop, amount: int) -> str:
    """The payment intent of a subscription's first invoice."""
    made = shop.subscribe(shop.price(amount))
    invoice: Any = shop.v1.invoices.retrieve(made.latest_invoice, {"expand": ["payments"]})
    return str(invoice.payments.data[0].payment.payment_intent)


def test_a_payment_is_given_back_in_parts(shop: Shop) -> None:
    """api/refunds/create: many times, until the whole is refunded. 20.00 - 5.00 leaves 15.00."""
    intent = paid(shop, 2000)
    part: Any = shop.v1.refunds.create({"payment_intent": intent, "amount": 500, "reason": "duplicate", "metadata": {"a": "1"}})
    assert (part.amount, part.status, part.reason, part.metadata["a"]) == (500, "succeeded", "duplicate", "1")
    error: Any = refusal(shop.v1.refunds.create, {"payment_intent": intent, "amount": 1600})
    assert (error.http_status, error.param, error.user_message) == (
        400,
        "amount",
        "Refund amount ($16.00) is greater than unrefunded amount on charge ($15.00)",
    )
    rest = shop.v1.refunds.create({"payment_intent": intent})
    assert rest.amount == 1500
    assert refusal(shop.v1.refunds.create, {"payment_intent": intent}).code == "charge_already_refunded"
    assert [one.id for one in shop.v1.refunds.list({"payment_intent": intent}).data] == [rest.id, part.id]
    assert shop.v1.refunds.list({"payment_intent": "pi_other"}).data == []
    events = shop.v1.events.list({"types": ["refund.created", "refund.updated"]}).data
    assert [event.type for event in events] == ["refund.created"] * 2


def test_what_a_refund_can_be_changed_in(shop: Shop) -> None:
    """api/refunds/update, api/refunds/cancel: its metadata; only one that requires an action can be canceled."""
    made = shop.v1.refunds.create({"payment_intent": paid(shop, 700)})
    shop.v1.refunds.update(made.id, {"metadata": {"b": "2"}})
    found: Any = shop.v1.refunds.retrieve(made.id, {"expand": ["payment_intent"]})
    assert (found.metadata["b"], found.payment_intent.amount_received) == ("2", 700)
    (event,) = shop.v1.events.list({"type": "refund.updated"}).data
    assert event.data.previous_attributes["metadata"]["b"] is None  # type: ignore[index]
    assert refusal(shop.v1.refunds.cancel, made.id).http_status == 400
    assert shop.v1.refunds.retrieve(made.id).status == "succeeded"


def test_what_cannot_be_refunded(shop: Shop) -> None:
    shop.subscribe(shop.price(900), payment_behavior="default_incomplete")
    (waiting,) = shop.v1.payment_intents.list({"limit": 1}).data
    error = refusal(shop.v1.refunds.create, {"payment_intent": waiting.id})
    assert error.user_message == f"This PaymentIntent ({waiting.id}) does not have a successful charge to refund."
    nothing = refusal(shop.v1.refunds.create, {})
    assert (nothing.http_status, nothing.user_message) == (
        400,
        "One of the following params should be provided for this request: payment_intent or charge.",
    )
    unknown: Any = refusal(shop.v1.refunds.create, {"payment_intent": "pi_none"})
    assert (unknown.http_status, unknown.code, unknown.param) == (400, "resource_missing", "payment_intent")
    charge: Any = refusal(shop.v1.refunds.create, {"charge": "ch_1"})
    assert (charge.code, charge.param) == ("resource_missing", "charge")
    assert refusal(shop.v1.refunds.retrieve, "re_none").http_status == 404
