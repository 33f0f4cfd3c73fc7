"""How requests came in, for measuring a client: how many, how fast, how many at once, and how they were answered."""

from __future__ import annotations

from collections import deque
from typing import Any

CLASSES = ("2xx", "4xx", "5xx")


class Stats:
    """Counts since the last `clear`. Times are Unix seconds of the machine's own clock, which `/_local/clock` does not move."""

    def __init__(self) -> None:
        self._in_flight = 0
        self._lately: deque[float] = deque()
        self.clear()

    def clear(self) -> None:
        """Start over; requests that are being worked on stay in flight, and their answers will count."""
        self._requests = 0
        self._statuses = dict.fromkeys(CLASSES, 0)
        self._rate_limited = 0
        self._lost = 0
        self._most_in_flight = self._in_flight
        self._first: float | None = None
        self._last: float | None = None
        self._most_in_a_second = 0
        self._lately.clear()

    def arrived(self, now: float) -> None:
        """A request came in."""
        self._requests += 1
        self._in_flight += 1
        self._most_in_flight = max(self._most_in_flight, self._in_flight)
        self._first = now if self._first is None else self._first
        self._last = now
        self._lately.append(now)
        while self._lately[0] <= now - 1:
            self._lately.popleft()
        self._most_in_a_second = max(self._most_in_a_second, len(self._lately))

    def left(self, status: int | None) -> None:
        """A request was answered, or its connection was lost (None)."""
        self._in_flight -= 1
        if status is None:
            self._lost += 1
            return
        kind = f"{status // 100}xx"
        self._statuses[kind] = self._statuses.get(kind, 0) + 1
        self._rate_limited += status == 429

    def public(self) -> dict[str, Any]:
        """The counts as `/_local/stats` shows them."""
        return {
            "requests": self._requests,
            "statuses": self._statuses,
            "rate_limited": self._rate_limited,
            "lost": self._lost,
            "in_flight": self._in_flight,
            "most_in_flight": self._most_in_flight,
            "most_in_a_second": self._most_in_a_second,
            "first_arrival": self._first,
            "last_arrival": self._last,
        }
