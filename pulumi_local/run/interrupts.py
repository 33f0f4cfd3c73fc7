"""Signals that end a command: Ctrl-C, SIGTERM, and SIGHUP when its terminal goes away.

While the engine runs, the first stops new steps and the second leaves at once. At any other time the first ends the command right
there (`Signalled`), and its locks, files and processes go as with any other error; more of them change nothing.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from types import FrameType, TracebackType
from typing import Any

from pulumi_local.errors import Signalled
from pulumi_local.interfaces import Cancellation, Emit, Result

_SIGNALS: tuple[int, ...] = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def ending() -> Iterator[None]:
    """Within, a signal raises `Signalled` in the main thread, once. One that is ignored already (`nohup`) stays so."""
    raised = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal raised
        if not raised:
            raised = True
            raise Signalled(number)

    with _handled(handle):
        yield


@contextlib.contextmanager
def _handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


class Interrupts:
    """While open, signals are those of one run: before `run` they end it, then they go to a `Cancellation`, and the display hears
    of them; after it they do nothing, so that what was done can be noted down."""

    def __init__(self, cancellation: Cancellation, emit: Emit, *, preview: bool) -> None:
        self._cancellation = cancellation
        self._emit = emit
        self._preview = preview
        self._count = 0
        self._running = self._over = False
        self._handlers = contextlib.ExitStack()

    def __enter__(self) -> Interrupts:
        self._handlers.enter_context(_handled(self._handle))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._handlers.close()

    def run(self, work: Callable[[], Result], abandon: Callable[[], None]) -> Result:
        """Runs `work` in a thread of its own, so that signals are handled whatever it waits for.

        `abandon` is called when it is to leave at once, to end what it waits for.
        """
        self._running = True
        try:
            with futures.ThreadPoolExecutor(1, "engine") as pool:
                future = pool.submit(work)
                while not future.done() and not self._cancellation.terminate.is_set():
                    futures.wait([future], 0.2)
                if not future.done():
                    abandon()
                return future.result()
        finally:
            self._over = True

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._over:
            return
        self._count += 1
        if not self._running:
            if self._count == 1:
                raise Signalled(number)
            return
        # A handler runs between two steps of the main thread, which holds no lock here; the display has its own.
        # It counts signals: when the second arrives, the first may have been announced and not yet acted on.
        threading.Thread(target=self._react, args=(number, self._count == 1), name="interrupt", daemon=True).start()

    def _react(self, number: int, first: bool) -> None:
        name = Signalled(number).name
        if first:
            again = "press ^C again" if number == signal.SIGINT else f"send {name} again"
            message = f"{name} received; cancelling. If you would like to terminate immediately, {again}.\n"
            if not self._preview:
                message += "Note that terminating immediately may lead to orphaned resources and other inconsistencies.\n"
            self._emit({"stdoutEvent": {"message": message, "color": "always"}})
            self._cancellation.stop.set()
        else:
            self._cancellation.stop.wait()
            self._emit({"stdoutEvent": {"message": f"{name} received; terminating", "color": "always"}})
            self._cancellation.terminate.set()
