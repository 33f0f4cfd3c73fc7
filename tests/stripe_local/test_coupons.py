"""Coupons and promotion codes: what Stripe refuses, in its words, and what binds new uses.

The words are those that Stripe sent for 2026-08-26.dahlia (recorded in Kiln-AI/stripe_world), unless a test names a page.
"""

from __future__ import annotations

from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import refusal
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.test_discounts_on_invoices import HOUR, Shop, moment

NOW = moment("2027-02-01")
COUPONS = "https://docs.stripe.com/billing/subscriptions/coupons"


@pytest.fixture
def shop(server: LocalStripe, client: StripeClient) -> Shop:
    server.clock(set=NOW)
    return Shop(server, client)


def past(name: str, at: int) -> str:
    return (
        f"The parameter `{name}` expects a unix timestamp representing a date and time in the future. "
        f"You specified the value `{at}` which is in the past."
    )


FIVE_YEARS = "Invalid timestamp: can be no more than five years in the future."


@pytest.mark.parametrize(
    ("params", "message", "code", "param"),
    [
        ({}, "Must provide percent_off or amount_off.", "parameter_missing", None),
        (
            {"percent_off": 10, "amount_off": 500, "currency": "usd"},
            "Received both percent_off and amount_off parameters. Please pass in only one.",
            None,
            None,
        ),
        ({"amount_off": 500}, "You must pass currency when passing amount_off", None, "currency"),
        (
            {"percent_off": 10, "duration": "repeating"},
            "The duration_in_months param must be set when creating a coupon with a repeating duration",
            None,
            "duration",
        ),
        (
            {"percent_off": 0},
            "This value must be greater than or equal to 0.01 (it currently is '0.0').",
            None,
            "percent_off",
        ),
        (
            {"percent_off": 10, "currency_options": {"eur": {"amount_off": 4}}},
            "You may only specify one of these parameters: currency_options, percent_off.",
            None,
            "currency_options",
        ),
        ({"percent_off": 10, "id": "taken"}, "Coupon already exists.", "resource_already_exists", None),
        ({"percent_off": 10, "redeem_by": 1000}, past("redeem_by", 1000), None, "redeem_by"),
        # "Cannot be set to more than 5 years in the future". https://docs.stripe.com/api/coupons/create
        ({"percent_off": 10, "redeem_by": moment("2032-02-01") + 1}, FIVE_YEARS, None, "redeem_by"),
        (
            {"amount_off": 500, "currency": "usd", "currency_options": {"EUR": {"amount_off": 4}}},
            "Currencies must be lowercase when used as keys in a map. Use `eur` instead of `EUR`.",
            None,
            "currency_options[EUR]",
        ),
    ],
)
def test_no_coupon(shop: Shop, params: Any, message: str, code: str | None, param: str | None) -> None:
    shop.coupon(5, id="taken")
    error = refusal(shop.v1.coupons.create, {"duration": "once", **params})
    assert (error.http_status, error.user_message, error.code, error.param) == (400, message, code, param)


def test_a_coupon_of_five_years(shop: Shop) -> None:
    last = moment("2032-02-01")
    assert shop.v1.coupons.create({"percent_off": 0.01, "redeem_by": last}).redeem_by == last


def test_redeem_by_is_the_last_time(shop: Shop) -> None:
    """ "The last time at which the coupon can be redeemed": https://docs.stripe.com/api/coupons/create"""
    coupon = shop.coupon(10, redeem_by=NOW + HOUR)
    shop.server.clock(set=NOW + HOUR)
    assert shop.v1.coupons.retrieve(coupon).valid
    shop.server.clock(set=NOW + HOUR + 1)
    assert not shop.v1.coupons.retrieve(coupon).valid


