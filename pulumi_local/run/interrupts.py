"""Ctrl-C: the first stops new steps, the second leaves at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from concurrent import futures
from types import FrameType, TracebackType
from typing import Any

from pulumi_local.interfaces import Cancellation, Emit, Result


class Interrupts:
    """While open, SIGINT and SIGTERM go to a `Cancellation`, and the display hears of them."""

    def __init__(self, cancellation: Cancellation, emit: Emit, *, preview: bool) -> None:
        self._cancellation = cancellation
        self._emit = emit
        self._preview = preview
        self._before: dict[int, Any] = {}
        self._count = 0

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def run(self, work: Callable[[], Result]) -> Result:
        """Runs `work` in a thread of its own, so that signals are handled whatever it waits for."""
        with futures.ThreadPoolExecutor(1, "engine") as pool:
            future = pool.submit(work)
            while not future.done():
                futures.wait([future], 0.2)
            return future.result()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        # A handler runs between two steps of the main thread, which holds no lock here; the display has its own.
        # It counts signals: when the second arrives, the first may have been announced and not yet acted on.
        self._count += 1
        threading.Thread(target=self._react, args=(number, self._count == 1), name="interrupt", daemon=True).start()

    def _react(self, number: int, first: bool) -> None:
        by_keyboard = number == signal.SIGINT
        name = "^C" if by_keyboard else "SIGTERM"
        if first:
            again = "press ^C again" if by_keyboard else "send SIGTERM again"
            message = f"{name} received; cancelling. If you would like to terminate immediately, {again}.\n"
            if not self._preview:
                message += "Note that terminating immediately may lead to orphaned resources and other inconsistencies.\n"
            self._emit({"stdoutEvent": {"message": message, "color": "always"}})
            self._cancellation.stop.set()
        else:
            self._cancellation.stop.wait()
            self._emit({"stdoutEvent": {"message": f"{name} received; terminating", "color": "always"}})
            self._cancellation.terminate.set()
