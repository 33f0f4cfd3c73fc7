"""How a whole subscription pauses, and goes on. https://docs.stripe.com/billing/subscriptions/pause

One that goes on waits for its invoice, if there is one (`_pending`: what `resumes` it): it is paused until that is paid.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from stripe_local.store.ids import new_id
from stripe_local.store.kinds import INVOICE
from stripe_local.store.objects import Body
from stripe_local.wire.errors import exclusive_params, invalid, no_such
from stripe_local.wire.operation import Context, post

from . import (
    billing_runs,
    charges,
    invoice_collection,
    invoice_items,
    invoices,
    pending_updates,
    schedule_states,
    subscription_states,
    subscriptions,
    upcoming_invoices,
)
from .subscription_items import items_of, put_all, rendered
from .subscription_parameters import PAUSE, RESUME

_ATTEMPT, _SUCCESS = "resume_on_payment_attempt", "resume_on_payment_success"
_EXPIRE_SECONDS = {_ATTEMPT: 23 * 3600, _SUCCESS: 365 * 86400}
_RESUMES = ("billing_cycle_anchor", "proration_behavior", "proration_date")


# Pausing


def pause(context: Context) -> Body:
    """`POST /v1/subscriptions/{id}/pause`: what was paid for the time to come is given back, and what was used is billed."""
    params, body = context.params, subscriptions.existing_by_path(context)
    _check_pausable(context, body)
    if body["pending_update"] is not None:
        pending_updates.drop(context, body, context.now)
    items = items_of(context, body["id"])
    since = min(item["current_period_start"] for item in items)
    lines = _paused(context, body, items, params)
    put_all(context, items)
    if not _is_invoiced_at_once(params):
        for line in lines:
            invoice_items.add(context, body, line, context.now)
    elif lines:
        period = (since, context.now)
        invoices.issue(context, body, lines, reason="subscription_update", at=context.now, period=period)
    return subscriptions.rendered(context, subscriptions.save(context, body, items))


def _is_invoiced_at_once(params: dict[str, Any]) -> bool:
    return bool(params.get("invoicing_behavior") == "invoice")


def _check_pausable(context: Context, body: Body) -> None:
    """Raise StripeError for a subscription that Stripe does not pause; its words are not known."""
    if body["status"] in subscription_states.OVER:
        raise no_such("subscription", body["id"], "id", status=404)
    if body["status"] in ("incomplete", "paused", "trialing"):
        raise invalid(f"A subscription that is {body['status']} cannot be paused.")
    if body["collection_method"] == "send_invoice":
        raise invalid("A subscription with `collection_method=send_invoice` cannot be paused.")
    if billing_runs.is_classic(body):
        raise invalid("Only a subscription with `billing_mode[type]=flexible` can be paused.")
    if schedule_states.running(context, body) is not None:
        raise invalid(f"The subscription is managed by the subscription schedule `{body['schedule']}`, so it cannot be paused.")


def _paused(context: Context, body: Body, items: list[Body], params: dict[str, Any]) -> list[Body]:
    """Pause a subscription and its items, which are not stored; returns what that makes due."""
    now, bill_for = context.now, params.get("bill_for", {})
    through = bill_for.get("outstanding_usage_through", {}).get("type", "now")
    since = bill_for.get("unused_time_from", {}).get("type", "now")
    lines: list[Body] = []
    for item in items:
        price = charges.stored_price(context, item["price"])
        if not charges.is_metered(price):
            if since != "none":
                start = item["current_period_start"] if since == "item_current_period_start" else now
                lines += billing_runs.credit(context, body, item, price, start)
        elif through == "now":
            used = billing_runs.usage(context, body, item, price, [now, context.usage.latest_seq()])
            used = used if _is_invoiced_at_once(params) else charges.together(context, used)
            lines += [line for line in used if line["amount"] or Decimal(line["quantity"])]
        item["current_period_end"] = now
    if body["cancel_at_period_end"]:
        # The period is over, and the subscription is not: it ends when it would have ended.
        body["cancel_at_period_end"] = False
    subscription_states.pause(body, now, "pause_requested")
    return lines


# Going on


def resume(context: Context) -> Body:
    """`POST /v1/subscriptions/{id}/resume`.

    New periods begin now, unless the anchor is to stay: then what is left of the present ones is prorated.
    """
    params, body = context.params, subscriptions.existing_by_path(context)
    if body["status"] in subscription_states.OVER:
        raise no_such("subscription", body["id"], "id", status=404)
    _check_resumable(body)
    behavior = params.get("payment_behavior", _ATTEMPT)
    if behavior == _SUCCESS and billing_runs.is_classic(body):
        raise invalid(f"`{_SUCCESS}` is only available with `billing_mode[type]=flexible`.", "payment_behavior")
    if body["pending_update"] is not None:
        pending_updates.drop(context, body, context.now)
    wanted = {"at": context.now, "payment_behavior": behavior, **{name: params[name] for name in _RESUMES if name in params}}
    then, items = {**body}, items_of(context, body["id"])
    lines = _resumed(context, then, items, wanted)
    if _is_invoiced(wanted) and (lines or invoice_items.pending(context, body)):
        _wait(context, body, wanted, lines, then, items)
        return subscriptions.rendered(context, body)
    for line in lines:
        invoice_items.add(context, body, line, context.now)
    put_all(context, items)
    return subscriptions.rendered(context, subscriptions.save(context, then, items))


def _check_resumable(body: Body) -> None:
    if body["status"] != "paused":
        raise invalid("Only a paused subscription can be resumed.")
    if body["collection_method"] != "charge_automatically":
        raise invalid("Only a subscription with `collection_method=charge_automatically` can be resumed.")


def _is_unchanged(wanted: dict[str, Any]) -> bool:
    return bool(wanted.get("billing_cycle_anchor", {}).get("type") == "unchanged")


def _is_invoiced(wanted: dict[str, Any]) -> bool:
    """Whether what it costs to go on is invoiced now, and does not wait."""
    return not _is_unchanged(wanted) or wanted.get("proration_behavior") == "always_invoice"


def _resumed(context: Context, body: Body, items: list[Body], wanted: dict[str, Any]) -> list[Body]:
    """Let a subscription and its items, which are not stored, go on as was `wanted` then; returns what that costs."""
    body["status"], body["status_details"] = "active", None
    for item in items:
        # Usage while the subscription was paused is not billed.
        item["_usage_from"] = [context.now, context.usage.latest_seq()]
    if not _is_unchanged(wanted):
        billing_runs.anchor(context, body, items, wanted["at"])
        return billing_runs.charge_periods(context, body, items)
    billing_runs.place(context, items, wanted.get("proration_date", wanted["at"]))
    return [] if wanted.get("proration_behavior") == "none" else billing_runs.charge_periods(context, body, items)


def _wait(context: Context, body: Body, wanted: dict[str, Any], lines: list[Body], then: Body, items: list[Body]) -> None:
    """Issue the invoice that has to be paid before the subscription is as `then`, with these items."""
    now, succeeds = context.now, wanted["payment_behavior"] == _SUCCESS
    own = [{**line, "invoice_item": new_id("ii")} if _is_unchanged(wanted) else line for line in lines]
    failure = invoices.issue(context, body, own, reason="subscription_update", at=now, collects=succeeds)
    if failure is not None and failure.code == "resource_missing":
        raise invoice_collection.refusing(failure)
    for line in own:
        if line["invoice_item"] is not None:
            invoice_items.keep(context, body["customer"], body["id"], line, now, body["latest_invoice"])
    anchor = then["billing_cycle_anchor"]
    body["_pending"] = {"resumes": wanted}
    body["pending_update"] = {
        **pending_updates.UNCHANGED,
        "billing_cycle_anchor": None if anchor == body["billing_cycle_anchor"] else anchor,
        "expires_at": now + _EXPIRE_SECONDS[wanted["payment_behavior"]],
        "subscription_items": [rendered(context, item) for item in items],
    }
    invoice = context.objects.get(INVOICE, body["latest_invoice"])
    assert invoice is not None
    invoice["_pending_update"] = True
    if not succeeds:
        invoice.update(auto_advance=False, next_payment_attempt=None, _due=None)
    context.objects.put(INVOICE, invoice)
    subscriptions.save(context, body)
    settle(context, invoice, body)


def settle(context: Context, invoice: Body, body: Body) -> None:
    """What becomes of a subscription that waits for this invoice, by what has become of that."""
    wanted = body["_pending"]["resumes"]
    failed = invoice["status"] == "open" and invoice["attempt_count"] > 0 and wanted["payment_behavior"] == _ATTEMPT
    if invoice["status"] not in ("paid", "uncollectible", "void") and not failed:
        return
    body["pending_update"] = None
    del body["_pending"]
    if invoice["status"] == "void":
        subscriptions.save(context, body)
        return
    items = items_of(context, body["id"])
    _resumed(context, body, items, wanted)
    put_all(context, items)
    invoices.note_discounts(context, invoice)
    del invoice["_pending_update"]
    context.objects.put(INVOICE, invoice)
    subscriptions.save(context, body)


# What it would cost


def preview(context: Context, body: Body, items: list[Body], details: dict[str, Any]) -> Body:
    """The invoice of a pause (`pause`), or of going on (`resume_at`). Raises StripeError where there is none.

    https://docs.stripe.com/billing/subscriptions/pause#preview-the-invoice-before-pausing
    """
    asked, besides = ("pause", ()) if "pause" in details else ("resume_at", _RESUMES)
    for other in sorted(details.keys() - {asked, *besides}):
        raise exclusive_params(asked, other)
    now = context.now
    if asked == "pause":
        _check_pausable(context, body)
        period = (min(item["current_period_start"] for item in items), now)
        lines, invoiced = _paused(context, body, items, details["pause"]), _is_invoiced_at_once(details["pause"])
    else:
        _check_resumable(body)
        wanted, period = {"at": now, **details}, (now, now)
        lines, invoiced = _resumed(context, body, items, wanted), _is_invoiced(wanted)
    if not invoiced or not lines:
        raise upcoming_invoices.none_of(body["customer"])
    return upcoming_invoices.of(context, body, lines, now, period)


OPERATIONS = [
    post("/v1/subscriptions/{id}/pause", pause, PAUSE),
    post("/v1/subscriptions/{id}/resume", resume, RESUME),
]
