"""Terms out of what Stripe takes and gives, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from stripe_pricing import NoTerms, Terms, Tier, terms

TIERS = [{"up_to": 10, "unit_amount": 5}, {"up_to": "inf", "flat_amount": 100, "unit_amount_decimal": "2.5"}]


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ({"currency": "usd", "unit_amount": 4}, Terms("usd", Decimal(4))),
        ({"currency": "USD", "unit_amount_decimal": "0.0004"}, Terms("usd", Decimal("0.0004"))),
        ({"currency": "usd", "unit_amount": 4, "unit_amount_decimal": "4"}, Terms("usd", Decimal(4))),
        (
            {"currency": "usd", "unit_amount": None, "unit_amount_decimal": Decimal("0.1"), "transform_quantity": None},
            Terms("usd", Decimal("0.1")),
        ),
        (
            {"currency": "usd", "unit_amount": 4, "transform_quantity": {"divide_by": 100, "round": "down"}},
            Terms("usd", Decimal(4), 100, "down"),
        ),
        (
            {"currency": "usd", "billing_scheme": "tiered", "tiers_mode": "volume", "tiers": TIERS},
            Terms(
                "usd",
                tiers=(Tier(10, Decimal(5), Decimal(0)), Tier(None, Decimal("2.5"), Decimal(100))),
                tiers_mode="volume",
            ),
        ),
    ],
)
def test_terms(price: dict[str, Any], expected: Terms) -> None:
    assert terms(price) == expected


def test_a_further_currency() -> None:
    price = {
        "currency": "usd",
        "unit_amount": 4,
        "transform_quantity": {"divide_by": 100, "round": "up"},
        "currency_options": {"usd": {"unit_amount": 4}, "eur": {"unit_amount_decimal": "3.5"}},
    }
    assert terms(price, "EUR") == Terms("eur", Decimal("3.5"), 100, "up")
    with pytest.raises(NoTerms, match="the price has no amount in jpy"):
        terms(price, "jpy")


@pytest.mark.parametrize(
    ("price", "reason"),
    [
        ({}, "currency: there is none"),
        ({"currency": "usd"}, "unit_amount: there is none"),
        ({"currency": "usd", "unit_amount": 0.1}, "unit_amount: 0.1 is not an exact number"),
        ({"currency": "usd", "unit_amount": "NaN"}, "unit_amount: 'NaN' is not an exact number"),
        ({"currency": "usd", "unit_amount": -1}, "unit_amount: -1 is below 0"),
        ({"currency": "usd", "custom_unit_amount": {"enabled": True}}, "the customer decides"),
        ({"currency": "usd", "unit_amount": 1, "transform_quantity": {"divide_by": 0, "round": "up"}}, "divide_by: 0 is not"),
        ({"currency": "usd", "unit_amount": 1, "transform_quantity": {"divide_by": 2}}, "neither up nor down"),
        ({"currency": "usd", "billing_scheme": "tiered", "tiers_mode": "volume"}, "come only when expanded"),
        ({"currency": "usd", "billing_scheme": "tiered", "tiers": TIERS}, "neither graduated nor volume"),
        ({"currency": "usd", "tiers_mode": "volume", "tiers": TIERS[:1]}, "do not rise up to the last"),
        ({"currency": "usd", "tiers_mode": "volume", "tiers": [TIERS[1], TIERS[1]]}, "do not rise up to the last"),
    ],
)
def test_what_has_no_terms(price: dict[str, Any], reason: str) -> None:
    with pytest.raises(NoTerms, match=reason):
        terms(price)
