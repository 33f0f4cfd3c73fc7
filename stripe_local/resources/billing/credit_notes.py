"""Credit note: what is taken back of an invoice that is final. https://docs.stripe.com/api/credit_notes

It takes from what is still due of the invoice; what is more than that is refunded, credited to the customer's balance, or given
back elsewhere. https://docs.stripe.com/invoicing/integration/programmatic-credit-notes
"""

from __future__ import annotations

from typing import Any

from stripe_local.resources.products import tax_rates
from stripe_local.resources.shared import CREATED, NO_CUSTOMER_ACCOUNTS, TAX_RATES, existing, merge_metadata
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import CUSTOMER, INVOICE
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.errors import invalid, missing_param
from stripe_local.wire.expand import Nested, Ref, register, unavailable
from stripe_local.wire.operation import Context, get, post
from stripe_local.wire.pagination import DEFAULT_LIMIT, PAGE, list_object, page, page_of, range_conditions
from stripe_local.wire.params import Dec, Enum, Int, ListOf, Metadata, Obj, Param, Refused, Str, Timestamp

from . import credit_note_amounts, customer_balance, invoice_collection, invoice_effects, payments
from .credit_note_amounts import LINE

KIND = "credit_note"

_MOST = 999_999_999_999
_NOT_REPORTED = "payments are not reported here."
_LINE: dict[str, Param] = {
    "amount": Int(minimum=-_MOST, maximum=_MOST),
    "description": Str(clearable=False),
    "invoice_line_item": Str(clearable=False),
    "metadata": Metadata(clearable=False),
    "quantity": Int(minimum=1),
    "tax_amounts": Refused("taxes come from the invoice's line, or from tax rates ('tax_rates').", clearable=True),
    "tax_rates": TAX_RATES,
    "type": Enum("custom_line_item", "invoice_line_item", required=True),
    "unit_amount": Int(minimum=0, maximum=_MOST),
    "unit_amount_decimal": Dec(minimum=0, maximum=_MOST),
}
_REFUND: dict[str, Param] = {
    "amount_refunded": Int(minimum=1),
    "payment_record_refund": Refused(_NOT_REPORTED),
    "refund": Str(clearable=False),
    "type": Enum("payment_record_refund", "refund", refused={"payment_record_refund": _NOT_REPORTED}),
}
CREATE: dict[str, Param] = {
    "amount": Int(minimum=1, maximum=_MOST),
    "credit_amount": Int(minimum=0, maximum=_MOST),
    "effective_at": Timestamp(),
    "email_type": Enum("credit_note", "none"),
    "invoice": Str(required=True),
    "lines": ListOf(Obj(_LINE), max_items=250),
    "memo": Str(clearable=False),
    "metadata": Metadata(clearable=False),
    "out_of_band_amount": Int(minimum=0, maximum=_MOST),
    "reason": Enum("duplicate", "fraudulent", "order_change", "product_unsatisfactory"),
    "refund_amount": Int(minimum=0, maximum=_MOST),
    "refunds": ListOf(Obj(_REFUND)),
    "shipping_cost": Refused("invoices have no shipping here."),
}
UPDATE: dict[str, Param] = {"memo": Str(clearable=False), "metadata": Metadata(clearable=False)}
LIST: dict[str, Param] = {
    "created": CREATED,
    "customer": Str(),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    "invoice": Str(),
    **PAGE,
}


# What it is of


def _issued(context: Context, invoice: Body) -> list[Body]:
    return context.objects.find(KIND, [equal("invoice", invoice["id"]), equal("status", "issued")])


