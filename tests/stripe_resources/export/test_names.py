"""What exported resources are called."""

from __future__ import annotations

import keyword
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_resources.export.declaring import Declaration
from stripe_resources.export.names import LONGEST, Found, named, slug
from stripe_resources.register import KINDS


def found(kind: str, id_: str, created: int = 1, **inputs: Any) -> Found:
    return Found(KINDS[f"stripe:{kind}"][0], {"id": id_, "created": created}, Declaration(inputs, (), ()))


def names(*objects: Found) -> dict[str, str]:
    return {one.variable: one.name for one in named(objects)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hypernian_tokens", "hypernian_tokens"),
        ("Hypernian Tokens (2024)", "hypernian-tokens-2024"),
        ("Café Zürich Straße", "cafe-zurich-strasse"),
        ("api.calls/v1", "api-calls-v1"),
        ("東京 tokens", "tokens"),
        ("東京", ""),
        ("--__--", ""),
        ("x" * 100, "x" * LONGEST),
    ],
)
def test_slug(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_a_resource_is_called_by_what_its_object_is_called() -> None:
    meter = found("Meter", "mtr_1", event_name="tokens", display_name="Tokens used")
    product = found("Product", "prod_1", name="Hypernian")
    price = found("Price", "price_1", product="prod_1", lookup_key="tokens_monthly", nickname="Tokens")
    customer = found("Customer", "cus_1", email="john@example.com")
    assert names(meter, product, price, customer) == {
        "meter_tokens": "tokens",
        "product_hypernian": "hypernian",
        "price_tokens_monthly": "tokens_monthly",
        "customer_john_example_com": "john-example-com",
    }


def test_one_without_a_name_is_called_by_what_it_belongs_to() -> None:
    product = found("Product", "prod_1", name="Hypernian")
    monthly = found("Price", "price_1", product="prod_1", currency="usd", recurring={"interval": "month", "meter": "mtr_1"})
    quarterly = found("Price", "price_2", product="prod_1", currency="eur", recurring={"interval": "month", "interval_count": 3})
    once = found("Price", "price_3", product="prod_1", currency="usd")
    stray = found("Price", "price_1Ab", product="prod_2", currency="usd")
    assert list(names(product, monthly, quarterly, once, stray).values())[1:] == [
        "hypernian-usd-month",
        "price_1ab",
        "hypernian-eur-3month",
        "hypernian-usd",
    ]


def test_a_name_that_is_taken_is_numbered_the_oldest_first() -> None:
    newer, older = found("Product", "prod_1", 2, name="Pro"), found("Product", "prod_2", 1, name="pro!")
    odd = found("Product", "prod_3", 3, name="Pro 2")
    result = named([newer, older, odd])
    assert [(one.found.id, one.name, one.variable) for one in result] == [
        ("prod_2", "pro", "product_pro"),
        ("prod_1", "pro-2", "product_pro_2"),
        ("prod_3", "pro-2-2", "product_pro_2_2"),
    ]


def test_one_that_another_refers_to_comes_first() -> None:
    subscription = found("Subscription", "sub_1", items=[{"price": "price_1"}], customer="cus_1", currency="usd")
    price = found("Price", "price_1", lookup_key="tokens")
    customer = found("Customer", "cus_1", name="John")
    assert names(subscription, price, customer) == {
        "customer_john": "john",
        "price_tokens": "tokens",
        "subscription_john_usd": "john-usd",
    }


OBJECTS = st.lists(
    st.tuples(st.sampled_from(["Product", "Customer"]), st.text(max_size=8) | st.sampled_from(["class", "a-b", "a_b", "a-b-2"])),
    max_size=12,
)


@given(OBJECTS, st.randoms())
def test_names_are_valid_unique_and_the_same_in_whatever_order_stripe_answers(
    objects: list[tuple[str, str]], shuffler: random.Random
) -> None:
    made = [found(kind, f"id_{i}", name=name) for i, (kind, name) in enumerate(objects)]
    result = named(sorted(made, key=lambda f: f.schema.kind))
    variables = [one.variable for one in result]
    assert len(set(variables)) == len(result) == len(objects)
    assert all(v.isidentifier() and v.isascii() and not keyword.iskeyword(v) for v in variables)
    assert len({(one.found.schema.token, one.name) for one in result}) == len(result)
    assert all(one.name and set(one.name).isdisjoint("/:$ ") for one in result)
    shuffler.shuffle(made)
    again = named(sorted(made, key=lambda f: f.schema.kind))
    assert [(one.found.id, one.name, one.variable) for one in again] == [(one.found.id, one.name, one.variable) for one in result]
