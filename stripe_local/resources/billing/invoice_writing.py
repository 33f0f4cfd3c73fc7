"""Invoices that are written, and what is done with any invoice: it is finalized, paid, void, given up, deleted.

https://docs.stripe.com/invoicing/overview, https://docs.stripe.com/invoicing/integration/workflow-transitions
"""

from __future__ import annotations

from typing import Any

from stripe_local.resources.payment_methods import payment_methods
from stripe_local.resources.products import tax_rates
from stripe_local.resources.shared import SHIPPING, deleted, existing, merge_metadata
from stripe_local.resources.webhooks import events
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import CUSTOMER, INVOICE, SUBSCRIPTION
from stripe_local.store.objects import Body, equal
from stripe_local.wire.errors import StripeError, exclusive_params, invalid, missing_param
from stripe_local.wire.operation import Context, delete, post
from stripe_local.wire.params import Obj

from . import discounts, invoice_collection, invoice_effects, invoice_items, invoice_totals, invoices, payments, subscriptions
from .invoice_items import not_editable
from .invoice_parameters import ADD_LINES, CREATE, FINALIZE, PAY, REMOVE_LINES, UPDATE, UPDATE_LINE, UPDATE_LINES
from .written_lines import new as written_line

_DAY = 86400
_HOUR = 3600

# https://docs.stripe.com/api/invoices/create#create_invoice-automatically_finalizes_at
_LATEST_FINALIZATION = 5 * 365 * _DAY

_PLAIN = ("custom_fields", "description", "footer", "statement_descriptor", "number", "effective_at")


def _invoice(context: Context, param: str = "id") -> Body:
    return existing(context, INVOICE, "invoice", context.path["invoice"], param, in_path=True)


def _shown(context: Context, body: Body) -> Body:
    return invoices.rendered(context, body)


def _subscription(context: Context, body: Body) -> Body | None:
    id = body["_subscription"]
    return None if id is None else context.objects.get(SUBSCRIPTION, id)


def _customer(context: Context, body: Body) -> Body:
    customer = context.objects.get(CUSTOMER, body["customer"])
    assert customer is not None
    return customer


# Writing


def create(context: Context) -> Body:
    """`POST /v1/invoices`: a draft, without what waits for the customer's next invoice unless it is to `include` that."""
    params, now = context.params, context.now
    subscription = None
    if params.get("subscription") is not None:
        subscription = existing(context, SUBSCRIPTION, "subscription", params["subscription"], "subscription")
        if params.get("customer") not in (None, subscription["customer"]):
            raise invalid(
                f"The subscription {subscription['id']} does not belong to the customer {params['customer']}.", "subscription"
            )
    elif params.get("customer") is None:
        raise missing_param("customer")
    id = subscription["customer"] if subscription is not None else params["customer"]
    customer = existing(context, CUSTOMER, "customer", id, "customer")
    currency = subscription["currency"] if subscription is not None else customer["currency"] or "usd"
    if params.get("currency", currency) != currency and subscription is not None:
        raise invalid(f"The subscription {subscription['id']} is in {currency}.", "currency")
    body = invoices.blank(
        context, customer, currency=str(params.get("currency", currency)), reason="manual", at=now, period=(now, now)
    )
    waiting: list[Body] = []
    if subscription is not None:
        body["_subscription"] = subscription["id"]
        details = {"metadata": subscription["metadata"], "subscription": subscription["id"]}
        body["parent"] = {"quote_details": None, "subscription_details": details, "type": "subscription_details"}
        body["default_tax_rates"] = subscription["default_tax_rates"]
    if params.get("pending_invoice_items_behavior") == "include" or subscription is not None:
        of = None if subscription is None else (subscription["id"],)
        waiting = invoice_items.of_customer(context, customer["id"], body["currency"], of)
        # https://docs.stripe.com/api/invoices/object#invoice_object-lines: the newest first; what is added later comes last.
        body["_lines"] = [item["_line"] for item in reversed(waiting)]
    settings = customer["invoice_settings"]
    body["footer"], body["custom_fields"] = settings["footer"], settings["custom_fields"]
    if "discounts" not in params:
        body["discounts"] = discounts.of_customer(context, customer, now)
    _apply(context, body, params)
    invoice_totals.total(context, body)
    context.objects.insert(INVOICE, body)
    for item in waiting:
        context.objects.put(invoice_items.KIND, {**item, "invoice": body["id"]})
    return _shown(context, body)