def _lines(context: Context, invoice: Body, issued: list[Body]) -> list[Body]:
    """The lines that the parameters ask for. Raises StripeError."""
    params = context.params
    wanted = params.get("lines")
    if not wanted:
        if "amount" not in params:
            raise invalid("One of `amount`, `lines`, or `shipping_cost` must be provided.", "amount", "parameter_missing")
        return [credit_note_amounts.of_an_amount(context, invoice, params["amount"])]
    found: list[Body] = []
    credited = [line for note in issued for line in note["_lines"]]
    for index, one in enumerate(wanted):
        here = f"lines[{index}]"
        if one["type"] == "custom_line_item":
            found.append(credit_note_amounts.custom_line(context, invoice, one, here))
        else:
            found.append(credit_note_amounts.of_invoice_line(context, invoice, [*credited, *found], one, here))
    return found


def _written(context: Context) -> tuple[Body, Body]:
    """The credit note that the parameters ask for, and its invoice. Nothing is stored. Raises StripeError."""
    params = context.params
    invoice = existing(context, INVOICE, "invoice", params["invoice"], "invoice")
    if invoice["status"] not in ("open", "paid"):
        raise invalid(
            f"Credit notes can only be created for invoices that are open or paid. This invoice is {invoice['status']}.",
            "invoice",
        )
    issued = _issued(context, invoice)
    lines = _lines(context, invoice, issued)
    amounts = credit_note_amounts.summed(context, lines)
    if params.get("amount", amounts["total"]) != amounts["total"]:
        raise invalid(f"`amount` is not what the lines come to, {amounts['total']}.", "amount")
    if amounts["total"] <= 0:
        raise invalid("The total amount of a credit note must be positive.", "amount" if "amount" in params else "lines")
    refunds = _named(context, invoice, issued)
    # What was refunded without a credit note cannot be credited as well.
    intent = payments.intent_of(context, invoice)
    linked = sum(one["amount_refunded"] for note in issued for one in note["refunds"])
    linked += sum(one["amount_refunded"] for one in refunds)
    refunded = 0 if intent is None else payments.refunded(context, intent["id"])
    left = invoice["total"] - sum(note["total"] for note in issued) - max(refunded - linked, 0)
    if amounts["total"] > left:
        raise invalid(
            f"The credit note of {amounts['total']} is more than what can still be credited of the invoice, {left}.",
            "amount" if "amount" in params else "lines",
        )
    before = min(amounts["total"], invoice["amount_remaining"])
    after = amounts["total"] - before
    given = {name: params.get(name) or 0 for name in ("refund_amount", "credit_amount", "out_of_band_amount")}
    named = sum(one["amount_refunded"] for one in refunds)
    if sum(given.values()) + named != after:
        raise invalid(
            "The sum of `refund_amount`, `refunds`, `credit_amount` and `out_of_band_amount` must be what the credit note is "
            f"more than what is due of the invoice: {after}, not {sum(given.values()) + named}.",
            next((name for name, value in given.items() if value), "refunds" if refunds else "credit_amount"),
        )
    if given["refund_amount"] and (intent is None or intent["status"] != "succeeded"):
        raise invalid("The invoice was not paid by a charge, so there is nothing to refund.", "refund_amount")
    number = 1 + len(context.objects.find(KIND, [equal("invoice", invoice["id"])]))
    id = new_id("cn")
    body: Body = {
        "id": id,
        "object": KIND,
        **amounts,
        "amount_shipping": 0,
        "created": context.now,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "customer_account": None,
        "customer_balance_transaction": None,
        "effective_at": params.get("effective_at", context.now),
        "invoice": invoice["id"],
        "livemode": context.livemode,
        "memo": params.get("memo"),
        "metadata": {},
        "number": f"{invoice['number']}-CN-{number:02d}",
        "out_of_band_amount": given["out_of_band_amount"] or None,
        "pdf": f"{context.settings.base_url}/credit_notes/{id}/pdf",
        "post_payment_amount": after,
        "pre_payment_amount": before,
        "reason": params.get("reason"),
        "refunds": refunds,
        "shipping_cost": None,
        "status": "issued",
        "type": "mixed" if before and after else "post_payment" if after else "pre_payment",
        "voided_at": None,
        "_lines": lines,
    }
    merge_metadata(body, params)
    return body, invoice


