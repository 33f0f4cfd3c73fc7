"""Charges: each time that a card was asked for the money of a payment intent. https://docs.stripe.com/api/charges"""

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


def intent_of(shop: Shop, subscription: Any) -> Any:
    (found,) = shop.v1.payment_intents.list({"customer": subscription.customer, "expand": ["data.latest_charge"]}).data
    return found


def test_what_was_paid(shop: Shop) -> None:
    """https://docs.stripe.com/api/charges/object: captured, with the card and the bank's answer."""
    subscription = shop.subscribe(shop.price(1000))
    intent = intent_of(shop, subscription)
    charge = intent.latest_charge
    assert (charge.status, charge.paid, charge.captured) == ("succeeded", True, True)
    assert (charge.amount, charge.amount_captured, charge.amount_refunded) == (1000, 1000, 0)
    assert (charge.payment_intent, charge.customer, charge.payment_method) == (
        *(intent.id, subscription.customer, intent.payment_method),
    )
    assert (charge.payment_method_details.card.last4, charge.outcome.type, charge.failure_code) == ("4242", "authorized", None)
    assert shop.v1.charges.retrieve(charge.id).to_dict() == charge.to_dict()
    for found in ({"customer": subscription.customer}, {"payment_intent": intent.id}, {}):
        assert [one.id for one in shop.v1.charges.list(found).data] == [charge.id]  # type: ignore[arg-type]
    assert refusal(shop.v1.charges.retrieve, "ch_nothing").http_status == 404
    types = [event.type for event in shop.v1.events.list({"types": ["charge.succeeded", "charge.failed"]}).data]
    assert types == ["charge.succeeded"]


def test_what_was_declined(shop: Shop) -> None:
    """https://docs.stripe.com/declines: each attempt is a charge of its own."""
    failing: Any = {"payment_method": "pm_card_chargeCustomerFail"}
    customer = shop.customer(card=False, **failing, invoice_settings={"default_payment_method": failing["payment_method"]})
    made = shop.v1.subscriptions.create({"customer": customer, "items": [{"price": shop.price(1000)}]})
    charge = intent_of(shop, made).latest_charge
    assert (charge.status, charge.paid, charge.amount_captured) == ("failed", False, 0)
    assert (charge.failure_code, charge.outcome.reason, charge.outcome.type) == (
        *("card_declined", "generic_decline", "issuer_declined"),
    )
    assert intent_of(shop, made).last_payment_error.charge == charge.id
    refusal(shop.v1.invoices.pay, made.latest_invoice)
    assert [one.status for one in shop.v1.charges.list({"customer": customer}).data] == ["failed", "failed"]


def test_who_has_to_act_first_is_not_charged(shop: Shop) -> None:
    asks: Any = {"invoice_settings": {"default_payment_method": "pm_card_authenticationRequired"}}
    customer = shop.customer(card=False, payment_method="pm_card_authenticationRequired", **asks)
    made = shop.v1.subscriptions.create({"customer": customer, "items": [{"price": shop.price(1000)}]})
    assert (intent_of(shop, made).status, intent_of(shop, made).latest_charge) == ("requires_action", None)


def test_what_is_given_back(shop: Shop) -> None:
    """https://docs.stripe.com/api/refunds/create#create_refund-charge"""
    subscription = shop.subscribe(shop.price(1000))
    charge = intent_of(shop, subscription).latest_charge
    refund = shop.v1.refunds.create({"charge": charge.id, "amount": 300})
    assert (refund.charge, refund.payment_intent) == (charge.id, charge.payment_intent)
    shown = shop.v1.charges.retrieve(charge.id, {"expand": ["refunds"]})
    assert (shown.amount_refunded, shown.refunded, shown.refunds.data[0].id) == (300, False, refund.id)  # type: ignore[union-attr]
    shop.v1.refunds.create({"payment_intent": charge.payment_intent})
    assert shop.v1.charges.retrieve(charge.id).refunded
    assert len(shop.v1.refunds.list({"charge": charge.id}).data) == 2
    assert refusal(shop.v1.refunds.create, {"charge": charge.id}).code == "charge_already_refunded"
    both: Any = {"charge": charge.id, "payment_intent": charge.payment_intent}
    assert refusal(shop.v1.refunds.create, both).http_status == 400
    told = [event.type for event in shop.v1.events.list({"type": "charge.refunded"}).data]
    assert told == ["charge.refunded"] * 2
