"""When a subscription is billed, and for what: at its start, at the end of each period, when it changes, at its end.

Nothing is stored here: the bodies that are passed are brought up to date, and lines are returned, so previews call it too.

An item knows the dates of its periods (`_anchor`, `_anchor_day`), from where on its usage is not billed yet (`_usage_from`), what
of it a threshold has billed nevertheless (`_billed`), from where on it is free in a trial that came later (`_free_from`), when
its price was swapped (`_swapped_at`), and what its license was charged for the time from now on (`_debits`: start, end, amount,
and by id what discounts took off it), which is what a credit gives back.
"""

from __future__ import annotations

from typing import Any

from stripe_local.calculation import stretches
from stripe_local.calculation.discounts import Charge, Taken, share, taken
from stripe_local.calculation.periods import Grid
from stripe_local.calculation.stretches import Stretch
from stripe_local.store.objects import Body
from stripe_local.wire.errors import invalid
from stripe_local.wire.operation import Context

from . import charges, discounts

# An incomplete subscription expires after 23 hours. https://docs.stripe.com/billing/subscriptions/overview
_INCOMPLETE_SECONDS = 23 * 3600

# https://docs.stripe.com/billing/subscriptions/backdating
_MOST_LINES = 250

_OVER = ("canceled", "incomplete_expired")
_UNBILLED = ("paused", "trialing")


def is_classic(subscription: Body) -> bool:
    """Whether the subscription has the classic billing mode."""
    return bool(subscription["billing_mode"]["type"] == "classic")


def is_billed(subscription: Body) -> bool:
    """Whether time costs anything now: not in a trial, nor while paused."""
    return subscription["status"] not in _UNBILLED


def grid(item: Body, price: Body) -> Grid:
    """The dates of an item's periods."""
    recurring = price["recurring"]
    return Grid(item["_anchor"], recurring["interval"], recurring["interval_count"], item.get("_anchor_day"))


# What one item is charged


def usage(context: Context, subscription: Body, item: Body, price: Body, end: list[int], until: int | None = None) -> list[Body]:
    """The usage of a metered item up to a bound, unless there can be none, as in a trial; it is billed then.

    The line's period ends at the bound, or at `until`.
    """
    if item["_usage_from"] >= end:
        return []
    found, since = _unbilled(subscription, item, price, end)
    item["_usage_from"] = end
    return charges.metered_lines(context, subscription, item, price, (since, end[0] if until is None else until), found)


def used_until_now(context: Context, subscription: Body, item: Body, price: Body) -> tuple[list[Body], Body]:
    """The usage of a metered item in the present period that is not billed yet, in lines that stay as they are.

    Returns also what the item is to have as `_billed` once these are on an invoice.
    """
    found, since = _unbilled(subscription, item, price, [context.now, context.usage.latest_seq()])
    lines = charges.metered_lines(context, subscription, item, price, (since, context.now), found)
    billed = charges.billed_with(context, price, subscription["currency"], found)
    return [{**line, "fixed": True} for line in lines], {**billed, "since": item["_usage_from"], "price": price["id"]}


def _unbilled(subscription: Body, item: Body, price: Body, end: list[int]) -> tuple[dict[str, Any], int]:
    """The usage of an item up to a bound, without what is billed of it, and when it begins."""
    billed = item.get("_billed")
    if billed is not None and (billed["since"], billed["price"]) != (item["_usage_from"], price["id"]):
        billed = None
    since = max(item["current_period_start"], item["_usage_from"][0], item.get("_swapped_at", 0))
    return charges.usage_of(price, subscription["customer"], item["_usage_from"], end, billed), since


