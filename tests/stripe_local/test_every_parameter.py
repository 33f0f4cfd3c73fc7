"""No parameter is taken and ignored: each changes what is answered, is refused by name, or has its reason here.

Every declared parameter is sent, with each value that matters, on a well-formed call. What is seen of it is the answer with what
can be expanded in it, and what follows from it: a subscription's invoices, the prices on them, what waits for the next one; the
subscription of a Checkout session.
`test_parameters_match_sdk` shows that what is declared is what Stripe takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

from stripe_local.resources import OPERATIONS
from stripe_local.resources.test_helpers import test_clocks
from stripe_local.wire.errors import NOT_SUPPORTED
from stripe_local.wire.operation import Operation
from stripe_local.wire.params import (
    Bool,
    Dec,
    Enum,
    Int,
    ListOf,
    MapOf,
    Metadata,
    Obj,
    OneOf,
    Param,
    Refused,
    Timestamp,
)
from tests.stripe_local.calls import CALLS, Account, Call, Params, furnished, merged
from tests.stripe_local.server import LocalStripe

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(600)]

DAY = 86400

OTHERWISE: dict[str, str] = {
    "POST /v1/customers payment_method": "a card is attached; it is charged once something names it (test_catalogue)",
    "POST /v1/webhook_endpoints connect": "it decides which events are sent (test_alerts)",
    "POST /v2/billing/meter_event_adjustments cancel[identifier]": "an event that is not there is refused in other words",
    **{
        f"POST /v2/billing/meter_event_stream events[][{name}]": "it is seen of the usage, later (test_meter_event_stream)"
        for name in ("identifier", "payload", "timestamp")
    },
    "event_name": "an event of another meter is refused in other words, which are Stripe's",
    "POST /v1/prices billing_scheme": "each of its values is required with the parameters of that scheme",
    "POST /v1/prices recurring[usage_type]": "each of its values is required with, or without, a meter, which changes the answer",
    "transfer_lookup_key": "it is seen on the price that had the key (test_catalogue)",
    "collection_method": "each of its values is required with, or without, days_until_due, which is shown",
    "off_session": "a test card never asks the customer for anything",
    "card[cvc]": "it is wrong only of a card of its own (test_payments)",
    "client_secret": "another one is refused in Stripe's words, which name no parameter",
    "error_on_requires_action": "it decides what becomes of a card that asks for 3-D Secure (test_payments)",
    "lines[][invoice_item]": "an item that waits excludes all else of a line (test_invoices_written)",
    "lines[][behavior]": "what is unassigned waits for the next invoice (test_invoices_written)",
    "from_subscription": "it excludes all else (test_subscription_schedules)",
    "POST /v1/invoices/{invoice}/pay payment_method": "it is what is charged (test_payments)",
    "POST /v1/payment_intents/{intent}/confirm payment_method": "it is what is charged (test_payments)",
    "email_type": "no mail is sent here",
    **{
        f"POST /v1/subscription_schedules/{{schedule}} phases[][{name}][][price_data]{field}": "as where one is made"
        for name in ("add_invoice_items", "items")
        for field in (
            "[currency]",
            "[product]",
            "[recurring][interval]",
            "[recurring][interval_count]",
            "[tax_behavior]",
            "[unit_amount]",
            "[unit_amount_decimal]",
        )
    },
    "GET /v1/tax_ids owner[customer]": "it decides whose are listed (test_tax_ids)",
    "owner[type]": "each of its values is required with, or without, a customer, which changes the answer",
    "lines[][invoice_line_item]": "it names the line that is credited (test_credit_notes)",
    **dict.fromkeys(
        (
            "credit_amount",
            "out_of_band_amount",
            "refund_amount",
            "refunds[][amount_refunded]",
            "refunds[][refund]",
            "refunds[][type]",
        ),
        "together they must be what a credit note is more than what is due (test_credit_notes)",
    ),
    **{
        f"GET /v1/credit_notes/preview/lines {name}": "it is on no line"
        for name in ("effective_at", "memo", "metadata", "reason")
    },
    "payment_behavior": "it decides what becomes of a payment that fails (test_subscription_updates)",
    "clear_usage": "Stripe's: without effect on a price with a meter, and refused in flexible mode (test_refusals)",
    "POST /v1/test_helpers/test_clocks customer": "it is the customer that shows its test clock (test_test_clocks)",
    "features[subscription_update][products][][product]": "another product is refused for the prices beside it",
    **{
        f"POST /v1/invoices/create_preview {name}[][price_data][tax_behavior]": "it is seen on the price, which no preview keeps"
        for name in ("invoice_items", "subscription_details[items]")
    },
    "POST /v1/invoices/create_preview subscription_details[billing_mode][flexible][proration_discounts]": (
        "a first invoice gives nothing back"
    ),
    "POST /v1/invoices/create_preview subscription_details[items][][metadata]": "an item's metadata is on no invoice",
    "POST /v1/invoices/create_preview subscription_details[pause][invoicing_behavior]": "what waits has no preview (test_pauses)",
    "POST /v1/invoices/create_preview subscription_details[items][][billing_thresholds]": "it is on no invoice",
    "POST /v1/invoices/create_preview subscription_details[items][][billing_thresholds][usage_gte]": "it is on no invoice",
    "POST /v2/core/event_destinations type": "each of its values is required with the hash of that name, which is shown",
    "after_completion[type]": "each of its values is required with the hash of that name, which changes the answer",
}
"""Parameters that change nothing that is seen here, with the reason; by operation and parameter, or by parameter alone."""


def _data(account: Account, **more: Any) -> dict[str, Any]:
    """A price made on the spot."""
    return {"price": None, "price_data": {"currency": "usd", "unit_amount": 700, "product": account.product, **more}}


def _recurring_data(account: Account) -> dict[str, Any]:
    return _data(account, recurring={"interval": "month"})


def _present(account: Account, **more: Any) -> dict[str, Any]:
    """The present phase of the schedule that was made last, as an update must name it."""
    (made,) = account.look("subscription_schedules", {"limit": 1})["data"]
    (item, *_) = made["phases"][0]["items"]
    named = {"price": item["price"], "quantity": item["quantity"]}
    return {"phases": [{"start_date": made["phases"][0]["start_date"], "items": [named], **more}]}


def _ends(account: Account) -> dict[str, Any]:
    phases = [{"items": [{"price": account.licensed}]}]
    params = {"customer": account.new_customer(), "start_date": "now", "phases": phases, "end_behavior": "cancel"}
    return {"path": f"subscription_schedules/{account.make('subscription_schedules', params)['id']}/release"}


def _schedules() -> Iterator[tuple[str, Callable[[Account], dict[str, Any]]]]:
    """What the parts of a schedule's phases need beside them."""
    new, old = "POST /v1/subscription_schedules", "POST /v1/subscription_schedules/{schedule}"
    sent: dict[str, Any] = {"collection_method": "send_invoice", "invoice_settings": {"days_until_due": 10}}
    yield f"{new} start_date", lambda a: {"phases": [{"duration": {"interval": "year"}}]}
    yield f"{old} phases", _present
    yield f"{old} proration_behavior", lambda a: _present(a, items=[{"price": a.licensed, "quantity": 5}])
    yield f"{old}/release preserve_cancel_date", _ends
    yield "default_settings[invoice_settings][days_until_due]", lambda a: {"default_settings": sent}
    yield "phases[][invoice_settings][days_until_due]", lambda a: {"phases": [sent]}
    yield "phases[][add_invoice_items]", lambda a: {"phases": [{"add_invoice_items": [{"price": a.one_time}]}]}
    yield "phases[][add_invoice_items][][price_data]", lambda a: {"phases": [{"add_invoice_items": [_data(a)]}]}
    yield "phases[][items][][price_data]", lambda a: {"phases": [{"items": [_recurring_data(a)]}]}
    for name in ("add_invoice_items", "items"):
        yield (
            f"phases[][{name}][][price_data][unit_amount_decimal]",
            lambda a, name=name: {"phases": [{name: [DECIMAL]}]},
        )


