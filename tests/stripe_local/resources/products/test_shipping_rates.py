"""Shipping rates: what Stripe fills in, what can be changed, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from stripe import StripeClient

from tests.stripe_local.guide import refusal
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.shapes import check, plain

GROUND: Any = {"display_name": "Ground", "type": "fixed_amount", "fixed_amount": {"amount": 500, "currency": "usd"}}
EUROS: Any = {"eur": {"amount": 450, "tax_behavior": "inclusive"}}
OPTIONS = "fixed_amount.currency_options"


def options_of(rate: stripe.ShippingRate) -> dict[str, Any]:
    assert rate.fixed_amount is not None
    assert rate.fixed_amount.currency_options is not None
    return {code: option.to_dict() for code, option in rate.fixed_amount.currency_options.items()}


def test_a_new_rate_has_all_fields_and_no_others(client: StripeClient) -> None:
    shown = plain(client.v1.shipping_rates.create(GROUND))
    check(shown, stripe.ShippingRate)
    assert shown["id"].startswith("shr_")
    assert shown["fixed_amount"] == {"amount": 500, "currency": "usd"}
    assert (shown["active"], shown["tax_behavior"], shown["metadata"]) == (True, "unspecified", {})
    assert (shown["delivery_estimate"], shown["tax_code"]) == (None, None)


def test_an_estimate_may_lack_a_bound(client: StripeClient) -> None:
    estimate: Any = {"maximum": {"unit": "business_day", "value": 5}}
    rate = client.v1.shipping_rates.create({**GROUND, "delivery_estimate": estimate, "tax_code": "txcd_92010001"})
    assert rate.delivery_estimate is not None
    assert plain(rate.delivery_estimate) == {"maximum": {"unit": "business_day", "value": 5}, "minimum": None}
    assert rate.tax_code == "txcd_92010001"


def test_currency_options_are_shown_when_expanded_with_the_rates_own(client: StripeClient) -> None:
    amount = {**GROUND["fixed_amount"], "currency_options": EUROS}
    rate = client.v1.shipping_rates.create({**GROUND, "fixed_amount": amount, "tax_behavior": "exclusive"})
    assert rate.fixed_amount is not None
    assert "currency_options" not in rate.fixed_amount
    (listed,) = client.v1.shipping_rates.list({"expand": [f"data.{OPTIONS}"]}).data
    assert options_of(listed) == {
        "eur": {"amount": 450, "tax_behavior": "inclusive"},
        "usd": {"amount": 500, "tax_behavior": "exclusive"},
    }


def test_an_update_keeps_what_is_not_sent(client: StripeClient) -> None:
    amount = {**GROUND["fixed_amount"], "currency_options": EUROS}
    id = client.v1.shipping_rates.create({**GROUND, "fixed_amount": amount, "metadata": {"a": "1"}}).id
    options: Any = {"eur": {"amount": 400}, "gbp": {"amount": 390}}
    change: Any = {"active": False, "fixed_amount": {"currency_options": options}, "metadata": {"b": "2"}}
    rate = client.v1.shipping_rates.update(id, {**change, "tax_behavior": "inclusive", "expand": [OPTIONS]})
    assert (rate.active, rate.tax_behavior, rate.metadata.to_dict()) == (False, "inclusive", {"a": "1", "b": "2"})
    assert options_of(rate) == {
        "eur": {"amount": 400, "tax_behavior": "inclusive"},
        "gbp": {"amount": 390, "tax_behavior": "unspecified"},
        "usd": {"amount": 500, "tax_behavior": "inclusive"},
    }
    assert client.v1.shipping_rates.retrieve(id).tax_behavior == "inclusive"


def test_lists_are_filtered_and_paged(client: StripeClient) -> None:
    made = [
        client.v1.shipping_rates.create({**GROUND, "fixed_amount": {"amount": 1, "currency": currency}}).id
        for currency in ("usd", "eur", "usd")
    ]
    client.v1.shipping_rates.update(made[0], {"active": False})

    def ids(**params: Any) -> list[str]:
        return [rate.id for rate in client.v1.shipping_rates.list(params).auto_paging_iter()]

    assert ids(limit=1) == made[::-1]
    assert ids(active=True) == [made[2], made[1]]
    assert ids(currency="usd") == [made[2], made[0]]
    assert ids(created={"gt": 4_000_000_000}) == []


@pytest.mark.parametrize(
    ("change", "param", "message"),
    [
        ({"display_name": None}, "display_name", "Missing required param: display_name."),
        ({"fixed_amount": None}, "fixed_amount", "Missing required param: fixed_amount."),
        ({"type": "weight"}, "type", "Invalid type: must be fixed_amount"),
        ({"tax_behavior": "x"}, "tax_behavior", "Invalid tax_behavior: must be one of exclusive, inclusive, or unspecified"),
        ({"active": False}, "active", "Received unknown parameter: active"),
        (
            {"fixed_amount": {"amount": -1, "currency": "usd"}},
            "fixed_amount[amount]",
            "Invalid non-negative integer",
        ),
        (
            {"delivery_estimate": {"minimum": {"unit": "day", "value": 0}}},
            "delivery_estimate[minimum][value]",
            "This value must be greater than or equal to 1.",
        ),
    ],
)
def test_what_is_refused_when_creating(client: StripeClient, change: Any, param: str, message: str) -> None:
    params = {name: value for name, value in {**GROUND, **change}.items() if value is not None}
    error = refusal(client.v1.shipping_rates.create, params)
    assert (error.param, error.user_message, error.http_status) == (param, message, 400)


@pytest.mark.parametrize(
    ("change", "param", "message"),
    [
        ({"display_name": "x"}, "display_name", "Received unknown parameter: display_name"),
        ({"fixed_amount": {"amount": 1}}, "fixed_amount[amount]", "Received unknown parameter: fixed_amount[amount]"),
        (
            {"fixed_amount": {"currency_options": {"gbp": {"tax_behavior": "inclusive"}}}},
            "fixed_amount[currency_options][gbp][amount]",
            "Missing required param: fixed_amount[currency_options][gbp][amount].",
        ),
        (
            {"fixed_amount": {"currency_options": {"usd": {"amount": 1}}}},
            "fixed_amount[currency_options][usd]",
            "You are specifying an update to a currency option that matches the top-level currency for this shipping rate. "
            "Please remove this currency option and update the top-level params instead.",
        ),
    ],
)
def test_what_is_refused_when_updating(client: StripeClient, change: Any, param: str, message: str) -> None:
    id = client.v1.shipping_rates.create(GROUND).id
    error = refusal(client.v1.shipping_rates.update, id, change)
    assert (error.param, error.user_message, error.http_status) == (param, message, 400)


def test_there_is_no_such_rate_and_none_is_deleted(client: StripeClient, server: LocalStripe) -> None:
    error = refusal(client.v1.shipping_rates.retrieve, "shr_x")
    assert (error.user_message, error.code, error.http_status) == ("No such shipping rate: 'shr_x'", "resource_missing", 404)
    id = client.v1.shipping_rates.create(GROUND).id
    assert server.http("DELETE", f"/v1/shipping_rates/{id}").status_code == 404
