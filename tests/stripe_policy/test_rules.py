"""What the rules say in detail, beyond `cases.py`: unknown values, settings, every field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from stripe_policy import (
    amounts_are_sane,
    currencies_are_allowed,
    metadata_names_owner_and_environment,
    meters_have_a_price,
    names_follow_the_convention,
    prices_are_distinct,
    prices_have_a_product,
    tax_behavior_is_declared,
    tiers_are_complete_and_falling,
)
from tests.stripe_policy.arguments import UNKNOWN, declared, in_stack, report_of
from tests.stripe_policy.cases import STAGING

METERED = {"interval": "month", "usage_type": "metered", "meter": "mtr_1"}


def amounts(props: Mapping[str, Any], settings: Mapping[str, Any] | None = None, kind: str = "Price") -> list[str]:
    return report_of(amounts_are_sane.policy, declared(kind, props, settings=settings))


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ({"unit_amount": -4.0}, "unit_amount is -0.04 USD (-4 in minor units). Give what is charged, 0 or more"),
        ({"unit_amount_decimal": "-0.5"}, "unit_amount_decimal is -0.005 USD (-0.5 in minor units)"),
        ({"unit_amount_decimal": "1.0000000000001"}, "Stripe bills 12 decimal places at most"),
        ({"unit_amount_decimal": "four"}, "unit_amount_decimal is not a number"),
        ({"unit_amount_decimal": "NaN"}, "unit_amount_decimal is not a number"),
        ({"unit_amount_decimal": "1e9"}, "more than 10000.00 USD"),
        ({"unit_amount_decimal": "0.0000000001"}, "less than 0.00000000001 USD"),
        ({"tiers": [{"up_to": "inf", "unit_amount": 1, "flat_amount": 2e6}]}, "tiers[0].flat_amount is 20000.00 USD"),
        ({"tiers": [{"up_to": "inf", "flat_amount_decimal": "-1"}]}, "tiers[0].flat_amount_decimal is -0.01 USD"),
        ({"unit_amount": 4, "currency_options": {"jpy": {"unit_amount": -4}}}, 'currency_options["jpy"].unit_amount is -4 JPY'),
        (
            {"unit_amount": 4, "currency_options": {"kwd": {"tiers": [{"up_to": "inf", "unit_amount_decimal": "-4"}]}}},
            'currency_options["kwd"].tiers[0].unit_amount_decimal is -0.004 KWD',
        ),
        ({"custom_unit_amount": {"enabled": True, "minimum": -1}}, "custom_unit_amount.minimum is -0.01 USD"),
    ],
)
def test_amounts_of_every_field(field: dict[str, Any], says: str) -> None:
    [message] = amounts({"currency": "usd", "recurring": METERED, **field})
    assert says in message


@pytest.mark.parametrize(
    "props",
    [
        {"unit_amount": UNKNOWN},
        {"currency": UNKNOWN, "unit_amount": 4},
        {"tiers": UNKNOWN},
        {"tiers": [{"up_to": "inf", "unit_amount": UNKNOWN}]},
        {"currency_options": UNKNOWN, "unit_amount": 4},
        {},
    ],
)
def test_amounts_that_are_not_known_yet_are_not_judged(props: dict[str, Any]) -> None:
    assert amounts({"currency": "usd", "recurring": METERED, **props}) == []


def test_limits_are_settings() -> None:
    price = {"currency": "eur", "unit_amount": 20}
    assert len(amounts(price)) == 1
    assert amounts(price, {"minimumCharge": {"eur": 20.0}}) == []
    assert len(amounts(price, {"minimumCharge": {}, "maximum": {"eur": 19.0}})) == 1
    assert amounts({**price, "unit_amount": 0}, {"mayBeFree": ["it"]}) == []


def test_the_price_that_a_product_makes_on_the_side() -> None:
    data = {"currency": "usd", "unit_amount": -5, "currency_options": {"chf": {"unit_amount": 100}}}
    product = declared("Product", {"name": "Tokens", "default_price_data": data})
    [amount] = report_of(amounts_are_sane.policy, product)
    assert amount.startswith('Product "it": default_price_data.unit_amount is -0.05 USD')
    [currency] = report_of(currencies_are_allowed.policy, product)
    assert currency.startswith("Product \"it\": default_price_data.currency_options is 'chf'.")
    taxes = report_of(tax_behavior_is_declared.policy, product)
    assert [m.partition(" is ")[0] for m in taxes] == [
        'Product "it": default_price_data.tax_behavior',
        'Product "it": default_price_data.currency_options["chf"].tax_behavior',
    ]


def test_currencies_are_a_setting() -> None:
    price = declared("Price", {"currency": "chf"}, settings={"currencies": ["chf"]})
    assert report_of(currencies_are_allowed.policy, price) == []
    assert report_of(currencies_are_allowed.policy, declared("Price", {"currency": UNKNOWN})) == []


@pytest.mark.parametrize("value", ["exclusive", "inclusive", UNKNOWN])
def test_tax_behaviors_that_say_something(value: str) -> None:
    assert report_of(tax_behavior_is_declared.policy, declared("Price", {"tax_behavior": value})) == []


@pytest.mark.parametrize("value", [None, "", "unspecified"])
def test_tax_behaviors_that_say_nothing(value: str | None) -> None:
    assert len(report_of(tax_behavior_is_declared.policy, declared("Price", {"tax_behavior": value}))) == 1


@pytest.mark.parametrize(
    ("tiers", "says"),
    [
        ([], "tiers is empty"),
        ([{"up_to": 10, "unit_amount": 1}], "tiers[0].up_to is 10 in the last tier"),
        ([{"up_to": "inf", "unit_amount": 1}] * 2, "tiers[0].up_to is inf in a tier that is not the last"),
        (
            [{"up_to": 10, "unit_amount": 1}, {"up_to": 10, "unit_amount": 1}, {"up_to": "inf", "unit_amount": 1}],
            "tiers[1].up_to is 10, not above 10, where it begins",
        ),
        (
            [
                {"up_to": 1, "unit_amount": 5},
                {"up_to": 2, "flat_amount": 5},
                {"up_to": "inf", "unit_amount_decimal": "5.01"},
            ],
            "tiers[2] is 0.0501 USD per unit, more than 0.05 USD in the tier before",
        ),
    ],
)
def test_tiers_that_are_incomplete_or_rise(tiers: list[dict[str, Any]], says: str) -> None:
    rule = tiers_are_complete_and_falling.policy
    [message] = report_of(rule, declared("Price", {"currency": "usd", "tiers": tiers}))
    assert says in message
    option = {"currency": "eur", "currency_options": {"usd": {"tiers": tiers}}}
    [message] = report_of(rule, declared("Price", option))
    assert f'currency_options["usd"].{says}' in message


def test_tiers_may_begin_free_and_may_rise_where_it_is_allowed() -> None:
    rule = tiers_are_complete_and_falling.policy
    free = [{"up_to": 100, "unit_amount": 0}, {"up_to": "inf", "unit_amount": 5}]
    assert report_of(rule, declared("Price", {"currency": "usd", "tiers": free})) == []
    rising = [{"up_to": 100, "unit_amount": 1}, {"up_to": "inf", "unit_amount": 5}]
    assert report_of(rule, declared("Price", {"tiers": rising}, settings={"mayRise": ["it"]})) == []
    unknown = [{"up_to": UNKNOWN, "unit_amount": UNKNOWN}, {"up_to": "inf", "unit_amount": 5}]
    assert report_of(rule, declared("Price", {"tiers": unknown})) == []


def test_names_are_judged_by_patterns_that_are_settings() -> None:
    rule = names_follow_the_convention.policy
    price = {"lookup_key": "acme.tokens"}
    assert len(report_of(rule, declared("Price", price))) == 1
    assert report_of(rule, declared("Price", price, settings={"lookupKeys": r"acme\.\w+"})) == []
    assert report_of(rule, declared("Meter", {"event_name": UNKNOWN})) == []
    [message] = report_of(rule, declared("Meter", {"event_name": "tokens"}, settings={"eventNames": "["}))
    assert "event_name is not of the form [." in message


@pytest.mark.parametrize("metadata", [None, {}, {"owner": None, "environment": ""}])
def test_metadata_that_is_missing(metadata: object) -> None:
    messages = report_of(metadata_names_owner_and_environment.policy, declared("Product", {"metadata": metadata}, config=STAGING))
    assert [m.split()[2] for m in messages] == ['metadata["owner"]', 'metadata["environment"]']


@pytest.mark.parametrize("metadata", [UNKNOWN, {"owner": UNKNOWN, "environment": UNKNOWN}])
def test_metadata_that_is_not_known_yet(metadata: object) -> None:
    rule = metadata_names_owner_and_environment.policy
    assert report_of(rule, declared("Product", {"metadata": metadata}, config=STAGING)) == []


def test_meters_that_only_count() -> None:
    meter = in_stack("Meter", {}, name="meter")
    assert len(report_of(meters_have_a_price.policy, meter)) == 1
    assert report_of(meters_have_a_price.policy, meter, settings={"mayBeUnpriced": ["meter"]}) == []
    price = in_stack("Price", {"recurring": METERED}, property_dependencies={"recurring": [meter]})
    assert report_of(meters_have_a_price.policy, meter, price) == []


def test_products_of_prices() -> None:
    rule, product = prices_have_a_product.policy, in_stack("Product", {})
    assert report_of(rule, in_stack("Price", {"product": UNKNOWN}, property_dependencies={"product": [product]})) == []
    [message] = report_of(rule, in_stack("Price", {"product": UNKNOWN}))
    assert "product is not known yet and does not come from a product declared in this stack" in message
    [message] = report_of(rule, in_stack("Price", {}))
    assert "product is not set" in message


@pytest.mark.parametrize(
    ("other", "distinct"),
    [
        ({"lookup_key": "b"}, True),
        ({"currency": "eur"}, True),
        ({"recurring": {**METERED, "interval": "year"}}, True),
        ({"recurring": {**METERED, "interval_count": 3}}, True),
        ({"recurring": {"interval": "month"}}, True),
        ({"active": False}, True),
        ({"lookup_key": UNKNOWN}, True),
        ({"recurring": UNKNOWN}, True),
        ({}, False),
        ({"lookup_key": ""}, False),
        ({"recurring": {**METERED, "interval_count": 1}}, False),
    ],
)
def test_prices_that_are_told_apart(other: dict[str, Any], distinct: bool) -> None:
    props = {"currency": "usd", "recurring": METERED, "lookup_key": "a"}
    meter = in_stack("Meter", {})
    prices = [
        in_stack("Price", {**props, **change}, name=name, property_dependencies={"recurring": [meter]})
        for name, change in (("first", {}), ("second", other))
    ]
    assert (report_of(prices_are_distinct.policy, *prices) == []) is distinct