DECIMAL: dict[str, Any] = {"price_data": {"unit_amount": None, "unit_amount_decimal": "7"}}
PRODUCT: dict[str, Any] = {"product": None, "product_data": {"name": "New"}}
TIER: dict[str, Any] = {"up_to": "inf", "unit_amount": 5}
TIERED: dict[str, Any] = {"unit_amount": None, "billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": [TIER]}
FREE: dict[str, Any] = {"recurring": None, "unit_amount": None, "custom_unit_amount": {"enabled": True}}
FLAT: dict[str, Any] = {"unit_amount": None, "flat_amount": 1}
"""In the place of a tier's amount, which excludes the decimal one."""


def _new_one(account: Account, **details: Any) -> dict[str, Any]:
    """What a preview is asked of a subscription that does not exist yet."""
    wanted = {"items": [{"price": account.metered}, {"price": account.licensed}], **details}
    return {"subscription": None, "customer": account.new_customer(), "subscription_details": wanted}


def _in_euros(amounts: dict[str, Any]) -> dict[str, Any]:
    return {"currency_options": {"eur": amounts}}


def _prices() -> Iterator[tuple[str, Callable[[Account], dict[str, Any]]]]:
    """What the amounts of a price need beside them: of a new one, of one that is there, of a product's first one."""
    new, old = "POST /v1/prices", "POST /v1/prices/{price}"
    yield f"{new} unit_amount_decimal", lambda a: {"unit_amount": None, "unit_amount_decimal": "2"}
    yield f"{new} custom_unit_amount", lambda a: FREE
    yield f"{new} product_data", lambda a: {"product": None, "product_data": {"name": "New"}}
    yield f"{new} recurring[meter]", lambda a: {"recurring": {"usage_type": "metered", "meter": a.meter}}
    yield f"{new} tiers_mode", lambda a: TIERED
    yield f"{new} tiers", lambda a: TIERED
    yield f"{new} tiers[][unit_amount_decimal]", lambda a: {"tiers": [FLAT]}
    yield (
        f"{new} currency_options[eur][custom_unit_amount]",
        lambda a: {**FREE, **_in_euros({"custom_unit_amount": {"enabled": True}})},
    )
    yield f"{new} currency_options[eur][tiers]", lambda a: {**TIERED, **_in_euros({"tiers": [TIER]})}
    yield (
        f"{old} currency_options[eur][custom_unit_amount]",
        lambda a: {"path": f"prices/{a.price(**FREE)}", **_in_euros({"custom_unit_amount": {"enabled": True}})},
    )
    yield (
        f"{old} currency_options[eur][tiers]",
        lambda a: {"path": f"prices/{a.price(**TIERED)}", **_in_euros({"tiers": [TIER]})},
    )
    for place in (new, old):
        yield f"{place} currency_options[eur][tax_behavior]", lambda a: _in_euros({"unit_amount": 5})
        yield f"{place} currency_options[eur][tiers][][unit_amount_decimal]", lambda a: _in_euros({"tiers": [FLAT]})
    first = {"currency": "usd", "unit_amount": 5}
    yield "default_price_data", lambda a: {"default_price_data": first}
    yield (
        "default_price_data[unit_amount_decimal]",
        lambda a: {"default_price_data": {"unit_amount": None, "unit_amount_decimal": "2"}},
    )
    yield "default_price_data[custom_unit_amount]", lambda a: {"default_price_data": {**FREE, "currency": "usd"}}
    yield (
        "default_price_data[currency_options][eur][custom_unit_amount]",
        lambda a: {"default_price_data": {**FREE, "currency": "usd", **_in_euros({"custom_unit_amount": {"enabled": True}})}},
    )
    yield (
        "default_price_data[currency_options][eur][tax_behavior]",
        lambda a: {"default_price_data": {**first, **_in_euros({"unit_amount": 5})}},
    )


