"""What is wrong with a plan: all at once, each where it stands in the program."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi.output import Unknown

from stripe_components import flat, graduated, per_unit
from stripe_components.checks import FOLLOWS, failures_of_plan
from stripe_components.declarations import PlanPrice
from stripe_resources import PriceArgs
from tests.sampling import THOROUGH

METER = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}
LATER: Any = Unknown()  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module", autouse=True)
def loop() -> Iterator[None]:
    """Outputs want an event loop, as every program has one; what ran before may have closed its own."""
    made = asyncio.new_event_loop()
    asyncio.set_event_loop(made)
    yield
    left = asyncio.all_tasks(made)
    for task in left:
        task.cancel()
    made.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    made.close()
    asyncio.set_event_loop(None)


def plan(**args: Any) -> dict[str, Any]:
    right: dict[str, Any] = {
        "product": {"name": "Team"},
        "meters": {"tokens": METER},
        "prices": {"base": flat(2000), "usage": per_unit("tokens", "0.03")},
        "currency": "usd",
        "interval": "month",
    }
    return {k: v for k, v in {**right, **args}.items() if v is not None}


def price(**fields: Any) -> dict[str, Any]:
    return plan(prices={"it": fields})


def said(args: dict[str, Any]) -> list[str]:
    return [str(f) for f in failures_of_plan(args)]


RIGHT: dict[str, dict[str, Any]] = {
    "the plan above": plan(),
    "flat only": plan(meters=None, prices={"base": flat(0)}),
    "a meter from elsewhere": plan(meters=None, prices={"usage": per_unit(LATER, 4)}),
    "values that are there later": plan(currency=LATER, interval=LATER, product={"name": LATER}, metadata={"owner": LATER}),
    "tiers in two currencies": price(**graduated("tokens", [(10, 4), ("inf", "0.3")], eur=[("inf", 5)])),
    "monthly and yearly": plan(prices={"month": flat(10), "year": {**flat(100), "interval": "year"}}),
    "entitlements": plan(entitlements={"requests_per_minute": 600, "priority": True, "models": "all", "later": LATER}),
    "everything else": plan(
        metadata={"owner": "me"},
        tax_behavior="exclusive",
        prices={
            "it": {
                "unit_amount": 1,
                "metadata": {"a": "b"},
                "nickname": "It",
                "tax_behavior": "inclusive",
                "interval_count": 3,
                "existing_subscriptions": "migrate",
                "transfer_lookup_key": True,
                "adopt": True,
                "active": True,
            }
        },
    ),
}


@pytest.mark.parametrize("args", RIGHT.values(), ids=RIGHT)
def test_nothing_is_wrong(args: dict[str, Any]) -> None:
    assert said(args) == []


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no product": (plan(product=None), "product: is missing; give an object with name,"),
    "no currency": (plan(currency=None), "currency: is missing; give a three-letter ISO currency code"),
    "a currency in capitals": (plan(currency="USD"), "currency: is 'USD'; give a three-letter ISO currency code in lower case"),
    "an interval that there is not": (plan(interval="fortnight"), "interval: is 'fortnight'; give one of "),
    "no prices": (plan(prices={}), "prices: is empty; give at least one price"),
    "an argument that there is not": (plan(intervall="month"), "intervall: there is no such argument; did you mean `interval`?"),
    "a field that there is not": (price(unit_amount=1, colour="red"), 'prices["it"].colour: there is no such argument; known'),
    "a product's field": (plan(product={"name": "x", "unit_label": "x" * 13}), "product.unit_label: 'xxxxxxxxxxxxx' has 13"),
    "a meter's field": (plan(meters={"tokens": {**METER, "event_name": None}}), 'meters["tokens"].event_name: is missing'),
    "a negative amount": (price(unit_amount=-1), 'prices["it"].unit_amount: -1 is too small; give 0 or more'),
    "a float": (price(**flat(0.5)), 'prices["it"].unit_amount_decimal: 0.5 is a number; money is exact'),  # type: ignore[arg-type]
    "no amount": (price(meter="tokens"), 'prices["it"].unit_amount: is missing; give unit_amount, unit_amount_decimal, or tiers'),
    "tiers that do not rise": (
        price(**graduated("tokens", [(10, 1), (5, 1), ("inf", 1)])),
        'prices["it"].tiers[1].up_to: 5 is not above the tier before (10)',
    ),
    "tiers that end": (price(**graduated("tokens", [(10, 1)])), 'prices["it"].tiers[0].up_to: 10 ends the tiers'),
    "a tier that is none": (price(**graduated("tokens", [(1,)])), 'prices["it"].tiers[0]: is [1]; give an object'),  # type: ignore[list-item]
    "no mode": (price(meter="tokens", tiers=[{"up_to": "inf", "unit_amount": 1}]), 'prices["it"].tiers_mode: is missing'),
    "too long an interval": (price(unit_amount=1, interval_count=37), 'prices["it"].interval_count: 37 months are more than'),
    "another plan's meter by name": (
        price(**per_unit("token", 1)),
        "prices[\"it\"].meter: 'token' is not a meter of this plan; give one of them (tokens), or the id of another: meter.id",
    ),
    "no meters": (
        plan(meters=None, prices={"it": per_unit("t", 1)}),
        "'t' is not a meter of this plan; it declares none in `meters`; give the id",
    ),
    "a currency that one price lacks": (
        plan(prices={"a": flat(1, eur=1), "b": flat(1)}),
        'prices["b"].currency_options: has no eur, in which "a" is sold; a subscription in eur could not have both',
    ),
    "its own currency again": (price(**flat(1, usd=1)), 'prices["it"].currency_options["usd"]: is `currency` itself'),
    "one lookup key twice": (
        plan(prices={"a": {**flat(1), "lookup_key": "b"}, "b": flat(1)}),
        'prices["b"].lookup_key: \'b\' is also that of "a"; give each price its own',
    ),
    "an entitlement in metadata": (
        plan(metadata={"entitlement_x": "1"}, entitlements={"x": 1}),
        'metadata: "entitlement_x" is where an entitlement is kept; give it in `entitlements` only',
    ),
    "an entitlement without end": (plan(entitlements={"x": float("inf")}), 'entitlements["x"]: is inf; give a string or a whole'),
    "an entitlement of no kind": (plan(entitlements={"x": 1.5}), 'entitlements["x"]: is 1.5; give a string or a whole number'),
    "too long an entitlement": (
        plan(entitlements={"x" * 29: "1"}),
        f'entitlements["{"x" * 29}"]: {"x" * 29!r} has 29 characters',
    ),
    "metadata that removes": (plan(metadata={"a": ""}), 'metadata["a"]: is ""'),
    "a price's metadata": (price(unit_amount=1, metadata={"a": ""}), 'prices["it"].metadata["a"]: is ""'),
    "prices that are there later": (plan(prices=LATER), "prices: is not known yet; give a map, whose values may be outputs"),
    "a price that is there later": (plan(prices={"it": LATER}), 'prices["it"]: is not known yet; give a map'),
    "a list": (plan(prices=[1]), "prices: is [1]; give a map"),
    "a name with a space": (plan(prices={"a b": flat(1)}), "prices[\"a b\"]: is 'a b'; give a resource name"),
    **{
        f"{name} of a price": (price(unit_amount=1, **{name: "x"}), f'prices["it"].{name}: {why}')
        for name, why in FOLLOWS.items()
    },
}


@pytest.mark.parametrize(("args", "message"), WRONG.values(), ids=WRONG)
def test_one_thing_is_wrong(args: dict[str, Any], message: str) -> None:
    (only,) = said(args)
    assert message in only
    assert not message.startswith(("prices", "product", "meters")) or only.startswith(message)


def test_everything_at_once_in_the_order_of_the_arguments() -> None:
    args = plan(
        prices={"base": {"unit_amount": -1, "product": "x"}, "usage": per_unit("token", 0.5)},  # type: ignore[arg-type]
        currency="USD",
        product={},
        meters={"tokens": {}},
        colour="red",
    )
    assert [line.partition(":")[0] for line in said(args)] == [
        "product.name",
        "currency",
        'prices["base"].product',
        'prices["base"].unit_amount',
        'prices["usage"].unit_amount_decimal',
        'prices["usage"].meter',
        *(f'meters["tokens"].{field}' for field in ("display_name", "event_name", "default_aggregation")),
        "colour",
    ]


def test_every_parameter_of_a_price_is_the_plans_or_follows_from_it() -> None:
    assert set(PriceArgs.__annotations__) <= set(PlanPrice.__annotations__) | set(FOLLOWS)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["tokens", "inf", "usd", LATER]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*PlanPrice.__annotations__, "eur", "up_to", "name", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=1000 if THOROUGH else 30)
@given(st.dictionaries(st.sampled_from([*plan(), "metadata", "entitlements", "tax_behavior", "x"]), ANYTHING), st.booleans())
def test_whatever_is_given_something_is_said_or_a_plan_comes_of_it(args: dict[str, Any], alone: bool) -> None:
    for failure in failures_of_plan(args if alone else plan(**args)):
        assert failure.path
        assert failure.reason
