"""How the amount of an invoice line comes about, in words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_local.calculation import pricing
from stripe_local.calculation.pricing import Terms, Tier
from stripe_local.overview.explaining import explained
from tests.page.test_words import TIERS, body

PACKAGES = {"divide_by": 100, "round": "up"}
GRADUATED = body(billing_scheme="tiered", tiers_mode="graduated", tiers=TIERS)
VOLUME = body(billing_scheme="tiered", tiers_mode="volume", tiers=TIERS)


def line(amount: int, quantity: str = "1", each: str | None = "4", **more: Any) -> dict[str, Any]:
    kept = {"amount": amount, "quantity": quantity, "unit_amount_decimal": each, "currency": "usd", "tier": None, "share": None}
    return {**kept, **more}


@pytest.mark.parametrize(
    ("kept", "price", "said"),
    [
        (line(124, "3025"), body(transform_quantity=PACKAGES), "3,025 tokens → 31 packages of 100 × 0.04 USD"),
        (line(4, "199"), body(transform_quantity={**PACKAGES, "round": "down"}), "199 tokens → 1 package of 100 × 0.04 USD"),
        (line(4), body(), "1 token × 0.04 USD"),
        (line(0, "-5"), body(), "0 tokens × 0.04 USD"),
        (line(25, "7", "3.55"), body(), "7 tokens × 0.0355 USD = 0.2485 USD, rounded to 0.25 USD"),
        (line(128, "800", "0.16", tier=1), GRADUATED, "800 tokens × 0.0016 USD (tier 1: 1 to 1,000)"),
        (
            line(60, "500.5", "0.12", tier=2),
            GRADUATED,
            "500.5 tokens × 0.0012 USD (tier 2: 1,001 and more) = 0.6006 USD, rounded to 0.60 USD",
        ),
        (line(500, "0", None, tier=2), GRADUATED, "5.00 USD flat (tier 2: 1,001 and more)"),
        (
            line(680, "1500", "0.12", tier=2),
            VOLUME,
            "1,500 tokens × 0.0012 USD + 5.00 USD flat (tier 2: 1,001 and more, for all)",
        ),
        (line(1000, share=(2000, 15 * 86400, 30 * 86400)), body(), "15 of 30 days × 20.00 USD"),
        (
            line(-667, share=(-2000, 10 * 86400, 30 * 86400)),
            body(),
            "10 of 30 days × -20.00 USD = about -6.666666 USD, rounded to -6.67 USD",
        ),
        (
            line(6, share=(2000, 7201, 30 * 86400)),
            body(),
            "7,201 of 2,592,000 seconds × 20.00 USD = about 0.055563 USD, rounded to 0.06 USD",
        ),
    ],
)
def test_a_line(kept: dict[str, Any], price: dict[str, Any], said: str) -> None:
    assert explained(kept, price, "token") == said


def test_what_does_not_come_to_the_amount_is_not_said() -> None:
    assert explained(line(0), body(), "seat") is None, "a trial"


@given(st.integers(0, 10**7), st.sampled_from([GRADUATED, VOLUME]))
def test_every_line_of_tiers_is_explained(quantity: int, price: dict[str, Any]) -> None:
    tiers = [
        Tier(
            one["up_to"], Decimal(one["unit_amount_decimal"]), one["flat_amount_decimal"] and Decimal(one["flat_amount_decimal"])
        )
        for one in TIERS
    ]
    for part in pricing.parts(Terms(tiers=tuple(tiers), graduated=price["tiers_mode"] == "graduated"), Decimal(quantity)):
        kept = line(part.amount, str(part.quantity), None if part.flat else str(part.each), tier=part.tier)
        assert explained(kept, price, "token")


@given(st.integers(-(10**9), 10**9), st.integers(0, 400 * 86400), st.integers(1, 400 * 86400))
def test_every_share_is_explained(amount: int, part: int, whole: int) -> None:
    share = (amount, min(part, whole), whole)
    assert explained(line(pricing.prorated(*share), share=share), body())
