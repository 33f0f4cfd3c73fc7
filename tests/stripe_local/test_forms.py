"""Form decoding against an encoder that works as Stripe's clients do."""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_local.serving.recorder import readable
from stripe_local.wire.errors import StripeError
from stripe_local.wire.forms import decode
from tests.stripe_local.unhurried import unhurried

NAMES = st.text("abcdefghij_", min_size=1, max_size=6)
VALUES = st.text(max_size=10)
TREES = st.recursive(
    VALUES,
    lambda inner: st.one_of(st.dictionaries(NAMES, inner, min_size=1, max_size=4), st.lists(inner, min_size=1, max_size=4)),
    max_leaves=12,
)


def flat(value: Any, name: str, empty_brackets: bool) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in flat(inner, f"{name}[{key}]", empty_brackets)]
    if isinstance(value, list):
        found = []
        for index, inner in enumerate(value):
            found += flat(inner, f"{name}[{'' if empty_brackets else index}]", empty_brackets)
        return found
    return [(name, value)]


def encode(tree: dict[str, Any], *, quoted: bool, empty_brackets: bool = False) -> str:
    pairs = [pair for name, value in tree.items() for pair in flat(value, name, empty_brackets)]
    return "&".join(f"{quote_plus(name, safe='' if quoted else '[]')}={quote_plus(value)}" for name, value in pairs)


@unhurried
@given(st.dictionaries(NAMES, TREES, max_size=4), st.booleans())
def test_indexed_names(tree: dict[str, Any], quoted: bool) -> None:
    assert readable(decode(encode(tree, quoted=quoted))) == tree


# With empty brackets, lists of hashes work when every element has the same names in the same order.
ROWS = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(VALUES, min_size=width, max_size=width).map(lambda row: {f"k{index}": value for index, value in enumerate(row)}),
        min_size=1,
        max_size=4,
    )
)


@unhurried
@given(st.one_of(st.lists(VALUES, min_size=1, max_size=5), ROWS))
def test_empty_brackets(rows: list[Any]) -> None:
    assert decode(encode({"a": rows}, quoted=False, empty_brackets=True)) == {"a": rows}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("metadata=", {"metadata": ""}),
        ("metadata[a]=", {"metadata": {"a": ""}}),
        ("items[][price]=a&items[][quantity]=1&items[][price]=b", {"items": [{"price": "a", "quantity": "1"}, {"price": "b"}]}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a=1+2%2B", {"a": "1 2+"}),
        ("a[b=1", {"a[b": "1"}),
        ("a]=1", {"a]": "1"}),
        ("[a]=1", {"[a]": "1"}),
    ],
)
def test_notations(text: str, expected: Any) -> None:
    assert decode(text) == expected


@pytest.mark.parametrize("text", ["a=1&a[b]=2", "a[b]=2&a=1", "a[b]=1&a[b][c]=2"])
def test_a_value_and_a_hash_of_one_name(text: str) -> None:
    with pytest.raises(StripeError, match="both as a value and as a hash"):
        decode(text)


@unhurried
@given(st.text("ab[]=&0%", max_size=24))
def test_nothing_crashes_it(text: str) -> None:
    with contextlib.suppress(StripeError, UnicodeDecodeError):
        assert isinstance(decode(text), dict)


def test_names_that_are_nested_too_deeply() -> None:
    with pytest.raises(StripeError, match="nested"):
        decode("a" + "[b]" * 1000 + "=1")
