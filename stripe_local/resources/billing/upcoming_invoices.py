"""What comes next of a subscription, as the preview of an invoice. https://docs.stripe.com/api/invoices/create_preview"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from stripe_local.resources.shared import existing
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import CUSTOMER
from stripe_local.store.objects import Body
from stripe_local.wire.errors import StripeError
from stripe_local.wire.operation import Context

from . import (
    billing_runs,
    discounts,
    invoice_items,
    invoices,
    subscription_schedules,
    subscription_start,
    subscription_update,
    written_lines,
)
from .subscription_start import New


def is_recurring(context: Context) -> bool:
    """Whether the preview is of what comes back each period: without what waits, and without what the change costs now."""
    return bool(context.params.get("preview_mode") == "recurring")


def none_of(customer: str) -> StripeError:
    """404: there is nothing to preview."""
    return StripeError(f"No upcoming invoices for customer: {customer}", status=404, code="invoice_upcoming_none")


def redeem(context: Context, body: Body, items: list[Body]) -> None:
    """Give a subscription the discounts that the preview is asked about, in place of those that it has. Raises StripeError."""
    if "discounts" in context.params:
        worth, has = billing_runs.worth(context, body, items), body["discounts"]
        body["discounts"] = discounts.given(context, context.params["discounts"], "discounts", body, has=has, worth=worth)
        body["_undiscounted"] = True


def by_itself(context: Context, body: Body, items: list[Body]) -> Body:
    """The next invoice that a subscription has by itself: at the end of a period, or at its own."""
    at = min(item["current_period_end"] for item in items)
    since = min(item["current_period_start"] for item in items if item["current_period_end"] == at)
    if body["cancel_at"] is not None and body["cancel_at"] <= at:
        at = body["cancel_at"]
        lines = billing_runs.close(context, body, items, [at, -1], prorate=False)
    else:
        lines = _renewed(context, body, items, at)
    return of(context, body, lines, at, (since, at))


def _renewed(context: Context, body: Body, items: list[Body], at: int) -> list[Body]:
    """The lines of the next period, with which a phase of the subscription's schedule may begin."""
    then = replace(context, precise_now=float(at))
    phase = subscription_schedules.coming(then, body, items) if body.get("_phase_ends") == at else None
    if phase is None or phase.starts_trial or any(item["current_period_end"] != at for item in items):
        return billing_runs.renew(context, body, items, at)
    once = subscription_start.lines_once(then, body, phase.charged_once)
    return [*once, *subscription_update.renew(then, body, items, phase.params, at, resets=phase.resets)[0]]


def of_new(context: Context, made: New, once: list[dict[str, Any]]) -> Body:
    """The first invoice of a subscription that does not exist yet; in flexible mode it has no usage on it.

    `once` are the parameters of what it charges once.
    """
    at, lines = context.now, made.lines
    if is_recurring(context):
        at = min(item["current_period_end"] for item in made.change.items)
        lines = billing_runs.renew(context, made.body, made.change.items, at)
    subscription_start.keep(context, made.body, made.once, once)
    return of(context, made.body, lines, at, (context.now, at), new=True)


def of(
    context: Context,
    body: Body,
    lines: list[Body],
    at: int,
    period: tuple[int, int],
    left_out: frozenset[str] = frozenset(),
    *,
    new: bool = False,
) -> Body:
    """An invoice of these lines, of what waits (but for what is `left_out`), and of what the preview is to add.

    That of a `new` subscription names none, nor a customer who is not there either.
    """
    params = context.params
    customer = existing(context, CUSTOMER, "customer", body["customer"], "customer")
    waiting = []
    if not is_recurring(context):
        waiting = [item["_line"] for item in invoice_items.pending(context, body, but=left_out)]
    extra = [_extra_line(context, body, item, index, at) for index, item in enumerate(params.get("invoice_items", []))]
    invoice, _ = invoices.draft(
        context,
        body,
        customer,
        [*waiting, *lines, *extra],
        reason="upcoming",
        at=at,
        period=period,
        id=new_id("upcoming_in"),
    )
    if body["collection_method"] == "charge_automatically":
        invoice["next_payment_attempt"] = at + invoices.GRACE_SECONDS
    details = params.get("subscription_details", {})
    if any(line["proration"] for line in [*waiting, *lines]):
        invoice["parent"]["subscription_details"]["subscription_proration_date"] = details.get("proration_date", context.now)
    if new:
        invoice.update(customer=params.get("customer"), parent=None)
    return invoices.rendered_preview(context, invoice)


def _extra_line(context: Context, body: Body, wanted: dict[str, Any], index: int, at: int) -> Body:
    here = f"invoice_items[{index}]"
    return written_lines.new(context, wanted, here, body, id=new_id("ii"), at=at, price="price")
