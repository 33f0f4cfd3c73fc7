"""A token bucket per key. https://docs.stripe.com/rate-limits"""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass
class _Bucket:
    tokens: float
    filled: float


class RateLimit:
    """Lets `per_second` requests of a key pass each second, and as many at once after a pause of a second."""

    def __init__(self, per_second: float | None) -> None:
        self.per_second = per_second
        self._buckets: dict[tuple[str, bool], _Bucket] = {}

    def allows(self, fingerprint: str, livemode: bool) -> bool:
        """Whether one more request may pass now; it is counted if so."""
        if self.per_second is None:
            return True
        now = time.monotonic()
        size = max(self.per_second, 1.0)
        bucket = self._buckets.setdefault((fingerprint, livemode), _Bucket(size, now))
        bucket.tokens = min(size, bucket.tokens + (now - bucket.filled) * self.per_second)
        bucket.filled = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True
