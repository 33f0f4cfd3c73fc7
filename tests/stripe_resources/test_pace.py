"""Requests stay below the rate in every second, from however many threads."""

import itertools
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from stripe_resources._core.pace import Pace


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@given(st.floats(0.5, 200), st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_no_second_holds_more_than_the_rate(rate: float, pauses: list[float]) -> None:
    time = Time()
    pace = Pace(rate, time.clock, time.sleep)
    sent = []
    for pause in pauses:
        time.now += pause
        pace.wait()
        sent.append(time.now)
    gaps = [b - a for a, b in itertools.pairwise(sent)]
    assert all(gap >= 1 / rate - 1e-9 for gap in gaps)


def test_what_comes_slowly_is_not_held_up() -> None:
    time = Time()
    pace = Pace(10, time.clock, time.sleep)
    for _ in range(5):
        pace.wait()
        time.now += 0.2
    assert time.waits == []


def test_threads_share_it() -> None:
    waits: list[float] = []
    pace = Pace(10, lambda: 0.0, waits.append)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: pace.wait(), range(11)))
    assert sorted(round(w, 6) for w in waits) == [round(i / 10, 6) for i in range(1, 11)]
