"""How a subscription begins: its currency, anchor, trial and items, and its first invoice."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from stripe_local.calculation import periods
from stripe_local.resources.products import prices, tax_rates
from stripe_local.resources.shared import existing
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import CUSTOMER, PRICE, SUBSCRIPTION_SCHEDULE
from stripe_local.store.objects import Body, Where, equal
from stripe_local.wire.errors import StripeError, exclusive_params, invalid, missing_param
from stripe_local.wire.operation import Context, post

from . import billing_runs, charges, discounts, invoice_collection, invoice_items, invoices, subscriptions, threshold_settings
from . import subscription_settings as settings
from .subscription_items import Change, items_of
from .subscription_parameters import CREATE
from .subscription_states import OVER

_OF_A_CLOCK = 3
"""Subscriptions of a customer under a test clock. https://docs.stripe.com/billing/testing/test-clocks/api-advanced-usage"""


def billing_mode(params: dict[str, Any] | None) -> Body:
    """Flexible unless told otherwise, since 2025-09-30.clover."""
    if params is not None and params["type"] == "classic":
        if params.get("flexible") is not None:
            raise invalid("`billing_mode[flexible]` is only for `billing_mode[type]=flexible`.", "billing_mode[flexible]")
        return {"flexible": None, "type": "classic"}
    discounts = (params or {}).get("flexible", {}).get("proration_discounts", "included")
    return {"flexible": {"proration_discounts": discounts}, "type": "flexible"}


def _trial_end(context: Context, params: dict[str, Any], found: list[Body]) -> int | None:
    days = params.get("trial_period_days")
    end = params.get("trial_end")
    if days is not None and end is not None:
        raise exclusive_params("trial_end", "trial_period_days")
    if params.get("trial_from_plan"):
        if days is not None or end is not None:
            raise invalid("You cannot set `trial_end` or `trial_period_days` when `trial_from_plan=true`.")
        days = max((price["recurring"]["trial_period_days"] or 0 for price in found), default=0) or None
    if days is not None:
        return int(periods.after(context.now, "day", days))
    if end == "now" or end is None:
        return None
    if end <= context.now:
        raise trial_in_the_past(end)
    return int(end)


def trial_in_the_past(end: int) -> StripeError:
    """Why a trial cannot end then, in Stripe's words."""
    return invalid(
        "The parameter `trial_end` expects a unix timestamp representing a date and time in the future. You specified the value "
        f"`{end}` which is in the past.",
        "trial_end",
    )


def _anchor(context: Context, params: dict[str, Any], trial_end: int | None, price: Body) -> int:
    anchor, config = params.get("billing_cycle_anchor"), params.get("billing_cycle_anchor_config")
    if anchor is not None and config is not None:
        raise exclusive_params("billing_cycle_anchor", "billing_cycle_anchor_config")
    earliest = trial_end or context.now
    if config is not None:
        return periods.next_on_day(earliest, context.now, **config)
    if anchor is None:
        # Flexible billing counts natural periods from the backdated start.
        # https://docs.stripe.com/billing/subscriptions/billing-mode/compare
        classic = billing_mode(params.get("billing_mode"))["type"] == "classic"
        return earliest if trial_end is not None or classic else int(params.get("backdate_start_date", earliest))
    recurring = price["recurring"]
    latest = periods.after(earliest, recurring["interval"], recurring["interval_count"])
    if anchor > latest:
        raise invalid(
            f"billing_cycle_anchor cannot be later than next natural billing date ({latest}) for plan",
            "billing_cycle_anchor",
        )
    if anchor < context.now and params.get("backdate_start_date") is None:
        raise invalid("billing_cycle_anchor must be in the future.", "billing_cycle_anchor")
    return int(anchor)


def _currency(context: Context, params: dict[str, Any], customer: Body, first: Body) -> str:
    if "currency" in params:
        currency = params["currency"]
    elif customer["currency"] in first["currency_options"]:
        currency = customer["currency"]
    else:
        currency = first["currency"]
    other = context.objects.first(
        subscriptions.KIND,
        equal("customer", customer["id"]),
        Where("status", "!=", "canceled"),
        Where("currency", "!=", currency),
    )
    if other is not None:
        raise invalid(
            "You cannot combine currencies on a single customer. This customer has an active subscription, "
            f"subscription schedule, discount, quote, or invoice item with currency {other['currency']}",
            "currency",
        )
    return str(currency)


def currency_of(context: Context, params: dict[str, Any], customer: Body) -> str:
    """The currency that a subscription with these parameters has. Raises StripeError."""
    return _currency(context, params, customer, _first_prices(context, params)[0])