def charge(context: Context, subscription: Body, item: Body, price: Body, stretch: Stretch, among: list[Body]) -> list[Body]:
    """A license for a stretch of time, of an item `among` all; nothing where none is left of it.

    Part of a period comes with its part of the discounts that there are now; what is taken off a whole one, the invoice decides.
    """
    if stretch.part <= 0 or (stretch.partial and not item["quantity"]):
        return []
    period, off = (stretch.start, stretch.end), Taken()
    if stretch.partial:
        whole = charges.whole_amount(price, subscription["currency"], item["quantity"])
        less = _off(context, subscription, item, among, stretch.start)
        amount, off = share(whole, less, stretch.part, stretch.whole)
        of = (whole, sum(less.values()), stretch.part, stretch.whole)
        lines = [charges.proration_line(context, subscription, item, price, period, amount, off, of, credit=False)]
    else:
        lines = charges.licensed_lines(context, subscription, item, price, period)
        amount = sum(line["amount"] for line in lines)
    _debits(item).append([*period, amount, off])
    return lines


def worth(context: Context, subscription: Body, items: list[Body]) -> int:
    """What the licenses cost in a whole period."""
    return sum(charge.amount for charge in _charges(context, subscription, items, 0))


def _charges(context: Context, subscription: Body, items: list[Body], at: int) -> list[Charge]:
    found, currency = [], subscription["currency"]
    for item in items:
        price = charges.stored_price(context, item["price"])
        own = discounts.terms(context, discounts.current(context, item["discounts"], at), currency)
        amount = 0 if charges.is_metered(price) else charges.whole_amount(price, currency, item["quantity"] or 0)
        found.append(Charge(amount, price["product"], tuple(own)))
    return found


def _off(context: Context, subscription: Body, item: Body, among: list[Body], at: int) -> Taken:
    """What the discounts at that time take off a whole period of an item: its own, and its share of the subscription's."""
    common = discounts.of_invoice(context, subscription, at)
    if not common and not item["discounts"]:
        return {}
    found = taken(_charges(context, subscription, among, at), discounts.terms(context, common, subscription["currency"]))
    return next(off for each, off in zip(among, found, strict=True) if each is item)


def credit(context: Context, subscription: Body, item: Body, price: Body, start: int) -> list[Body]:
    """What was paid for a license from `start` on.

    Flexible billing gives back what was charged, debit by debit; classic billing goes by the item's present price and quantity.
    https://docs.stripe.com/billing/subscriptions/prorations
    """
    debits, currency = _debits(item), subscription["currency"]
    end = max((debit[1] for debit in debits), default=item["current_period_end"])
    latest = list(debits[-1][3]) if debits else []
    given = []
    for debit in debits:
        first, last, amount, off = debit
        since = max(start, first)
        if since < last:
            back, returned = share(-amount, _negative(off), last - since, last - first)
            given.append((since, last, back, returned, (-amount, -sum(off.values()), last - since, last - first)))
            debit[1:] = [since, amount + back, {id: off[id] + returned[id] for id in off}]
    item["_debits"] = [debit for debit in debits if debit[0] < debit[1]]
    if is_classic(subscription):
        left = stretches.rest(grid(item, price), start).until(end)
        whole = charges.whole_amount(price, currency, item["quantity"] or 0)
        begins = item["current_period_start"]
        if item["created"] == begins:
            # An item that joined is credited from where its change is charged, also before it joined.
            begins = grid(item, price).period(begins)[0]
        covered = begins <= start < end
        # The latest discounts as if there were no other items: an amount off in full.
        (off,) = taken([Charge(whole, price["product"])], discounts.terms(context, latest, currency))
        back, returned = share(-whole, _negative(off), left.part, left.whole)
        of = (-whole, -sum(off.values()), left.part, left.whole)
        given = [(start, end, back, returned, of)] if covered and item["quantity"] else []
    return [
        charges.proration_line(context, subscription, item, price, (since, last), amount, off, of, credit=True)
        for since, last, amount, off, of in given
    ]


def _negative(off: Taken) -> Taken:
    return {id: -amount for id, amount in off.items()}


