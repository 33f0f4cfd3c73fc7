"""Subscription: a customer's prices, billed period after period. https://docs.stripe.com/api/subscriptions"""

from __future__ import annotations

from typing import Any

from stripe_local.resources import clocks
from stripe_local.resources.products import tax_rates
from stripe_local.resources.shared import existing
from stripe_local.store.objects import Body, Condition, NamedBy, Where, equal, public
from stripe_local.wire.errors import invalid, no_such
from stripe_local.wire.expand import Nested, Ref, register, unavailable
from stripe_local.wire.operation import Context, delete, get
from stripe_local.wire.pagination import SEARCH, list_object, page, range_conditions
from stripe_local.wire.search import search

from . import billing_runs, discounts, invoice_items, invoices, notices, schedule_states, threshold_settings
from . import subscription_items as items_module
from . import subscription_settings as settings
from .subscription_items import items_of
from .subscription_parameters import CANCEL, LIST
from .subscription_states import OVER, end

KIND = "subscription"

_PATH_PARAM = "id"


def existing_by_path(context: Context) -> Body:
    """The subscription that the path names. Raises a 404."""
    return existing(context, KIND, "subscription", context.path["id"], _PATH_PARAM, in_path=True)


# Showing one


def rendered(context: Context, body: Body, items: list[Body] | None = None) -> Body:
    """The subscription as Stripe shows it, with its items, which are read where they are not at hand."""
    found = [items_module.rendered(context, item) for item in items or items_of(context, body["id"])]
    listed = list_object(f"/v1/subscription_items?subscription={body['id']}", found, False)
    return {
        **public(body),
        "default_tax_rates": tax_rates.shown(context, body["default_tax_rates"]),
        "discounts": discounts.current(context, body["discounts"], context.now),
        "items": {**listed, "total_count": len(found)},
    }


def render(context: Context, id: str) -> Body:
    """The subscription with this id."""
    return rendered(context, existing(context, KIND, "subscription", id, _PATH_PARAM, in_path=True))


def settle(context: Context, body: Body, items: list[Body]) -> None:
    """Bring up to date when the subscription ends, needs attention, and when something is told of it; note its thresholds."""
    if body["cancel_at_period_end"] and body["status"] not in OVER:
        body["cancel_at"] = min(item["current_period_end"] for item in items)
    threshold_settings.note(context, body, items)
    body["_due"] = billing_runs.due(body, items)
    body["_notice"] = notices.next_one(body, items, context.moment)


def save(context: Context, body: Body, items: list[Body] | None = None, *, new: bool = False) -> Body:
    """Store the subscription, which may be `new`, settled by its items, which are read where they are not at hand."""
    settle(context, body, items or items_of(context, body["id"]))
    return context.objects.insert(KIND, body) if new else context.objects.put(KIND, body)


def retrieve(context: Context) -> Body:
    """`GET /v1/subscriptions/{id}`."""
    return rendered(context, existing_by_path(context))


def refuse_if_over(body: Body) -> None:
    """Raise StripeError when the subscription is canceled."""
    if body["status"] in OVER:
        raise invalid(
            "A canceled subscription can only update its cancellation_details and metadata.",
            code="invalid_canceled_subscription_fields",
        )


# Ending


def cancel(context: Context) -> Body:
    """`DELETE /v1/subscriptions/{id}`: at once. Usage that was not invoiced is billed only with `invoice_now`."""
    body = existing_by_path(context)
    if body["status"] in OVER:
        raise no_such("subscription", body["id"], _PATH_PARAM, status=404)
    return rendered(context, cancel_one(context, body, context.params))


def cancel_one(context: Context, body: Body, params: dict[str, Any]) -> Body:
    """Cancel a subscription, as the parameters of its cancellation say."""
    items = items_of(context, body["id"])
    lines = closing_lines(context, body, items, prorate=params.get("prorate", False))
    if params.get("invoice_now"):
        bill_end(context, body, items, lines, context.now)
    else:
        # Credit for licenses waits for the customer's next invoice; usage is not billed without an invoice.
        for line in lines:
            if line["proration"]:
                invoice_items.add(context, body, line, context.now)
        if not params.get("prorate"):
            invoice_items.drop_prorations(context, body["id"])
    settings.apply(context, body, {name: params[name] for name in ("cancellation_details",) if name in params})
    body["cancel_at_period_end"] = False
    end(context, body, context.now, reason="cancellation_requested")
    return save(context, body)