def _sent_to(kind: str, *parts: str) -> Callable[[Account], dict[str, Any]]:
    return lambda account: {"type": kind, "webhook_endpoint": None, kind: dict.fromkeys(parts, "other")}


def _credit_notes() -> Iterator[tuple[str, Callable[[Account], dict[str, Any]]]]:
    """What the amounts of a credit note need: nothing of the lines of invoices, which have parameters of the same names."""
    for place in ("POST /v1/credit_notes", "GET /v1/credit_notes/preview", "GET /v1/credit_notes/preview/lines"):
        yield f"{place} amount", lambda a: {"lines": None, "amount": 50}
        yield f"{place} lines[][amount]", _credited_line
        yield f"{place} lines[][quantity]", lambda a: {"lines": [{"price_data": None}]}
        yield f"{place} lines[][unit_amount_decimal]", lambda a: {"lines": [{"unit_amount": None, "unit_amount_decimal": "5"}]}


def _credited_line(account: Account) -> dict[str, Any]:
    invoice = account.look(f"invoices/{CALLS['POST /v1/credit_notes'](account).params['invoice']}")
    line = {"type": "invoice_line_item", "invoice_line_item": invoice["lines"]["data"][0]["id"], "amount": 5}
    return {"invoice": invoice["id"], "lines": [{**line, "description": None, "unit_amount": None}]}


