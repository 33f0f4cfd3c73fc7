"""Invoice: what a customer owes for a period. https://docs.stripe.com/api/invoices

Those of subscriptions are made automatically: when one starts, when a period ends, when it is canceled with `invoice_now`.
Those at the end of a period stay drafts for an hour, in which usage that arrives late still counts. Others are written
(`invoice_writing`).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from stripe_local.calculation.collection import chargeable
from stripe_local.calculation.credits import Payment
from stripe_local.calculation.discounts import Taken
from stripe_local.resources import clocks
from stripe_local.resources.products import tax_rates
from stripe_local.resources.shared import CREATED, NO_CUSTOMER_ACCOUNTS, existing
from stripe_local.resources.webhooks import events
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import CUSTOMER, INVOICE, SUBSCRIPTION_ITEM
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.errors import StripeError
from stripe_local.wire.expand import Included, Nested, Ref, register, unavailable
from stripe_local.wire.operation import Context, get
from stripe_local.wire.pagination import DEFAULT_LIMIT, PAGE, SEARCH, list_object, page, page_of, range_conditions
from stripe_local.wire.params import Enum, Param, Str
from stripe_local.wire.search import search

from . import (
    charges,
    credit_grants,
    customer_balance,
    discounts,
    invoice_collection,
    invoice_items,
    invoice_totals,
    payments,
    subscription_states,
    tax_ids,
)

KIND = INVOICE
LINE = "line_item"

# https://docs.stripe.com/billing/subscriptions/usage-based/configure-grace-period
GRACE_SECONDS = 3600

_PREVIEW_SECONDS = 72 * 3600
_MOST_PREVIEWS = 1000
_previews: dict[str, Body] = {}
"""The latest previews, which are not stored: making one only reads."""

LIST: dict[str, Param] = {
    "collection_method": Enum("charge_automatically", "send_invoice"),
    "created": CREATED,
    "customer": Str(),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    "due_date": CREATED,
    "status": Enum("draft", "open", "paid", "uncollectible", "void"),
    "subscription": Str(),
    **PAGE,
}


# Making an invoice


def blank(
    context: Context,
    customer: Body,
    *,
    currency: str,
    reason: str,
    at: int,
    period: tuple[int, int],
    id: str | None = None,
) -> Body:
    """The body of a draft invoice without lines, as it is where nothing else is said. It is not stored."""
    return {
        "id": id or new_id("in"),
        "object": KIND,
        "account_country": "US",
        "account_name": "Local Stripe",
        "account_tax_ids": None,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_paid_off_stripe": 0,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": False,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None, "provider": None, "status": None},
        "automatically_finalizes_at": None,
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": at,
        "currency": currency,
        "custom_fields": None,
        "customer": customer["id"],
        "customer_account": None,
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "due_date": None,
        "effective_at": None,
        "ending_balance": None,
        "footer": None,
        "from_invoice": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
        "livemode": context.livemode,
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "on_behalf_of": None,
        "parent": None,
        "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
        "period_end": period[1],
        "period_start": period[0],
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": {
            "amount_tax_display": None,
            "pdf": {"page_size": "auto"},
            "template": None,
            "template_version": None,
            **(customer.get("invoice_settings", {}).get("rendering_options") or {}),
        },
        "shipping_cost": None,
        "shipping_details": None,
        "statement_descriptor": None,
        "status": "draft",
        "status_details": None,
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "test_clock": context.test_clock,
        "threshold_reason": None,
        "total_discount_amounts": [],
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        # Nobody waits for endpoints here.
        "webhooks_delivered_at": at,
        "_lines": [],
        "_subscription": None,
        "_due": None,
        **_of(context, customer),
    }


def _of(context: Context, customer: Body) -> Body:
    """What an invoice says of its customer, which is as it is now until the invoice is final.

    https://docs.stripe.com/api/invoices/object
    """
    names = ("address", "email", "name", "phone", "shipping", "tax_exempt")
    numbers = tax_ids.numbers(context, customer["id"])
    return {
        **{f"customer_{name}": customer[name] for name in names},
        "customer_tax_ids": numbers,
        "starting_balance": customer["balance"],
    }


def draft(
    context: Context,
    subscription: Body,
    customer: Body,
    lines: list[Body],
    *,
    reason: str,
    at: int,
    period: tuple[int, int],
    id: str | None = None,
) -> tuple[Body, list[Payment]]:
    """The body of a subscription's draft invoice over these lines, with its totals, and what credits pay of it. Not stored."""
    body = blank(context, customer, currency=subscription["currency"], reason=reason, at=at, period=period, id=id)
    settings = subscription["invoice_settings"]
    body.update(
        account_tax_ids=settings["account_tax_ids"],
        auto_advance=True,
        collection_method=subscription["collection_method"],
        custom_fields=settings["custom_fields"],
        default_tax_rates=subscription["default_tax_rates"],
        description=settings["description"],
        discounts=discounts.of_invoice(context, subscription, at, customer),
        footer=settings["footer"],
        parent={
            "quote_details": None,
            "subscription_details": {
                "metadata": subscription["metadata"],
                "subscription": subscription["id"],
            },
            "type": "subscription_details",
        },
        _lines=[
            {**line, "discounts": discounts.current(context, line.get("discounts", ()), at)} if line.get("discounts") else line
            for line in lines
        ],
        _subscription=subscription["id"],
    )
    body["payment_settings"]["payment_method_types"] = subscription["payment_settings"]["payment_method_types"]
    if body["collection_method"] == "send_invoice":
        body["due_date"] = at + subscription["days_until_due"] * 86400
    return body, invoice_totals.total(context, body)


