"""The bucket that limits requests, without a clock and without a server."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stripe_local.serving.ratelimit import Bucket
from tests.stripe_local.unhurried import unhurried

RATES = st.sampled_from([2.0, 3.0, 10.0, 25.0, 100.0])
STARTS = st.sampled_from([0.0, 1234.5678, 4_000_000.25])


def passed(rate: float, start: float, arrivals: list[float]) -> list[float]:
    bucket = Bucket(rate, start)
    return [arrival for arrival in arrivals if bucket.take(start + arrival)]


@unhurried
@given(RATES, STARTS, st.lists(st.floats(0, 1), min_size=1, max_size=300))
def test_a_client_that_keeps_to_the_rate_is_never_refused_however_its_requests_jitter(
    rate: float, start: float, jitter: list[float]
) -> None:
    latest = (1 - 1 / rate) * 0.999  # floats do not add up exactly
    arrivals = sorted(index / rate + late * latest for index, late in enumerate(jitter))
    assert passed(rate, start, arrivals) == arrivals


def test_an_hour_at_exactly_the_rate() -> None:
    arrivals = [index / 25 for index in range(25 * 3600)]
    assert passed(25.0, 98765.4321, arrivals) == arrivals


@unhurried
@given(RATES, STARTS, st.lists(st.floats(0, 10), max_size=300))
def test_no_more_pass_than_the_rate_allows(rate: float, start: float, arrivals: list[float]) -> None:
    through = passed(rate, start, sorted(arrivals))
    for first, begin in enumerate(through):
        for last, end in enumerate(through[first:], first):
            assert last - first + 1 <= rate * (end - begin + 1) + 1e-6


def test_what_is_refused_is_let_through_once_a_request_of_time_has_passed() -> None:
    bucket = Bucket(2.0, 0.0)
    assert [bucket.take(0.0) for _ in range(3)] == [True, True, False]
    assert [bucket.take(0.25), bucket.take(0.5), bucket.take(0.75)] == [False, True, False]
    assert [bucket.take(100.0) for _ in range(3)] == [True, True, False], "a pause saves up a second's worth, no more"


def test_less_than_one_a_second() -> None:
    bucket = Bucket(0.5, 0.0)
    assert [bucket.take(now) for now in (0.0, 1.0, 2.0, 3.0, 4.0)] == [True, False, True, False, True]
