"""A subscription's status follows from its latest invoice. https://docs.stripe.com/billing/subscriptions/overview"""

from __future__ import annotations

from stripe_local.store.kinds import INVOICE
from stripe_local.store.objects import Body, Where, equal
from stripe_local.wire.operation import Context

from . import schedule_states

RULES = "local.collection"
"""The kind of the one object that has the account's rules for what is not paid; at Stripe they are set in the Dashboard."""

DEFAULT_RULES: Body = {"retries": 8, "days": 14, "then": "leave_past_due"}
"""As Stripe recommends: eight retries in two weeks. https://docs.stripe.com/billing/revenue-recovery/smart-retries"""

THEN = {"cancel": "canceled", "leave_past_due": "past_due", "mark_unpaid": "unpaid"}
"""What a subscription becomes whose invoice is not charged again, by what the rules say `then`."""

OVER = ("canceled", "incomplete_expired")

# How many invoices are looked at; several updates may wait, or have waited, for theirs.
_LATEST = 20

_FOLLOWS = ("incomplete", "active", "past_due", "unpaid")


def rules(context: Context) -> Body:
    """What happens to what is not paid: how many `retries` in how many `days`, and `then`."""
    found = context.objects.get(RULES, RULES) or {}
    return {name: found.get(name, value) for name, value in DEFAULT_RULES.items()}


def rule(context: Context, wanted: Body) -> Body:
    """Set the account's rules, as far as they are sent; returns all of them."""
    body = {**rules(context), **wanted, "id": RULES}
    if context.objects.get(RULES, RULES) is None:
        context.objects.insert(RULES, body)
    else:
        context.objects.put(RULES, body)
    return rules(context)


def pause(body: Body, at: int, why: str) -> None:
    """Pause the subscription as a whole. https://docs.stripe.com/billing/subscriptions/pause#subscription-response"""
    body["status"] = "paused"
    body["status_details"] = {"paused": {"subscription": {"type": why}, "transitioned_at": at, "type": "subscription"}}


def end(context: Context, body: Body, at: int, *, reason: str) -> None:
    """End the subscription; what waited for its next invoice waits for ever, and no invoice of the customer is charged by itself.

    https://docs.stripe.com/api/subscriptions/cancel
    """
    body["status"] = "canceled"
    body["ended_at"] = at
    body["canceled_at"] = body["canceled_at"] or at
    body["cancellation_details"]["reason"] = reason
    body["pending_update"] = body["next_pending_invoice_item_invoice"] = body["status_details"] = None
    schedule_states.subscription_ended(context, body, at, unpaid=reason == "payment_failed")
    for invoice in context.objects.find(INVOICE, [equal("customer", body["customer"]), equal("status", "open")]):
        if invoice["auto_advance"]:
            invoice["auto_advance"], invoice["next_payment_attempt"], invoice["_due"] = False, None, None
            context.objects.put(INVOICE, invoice)


def follow(context: Context, body: Body, at: int, known: Body | None = None) -> None:
    """Bring the status in line with the latest invoice, which is the `known` one where that counts; the body is not stored."""
    if body["status"] not in _FOLLOWS:
        return
    invoice = known if known is not None and _counts(known) else _latest(context, body["id"])
    status = _status(context, body, invoice, at)
    if status == "canceled":
        end(context, body, at, reason="payment_failed")
    elif status == "incomplete_expired":
        body["status"], body["ended_at"] = status, at
        schedule_states.subscription_ended(context, body, at, unpaid=True)
    else:
        body["status"] = status


def _counts(invoice: Body) -> bool:
    """Whether a subscription's status follows from the invoice: not if it is written, or of an update that waits for it."""
    waits = invoice.get("_pending_update") and invoice["status"] != "paid"
    return invoice["status"] in ("open", "paid", "uncollectible") and invoice["billing_reason"] != "manual" and not waits


def _latest(context: Context, id: str) -> Body | None:
    found = context.objects.find(
        INVOICE,
        [
            equal("_subscription", id),
            Where("status", "in", ("open", "paid", "uncollectible")),
            Where("billing_reason", "!=", "manual"),
        ],
        newest_first=True,
        limit=_LATEST,
    )
    return next(filter(_counts, found), None)


def _status(context: Context, body: Body, invoice: Body | None, at: int) -> str:
    if invoice is None:
        # Its invoices are void, or there is none: https://docs.stripe.com/billing/invoices/subscription
        return "incomplete_expired" if body["status"] == "incomplete" else "active"
    if invoice["status"] != "open":
        return "active"
    if invoice["collection_method"] == "send_invoice":
        return "past_due" if invoice["due_date"] is not None and invoice["due_date"] <= at else "active"
    if invoice["next_payment_attempt"] is not None and not invoice["attempted"]:
        return str(body["status"])
    if invoice["billing_reason"] == "subscription_create" and body["status"] in ("active", "incomplete"):
        return "incomplete"
    return THEN[rules(context)["then"]] if invoice.get("_given_up") else "past_due"
