"""An update that waits until its invoice is paid. https://docs.stripe.com/billing/subscriptions/pending-updates"""

from __future__ import annotations

from typing import Any

from stripe_local.store.kinds import CUSTOMER, INVOICE
from stripe_local.store.objects import Body
from stripe_local.wire.errors import invalid, not_supported
from stripe_local.wire.operation import Context

from . import invoice_collection, invoice_items, invoices, subscription_items

_SECONDS = 23 * 3600

# https://docs.stripe.com/billing/subscriptions/pending-updates-reference#supported-attributes; what pays is taken besides.
_TAKEN = {
    "default_payment_method",
    *("add_invoice_items", "billing_cycle_anchor", "expand", "items", "off_session", "payment_behavior", "proration_behavior"),
    *("proration_date", "trial_end", "trial_from_plan"),
}
_KEPT = ("add_invoice_items", "billing_cycle_anchor", "default_payment_method", "items", "proration_behavior", "trial_end")


def check(params: dict[str, Any]) -> None:
    """Raise StripeError for what an update that may have to wait cannot have."""
    for name in sorted(params.keys() - _TAKEN - {"discounts"}):
        raise invalid(f"`{name}` cannot be updated with `payment_behavior=pending_if_incomplete`.", name)
    if "discounts" in params:
        raise not_supported("discounts", "an update that waits for its payment keeps no discounts.")
    for name in ("items", "add_invoice_items"):
        for index, item in enumerate(params.get(name, [])):
            for part in ("price_data", "discounts"):
                if part in item:
                    raise not_supported(
                        f"{name}[{index}][{part}]", "an update that waits for its payment names prices by their ids."
                    )


UNCHANGED = dict.fromkeys(("cancel_at_period_end", "discount", "discounts", "metadata", "trial_end", "trial_from_plan"))
"""What no update that waits for its payment changes."""


def noted(context: Context, body: Body) -> tuple[Body, list[Body]]:
    """What the subscription would be, and the lines of its invoice, before all of that is undone."""
    items = [subscription_items.rendered(context, item) for item in subscription_items.items_of(context, body["id"])]
    invoice = context.objects.get(INVOICE, body["latest_invoice"])
    assert invoice is not None
    names = ("id", "billing_cycle_anchor", "trial_end")
    return {**{name: body[name] for name in names}, "items": items}, invoice["_lines"]


def keep(context: Context, body: Body, params: dict[str, Any], shown: Body, lines: list[Body]) -> None:
    """Keep an update, and its invoice, which is charged again as the update was; the body is the caller's to store."""
    now, status = context.now, body["status"]
    waiting = {item["id"] for item in invoice_items.pending(context, body)}
    own = [line for line in lines if line["invoice_item"] not in waiting]
    off_session = params.get("off_session", False)
    invoices.issue(context, body, own, reason="subscription_update", at=now, off_session=off_session)
    for line in own:
        if line["invoice_item"] is not None:
            invoice_items.keep(context, body["customer"], body["id"], line, now, body["latest_invoice"])
    invoice = context.objects.get(INVOICE, body["latest_invoice"])
    assert invoice is not None
    invoice.update(auto_advance=False, next_payment_attempt=None, _due=None, _pending_update=True)
    context.objects.put(INVOICE, invoice)
    body["status"] = status
    ends = [item["current_period_end"] for item in subscription_items.items_of(context, body["id"])]
    moved = {name: shown[name] if shown[name] != body[name] else None for name in ("billing_cycle_anchor", "trial_end")}
    body["pending_update"] = {
        **UNCHANGED,
        **moved,
        "expires_at": min(now + _SECONDS, *ends),
        "subscription_items": shown["items"],
    }
    body["_pending"] = {name: params[name] for name in _KEPT if name in params}
    body["_pending"]["proration_date"] = params.get("proration_date", now)


def drop(context: Context, body: Body, at: int) -> None:
    """Give up an update that was not paid in time, or is replaced: its invoice is void. The body is the caller's to store."""
    body["pending_update"] = None
    body.pop("_pending", None)
    invoice = context.objects.get(INVOICE, body["latest_invoice"])
    if invoice is not None and invoice.get("_pending_update") and invoice["status"] == "open":
        customer = context.objects.get(CUSTOMER, invoice["customer"])
        assert customer is not None
        invoice_collection.void(context, invoice, customer, at)
        context.objects.put(INVOICE, invoice)