def _first_prices(context: Context, params: dict[str, Any]) -> list[Body]:
    """The prices of items; only they can tell currency, interval and trial before items exist. Raises StripeError for none."""
    found = []
    for item in params["items"]:
        if item.get("price"):
            price = context.objects.get(PRICE, item["price"])
            if price is not None and price["recurring"] is not None:
                found.append(price)
        elif item.get("price_data"):
            data = item["price_data"]
            recurring = {"interval_count": 1, "trial_period_days": None, **data["recurring"]}
            found.append({"currency": data["currency"], "currency_options": {data["currency"]: {}}, "recurring": recurring})
    if not found:
        # The item itself has the better error: its price is missing, unknown or not recurring.
        item = params["items"][0]
        if item.get("price") is None:
            raise missing_param("items[0][price]")
        prices.usable(context, item["price"], "items[0][price]")
    return found


def _anchor_config(params: dict[str, Any]) -> Body | None:
    config = params.get("billing_cycle_anchor_config")
    return config and {name: config.get(name) for name in ("day_of_month", "hour", "minute", "month", "second")}


@dataclass(frozen=True)
class New:
    """A subscription that is not stored yet: its body, its items, what its first invoice charges, and what is charged `once`."""

    body: Body
    change: Change
    lines: list[Body]
    once: list[Body]


def new(context: Context, params: dict[str, Any], customer: Body) -> New:
    """A subscription as `params` have it; nothing is stored but prices made inline. Raises StripeError."""
    if not params.get("items"):
        raise missing_param("items")
    found = _first_prices(context, params)
    trial_end = _trial_end(context, params, found)
    start = params.get("backdate_start_date", context.now)
    if start > context.now:
        raise invalid("backdate_start_date must be in the past.", "backdate_start_date")
    body: Body = {
        "id": new_id("sub"),
        "object": subscriptions.KIND,
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": _anchor(context, params, trial_end, found[0]),
        "billing_cycle_anchor_config": _anchor_config(params),
        "billing_mode": billing_mode(params.get("billing_mode")),
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "feedback_option": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": context.now,
        "currency": _currency(context, params, customer, found[0]),
        "customer": customer["id"],
        "customer_account": None,
        "days_until_due": None,
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": {"type": "self"},
        },
        "latest_invoice": None,
        "livemode": context.livemode,
        "managed_payments": None,
        "metadata": {},
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "presentment_details": None,
        "schedule": None,
        "start_date": start,
        "status": "active" if trial_end is None else "trialing",
        "status_details": None,
        "test_clock": context.test_clock,
        "transfer_data": None,
        "trial_end": trial_end,
        "trial_settings": {"end_behavior": {"billing_cycle_anchor": None, "missing_payment_method": "create_invoice"}},
        "trial_start": None if trial_end is None else context.now,
        "_anchor_day": (params.get("billing_cycle_anchor_config") or {}).get("day_of_month"),
        "_due": None,
        "_prorates": params.get("proration_behavior") != "none",
    }
    change = Change(context, body, [], start=start)
    change.apply(params["items"])
    settings.apply(context, body, params)
    threshold_settings.check(context, body["billing_thresholds"], change.items, body["currency"])
    once = lines_once(context, body, params.get("add_invoice_items", []))
    if params.get("discounts"):
        worth = billing_runs.worth(context, body, change.items) + sum(line["amount"] for line in once)
        body["discounts"] = discounts.given(context, params["discounts"], "discounts", body, start=start, worth=worth)
    laid_out = billing_runs.open_periods(context, body, change.items, start)
    settings.apply_cancel_at(context, body, change.items, params)
    lines = billing_runs.first_lines(context, body, change.items, laid_out, prorates=body["_prorates"])
    return New(body, change, lines, once)


def lines_once(context: Context, body: Body, params: list[dict[str, Any]]) -> list[Body]:
    """The lines of prices charged once, without their discounts. Raises StripeError."""
    found = []
    for index, wanted in enumerate(params):
        here = f"add_invoice_items[{index}]"
        price = once_price(context, wanted, here, body["currency"])
        period = (context.now, context.now)
        line = charges.one_time_line(context, price, body["currency"], Decimal(wanted.get("quantity", 1)), period, body["id"])
        line["metadata"] = {key: value for key, value in (wanted.get("metadata") or {}).items() if value}
        if "discountable" in wanted:
            line["discountable"] = wanted["discountable"]
        line["tax_rates"] = tax_rates.given(context, wanted.get("tax_rates"), f"{here}[tax_rates]")
        found.append(line)
    return found


