from __future__ import annotations

import pytest

from stripe_policy.metered_prices_have_a_meter import policy
from tests.stripe_policy.arguments import UNKNOWN, in_stack, report_of

METER = in_stack("Meter", {"event_name": "tokens"}, name="meter")
PRODUCT = in_stack("Product", {"name": "Tokens"}, name="product")


def metered(**recurring: object) -> dict[str, object]:
    return {"recurring": {"interval": "month", "usage_type": "metered", **recurring}}


@pytest.mark.parametrize("meter", ["mtr_test_1", UNKNOWN], ids=["known", "unknown in a preview"])
def test_a_meter_of_the_stack_satisfies(meter: str) -> None:
    price = in_stack("Price", metered(meter=meter), property_dependencies={"recurring": [METER]})
    assert report_of(policy, METER, price) == []


@pytest.mark.parametrize(
    "props",
    [
        {},
        {"recurring": None},
        {"recurring": {"interval": "month"}},
        {"recurring": {"interval": "month", "usage_type": "licensed", "meter": None}},
        {"recurring": {"interval": "month", "usage_type": UNKNOWN}},
        {"recurring": UNKNOWN},
    ],
)
def test_only_prices_known_to_be_metered_are_looked_at(props: dict[str, object]) -> None:
    assert report_of(policy, in_stack("Price", props)) == []


def test_no_meter_at_all() -> None:
    assert report_of(policy, METER, in_stack("Price", metered(), name="tokens")) == [
        'Price "tokens": recurring.meter is not set. Declare a Meter in this stack and pass its id: '
        'recurring={..., "meter": meter.id}.'
    ]


def test_no_meter_although_something_of_recurring_comes_from_one() -> None:
    price = in_stack("Price", metered(), property_dependencies={"recurring": [METER]})
    assert len(report_of(policy, METER, price)) == 1


def test_a_meter_id_written_out() -> None:
    [message] = report_of(policy, METER, in_stack("Price", metered(meter="mtr_test_1"), name="tokens"))
    assert message.startswith(
        "Price \"tokens\": recurring.meter is 'mtr_test_1' and does not come from a meter declared in this stack."
    )


def test_an_unknown_meter_id_that_comes_from_something_else() -> None:
    price = in_stack("Price", metered(meter=UNKNOWN), property_dependencies={"recurring": [PRODUCT]})
    [message] = report_of(policy, METER, PRODUCT, price)
    assert "recurring.meter is not known yet and does not come from a meter declared in this stack." in message


def test_a_meter_behind_another_property_does_not_count() -> None:
    price = in_stack("Price", metered(meter="mtr_test_1"), property_dependencies={"metadata": [METER]})
    assert len(report_of(policy, METER, price)) == 1


def test_an_unknown_value_of_one_price_does_not_hide_the_violation_of_another() -> None:
    unknown = in_stack("Price", {"recurring": UNKNOWN}, name="first")
    violating = in_stack("Price", metered(), name="second")
    assert ['"second"' in message for message in report_of(policy, unknown, violating)] == [True]


def test_other_resources_are_not_prices() -> None:
    assert report_of(policy, in_stack("Product", metered()), in_stack("other:index:Price", metered())) == []
