"""What becomes of a subscription and a customer when an invoice is paid, fails, is void or given up."""

from __future__ import annotations

from stripe_local.store.kinds import CUSTOMER, SUBSCRIPTION
from stripe_local.store.objects import Body
from stripe_local.wire.operation import Context

from . import invoice_collection, subscription_pauses, subscription_states, subscription_update, subscriptions


def follow(context: Context, invoice: Body, at: int) -> None:
    """Bring the subscription and the customer of an invoice that is stored in line with it, and store them."""
    customer = context.objects.get(CUSTOMER, invoice["customer"])
    if customer is not None and invoice["status"] in ("paid", "uncollectible"):
        invoice_collection.mark_delinquent(context, customer, False)
    id = invoice["_subscription"]
    subscription = None if id is None else context.objects.get(SUBSCRIPTION, id)
    if subscription is not None:
        before, latest = subscription["status"], subscription["latest_invoice"] == invoice["id"]
        if invoice.get("_pending_update") and subscription["pending_update"] is not None:
            _settle_update(context, invoice, subscription)
        subscription_states.follow(context, subscription, at, invoice if latest else None)
        if subscription["status"] != before or invoice["status"] == "paid":
            subscriptions.save(context, subscription)


def _settle_update(context: Context, invoice: Body, subscription: Body) -> None:
    """An update waited for this invoice, or that a paused subscription goes on: it is carried out, or dropped."""
    if "resumes" in subscription["_pending"]:
        subscription_pauses.settle(context, invoice, subscription)
    elif invoice["status"] == "paid":
        subscription_update.apply_pending(context, subscription)
    elif invoice["status"] in ("void", "uncollectible"):
        subscription["pending_update"] = None
        context.objects.put(SUBSCRIPTION, subscription)