def issue(
    context: Context,
    subscription: Body,
    lines: list[Body],
    *,
    reason: str,
    at: int,
    period: tuple[int, int] | None = None,
    grace: bool = False,
    left_out: frozenset[str] = frozenset(),
    collects: bool = True,
    off_session: bool = False,
    threshold: Body | None = None,
) -> StripeError | None:
    """Store an invoice over these lines and what was pending; final at once, or a draft for the grace period.

    `period` is the one that the invoice looks back on; without one it is of this moment. `left_out` are pending items that wait
    for a later one. `threshold` says which thresholds were reached. What is final is charged if it `collects`; returns why it was
    not paid.

    Brings the subscription's status and `latest_invoice` up to date, in the body that is passed.
    """
    customer = existing(context, CUSTOMER, "customer", subscription["customer"], "customer")
    waiting = invoice_items.pending(context, subscription, but=left_out)
    body, paid = draft(
        context,
        subscription,
        customer,
        [*(item["_line"] for item in waiting), *lines],
        reason=reason,
        at=at,
        period=period or (at, at),
    )
    body["threshold_reason"] = threshold
    for item in waiting:
        item["invoice"] = body["id"]
        context.objects.put(invoice_items.KIND, item)
    subscription["latest_invoice"] = body["id"]
    if subscription["status"] == "unpaid":
        # https://docs.stripe.com/billing/subscriptions/overview: its invoices stay drafts.
        body["auto_advance"] = False
    elif grace:
        schedule(body, at + GRACE_SECONDS)
    else:
        failure = _fix(context, body, subscription, customer, paid, at, collects=collects, off_session=off_session)
        context.objects.insert(KIND, body)
        return failure
    note_discounts(context, body)
    context.objects.insert(KIND, body)
    return None


def schedule(body: Body, at: int | None) -> None:
    """Say when a draft is finalized by itself, if it is."""
    body["automatically_finalizes_at"] = body["_due"] = at
    body["next_payment_attempt"] = at if body["collection_method"] == "charge_automatically" else None


def note_discounts(context: Context, body: Body) -> None:
    """Tell items what was taken off their licenses, which a credit does not give back."""
    if not body["total_discount_amounts"]:
        return
    found: dict[str, dict[tuple[int, int], Taken]] = {}
    for line in body["_lines"]:
        if line["item"] is not None and line["usage"] is None and not line["proration"]:
            period = (line["period"]["start"], line["period"]["end"])
            sums = found.setdefault(line["item"], {}).setdefault(period, {})
            for off in line["discount_amounts"]:
                sums[off["discount"]] = sums.get(off["discount"], 0) + off["amount"]
    for id, sums_of in found.items():
        item = context.objects.get(SUBSCRIPTION_ITEM, id) if any(sums_of.values()) else None
        if item is not None:
            item["_debits"] = [[*debit[:3], sums_of.get((debit[0], debit[1]), [*debit, {}][3])] for debit in item["_debits"]]
            context.objects.put(SUBSCRIPTION_ITEM, item)


