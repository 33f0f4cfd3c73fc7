"""How a subscription changes: its items, its trial, its anchor, its end, its settings, its billing mode.

One update is one thing: all of it is checked, all of it is applied, and then it is billed once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stripe_local.calculation import stretches
from stripe_local.resources.shared import existing
from stripe_local.store.kinds import CUSTOMER
from stripe_local.store.objects import Body
from stripe_local.wire.errors import invalid, not_supported
from stripe_local.wire.operation import Context, post

from . import (
    billing_runs,
    charges,
    discounts,
    invoice_collection,
    invoice_items,
    invoices,
    pending_updates,
    schedule_states,
    subscription_states,
    subscriptions,
    threshold_settings,
)
from . import subscription_settings as settings
from . import subscription_start as start
from .subscription_items import Change, items_of
from .subscription_parameters import MIGRATE, UPDATE
from .subscription_start import trial_in_the_past


@dataclass
class Bill:
    """What an update makes due besides what is pending, whether both are invoiced `now`, and whether that has to be paid.

    `left_out` are the ids of pending items that wait on nevertheless.
    """

    lines: list[Body] = field(default_factory=list)
    now: bool = False
    to_be_paid: bool = False
    left_out: frozenset[str] = frozenset()


def update(context: Context) -> Body:
    """`POST /v1/subscriptions/{id}`."""
    params = context.params
    body = subscriptions.existing_by_path(context)
    if body["status"] in subscription_states.OVER:
        if set(params) - {"cancellation_details", "metadata", "expand"}:
            subscriptions.refuse_if_over(body)
        settings.apply(context, body, {name: params[name] for name in ("cancellation_details", "metadata") if name in params})
        return subscriptions.rendered(context, subscriptions.save(context, body))
    carry_out(context, body, params)
    return subscriptions.rendered(context, body)


_WHILE_INCOMPLETE = {
    *("default_payment_method", "expand", "metadata", "off_session", "payment_behavior", "payment_settings"),
    "proration_behavior",
}


def _refuse_while_incomplete(body: Body, params: dict[str, Any]) -> None:
    refused = sorted(params.keys() - _WHILE_INCOMPLETE) if body["status"] == "incomplete" else []
    if refused:
        # https://docs.stripe.com/api/subscriptions/object#subscription_object-status; Stripe's words are not known.
        raise invalid(
            "A subscription that is incomplete can only update its metadata and how it is paid, until its first invoice is paid.",
            refused[0],
        )


def carry_out(context: Context, body: Body, params: dict[str, Any], *, by_schedule: bool = False) -> None:
    """Update a subscription, and issue what that makes due at once. Raises StripeError.

    What is not done `by_schedule` is refused where only the schedule does it, and else noted in the schedule.
    """
    if not by_schedule:
        schedule_states.refuse(context, body, params)
    behavior = params.get("payment_behavior")
    if body["pending_update"] is not None and not ("resumes" in body["_pending"] and params.keys() <= _WHILE_INCOMPLETE):
        pending_updates.drop(context, body, context.now)
    if behavior == "pending_if_incomplete":
        pending_updates.check(params)
        context.connection.execute("SAVEPOINT change")
    bill = modified(context, body, params)
    if bill.now:
        failure = invoices.issue(
            context,
            body,
            bill.lines,
            reason="subscription_update",
            at=context.now,
            left_out=bill.left_out,
            collects=behavior != "default_incomplete",
            off_session=params.get("off_session", False),
        )
        payable = failure is not None and failure.code != "resource_missing"
        if failure is not None and payable and behavior == "pending_if_incomplete":
            shown, lines = pending_updates.noted(context, body)
            context.connection.execute("ROLLBACK TO change")
            body.clear()
            body.update(existing(context, subscriptions.KIND, "subscription", shown["id"], "id"))
            pending_updates.keep(context, body, params, shown, lines)
        elif failure is not None and (
            (bill.to_be_paid and not by_schedule) or behavior in ("error_if_incomplete", "pending_if_incomplete")
        ):
            raise invoice_collection.refusing(failure)
        subscriptions.save(context, body)
    if not by_schedule and body["pending_update"] is None:
        schedule_states.split(context, body, params)


def apply_pending(context: Context, body: Body) -> None:
    """Carry out an update whose invoice is paid now; what it costs is on that."""
    params, there = body.pop("_pending"), {item["id"] for item in invoice_items.pending(context, body)}
    body["pending_update"] = None
    modified(context, body, params)
    schedule_states.split(context, body, params)
    for item in invoice_items.pending(context, body):
        if item["id"] not in there:
            context.objects.remove(invoice_items.KIND, item["id"])


def modify(context: Context, body: Body, items: list[Body], params: dict[str, Any]) -> Bill:
    """Bring a subscription and its items in line with an update, without storing them.

    Prorations and one-time charges are stored, as pending. Returns what else is due, and whether that is billed now. Raises
    StripeError.
    """
    return _Update(context, body, items, params).apply()


def modified(context: Context, body: Body, params: dict[str, Any]) -> Bill:
    """As `modify`, and stored, but for what is billed now. Raises StripeError."""
    wanted = _Update(context, body, items_of(context, body["id"]), params)
    bill = wanted.apply()
    wanted.change.save()
    context.objects.put(subscriptions.KIND, body)
    return bill


def renew(
    context: Context, body: Body, items: list[Body], params: dict[str, Any], at: int, *, resets: bool
) -> tuple[list[Body], Change]:
    """Begin the next period of all items, which ends for all at `at`, as an update has them from then on, without storing them.

    Returns what the period that ends and the new one cost, all of it for one invoice: nothing is prorated but where the new
    period is not a whole one. A billing date that `resets` moves to `at`. Raises StripeError.
    """
    lines: list[Body] = []
    for item in items:
        lines += billing_runs.ended(context, body, item, charges.stored_price(context, item["price"]), at)
    change = Change(context, body, items)
    change.apply(params["items"])
    settings.apply(context, body, params)
    if "discounts" in params:
        body["discounts"] = discounts.given(context, params["discounts"], "discounts", body, has=body["discounts"])
    if resets or (billing_runs.is_classic(body) and change.another_interval):
        billing_runs.anchor(context, body, items, at)
    else:
        billing_runs.place(context, items, at)
    settings.apply_cancel_at(context, body, items, params)
    prorates = params.get("proration_behavior") != "none"
    return [*lines, *billing_runs.charge_periods(context, body, items, prorates=prorates)], change


class _Update:
    """One update: everything is applied first, and then settled."""

    def __init__(self, context: Context, body: Body, items: list[Body], params: dict[str, Any]) -> None:
        _refuse_while_incomplete(body, params)
        self.context, self.body, self.items, self.params = context, body, items, params
        self.at: int = params.get("proration_date", context.now)
        if not body["start_date"] <= self.at <= max(context.now, *(item["current_period_end"] for item in items)):
            raise invalid("proration_date must lie within the current period.", "proration_date")
        if params.get("trial_from_plan"):
            raise not_supported("trial_from_plan", "give the trial's end as 'trial_end'.")
        self.behavior = params.get("proration_behavior", "create_prorations")
        self.prorates = self.behavior != "none"
        self.was_billed = billing_runs.is_billed(body)
        self.classic = billing_runs.is_classic(body)
        self.cancel_at = body["cancel_at"]
        self.change = Change(context, body, items)
        self.bill = Bill()
        self.prorations: list[Body] = []

    def apply(self) -> Bill:
        """As `modify`."""
        context, body, params, change = self.context, self.body, self.params, self.change
        was_free = self._is_free()
        change.apply(params.get("items", []))
        settings.apply(context, body, params)
        if params.keys() & {"billing_thresholds", "items"}:
            threshold_settings.check(context, body["billing_thresholds"], self.items, body["currency"])
        if "discounts" in params:
            body["discounts"] = discounts.given(context, params["discounts"], "discounts", body, has=body["discounts"])
        from_free = was_free and not self._is_free()
        trial_end = params.get("trial_end")
        starts_trial, ends_trial = isinstance(trial_end, int), trial_end == "now" and body["status"] == "trialing"
        # The billing date moves when it is told to; in classic mode also with another interval, and from free to paid.
        # https://docs.stripe.com/billing/subscriptions/billing-mode/compare
        told = params.get("billing_cycle_anchor", {}).get("type")
        moves = told == "now" or (self.classic and (change.another_interval or (from_free and told != "unchanged")))
        resets = moves and self.was_billed and not starts_trial
        if resets and self.classic and self.behavior == "always_invoice":
            # https://docs.stripe.com/billing/subscriptions/billing-mode/compare#consistently-include-pending-invoice-items
            self.bill.left_out = frozenset(item["id"] for item in invoice_items.pending(context, body))
        self._leave(everything=starts_trial or resets)
        joining: list[Body] = []
        if starts_trial:
            self._start_trial(params["trial_end"])
        elif ends_trial:
            self._end_trial()
            # Recorded: nobody leaves a trial by hand who has to pay and cannot.
            self.bill.to_be_paid = True
        elif resets:
            billing_runs.anchor(context, body, self.items, context.now)
        else:
            joining = self._place()
        if body["status"] not in subscription_states.OVER:
            settings.apply_cancel_at(context, body, self.items, params)
        if (ends_trial and body["status"] == "active") or resets:
            self.bill.lines += billing_runs.charge_periods(context, body, self.items, prorates=self.prorates)
        elif self.was_billed and self.prorates and not starts_trial:
            self._join(joining)
        if self.classic and body["status"] in ("active", "past_due") and (self.bill.lines or self.behavior == "always_invoice"):
            self.bill.lines += self._begun()
        for line in self.prorations:
            invoice_items.add(context, body, line, context.now)
        start.add_invoice_items(context, body, params.get("add_invoice_items", []))
        self.bill.now = self._is_due(at_once=change.another_interval or from_free)
        subscriptions.settle(self.context, body, self.items)
        return self.bill

    def _is_due(self, *, at_once: bool) -> bool:
        if self.bill.lines:
            return True
        if (
            self.behavior == "always_invoice"
            and self.classic
            and self.body["status"] not in (*subscription_states.OVER, "paused")
        ):
            # Classic billing makes an invoice of whatever waits; flexible billing only if the update itself costs anything.
            # https://docs.stripe.com/billing/subscriptions/pending-updates-reference
            return bool(invoice_items.pending(self.context, self.body, but=self.bill.left_out))
        return bool(self.prorations) and (at_once or self.behavior == "always_invoice")

    def _is_free(self) -> bool:
        found = [(item, charges.stored_price(self.context, item["price"])) for item in self.items]
        return not any(
            charges.is_metered(price) or charges.whole_amount(price, self.body["currency"], item["quantity"] or 0)
            for item, price in found
        )

    # Settling what was, and what is to be

    def _leave(self, *, everything: bool) -> None:
        """Usage so far, and credit for licenses, of the items that change or go, or of all."""
        if not self.was_billed:
            return
        context, body, change = self.context, self.body, self.change
        before = {item["id"]: item for item in change.before}
        old = [before.get(item["id"], item) for item in [*self.items, *change.removed] if item not in change.added]
        latest = context.usage.latest_seq()
        bound = [self.at, latest]
        for item in old:
            price = charges.stored_price(context, item["price"])
            if not everything and item["id"] not in before and item not in change.removed:
                continue
            if not charges.is_metered(price):
                if self.prorates:
                    self.prorations += billing_runs.credit(context, body, item, price, self.at)
            elif everything and not isinstance(self.params.get("trial_end"), int):
                self.bill.lines += billing_runs.usage(context, body, item, price, bound)
            elif everything or (self.prorates and not self.classic):
                # What was used before a trial waits for the next invoice. Usage at a price that goes is an invoice item in
                # flexible mode, and lost in classic mode.
                # What was reported so far is at the old price, and what is reported from now on at the new one.
                # https://docs.stripe.com/billing/subscriptions/usage-based/manage-billing
                reported = bound if everything else [item["current_period_end"], -1, latest]
                lines = billing_runs.usage(context, body, item, price, reported, self.at)
                self.prorations += charges.together(context, lines)
        for item in self.items:
            if item["id"] in before:
                item["_debits"] = before[item["id"]].get("_debits", [])
                item["_usage_from"] = bound if everything else [item["current_period_start"], -1, latest]
                item["_swapped_at"] = self.at

    def _place(self) -> list[Body]:
        """The periods of items that are new or changed; returns these items."""
        context, body, change = self.context, self.body, self.change
        changed = {item["id"] for item in change.before}
        joining = [item for item in self.items if item in change.added or item["id"] in changed]
        for item in joining:
            price = charges.stored_price(context, item["price"])
            if body["status"] == "trialing":
                item["current_period_start"], item["current_period_end"] = body["trial_start"], body["trial_end"]
                item["_usage_from"] = [body["trial_end"], -1]
            elif item["current_period_end"] is None or change.another_interval:
                item["current_period_start"], item["current_period_end"] = billing_runs.grid(item, price).period(self.at)
                if item in change.added:
                    item["current_period_start"] = context.now
        return joining

    def _join(self, joining: list[Body]) -> None:
        """Charge what joins for the rest of its period, and settle where the subscription ends sooner or later than before."""
        context, body, new_end = self.context, self.body, self.body["cancel_at"]
        for item in self.items:
            price = charges.stored_price(context, item["price"])
            if charges.is_metered(price):
                continue
            grid, end = billing_runs.grid(item, price), item["current_period_end"]
            if item in joining:
                stretch = stretches.rest(grid, self.at).until(new_end)
                self.prorations += billing_runs.charge(context, body, item, price, stretch, self.items)
                continue
            was, will_be = min(end, self.cancel_at or end), min(end, new_end or end)
            if will_be < was:
                self.prorations += billing_runs.credit(context, body, item, price, will_be)
            elif was < will_be:
                stretch = stretches.rest(grid, was).until(will_be)
                self.prorations += billing_runs.charge(context, body, item, price, stretch, self.items)

    def _begun(self) -> list[Body]:
        """The lines of nothing for metered items that are added; classic billing has them where it makes an invoice."""
        added = [(item, charges.stored_price(self.context, item["price"])) for item in self.change.added]
        metered = [(item, price) for item, price in added if charges.is_metered(price)]
        return [billing_runs.no_usage(self.context, self.body, item, price) for item, price in metered]

    # Trials

    def _start_trial(self, trial_end: int) -> None:
        context, body = self.context, self.body
        if trial_end <= context.now:
            raise trial_in_the_past(trial_end)
        if body["status"] != "trialing":
            if not (self.classic and body["trial_start"]):
                body["trial_start"] = context.now
            for item in self.items:
                item["_free_from"] = [context.now, context.usage.latest_seq()]
        start = body["trial_start"] if body["status"] == "trialing" else context.now
        body["status"], body["status_details"] = "trialing", None
        body["trial_end"] = body["billing_cycle_anchor"] = trial_end
        for item in self.items:
            item["current_period_start"], item["current_period_end"] = start, trial_end
            item["_anchor"], item["_anchor_day"], item["_debits"] = trial_end, None, []
            item["_usage_from"] = [trial_end, -1]

    def _end_trial(self) -> None:
        context, body = self.context, self.body
        if leave_trial(context, body, self.items, context.now):
            end = [context.now, context.usage.latest_seq()]
            changed = {item["id"] for item in (*self.change.before, *self.change.added)}
            for item in self.items:
                price = charges.stored_price(context, item["price"])
                if charges.is_metered(price) and item["id"] not in changed:
                    self.bill.lines.append(billing_runs.used_in_trial(context, body, item, price, end))
                item["_usage_from"] = end
            if body["trial_settings"]["end_behavior"].get("billing_cycle_anchor") == "unchanged":
                billing_runs.place(context, self.items, context.now)
            else:
                billing_runs.anchor(context, body, self.items, context.now)


def leave_trial(context: Context, body: Body, items: list[Body], at: int) -> bool:
    """End a trial at `at`; returns whether the subscription is active then: without a payment method it may end, or pause."""
    body["trial_end"] = at
    customer = existing(context, CUSTOMER, "customer", body["customer"], "customer")
    missing = body["trial_settings"]["end_behavior"]["missing_payment_method"]
    payable = body["collection_method"] == "send_invoice" or invoice_collection.payment_method(body, customer) is not None
    if payable or missing == "create_invoice":
        body["status"] = "active"
        return True
    if missing == "cancel":
        subscription_states.end(context, body, at, reason="cancellation_requested")
    else:
        subscription_states.pause(body, at, "trial_end_without_payment_method")
    for item in items:
        item["current_period_start"] = item["current_period_start"] or body["trial_start"]
        item["current_period_end"] = item["current_period_end"] or at
    return False


def migrate(context: Context) -> Body:
    """`POST /v1/subscriptions/{id}/migrate`: from classic to flexible billing, and never back."""
    body = subscriptions.existing_by_path(context)
    if body["status"] in subscription_states.OVER:
        raise invalid("A canceled subscription cannot be migrated.")
    if body["billing_mode"]["type"] == "flexible":
        raise invalid("The subscription already has `billing_mode[type]=flexible`.", "billing_mode[type]")
    body["billing_mode"] = {**start.billing_mode(context.params["billing_mode"]), "updated_at": context.now}
    return subscriptions.rendered(context, subscriptions.save(context, body))


OPERATIONS = [
    post("/v1/subscriptions/{id}", update, UPDATE),
    post("/v1/subscriptions/{id}/migrate", migrate, MIGRATE),
]
