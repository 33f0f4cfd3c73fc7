"""One save for many threads: each waits until what it reported is on disk, and saves that are asked for together are one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from pulumi_local.errors import EngineError


class GroupCommit:
    """Saves on behalf of all threads that are waiting.

    The thread that is about to save waits for those that are in a provider's call, no longer than the last save took: so there
    are fewer saves, and nobody waits more than twice as long. When nobody is in a call, it saves at once.
    """

    def __init__(self, prepare: Callable[[], Callable[[], None]], busy: Callable[[], bool]) -> None:
        """`prepare` returns a function that saves all that was reported so far, which is called without the lock.

        `busy` tells whether anybody is in a call. Both are called under `lock`.
        """
        self.lock = threading.RLock()
        """Guards all that `prepare` and `busy` look at."""
        self._prepare, self._busy = prepare, busy
        self._done = threading.Condition(self.lock)
        self._company = threading.Condition(self.lock)
        self._asked = self._saved = 0
        self._took = 0.0
        self._saving = False
        self._closed = False
        self._broken: EngineError | None = None

    @property
    def any(self) -> bool:
        """Whether anything has been saved."""
        return self._saved > 0

    @property
    def over(self) -> bool:
        """Whether nothing can be saved any more."""
        return self._closed or self._broken is not None

    def commit(self) -> None:
        """Returns when all that was reported so far is saved. Raises EngineError, from then on, if that fails once."""
        with self.lock:
            if self._closed:
                return
            self._asked += 1
            mine = self._asked
            if not self._busy():
                self._company.notify()
            while self._saving and self._saved < mine and self._broken is None:
                self._done.wait()
            if self._broken is not None:
                raise self._broken
            if self._saved >= mine or self._closed:
                return
            self._saving = True
            self._gather()
            covered = self._asked
            save = None if self._closed else self._prepare()
        try:
            if save is not None:
                started = time.monotonic()
                save()
                self._took = time.monotonic() - started
        except (OSError, EngineError) as e:
            self._broken = EngineError(f"the state could not be saved: {e}")
            raise self._broken from e
        finally:
            with self.lock:
                self._saving = False
                self._saved = covered if self._broken is None else self._saved
                self._done.notify_all()

    def _gather(self) -> None:
        """Waits until all that are in a call have come back, or for as long as the last save took."""
        deadline = time.monotonic() + self._took
        while self._busy() and not self._closed and (left := deadline - time.monotonic()) > 0:
            self._company.wait(left)

    def stop(self) -> None:
        """From now on nothing is saved."""
        with self.lock:
            self._closed = True
            self._done.notify_all()
            self._company.notify()