def finalize(
    context: Context,
    body: Body,
    subscription: Body | None,
    at: int,
    *,
    collects: bool = True,
    by_hand: bool = False,
    later: int | None = None,
    off_session: bool = True,
) -> StripeError | None:
    """Fix the amounts of a draft, and charge it where it is charged automatically and `collects`; returns why it was not paid.

    What does not collect is charged `later` by itself, or not. A subscription that pauses collection does so only where nobody
    finalizes `by_hand`.

    The subscription is brought up to date, and is the caller's to store.
    """
    customer = context.objects.get(CUSTOMER, body["customer"])
    assert customer is not None
    failure = _fix(
        context,
        body,
        subscription,
        customer,
        _recounted(context, body, customer),
        at,
        pauses=not by_hand and body["billing_reason"] != "manual",
        stored=True,
        collects=collects,
        later=later,
        off_session=off_session,
    )
    context.objects.put(KIND, body)
    return failure


def _fix(
    context: Context,
    body: Body,
    subscription: Body | None,
    customer: Body,
    paid: list[Payment],
    at: int,
    *,
    pauses: bool = True,
    stored: bool = False,
    collects: bool,
    later: int | None = None,
    off_session: bool,
) -> StripeError | None:
    """As `finalize`, of a draft whose totals are those of now; it is the caller's to store."""
    pause = subscription["pause_collection"] if subscription is not None and pauses else None
    body["_due"] = body["automatically_finalizes_at"] = body["next_payment_attempt"] = None
    if pause is not None and pause["behavior"] == "keep_as_draft":
        body["auto_advance"] = False
        return None
    body["amount_due"] = body["amount_remaining"] = chargeable(body["amount_due"], body["currency"])
    if pause is None or pause["behavior"] != "void":
        credit_grants.use(context, body, paid, at)
        invoice_totals.name_credits(body)
    note_discounts(context, body)
    discounts.use_up(context, body, subscription, customer)
    body["status"] = "open"
    body["status_transitions"]["finalized_at"] = at
    body["effective_at"] = body["effective_at"] or at
    if not customer.get("deleted"):
        _use_customer(context, body, customer, at)
    body["ending_balance"] = customer.get("balance", 0)
    failure = None
    if pause is not None and pause["behavior"] == "void":
        invoice_collection.void(context, body, customer, at)
    elif pause is not None:
        invoice_collection.mark_uncollectible(body, at, "subscription_paused")
    elif body["amount_due"] == 0:
        invoice_collection.pay(body, None, at)
    else:
        method = invoice_collection.payment_method(subscription, customer, body)
        payment, keep = payments.intend(context, body, method, at), payments.keep
        if body["collection_method"] == "send_invoice":
            body["_due"] = body["due_date"]
        elif collects:
            if stored:
                # Of a draft Stripe tells that it is final, and waits for its payment, before it tells that it is paid.
                context.objects.put(KIND, body)
                payments.keep(context, payment)
                keep = payments.put
                events.record(context)
            failure = invoice_collection.attempt(
                context, body, subscription, customer, at, payment=payment, off_session=off_session
            )
        else:
            body["next_payment_attempt"] = body["_due"] = later
            # A subscription's first invoice waits for its customer.
            body["auto_advance"] = body["auto_advance"] and body["billing_reason"] != "subscription_create"
        keep(context, payment)
    if subscription is not None and body["billing_reason"] != "manual":
        subscription_states.follow(context, subscription, at, body)
    return failure


def _recounted(context: Context, body: Body, customer: Body | None) -> list[Payment]:
    """Brings a draft up to date with usage and with its customer; returns what credits pay of it."""
    body["_lines"] = charges.recounted(context, body["_lines"])
    if customer is not None and not customer.get("deleted"):
        body.update(_of(context, customer))
    return invoice_totals.total(context, body)


