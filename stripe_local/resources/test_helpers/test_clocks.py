"""Test clock: a time of its own for up to three customers, which moves on when it is told to.

https://docs.stripe.com/api/test_clocks, https://docs.stripe.com/billing/testing/test-clocks/api-advanced-usage. What an object's
test clock is, and that its requests are at that time, is `stripe_local.resources.clocks`; what happens on the way is `lifecycle`.
"""

from __future__ import annotations

from typing import Any

from stripe_local.calculation import periods
from stripe_local.resources.billing import credit_balance_transactions, credit_grants, invoice_items, subscription_schedules
from stripe_local.resources.billing.subscription_items import items_of
from stripe_local.resources.billing.subscription_states import OVER
from stripe_local.resources.clocks import KIND, NOUN
from stripe_local.resources.core import customers
from stripe_local.resources.shared import deleted, existing
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import CUSTOMER, INVOICE, PRICE, SUBSCRIPTION
from stripe_local.store.objects import Body, Where, equal, public
from stripe_local.wire.errors import invalid
from stripe_local.wire.expand import Nested, register
from stripe_local.wire.operation import Context, delete, get, post
from stripe_local.wire.pagination import PAGE, list_object, page
from stripe_local.wire.params import Param, Str, Timestamp

PATH = "/v1/test_helpers/test_clocks"
_DAYS = 30
"""How long a test clock is kept."""
_INTERVALS, _YEARS = 2, 2
"""How far a test clock moves at once: so many of the shortest intervals of subscriptions and schedules, or so many years."""

# What shows its test clock, and whose customer is in which field.
_HELD = {
    SUBSCRIPTION: "customer",
    subscription_schedules.KIND: "customer",
    INVOICE: "customer",
    invoice_items.KIND: "customer",
    credit_grants.KIND: "customer",
    credit_balance_transactions.KIND: "_customer",
}

CREATE: dict[str, Param] = {"customer": Str(clearable=False), "frozen_time": Timestamp(required=True), "name": Str(300)}
ADVANCE: dict[str, Param] = {"frozen_time": Timestamp(required=True)}


def _existing(context: Context) -> Body:
    return existing(context, KIND, NOUN, context.path["test_clock"], "test_clock", in_path=True)


def create(context: Context) -> Body:
    """`POST /v1/test_helpers/test_clocks`."""
    params = context.params
    if context.livemode:
        raise invalid("Test clocks are only available in test mode.")
    body: Body = {
        "id": new_id("clock"),
        "object": KIND,
        "created": context.now,
        "deletes_after": context.now + _DAYS * 86400,
        "frozen_time": params["frozen_time"],
        "livemode": context.livemode,
        "name": params.get("name"),
        "status": "ready",
        "status_details": {},
        "_due": context.now + _DAYS * 86400,
    }
    if "customer" in params:
        _attach(context, body, existing(context, CUSTOMER, "customer", params["customer"], "customer"))
    return public(context.objects.insert(KIND, body))


def _attach(context: Context, body: Body, customer: Body) -> None:
    """Put a customer who is there already, and all that is theirs, under a new test clock, for good."""
    if customer["test_clock"] is not None:
        raise invalid(f"The customer already has the test clock {customer['test_clock']}, and keeps it.", "customer")
    for kind, field in _HELD.items():
        for one in context.objects.find(kind, [equal(field, customer["id"])]):
            context.objects.put(kind, {**one, "test_clock": body["id"]})
    context.objects.put(CUSTOMER, {**customer, "test_clock": body["id"]})
    # What its time has made due meanwhile happens at once.
    body["_due"] = context.now


def retrieve(context: Context) -> Body:
    """`GET /v1/test_helpers/test_clocks/{test_clock}`."""
    return public(_existing(context))


def list_(context: Context) -> Body:
    """`GET /v1/test_helpers/test_clocks`."""
    found, more = page(context.objects, KIND, NOUN, context.params, [Where("deleted", "is null", None)])
    return {**list_object(PATH, [public(body) for body in found], more), "_type": KIND}


# Moving on


