"""Invoice item: what waits for the next invoice, such as usage at a price that was swapped.

https://docs.stripe.com/api/invoiceitems
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from stripe_local.resources.products import tax_rates
from stripe_local.resources.shared import CREATED, NO_CUSTOMER_ACCOUNTS, existing
from stripe_local.store.ids import new_id
from stripe_local.store.objects import Body, Where, equal, public
from stripe_local.wire.expand import Nested, Ref, Unavailable, register
from stripe_local.wire.operation import Context, get
from stripe_local.wire.pagination import PAGE, list_object, page, range_conditions
from stripe_local.wire.params import Bool, Param, Str

from . import charges, discounts, invoice_totals

KIND = "invoiceitem"

LIST: dict[str, Param] = {
    "created": CREATED,
    "customer": Str(),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    "invoice": Str(),
    "pending": Bool(),
    **PAGE,
}


def add(
    context: Context,
    subscription: Body,
    line: Body,
    at: int,
    wanted: list[dict[str, str]] | None = None,
    param: str = "discounts",
) -> Body:
    """Keep a line for the subscription's next invoice, with discounts of its own where they are `wanted`. Raises StripeError."""
    id = new_id("ii")
    line = {**line, "invoice_item": id}
    if wanted:
        what = "an invoice item"
        line["discounts"] = discounts.given(context, wanted, param, subscription, of={"invoice_item": id}, what=what)
    body: Body = {"id": id, "object": KIND, "created": at, "invoice": None, "customer": subscription["customer"]}
    return context.objects.insert(
        KIND, {**body, "livemode": context.livemode, "_subscription": subscription["id"], "_line": line}
    )


def pending(context: Context, subscription_id: str, *, but: frozenset[str] = frozenset()) -> list[Body]:
    """What waits for the subscription's next invoice, oldest first, recounted; without the items whose ids are in `but`."""
    found = context.objects.find(KIND, [equal("_subscription", subscription_id), Where("invoice", "is null", None)])
    found = [body for body in found if body["id"] not in but]
    for body in found:
        (body["_line"],) = charges.together(context, charges.recounted(context, [body["_line"]]))
    return found


def drop_prorations(context: Context, subscription_id: str) -> None:
    """Remove the prorations that wait for the subscription's next invoice."""
    for body in pending(context, subscription_id):
        if body["_line"]["proration"]:
            context.objects.remove(KIND, body["id"])


def _render(context: Context, body: Body) -> Body:
    line: dict[str, Any] = body["_line"]
    off = line.get("taken", {})
    return {
        **public(body, ("created",)),
        "amount": line["amount"],
        "currency": line["currency"],
        "customer_account": None,
        "date": body["created"],
        "description": line["description"],
        "discountable": invoice_totals.is_discountable(line),
        "discounts": line.get("discounts", []),
        "frozen_fields": ["pricing", "quantity", "discounts"] if line["proration"] else [],
        "invoicing_rules": [],
        "metadata": line["metadata"],
        "net_amount": line["amount"] - sum(off.values()),
        "parent": {
            "subscription_details": {
                "subscription": body["_subscription"],
                **({} if line["item"] is None else {"subscription_item": line["item"]}),
            },
            "type": "subscription_details",
        },
        "period": line["period"],
        "pricing": {
            "price_details": {"price": line["price"], "product": line["product"]},
            "type": "price_details",
            "unit_amount_decimal": line["unit_amount_decimal"],
        },
        "proration": line["proration"],
        "proration_details": {
            "credited_items": None,
            "discount_amounts": [{"amount": amount, "discount": id} for id, amount in off.items()],
        },
        "quantity": int(Decimal(line["quantity"])),
        "quantity_decimal": line["quantity"],
        "tax_rates": tax_rates.shown(context, line.get("tax_rates", [])),
        "test_clock": None,
    }


def render(context: Context, id: str) -> Body:
    """The invoice item as Stripe shows it; what still waits is recounted."""
    body = existing(context, KIND, "invoiceitem", id, "invoiceitem", in_path=True)
    if body["invoice"] is None:
        (body["_line"],) = charges.together(context, charges.recounted(context, [body["_line"]]))
    return _render(context, body)


def retrieve(context: Context) -> Body:
    """`GET /v1/invoiceitems/{invoiceitem}`."""
    return render(context, context.path["invoiceitem"])


def list_(context: Context) -> Body:
    """`GET /v1/invoiceitems`."""
    params = context.params
    conditions = [equal(name, params[name]) for name in ("customer", "invoice") if name in params]
    if "pending" in params:
        conditions.append(Where("invoice", "is null" if params["pending"] else "is not null", None))
    conditions += range_conditions("created", params.get("created"))
    found, more = page(context.objects, KIND, "invoiceitem", params, conditions)
    data = [render(context, body["id"]) for body in found]
    return {**list_object("/v1/invoiceitems", data, more), "_type": KIND}


INDEXED = {KIND: ("customer", "invoice", "_subscription")}

register(
    KIND,
    {
        "customer": Ref("customer"),
        "invoice": Ref("invoice"),
        "pricing.price_details.price": Ref("price"),
        "discounts": Ref("discount"),
        "proration_details.discount_amounts.discount": Ref("discount"),
        "tax_rates": Nested("tax_rate"),
        "test_clock": Unavailable(),
    },
    render,
)

OPERATIONS = [get("/v1/invoiceitems", list_, LIST), get("/v1/invoiceitems/{invoiceitem}", retrieve)]
