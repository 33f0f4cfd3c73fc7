"""Amounts and prices in words."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_local.overview import words

MONTHLY = {"interval": "month", "interval_count": 1}
TIERS = [
    {"up_to": 1000, "unit_amount_decimal": "0.16", "flat_amount_decimal": None},
    {"up_to": None, "unit_amount_decimal": "0.12", "flat_amount_decimal": "500"},
]


def body(**more: Any) -> dict[str, Any]:
    plain = {"currency": "usd", "billing_scheme": "per_unit", "unit_amount_decimal": "4", "transform_quantity": None}
    return {**plain, "recurring": MONTHLY, "tiers": None, "tiers_mode": None, **more}


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [
        ("4", "usd", "0.04 USD"),
        ("0.04", "usd", "0.0004 USD"),
        ("123456789", "eur", "1,234,567.89 EUR"),
        ("-50", "usd", "-0.50 USD"),
        ("500", "jpy", "500 JPY"),
        ("0.5", "jpy", "0.5 JPY"),
        ("1500", "kwd", "1.500 KWD"),
        ("500", "isk", "5.00 ISK"),
        ("0", "usd", "0.00 USD"),
    ],
)
def test_amounts(minor: str, currency: str, said: str) -> None:
    assert words.money(minor, currency) == said


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=12))
def test_amounts_are_exact(minor: Decimal) -> None:
    said = words.money(minor, "usd").removesuffix(" USD").replace(",", "")
    assert Fraction(said) * 100 == Fraction(minor)
    assert len(said.partition(".")[2]) >= 2


@pytest.mark.parametrize(
    ("price", "unit", "said"),
    [
        (body(transform_quantity={"divide_by": 100, "round": "up"}), "token", "0.04 USD per 100 tokens, billed monthly"),
        (body(transform_quantity={"divide_by": 1000, "round": "down"}), None, "0.04 USD per 1,000 units, billed monthly"),
        (body(recurring={"interval": "month", "interval_count": 3}), "query", "0.04 USD per query, billed every 3 months"),
    ],
)
def test_metered_prices(price: dict[str, Any], unit: str | None, said: str) -> None:
    assert words.price(price, unit, counted=True)[0] == said


def test_other_prices() -> None:
    assert words.price(body(unit_amount_decimal="2000")) == ["20.00 USD, billed monthly"]
    assert words.price(body(unit_amount_decimal="2000", recurring=None)) == ["20.00 USD once"]
    assert words.price(body(unit_amount_decimal=None, recurring=None)) == ["an amount that the customer chooses, in USD"]
    assert words.price(body(billing_scheme="tiered", tiers_mode="graduated", tiers=TIERS), "token", counted=True) == [
        "By tier, each for what falls into it, billed monthly:",
        "1 to 1,000: 0.0016 USD per token",
        "1,001 and more: 0.0012 USD per token + 5.00 USD flat",
    ]
