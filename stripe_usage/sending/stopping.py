"""Ctrl-C and SIGTERM, while events are under way."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def ending(stopped: threading.Event, at_once: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Lets the requests under way finish; a second signal does not, nor one while `at_once` says that nothing is lost."""

    def end(number: int, frame: object) -> None:
        if stopped.is_set() or at_once():
            raise KeyboardInterrupt
        stopped.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