def _named(context: Context, invoice: Body, issued: list[Body]) -> list[Body]:
    """The refunds that are linked. Raises StripeError for those of another payment, or more than is left of one."""
    found: list[Body] = []
    for index, wanted in enumerate(context.params.get("refunds", ())):
        here = f"refunds[{index}]"
        if wanted.get("refund") is None:
            raise missing_param(f"{here}[refund]")
        refund = existing(context, payments.REFUND, "refund", wanted["refund"], f"{here}[refund]")
        if refund["payment_intent"] != invoice.get("_payment_intent"):
            raise invalid(f"The refund {refund['id']} is not of the payment of this invoice.", f"{here}[refund]")
        linked = [one for note in issued for one in note["refunds"]] + found
        left = refund["amount"] - sum(one["amount_refunded"] for one in linked if one["refund"] == refund["id"])
        amount = wanted.get("amount_refunded", left)
        if not 0 < amount <= left:
            raise invalid(f"Of the refund {refund['id']}, {left} is in no credit note yet.", f"{here}[amount_refunded]")
        found.append(_refunded(refund["id"], amount))
    return found


def _refunded(refund: str, amount: int) -> Body:
    return {"amount_refunded": amount, "payment_record_refund": None, "refund": refund, "type": "refund"}


def create(context: Context) -> Body:
    """`POST /v1/credit_notes`: of an invoice that is open or paid."""
    params = context.params
    body, invoice = _written(context)
    intent = payments.intent_of(context, invoice)
    if params.get("refund_amount") and intent is not None:
        refund = payments.refund(context, intent, params["refund_amount"], None, "refund_amount")
        body["refunds"] = [*body["refunds"], _refunded(refund["id"], refund["amount"])]
    if params.get("credit_amount"):
        customer = existing(context, CUSTOMER, "customer", invoice["customer"], "invoice")
        made = customer_balance.change(
            context,
            customer,
            -params["credit_amount"],
            "credit_note",
            context.now,
            invoice=invoice["id"],
            currency=invoice["currency"],
            credit_note=body["id"],
        )
        context.objects.put(CUSTOMER, customer)
        body["customer_balance_transaction"] = made["id"]
    if body["pre_payment_amount"]:
        invoice_collection.credit(context, invoice, body["pre_payment_amount"], context.now)
    invoice["post_payment_credit_notes_amount"] += body["post_payment_amount"]
    context.objects.put(INVOICE, invoice)
    context.objects.insert(KIND, body)
    if body["pre_payment_amount"] and invoice["status"] == "paid":
        invoice_effects.follow(context, invoice, context.now)
    return _rendered(context, body)


def preview(context: Context) -> Body:
    """`GET /v1/credit_notes/preview`: what `create` would make."""
    return _rendered(context, _previewed(context))


def preview_lines(context: Context) -> Body:
    """`GET /v1/credit_notes/preview/lines`."""
    return _page(context, _previewed(context), "/v1/credit_notes/preview/lines")


def _previewed(context: Context) -> Body:
    """A preview, of which each line has the same id every time, so that there are pages of them."""
    body, invoice = _written(context)
    for place, line in enumerate(body["_lines"]):
        line["id"] = f"cnli_{invoice['id'].removeprefix('in_')}{place}"
    return body


# What is there


def _existing(context: Context) -> Body:
    return existing(context, KIND, "credit_note", context.path["id"], "id", in_path=True)


def _shown_line(context: Context, line: Body) -> Body:
    return {**public(line), "tax_rates": tax_rates.shown(context, line["_rates"])}


def _rendered(context: Context, body: Body) -> Body:
    shown = [_shown_line(context, line) for line in body["_lines"]]
    listed = list_object(f"/v1/credit_notes/{body['id']}/lines", shown[:DEFAULT_LIMIT], len(shown) > DEFAULT_LIMIT)
    return {**public(body), "lines": listed}


