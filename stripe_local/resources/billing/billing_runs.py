"""When a subscription is billed, and for what: at its start, at the end of each period, at its end.

The functions that return lines change nothing, so previews can call them too.
"""

from __future__ import annotations

from stripe_local.calculation import periods
from stripe_local.store.objects import Body
from stripe_local.wire.operation import Context

from . import charges, invoice_items, invoices, subscription_items

# An incomplete subscription expires after 23 hours. https://docs.stripe.com/billing/subscriptions/overview
_INCOMPLETE_SECONDS = 23 * 3600

_OVER = ("canceled", "incomplete_expired")


def first_lines(
    context: Context, subscription: Body, items: list[Body], *, prorates: bool, backdated_to: int | None = None
) -> list[Body]:
    """What the first invoice charges: licenses in advance, and nothing for metered items in flexible mode."""
    lines = []
    start, trial_end = subscription["created"], subscription["trial_end"]
    trialing = trial_end is not None and trial_end > start
    for item in items:
        price = charges.stored_price(context, item["price"])
        period = (item["current_period_start"], item["current_period_end"])
        if charges.is_metered(price):
            if subscription["billing_mode"]["type"] == "classic":
                # Classic mode shows a line of nothing for each metered item.
                nothing = charges.usage_of(price, subscription["customer"], [start, -1], [start, -1])
                lines.append(charges.metered_line(context, subscription, item, price, period, nothing))
            continue
        quantity = item["quantity"] or 0
        recurring = price["recurring"]
        if trialing:
            lines.append(charges.licensed_line(context, subscription, item, price, quantity, period, free=True))
            continue
        anchor = item["_anchor"]
        if anchor > start:
            # The time up to the anchor is a part of the period that would end there.
            if prorates:
                before = periods.after(anchor, recurring["interval"], -recurring["interval_count"])
                share = (anchor - start, anchor - before)
                lines.append(charges.licensed_line(context, subscription, item, price, quantity, period, share=share))
            continue
        if backdated_to is not None and backdated_to < period[0] and prorates:
            share = (period[0] - backdated_to, period[1] - period[0])
            lines.append(
                charges.licensed_line(context, subscription, item, price, quantity, (backdated_to, period[0]), share=share)
            )
        lines.append(charges.licensed_line(context, subscription, item, price, quantity, period))
    return lines


def usage_line(context: Context, subscription: Body, item: Body, price: Body, end: list[int], until: int) -> Body | None:
    """The usage of a metered item that is not billed yet, or None while there can be none, as in a trial."""
    if item["_usage_from"] >= end:
        return None
    usage = charges.usage_of(price, subscription["customer"], item["_usage_from"], end)
    period = (max(item["current_period_start"], item["_usage_from"][0]), until)
    return charges.metered_line(context, subscription, item, price, period, usage)


def cycle_lines(context: Context, subscription: Body, items: list[Body], at: int, *, renews: bool = True) -> list[Body]:
    """What is charged at `at`, where the periods of some items end: their usage, and licenses for the next period."""
    lines = []
    for item in items:
        if item["current_period_end"] != at:
            continue
        price = charges.stored_price(context, item["price"])
        if charges.is_metered(price):
            line = usage_line(context, subscription, item, price, [at, -1], at)
            if line is not None:
                lines.append(line)
        elif renews:
            period = next_period(item, price)
            lines.append(charges.licensed_line(context, subscription, item, price, item["quantity"] or 0, period))
    return lines


def final_lines(
    context: Context, subscription: Body, items: list[Body], at: int, *, usage_end: list[int], prorate: bool
) -> list[Body]:
    """What is charged when a subscription ends at `at`: usage, and credit for licenses if `prorate`."""
    lines = []
    for item in items:
        price = charges.stored_price(context, item["price"])
        if charges.is_metered(price):
            line = usage_line(context, subscription, item, price, usage_end, at)
            if line is not None:
                lines.append(line)
        elif prorate and item["current_period_start"] <= at < item["current_period_end"] and item["quantity"]:
            if subscription["status"] == "trialing":
                continue
            end = item["current_period_end"]
            lines.append(
                charges.licensed_line(
                    context,
                    subscription,
                    item,
                    price,
                    item["quantity"],
                    (at, end),
                    share=(end - at, subscription_items.period_length(item, price)),
                    sign=-1,
                )
            )
    return lines


def next_period(item: Body, price: Body) -> tuple[int, int]:
    """The period that follows the item's present one."""
    recurring, start = price["recurring"], item["current_period_end"]
    _, end = periods.containing(item["_anchor"], recurring["interval"], recurring["interval_count"], start)
    return start, end


def advance(context: Context, items: list[Body], at: int) -> None:
    """Move the items whose period ends at `at` to their next period."""
    for item in items:
        if item["current_period_end"] != at:
            continue
        price = charges.stored_price(context, item["price"])
        item["current_period_start"], item["current_period_end"] = next_period(item, price)
        item["_usage_from"] = [max(at, item["_usage_from"][0]), -1]
        context.objects.put(subscription_items.KIND, item)


def due(subscription: Body, items: list[Body]) -> int | None:
    """When the subscription next needs attention by itself."""
    status = subscription["status"]
    if status in _OVER:
        return None
    if status == "incomplete":
        return int(subscription["created"]) + _INCOMPLETE_SECONDS
    moments = [subscription["cancel_at"]]
    if status != "paused":
        moments += [item["current_period_end"] for item in items]
    if subscription["pause_collection"] is not None:
        moments.append(subscription["pause_collection"]["resumes_at"])
    return min((moment for moment in moments if moment is not None), default=None)


def settle(context: Context, subscription: Body, lines: list[Body], at: int, *, now: bool) -> None:
    """Keep lines for the next invoice, or bill them `now`."""
    for line in lines:
        invoice_items.add(context, subscription, line, at)
    if now and lines:
        period = (min(line["period"]["start"] for line in lines), at)
        invoices.issue(context, subscription, [], reason="subscription_update", at=at, period=period)