def _apply(context: Context, body: Body, params: dict[str, Any]) -> None:
    """Set what was sent of a draft. Raises StripeError when it does not go together."""
    for name in _PLAIN:
        if name in params:
            body[name] = params[name]
    if params.get("number") and context.objects.exists(INVOICE, equal("number", params["number"])):
        raise invalid(f"The invoice number {params['number']} is already used.", "number")
    if "default_payment_method" in params:
        method = params["default_payment_method"]
        body["default_payment_method"] = method and payment_methods.attach(
            context, body["customer"], method, "default_payment_method"
        )
    if "default_tax_rates" in params:
        body["default_tax_rates"] = tax_rates.given(context, params["default_tax_rates"], "default_tax_rates")
    if "discounts" in params:
        owner = invoice_items.owner_of(context, body["customer"], body["currency"], body["_subscription"], None)
        body["discounts"] = discounts.given(
            context, params["discounts"], "discounts", owner, of={"invoice": body["id"]}, has=body["discounts"], what="an invoice"
        )
    if "shipping_details" in params:
        details = params["shipping_details"]
        body["shipping_details"] = details and {
            "address": {name: details["address"].get(name) for name in _parts_of_an_address()},
            "name": details["name"],
            "phone": details.get("phone"),
        }
    if "rendering" in params:
        body["rendering"] = {**(body["rendering"] or {}), **params["rendering"]}
    types = params.get("payment_settings", {})
    if "payment_method_types" in types:
        body["payment_settings"]["payment_method_types"] = types["payment_method_types"]
    _apply_collection(context, body, params)
    merge_metadata(body, params)


def _parts_of_an_address() -> list[str]:
    address = SHIPPING.fields["address"]
    assert isinstance(address, Obj)
    return list(address.fields)


def _apply_collection(context: Context, body: Body, params: dict[str, Any]) -> None:
    """How and when the invoice is collected: by a charge or by sending it, and whether by itself."""
    body["collection_method"] = params.get("collection_method", body["collection_method"])
    due = [name for name in ("days_until_due", "due_date") if params.get(name) is not None]
    if len(due) > 1:
        raise exclusive_params("days_until_due", "due_date")
    if body["collection_method"] == "charge_automatically":
        if due:
            raise invalid(f"`{due[0]}` can only be set when `collection_method` is `send_invoice`.", due[0])
        body["due_date"] = None
    elif due == ["days_until_due"]:
        body["due_date"] = body["created"] + params["days_until_due"] * _DAY
    elif due == ["due_date"]:
        if params["due_date"] < context.now:
            raise invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", "due_date")
        body["due_date"] = params["due_date"]
    elif body["due_date"] is None:
        raise invalid("If invoice collection method is 'send_invoice', you must specify 'due_date' or 'days_until_due'.")
    if "automatically_finalizes_at" in params:
        if not params.get("auto_advance", body["auto_advance"]):
            raise invalid("`automatically_finalizes_at` can only be set with `auto_advance` true.", "automatically_finalizes_at")
        if not context.now < params["automatically_finalizes_at"] <= context.now + _LATEST_FINALIZATION:
            raise invalid("`automatically_finalizes_at` must lie in the next five years.", "automatically_finalizes_at")
    body["auto_advance"] = params.get("auto_advance", body["auto_advance"])
    if body["status"] == "draft":
        given, attempt = params.get("automatically_finalizes_at"), body["next_payment_attempt"]
        # Recorded: a second past the hour, and an attempt at the hour.
        planned = given or body["automatically_finalizes_at"] or context.now + _HOUR + 1
        invoices.schedule(body, planned if body["auto_advance"] else None)
        if given is None and body["next_payment_attempt"] is not None:
            body["next_payment_attempt"] = attempt or planned - 1