def _debits(item: Body) -> list[list[Any]]:
    # Databases of earlier versions have debits without discounts.
    found = item["_debits"] = [[*debit, {}][:4] for debit in item.get("_debits", [])]
    return found


# Runs over all items


def open_periods(context: Context, subscription: Body, items: list[Body], start: int) -> list[list[Stretch]]:
    """Begin the first periods of a new subscription; returns the stretches since `start`, item by item."""
    found = []
    for item in items:
        price = charges.stored_price(context, item["price"])
        if subscription["status"] == "trialing":
            first, last = subscription["trial_start"], subscription["trial_end"]
            laid_out = [Stretch(first, last, last - first, last - first)]
            item["_usage_from"] = [last, -1]
        else:
            laid_out = stretches.opening(grid(item, price), start, context.now, classic=is_classic(subscription))
            item["_usage_from"] = [laid_out[0].start, -1]
        item["current_period_start"], item["current_period_end"] = laid_out[-1].start, laid_out[-1].end
        found.append(laid_out)
    return found


def first_lines(
    context: Context, subscription: Body, items: list[Body], laid_out: list[list[Stretch]], *, prorates: bool
) -> list[Body]:
    """What the first invoice charges: licenses in advance, and usage of periods that are over.

    Without prorations only whole periods from now on are charged.
    """
    lines: list[Body] = []
    for item, found in zip(items, laid_out, strict=True):
        price = charges.stored_price(context, item["price"])
        if charges.is_metered(price):
            lines += _first_usage(context, subscription, item, price, found, prorates=prorates)
            continue
        for stretch in found:
            if subscription["status"] == "trialing":
                period = (stretch.start, stretch.end)
                lines.append(charges.free_line(context, subscription, item, price, period))
            elif prorates:
                lines += charge(context, subscription, item, price, stretch.until(subscription["cancel_at"]), items)
            elif stretch.start >= context.now and not stretch.partial:
                # Classic billing prorates a first period that is cut short, whatever was asked for.
                # https://docs.stripe.com/billing/subscriptions/billing-mode/compare
                end = subscription["cancel_at"] if is_classic(subscription) else None
                lines += charge(context, subscription, item, price, stretch.until(end), items)
    if len(lines) > _MOST_LINES:
        raise invalid(
            f"The backdated time makes {len(lines)} invoice line items, and an invoice can have at most {_MOST_LINES}.",
            "backdate_start_date",
        )
    return lines


def _first_usage(
    context: Context, subscription: Body, item: Body, price: Body, found: list[Stretch], *, prorates: bool
) -> list[Body]:
    if is_classic(subscription):
        return [no_usage(context, subscription, item, price)]
    lines = []
    for past in found[:-1]:
        usage_of = charges.usage_of(price, subscription["customer"], [past.start, -1], [past.end, -1])
        if prorates:
            lines += charges.metered_lines(context, subscription, item, price, (past.start, past.end), usage_of)
        item["_usage_from"] = [past.end, -1]
    return lines


def no_usage(context: Context, subscription: Body, item: Body, price: Body) -> Body:
    """The line of nothing that classic billing shows for a metered item that begins.

    https://docs.stripe.com/billing/subscriptions/billing-mode/compare#suppress-zero-amount-line-items-when-adding-usage-based-items
    """
    period = (item["current_period_start"], item["current_period_end"])
    if subscription["status"] == "trialing":
        nothing = charges.usage_of(price, subscription["customer"], [period[0], -1], [period[0], -1])
        return charges.free_line(context, subscription, item, price, period, nothing)
    return charges.no_usage_line(context, subscription, item, price, period)


def renew(context: Context, subscription: Body, items: list[Body], at: int) -> list[Body]:
    """Begin the next period of the items whose period ends at `at`; returns their usage, and licenses for the new period."""
    lines: list[Body] = []
    for item in items:
        if item["current_period_end"] == at:
            lines += ended(context, subscription, item, charges.stored_price(context, item["price"]), at)
            place(context, [item], at)
            prorates = subscription.get("_prorates", True)
            lines += charge_periods(context, subscription, [item], prorates=prorates, among=items)
    return lines


