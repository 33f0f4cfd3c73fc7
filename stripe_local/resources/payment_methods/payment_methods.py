"""Payment methods: only Stripe's test cards, such as `pm_card_visa`, and only as something to charge.

https://docs.stripe.com/testing. As at Stripe, naming a test card attaches a copy with an id of its own.
"""

from __future__ import annotations

from typing import Any

from stripe_local.resources.shared import deleted
from stripe_local.store.ids import new_id
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.errors import no_such
from stripe_local.wire.expand import Ref, register, unavailable
from stripe_local.wire.operation import Context

KIND = "payment_method"

CARDS = {"pm_card_visa": "Visa", "pm_card_mastercard": "Mastercard", "pm_card_amex": "American Express"}
"""The test cards, and what people call them."""


def attach(context: Context, customer: str, id: str, param: str) -> str:
    """The id of the payment method attached to the customer: itself, or a new copy of a test card."""
    if id in CARDS:
        existing = context.objects.first(KIND, equal("customer", customer), equal("_test_card", id))
        if existing is not None:
            return str(existing["id"])
        body: dict[str, Any] = {
            "id": new_id("pm"),
            "object": KIND,
            "billing_details": {
                "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
                "email": None,
                "name": None,
                "phone": None,
                "tax_id": None,
            },
            "card": {
                "brand": id.removeprefix("pm_card_"),
                "checks": None,
                "country": "US",
                "exp_month": 12,
                "exp_year": 2034,
                "funding": "credit",
                "generated_from": None,
                "last4": "4242",
                "networks": None,
                "three_d_secure_usage": None,
                "wallet": None,
            },
            "created": context.now,
            "customer": customer,
            "livemode": context.livemode,
            "metadata": {},
            "type": "card",
            "_test_card": id,
        }
        return str(context.objects.insert(KIND, body)["id"])
    body_or_none = context.objects.get(KIND, id)
    if body_or_none is None or body_or_none["customer"] != customer:
        raise no_such("PaymentMethod", id, param)
    return id


def render(context: Context, id: str) -> Body:
    """The payment method, in brief."""
    body = context.objects.get(KIND, id)
    return public(body) if body else deleted(KIND, id)


register(
    KIND,
    {
        "customer": Ref("customer"),
        **unavailable(
            "card.generated_from.setup_attempt",
            "sepa_debit.generated_from.charge",
            "sepa_debit.generated_from.setup_attempt",
        ),
    },
    render,
)
