"""What becomes of a subscription's schedule when the subscription changes, or ends, past it.

A stored schedule has its phases as `_phases`: as Stripe shows them, but with what only their beginning needs (`_metadata`,
`_inherits`). A subscription knows when its present phase ends (`_phase_ends`).
"""

from __future__ import annotations

from typing import Any

from stripe_local.resources.webhooks import events
from stripe_local.store.kinds import SUBSCRIPTION_SCHEDULE
from stripe_local.store.objects import Body, equal
from stripe_local.wire.errors import invalid
from stripe_local.wire.expand import renderer
from stripe_local.wire.operation import Context

from . import charges
from .subscription_items import items_of

KIND = SUBSCRIPTION_SCHEDULE

OPEN = ("not_started", "active")
_EXPIRING_SECONDS = 7 * 86400
_ENDS = ("cancel_at", "cancel_at_period_end")
_OF_A_PHASE = {"default_tax_rates", "discounts", "items", "trial_end"}


def running(context: Context, subscription: Body) -> Body | None:
    """The schedule that the subscription is under now, or None."""
    id = subscription["schedule"]
    schedule = None if id is None else context.objects.get(KIND, id)
    return schedule if schedule is not None and schedule["status"] == "active" else None


def save(context: Context, schedule: Body, *, new: bool = False) -> Body:
    """Store a schedule, which may be `new`, with when it begins by itself and when its end is told of."""
    phases, status = schedule["_phases"], schedule["status"]
    schedule["_due"] = phases[0]["start_date"] if status == "not_started" else None
    soon = phases[-1]["end_date"] - _EXPIRING_SECONDS
    schedule["_notice"] = soon if status in OPEN and soon > context.moment else None
    return context.objects.insert(KIND, schedule) if new else context.objects.put(KIND, schedule)


def current(schedule: Body) -> int:
    """Which of its phases an active schedule is in."""
    start = schedule["current_phase"]["start_date"]
    return next(index for index, phase in enumerate(schedule["_phases"]) if phase["start_date"] == start)


def begin(schedule: Body, index: int) -> None:
    """Note that this phase is the present one."""
    phase = schedule["_phases"][index]
    schedule["status"] = "active"
    schedule["current_phase"] = {"end_date": phase["end_date"], "start_date": phase["start_date"]}


def finish(context: Context, schedule: Body, status: str, at: int) -> None:
    """Store that the schedule is over, as `completed`, `canceled` or `released`."""
    schedule.update({"status": status, f"{status}_at": at, "current_phase": None})
    save(context, schedule)


def refuse(context: Context, subscription: Body, params: dict[str, Any]) -> None:
    """Raise StripeError when an update sets what only the schedule sets."""
    named = next((name for name in _ENDS if name in params), None)
    schedule = running(context, subscription) if named else None
    if schedule is not None:
        raise invalid(
            f"The subscription is managed by the subscription schedule `{schedule['id']}`, and updating any cancelation "
            "behavior directly is not allowed. Please update the schedule instead.",
            named,
        )


def split(context: Context, subscription: Body, params: dict[str, Any]) -> None:
    """After a change past the schedule: divide the present phase in two, of which the second is as the subscription is now.

    https://docs.stripe.com/billing/subscriptions/subscription-schedules#updating-subscriptions
    """
    schedule = running(context, subscription) if _OF_A_PHASE & params.keys() else None
    if schedule is None:
        return
    phases, index, now = schedule["_phases"], current(schedule), context.now
    phase = phases[index]
    then = {**phase, **as_it_is(context, subscription), "start_date": max(now, phase["start_date"])}
    if phase["start_date"] >= now:
        phases[index] = then
    else:
        phase["end_date"] = now
        phases.insert(index + 1, then)
        begin(schedule, index + 1)
    save(context, schedule)


def as_it_is(context: Context, subscription: Body) -> Body:
    """What a phase has of a subscription as it is now."""
    return {
        "add_invoice_items": [],
        "billing_thresholds": subscription["billing_thresholds"],
        "currency": subscription["currency"],
        "default_tax_rates": subscription["default_tax_rates"],
        "discounts": [_named(id) for id in subscription["discounts"]],
        "items": [_item(context, item) for item in items_of(context, subscription["id"])],
        "trial_end": subscription["trial_end"] if subscription["status"] == "trialing" else None,
        "_inherits": not subscription.get("_undiscounted"),
    }


def _named(discount: str) -> Body:
    return {"coupon": None, "discount": discount, "promotion_code": None}


def _item(context: Context, item: Body) -> Body:
    price = charges.stored_price(context, item["price"])
    return {
        "billing_thresholds": item["billing_thresholds"],
        "discounts": [_named(id) for id in item["discounts"]],
        "metadata": {},
        "plan": item["price"],
        "price": item["price"],
        **({} if charges.is_metered(price) else {"quantity": item["quantity"]}),
        "tax_rates": item["tax_rates"],
        "_metadata": {},
    }


def subscription_ended(context: Context, subscription: Body, at: int, *, unpaid: bool) -> None:
    """The schedule of a subscription that ends is over too: completed where that is its end, else canceled."""
    schedule = running(context, subscription)
    if schedule is None:
        return
    completed = schedule["end_behavior"] == "cancel" and schedule["_phases"][-1]["end_date"] <= at
    finish(context, schedule, "completed" if completed else "canceled", at)
    render = renderer(KIND)
    if unpaid and render is not None:
        # https://docs.stripe.com/api/events/types#event_types-subscription_schedule.aborted
        shown = render(context, schedule["id"])
        events.emit(context, "subscription_schedule.aborted", object=shown, related=related(schedule))


def related(schedule: Body) -> Body:
    """What a thin event about the schedule names."""
    return {"id": schedule["id"], "type": KIND, "url": f"/v1/subscription_schedules/{schedule['id']}"}


def cancel_all_of(context: Context, customer: str) -> None:
    """Cancel a customer's schedules that have not started, because the customer is deleted."""
    for schedule in context.objects.find(KIND, [equal("customer", customer), equal("status", "not_started")]):
        finish(context, schedule, "canceled", context.now)
