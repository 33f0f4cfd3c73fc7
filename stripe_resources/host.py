"""The process that providers run in: the SDK's provider host, `python -m pulumi.dynamic`.

It serves four calls at a time, a number that nothing configures. With an answer of Stripe's taking a third of a second that is a
dozen requests a second, whatever `--parallel` says. See docs/decisions/0007-throughput.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from types import FrameType

from pulumi.runtime.proto import provider_pb2

THREADS = 64
"""Calls at a time. At 100 requests a second, Stripe's limit in live mode, it takes this many where answers take 0.6 s."""


def is_provider_host() -> bool:
    """Whether this is the provider host's process, and not the program's own."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    return spec is not None and spec.name == "pulumi.dynamic.__main__"


def widen(threads: int = THREADS) -> bool:
    """Has the host serve more calls at a time, if this is a call that it serves; whether it does now.

    The host's thread pool is in no variable that can be got at, but a thread of it is running this very call. It starts threads
    when calls come in, up to a number that it looks up each time. Where anything is not as expected the four threads stay.
    """
    pool = _pool_that_runs(sys._getframe())
    most, waiting = getattr(pool, "_max_workers", None), getattr(pool, "_work_queue", None)
    if not isinstance(pool, ThreadPoolExecutor) or not isinstance(most, int) or not isinstance(waiting, SimpleQueue):
        return False
    pool._max_workers = max(most, threads)
    for _ in range(waiting.qsize()):
        pool.submit(int)  # does nothing, but starts a thread: for a call that came before and got none
    return True


def ignored() -> list[str]:
    """The paths of `ignore_changes` in the request that this call serves, a diff or an update; [] elsewhere.

    The host hands none of them to a provider, and the inputs lack those that a transform adds: the engine calls it afterwards.
    """
    for frame in _outwards(sys._getframe()):
        request = frame.f_locals.get("request")
        if isinstance(request, (provider_pb2.DiffRequest, provider_pb2.UpdateRequest)):
            return list(request.ignoreChanges)
    return []


def _pool_that_runs(frame: FrameType | None) -> object:
    """The pool of whose worker function one of these frames is; None if there is none."""
    for each in _outwards(frame):
        if each.f_globals.get("__name__") == "concurrent.futures.thread" and each.f_code.co_name == "_worker":
            reference = each.f_locals.get("executor_reference")
            return reference() if callable(reference) else None
    return None


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    """The frame, and those that it was called from."""
    while frame is not None:
        yield frame
        frame = frame.f_back
