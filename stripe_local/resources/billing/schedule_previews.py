"""The next invoice of a subscription schedule: as it is, as an update would have it, or of one that does not exist yet.

https://docs.stripe.com/billing/subscriptions/subscription-schedules#preview-an-invoice. All is really done as time would do it,
up to the first invoice, in the transaction of the preview, which is thrown away.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from stripe_local.resources.shared import existing
from stripe_local.store.kinds import CUSTOMER, SUBSCRIPTION
from stripe_local.store.objects import Body
from stripe_local.wire.errors import StripeError, exclusive_params, invalid, missing_param
from stripe_local.wire.operation import Context

from . import preview_customers, subscription_start, subscription_states, subscription_update, upcoming_invoices
from . import schedule_states as states
from . import subscription_schedules as schedules
from .schedule_parameters import PREVIEWED
from .subscription_items import items_of


def preview(context: Context) -> Body:
    """The preview that `schedule` and `schedule_details` ask for. Raises StripeError."""
    params = context.params
    own = next(name for name in ("schedule", "schedule_details") if name in params)
    for other in ("subscription", "subscription_details"):
        if other in params:
            raise exclusive_params(own, other)
    schedule = None
    if "schedule" in params:
        schedule = existing(context, schedules.KIND, "subscription_schedule", params["schedule"], "schedule")
        if params.get("customer") not in (None, schedule["customer"]):
            raise invalid(f"The schedule {schedule['id']} does not belong to the customer {params['customer']}.", "customer")
        if schedule["status"] not in states.OPEN:
            raise upcoming_invoices.none_of(schedule["customer"])
    try:
        return _of_a_new_one(context) if schedule is None else _of(context, schedule)
    except StripeError as error:
        # Here the parameters of a schedule are those of `schedule_details`.
        if error.param is not None and error.param.split("[")[0] in PREVIEWED:
            name, bracket, inner = error.param.partition("[")
            error.param = f"schedule_details[{name}]{bracket}{inner}"
        raise


def _of_a_new_one(context: Context) -> Body:
    details = context.params["schedule_details"]
    customer = preview_customers.of_new(context)
    if not details.get("phases"):
        raise missing_param("schedule_details[phases]")
    begins = details["phases"][0].get("start_date")
    if begins is None:
        raise missing_param("schedule_details[phases][0][start_date]")
    schedule = schedules.new(context, details, customer, context.now if begins == "now" else begins)
    return _first(context, schedule, customer)


def _of(context: Context, schedule: Body) -> Body:
    """Of one that is there, after the update that is asked about."""
    details = context.params.get("schedule_details", {})
    if "billing_mode" in details:
        raise invalid("`billing_mode` can only be previewed for a new subscription schedule.", "billing_mode")
    preview_customers.detail(context, schedule["customer"])
    was = copy.deepcopy(schedule)
    schedules.change(context, schedule, details)
    states.save(context, schedule)
    if schedule["status"] == "not_started":
        return _first(context, schedule, existing(context, CUSTOMER, "customer", schedule["customer"], "customer"))
    coming = _Coming(context)
    if details:
        schedules.carry_over(context, schedule, was, details, coming.apply)
    return coming.shown or coming.next(schedule["subscription"])


def _check_currency(context: Context, currency: str) -> None:
    if context.params.get("currency") not in (None, currency):
        raise invalid(f"The subscription schedule is in {currency}.", "currency")


def _first(context: Context, schedule: Body, customer: Body) -> Body:
    """The first invoice, when the schedule begins."""
    _check_currency(context, schedule["_phases"][0]["currency"])
    then = replace(context, precise_now=float(max(schedule["_phases"][0]["start_date"], context.now)))
    params, more = schedules.first(then, schedule)
    made = subscription_start.new(then, params, customer)
    made.body.update(more)
    upcoming_invoices.redeem(then, made.body, made.change.items)
    return upcoming_invoices.of_new(then, made, params["add_invoice_items"])


class _Coming:
    """The first invoice that comes of updates of a subscription, and of the phases of its schedule."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.shown: Body | None = None

    def apply(self, then: Context, body: Body, params: dict[str, Any]) -> None:
        """Update the subscription, as a phase has it, and show what that bills at once."""
        bill = subscription_update.modified(then, body, params)
        if body["status"] in subscription_states.OVER:
            raise upcoming_invoices.none_of(body["customer"])
        if bill.now and self.shown is None and not upcoming_invoices.is_recurring(then):
            upcoming_invoices.redeem(then, body, items_of(then, body["id"]))
            self.shown = upcoming_invoices.of(then, body, bill.lines, then.now, (then.now, then.now), bill.left_out)

    def next(self, id: str) -> Body:
        """What the subscription is billed next, phase by phase."""
        body = existing(self._context, SUBSCRIPTION, "subscription", id, "subscription")
        _check_currency(self._context, body["currency"])
        while self.shown is None and self._enter(body):
            pass
        if self.shown is not None:
            return self.shown
        items = items_of(self._context, id)
        upcoming_invoices.redeem(self._context, body, items)
        return upcoming_invoices.by_itself(self._context, body, items)

    def _enter(self, body: Body) -> bool:
        """Go on to the next phase, if it begins before the present periods end, or with a trial when they do."""
        turn, items = body.get("_phase_ends"), items_of(self._context, body["id"])
        end = min(item["current_period_end"] for item in items)
        if turn is None or turn > end or (body["cancel_at"] is not None and body["cancel_at"] <= turn):
            return False
        then = replace(self._context, precise_now=float(turn))
        phase = schedules.coming(then, body, items)
        if turn == end and (phase is None or not phase.starts_trial):
            return False
        phase = schedules.advance(then, body, items)
        then.objects.put(SUBSCRIPTION, body)
        if phase is not None:
            schedules.enter(then, body, phase, self.apply)
        return True
