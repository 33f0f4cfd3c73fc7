"""Alert: says when a customer's usage reaches a threshold. https://docs.stripe.com/api/billing/alert"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from stripe_local.resources.shared import existing
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import CUSTOMER
from stripe_local.store.objects import Body, Where, equal, public
from stripe_local.store.usage import Bound, Usage
from stripe_local.wire.errors import invalid, missing_param, no_such
from stripe_local.wire.expand import Nested, Ref, register
from stripe_local.wire.operation import Context, get, post
from stripe_local.wire.pagination import PAGE, list_object, page
from stripe_local.wire.params import Enum, Int, ListOf, Obj, Param, Str

from . import meters

KIND = "billing.alert"
FIRED = "_alert_fired"
"""Marks that a customer triggered an alert, `alert:customer`, with what is told of that."""

# https://docs.stripe.com/billing/subscriptions/usage-based/alerts
_MOST = 25
_FOR_EVER = Bound(2**62)

CREATE: dict[str, Param] = {
    "alert_type": Enum("usage_threshold", required=True),
    "title": Str(256, required=True),
    "usage_threshold": Obj(
        {
            "filters": ListOf(Obj({"customer": Str(clearable=False), "type": Enum("customer", required=True)}), max_items=1),
            "gte": Int(required=True, minimum=1),
            "meter": Str(required=True),
            "recurrence": Enum("one_time", required=True),
        }
    ),
}
LIST: dict[str, Param] = {"alert_type": Enum("usage_threshold"), "meter": Str(), **PAGE}


def _existing(context: Context) -> Body:
    body = existing(context, KIND, "billing alert", context.path["id"], "id", in_path=True)
    if body["status"] == "archived":
        raise no_such("billing alert", body["id"], "id", status=404)
    return body


def create(context: Context) -> Body:
    """`POST /v1/billing/alerts`."""
    params = context.params
    threshold = params.get("usage_threshold")
    if threshold is None:
        raise missing_param("usage_threshold")
    existing(context, meters.KIND, "billing meter", threshold["meter"], "usage_threshold[meter]")
    for index, wanted in enumerate(threshold.get("filters", [])):
        here = f"usage_threshold[filters][{index}][customer]"
        if "customer" not in wanted:
            raise missing_param(here)
        existing(context, CUSTOMER, "customer", wanted["customer"], here)
    _check_number(context, threshold)
    body: Body = {
        "id": new_id("alrt"),
        "object": KIND,
        "alert_type": params["alert_type"],
        "livemode": context.livemode,
        "status": "active",
        "title": params["title"],
        "usage_threshold": {**threshold, "filters": threshold.get("filters") or []},
    }
    return public(context.objects.insert(KIND, body))


def _check_number(context: Context, threshold: dict[str, Any]) -> None:
    """Raise StripeError for more alerts of a meter and a customer (or of all) than there may be."""
    wanted = threshold.get("filters") or []
    there = context.objects.find(KIND, [equal("usage_threshold.meter", threshold["meter"]), Where("status", "!=", "archived")])
    if sum(alert["usage_threshold"]["filters"] == wanted for alert in there) >= _MOST:
        raise invalid(f"A meter can have at most {_MOST} alerts for a customer.", "usage_threshold[meter]")


def retrieve(context: Context) -> Body:
    """`GET /v1/billing/alerts/{id}`: an archived one is no longer found."""
    return public(_existing(context))


def _set(context: Context, status: str) -> Body:
    body = _existing(context)
    body["status"] = status
    return public(context.objects.put(KIND, body))


def activate(context: Context) -> Body:
    """`POST /v1/billing/alerts/{id}/activate`."""
    return _set(context, "active")


def deactivate(context: Context) -> Body:
    """`POST /v1/billing/alerts/{id}/deactivate`."""
    return _set(context, "inactive")


def archive(context: Context) -> Body:
    """`POST /v1/billing/alerts/{id}/archive`: for good."""
    return _set(context, "archived")


def list_(context: Context) -> Body:
    """`GET /v1/billing/alerts`."""
    params = context.params
    conditions = [Where("status", "!=", "archived")]
    if params.get("meter"):
        conditions.append(equal("usage_threshold.meter", params["meter"]))
    found, more = page(context.objects, KIND, "billing alert", params, conditions)
    return {**list_object("/v1/billing/alerts", [public(body) for body in found], more), "_type": KIND}


# What usage triggers


def active(context: Context, meter: Body) -> list[Body]:
    """The meter's alerts that can be triggered."""
    return context.objects.find(KIND, [equal("usage_threshold.meter", meter["id"]), equal("status", "active")])


def watch(context: Context, meter: Body, customer: str, active: list[Body]) -> None:
    """Trigger the meter's alerts that the customer's usage has reached by now, each once.

    Usage before the alert was made counts too; `--event-lag` is not waited for.
    https://docs.stripe.com/billing/subscriptions/usage-based/alerts
    """
    waiting = []
    for alert in active:
        only = [wanted["customer"] for wanted in alert["usage_threshold"]["filters"]]
        if (not only or customer in only) and context.objects.get(FIRED, f"{alert['id']}:{customer}") is None:
            waiting.append(alert)
    if not waiting:
        return
    window = meters.event_window(meter)
    formula = meter["default_aggregation"]["formula"]
    usage = Usage(context.connection, context.scope, int(context.precise_now * 1000))
    value = usage.aggregate(meter["id"], customer, formula, window, Bound(0), _FOR_EVER) or Decimal(0)
    for alert in waiting:
        if value >= alert["usage_threshold"]["gte"]:
            told = _triggered(context, alert, customer, value)
            context.objects.insert(FIRED, {"id": f"{alert['id']}:{customer}", "triggered": told})


def _triggered(context: Context, alert: Body, customer: str, value: Decimal) -> Body:
    return {
        "object": "billing.alert_triggered",
        "alert": public(alert),
        "created": context.now,
        "customer": customer,
        "livemode": context.livemode,
        "value": int(value),
    }


register(
    KIND,
    {
        "usage_threshold": Nested("usage_threshold"),
        "usage_threshold.filters.customer": Ref("customer"),
        "usage_threshold.meter": Ref("billing.meter"),
    },
)

OPERATIONS = [
    post("/v1/billing/alerts", create, CREATE),
    get("/v1/billing/alerts", list_, LIST),
    get("/v1/billing/alerts/{id}", retrieve),
    post("/v1/billing/alerts/{id}/activate", activate),
    post("/v1/billing/alerts/{id}/deactivate", deactivate),
    post("/v1/billing/alerts/{id}/archive", archive),
]