def _use_customer(context: Context, body: Body, customer: Body, at: int) -> None:
    number = customer["next_invoice_sequence"]
    if body["number"] is None:
        body["number"] = f"{customer['invoice_prefix']}-{number:04d}"
        customer["next_invoice_sequence"] = number + 1
    customer["currency"] = customer["currency"] or body["currency"]
    # What is not charged, or more than nothing was due, is left for the next invoice.
    used = body["amount_due"] - body["total"]
    body["_used_balance"] = used
    if used:
        small = body["amount_due"] == 0 and body["total"] + body["starting_balance"] > 0
        type = "invoice_too_small" if small else "applied_to_invoice"
        customer_balance.change(context, customer, -used, type, at, invoice=body["id"], currency=body["currency"])
    context.objects.put(CUSTOMER, customer)


# Showing one


def _line(context: Context, invoice: Body, line: dict[str, Any]) -> Body:
    details = {
        "invoice_item": line["invoice_item"],
        "proration": line["proration"],
        "proration_details": {"credited_items": None},
        "subscription": line["subscription"],
    }
    pending = line["invoice_item"] is not None
    off = line.get("discount_amounts", [])
    return {
        "id": line["id"],
        "object": LINE,
        "amount": line["amount"],
        "currency": line["currency"],
        "description": line["description"],
        "discount_amounts": off,
        "discountable": invoice_totals.is_discountable(line),
        "discounts": line.get("discounts", []),
        "invoice": invoice["id"],
        "livemode": invoice["livemode"],
        "metadata": line["metadata"],
        "parent": {
            "invoice_item_details": details if pending else None,
            "subscription_item_details": None if pending else {**details, "subscription_item": line["item"]},
            "type": "invoice_item_details" if pending else "subscription_item_details",
        },
        "period": line["period"],
        "pretax_credit_amounts": invoice_totals.pretax_of(line),
        "pricing": line["price"]
        and {
            "price_details": {"price": line["price"], "product": line["product"]},
            "type": "price_details",
            "unit_amount_decimal": line["unit_amount_decimal"],
        },
        # Whether Stripe shows units or packages where a price transforms quantities is not published: these are units. What is
        # taken back has none on its page.
        "quantity": None if line.get("before") else int(Decimal(line["quantity"])),
        "quantity_decimal": None if line.get("before") else line["quantity"],
        "subscription": line["subscription"],
        "subtotal": line["amount"],
        "taxes": line.get("taxes", []),
    }


def _kept_lines(context: Context, body: Body) -> list[Body]:
    """The lines as they are kept; those of a draft are recounted, and its totals, by what its customer is now."""
    if body["status"] == "draft" and body["billing_reason"] != "upcoming":
        _recounted(context, body, context.objects.get(CUSTOMER, body["customer"]))
    kept: list[Body] = body["_lines"]
    return kept


def kept_lines(context: Context, id: str) -> list[Body]:
    """The lines of an invoice or a preview as `charges` makes them, with what each amount comes from."""
    return _kept_lines(context, _existing(context, id))


def _shown_lines(context: Context, body: Body) -> list[Body]:
    return [_line(context, body, line) for line in _kept_lines(context, body)]


def shown_line(context: Context, body: Body, id: str) -> Body:
    """One line of an invoice as Stripe shows it."""
    return next(line for line in _shown_lines(context, body) if line["id"] == id)


def rendered(context: Context, body: Body) -> Body:
    """The invoice as Stripe shows it."""
    found = _shown_lines(context, body)
    listed = list_object(f"/v1/invoices/{body['id']}/lines", found[:DEFAULT_LIMIT], len(found) > DEFAULT_LIMIT)
    rates = tax_rates.shown(context, body["default_tax_rates"])
    shown = {**public(body), "default_tax_rates": rates, "lines": {**listed, "total_count": len(found)}}
    if body["status_transitions"]["finalized_at"] is not None:
        shown["hosted_invoice_url"] = f"{context.settings.base_url}/i/{body['id']}"
        shown["invoice_pdf"] = f"{shown['hosted_invoice_url']}/pdf"
    return shown


def rendered_preview(context: Context, body: Body) -> Body:
    """A preview as Stripe shows it; it can be read again, by this process, for three days.

    https://docs.stripe.com/invoicing/preview
    """
    discounts.keep_for_preview(context, body)
    _previews[body["id"]] = {**body, "_scope": context.scope, "_until": context.outside(context.now) + _PREVIEW_SECONDS}
    while len(_previews) > _MOST_PREVIEWS:
        _previews.pop(next(iter(_previews)), None)
    return rendered(context, body)


