"""Billing thresholds: an invoice as soon as what is not billed yet comes to an amount, or an item's usage to a quantity.

It bills what was used until then and what waits, and is a draft for an hour in which nothing is added. New periods begin then
where the thresholds are to reset the billing date. https://docs.stripe.com/billing/subscriptions/usage-based/thresholds
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from stripe_local.resources import clocks
from stripe_local.resources.shared import existing
from stripe_local.resources.usage import threshold_watch
from stripe_local.resources.webhooks import events
from stripe_local.store.kinds import CUSTOMER, SUBSCRIPTION
from stripe_local.store.objects import Body
from stripe_local.wire.operation import Context

from . import billing_runs, charges, invoice_items, invoices, subscription_update, subscriptions
from .subscription_items import items_of, put_all

_REASON = "subscription_threshold"
_COUNTS = ("active", "past_due", "unpaid")
_QUIET_SECONDS = 86400
"""How long before the end of a period nothing is looked at: its own invoice comes then."""


@dataclass(frozen=True)
class _Reached:
    """What is on the invoice, what items have as `_billed` then, and which thresholds were reached: an amount, usage of items."""

    lines: list[Body]
    billed: dict[str, Body]
    amount: int | None
    usage: dict[str, int]


def catch_up(context: Context, moment: float) -> None:
    """Invoice the subscriptions that are to be looked at by then (in the server's own time) and have reached a threshold."""
    for id in threshold_watch.take(context, moment):
        body = context.objects.get(SUBSCRIPTION, id)
        if body is not None:
            clock = body["test_clock"]
            then = context if clock is None else clocks.under(context, clock)
            items = items_of(then, id)
            _look(then, body, items)
            threshold_watch.of_usage_to_come(then, id, body["customer"], _meters(then, items), moment)
            events.record(then)


def _meters(context: Context, items: list[Body]) -> dict[str, int]:
    """What counts the usage of items, and when their periods began."""
    found: dict[str, int] = {}
    for item in items:
        meter, since = charges.stored_price(context, item["price"])["recurring"]["meter"], int(item["current_period_start"])
        if meter is not None:
            found[meter] = min(since, found.get(meter, since))
    return found


def _look(context: Context, body: Body, items: list[Body]) -> None:
    reached = _reached(context, body, items)
    if reached is None:
        return
    now, lines = context.now, reached.lines
    period = (min(item["current_period_start"] for item in items), now)
    if (body["billing_thresholds"] or {}).get("reset_billing_cycle_anchor"):
        bill = subscription_update.modify(context, body, items, {"billing_cycle_anchor": {"type": "now"}})
        lines = [{**line, "fixed": True} if line["usage"] else line for line in bill.lines]
    else:
        for item in (item for item in items if item["id"] in reached.billed):
            item["_billed"] = reached.billed[item["id"]]
    reasons = [
        {"line_item_ids": [line["id"] for line in lines if line["item"] == id and line["usage"]], "usage_gte": gte}
        for id, gte in reached.usage.items()
    ]
    put_all(context, items)
    threshold = {"amount_gte": reached.amount, "item_reasons": reasons}
    invoices.issue(context, body, lines, reason=_REASON, at=now, period=period, grace=True, threshold=threshold)
    subscriptions.save(context, body, items)


def _reached(context: Context, body: Body, items: list[Body]) -> _Reached | None:
    ends = [moment for moment in (body["cancel_at"], *(item["current_period_end"] for item in items)) if moment is not None]
    if body["status"] not in _COUNTS or context.now >= min(ends) - _QUIET_SECONDS:
        return None
    lines: list[Body] = []
    billed: dict[str, Body] = {}
    usage: dict[str, int] = {}
    for item in items:
        price = charges.stored_price(context, item["price"])
        if charges.is_metered(price):
            found, billed[item["id"]] = billing_runs.used_until_now(context, body, item, price)
            lines += [line for line in found if line["amount"] or Decimal(line["quantity"])]
            gte = (item["billing_thresholds"] or {}).get("usage_gte")
            if gte is not None and sum(Decimal(line["quantity"]) for line in found) >= gte:
                usage[item["id"]] = gte
    amount = (body["billing_thresholds"] or {}).get("amount_gte")
    if amount is not None and _amounts_to(context, body, lines) < amount:
        amount = None
    return None if amount is None and not usage else _Reached(lines, billed, amount, usage)


def _amounts_to(context: Context, body: Body, lines: list[Body]) -> int:
    """What an invoice of these lines and of what waits comes to after discounts and credits, without taxes."""
    customer = existing(context, CUSTOMER, "customer", body["customer"], "customer")
    waiting = [item["_line"] for item in invoice_items.pending(context, body)]
    period = (context.now, context.now)
    draft, _ = invoices.draft(context, body, customer, [*waiting, *lines], reason=_REASON, at=context.now, period=period)
    return int(draft["total_excluding_tax"])