def _page(context: Context, body: Body, url: str) -> Body:
    found, more = page_of([_shown_line(context, line) for line in body["_lines"]], "line item", context.params)
    return {**list_object(url, found, more), "_type": LINE}


def render(context: Context, id: str) -> Body:
    """The credit note with this id."""
    return _rendered(context, existing(context, KIND, "credit_note", id, "id", in_path=True))


def retrieve(context: Context) -> Body:
    """`GET /v1/credit_notes/{id}`."""
    return _rendered(context, _existing(context))


def lines_(context: Context) -> Body:
    """`GET /v1/credit_notes/{credit_note}/lines`."""
    body = existing(context, KIND, "credit_note", context.path["credit_note"], "credit_note", in_path=True)
    return _page(context, body, f"/v1/credit_notes/{body['id']}/lines")


def update(context: Context) -> Body:
    """`POST /v1/credit_notes/{id}`: its memo and metadata."""
    body = _existing(context)
    body["memo"] = context.params.get("memo", body["memo"])
    merge_metadata(body, context.params)
    return _rendered(context, context.objects.put(KIND, body))


def void(context: Context) -> Body:
    """`POST /v1/credit_notes/{id}/void`: of an invoice that is still open, of which as much is due again."""
    body = _existing(context)
    if body["status"] == "void":
        raise invalid("The credit note is already void.")
    invoice: dict[str, Any] | None = context.objects.get(INVOICE, body["invoice"])
    if invoice is None or invoice["status"] != "open":
        raise invalid("You can only void a credit note if the associated invoice is open.")
    body["status"], body["voided_at"] = "void", context.now
    invoice_collection.credit(context, invoice, -body["pre_payment_amount"], context.now)
    context.objects.put(INVOICE, invoice)
    return _rendered(context, context.objects.put(KIND, body))


def list_(context: Context) -> Body:
    """`GET /v1/credit_notes`."""
    params = context.params
    conditions = [equal(name, params[name]) for name in ("customer", "invoice") if params.get(name)]
    conditions += range_conditions("created", params.get("created"))
    found, more = page(context.objects, KIND, "credit_note", params, conditions)
    return {**list_object("/v1/credit_notes", [_rendered(context, body) for body in found], more), "_type": KIND}


INDEXED = {KIND: ("customer", "invoice")}

_AMOUNTS = {
    "discount_amounts.discount": Ref("discount"),
    "pretax_credit_amounts.credit_balance_transaction": Ref("billing.credit_balance_transaction"),
    "pretax_credit_amounts.discount": Ref("discount"),
}
register(LINE, {**_AMOUNTS, "tax_rates": Nested("tax_rate"), "taxes.tax_rate_details.tax_rate": Ref("tax_rate")})
register(
    KIND,
    {
        **_AMOUNTS,
        "customer": Ref("customer"),
        "customer_balance_transaction": Ref(customer_balance.KIND),
        "invoice": Ref("invoice"),
        "lines": Nested(LINE),
        "lines.data": Nested(LINE),
        "refunds.refund": Ref(payments.REFUND),
        "total_taxes.tax_rate_details.tax_rate": Ref("tax_rate"),
        **unavailable("shipping_cost.shipping_rate"),
    },
    render,
)

_PATH = "/v1/credit_notes"
OPERATIONS = [
    post(_PATH, create, CREATE),
    get(_PATH, list_, LIST),
    get(f"{_PATH}/preview", preview, CREATE),
    get(f"{_PATH}/preview/lines", preview_lines, {**CREATE, **PAGE}),
    get(f"{_PATH}/{{id}}", retrieve),
    get(f"{_PATH}/{{credit_note}}/lines", lines_, PAGE),
    post(f"{_PATH}/{{id}}", update, UPDATE),
    post(f"{_PATH}/{{id}}/void", void),
]
