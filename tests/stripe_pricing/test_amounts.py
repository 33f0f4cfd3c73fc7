"""What quantities cost: figures of Stripe's guides, and laws that hold for every price."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from stripe_pricing import Terms, cannot_be_charged, charge, charged, decimal_places, money, signed, terms
from tests.stripe_pricing.prices import QUANTITIES, prices

PACKAGES = {"currency": "usd", "unit_amount": 4, "transform_quantity": {"divide_by": 100, "round": "up"}}
TIERS = {
    "currency": "usd",
    "tiers": [
        {"up_to": 5, "unit_amount": 500},
        {"up_to": 10, "unit_amount": 400, "flat_amount": 100},
        {"up_to": "inf", "unit_amount": 300},
    ],
}
GRADUATED, VOLUME = {**TIERS, "tiers_mode": "graduated"}, {**TIERS, "tiers_mode": "volume"}
DOWN = {**PACKAGES, "transform_quantity": {"divide_by": 100, "round": "down"}}
TENTH, THIRD = {"currency": "usd", "unit_amount_decimal": "0.05"}, {"currency": "usd", "unit_amount_decimal": "0.000000000001"}
BASE = {"currency": "usd", "tiers_mode": "graduated", "tiers": [{"up_to": "inf", "flat_amount": 1000, "unit_amount": 1}]}
HALVES = {
    "currency": "usd",
    "tiers_mode": "graduated",
    "tiers": [{"up_to": u, "unit_amount_decimal": "0.5"} for u in (1, 2, "inf")],
}
"""Each tier is a line that is rounded by itself."""


@pytest.mark.parametrize(
    ("price", "quantity", "amount"),
    [
        *((PACKAGES, q, a) for q, a in ((0, 0), (1, 4), (25, 4), (100, 4), (101, 8), (3000, 120), (3025, 124), (-7, 0))),
        *((DOWN, q, a) for q, a in ((25, 0), (99, 0), (100, 4), (3025, 120))),
        *((TENTH, q, a) for q, a in ((30, 2), (29, 1), (9, 0), (10, 1), (Decimal("10.5"), 1))),
        *((GRADUATED, q, a) for q, a in ((0, 0), (5, 2500), (6, 3000), (10, 4600), (20, 7600))),
        *((VOLUME, q, a) for q, a in ((0, 0), (5, 2500), (6, 2500), (10, 4100), (20, 6000))),
        *((BASE, q, a) for q, a in ((0, 1000), (-5, 1000), (3, 1003))),
        *((HALVES, q, a) for q, a in ((1, 1), (2, 2), (3, 3), (4, 3))),
        (THIRD, 10**15 - 1, 1000),
    ],
)
def test_amounts(price: dict[str, Any], quantity: Decimal | int, amount: int) -> None:
    assert charge(terms(price), quantity).amount == amount


@given(prices(), QUANTITIES)
def test_laws(price: dict[str, Any], quantity: Decimal) -> None:
    for currency in (None, *price["currency_options"]):
        under = terms(price, currency)
        here = charge(under, quantity)
        lines = 2 * len(here.parts) if under.tiers_mode == "graduated" and under.tiers else 1
        assert abs(here.exact - here.amount) <= Decimal("0.5") * lines, "each line is rounded once, to the nearest"
        assert here.amount >= here.exact or here.exact - here.amount < Decimal("0.5") * lines, "a half up"
        assert here.exact >= 0
        if under.tiers_mode == "graduated":
            more = charge(under, quantity + 1)
            assert more.exact >= here.exact, "more never costs less"


@given(prices(), QUANTITIES)
def test_one_tier_is_no_tier(price: dict[str, Any], quantity: Decimal) -> None:
    if "tiers" in price or "transform_quantity" in price:
        return
    for mode in ("graduated", "volume"):
        tier = {k: v for k, v in price.items() if k.startswith("unit_amount")}
        alone = {"currency": price["currency"], "tiers_mode": mode, "tiers": [{"up_to": "inf", **tier}]}
        assert charge(terms(alone), quantity).exact == charge(terms(price), quantity).exact


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (124, "usd", "1.24 USD"),
        (4, "usd", "0.04 USD"),
        (Decimal("0.04"), "usd", "0.0004 USD"),
        (Decimal("0.000000000001"), "usd", "0.00000000000001 USD"),
        (123456789, "usd", "1,234,567.89 USD"),
        (-5, "eur", "-0.05 EUR"),
        (1500, "jpy", "1,500 JPY"),
        (Decimal("0.5"), "jpy", "0.5 JPY"),
        (1500, "kwd", "1.500 KWD"),
        (500, "isk", "5.00 ISK"),
    ],
)
def test_money(amount: Decimal | int, currency: str, text: str) -> None:
    assert money(amount, currency) == text


def test_changes_have_a_sign() -> None:
    assert [signed(a, "usd") for a in (31, 0, -31)] == ["+0.31 USD", "0.00 USD", "-0.31 USD"]


def test_decimal_places() -> None:
    assert {c: decimal_places(c) for c in ("usd", "JPY", "bhd", "ugx")} == {"usd": 2, "JPY": 0, "bhd": 3, "ugx": 2}


@pytest.mark.parametrize(
    ("amount", "currency", "charged_"),
    [
        *((a, "ugx", c) for a, c in ((500, 500), (549, 500), (550, 600), (49, 0), (50, 100))),
        *((a, "KWD", c) for a, c in ((5120, 5120), (5124, 5120), (5125, 5130), (4, 0))),
        *((a, "usd", c) for a, c in ((50, 50), (49, 0), (0, 0), (-100, 0), (51, 51))),
        *((a, "jpy", c) for a, c in ((50, 50), (49, 0))),
        (17499, "huf", 0),
        (1, "xyz", 1),
    ],
)
def test_what_is_charged_of_a_total(amount: int, currency: str, charged_: int) -> None:
    assert charged(amount, currency) == charged_


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (
            550,
            "ugx",
            "5.50 UGX (550 in minor units) cannot be charged as it is: {} 100 {} 5.00 UGX or 6.00 UGX, and rounds a total",
        ),
        (
            Decimal("0.5"),
            "isk",
            "0.005 ISK (0.5 in minor units) cannot be charged as it is: {} 100 {} 1.00 ISK, and rounds a total",
        ),
        (
            5125,
            "kwd",
            "5.125 KWD (5125 in minor units) cannot be charged as it is: {} 10 {} 5.120 KWD or 5.130 KWD, and rounds a total",
        ),
        *((a, c, "") for a, c in ((500, "isk"), (5120, "kwd"), (0, "ugx"), (1, "usd"), (Decimal("0.5"), "usd"), (1, "jpy"))),
    ],
)
def test_what_cannot_be_charged_as_it_is(amount: Decimal | int, currency: str, words: str) -> None:
    whole = words.format(f"Stripe charges {currency.upper()} in multiples of", "minor units, such as")
    assert cannot_be_charged(amount, currency) == whole


def test_no_digit_is_lost() -> None:
    under = Terms("usd", Decimal("123456789.123456789012"))
    exact = Fraction("123456789.123456789012") * 999_999_999_999_999
    assert Fraction(charge(under, 999_999_999_999_999).exact) == exact
