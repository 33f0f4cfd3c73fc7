"""How a subscription changes: its items, its trial, its anchor, its billing mode."""

from __future__ import annotations

from typing import Any

from stripe_local.calculation import periods
from stripe_local.resources.shared import existing, merge_metadata
from stripe_local.store.kinds import CUSTOMER
from stripe_local.store.objects import Body
from stripe_local.wire.errors import invalid, not_emulated
from stripe_local.wire.operation import Context, post

from . import billing_runs, charges, invoices, subscriptions
from . import subscription_items as items_module
from . import subscription_settings as settings
from . import subscription_start as start
from .subscription_items import Change, items_of
from .subscription_parameters import MIGRATE, PAUSE, RESUME, UPDATE


def update(context: Context) -> Body:
    """`POST /v1/subscriptions/{id}`."""
    params = context.params
    body = subscriptions.existing_by_path(context)
    if body["status"] in subscriptions.OVER:
        if set(params) - {"cancellation_details", "metadata", "expand"}:
            subscriptions.refuse_if_over(body)
        merge_metadata(body, params)
        subscriptions.apply_cancellation_details(body, params)
        return subscriptions.rendered(context, subscriptions.save(context, body))
    items = items_of(context, body["id"])
    modify(context, body, items, params)
    return subscriptions.rendered(context, subscriptions.save(context, body))


def modify(context: Context, body: Body, items: list[Body], params: dict[str, Any]) -> None:
    """Bring a subscription and its items in line with an update's parameters, and bill what that makes due."""
    if params.get("collection_method") == "charge_automatically" and "days_until_due" not in params:
        body["days_until_due"] = None
    subscriptions.apply_cancellation_details(body, params)
    if "pause_collection" in params:
        pause = params["pause_collection"]
        body["pause_collection"] = pause and {
            "behavior": pause["behavior"],
            "resumes_at": pause.get("resumes_at"),
        }
    if "trial_end" in params:
        _move_trial_end(context, body, items, params["trial_end"])
    behavior = params.get("proration_behavior", "create_prorations")
    change_items(context, body, items, params.get("items", []), behavior, params.get("proration_date"))
    start.add_invoice_items(context, body, params.get("add_invoice_items", []))
    if params.get("billing_cycle_anchor", {}).get("type") == "now":
        reset_anchor(context, body, items, prorates=behavior != "none")
    # Last, because periods may have moved.
    settings.apply(context, body, items, params)


def change_items(
    context: Context,
    body: Body,
    items: list[Body],
    params: list[dict[str, Any]],
    proration_behavior: str,
    proration_date: int | None = None,
    param: str = "items",
) -> Change:
    """Add, change and remove items, store them, and bill what that makes due."""
    at = context.now if proration_date is None else proration_date
    if proration_date is not None and not body["start_date"] <= proration_date <= context.now:
        raise invalid("proration_date must lie within the current period, and not in the future.", "proration_date")
    change = Change(context, body, items, at, prorates=proration_behavior != "none")
    if params:
        change.apply(params, param)
        change.save()
        now = proration_behavior == "always_invoice" or change.due_now
        billing_runs.settle(context, body, change.lines, at, now=now)
    return change


def _move_trial_end(context: Context, body: Body, items: list[Body], trial_end: int | str) -> None:
    if trial_end == "now":
        if body["status"] == "trialing":
            end_trial(context, body, items, context.now)
        return
    assert isinstance(trial_end, int)
    if trial_end <= context.now:
        raise invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", "trial_end")
    if body["status"] != "trialing":
        # What was used before the trial is billed with the next invoice.
        usage_end = [context.now, context.usage.latest_seq()]
        lines = billing_runs.final_lines(context, body, items, context.now, usage_end=usage_end, prorate=False)
        billing_runs.settle(context, body, lines, context.now, now=False)
    body["status"] = "trialing"
    body["trial_start"] = body["trial_start"] or context.now
    body["trial_end"] = body["billing_cycle_anchor"] = trial_end
    for item in items:
        item["current_period_end"] = item["_anchor"] = trial_end
        item["_usage_from"] = [trial_end, -1]
        context.objects.put(items_module.KIND, item)


