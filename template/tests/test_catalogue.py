"""What the program declares, under mocks: nothing is started, nothing is asked."""

import pytest

from stripe_resources.testing import run

PLAN = {"planName": "Pay as you go", "currency": "usd", "unitAmount": "4"}
STACKS = ("dev", "staging", "prod")


@pytest.mark.parametrize("stack", STACKS)
def test_a_preview_would_refuse_nothing(stack):
    assert run(stack, settings=PLAN).problems == []


@pytest.mark.parametrize("stack", STACKS)
def test_usage_is_metered_and_has_a_price(stack):
    price = run(stack, settings=PLAN).of("Price", "usage-monthly")
    assert (price.inputs["unit_amount"], price.inputs["currency"]) == (4, "usd")
    assert price.inputs["recurring"]["meter"] == "usage-id"
    assert price.inputs["metadata"]["environment"] == stack


def test_production_is_protected_and_has_no_test_customer():
    declared = run("prod", settings=PLAN).resources
    assert {name: d.protect for name, d in declared.items()} == {"pay-as-you-go": True, "usage": True, "usage-monthly": True}
