"""Stretches of time and their shares, against the examples of Stripe's pages and against each other."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_local.calculation.periods import Grid
from stripe_local.calculation.stretches import Stretch, opening, rest
from tests.stripe_local.unhurried import unhurried

MOMENTS = st.integers(1735689600, 1861920000)  # the years 2025 to 2028
GRIDS = st.builds(
    Grid, MOMENTS, st.sampled_from(["day", "week", "month", "year"]), st.integers(1, 3), st.none() | st.integers(28, 31)
)


def day(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def share(stretch: Stretch) -> Fraction:
    return Fraction(stretch.part, stretch.whole)


def shown(found: list[Stretch]) -> list[tuple[str, str, Fraction]]:
    return [
        (f"{datetime.fromtimestamp(s.start, UTC):%m-%d}", f"{datetime.fromtimestamp(s.end, UTC):%m-%d}", share(s)) for s in found
    ]


@pytest.mark.parametrize(
    ("start", "now", "anchor", "classic", "expected"),
    [
        # https://docs.stripe.com/billing/subscriptions/backdating: an imagined month from the backdated start.
        ("2027-02-15", "2027-03-01", "2027-03-01", True, [("02-15", "03-01", Fraction(14, 28)), ("03-01", "04-01", Fraction(1))]),
        ("2027-01-15", "2027-02-01", "2027-02-01", True, [("01-15", "02-01", Fraction(17, 31)), ("02-01", "03-01", Fraction(1))]),
        # Past a whole interval: two months from 1 September, in one line.
        ("2026-09-01", "2026-10-15", "2026-11-01", True, [("09-01", "11-01", Fraction(2))]),
        ("2027-02-05", "2027-02-07", "2027-02-10", True, [("02-05", "02-10", Fraction(5, 28))]),
        # Flexible billing: each natural period by itself.
        ("2027-01-10", "2027-03-20", "2027-01-10", False, [("01-10", "02-10", 1), ("02-10", "03-10", 1), ("03-10", "04-10", 1)]),
        ("2027-02-05", "2027-02-07", "2027-02-10", False, [("02-05", "02-10", Fraction(5, 31))]),
        ("2026-09-01", "2026-10-15", "2026-11-01", False, [("09-01", "10-01", Fraction(1)), ("10-01", "11-01", Fraction(1))]),
        # Neither: a start now, up to the first of the next month.
        ("2027-05-15", "2027-05-15", "2027-06-01", True, [("05-15", "06-01", Fraction(17, 31))]),
    ],
)
def test_how_a_subscription_begins(
    start: str, now: str, anchor: str, classic: bool, expected: list[tuple[str, str, Fraction]]
) -> None:
    assert shown(opening(Grid(day(anchor), "month", 1), day(start), day(now), classic=classic)) == expected


def test_the_last_day_of_each_month() -> None:
    grid = Grid(day("2027-02-28"), "month", 1, day=31)
    assert [datetime.fromtimestamp(grid.date(n), UTC).strftime("%d.%m") for n in range(4)] == ["28.02", "31.03", "30.04", "31.05"]
    assert grid.period(day("2027-02-10")) == (day("2027-01-31"), day("2027-02-28"))


def test_an_anchor_months_ahead() -> None:
    found = opening(Grid(day("2027-09-01"), "month", 2), day("2027-03-11"), day("2027-03-11"), classic=False)
    assert shown(found) == [("03-11", "05-01", Fraction(51, 61))]


@unhurried
@given(GRIDS, MOMENTS, st.lists(st.integers(0, 1000), max_size=8))
def test_shares_of_a_period_sum_to_one_however_it_is_parted(grid: Grid, moment: int, thousandths: list[int]) -> None:
    first, last = grid.period(moment)
    cuts = sorted({first, moment, last, *(first + (last - first) * cut // 1000 for cut in thousandths)})
    found = [rest(grid, start).until(end) for start, end in itertools.pairwise(cuts)]
    assert [(stretch.start, stretch.end) for stretch in found] == list(itertools.pairwise(cuts))
    assert sum(map(share, found)) == 1


@unhurried
@given(GRIDS, MOMENTS, st.integers(0, 400 * 86400), st.booleans())
def test_the_past_is_covered_without_gaps(grid: Grid, now: int, past: int, classic: bool) -> None:
    found = opening(grid, now - past, now, classic=classic)
    assert found[0].start == now - past
    assert all(left.end == right.start for left, right in itertools.pairwise(found))
    assert found[-1].start <= now < found[-1].end
    assert len(found) <= 2 or not classic
    if not classic:
        assert not any(stretch.partial for stretch in found[1:])
