"""Invoice item: what waits for the next invoice, such as usage at a price that was swapped, or what somebody writes.

https://docs.stripe.com/api/invoiceitems
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from stripe_local.calculation.discounts import Taken
from stripe_local.resources import clocks
from stripe_local.resources.products import tax_rates
from stripe_local.resources.shared import CREATED, NO_CUSTOMER_ACCOUNTS, deleted, existing
from stripe_local.resources.usage import threshold_watch
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import CUSTOMER, INVOICE, PRICE, SUBSCRIPTION
from stripe_local.store.objects import Body, Where, equal, public
from stripe_local.wire.currencies import Currency
from stripe_local.wire.errors import StripeError, invalid, missing_param
from stripe_local.wire.expand import Nested, Ref, register
from stripe_local.wire.operation import Context, delete, get, post
from stripe_local.wire.pagination import PAGE, list_object, page, range_conditions
from stripe_local.wire.params import Bool, Param, Refused, Str

from . import charges, discounts, invoice_totals, written_lines

KIND = "invoiceitem"

CREATE: dict[str, Param] = {
    **written_lines.ITEM,
    "currency": Currency(),
    "customer": Str(clearable=False),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    "invoice": Str(clearable=False),
    "subscription": Str(clearable=False),
}
UPDATE: dict[str, Param] = {
    **written_lines.ITEM,
    "invoicing_rules": Refused("there are no rules of when an item is invoiced.", clearable=True),
}
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
    return keep(context, subscription["customer"], subscription["id"], line, at)


def pending(context: Context, subscription: Body, *, but: frozenset[str] = frozenset()) -> list[Body]:
    """What waits for the subscription's next invoice, oldest first, recounted; without the items whose ids are in `but`.

    What waits for the customer's next invoice, whichever it is, is on it too.
    """
    return of_customer(context, subscription["customer"], subscription["currency"], (subscription["id"], None), but=but)


def of_customer(
    context: Context,
    customer: str,
    currency: str,
    subscriptions: tuple[str | None, ...] | None = None,
    *,
    but: frozenset[str] = frozenset(),
) -> list[Body]:
    """What waits for a customer's next invoice in a currency, oldest first, recounted: of these subscriptions, or of all."""
    found = [
        body
        for body in context.objects.find(KIND, [equal("customer", customer), Where("invoice", "is null", None)])
        if body["id"] not in but
        and body["_line"]["currency"] == currency
        and (subscriptions is None or body["_subscription"] in subscriptions)
    ]
    for body in found:
        (body["_line"],) = charges.together(context, charges.recounted(context, [body["_line"]]))
    return found


def drop_prorations(context: Context, subscription_id: str) -> None:
    """Remove the prorations that wait for the subscription's next invoice."""
    for body in context.objects.find(KIND, [equal("_subscription", subscription_id), Where("invoice", "is null", None)]):
        if body["_line"]["proration"]:
            context.objects.remove(KIND, body["id"])


def keep(context: Context, customer: str, subscription: str | None, line: Body, at: int, invoice: str | None = None) -> Body:
    """Store the item of a written line; it waits, or is on an `invoice`."""
    body: Body = {"id": line["invoice_item"], "object": KIND, "created": at, "invoice": invoice, "customer": customer}
    body |= {"livemode": context.livemode, "test_clock": context.test_clock, "_subscription": subscription, "_line": line}
    if invoice is None:
        threshold_watch.of_customers(context, [customer])
    return context.objects.insert(KIND, body)


