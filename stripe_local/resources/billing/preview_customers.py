"""Whom a preview is for: a customer, with other details than theirs if asked for, or one that there is not yet.

https://docs.stripe.com/api/invoices/create_preview#create_create_preview-customer_details. Such a customer is really made, in the
transaction of the preview, which is thrown away.
"""

from __future__ import annotations

from stripe_local.resources.shared import ADDRESS, SHIPPING, existing
from stripe_local.store.kinds import CUSTOMER
from stripe_local.store.objects import Body
from stripe_local.wire.errors import missing_param
from stripe_local.wire.operation import Context
from stripe_local.wire.params import Enum, ListOf, Obj, Param, Refused

from . import new_customer, tax_ids

DETAILS: dict[str, Param] = {
    "address": ADDRESS,
    "shipping": SHIPPING,
    "tax": Refused("no tax is computed from places here."),
    "tax_exempt": Enum("exempt", "none", "reverse", clearable=True),
    "tax_ids": ListOf(Obj(tax_ids.TAX_ID), max_items=5),
}


def detail(context: Context, id: str) -> None:
    """Give a customer the details that the preview is asked about."""
    details = context.params.get("customer_details")
    if details is None:
        return
    body = existing(context, CUSTOMER, "customer", id, "customer")
    new_customer.detail(body, details)
    context.objects.put(CUSTOMER, body)
    if "tax_ids" in details:
        for number in tax_ids.of_customer(context, id):
            context.objects.remove(tax_ids.KIND, number["id"])
        for wanted in details["tax_ids"]:
            tax_ids.make(context, id, wanted)


def of_new(context: Context) -> Body:
    """The customer of what does not exist yet: the one that is named, else one with these details. Raises StripeError."""
    id = context.params.get("customer")
    if id is None:
        if "customer_details" not in context.params:
            raise missing_param("customer")
        id = context.objects.insert(CUSTOMER, new_customer.blank(context, None))["id"]
    existing(context, CUSTOMER, "customer", id, "customer")
    detail(context, id)
    return existing(context, CUSTOMER, "customer", id, "customer")
