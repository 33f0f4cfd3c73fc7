"""What a row adds to a meter: sums of columns times constants, and nothing that could be anything else."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_sources.errors import Wrong
from stripe_sources.values import parse


@pytest.mark.parametrize(
    ("text", "factors", "constant"),
    [
        ("count", {}, "1"),
        ("input_tokens", {"input_tokens": "1"}, "0"),
        ("output_tokens * 1", {"output_tokens": "1"}, "0"),
        ("usage.input_tokens", {"usage.input_tokens": "1"}, "0"),
        ("a + b * 4 - 0.1 * c", {"a": "1", "b": "4", "c": "-0.1"}, "0"),
        ("2 * (a + 3 * (b - a)) + count * 5 - 1", {"a": "-4", "b": "6"}, "4"),
        ("-a", {"a": "-1"}, "0"),
        ("a\n  + b - b", {"a": "1"}, "0"),
        ("0.1 * 0.1 * a", {"a": "0.01"}, "0"),
        ("größe", {"größe": "1"}, "0"),
    ],
)
def test_what_is_read(text: str, factors: dict[str, str], constant: str) -> None:
    found = parse(text)
    assert found.factors == {name: Decimal(factor) for name, factor in factors.items()}
    assert found.constant == Decimal(constant)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a b",
        "a * b",
        "a / 2",
        "a ** 9999999",
        "count(a)",
        "__import__('os').system('true')",
        "a[0]",
        "a if b else c",
        "lambda: a",
        "(a := 1)",
        "'a'",
        "True",
        "1e400 * a",
        "a * 1j",
        "a * 0x10",
        "a * 1_000",
        "0",
        "a - a",
        "a; b",
        "(" * 500 + "a" + ")" * 500,
        "a" + " + a" * 1000,
        "-" * 1001 + "a",
        "\x00",
        "f(a).b",
    ],
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(Wrong) as caught:
        parse(text)
    assert "; give" in str(caught.value) or "; Stripe takes at most 15, so round it" in str(caught.value)
    assert str(caught.value).isprintable()


@given(st.lists(st.tuples(st.integers(-(10**37), 10**37), st.integers(-(10**37), 10**37)), max_size=5))
def test_totals_are_exact(rows: list[tuple[int, int]]) -> None:
    value = parse("0.000001 * a - 12345678.9 * b + 3")
    total = value.total(len(rows), [Decimal(sum(a for a, _ in rows)), Decimal(sum(b for _, b in rows))])
    assert Fraction(total) * 10**6 == sum(a - 12345678900000 * b + 3000000 for a, b in rows)