def _render(context: Context, body: Body) -> Body:
    line: dict[str, Any] = body["_line"]
    off = line.get("taken", dict.fromkeys(line.get("net_of", ()), 0))
    discountable = invoice_totals.is_discountable(line)
    return {
        **public(body, ("created",)),
        "amount": line["amount"],
        "currency": line["currency"],
        "customer_account": None,
        "date": body["created"],
        "description": line["description"],
        "discountable": discountable,
        "discounts": line.get("discounts", []),
        "frozen_fields": ["pricing", "quantity", "discounts"] if line["proration"] else [],
        "invoicing_rules": [],
        "metadata": line["metadata"],
        # https://docs.stripe.com/changelog/clover/2025-09-30/itemize-proration-discount-amounts; recorded without both otherwise.
        **({} if discountable else {"net_amount": line["amount"] - sum(off.values())}),
        "parent": body["_subscription"]
        and {
            "subscription_details": {
                "subscription": body["_subscription"],
                **({} if line["item"] is None else {"subscription_item": line["item"]}),
            },
            "type": "subscription_details",
        },
        "period": line["period"],
        "pricing": line["price"]
        and {
            "price_details": {"price": line["price"], "product": line["product"]},
            "type": "price_details",
            "unit_amount_decimal": line["unit_amount_decimal"],
        },
        "proration": line["proration"],
        **({"proration_details": _proration_details(off)} if line["proration"] else {}),
        "quantity": int(Decimal(line["quantity"])),
        "quantity_decimal": line["quantity"],
        "tax_rates": tax_rates.shown(context, line.get("tax_rates", [])),
        "test_clock": body.get("test_clock"),
    }


def _proration_details(off: Taken) -> Body:
    return {"credited_items": None, "discount_amounts": [{"amount": amount, "discount": id} for id, amount in off.items()]}


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


# Writing them


def _owner(context: Context) -> tuple[Body, Body | None]:
    """Whose the new item is (`customer`, `currency`, the subscription's `id` or None), and the draft that it goes on."""
    params = context.params
    invoice = subscription = None
    if params.get("invoice") is not None:
        invoice = existing(context, INVOICE, "invoice", params["invoice"], "invoice")
        if invoice["status"] != "draft":
            raise not_editable("The invoice is not a draft, so no item can be added to it.", "invoice")
    if params.get("subscription") is not None:
        subscription = existing(context, SUBSCRIPTION, "subscription", params["subscription"], "subscription")
    owners = {found["customer"] for found in (invoice, subscription) if found is not None}
    if params.get("customer") is None and not owners:
        raise missing_param("customer")
    customer = existing(context, CUSTOMER, "customer", params.get("customer") or min(owners), "customer")
    if owners - {customer["id"]}:
        raise invalid("The invoice or the subscription belongs to another customer.", "customer")
    currency = invoice["currency"] if invoice else subscription["currency"] if subscription else params.get("currency")
    currency = currency or (params.get("price_data") or {}).get("currency") or _currency_of(context, customer)
    return owner_of(context, customer["id"], str(currency), params.get("subscription"), invoice), invoice


def owner_of(context: Context, customer: str, currency: str, subscription: str | None, invoice: Body | None) -> Body:
    """Whose an item is, with the `discounts` that its invoice and its subscription have."""
    of = None if subscription is None else context.objects.get(SUBSCRIPTION, subscription)
    found = [*(invoice["discounts"] if invoice else ()), *(of["discounts"] if of else ())]
    return {"id": subscription, "customer": customer, "currency": currency, "discounts": found}


def _currency_of(context: Context, customer: Body) -> str:
    price = context.objects.get(PRICE, (context.params.get("pricing") or {}).get("price", ""))
    if price is not None and customer["currency"] not in price["currency_options"]:
        return str(price["currency"])
    return str(customer["currency"] or "usd")


def create(context: Context) -> Body:
    """`POST /v1/invoiceitems`: for the customer's next invoice, the subscription's, or a draft."""
    owner, invoice = _owner(context)
    line = written_lines.new(context, context.params, "", owner, id=new_id("ii"), at=context.now)
    customer = existing(context, CUSTOMER, "customer", owner["customer"], "customer")
    if customer["currency"] is None:
        customer["currency"] = owner["currency"]
        context.objects.put(CUSTOMER, customer)
    body = keep(context, owner["customer"], owner["id"], line, context.now, invoice["id"] if invoice else None)
    if invoice is not None:
        rewrite(context, invoice, [*invoice["_lines"], line])
    return _render(context, body)