def delete_discount(context: Context) -> Body:
    """`DELETE /v1/subscriptions/{subscription_exposed_id}/discount`: all that the subscription itself has."""
    id = context.path["subscription_exposed_id"]
    body = existing(context, KIND, "subscription", id, "subscription_exposed_id", in_path=True)
    found = discounts.current(context, body["discounts"], context.now)
    first = discounts.stored(context, found[0]) if found else None
    context.objects.put(KIND, {**body, "discounts": []})
    return discounts.removed(first, "subscription", id)


def closing_lines(context: Context, body: Body, items: list[Body], *, prorate: bool, at: int | None = None) -> list[Body]:
    """What is open when the subscription is canceled now; `at` is the moment from which it is prorated, if another."""
    bound = [context.now if at is None else at, context.usage.latest_seq()]
    return billing_runs.close(context, body, items, bound, prorate=prorate)


def bill_end(context: Context, body: Body, items: list[Body], lines: list[Body], at: int) -> None:
    """The last invoice of a subscription, if there is anything on it."""
    if lines or invoice_items.pending(context, body):
        period = (min(item["current_period_start"] for item in items), at)
        invoices.issue(context, body, lines, reason="subscription_cycle", at=at, period=period, grace=True)


def cancel_all_of(context: Context, customer: str) -> None:
    """Cancel a customer's subscriptions and schedules, because the customer is deleted."""
    for body in context.objects.find(KIND, [equal("customer", customer)]):
        if body["status"] not in OVER:
            end(context, body, context.now, reason="cancellation_requested")
            save(context, body)
    schedule_states.cancel_all_of(context, customer)


# Finding


def list_(context: Context) -> Body:
    """`GET /v1/subscriptions`: without a status, all that are not canceled."""
    params = context.params
    clocks.given(context)
    conditions: list[Condition] = [equal(name, params[name]) for name in ("collection_method", "customer") if name in params]
    conditions.append(clocks.listed_here(context))
    if "automatic_tax" in params:
        conditions.append(equal("automatic_tax.enabled", params["automatic_tax"]["enabled"]))
    conditions += range_conditions("created", params.get("created"))
    status = params.get("status")
    if status is None:
        conditions.append(Where("status", "!=", "canceled"))
    elif status == "ended":
        conditions.append(Where("status", "in", OVER))
    elif status != "all":
        conditions.append(equal("status", status))
    by_items = [equal("price", params["price"])] if "price" in params else []
    for name in ("current_period_start", "current_period_end"):
        by_items += range_conditions(name, params.get(name))
    if by_items:
        conditions.append(NamedBy(items_module.KIND, "subscription", by_items))
    found, more = page(context.objects, KIND, "subscription", params, conditions)
    return {**list_object("/v1/subscriptions", [rendered(context, body) for body in found], more), "_type": KIND}


def search_(context: Context) -> Body:
    """`GET /v1/subscriptions/search`."""
    return search(context, KIND, "/v1/subscriptions/search", lambda body: rendered(context, body))


INDEXED = {KIND: ("customer", ("test_clock", "_due"), ("test_clock", "_notice"))}

register(
    KIND,
    {
        "automatic_tax": Nested("automatic_tax"),
        "customer": Ref("customer"),
        "default_payment_method": Ref("payment_method"),
        "default_tax_rates": Nested("tax_rate"),
        "discounts": Ref("discount"),
        "items": Nested("subscription_item"),
        "items.data": Nested("subscription_item"),
        "latest_invoice": Ref("invoice"),
        "test_clock": Ref(clocks.KIND),
        "schedule": Ref("subscription_schedule"),
        **unavailable(
            "application",
            "automatic_tax.liability.account",
            "billing_schedules.applies_to.price",
            "cancellation_details.feedback_option",
            "default_source",
            "invoice_settings.account_tax_ids",
            "invoice_settings.issuer.account",
            "on_behalf_of",
            "pending_setup_intent",
            "pending_update.discount",
            "pending_update.discounts",
            "pending_update.subscription_items",
            "transfer_data.destination",
        ),
    },
    render,
)

OPERATIONS = [
    get("/v1/subscriptions", list_, LIST),
    get("/v1/subscriptions/search", search_, SEARCH),
    get("/v1/subscriptions/{id}", retrieve),
    delete("/v1/subscriptions/{id}", cancel, CANCEL),
    delete("/v1/subscriptions/{subscription_exposed_id}/discount", delete_discount),
]