def once_price(context: Context, wanted: dict[str, Any], here: str, currency: str) -> Body:
    """The price of what is charged once, which may be made on the spot. Raises StripeError."""
    if wanted.get("price_data") is not None:
        price = prices.create_price(context, wanted["price_data"], inline=True)
    elif wanted.get("_agreed"):
        return charges.stored_price(context, wanted["price"])
    elif wanted.get("price") is not None:
        price = prices.sellable(context, wanted["price"], f"{here}[price]")
        if price["recurring"] is not None:
            raise invalid(
                "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.",
                f"{here}[price]",
            )
    else:
        raise missing_param(f"{here}[price]")
    made = wanted.get("price_data") is not None
    charges.check_currency(price, currency, f"{here}[price_data][currency]" if made else f"{here}[price]")
    return price


def first_invoice(context: Context, params: dict[str, Any], customer: Body) -> Body:
    """The first invoice of a subscription that is not stored; discounts and prices made inline are. Raises StripeError."""
    made = new(context, params, customer)
    lines, now = [*made.once, *made.lines], context.now
    return invoices.draft(context, made.body, customer, lines, reason="subscription_create", at=now, period=(now, now))[0]


def add_invoice_items(context: Context, body: Body, params: list[dict[str, Any]]) -> None:
    """Keep prices charged once for the next invoice."""
    keep(context, body, lines_once(context, body, params), params)


def keep(context: Context, body: Body, lines: list[Body], params: list[dict[str, Any]]) -> None:
    """Keep the lines of prices charged once for the next invoice, with the discounts that `params` give them."""
    for index, line in enumerate(lines):
        wanted = params[index].get("discounts")
        invoice_items.add(context, body, line, context.now, wanted, f"add_invoice_items[{index}][discounts]")


def _bill(context: Context, body: Body, lines: list[Body], params: dict[str, Any]) -> None:
    """Issue the first invoice, if there is anything on it, and collect it as `payment_behavior` says."""
    if not lines and not invoice_items.pending(context, body):
        return
    # An invoice that is sent is a draft for an hour, the first one too; and so is the first one of a schedule.
    # https://docs.stripe.com/billing/subscriptions/subscription-schedules
    waits = body["collection_method"] == "send_invoice" or body["schedule"] is not None
    behavior = params.get("payment_behavior")
    failure = invoices.issue(
        context,
        body,
        lines,
        reason="subscription_create",
        at=context.now,
        grace=waits,
        collects=behavior != "default_incomplete",
        off_session=params.get("off_session", False),
    )
    # Stripe keeps a subscription whose card was declined, but none of a customer who has no card at all.
    if failure is not None and (behavior == "error_if_incomplete" or failure.code == "resource_missing"):
        raise invoice_collection.refusing(failure)


def check_room(context: Context, customer: Body, schedule: str | None = None) -> None:
    """Raise StripeError where a customer under a test clock has as many subscriptions as it takes, but for that of a `schedule`.

    Those that schedules will start count too: https://docs.stripe.com/billing/testing/test-clocks/api-advanced-usage
    """
    if context.test_clock is not None:
        own = equal("customer", customer["id"])
        there = context.objects.find(subscriptions.KIND, [own, Where("status", "not in", OVER)])
        coming = context.objects.find(SUBSCRIPTION_SCHEDULE, [own, equal("status", "not_started")])
        if len(there) + sum(one["id"] != schedule for one in coming) >= _OF_A_CLOCK:
            raise invalid(f"A customer under a test clock can have at most {_OF_A_CLOCK} subscriptions.", "customer")


def create(context: Context) -> Body:
    """`POST /v1/subscriptions`."""
    params = context.params
    if params.get("payment_behavior") == "pending_if_incomplete":
        raise invalid(
            "Setting `payment_behavior` to `pending_if_incomplete` has no effect when creating a subscription.",
            "payment_behavior",
        )
    if params.get("customer") is None:
        raise missing_param("customer")
    customer = existing(context, CUSTOMER, "customer", params["customer"], "customer", in_path=True)
    body, items = begin(context, params, customer)
    return subscriptions.rendered(context, body, items)


def begin(context: Context, params: dict[str, Any], customer: Body, more: Body | None = None) -> tuple[Body, list[Body]]:
    """Store a new subscription, which has `more` from the start, and its items; issue its first invoice. Raises StripeError."""
    check_room(context, customer, (more or {}).get("schedule"))
    made = new(context, params, customer)
    body = made.body
    body.update(more or {})
    made.change.save()
    if customer["currency"] is None:
        customer["currency"] = body["currency"]
        context.objects.put(CUSTOMER, customer)
    keep(context, body, made.once, params.get("add_invoice_items", []))
    _bill(context, body, made.lines, params)
    items = items_of(context, body["id"])
    return subscriptions.save(context, body, items, new=True), items


OPERATIONS = [post("/v1/subscriptions", create, CREATE)]