def rewrite(context: Context, invoice: Body, lines: list[Body]) -> None:
    """Give a draft these lines, and the totals that come of them."""
    invoice["_lines"] = charges.recounted(context, lines)
    invoice_totals.total(context, invoice)
    context.objects.put(INVOICE, invoice)


def not_editable(message: str, param: str | None = None) -> StripeError:
    """400 for a change of an invoice that is final."""
    return invalid(message, param, "invoice_not_editable")


def _editable(context: Context) -> tuple[Body, Body | None]:
    """The item that the path names, and the draft that it is on. Raises StripeError."""
    body = existing(context, KIND, "invoiceitem", context.path["invoiceitem"], "invoiceitem", in_path=True)
    invoice = None if body["invoice"] is None else context.objects.get(INVOICE, body["invoice"])
    if invoice is not None and invoice["status"] != "draft":
        raise not_editable("The invoice item is on an invoice that is not a draft any more, so it cannot be changed.")
    return body, invoice


def update(context: Context) -> Body:
    """`POST /v1/invoiceitems/{invoiceitem}`: as long as it waits, or is on a draft."""
    body, invoice = _editable(context)
    change(context, body, invoice, context.params, "")
    return _render(context, body)


_FROZEN = ("pricing", "price_data", "unit_amount_decimal", "quantity", "quantity_decimal", "discounts")


def change(context: Context, body: Body, invoice: Body | None, wanted: dict[str, Any], here: str) -> None:
    """Change an item's line, also on its draft. Raises StripeError."""
    line = body["_line"]
    if invoice is not None:
        line = next(line for line in invoice["_lines"] if line["invoice_item"] == body["id"])
    frozen = [name for name in _FROZEN if name in wanted]
    if line["proration"] and frozen:
        raise invalid(f"A proration's `{frozen[0]}` cannot be changed.", frozen[0] if not here else f"{here}[{frozen[0]}]")
    owner = owner_of(context, body["customer"], line["currency"], body["_subscription"], invoice)
    new_line = written_lines.changed(context, line, wanted, here, owner)
    body["_line"] = new_line
    context.objects.put(KIND, body)
    if invoice is not None:
        rewrite(context, invoice, [new_line if one["invoice_item"] == body["id"] else one for one in invoice["_lines"]])


def decorate(context: Context, invoice: Body, line: Body, wanted: dict[str, Any], here: str) -> None:
    """Change what a subscription's own line on a draft says, but for what it costs. Raises StripeError."""
    owner = owner_of(context, invoice["customer"], line["currency"], line["subscription"], invoice)
    new_line = written_lines.changed(context, line, wanted, here, owner)
    if "description" in wanted:
        new_line["said"] = wanted["description"]
    rewrite(context, invoice, [new_line if one["id"] == line["id"] else one for one in invoice["_lines"]])


def delete_(context: Context) -> Body:
    """`DELETE /v1/invoiceitems/{invoiceitem}`: as long as it waits, or is on a draft."""
    body, invoice = _editable(context)
    context.objects.remove(KIND, body["id"])
    if invoice is not None:
        rewrite(context, invoice, [line for line in invoice["_lines"] if line["invoice_item"] != body["id"]])
    return deleted(KIND, body["id"])


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
        "test_clock": Ref(clocks.KIND),
    },
    render,
)

OPERATIONS = [
    post("/v1/invoiceitems", create, CREATE),
    get("/v1/invoiceitems", list_, LIST),
    get("/v1/invoiceitems/{invoiceitem}", retrieve),
    post("/v1/invoiceitems/{invoiceitem}", update, UPDATE),
    delete("/v1/invoiceitems/{invoiceitem}", delete_),
]