@pytest.mark.parametrize(
    ("params", "message", "code", "param"),
    [
        ({"promotion": {"type": "coupon"}}, "You must pass promotion.coupon when passing promotion", None, "promotion.coupon"),
        ({"promotion": {"type": "coupon", "coupon": "no"}}, "No such coupon: 'no'", "resource_missing", "promotion[coupon]"),
        (
            {"code": "has spaces!"},
            r"This value must match the regex pattern. (/\A[a-zA-Z0-9\-_]+\z/ does not match for the value has spaces!).",
            None,
            "code",
        ),
        # "Regardless of case": https://docs.stripe.com/api/promotion_codes/create
        ({"code": "TAKEN"}, "An active promotion code with `code: TAKEN` already exists.", None, None),
        ({"customer": "cus_no"}, "No such customer: 'cus_no'", "resource_missing", "customer"),
        ({"expires_at": 2000}, past("expires_at", 2000), None, "expires_at"),
        ({"expires_at": moment("2032-02-02")}, FIVE_YEARS, None, "expires_at"),
    ],
)
def test_no_promotion_code(shop: Shop, params: Any, message: str, code: str | None, param: str | None) -> None:
    coupon = shop.coupon(10)
    shop.code(coupon, code="Taken")
    error = refusal(shop.v1.promotion_codes.create, {"promotion": {"type": "coupon", "coupon": coupon}, **params})
    assert (error.http_status, error.user_message, error.code, error.param) == (400, message, code, param)


@pytest.mark.parametrize(
    ("sent", "missing"),
    [({"minimum_amount": 5}, "minimum_amount_currency"), ({"minimum_amount_currency": "usd"}, "minimum_amount")],
)
def test_half_a_minimum(shop: Shop, sent: Any, missing: str) -> None:
    error = refusal(shop.code, shop.coupon(10), restrictions=sent)
    assert (error.code, error.param) == ("parameter_missing", f"restrictions[{missing}]")


@pytest.mark.parametrize(("name", "noun"), [("coupon", "coupon"), ("customer", "customer")])
def test_codes_of_what_does_not_exist(shop: Shop, name: str, noun: str) -> None:
    wanted: Any = {name: "nobody"}
    error = refusal(shop.v1.promotion_codes.list, wanted)
    assert (error.http_status, error.code, error.param) == (400, "resource_missing", name)
    assert error.user_message == f"No such {noun}: 'nobody'"


def test_a_deleted_coupon_is_told_of_as_not_valid(shop: Shop) -> None:
    shop.v1.coupons.delete(shop.coupon(10))
    (event,) = shop.v1.events.list({"type": "coupon.deleted"}).data
    assert event.data.object["valid"] is False


@pytest.mark.parametrize("first", ["later", "now"])
def test_a_minimum_is_not_for_phases_that_begin_later(shop: Shop, first: str) -> None:
    """The amount may change until then. https://docs.stripe.com/billing/subscriptions/coupons"""
    least: Any = {"minimum_amount": 1000, "minimum_amount_currency": "usd"}
    code, price = shop.code(shop.coupon(10), restrictions=least).id, shop.price(5000)
    month = {"interval": "month", "interval_count": 1}
    phase: Any = {"items": [{"price": price}], "duration": month, "discounts": [{"promotion_code": code}]}
    begins: Any = {"customer": shop.customer(), "start_date": NOW + HOUR if first == "later" else "now"}
    plain: Any = {"items": [{"price": price}], "duration": month}
    phases = [phase] if first == "later" else [plain, phase]
    error = refusal(shop.v1.subscription_schedules.create, {**begins, "phases": phases})
    assert (error.http_status, error.param) == (400, f"phases[{len(phases) - 1}][discounts][0][promotion_code]")
    assert "because it uses the `minimum_amount` restriction and the amount may change" in str(error.user_message)
    if first == "now":
        made = shop.v1.subscription_schedules.create({**begins, "phases": [phase]})
        assert made.phases[0].discounts[0].promotion_code == code
        # Nor is it for a phase that has begun, unless that has it.
        there: Any = {"start_date": made.phases[0].start_date, "end_date": made.phases[0].end_date, "items": phase["items"]}
        shop.v1.subscription_schedules.update(made.id, {"phases": [{**there, "discounts": phase["discounts"]}]})
        other = shop.code(shop.coupon(20), restrictions=least).id
        wrong: Any = {"phases": [{**there, "discounts": [{"promotion_code": other}]}]}
        error = refusal(shop.v1.subscription_schedules.update, made.id, wrong)
        assert (error.http_status, error.param) == (400, "phases[0][discounts][0][promotion_code]")
