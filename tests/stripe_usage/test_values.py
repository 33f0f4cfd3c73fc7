"""Values and times, as they are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_sources.errors import Wrong
from stripe_sources.numbers import MAX_DIGITS, value_of
from stripe_usage.events.values import fraction_of, timestamp_of


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


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)),
    st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(lambda d: timedelta(minutes=d // timedelta(minutes=1))),
)
def test_times_of_all_offsets(moment: datetime, offset: timedelta) -> None:
    there = moment.replace(tzinfo=timezone(offset))
    assert timestamp_of(there.isoformat()) == (there - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


@pytest.mark.parametrize(
    ("raw", "beyond"),
    [
        (1764000000, ""),
        ("1764000000", ""),
        (Decimal("1764000000.0"), ""),
        (Decimal("1764000000.1250"), "125"),
        ("1764000000.5", "5"),
        ("1764000000.050", "05"),
        ("2026-11-24T10:30:00Z", ""),
        ("2026-11-24T10:30:00.000Z", ""),
        ("2026-11-24T10:30:00.875Z", "875"),
        ("2026-11-24 10:30:00.8750+01:00", "875"),
        ("2026-11-24T23:59:60Z", "leap"),
    ],
)
def test_what_a_time_has_beyond_the_second(raw: object, beyond: str) -> None:
    assert fraction_of(raw) == beyond


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("2026-11-24T10:30:00", "from UTC"),
        ("2026-02-30T10:30:00Z", "not a time that exists"),
        ("2026-11-24T25:30:00Z", "not a time that exists"),
        (1764000000000, "milliseconds"),
        ("noon", "not a time"),
        (True, "not a time"),
        (-5, "not a time"),
    ],
)
def test_what_is_no_time(raw: object, said: str) -> None:
    with pytest.raises(Wrong, match=said):
        timestamp_of(raw)
