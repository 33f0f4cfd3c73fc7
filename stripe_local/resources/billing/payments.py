"""What an invoice is paid by: its payment intent, and the invoice payment that joins the two.

https://docs.stripe.com/api/payment_intents, https://docs.stripe.com/api/invoice-payment
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stripe_local.calculation.money import with_symbol
from stripe_local.resources.payment_methods import payment_methods, test_cards
from stripe_local.resources.payment_methods.test_cards import Decline
from stripe_local.store.ids import new_id, random_text
from stripe_local.store.kinds import PAYMENT_INTENT
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.errors import StripeError, invalid
from stripe_local.wire.operation import Context

from . import card_charges

KIND = "invoice_payment"

# What is still to be done about a payment intent, where something is.
WAITING = ("requires_payment_method", "requires_confirmation", "requires_action")


@dataclass(frozen=True)
class Payment:
    """A payment intent, and the invoice payment that joins it to its invoice."""

    intent: Body
    joins: Body


def intend(context: Context, invoice: Body, method: str | None, at: int) -> Payment:
    """The payment of an invoice that is finalized; `keep` stores it."""
    id = new_id("pi").replace("_1", "_3", 1)
    number = invoice["number"]
    body: Body = {
        "id": id,
        "object": PAYMENT_INTENT,
        "allowed_payment_method_types": None,
        "amount": invoice["amount_remaining"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": f"{id}_secret_{random_text(25)}",
        "confirmation_method": "automatic",
        "created": context.outside(at),
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "customer_account": None,
        "description": _DESCRIPTIONS.get(invoice["billing_reason"], f"Payment for Invoice {number}"),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": context.livemode,
        "managed_payments": None,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_details": {"customer_reference": None, "order_reference": number},
        "payment_method": method,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": ["card"],
        "payment_record": None,
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": "off_session" if invoice["parent"] is not None else None,
        "shipping": None,
        "source": None,
        "statement_descriptor": invoice["statement_descriptor"],
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method" if method is None else "requires_confirmation",
        "transfer_data": None,
        "transfer_group": None,
        "_invoice": invoice["id"],
    }
    invoice["_payment_intent"] = id
    return Payment(body, _payment(context, invoice, at, {"payment_intent": id, "type": "payment_intent"}))


def keep(context: Context, payment: Payment) -> None:
    """Store a new payment, as it is now."""
    context.objects.insert(PAYMENT_INTENT, payment.intent)
    context.objects.insert(KIND, payment.joins)


_DESCRIPTIONS = {
    "subscription_create": "Subscription creation",
    "subscription_cycle": "Subscription update",
    "subscription_update": "Subscription update",
}


def _payment(context: Context, invoice: Body, at: int, payment: Body) -> Body:
    return {
        "id": new_id("inpay"),
        "object": KIND,
        "amount_paid": None,
        "amount_requested": invoice["amount_remaining"],
        "created": at,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": context.livemode,
        "payment": payment,
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }


def intent_of(context: Context, invoice: Body) -> Body | None:
    """The payment intent of an invoice, or None where nothing is, or was, to be charged."""
    id = invoice.get("_payment_intent")
    return None if id is None else context.objects.get(PAYMENT_INTENT, id)


def stored(context: Context, invoice: Body) -> Payment | None:
    """The payment of an invoice that is still open, or None."""
    intent = intent_of(context, invoice)
    joins = next((body for body in of_invoice(context, invoice["id"]) if body["status"] == "open"), None) if intent else None
    return None if intent is None or joins is None else Payment(intent, joins)


def put(context: Context, payment: Payment) -> None:
    """Store what became of a payment."""
    context.objects.put(PAYMENT_INTENT, payment.intent)
    context.objects.put(KIND, payment.joins)


def of_invoice(context: Context, id: str) -> list[Body]:
    """The invoice payments of an invoice, oldest first."""
    return context.objects.find(KIND, [equal("invoice", id)])


# Charging


@dataclass(frozen=True)
class Result:
    """What came of charging: it was paid, `declined`, or the customer has to act first."""

    declined: Decline | None = None
    acts: bool = False

    @property
    def paid(self) -> bool:
        """Whether the money came."""
        return self.declined is None and not self.acts


AUTHENTICATION_REQUIRED = Decline(
    "authentication_required", "Your card was declined. This transaction requires authentication.", "authentication_required"
)


def charge(
    context: Context, intent: Body, method: str, *, off_session: bool, strict: bool = False, authenticated: bool | None = None
) -> Result:
    """Charge a payment method; what becomes of the intent is the caller's to store.

    Where the customer cannot act (`strict`), a card that asks for it is declined. `authenticated`: whether the customer proved to
    be the card's owner, where that was asked.
    """
    body = context.objects.get(payment_methods.KIND, method)
    assert body is not None, method
    card = payment_methods.card_of(body)
    intent["next_action"] = intent["last_payment_error"] = None
    asks = {"always": True, "once": not body.get("_proven"), "on_session": not off_session}.get(card.authenticates or "", False)
    if authenticated is False:
        return _decline(context, intent, body, test_cards.AUTHENTICATION_FAILED)
    if asks and authenticated is None and strict:
        return _decline(context, intent, body, AUTHENTICATION_REQUIRED)
    if asks and authenticated is None:
        intent["status"], intent["payment_method"] = "requires_action", method
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
        return Result(acts=True)
    if card.decline is not None:
        return _decline(context, intent, body, card.decline)
    if authenticated and card.authenticates == "once":
        body["_proven"] = True
        context.objects.put(payment_methods.KIND, body)
    intent["status"], intent["payment_method"], intent["amount_received"] = "succeeded", method, intent["amount"]
    intent["latest_charge"] = card_charges.keep(context, intent, body, None)
    return Result()


def declined(context: Context, method: str) -> Decline | None:
    """Why a payment method is declined, if it is."""
    body = context.objects.get(payment_methods.KIND, method)
    return payment_methods.card_of(body).decline if body is not None else None


def _decline(context: Context, intent: Body, method: Body, decline: Decline) -> Result:
    intent["status"], intent["payment_method"] = "requires_payment_method", None
    intent["_refused"] = method["id"] if decline.is_hard else None
    error = decline.error()
    intent["last_payment_error"] = {**error.body()["error"], "payment_method": public(method), "payment_method_type": "card"}
    if decline is not test_cards.AUTHENTICATION_FAILED:  # then no bank was asked
        intent["latest_charge"] = card_charges.keep(context, intent, method, decline)
        intent["last_payment_error"]["charge"] = intent["latest_charge"]
    return Result(declined=decline)


def what_failed(intent: Body) -> Body:
    """The `charge` that failed last, and the `payment_method`, as an error shows them besides the intent."""
    failed = intent["last_payment_error"] or {}
    return {name: failed[name] for name in ("charge", "payment_method") if name in failed}


def settle(payment: Payment, at: int) -> None:
    """Bring a payment in line with what became of its invoice."""
    joins, intent = payment.joins, payment.intent
    joins["status"] = "paid" if intent["status"] == "succeeded" else "canceled"
    joins["status_transitions"]["paid_at" if joins["status"] == "paid" else "canceled_at"] = at
    joins["amount_paid"] = joins["amount_requested"] if joins["status"] == "paid" else None
    if intent["status"] in WAITING:
        intent["status"], intent["canceled_at"], intent["next_action"] = "canceled", at, None
        intent["cancellation_reason"] = "void_invoice"


def confirmation_secret(intent: Body) -> dict[str, Any]:
    """What a page confirms the payment with."""
    return {"client_secret": intent["client_secret"], "type": PAYMENT_INTENT}


# Giving back


REFUND = "refund"


def refundable(context: Context, intent: Body) -> int:
    """What of a payment has not been given back. Raises StripeError where nothing was paid, or all of it was given back."""
    if intent["status"] != "succeeded":
        raise invalid(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            "payment_intent",
            "payment_intent_unexpected_state",
        )
    left = int(intent["amount_received"]) - refunded(context, intent["id"])
    if left == 0:
        raise invalid(f"Charge {intent['latest_charge']} has already been refunded.", code="charge_already_refunded")
    return left


def refunded(context: Context, intent: str) -> int:
    """What of a payment has been given back."""
    return sum(body["amount"] for body in context.objects.find(REFUND, [equal("payment_intent", intent)]))


def refund(context: Context, intent: Body, amount: int, reason: str | None, param: str = "amount") -> Body:
    """Give back a part of a payment; returns the refund, which is stored. Raises StripeError."""
    left = refundable(context, intent)
    if amount > left:
        raise _too_much(amount, left, intent["currency"], param)
    card_charges.give_back(context, intent["latest_charge"], amount)
    return context.objects.insert(
        REFUND,
        {
            "id": new_id("re").replace("_1", "_3", 1),
            "object": REFUND,
            "amount": amount,
            "balance_transaction": None,
            "charge": intent["latest_charge"],
            "created": context.now,
            "currency": intent["currency"],
            "customer": intent["customer"],
            "customer_account": None,
            "destination_details": {
                "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
                "type": "card",
            },
            "metadata": {},
            "payment_intent": intent["id"],
            "payment_method": intent["payment_method"],
            "reason": reason,
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "succeeded",
            "transfer_reversal": None,
        },
    )


def _too_much(amount: int, left: int, currency: str, param: str) -> StripeError:
    shown, rest = with_symbol(amount, currency), with_symbol(left, currency)
    return invalid(f"Refund amount ({shown}) is greater than unrefunded amount on charge ({rest})", param)


INDEXED = {KIND: ("invoice",), PAYMENT_INTENT: ("customer",), REFUND: ("payment_intent", "charge")}