NEEDS: dict[str, Callable[[Account], dict[str, Any]]] = {
    "add_invoice_items": lambda a: {"add_invoice_items": [{"price": a.one_time}]},
    "add_invoice_items[][price_data]": lambda a: {"add_invoice_items": [_data(a)]},
    "invoice_items": lambda a: {"invoice_items": [{"price": a.one_time}]},
    "invoice_items[][amount]": lambda a: {"invoice_items": [{"price": None, "currency": "usd", "amount": 100}]},
    "invoice_items[][price_data]": lambda a: {"invoice_items": [_data(a)]},
    "items": lambda a: {"items": [{"price": a.other}]},
    "items[][price_data]": lambda a: {"items": [_recurring_data(a)]},
    **{f"items[][{name}]": lambda a: {"items": [{"price": None, "id": a.seats()}]} for name in ("clear_usage", "deleted", "id")},
    **{f"POST /v1/subscription_items{one} price_data": _recurring_data for one in ("", "/{item}")},
    "POST /v1/invoiceitems pricing": lambda a: {"amount": None, "pricing": {"price": a.one_time}},
    "POST /v1/invoiceitems unit_amount_decimal": lambda a: {"amount": None, "unit_amount_decimal": "5"},
    **{
        f"POST /v1/invoiceitems {name}": lambda a: {"amount": None, "unit_amount_decimal": "5"}
        for name in ("quantity", "quantity_decimal")
    },
    "POST /v1/invoiceitems price_data": lambda a: {"amount": None, **_data(a)},
    "POST /v1/invoiceitems/{invoiceitem} price_data": _data,
    "POST /v1/invoices/{invoice}/lines/{line_item_id} price_data": _data,
    "POST /v1/invoices/{invoice}/lines/{line_item_id} price_data[product_data]": lambda a: {"price_data": PRODUCT},
    "lines[][pricing]": lambda a: {"lines": [{"amount": None, "pricing": {"price": a.one_time}}]},
    **{
        f"lines[][{name}]": lambda a: {"lines": [{"amount": None, **_data(a)}]}
        for name in ("price_data", "quantity", "quantity_decimal")
    },
    "lines[][price_data][unit_amount_decimal]": lambda a: {"lines": [DECIMAL]},
    "lines[][price_data][product_data]": lambda a: {"lines": [{"price_data": PRODUCT}]},
    **dict(_credit_notes()),
    "invoice_items[][unit_amount_decimal]": lambda a: {"invoice_items": [{"price": None, "unit_amount_decimal": "5"}]},
    "pending_invoice_items_behavior": lambda a: {"customer": a.waiting()},
    "automatically_finalizes_at": lambda a: {"auto_advance": True},
    **{
        f"POST /v1/payment_intents/{{intent}}/confirm {name}": lambda a: {"payment_method": "pm_card_authenticationRequired"}
        for name in ("return_url", "use_stripe_sdk")
    },
    "owner": lambda a: {"owner": {"type": "customer", "customer": a.new_customer()}},
    "use_stripe_sdk": lambda a: {"return_url": "https://example.com/back"},
    **{
        f"{name}[price_data][unit_amount_decimal]": lambda a, name=name: {name.removesuffix("[]"): [DECIMAL]}
        for name in ("add_invoice_items[]", "invoice_items[]", "items[]")
    },
    **{
        f"POST /v1/{place} price_data[unit_amount_decimal]": lambda a: DECIMAL
        for place in (
            *("subscription_items", "subscription_items/{item}", "invoiceitems", "invoiceitems/{invoiceitem}"),
            "invoices/{invoice}/lines/{line_item_id}",
        )
    },
    "subscription_details[items][][price_data][unit_amount_decimal]": lambda a: {"subscription_details": {"items": [DECIMAL]}},
    "billing_cycle_anchor_config": lambda a: {"billing_cycle_anchor_config": {"day_of_month": 20}},
    "billing_mode[flexible]": lambda a: {"billing_mode": {"type": "flexible"}},
    "days_until_due": lambda a: {"collection_method": "send_invoice", "days_until_due": 10},
    "pause_collection[resumes_at]": lambda a: {"pause_collection": {"behavior": "void"}},
    "POST /v1/subscriptions proration_behavior": lambda a: {"billing_cycle_anchor": a.server.clock() + 10 * DAY},
    "POST /v1/subscriptions trial_from_plan": lambda a: {"items": [{"price": a.trial}]},
    **{
        f"POST /v1/subscriptions/{{id}}/resume {name}": lambda a: {"billing_cycle_anchor": {"type": "unchanged"}}
        for name in ("proration_behavior", "proration_date")
    },
    "subscription_details[pause]": lambda a: {"subscription_details": {"pause": {"invoicing_behavior": "invoice"}}},
    "subscription_details[resume_at]": lambda a: {"subscription": a.paused()},
    "subscription_details[billing_cycle_anchor][timestamp]": lambda a: _new_one(
        a, billing_cycle_anchor={"type": "timestamp", "timestamp": a.server.clock() + 5 * DAY}
    ),
    **dict(_prices()),
    **dict(_schedules()),
    "subscription_details[items]": lambda a: {"subscription_details": {"items": [{"price": a.other}]}},
    "subscription_details[items][][price_data]": lambda a: {"subscription_details": {"items": [_recurring_data(a)]}},
    **{
        f"subscription_details[items][][{name}]": lambda a: {
            "subscription_details": {"items": [{"price": None, "id": a.seats()}]}
        }
        for name in ("clear_usage", "deleted", "id")
    },
    "GET /v1/billing/credit_balance_summary filter[applicability_scope][prices]": lambda a: {
        "filter": {"applicability_scope": {"price_type": None, "prices": [{"id": a.metered}]}}
    },
    "GET /v1/billing/credit_balance_summary filter[credit_grant]": lambda a: {
        "filter": {
            "type": "credit_grant",
            "applicability_scope": None,
            "credit_grant": a.make("billing/credit_grants", a.grant())["id"],
        }
    },
    "GET /v1/billing/meters/{id}/event_summaries limit": lambda a: {"value_grouping_window": "hour"},
    "POST /v1/billing/credit_grants applicability_config[scope][prices]": lambda a: {
        "applicability_config": {"scope": {"price_type": None, "prices": [{"id": a.metered}]}}
    },
    "features[subscription_cancel][proration_behavior]": lambda a: {"features": {"subscription_cancel": {"mode": "immediately"}}},
    "features[subscription_update][products]": lambda a: {
        "features": {"subscription_update": {"products": [{"product": a.product, "prices": [a.licensed]}]}}
    },
    "subscription_data[billing_mode][flexible]": lambda a: {"subscription_data": {"billing_mode": {"type": "flexible"}}},
    "subscription_data[proration_behavior]": lambda a: {
        "subscription_data": {"billing_cycle_anchor": a.server.clock() + 10 * DAY}
    },
    "subscription_data[trial_settings]": lambda a: {"subscription_data": {"trial_period_days": 7}},
    "POST /v1/coupons amount_off": lambda a: {"percent_off": None, "amount_off": 100, "currency": "usd"},
    "POST /v1/coupons currency_options": lambda a: {"percent_off": None, "amount_off": 100, "currency": "usd"},
    "POST /v1/coupons duration_in_months": lambda a: {"duration": "repeating", "duration_in_months": 2},
    **{
        f"POST /v1/promotion_codes restrictions[{name}]": lambda a: {
            "restrictions": {"minimum_amount": 100, "minimum_amount_currency": "usd"}
        }
        for name in ("minimum_amount", "minimum_amount_currency")
    },
    "POST /v1/shipping_rates/{shipping_rate} fixed_amount": lambda a: {
        "fixed_amount": {"currency_options": {"eur": {"amount": 5}}}
    },
    "amazon_eventbridge": _sent_to("amazon_eventbridge", "aws_account_id", "aws_region"),
    "azure_event_grid": _sent_to("azure_event_grid", "azure_region", "azure_resource_group_name", "azure_subscription_id"),
    "webhook_endpoint": lambda a: {"include": ["webhook_endpoint.url"]},
    "shipping": lambda a: {"shipping": {"name": "Jane Roe", "address": {"line1": "1 Main St"}}},
    "after_completion[redirect]": lambda a: {
        "after_completion": {"type": "redirect", "redirect": {"url": "https://example.com"}}
    },
    "POST /v1/payment_links/{payment_link} line_items": lambda a: {"line_items": [{"id": a.line()}]},
    **{
        f"subscription_details[{name}]": lambda a: _new_one(a, billing_mode={"type": "flexible"})
        for name in ("billing_mode", "start_date")
    },
    **{
        f"POST /v1/invoices/create_preview {name}": lambda a: {
            "subscription_details": {"items": [{"id": a.seats(), "quantity": 5}]}
        }
        for name in ("preview_mode", "subscription_details[proration_behavior]", "subscription_details[proration_date]")
    },
    **{
        f"POST /v1/subscriptions/{{id}} {name}": lambda a: {"items": [{"id": a.seats(), "quantity": 5}]}
        for name in ("proration_behavior", "proration_date")
    },
    **{
        f"POST /v1/subscription_items/{{item}} {name}": lambda a: {"quantity": 5}
        for name in ("proration_behavior", "proration_date")
    },
}
"""What else a call must send for a parameter, or those within it, to be taken; keys as in `OTHERWISE`. `path`: its object."""


