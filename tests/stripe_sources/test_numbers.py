"""Numbers, as they are read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_sources.errors import Wrong
from stripe_sources.numbers import MAX_DIGITS, number_of, value_of


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (25, "25"),
        ("25", "25"),
        (Decimal("0.10"), "0.1"),
        ("1e3", "1000"),
        ("-.5", "-0.5"),
        ("+5.", "5"),
        ("-0", "0"),
        ("000123", "123"),
        ("999999999999999", "999999999999999"),
        ("0.000000000000001", "0.000000000000001"),
        ("123456789.012345", "123456789.012345"),
    ],
)
def test_values(raw: object, value: str) -> None:
    assert value_of(raw) == value


@pytest.mark.parametrize("raw", ["1,000", "1_000", "٣", "0x10", "", " ", "NaN", "Infinity", "--1", "1e999999", True, [1], 0.5])
def test_what_is_no_value(raw: object) -> None:
    with pytest.raises(Wrong, match="not a number"):
        value_of(raw)


@pytest.mark.parametrize("raw", [10**15, "1234567890.123456", "1e15", "1e9999", "1e-31"])
def test_too_many_digits(raw: object) -> None:
    with pytest.raises(Wrong, match="at most 15"):
        value_of(raw)


@given(st.integers(-(10**MAX_DIGITS) + 1, 10**MAX_DIGITS - 1), st.integers(0, MAX_DIGITS), st.booleans())
def test_a_value_is_never_changed(digits: int, scale: int, text: bool) -> None:
    exact = Decimal(digits).scaleb(-scale)
    read = value_of(str(exact) if text else exact)
    assert Decimal(read) == exact
    assert value_of(read) == read
    assert not set(read) - set("-.0123456789")


def test_a_number_may_have_more_digits_than_a_value() -> None:
    assert number_of("1234567890123456.5") == Decimal("1234567890123456.5")
