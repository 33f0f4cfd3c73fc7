"""The settings that creating and updating a subscription have in common."""

from __future__ import annotations

from typing import Any

from stripe_local.calculation.periods import Grid
from stripe_local.resources.payment_methods import payment_methods
from stripe_local.resources.products import tax_rates
from stripe_local.resources.shared import merge_metadata
from stripe_local.store.objects import Body
from stripe_local.wire.errors import exclusive_params, invalid
from stripe_local.wire.operation import Context

from . import billing_runs, threshold_settings


def apply(context: Context, body: Body, params: dict[str, Any]) -> None:
    """Set what was sent, but for when the subscription ends. Raises StripeError when the settings do not go together."""
    if params.get("collection_method") == "charge_automatically" and "days_until_due" not in params:
        body["days_until_due"] = None
    if "cancellation_details" in params:
        body["cancellation_details"].update(params["cancellation_details"])
    if "pause_collection" in params:
        pause = params["pause_collection"]
        body["pause_collection"] = pause and {"behavior": pause["behavior"], "resumes_at": pause.get("resumes_at")}
    for name in ("description", "collection_method", "days_until_due"):
        if name in params:
            body[name] = params[name]
    _check_collection(body)
    if "default_payment_method" in params:
        method = params["default_payment_method"]
        body["default_payment_method"] = method and payment_methods.attach(
            context, body["customer"], method, "default_payment_method"
        )
    if "default_tax_rates" in params:
        body["default_tax_rates"] = tax_rates.given(context, params["default_tax_rates"], "default_tax_rates")
    if "billing_thresholds" in params:
        body["billing_thresholds"] = threshold_settings.merged(body["billing_thresholds"], params["billing_thresholds"])
    if "automatic_tax" in params:
        body["automatic_tax"] = {"disabled_reason": None, "enabled": False, "liability": None}
    for name in ("invoice_settings", "payment_settings"):
        body[name] = {**body[name], **params.get(name, {})}
    if "trial_settings" in params:
        body["trial_settings"]["end_behavior"].update(params["trial_settings"]["end_behavior"])
    if "pending_invoice_item_interval" in params:
        interval = params["pending_invoice_item_interval"]
        body["pending_invoice_item_interval"] = interval and {"interval_count": 1, **interval}
        plan_pending(body, context.now)
    merge_metadata(body, params)


def plan_pending(body: Body, at: int) -> None:
    """Say when what waits is next billed between periods, if it is: on the dates in step with the billing date."""
    interval = body["pending_invoice_item_interval"]
    grid = interval and Grid(body["billing_cycle_anchor"], interval["interval"], interval["interval_count"])
    body["next_pending_invoice_item_invoice"] = grid and grid.period(at)[1]


def apply_cancel_at(context: Context, body: Body, items: list[Body], params: dict[str, Any]) -> None:
    """Set when the subscription ends; the items' periods are those that it has from now on. Raises StripeError."""
    if params.get("cancel_at_period_end") is not None and params.get("cancel_at") is not None:
        raise exclusive_params("cancel_at", "cancel_at_period_end")
    if "cancel_at" in params:
        cancel_at = params["cancel_at"]
        ends = [item["current_period_end"] for item in items]
        if cancel_at == "min_period_end":
            cancel_at = min(ends)
        elif cancel_at in ("max_period_end", "max_billed_until"):
            cancel_at = max(ends)
        if cancel_at is not None and cancel_at <= context.now:
            raise invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", "cancel_at")
        body["cancel_at"], body["cancel_at_period_end"] = cancel_at, False
    elif params.get("cancel_at_period_end"):
        body["cancel_at"] = min(item["current_period_end"] for item in items)
        body["cancel_at_period_end"] = True
    elif params.get("cancel_at_period_end") is False and body["cancel_at_period_end"]:
        body["cancel_at"], body["cancel_at_period_end"] = None, False
    else:
        return
    end = body["cancel_at"]
    if end is not None and body["status"] == "trialing" and end < body["trial_end"] and billing_runs.is_classic(body):
        # Classic billing ends the trial then, for good.
        # https://docs.stripe.com/billing/subscriptions/billing-mode/compare#preserve-original-trial-end-date-when-subscription-cancels
        body["trial_end"] = end
        for item in items:
            item["current_period_end"] = end
    wanted = end is not None
    body["canceled_at"] = context.now if wanted else None
    body["cancellation_details"]["reason"] = "cancellation_requested" if wanted else None


def _check_collection(body: Body) -> None:
    if body["collection_method"] == "send_invoice" and body["days_until_due"] is None:
        raise invalid("`days_until_due` is required when `collection_method` is `send_invoice`.", "days_until_due")
    if body["collection_method"] == "charge_automatically" and body["days_until_due"] is not None:
        raise invalid("`days_until_due` can only be set when `collection_method` is `send_invoice`.")