def advance(context: Context) -> Body:
    """`POST /v1/test_helpers/test_clocks/{test_clock}/advance`: it is there a moment later (`--advance-lag`)."""
    body, target = _existing(context), context.params["frozen_time"]
    if body["status"] != "ready":
        raise invalid("The test clock could not advance before, and is of no more use. Delete it.")
    if target <= body["frozen_time"]:
        raise invalid(f"`frozen_time` must be after the test clock's current frozen time ({body['frozen_time']}).", "frozen_time")
    latest, why = _latest(context, body)
    if target > latest:
        raise invalid(f"`frozen_time` cannot be later than {latest}: {why}.", "frozen_time")
    body["status"], body["status_details"] = "advancing", {"advancing": {"target_frozen_time": target}}
    assert context.server_now is not None
    body["_due"] = context.server_now + context.settings.advance_lag
    return public(context.objects.put(KIND, body))


def _latest(context: Context, body: Body) -> tuple[int, str]:
    """How far a test clock can move at once, and why. A schedule that has not started counts with its first phase.

    https://docs.stripe.com/billing/testing/test-clocks/api-advanced-usage#advance-clock
    """
    here = equal("test_clock", body["id"])
    items: list[Body] = []
    for one in context.objects.find(SUBSCRIPTION, [here]):
        if one["status"] not in OVER:
            items += items_of(context, one["id"])
    for one in context.objects.find(subscription_schedules.KIND, [here, equal("status", "not_started")]):
        items += one["_phases"][0]["items"]
    found = [_recurring(context, item) for item in items]
    ends = [periods.after(body["frozen_time"], each["interval"], _INTERVALS * each["interval_count"]) for each in found]
    if ends:
        return min(ends), "a test clock advances by at most two intervals of its shortest subscription"
    latest = periods.after(body["frozen_time"], "year", _YEARS)
    return latest, "a test clock without subscriptions and schedules advances by at most two years"


def _recurring(context: Context, item: Body) -> dict[str, Any]:
    price = context.objects.get(PRICE, item["price"])
    assert price is not None
    recurring: dict[str, Any] = price["recurring"]
    return recurring


def due(context: Context, moment: float) -> list[Body]:
    """The test clocks that are to be attended to by then."""
    return context.objects.find(KIND, [Where("_due", "<=", moment)])


def target(body: Body) -> int:
    """The time to which a test clock is on its way, or at which it is."""
    return int(body["status_details"].get("advancing", {}).get("target_frozen_time", body["frozen_time"]))


def arrive(context: Context, body: Body, *, failed: bool = False) -> None:
    """Note that a test clock is where it was to go, or failed to get there."""
    body["frozen_time"] = body["frozen_time"] if failed else target(body)
    body["status"], body["status_details"] = "internal_failure" if failed else "ready", {}
    assert context.server_now is not None
    too_old = body["deletes_after"] <= context.server_now
    body["_due"] = None if failed and too_old else body["deletes_after"]
    context.objects.put(KIND, body)


# Ending


def delete_(context: Context) -> Body:
    """`DELETE /v1/test_helpers/test_clocks/{test_clock}`: with its customers, whose subscriptions are canceled."""
    return remove(context, _existing(context))


def remove(context: Context, body: Body) -> Body:
    """Delete a test clock with its customers; `context` is at its time."""
    for customer in context.objects.find(CUSTOMER, [equal("test_clock", body["id"])]):
        customers.remove(context, customer)
    # What stays, such as its invoices, stays at the time that it had.
    context.objects.put(KIND, {**deleted(KIND, body["id"]), "_frozen_time": body["frozen_time"]})
    return deleted(KIND, body["id"])


def render(context: Context, id: str) -> Body:
    """The test clock as Stripe shows it; a deleted one is an id and `deleted`."""
    body = context.objects.get(KIND, id)
    return public(body) if body else deleted(KIND, id)


INDEXED = {KIND: ("_due",)}

register(KIND, {"status_details": Nested("status_details"), "status_details.advancing": Nested("status_details")}, render)

OPERATIONS = [
    post(PATH, create, CREATE),
    get(PATH, list_, PAGE),
    get(f"{PATH}/{{test_clock}}", retrieve),
    delete(f"{PATH}/{{test_clock}}", delete_),
    post(f"{PATH}/{{test_clock}}/advance", advance, ADVANCE),
]
