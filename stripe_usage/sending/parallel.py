"""Events to Stripe, side by side, and a book that is kept in step: one thread decides and writes, the others wait for Stripe."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from stripe_usage.errors import Interrupted
from stripe_usage.events.event import Event

from .deciding.schedule import Schedule
from .senders import Refusals, Sender

WINDOW = 10_000
"""The most events that wait in memory."""


class Book(Protocol):
    """Keeps what becomes of events. All calls come from one thread."""

    def sending(self, events: Sequence[Event]) -> None:
        """They are about to be sent: it must be on the disk when this returns."""

    def answered(self, events: Sequence[Event], refusals: Refusals) -> None:
        """Stripe has those of them that it does not refuse."""

    def failed(self, events: Sequence[Event], error: BaseException) -> None:
        """There is no answer that says whether Stripe has them, unless the error does."""


def send(chunks: Iterator[Sequence[Event]], sender: Sender, threads: int, book: Book, stopped: threading.Event) -> None:
    """Sends all, those of one customer in order; asks for the next chunk while requests are under way.

    Raises what ended it early, once all that was under way is in the book.
    """
    schedule, answers = Schedule(), queue.SimpleQueue[tuple[Sequence[Event], Refusals | BaseException]]()
    failure: BaseException | None = None
    under_way, more = 0, True

    def work(request: Sequence[Event]) -> None:
        try:
            answers.put((request, sender.send(request)))
        except BaseException as e:
            answers.put((request, e))

    def write_down() -> None:
        nonlocal failure, under_way
        request, answer = answers.get()
        under_way -= 1
        schedule.done(request)
        if isinstance(answer, BaseException):
            stopped.set()
            failure = failure or answer
            book.failed(request, answer)
        else:
            book.answered(request, answer)

    with ThreadPoolExecutor(threads, "sender") as pool:
        try:
            while True:
                if stopped.is_set():
                    failure = failure or Interrupted("interrupted")
                requests: list[list[Event]] = []
                while failure is None and under_way + len(requests) < threads and (taken := schedule.take(sender.most)):
                    requests.append(taken)
                if requests:
                    book.sending([event for request in requests for event in request])
                for request in requests:
                    under_way += 1
                    pool.submit(work, request)
                if failure is None and more and len(schedule) < WINDOW:
                    chunk = next(chunks, None)
                    more = chunk is not None
                    for event in chunk or ():
                        schedule.add(event)
                elif under_way:
                    write_down()
                else:
                    break
                while not answers.empty():
                    write_down()
        except BaseException:
            stopped.set()
            while under_way:
                write_down()
            raise
    if failure is not None:
        raise failure
