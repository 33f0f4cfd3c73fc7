"""Subscription schedule: how a subscription changes as time passes. https://docs.stripe.com/api/subscription_schedules

A phase that begins is an update of the subscription (`subscription_update`), or where all periods end then, their renewal. So
prorations and usage are computed where those of any other change are.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stripe_local.resources import clocks
from stripe_local.resources.shared import existing, merge_metadata
from stripe_local.resources.webhooks import events
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import CUSTOMER, SUBSCRIPTION
from stripe_local.store.objects import Body, Condition, Where, equal, public
from stripe_local.wire.errors import StripeError, invalid, missing_param
from stripe_local.wire.expand import NotKept, Ref, register, unavailable
from stripe_local.wire.operation import Context, get, post
from stripe_local.wire.pagination import list_object, page, range_conditions

from . import schedule_phases as phases
from . import schedule_states as states
from . import subscription_start as start
from . import subscription_states, subscription_update, subscriptions
from .schedule_parameters import CANCEL, CREATE, LIST, RELEASE, UPDATE
from .subscription_items import items_of

KIND = states.KIND

_PATH_PARAM = "schedule"
_OVER_AT = ("canceled_at", "completed_at", "released_at")


# Showing one


def rendered(context: Context, body: Body) -> Body:
    """The schedule as Stripe shows it."""
    return {**public(body), "phases": [phases.shown(context, phase) for phase in body["_phases"]]}


def render(context: Context, id: str) -> Body:
    """The schedule with this id."""
    return rendered(context, existing(context, KIND, "subscription_schedule", id, _PATH_PARAM, in_path=True))


def _by_path(context: Context) -> Body:
    return existing(context, KIND, "subscription_schedule", context.path["schedule"], _PATH_PARAM, in_path=True)


def retrieve(context: Context) -> Body:
    """`GET /v1/subscription_schedules/{schedule}`."""
    return rendered(context, _by_path(context))


def list_(context: Context) -> Body:
    """`GET /v1/subscription_schedules`."""
    params = context.params
    conditions: list[Condition] = [clocks.listed_here(context)]
    if params.get("customer"):
        conditions.append(equal("customer", params["customer"]))
    if "scheduled" in params:
        over = next((name for name in _OVER_AT if name in params), None)
        if over is not None:
            raise invalid(f"`scheduled` cannot be combined with `{over}`.", "scheduled")
        conditions.append(Where("status", "=" if params["scheduled"] else "!=", "not_started"))
    for name in ("created", *_OVER_AT):
        conditions += range_conditions(name, params.get(name))
    found, more = page(context.objects, KIND, "subscription_schedule", params, conditions)
    shown = [rendered(context, body) for body in found]
    return {**list_object("/v1/subscription_schedules", shown, more), "_type": KIND}


# Making one


def create(context: Context) -> Body:
    """`POST /v1/subscription_schedules`: with phases, or from a subscription that is there."""
    params = context.params
    if "from_subscription" in params:
        return rendered(context, _of_subscription(context, params))
    for name in ("customer", "phases", "start_date"):
        if not params.get(name):
            raise missing_param(name)
    customer = existing(context, CUSTOMER, "customer", params["customer"], "customer")
    begins = context.now if params["start_date"] == "now" else params["start_date"]
    body = new(context, params, customer, begins)
    if begins <= context.now:
        _start(context, body, customer)
    else:
        start.check_room(context, customer)
    return rendered(context, states.save(context, body, new=True))


def new(context: Context, params: dict[str, Any], customer: Body, begins: int) -> Body:
    """A schedule as `params` have it, whose first phase `begins` then; it is not stored. Raises StripeError."""
    body = _blank(context, customer)
    body["billing_mode"] = start.billing_mode(params.get("billing_mode"))
    body["default_settings"] = phases.default_settings(context, customer["id"], params.get("default_settings", {}))
    body["end_behavior"] = params.get("end_behavior", "release")
    merge_metadata(body, params)
    _lay_out(context, body, customer, params["phases"], begins)
    if body["_phases"][0]["end_date"] <= context.now:
        raise invalid("The first phase of a schedule that starts in the past has to end in the future.", "phases[0][end_date]")
    return body


def _blank(context: Context, customer: Body) -> Body:
    return {
        "id": new_id("sub_sched"),
        "object": KIND,
        "application": None,
        "billing_mode": {},
        "canceled_at": None,
        "completed_at": None,
        "created": context.now,
        "current_phase": None,
        "customer": customer["id"],
        "customer_account": None,
        "default_settings": {},
        "end_behavior": "release",
        "livemode": context.livemode,
        "metadata": {},
        "pause_schedules": [],
        "released_at": None,
        "released_subscription": None,
        "status": "not_started",
        "subscription": None,
        "test_clock": customer.get("test_clock"),
        "_phases": [],
    }


def _lay_out(context: Context, body: Body, customer: Body, wanted: list[dict[str, Any]], begins: int, kept: int = 0) -> None:
    """Give the schedule these phases, after those that are `kept` of the past. Raises StripeError."""
    currency = body["_phases"][0]["currency"] if body["subscription"] else None
    found = phases.laid_out(context, body, customer, wanted, begins, currency)
    body["_phases"] = [*body["_phases"][:kept], *found]


def _of_subscription(context: Context, params: dict[str, Any]) -> Body:
    """A schedule of one phase, which is the present period of a subscription."""
    other = next((name for name in CREATE if name in params and name != "from_subscription"), None)
    if other is not None:
        raise invalid(f"You cannot set `{other}` if `from_subscription` is set.", other)
    id = params["from_subscription"]
    subscription = existing(context, SUBSCRIPTION, "subscription", id, "from_subscription")
    if subscription["status"] in subscription_states.OVER:
        raise invalid(f"You cannot migrate a subscription that is {subscription['status']}.", "from_subscription")
    if subscription["status"] == "paused":
        raise invalid("A subscription that is paused cannot be attached to a schedule.", "from_subscription")
    if states.running(context, subscription) is not None:
        raise invalid(
            f"You cannot migrate a subscription that is already attached to a schedule: `{subscription['schedule']}`.",
            "from_subscription",
        )
    customer = existing(context, CUSTOMER, "customer", subscription["customer"], "customer")
    next_item = min(items_of(context, id), key=lambda item: int(item["current_period_end"]))
    names = ("billing_thresholds", "collection_method", "default_payment_method", "description")
    settings = {name: subscription[name] for name in names}
    of_invoices = {name: subscription["invoice_settings"][name] for name in ("custom_fields", "description", "footer")}
    if subscription["days_until_due"] is not None:
        of_invoices["days_until_due"] = subscription["days_until_due"]
    body = _blank(context, customer)
    body["billing_mode"] = {name: subscription["billing_mode"][name] for name in ("flexible", "type")}
    body["default_settings"] = phases.default_settings(context, customer["id"], {**settings, "invoice_settings": of_invoices})
    body["end_behavior"] = "release" if subscription["cancel_at"] is None else "cancel"
    body["subscription"] = id
    body["_phases"] = [
        {
            **phases.EMPTY,
            **states.as_it_is(context, subscription),
            "end_date": subscription["cancel_at"] or next_item["current_period_end"],
            "start_date": next_item["current_period_start"],
        }
    ]
    states.begin(body, 0)
    subscription.update(schedule=body["id"], _phase_ends=body["_phases"][0]["end_date"])
    subscriptions.save(context, subscription)
    return states.save(context, body, new=True)


# Beginning phases


Apply = Callable[[Context, Body, dict[str, Any]], None]
"""What updates a subscription as a phase has it."""


def _carry_out(context: Context, subscription: Body, params: dict[str, Any]) -> None:
    subscription_update.carry_out(context, subscription, params, by_schedule=True)


def first(context: Context, body: Body) -> tuple[dict[str, Any], Body]:
    """What the first phase makes of the new subscription: its parameters, and what it has `more` from the start."""
    phase = body["_phases"][0]
    wanted = {name: value for name, value in phases.wanted(body, phase).items() if value is not None}
    wanted.update(
        add_invoice_items=phases.charged_once(phase),
        billing_mode={name: value for name, value in body["billing_mode"].items() if value is not None},
        currency=phase["currency"],
        discounts=phases.to_redeem(context, phase["discounts"], ()),
        items=phases.new_items(context, phase["items"]),
        proration_behavior=phase["proration_behavior"],
    )
    if phase["start_date"] < context.now:
        wanted["backdate_start_date"] = phase["start_date"]
    if wanted.get("trial_end", context.now + 1) <= context.now:
        del wanted["trial_end"]
    return wanted, {"schedule": body["id"], "_phase_ends": phase["end_date"], "_undiscounted": not phase["_inherits"]}


def _start(context: Context, body: Body, customer: Body) -> None:
    """Make the subscription, as the first phase has it. Raises StripeError."""
    wanted, more = first(context, body)
    subscription, _ = start.begin(context, wanted, customer, more)
    body["subscription"] = subscription["id"]
    states.begin(body, 0)


def start_due(context: Context, body: Body) -> None:
    """Begin a schedule whose time has come; one that cannot begin, since its customer or price is gone, is canceled."""
    context.connection.execute("SAVEPOINT phase")
    try:
        customer = existing(context, CUSTOMER, "customer", body["customer"], "customer")
        _start(context, body, customer)
    except StripeError:
        context.connection.execute("ROLLBACK TO phase")
        states.finish(context, body, "canceled", context.now)
    else:
        states.save(context, body)
    context.connection.execute("RELEASE phase")


@dataclass(frozen=True)
class Coming:
    """What a phase makes of its `subscription` when it begins."""

    subscription: str
    params: dict[str, Any]
    charged_once: list[dict[str, Any]]
    resets: bool
    undiscounted: bool

    @property
    def starts_trial(self) -> bool:
        """Whether the phase begins with a trial."""
        return isinstance(self.params.get("trial_end"), int)


def coming(context: Context, subscription: Body, items: list[Body]) -> Coming | None:
    """What the phase after the present one makes of the subscription when it begins now; None where there is none."""
    schedule = states.running(context, subscription)
    if schedule is None:
        return None
    index = states.current(schedule) + 1
    if index == len(schedule["_phases"]):
        return None
    return _coming(context, schedule, schedule["_phases"][index], subscription, items)


def _coming(context: Context, schedule: Body, phase: Body, subscription: Body, items: list[Body]) -> Coming:
    params = phases.wanted(schedule, phase)
    params["items"] = phases.item_changes(context, params["items"], items)
    params["discounts"] = phases.to_redeem(context, params["discounts"], subscription["discounts"])
    params["proration_behavior"] = phase["proration_behavior"]
    if params["cancel_at"] == subscription["cancel_at"]:
        del params["cancel_at"]
    trial_end = params.pop("trial_end")
    if trial_end is not None and trial_end > context.now:
        params["trial_end"] = trial_end
    elif subscription["status"] == "trialing" and subscription["trial_end"] > context.now:
        params["trial_end"] = "now"
    resets = phases.anchors(schedule, phase)
    return Coming(subscription["id"], params, phases.charged_once(phase), resets, not phase["_inherits"])


def advance(context: Context, subscription: Body, items: list[Body]) -> Coming | None:
    """Go on to the next phase; returns what it makes of the subscription. After the last one the subscription is released.

    The subscription is the caller's to store.
    """
    schedule = states.running(context, subscription)
    if schedule is None:
        subscription["_phase_ends"] = None
        return None
    found = coming(context, subscription, items)
    if found is None:
        _release(context, schedule, subscription)
        return None
    index = states.current(schedule) + 1
    states.begin(schedule, index)
    states.save(context, schedule)
    subscription["_phase_ends"] = schedule["_phases"][index]["end_date"]
    subscription["_undiscounted"] = found.undiscounted
    return found


def enter(context: Context, subscription: Body, phase: Coming, apply: Apply = _carry_out) -> None:
    """Bring the subscription in line with the phase that begins now, by an update. Raises StripeError."""
    params = {**phase.params, "add_invoice_items": phase.charged_once}
    if phase.resets:
        params["billing_cycle_anchor"] = {"type": "now"}
    apply(context, subscription, params)


# Changing one


def _open(context: Context, verb: str, done: str) -> Body:
    body = _by_path(context)
    if body["status"] not in states.OPEN:
        raise invalid(
            f"You cannot {verb} a subscription schedule that is currently in the `{body['status']}` status. It must be in "
            f"`{', '.join(states.OPEN)}` status to be {done}."
        )
    return body


def update(context: Context) -> Body:
    """`POST /v1/subscription_schedules/{schedule}`: what is changed of the present phase changes the subscription at once."""
    params, body = context.params, _open(context, "update", "updated")
    was = copy.deepcopy(body)
    merge_metadata(body, params)
    change(context, body, params)
    if body["status"] == "not_started" and body["_phases"][0]["start_date"] <= context.now:
        _start(context, body, existing(context, CUSTOMER, "customer", body["customer"], "customer"))
    states.save(context, body)
    if was["status"] == "active":
        carry_over(context, body, was, params)
    return render(context, body["id"])


def change(context: Context, body: Body, params: dict[str, Any]) -> None:
    """Lay the schedule out as an update has it, without storing it. Raises StripeError."""
    customer = existing(context, CUSTOMER, "customer", body["customer"], "customer")
    body["end_behavior"] = params.get("end_behavior", body["end_behavior"])
    if "default_settings" in params:
        body["default_settings"] = phases.default_settings(
            context, customer["id"], params["default_settings"], body["default_settings"]
        )
    if "phases" in params:
        _replace_phases(context, body, customer, params["phases"])


def _replace_phases(context: Context, body: Body, customer: Body, wanted: list[dict[str, Any]]) -> None:
    there, active = body["_phases"], body["status"] == "active"
    past = {phase["start_date"]: phase for phase in (there[: states.current(body)] if active else ())}
    # Phases that are over can be left out; what is sent of them changes nothing.
    while wanted and wanted[0].get("start_date") in past:
        wanted = wanted[1:]
    if not wanted or "start_date" not in wanted[0]:
        raise invalid(
            "The subscription schedule update is missing at least one phase with a `start_date` to anchor end dates to.", "phases"
        )
    begins = context.now if wanted[0]["start_date"] == "now" else wanted[0]["start_date"]
    if active and begins != body["current_phase"]["start_date"]:
        raise invalid("You can not modify the start date of the current phase.", "phases[0][start_date]")
    _lay_out(context, body, customer, wanted, begins, kept=len(past))
    first = body["_phases"][len(past)]
    if first["end_date"] < context.now or (first is body["_phases"][-1] and first["end_date"] == context.now):
        raise invalid("The current phase has to end in the future.", "phases[0][end_date]")


def carry_over(context: Context, body: Body, was: Body, sent: dict[str, Any], apply: Apply = _carry_out) -> None:
    """Bring the subscription in line with what an update has changed of the present phase, which may end now."""
    subscription = existing(context, SUBSCRIPTION, "subscription", body["subscription"], "subscription")
    index = states.current(body)
    phase, before = body["_phases"][index], was["_phases"][index]
    items = items_of(context, subscription["id"])
    params = _difference(context, phases.wanted(body, phase), phases.wanted(was, before), subscription, items)
    states.begin(body, index)
    states.save(context, body)
    subscription["_phase_ends"] = phase["end_date"]
    if params:
        subscription["_undiscounted"] = not phase["_inherits"]
        behavior = sent.get("proration_behavior", "create_prorations")
        apply(context, subscription, {**params, "proration_behavior": behavior})
    if phase["end_date"] <= context.now:
        states.begin(body, index + 1)
        states.save(context, body)
        then = body["_phases"][index + 1]
        subscription["_phase_ends"] = then["end_date"]
        subscription["_undiscounted"] = not then["_inherits"]
        items = items_of(context, subscription["id"])
        enter(context, subscription, _coming(context, body, then, subscription, items), apply)
    subscriptions.save(context, subscription)


def _difference(
    context: Context, wanted: dict[str, Any], before: dict[str, Any], subscription: Body, items: list[Body]
) -> dict[str, Any]:
    """What of a phase is not as it was, as parameters of an update of the subscription."""
    params = {name: value for name, value in wanted.items() if value != before[name]}
    if "items" in params:
        params["items"] = phases.item_changes(context, params["items"], items)
    if "discounts" in params:
        params["discounts"] = phases.to_redeem(context, params["discounts"], subscription["discounts"])
    if "trial_end" in params and (params["trial_end"] or 0) <= context.now:
        # A trial that is left out is over.
        if subscription["status"] == "trialing":
            params["trial_end"] = "now"
        else:
            del params["trial_end"]
    return params


# Ending one


def release(context: Context) -> Body:
    """`POST /v1/subscription_schedules/{schedule}/release`: the subscription goes on as it is."""
    body = _open(context, "release", "released")
    subscription = _subscription_of(context, body)
    if subscription is None:
        states.finish(context, body, "released", context.now)
    else:
        keeps = context.params.get("preserve_cancel_date", False)
        ends = body["end_behavior"] == "cancel" and subscription["cancel_at"] == body["_phases"][-1]["end_date"]
        _release(context, body, subscription)
        if ends and not keeps:
            subscription_update.carry_out(context, subscription, {"cancel_at": None})
        subscriptions.save(context, subscription)
    return rendered(context, body)


def _subscription_of(context: Context, body: Body) -> Body | None:
    return context.objects.get(SUBSCRIPTION, body["subscription"]) if body["subscription"] else None


def _release(context: Context, body: Body, subscription: Body) -> None:
    """Part the subscription, which is the caller's to store, from its schedule."""
    subscription["schedule"] = subscription["_phase_ends"] = None
    body["released_subscription"], body["subscription"] = subscription["id"], None
    states.finish(context, body, "released", context.now)