# What of an invoice can still be changed once it is final.
_ALWAYS = {"auto_advance", "expand", "metadata", "default_payment_method"}


def update(context: Context) -> Body:
    """`POST /v1/invoices/{invoice}`: a draft; of a final one only metadata, and how it is collected."""
    params, body = context.params, _invoice(context)
    if body["status"] != "draft":
        refused = sorted(params.keys() - _ALWAYS)
        if refused or (body["status"] != "open" and params.keys() - {"metadata", "expand"}):
            raise invalid("Finalized invoices can't be updated in this way", (refused or sorted(params.keys()))[0])
        _advance(context, body, params)
    else:
        _apply(context, body, params)
        invoice_totals.total(context, body)
    return _shown(context, context.objects.put(INVOICE, body))


def _advance(context: Context, body: Body, params: dict[str, Any]) -> None:
    """Change how an open invoice is collected."""
    if "default_payment_method" in params:
        method = params["default_payment_method"]
        body["default_payment_method"] = method and payment_methods.attach(
            context, body["customer"], method, "default_payment_method"
        )
    if "auto_advance" in params and body["collection_method"] == "charge_automatically":
        body["auto_advance"] = params["auto_advance"]
        planned = body["next_payment_attempt"] or context.now + _HOUR
        body["next_payment_attempt"] = body["_due"] = planned if body["auto_advance"] else None
    merge_metadata(body, params)


def delete_(context: Context) -> Body:
    """`DELETE /v1/invoices/{invoice}`: a draft that no subscription made; its items go too."""
    body = _invoice(context, "invoice")
    if body["status"] != "draft":
        raise invalid("You can only delete draft invoices.")
    if body["billing_reason"] != "manual":
        raise invalid("You can't delete invoices created by subscriptions.")
    for item in context.objects.find(invoice_items.KIND, [equal("invoice", body["id"])]):
        context.objects.remove(invoice_items.KIND, item["id"])
    context.objects.remove(INVOICE, body["id"])
    return deleted(INVOICE, body["id"])


# Lines


def _editable(context: Context) -> Body:
    body = _invoice(context, "invoice")
    if body["status"] != "draft":
        raise not_editable("The invoice is not a draft any more, so its lines cannot be changed.")
    return body


def _noted(context: Context, body: Body) -> Body:
    merge_metadata(body, {"metadata": context.params["invoice_metadata"]} if "invoice_metadata" in context.params else {})
    return _shown(context, context.objects.put(INVOICE, body))


def add_lines(context: Context) -> Body:
    """`POST /v1/invoices/{invoice}/add_lines`: new ones, or items that wait."""
    body, lines = _editable(context), []
    owner = invoice_items.owner_of(context, body["customer"], body["currency"], body["_subscription"], body)
    for index, wanted in enumerate(context.params["lines"]):
        here = f"lines[{index}]"
        if "invoice_item" in wanted:
            if len(wanted) > 1:
                raise exclusive_params(f"{here}[invoice_item]", *(f"{here}[{name}]" for name in wanted if name != "invoice_item"))
            item = existing(context, invoice_items.KIND, "invoiceitem", wanted["invoice_item"], f"{here}[invoice_item]")
            if item["invoice"] is not None or item["customer"] != body["customer"]:
                raise invalid("Only an item that waits for the customer's next invoice can be added.", f"{here}[invoice_item]")
            context.objects.put(invoice_items.KIND, {**item, "invoice": body["id"]})
            lines.append(item["_line"])
            continue
        line = written_line(context, wanted, here, owner, id=new_id("ii"), at=context.now)
        invoice_items.keep(context, body["customer"], body["_subscription"], line, context.now, body["id"])
        lines.append(line)
    invoice_items.rewrite(context, body, [*body["_lines"], *lines])
    return _noted(context, body)


def _of(body: Body, id: str, param: str, *, in_path: bool = False) -> Body:
    found: Body | None = next((line for line in body["_lines"] if line["id"] == id), None)
    if found is None:
        error = invalid(f"No such invoice line item: '{id}'", param, "resource_missing")
        error.status = 404 if in_path else 400
        raise error
    return found