def _existing(context: Context, id: str) -> Body:
    """The invoice or the preview with this id. Raises a 404."""
    preview = _previews.get(id)
    if preview is not None and preview["_scope"] == context.scope and context.outside(context.now) <= preview["_until"]:
        return preview
    return existing(context, KIND, "invoice", id, "invoice", in_path=True)


def render(context: Context, id: str) -> Body:
    """The invoice with this id."""
    return rendered(context, _existing(context, id))


def retrieve(context: Context) -> Body:
    """`GET /v1/invoices/{invoice}`."""
    return render(context, context.path["invoice"])


def lines(context: Context) -> Body:
    """`GET /v1/invoices/{invoice}/lines`."""
    body = _existing(context, context.path["invoice"])
    found, more = page_of(_shown_lines(context, body), "line item", context.params)
    return {**list_object(f"/v1/invoices/{body['id']}/lines", found, more), "_type": LINE}


def list_(context: Context) -> Body:
    """`GET /v1/invoices`."""
    params = context.params
    conditions = [equal(name, params[name]) for name in ("collection_method", "customer", "status") if name in params]
    conditions.append(clocks.listed_here(context))
    if "subscription" in params:
        conditions.append(equal("_subscription", params["subscription"]))
    conditions += range_conditions("created", params.get("created"))
    conditions += range_conditions("due_date", params.get("due_date"))
    found, more = page(context.objects, KIND, "invoice", params, conditions)
    return {**list_object("/v1/invoices", [rendered(context, body) for body in found], more), "_type": KIND}


def search_(context: Context) -> Body:
    """`GET /v1/invoices/search`."""
    return search(
        context,
        KIND,
        "/v1/invoices/search",
        lambda body: rendered(context, body),
        lambda body: {**body, "subscription": body["_subscription"]},
    )


def _payments(context: Context, id: str) -> Body:
    found = [public(body) for body in payments.of_invoice(context, id)]
    return list_object(f"/v1/invoice_payments?invoice={id}", found, False)


def _confirmation_secret(context: Context, id: str) -> Body | None:
    body = context.objects.get(KIND, id)
    intent = payments.intent_of(context, body) if body is not None else None
    return None if intent is None else payments.confirmation_secret(intent)


INDEXED = {KIND: ("customer", "_subscription", ("test_clock", "_due"))}

register(
    LINE,
    {
        "discount_amounts.discount": Ref("discount"),
        "discounts": Ref("discount"),
        "pretax_credit_amounts.credit_balance_transaction": Ref("billing.credit_balance_transaction"),
        "pretax_credit_amounts.discount": Ref("discount"),
        "taxes.tax_rate_details.tax_rate": Ref("tax_rate"),
        "pricing.price_details.price": Ref("price"),
        "subscription": Ref("subscription"),
    },
)
register(
    KIND,
    {
        **unavailable(
            "account_tax_ids",
            "application",
            "automatic_tax.liability.account",
            "default_source",
            "from_invoice.invoice",
            "issuer.account",
            "last_finalization_error.payment_intent",
            "last_finalization_error.payment_method",
            "last_finalization_error.setup_intent",
            "last_finalization_error.source",
            "latest_revision",
            "on_behalf_of",
            "shipping_cost.shipping_rate",
        ),
        "customer": Ref("customer"),
        "default_payment_method": Ref("payment_method"),
        "default_tax_rates": Nested("tax_rate"),
        "discounts": Ref("discount"),
        "lines": Nested(LINE),
        "lines.data": Nested(LINE),
        "parent.subscription_details.subscription": Ref("subscription"),
        "confirmation_secret": Included(_confirmation_secret),
        "payments": Included(_payments, of=payments.KIND),
        "test_clock": Ref(clocks.KIND),
        "total_discount_amounts.discount": Ref("discount"),
        "total_pretax_credit_amounts.credit_balance_transaction": Ref("billing.credit_balance_transaction"),
        "total_pretax_credit_amounts.discount": Ref("discount"),
        "total_taxes.tax_rate_details.tax_rate": Ref("tax_rate"),
    },
    render,
)

OPERATIONS = [
    get("/v1/invoices", list_, LIST),
    get("/v1/invoices/search", search_, SEARCH),
    get("/v1/invoices/{invoice}", retrieve),
    get("/v1/invoices/{invoice}/lines", lines, PAGE),
]
