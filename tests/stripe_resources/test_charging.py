"""Amounts that Stripe cannot charge as they are: a warning, and no refusal."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from stripe_resources.charging import warnings
from tests.e2e.project import ENGINE_PARAMS, Project
from tests.stripe_local.server import LocalStripe

METERED = {"interval": "month", "usage_type": "metered", "meter": "mtr_1"}


@pytest.mark.parametrize(
    ("price", "fields"),
    [
        ({"currency": "ugx", "unit_amount": 550}, ["unit_amount: 5.50 UGX"]),
        ({"currency": "isk", "unit_amount": 550, "recurring": {"interval": "month"}}, ["unit_amount: 5.50 ISK"]),
        ({"currency": "kwd", "unit_amount_decimal": "5125"}, ["unit_amount_decimal: 5.125 KWD"]),
        ({"currency": "usd", "unit_amount": 5, "currency_options": {"bhd": {"unit_amount": 1}}}, ['currency_options["bhd"].']),
        (
            {"currency": "ugx", "recurring": METERED, "tiers": [{"up_to": "inf", "unit_amount": 1, "flat_amount": 150}]},
            ["tiers[0].f"],
        ),
        (
            {"currency": "ugx", "tiers": [{"up_to": 5, "unit_amount": 100}, {"up_to": "inf", "unit_amount": 99}]},
            ["tiers[1].unit_a"],
        ),
        ({"currency": "ugx", "unit_amount": 550, "recurring": METERED}, []),
        ({"currency": "ugx", "unit_amount": 600}, []),
        ({"currency": "jpy", "unit_amount": 551}, []),
        ({"currency": "ugx", "unit_amount": -50}, []),
        ({"currency": 5, "unit_amount": "many", "tiers": 3, "currency_options": {"ugx": 1}}, []),
        ({"unit_amount": Decimal("0.5")}, []),
    ],
)
def test_which_amounts(price: dict[str, Any], fields: list[str]) -> None:
    found = list(warnings(price))
    assert [one.startswith(field) for one, field in zip(found, fields, strict=True)] == [True] * len(fields)


PROGRAM = """
from stripe_resources import Price, Product

product = Product("seats", name="Seats", default_price_data={"currency": "kwd", "unit_amount": 5125})
Price("seat", product=product.id, currency="ugx", unit_amount=550, recurring={"interval": "month"})
Price("whole", product=product.id, currency="ugx", unit_amount=500, recurring={"interval": "month"})
"""


@pytest.mark.parametrize("engine", ENGINE_PARAMS)
def test_the_constructor_warns_and_nobody_refuses(engine: str, tmp_path: Path, shared_server: LocalStripe) -> None:
    shared_server.reset()
    project = Project(engine, tmp_path, shared_server.url)
    project.program(PROGRAM)
    done = project.run("up", "--yes", "--skip-preview", "--stack", "dev", check=True)
    assert (
        'Price "seat": unit_amount: 5.50 UGX (550 in minor units) cannot be charged as it is: Stripe charges UGX in multiples of '
        "100 minor units, such as 5.00 UGX or 6.00 UGX, and rounds a total" in done.stdout
    )
    assert 'Product "seats": default_price_data.unit_amount: 5.125 KWD' in done.stdout
    assert 'Price "whole": ' not in done.stdout