# A subscription's own lines cost what its items cost.
_OF_SUBSCRIPTIONS = ("description", "discountable", "discounts", "metadata", "tax_rates", "id", "expand")


def _change(context: Context, body: Body, line: Body, wanted: dict[str, Any], here: str) -> None:
    if line["invoice_item"] is not None:
        item = context.objects.get(invoice_items.KIND, line["invoice_item"])
        assert item is not None
        invoice_items.change(context, item, body, wanted, here)
        return
    refused = [name for name in wanted if name not in _OF_SUBSCRIPTIONS]
    if refused:
        param = f"{here}[{refused[0]}]" if here else refused[0]
        raise invalid(f"`{refused[0]}` of a subscription's line cannot be changed; change the subscription instead.", param)
    invoice_items.decorate(context, body, line, wanted, here)


def update_lines(context: Context) -> Body:
    """`POST /v1/invoices/{invoice}/update_lines`."""
    body = _editable(context)
    for index, wanted in enumerate(context.params["lines"]):
        line = _of(body, wanted["id"], f"lines[{index}][id]")
        _change(context, body, line, {name: value for name, value in wanted.items() if name != "id"}, f"lines[{index}]")
    return _noted(context, body)


def update_line(context: Context) -> Body:
    """`POST /v1/invoices/{invoice}/lines/{line_item_id}`."""
    body, id = _editable(context), context.path["line_item_id"]
    line = _of(body, id, "line_item_id", in_path=True)
    _change(context, body, line, {name: value for name, value in context.params.items() if name != "expand"}, "")
    return invoices.shown_line(context, body, id)


def remove_lines(context: Context) -> Body:
    """`POST /v1/invoices/{invoice}/remove_lines`: for good, or until the customer's next invoice."""
    body, gone = _editable(context), set()
    for index, wanted in enumerate(context.params["lines"]):
        line = _of(body, wanted["id"], f"lines[{index}][id]")
        if line["invoice_item"] is None:
            raise invalid("A subscription's own line cannot be removed.", f"lines[{index}][id]")
        gone.add(line["id"])
        if wanted["behavior"] == "delete":
            context.objects.remove(invoice_items.KIND, line["invoice_item"])
        else:
            item = existing(context, invoice_items.KIND, "invoiceitem", line["invoice_item"], f"lines[{index}][id]")
            context.objects.put(invoice_items.KIND, {**item, "invoice": None, "_line": line})
    invoice_items.rewrite(context, body, [line for line in body["_lines"] if line["id"] not in gone])
    return _noted(context, body)


# What becomes of it


def _finalized(context: Context, body: Body, subscription: Body | None, later: int | None = None) -> None:
    """Finalize a draft, which is charged `later`, or not by itself."""
    invoices.finalize(context, body, subscription, context.now, collects=False, by_hand=True, later=later)
    if subscription is not None:
        subscriptions.save(context, subscription)