def end_trial(context: Context, body: Body, items: list[Body], at: int) -> None:
    """Begin the first paid period at `at`."""
    if body["trial_end"] != at:
        body["billing_cycle_anchor"] = at
        for item in items:
            item["_anchor"] = at
    body["trial_end"] = at
    customer = existing(context, CUSTOMER, "customer", body["customer"], "customer")
    missing = body["trial_settings"]["end_behavior"]["missing_payment_method"]
    payable = body["collection_method"] == "send_invoice" or invoices.payment_method(body, customer) is not None
    if missing != "create_invoice" and not payable:
        if missing == "cancel":
            subscriptions.end(context, body, at, reason="payment_failed")
        else:
            body["status"] = "paused"
        return
    body["status"] = "active"
    for item in items:
        item["current_period_end"] = at
        item["_usage_from"] = [at, -1]
    lines = billing_runs.cycle_lines(context, body, items, at)
    billing_runs.advance(context, items, at)
    if lines:
        invoices.issue(context, body, lines, reason="subscription_cycle", at=at, period=(at, at), grace=True)


def reset_anchor(context: Context, body: Body, items: list[Body], *, prorates: bool) -> None:
    """Start new periods now: what is open is billed, and licenses are charged for the new period."""
    at = context.now
    usage_end = [at, context.usage.latest_seq()]
    lines = billing_runs.final_lines(context, body, items, at, usage_end=usage_end, prorate=prorates)
    body["billing_cycle_anchor"] = at
    for item in items:
        price = charges.stored_price(context, item["price"])
        recurring = price["recurring"]
        item["_anchor"] = item["current_period_start"] = at
        item["current_period_end"] = periods.after(at, recurring["interval"], recurring["interval_count"])
        item["_usage_from"] = usage_end
        context.objects.put(items_module.KIND, item)
        if not charges.is_metered(price) and item["quantity"]:
            period = (at, item["current_period_end"])
            lines.append(charges.licensed_line(context, body, item, price, item["quantity"], period))
    if lines:
        period = (min(line["period"]["start"] for line in lines), at)
        invoices.issue(context, body, lines, reason="subscription_update", at=at, period=period)


def migrate(context: Context) -> Body:
    """`POST /v1/subscriptions/{id}/migrate`: from classic to flexible billing, and never back."""
    body = subscriptions.existing_by_path(context)
    if body["status"] in subscriptions.OVER:
        raise invalid("A canceled subscription cannot be migrated.")
    if body["billing_mode"]["type"] == "flexible":
        raise invalid("The subscription already has `billing_mode[type]=flexible`.", "billing_mode[type]")
    body["billing_mode"] = {**start.billing_mode(context.params["billing_mode"]), "updated_at": context.now}
    return subscriptions.rendered(context, subscriptions.save(context, body))


def pause(context: Context) -> Body:
    """`POST /v1/subscriptions/{id}/pause` is refused by name."""
    raise not_emulated("pause", "pausing a whole subscription is not emulated; 'pause_collection' is.")


def resume(context: Context) -> Body:
    """`POST /v1/subscriptions/{id}/resume`: only what a trial without payment method has paused."""
    body = subscriptions.existing_by_path(context)
    if body["status"] != "paused":
        raise invalid("Only a paused subscription can be resumed.")
    items = items_of(context, body["id"])
    body["status"] = "active"
    for item in items:
        # Usage while the subscription was paused is not billed.
        item["_usage_from"] = [context.now, context.usage.latest_seq()]
    reset_anchor(context, body, items, prorates=False)
    return subscriptions.rendered(context, subscriptions.save(context, body))


OPERATIONS = [
    post("/v1/subscriptions/{id}", update, UPDATE),
    post("/v1/subscriptions/{id}/migrate", migrate, MIGRATE),
    post("/v1/subscriptions/{id}/pause", pause, PAUSE),
    post("/v1/subscriptions/{id}/resume", resume, RESUME),
]