# -- the parameters


class Parameter(NamedTuple):
    """A parameter that is no hash: its path, where `[]` is an element and `{}` a key, and its declaration."""

    path: tuple[str, ...]
    declared: Param

    @property
    def name(self) -> str:
        """As people write it, such as `items[][price]`."""
        head, *rest = self.path
        return head + "".join(part if part == "[]" else f"[{part}]" for part in rest)


def parameters(declared: Param, path: tuple[str, ...] = ()) -> Iterator[Parameter]:
    if isinstance(declared, OneOf):
        for form in declared.forms:
            yield from parameters(form, path)
    elif isinstance(declared, Obj):
        for name, field in declared.fields.items():
            yield from parameters(field, (*path, name))
    elif isinstance(declared, ListOf) and isinstance(declared.element, Obj):
        yield from parameters(declared.element, (*path, "[]"))
    elif isinstance(declared, MapOf) and isinstance(declared.value, Obj):
        yield from parameters(declared.value, (*path, "eur"))
    else:
        yield Parameter(path, declared)


def values(account: Account, parameter: Parameter) -> list[Any]:
    """What is sent of it, one after the other."""
    declared, path = parameter.declared, [part for part in parameter.path if part != "[]"]
    name = path[-1]
    now = account.server.clock()
    named: dict[str, Callable[[], list[Any]]] = {
        "backdate_start_date": lambda: [now - 40 * DAY],
        "code": lambda: [account.fresh("CODE")],
        "country": lambda: ["DE"],
        "coupon": lambda: [account.new_coupon()],
        "currency": lambda: ["usd", "eur", "jpy"],
        "customer": lambda: [account.new_customer()] if declared is CLOCKED else [account.customer, account.new_customer()],
        "default_payment_method": lambda: ["pm_card_mastercard"],
        "default_price": lambda: [account.price()],
        "email": lambda: ["other@example.com"],
        "enabled_events": lambda: [["billing.alert.triggered"]],
        "entitlement_feature": lambda: [account.new_feature()],
        "event_name": lambda: [account.fresh("event")],
        "exp_year": lambda: [2040, 2041],
        "expires_at": lambda: [now + 3600],
        "frozen_time": lambda: [now + 7200],
        "id": lambda: [account.seats()] if "items" in path else [account.metered, account.fresh("id")],
        "identifier": lambda: [account.fresh("identifier")],
        "invoice_prefix": lambda: [account.fresh("PREFIX")],
        "lookup_key": lambda: [account.fresh("key")],
        "lookup_keys": lambda: [[account.fresh("key")]],
        "meter": lambda: [account.meter, account.new_meter()],
        "payment_method": lambda: ["pm_card_mastercard"],
        "price": lambda: [account.licensed, account.other, account.one_time, account.metered],
        "product": lambda: [account.product, account.make("products", {"name": "Other"})["id"]],
        "promotion_code": lambda: [account.new_code()],
        "proration_date": lambda: [now + DAY],
        "prices": lambda: [[account.other]],
        "products": lambda: [[account.product]],
        "query": lambda: ["created>0", "created<0"],
        "start_date": lambda: [now - 40 * DAY],
        "default_tax_rates": lambda: [[account.new_rate()]],
        "tax_rates": lambda: [[account.new_rate()]],
        "test_clock": lambda: [account.new_clock()],
        "timestamp": lambda: [now - 60 if isinstance(declared, Timestamp) else f"{datetime.fromtimestamp(now - 60, UTC):%FT%TZ}"],
        "url": lambda: ["https://example.com/other"],
    }
    if name in named and not isinstance(declared, Obj):
        return named[name]()
    if isinstance(declared, Metadata):
        return [{"k": "v"}]
    if isinstance(declared, Bool):
        return [True, False]
    if isinstance(declared, Enum):
        return list(declared.values)
    if path[-1] in ("gt", "gte", "lt", "lte") and not isinstance(declared, Int | Timestamp):
        return ["1970-01-01T00:00:01Z", "2096-10-02T07:06:40Z"]
    if isinstance(declared, Timestamp):
        return [1, 4_000_000_000] if name in ("gt", "gte", "lt", "lte") else [now + 10 * DAY, now]
    if isinstance(declared, Int):
        return [max(declared.minimum or 0, 1), max(declared.minimum or 0, 3)]
    if isinstance(declared, Dec):
        return ["3", "7.5"]
    if isinstance(declared, ListOf):
        return [[one] for one in values(account, Parameter((*parameter.path, "[]"), declared.element))]
    if isinstance(declared, MapOf):
        return [{"eur": one} for one in values(account, Parameter((*parameter.path, "eur"), declared.value))]
    return ["https://example.com/other" if "url" in name else "abc"]


