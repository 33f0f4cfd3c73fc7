"""Keeps requests below a rate, however many threads send them, and slows all of them down when Stripe says "too many".

Requests are spaced evenly, not let through in bursts: a burst at the end of one second and another at the beginning of the next
would together exceed Stripe's limit. Others may use the same account, and its limit, at the same time: that shows only in
429s, so each of them takes the rate down, and it rises again by itself. https://docs.stripe.com/rate-limits
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SLOWER = 0.75
"""What is left of the rate after a 429."""

ONCE_IN_SECONDS = 1.0
"""429s that come together are one message: requests already under way say nothing about the new rate."""

LOWEST = 0.1
"""The rate never falls below this share of the full one."""

RECOVERY_SECONDS = 15.0
"""How long it would take the rate to rise from nothing to the full one."""

_INSTANT = 1e-6


class Pace:
    """At most `per_second` requests a second, from all threads together."""

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._full, self._clock, self._sleep = per_second, clock, sleep
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._next = 0.0
        self._rate, self._rated_at = per_second, 0.0
        self._slowed_at = float("-inf")

    def wait(self) -> None:
        """Returns when the next request may be sent."""
        with self._turn:  # the others wait behind the one that waits for its time, so a slower pace holds for all of them
            while (pause := self._pause()) > 0:
                self._sleep(pause)

    def slow_down(self, pause: float = 0.0) -> None:
        """Stripe said that there were too many requests: fewer from now on, and none at all for `pause` seconds."""
        with self._lock:
            now = self._clock()
            if now - self._slowed_at >= ONCE_IN_SECONDS:
                self._rate = max(LOWEST * self._full, SLOWER * self._rate_at(now))
                self._rated_at = self._slowed_at = now
            self._next = max(self._next, now + pause)

    def _pause(self) -> float:
        """Seconds until the next request may be sent; 0 if it may be sent now, which then counts as sent."""
        with self._lock:
            now = self._clock()
            if self._next - now > _INSTANT:
                return self._next - now
            self._next = now + 1 / self._rate_at(now)
            return 0.0

    def _rate_at(self, now: float) -> float:
        return min(self._full, self._rate + (now - self._rated_at) * self._full / RECOVERY_SECONDS)
