"""A token bucket for each mode of an account. https://docs.stripe.com/rate-limits"""

from __future__ import annotations

import time


class Bucket:
    """Holds a second's worth of requests, full at `now` (seconds), and is filled at `per_second`.

    A second's worth is what jitter may bunch together: a client that sends `per_second` evenly is never refused, though each
    request may come late by up to 1 - 1 / `per_second` seconds. No more than `per_second` × (t + 1) pass in any t seconds.
    """

    def __init__(self, per_second: float, now: float) -> None:
        self.per_second = per_second
        self._size = max(per_second, 1.0)
        self._tokens = self._size
        self._filled = now

    def take(self, now: float) -> bool:
        """Whether another request may pass; it is counted if so."""
        self._tokens = min(self._size, self._tokens + (now - self._filled) * self.per_second)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class RateLimit:
    """Lets `per_second` requests of a mode of an account pass each second; None is no limit."""

    def __init__(self, per_second: float | None) -> None:
        self.per_second = per_second
        self._buckets: dict[int, Bucket] = {}

    def allows(self, scope: int) -> bool:
        """Whether another request may pass now; it is counted if so."""
        if self.per_second is None:
            return True
        now = time.monotonic()
        return self._buckets.setdefault(scope, Bucket(self.per_second, now)).take(now)
