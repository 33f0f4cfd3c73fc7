"""The server's clock: real time plus an offset that `/_local/clock` moves."""

from __future__ import annotations

import time


class Clock:
    """Unix time in seconds; `offset` seconds ahead of (or behind) real time."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def now(self) -> int:
        """Whole Unix seconds."""
        return int(self.precise())

    def precise(self) -> float:
        """Unix seconds with fractions."""
        return time.time() + self.offset