CURSORS: dict[str, Callable[[Any], str]] = {
    "starting_after": lambda shown: shown["data"][0]["id"],
    "ending_before": lambda shown: shown["data"][-1]["id"],
    "page": lambda shown: (
        shown["next_page"] if "next_page" in shown else parse_qs(urlsplit(shown["next_page_url"]).query)["page"][0]
    ),
}
"""What comes from a list that was read before."""


# -- requests


def sent(account: Account, declared: Param, path: tuple[str, ...], value: Any) -> tuple[Any, Any]:
    """The parameter alone, and with all that is required beside it."""
    if isinstance(declared, OneOf):
        declared = next((form for form in declared.forms if isinstance(form, Obj)), declared)
    if not path:
        return value, value
    head, *rest = path
    if isinstance(declared, ListOf):
        alone, whole = sent(account, declared.element, tuple(rest), value)
        return [alone], [whole]
    inner = declared.fields[head] if isinstance(declared, Obj) else declared.value if isinstance(declared, MapOf) else declared
    alone, whole = sent(account, inner, tuple(rest), value)
    beside = required(account, declared, head) if isinstance(declared, Obj) else {}
    return {head: alone}, {**beside, head: whole}


def required(account: Account, declared: Obj, but: str = "") -> dict[str, Any]:
    """What must be sent of a hash; of one that must not be empty, the first."""
    names = [name for name, field in declared.fields.items() if field.required and name != but]
    names = names or ([] if but else list(declared.fields)[:1])
    return {name: _any(account, name, declared.fields[name]) for name in names}


