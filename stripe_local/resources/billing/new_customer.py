"""A customer who has nothing yet, and the details that taxes and invoices go by. https://docs.stripe.com/api/customers/object"""

from __future__ import annotations

from typing import Any

from stripe_local.resources.shared import copy
from stripe_local.store.ids import new_id, random_text
from stripe_local.store.kinds import CUSTOMER
from stripe_local.store.objects import Body
from stripe_local.wire.operation import Context

_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def blank(context: Context, test_clock: str | None) -> Body:
    """A new customer of whom nothing is known."""
    return {
        "id": new_id("cus"),
        "object": CUSTOMER,
        "address": None,
        "balance": 0,
        "business_name": None,
        "created": context.now,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "individual_name": None,
        "invoice_prefix": random_text(8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": context.livemode,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": test_clock,
        "_tax": {"ip_address": None},
        "_cash_balance": "merchant_default",
    }


def detail(body: Body, params: dict[str, Any]) -> None:
    """Give a customer the `address`, `shipping`, `tax` and `tax_exempt` that were sent."""
    if "address" in params:
        body["address"] = _address(params["address"])
    if "shipping" in params:
        shipping = params["shipping"]
        body["shipping"] = shipping and {
            "address": _address(shipping["address"]),
            "name": shipping["name"],
            "phone": shipping.get("phone"),
        }
    if "tax_exempt" in params:
        body["tax_exempt"] = params["tax_exempt"] or "none"
    tax = params.get("tax", {})
    copy(body["_tax"], tax, "ip_address")


def _address(params: dict[str, Any] | None) -> Body | None:
    return None if params is None else {name: params.get(name) for name in _ADDRESS}