def ended(context: Context, subscription: Body, item: Body, price: Body, at: int) -> list[Body]:
    """What the period that ends at `at` costs after it: the usage of a metered item."""
    if not charges.is_metered(price):
        return []
    if at == subscription["trial_end"]:
        return [used_in_trial(context, subscription, item, price, [at, -1])]
    return usage(context, subscription, item, price, [at, -1])


def used_in_trial(context: Context, subscription: Body, item: Body, price: Body, end: list[int]) -> Body:
    """What was used for free, up to the bound at which the trial ends. There is an invoice then, also of what costs nothing.

    https://docs.stripe.com/billing/subscriptions/trials,
    https://docs.stripe.com/billing/subscriptions/billing-mode/compare#usage-based-pricing
    """
    period = (item["current_period_start"], end[0])
    since = max([period[0], -1], item.get("_free_from", []))
    used = charges.usage_of(price, subscription["customer"], since, end)
    return charges.free_line(context, subscription, item, price, period, used)


def place(context: Context, items: list[Body], at: int) -> None:
    """Begin periods at `at` that last until the items' next date."""
    for item in items:
        price = charges.stored_price(context, item["price"])
        item["current_period_start"], item["current_period_end"] = at, grid(item, price).period(at)[1]
        item["_usage_from"] = max(item["_usage_from"], [at, -1])
        item["_debits"] = []


def anchor(context: Context, subscription: Body, items: list[Body], at: int) -> None:
    """Begin whole periods at `at`, which is the anchor from then on."""
    subscription["billing_cycle_anchor"] = at
    subscription["_anchor_day"] = None
    if subscription["cancel_at_period_end"]:
        subscription["cancel_at"] = None
    for item in items:
        item["_anchor"], item["_anchor_day"] = at, None
    place(context, items, at)


def charge_periods(
    context: Context, subscription: Body, items: list[Body], *, prorates: bool = True, among: list[Body] | None = None
) -> list[Body]:
    """Licenses for the periods that have just begun, of items that are all, or are `among` these.

    What is less than a period because of the anchor is prorated, or free; what is less because of the end is prorated.
    """
    lines: list[Body] = []
    for item in items:
        price = charges.stored_price(context, item["price"])
        if not charges.is_metered(price):
            stretch = stretches.rest(grid(item, price), item["current_period_start"])
            if prorates or not stretch.partial:
                lines += charge(context, subscription, item, price, stretch.until(subscription["cancel_at"]), among or items)
    return lines


def close(context: Context, subscription: Body, items: list[Body], end: list[int], *, prorate: bool) -> list[Body]:
    """Usage that is not billed yet, up to a bound, and with `prorate` a credit for licenses from there on."""
    lines: list[Body] = []
    for item in items:
        price = charges.stored_price(context, item["price"])
        if charges.is_metered(price):
            lines += usage(context, subscription, item, price, end)
        elif prorate and is_billed(subscription):
            lines += credit(context, subscription, item, price, end[0])
    return lines


def due(subscription: Body, items: list[Body]) -> int | None:
    """When the subscription next needs attention by itself."""
    status = subscription["status"]
    if status in _OVER:
        return None
    if status == "incomplete":
        return int(subscription["created"]) + _INCOMPLETE_SECONDS
    moments = [subscription["cancel_at"], subscription["next_pending_invoice_item_invoice"], subscription.get("_phase_ends")]
    if subscription["pending_update"] is not None:
        moments.append(subscription["pending_update"]["expires_at"])
    if status != "paused":
        moments += [item["current_period_end"] for item in items]
    if subscription["pause_collection"] is not None:
        moments.append(subscription["pause_collection"]["resumes_at"])
    return min((moment for moment in moments if moment is not None), default=None)