def _any(account: Account, name: str, declared: Param) -> Any:
    if isinstance(declared, Obj):
        return required(account, declared)
    if isinstance(declared, ListOf) and isinstance(declared.element, Obj):
        return [required(account, declared.element)]
    if isinstance(declared, OneOf):
        return _any(account, name, declared.forms[0])
    return values(account, Parameter((name,), declared))[0]


# -- what is seen


EXPAND = {
    "coupons": ["applies_to", "currency_options"],
    "customers": ["cash_balance", "tax", "tax_ids"],
    "customers/{customer}/balance_transactions": [],
    "customers/{customer}/tax_ids": [],
    "payment_links": ["line_items"],
    "billing_portal/configurations": ["features.subscription_update.products"],
    "prices": ["currency_options", "currency_options.eur.tiers", "product", "tiers"],
    "products": ["default_price", "default_price.currency_options"],
    "products/{product}/features": [],
    "promotion_codes": ["restrictions.currency_options"],
    "shipping_rates": ["fixed_amount.currency_options"],
    "subscriptions": ["latest_invoice"],
}

_ID = re.compile(r"\b(?:[a-z]+_)+[A-Za-z0-9]{8,}\b")
_TIMES = range(1_400_000_000, 2_400_000_000)


class Seen(NamedTuple):
    """The answer, and every plain value of it and of what follows from it, by its path."""

    answer: Any
    values: dict[str, Any]


def _values(shown: Any, path: str = "$") -> Iterator[tuple[str, Any]]:
    if isinstance(shown, dict):
        yield path, "{}"
        for name, value in shown.items():
            yield from _values(value, f"{path}.{name}")
    elif isinstance(shown, list):
        yield path, len(shown)
        for index, value in enumerate(shown):
            yield from _values(value, f"{path}[{index}]")
    else:
        yield path, shown


def _plain(value: Any, now: int) -> Any:
    """Without what differs from call to call: ids, and the second of the call."""
    if isinstance(value, str):
        return _ID.sub("id", value)
    if isinstance(value, int) and value in _TIMES:
        return f"{round((value - now) / 600)} times ten minutes from now"
    return value


def followed(account: Account, operation: Operation, answer: dict[str, Any]) -> Any:
    """What else shows an effect."""
    if operation.method == "GET" or operation.version == 2:
        return None
    kind, id = answer.get("object"), answer.get("id")
    if kind == "checkout.session":
        account.server.http("POST", f"/_local/checkout/{id}", json={"email": "j@example.com", "payment_method": "pm_card_visa"})
        kind, id = "subscription", account.look(f"checkout/sessions/{id}")["subscription"]
    if kind == "subscription_item":
        kind, id = "subscription", answer.get("subscription") or account.last_subscription()["id"]
    if kind == "subscription_schedule":
        kind, id = "subscription", answer["subscription"] or answer["released_subscription"]
    if kind == "subscription" and id:
        found = account.look(f"subscriptions/{id}", {"expand": ["latest_invoice"]})
        coming = account.send("POST", Call("/v1/invoices/create_preview", {"subscription": id})).json()
        waiting = account.look("invoiceitems", {"customer": found["customer"]})
        lines = [*waiting["data"], *(found["latest_invoice"] or {"lines": {"data": []}})["lines"]["data"]]
        # What is written as an amount has no price.
        prices = [account.look(f"prices/{line['pricing']['price_details']['price']}") for line in lines if line["pricing"]]
        return [found, coming, waiting, prices]
    if kind in ("invoice", "invoiceitem", "line_item"):
        lines = answer.get("lines", {"data": [answer]})["data"]
        named = [line["pricing"]["price_details"]["price"] for line in lines if line["pricing"]]
        if "upcoming" in str(id):
            return None  # prices made for a preview are not kept
        return [account.look(f"prices/{price}", {"expand": ["product"]}) for price in dict.fromkeys(named)]
    return None


def see(account: Account, operation: Operation, call: Call) -> Seen | dict[str, Any]:
    """What comes of the call, or the error."""
    sections = [s for s in EXPAND if operation.path.startswith(f"/v1/{s}") and operation.method == "POST"]
    expand = {"expand": EXPAND[max(sections, key=len)]} if sections else {}
    response = account.send(operation.method, Call(call.path, {**call.params, **expand}))
    answer = response.json()
    if response.status_code != 200:
        error: dict[str, Any] = answer["error"]
        return error
    now = account.server.clock()
    shown = [answer, followed(account, operation, answer)]
    return Seen(answer, {path: _plain(value, now) for path, value in _values(shown)} | {"": answer})


def _same(one: Seen, other: Seen, volatile: set[str]) -> bool:
    return all(one.values.get(path) == other.values.get(path) for path in (one.values.keys() | other.values.keys()) - volatile)


