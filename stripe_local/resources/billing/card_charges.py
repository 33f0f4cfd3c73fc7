"""Charge: one time that a card was asked for the money of a payment intent. https://docs.stripe.com/api/charges"""

from __future__ import annotations

from stripe_local.resources.payment_methods.test_cards import Decline
from stripe_local.store.ids import new_id
from stripe_local.store.objects import Body
from stripe_local.wire.operation import Context

KIND = "charge"


def keep(context: Context, intent: Body, method: Body, decline: Decline | None) -> str:
    """Store that a payment method was charged what the intent says, or was declined; returns the charge's id."""
    paid, amount = decline is None, intent["amount"]
    body: Body = {
        "id": new_id("ch").replace("_1", "_3", 1),
        "object": KIND,
        "amount": amount,
        "amount_captured": amount if paid else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": None,
        "captured": paid,
        "created": context.outside(context.now),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": decline and decline.code,
        "failure_message": decline and decline.message,
        "fraud_details": {},
        "livemode": context.livemode,
        "metadata": {},
        "on_behalf_of": None,
        "outcome": _outcome(decline),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": _card(method["card"], amount), "type": "card"},
        "radar_options": {},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded" if paid else "failed",
        "transfer_data": None,
        "transfer_group": None,
    }
    return str(context.objects.insert(KIND, body)["id"])


def give_back(context: Context, id: str | None, amount: int) -> None:
    """Note on a charge that some of it was refunded. Payments of earlier versions have none."""
    body = None if id is None else context.objects.get(KIND, id)
    if body is not None:
        body["amount_refunded"] += amount
        body["refunded"] = body["amount_refunded"] == body["amount_captured"]
        context.objects.put(KIND, body)


def _outcome(decline: Decline | None) -> Body:
    """https://docs.stripe.com/declines"""
    said = {
        "advice_code": decline and decline.advice,
        "network_advice_code": None,
        "network_decline_code": decline and decline.network,
        "risk_level": "normal",
    }
    if decline is None:
        authorized = {"network_status": "approved_by_network", "reason": None, "seller_message": "Payment complete."}
        return {**said, **authorized, "type": "authorized"}
    return {
        **said,
        "network_status": "declined_by_network",
        "reason": decline.decline_code or decline.code,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }


def _card(card: Body, amount: int) -> Body:
    names = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "regulated_status", "wallet")
    return {
        **{name: card[name] for name in names},
        "amount_authorized": amount,
        "authorization_code": None,
        "checks": card["checks"],
        "electronic_commerce_indicator": None,
        "installments": None,
        "mandate": None,
        "network": card["brand"],
        "network_transaction_id": None,
        "three_d_secure": None,
        "transaction_link_id": None,
    }


INDEXED = {KIND: ("customer", "payment_intent")}
