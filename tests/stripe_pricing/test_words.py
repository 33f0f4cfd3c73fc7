"""Prices and calculations as people read them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from stripe_pricing import arithmetic, charge, counted, formula, interval, package_note, plural, terms
from tests.stripe_pricing.prices import QUANTITIES, prices
from tests.stripe_pricing.test_amounts import BASE, DOWN, GRADUATED, PACKAGES, TENTH, VOLUME

EACH = {"currency": "usd", "unit_amount": 1000}
LAST_FREE = {
    "currency": "usd",
    "tiers_mode": "graduated",
    "tiers": [{"up_to": 1000, "flat_amount": 500}, {"up_to": "inf", "unit_amount": 0}],
}


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (PACKAGES, "0.04 USD per 100 tokens"),
        (TENTH, "0.0005 USD per token"),
        (
            GRADUATED,
            "the first 5 tokens: 5.00 USD each; the next 5 tokens: 4.00 USD each and 1.00 USD once; all above 10: 3.00 USD each",
        ),
        (
            VOLUME,
            "all tokens at the rate for their total: up to 5: 5.00 USD each; up to 10: 4.00 USD each and 1.00 USD once; "
            "above 10: 3.00 USD each",
        ),
        (BASE, "all tokens: 0.01 USD each and 10.00 USD once"),
        (LAST_FREE, "the first 1,000 tokens: 5.00 USD in all; all above 1,000: free"),
    ],
)
def test_formulas(price: dict[str, Any], words: str) -> None:
    assert formula(terms(price), "token") == words


@pytest.mark.parametrize(
    ("price", "quantity", "words"),
    [
        (PACKAGES, 3025, "3,025 tokens → 31 packages of 100 × 0.04 USD = 1.24 USD"),
        (PACKAGES, 1, "1 token → 1 package of 100 × 0.04 USD = 0.04 USD"),
        (DOWN, 99, "99 tokens → 0 packages of 100 × 0.04 USD = 0.00 USD"),
        (PACKAGES, -5, "-5 tokens count as 0 → 0 packages of 100 × 0.04 USD = 0.00 USD"),
        (EACH, 3, "3 tokens × 10.00 USD = 30.00 USD"),
        (EACH, Decimal("0.50"), "0.5 tokens × 10.00 USD = 5.00 USD"),
        (TENTH, 30, "30 tokens × 0.0005 USD = 0.015 USD, rounded to 0.02 USD"),
        (GRADUATED, 7, "7 tokens → 5 × 5.00 USD + 2 × 4.00 USD + 1.00 USD = 34.00 USD"),
        (VOLUME, 7, "7 tokens, all at the rate of up to 10 → 7 × 4.00 USD + 1.00 USD = 29.00 USD"),
        (VOLUME, 70, "70 tokens, all at the rate of above 10 → 70 × 3.00 USD = 210.00 USD"),
        (LAST_FREE, 2000, "2,000 tokens → 5.00 USD + 1,000 × 0.00 USD = 5.00 USD"),
    ],
)
def test_arithmetic(price: dict[str, Any], quantity: Decimal | int, words: str) -> None:
    assert arithmetic(charge(terms(price), quantity), "token") == words


@given(prices(), QUANTITIES)
def test_every_price_has_words(price: dict[str, Any], quantity: Decimal) -> None:
    under = terms(price)
    assert under.currency.upper() in formula(under) or "free" in formula(under)
    assert arithmetic(charge(under, quantity)).endswith(under.currency.upper())


def test_notes() -> None:
    notes = [package_note(terms(p)) for p in (PACKAGES, DOWN, EACH)]
    assert notes == ["a package begun is billed in full", "a package that is not full is not billed", ""]


def test_intervals() -> None:
    assert interval(None) == "once"
    assert interval({"interval": "month"}) == "every month"
    assert interval({"interval": "month", "interval_count": 3}) == "every 3 months"


def test_counted() -> None:
    assert [counted(q, "token") for q in (0, 1, Decimal("1.0"), 1000)] == ["0 tokens", "1 token", "1 token", "1,000 tokens"]


def test_plurals() -> None:
    words = ("token", "GB", "box", "query", "day", "seats", "branch")
    assert [plural(w) for w in words] == ["tokens", "GB", "boxes", "queries", "days", "seats", "branches"]