def _echoed(seen: Seen, base: Seen, name: str, params: Params) -> bool:
    """Whether the answer has what was sent, in a field of that name, and did not have it before."""
    here = re.compile(rf"\.{re.escape(name)}(\[\d+\])*$")
    sent = {value for path, value in _values(params) if here.search(path)}

    def told(answer: Any) -> set[str]:
        return {path for path, shown in _values(answer) if here.search(path) and shown in sent}

    return bool(told(seen.answer) - told(base.answer))


# -- the check

CLOCKED = test_clocks.CREATE["customer"]
"""A customer who gets a test clock, and keeps it."""

FINE = ("changes", "refused", "has one value", "has values that are refused")
"""What shows that a parameter is heeded."""


def _needed(operation: Operation, parameter: Parameter) -> Iterator[str]:
    """The keys of `NEEDS` that are about the parameter, the more special ones last."""
    for key in sorted(NEEDS, key=len):
        place, _, prefix = key.rpartition(" ")
        if place in ("", f"{operation.method} {operation.path}") and re.match(rf"{re.escape(prefix)}(?!\w)", parameter.name):
            yield key


def well_formed(account: Account, operation: Operation, parameter: Parameter) -> Call:
    """A call that is not refused, and to which the parameter can be added."""
    call = CALLS[f"{operation.method} {operation.path}"](account)
    params = dict(call.params)
    for key in _needed(operation, parameter):
        params = merged(params, NEEDS[key](account))
    path = params.pop("path", None)
    return Call(f"/v1/{path}" if path else call.path, params)


def requests(account: Account, operation: Operation, parameter: Parameter) -> Iterator[Call]:
    """A call for each of the parameter's values; what it needs is made as it is asked for."""
    if parameter.name in CURSORS:
        call = well_formed(account, operation, parameter)
        shown = account.send("GET", Call(call.path, {**call.params, "limit": 1}) if parameter.name == "page" else call).json()
        yield Call(call.path, {**call.params, parameter.name: CURSORS[parameter.name](shown)})
        return
    for value in values(account, parameter):
        call = well_formed(account, operation, parameter)
        alone, whole = sent(account, operation.params, parameter.path, value)
        yield Call(call.path, merged(merged(whole, call.params), alone))


Bases = dict[str, tuple[Any, Any]]
"""What is seen without a parameter, twice, by what the call needs for it."""


def outcome(account: Account, operation: Operation, parameter: Parameter, bases: Bases) -> str:
    """What comes of a parameter: one of `FINE`, or what is wrong."""
    if isinstance(parameter.declared, Refused):
        error = see(account, operation, next(requests(account, operation, parameter)))
        if isinstance(error, dict) and error.get("code") == NOT_SUPPORTED and "is not supported here" in error["message"]:
            return "refused"
        return f"not refused by name: {error if isinstance(error, dict) else 'taken'}"
    key = str(sorted(_needed(operation, parameter)))
    if key not in bases:
        first, second = (see(account, operation, well_formed(account, operation, parameter)) for _ in range(2))
        bases[key] = first, second
    first, second = bases[key]
    if not isinstance(first, Seen) or not isinstance(second, Seen):
        return f"the call is refused without it: {first}"
    paths = first.values.keys() | second.values.keys()
    volatile = {path for path in paths if first.values.get(path) != second.values.get(path)}
    refusals = []
    for call in requests(account, operation, parameter):
        seen = see(account, operation, call)
        if isinstance(seen, dict):
            refusals.append(seen)
        elif not _same(first, seen, volatile) or _echoed(seen, first, parameter.path[-1], call.params):
            return "changes"
    if isinstance(parameter.declared, Enum) and len(parameter.declared.values) == 1:
        return "has one value"
    if any(_about(parameter.name.replace("[]", "[0]"), error.get("param", "")) for error in refusals):
        return "has values that are refused"
    if refusals:
        return f"is refused: {refusals[0]['message']}"
    return "is taken, and nothing changes"


def _about(name: str, param: str) -> bool:
    """Whether an error about `param` is about the parameter: it is named, or the hash that it is in, or an element of it."""
    return name == param or name.startswith(f"{param}[") or param.startswith(f"{name}[")


@pytest.fixture(scope="module")
def account(shared_server: LocalStripe) -> Account:
    return furnished(shared_server)


def _operations() -> Iterator[Operation]:
    return (operation for operation in OPERATIONS if operation.params.fields.keys() - {"expand"})


@pytest.mark.parametrize("operation", list(_operations()), ids=lambda operation: f"{operation.method} {operation.path}")
def test_no_parameter_is_ignored(account: Account, operation: Operation) -> None:
    place, found, bases = f"{operation.method} {operation.path}", {}, Bases()
    for parameter in parameters(operation.params):
        if parameter.path == ("expand",):
            continue
        came = outcome(account, operation, parameter, bases)
        if came not in FINE and not {parameter.name, parameter.path[-1], f"{place} {parameter.name}"} & OTHERWISE.keys():
            found[parameter.name] = came
    assert found == {}
