"""The prices in one line, as the fields that they stand for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from stripe_components import PlanPrice, flat, graduated, packages, per_unit, volume

EURO = {"eur": {"unit_amount": 1800}}


@pytest.mark.parametrize(
    ("written", "fields"),
    [
        (flat(2000), {"unit_amount": 2000}),
        (flat(2000, eur=1800), {"unit_amount": 2000, "currency_options": EURO}),
        (
            flat("0.5", eur=Decimal("0.45")),
            {"unit_amount_decimal": "0.5", "currency_options": {"eur": {"unit_amount_decimal": "0.45"}}},
        ),
        (flat(Decimal("1E-12")), {"unit_amount_decimal": "0.000000000001"}),
        (per_unit("tokens", "0.03"), {"meter": "tokens", "unit_amount_decimal": "0.03"}),
        (
            packages("tokens", 4, of=100, eur=5),
            {
                "meter": "tokens",
                "unit_amount": 4,
                "currency_options": {"eur": {"unit_amount": 5}},
                "transform_quantity": {"divide_by": 100, "round": "up"},
            },
        ),
        (
            packages("tokens", 4, of=100, round="down"),
            {"meter": "tokens", "unit_amount": 4, "transform_quantity": {"divide_by": 100, "round": "down"}},
        ),
        (
            graduated("tokens", [(10, 4), ("inf", "0.3")], eur=[("inf", 5)]),
            {
                "meter": "tokens",
                "tiers_mode": "graduated",
                "tiers": [{"up_to": 10, "unit_amount": 4}, {"up_to": "inf", "unit_amount_decimal": "0.3"}],
                "currency_options": {"eur": {"tiers": [{"up_to": "inf", "unit_amount": 5}]}},
            },
        ),
        (
            volume("tokens", [{"up_to": "inf", "flat_amount": 100}]),
            {"meter": "tokens", "tiers_mode": "volume", "tiers": [{"up_to": "inf", "flat_amount": 100}]},
        ),
    ],
)
def test_what_it_stands_for(written: PlanPrice, fields: dict[str, Any]) -> None:
    assert written == fields
