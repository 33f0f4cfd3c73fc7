from __future__ import annotations

import pytest

from stripe_policy.prices_have_a_lookup_key import policy
from tests.stripe_policy.arguments import UNKNOWN, declared, report_of


@pytest.mark.parametrize("lookup_key", ["tokens_monthly", UNKNOWN], ids=["known", "unknown in a preview"])
def test_a_lookup_key_satisfies(lookup_key: str) -> None:
    assert report_of(policy, declared("Price", {"currency": "usd", "lookup_key": lookup_key})) == []


@pytest.mark.parametrize("props", [{}, {"lookup_key": None}, {"lookup_key": ""}], ids=["absent", "null", "empty"])
def test_no_lookup_key(props: dict[str, object]) -> None:
    assert report_of(policy, declared("Price", {"currency": "usd", **props}, name="tokens")) == [
        'Price "tokens": lookup_key is not set. Set a name that outlives this price, for instance '
        'lookup_key="hypernian_tokens_monthly".'
    ]


@pytest.mark.parametrize("data", [{"currency": "usd"}, UNKNOWN], ids=["known", "unknown in a preview"])
def test_a_product_that_makes_a_price_on_the_side(data: object) -> None:
    assert report_of(policy, declared("Product", {"name": "Tokens", "default_price_data": data}, name="p")) == [
        'Product "p": default_price_data is set. Stripe makes a price without a lookup key from it: '
        "declare a Price with a "
        "lookup_key instead."
    ]


@pytest.mark.parametrize("kind", ["Product", "Meter", "Customer", "Subscription", "pulumi:pulumi:Stack"])
def test_other_resources_need_none(kind: str) -> None:
    assert report_of(policy, declared(kind, {"name": "Tokens"})) == []
