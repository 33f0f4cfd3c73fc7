"""Wakes the server when time has made something due, though no request comes: a webhook waits for nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable

_LONGEST = 3600.0
_AGAIN = 5.0


class Alarm:
    """A thread that calls `ring` once `seconds()` have passed (None: nothing is due); `ring` says whether it did what was due.

    It runs from `start` on.
    """

    def __init__(self, seconds: Callable[[], float | None], ring: Callable[[], bool]) -> None:
        self._seconds, self._ring = seconds, ring
        self._woken = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="alarm", daemon=True)

    def start(self) -> None:
        """Ring from now on, at once where something is due."""
        self._thread.start()

    def look(self) -> None:
        """What is due next may have changed."""
        self._woken.set()

    def close(self) -> None:
        """Ring no more."""
        self._ended = True
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended:
            seconds = self._seconds()
            if seconds is not None and seconds <= 0:
                if not self._ring():
                    self._woken.wait(_AGAIN)
                continue
            self._woken.wait(_LONGEST if seconds is None else min(seconds, _LONGEST))
            self._woken.clear()