def finalize(context: Context) -> Body:
    """`POST /v1/invoices/{invoice}/finalize`: nothing is charged now; with `auto_advance` it is an hour later."""
    body = _invoice(context)
    if body["status"] != "draft":
        raise invalid("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
    body["auto_advance"] = context.params.get("auto_advance", body["auto_advance"])
    _finalized(context, body, _subscription(context, body), later=context.now + _HOUR if body["auto_advance"] else None)
    return _shown(context, body)


def pay(context: Context) -> Body:
    """`POST /v1/invoices/{invoice}/pay`: an open one, or a draft, which is finalized first."""
    params, body = context.params, _invoice(context)
    if body["status"] == "paid":
        raise invalid("Invoice is already paid")
    if body["status"] == "void":
        raise invalid("You can't pay a voided invoice.")
    subscription, customer = _subscription(context, body), _customer(context, body)
    if params.get("paid_out_of_band") and params.get("payment_method"):
        raise exclusive_params("paid_out_of_band", "payment_method")
    method = params.get("payment_method")
    if method is not None:
        method = payment_methods.attach(context, body["customer"], method, "payment_method")
    if body["status"] == "draft":
        body["auto_advance"] = False
        _finalized(context, body, subscription)
        customer = _customer(context, body)
        if body["status"] != "paid":
            # That it is final is told before what comes of charging it.
            events.record(context)
    failure, payment = None, payments.stored(context, body)
    if payment is None and body["status"] != "paid":
        # An invoice of a database of before payments were kept.
        payment = payments.intend(context, body, method, context.now)
        payments.keep(context, payment)
    if params.get("paid_out_of_band") and body["status"] != "paid":
        invoice_collection.pay(body, payment, context.now, out_of_band=True)
    elif body["status"] != "paid":
        if method is None and invoice_collection.payment_method(subscription, customer, body) is None:
            raise StripeError(invoice_collection.NOTHING_TO_CHARGE, code="resource_missing")
        failure = invoice_collection.attempt(
            context,
            body,
            subscription,
            customer,
            context.now,
            payment=payment,
            method=method,
            automatic=False,
            off_session=params.get("off_session", True),
        )
    if payment is not None:
        payments.put(context, payment)
    context.objects.put(INVOICE, body)
    if subscription is not None:
        context.objects.put(SUBSCRIPTION, subscription)
    invoice_effects.follow(context, body, context.now)
    if failure is not None:
        raise failure
    return _shown(context, body)


def void(context: Context) -> Body:
    """`POST /v1/invoices/{invoice}/void`: an open one, or one that was given up."""
    body = _invoice(context)
    if body["status"] == "paid":
        raise invalid("Invoices with `paid` payments cannot be voided.")
    if body["status"] not in ("open", "uncollectible"):
        raise invalid("You can only pass in open invoices. This invoice isn't open.")
    invoice_collection.void(context, body, _customer(context, body), context.now)
    context.objects.put(INVOICE, body)
    invoice_effects.follow(context, body, context.now)
    return _shown(context, body)


def mark_uncollectible(context: Context) -> Body:
    """`POST /v1/invoices/{invoice}/mark_uncollectible`: an open one, which can still be paid."""
    body = _invoice(context)
    if body["status"] == "uncollectible":
        raise invalid("This invoice has already been marked uncollectible.")
    if body["status"] != "open":
        raise invalid("You can only pass in open invoices. This invoice isn't open.")
    invoice_collection.mark_uncollectible(body, context.now, "user_forgiven")
    context.objects.put(INVOICE, body)
    invoice_effects.follow(context, body, context.now)
    return _shown(context, body)


def send(context: Context) -> Body:
    """`POST /v1/invoices/{invoice}/send`: a draft is finalized. No mail is sent, but told of, as in Stripe's test mode."""
    body = _invoice(context, "invoice")
    if body["collection_method"] != "send_invoice":
        raise invalid("You can only manually send an invoice if its collection method is 'send_invoice'.")
    if body["status"] not in ("draft", "open"):
        raise invalid(f"You can't send an invoice that is {body['status']}.")
    # One that would be final by itself is told to be sent when it is.
    told = body["automatically_finalizes_at"] is not None
    if body["status"] == "draft":
        _finalized(context, body, _subscription(context, body))
    shown = _shown(context, body)
    events.record(context, shown)
    if not told:
        related = {"id": body["id"], "type": INVOICE, "url": f"/v1/invoices/{body['id']}"}
        events.emit(context, "invoice.sent", object=shown, related=related)
    return shown


_PATH = "/v1/invoices/{invoice}"
OPERATIONS = [
    post("/v1/invoices", create, CREATE),
    post(_PATH, update, UPDATE),
    delete(_PATH, delete_),
    post(f"{_PATH}/add_lines", add_lines, ADD_LINES),
    post(f"{_PATH}/update_lines", update_lines, UPDATE_LINES),
    post(f"{_PATH}/remove_lines", remove_lines, REMOVE_LINES),
    post(f"{_PATH}/lines/{{line_item_id}}", update_line, UPDATE_LINE),
    post(f"{_PATH}/finalize", finalize, FINALIZE),
    post(f"{_PATH}/pay", pay, PAY),
    post(f"{_PATH}/void", void),
    post(f"{_PATH}/mark_uncollectible", mark_uncollectible),
    post(f"{_PATH}/send", send),
]
