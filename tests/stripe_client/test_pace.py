"""Requests stay below the rate in every second, from however many threads; and a 429 slows all of them down."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from stripe_client.pace import LOWEST, ONCE_IN_SECONDS, RECOVERY_SECONDS, SLOWER, Pace


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []
        self._lock = threading.Lock()

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.waits.append(seconds)
            self.now += seconds


def sent(pace: Pace, time: Time, seconds: float) -> int:
    """How many requests go through in that time, sent as fast as it goes."""
    end, count = time.now + seconds, 0
    while True:
        pace.wait()
        if time.now >= end:
            return count
        count += 1


@given(st.floats(0.5, 200), st.lists(st.one_of(st.floats(0, 3), st.just("429")), min_size=1, max_size=60))
def test_no_second_holds_more_than_the_rate(rate: float, pauses: list[float | str]) -> None:
    time = Time()
    pace = Pace(rate, time.clock, time.sleep)
    times = []
    for pause in pauses:
        if isinstance(pause, str):
            pace.slow_down()
        else:
            time.now += pause
        pace.wait()
        times.append(time.now)
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert all(gap >= 1 / rate - 1e-5 for gap in gaps)


def test_what_comes_slowly_is_not_held_up() -> None:
    time = Time()
    pace = Pace(10, time.clock, time.sleep)
    for _ in range(5):
        pace.wait()
        time.now += 0.2
    assert time.waits == []


def test_threads_share_it() -> None:
    time = Time()
    pace = Pace(10, time.clock, time.sleep)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: pace.wait(), range(11)))
    assert round(time.now - 100, 6) == 1


def test_a_429_slows_everything_down_for_a_while() -> None:
    time = Time()
    pace = Pace(100, time.clock, time.sleep)
    assert sent(pace, time, 1) >= 99
    pace.slow_down()
    assert sent(pace, time, 1) < 100 * SLOWER + 10
    time.now += RECOVERY_SECONDS
    assert sent(pace, time, 1) >= 99


def test_429s_that_come_together_are_one_message() -> None:
    time = Time()
    pace = Pace(100, time.clock, time.sleep)
    for _ in range(20):
        pace.slow_down()
    assert sent(pace, time, 1) > 60


def test_nothing_is_sent_while_stripe_asks_to_wait() -> None:
    time = Time()
    pace = Pace(100, time.clock, time.sleep)
    pace.slow_down(7)
    pace.wait()
    assert 106.9 < time.now < 107.1


def test_who_waits_already_waits_longer_then() -> None:
    time = Time()

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        if len(time.waits) == 1:
            pace.slow_down(5)

    pace = Pace(1, time.clock, sleep)
    pace.wait()
    pace.wait()
    assert time.now == 106


@given(st.integers(1, 300))
def test_however_many_429s_there_are_it_goes_on(limited: int) -> None:
    time = Time()
    pace = Pace(50, time.clock, time.sleep)
    for _ in range(limited):
        pace.slow_down()
        time.now += ONCE_IN_SECONDS
    before = time.now
    pace.wait()
    pace.wait()
    assert time.now - before <= 1 / (50 * LOWEST)