def cancel(context: Context) -> Body:
    """`POST /v1/subscription_schedules/{schedule}/cancel`: with the subscription, prorated and billed unless told not to."""
    params, body = context.params, _open(context, "cancel", "canceled")
    if body["subscription"] is None:
        states.finish(context, body, "canceled", context.now)
        return rendered(context, body)
    subscriptions.cancel_one(
        context,
        existing(context, SUBSCRIPTION, "subscription", body["subscription"], "subscription"),
        {"invoice_now": params.get("invoice_now", True), "prorate": params.get("prorate", True)},
    )
    return rendered(context, existing(context, KIND, "subscription_schedule", body["id"], _PATH_PARAM))


def tell(context: Context, body: Body) -> None:
    """Tell that a schedule ends soon."""
    events.emit(context, "subscription_schedule.expiring", object=rendered(context, body), related=states.related(body))
    states.save(context, body)


INDEXED = {KIND: ("customer", ("test_clock", "_due"), ("test_clock", "_notice"))}

_NO_PLANS = NotKept("plans are the predecessor of prices; expand the price.")
_REDEEMED = {
    f"phases.{of}discounts.{name}": Ref(name)
    for of in ("", "items.", "add_invoice_items.")
    for name in ("coupon", "discount", "promotion_code")
}
register(
    KIND,
    {
        "customer": Ref(CUSTOMER),
        "default_settings.default_payment_method": Ref("payment_method"),
        "phases.add_invoice_items.price": Ref("price"),
        "phases.default_payment_method": Ref("payment_method"),
        "phases.items.plan": _NO_PLANS,
        "phases.items.price": Ref("price"),
        "subscription": Ref(SUBSCRIPTION),
        "test_clock": Ref(clocks.KIND),
        **_REDEEMED,
        **unavailable(
            "application",
            "default_settings.automatic_tax.liability.account",
            "default_settings.invoice_settings.account_tax_ids",
            "default_settings.invoice_settings.issuer.account",
            "default_settings.on_behalf_of",
            "default_settings.transfer_data.destination",
            "phases.automatic_tax.liability.account",
            "phases.invoice_settings.account_tax_ids",
            "phases.invoice_settings.issuer.account",
            "phases.on_behalf_of",
            "phases.transfer_data.destination",
        ),
    },
    render,
)

OPERATIONS = [
    post("/v1/subscription_schedules", create, CREATE),
    get("/v1/subscription_schedules", list_, LIST),
    get("/v1/subscription_schedules/{schedule}", retrieve),
    post("/v1/subscription_schedules/{schedule}", update, UPDATE),
    post("/v1/subscription_schedules/{schedule}/cancel", cancel, CANCEL),
    post("/v1/subscription_schedules/{schedule}/release", release, RELEASE),
]
