"""Billing periods against what a calendar says."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_local.calculation.periods import Grid, after, next_on_day
from tests.stripe_local.unhurried import unhurried

MOMENTS = st.integers(946684800, 4102444800)  # the years 2000 to 2099
INTERVALS = st.sampled_from(["day", "week", "month", "year"])


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("anchor", "interval", "count", "expected"),
    [
        ("2027-01-31T12:00", "month", 1, "2027-02-28T12:00"),
        ("2027-01-31T12:00", "month", 2, "2027-03-31T12:00"),
        ("2028-01-31T12:00", "month", 1, "2028-02-29T12:00"),
        ("2028-02-29T00:00", "year", 1, "2029-02-28T00:00"),
        ("2028-02-29T00:00", "year", 4, "2032-02-29T00:00"),
        ("2027-03-01T00:00", "week", 2, "2027-03-15T00:00"),
        ("2027-03-31T00:00", "month", -1, "2027-02-28T00:00"),
    ],
)
def test_after(anchor: str, interval: str, count: int, expected: str) -> None:
    assert after(moment(anchor), interval, count) == moment(expected)


@unhurried
@given(MOMENTS, INTERVALS, st.integers(1, 36), MOMENTS)
def test_every_moment_lies_in_one_period(anchor: int, interval: str, count: int, now: int) -> None:
    grid = Grid(anchor, interval, count)
    start, end = grid.period(now)
    assert start <= now < end
    assert grid.period(end)[0] == end
    assert grid.period(start - 1)[1] == start


@unhurried
@given(MOMENTS, st.integers(-400, 400))
def test_months_keep_their_day(anchor: int, count: int) -> None:
    first = datetime.fromtimestamp(anchor, UTC)
    shifted = datetime.fromtimestamp(after(anchor, "month", count), UTC)
    assert (shifted.year - first.year) * 12 + shifted.month - first.month == count
    assert shifted.day == min(first.day, calendar.monthrange(shifted.year, shifted.month)[1])
    assert shifted.time() == first.time()


@unhurried
@given(MOMENTS, st.integers(1, 31), st.one_of(st.none(), st.integers(1, 12)))
def test_the_next_day_of_the_month(now: int, day: int, month: int | None) -> None:
    found = datetime.fromtimestamp(next_on_day(now, now, day, month, 0, 0, 0), UTC)
    assert now < found.timestamp() <= now + (366 if month else 31) * 86400
    assert found.day == min(day, calendar.monthrange(found.year, found.month)[1])
    assert month is None or found.month == month
