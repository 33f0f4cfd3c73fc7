"""An import: rows in, events out, side by side, and the checkpoint in step with both.

An event is in the checkpoint before it is sent, and its state is there before it is sent and after the answer, so the process may
die at any moment.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from stripe_usage.checkpoint import ACCEPTED, CANCELED, SENDING, Checkpoint, Corrected, Known
from stripe_usage.errors import Interrupted, UsageError
from stripe_usage.events.event import Event, Reject, Row
from stripe_usage.events.identifiers import RECOGNISED_SECONDS, Content, derived
from stripe_usage.sending.parallel import send
from stripe_usage.sending.senders import Refusals, Sender

from .customers import Customers
from .progress import Shown
from .reading import Source
from .rejects import Rejects

CHUNK = 500
"""How many rows are looked at, and written down, together."""

UNSURE = (
    "was under way to Stripe when an import ended, too long ago for Stripe to recognise it: it may have been counted; "
    "compare the customer's summary, then send it with --resend-unsure or leave it out"
)


CUT_OFF = (
    "its time has a fraction of a second, and a version that cut fractions off may have imported it; "
    "if not, send it with --never-imported"
)


@dataclass
class Tally:
    """What became of the rows."""

    rows: int = 0
    sent: int = 0
    before: int = 0
    """Counted by an earlier import, or twice in this one under one identifier."""
    corrected: Sequence[Corrected] = ()
    """Counted by an earlier import of the file, which says something else now."""


@dataclass(frozen=True)
class Options:
    """How to import. `now` is Stripe's clock at the beginning."""

    meter: str
    batch: str
    now: int
    threads: int
    resend_unsure: bool = False
    never_imported: bool = False


class Import:
    """One import of one source. Without a sender it is a dry run."""

    def __init__(
        self,
        options: Options,
        checkpoint: Checkpoint,
        sender: Sender | None,
        customers: Customers | None,
        rejects: Rejects,
        stopped: threading.Event,
    ) -> None:
        self.tally = Tally()
        self.reading = False
        """Whether it waits for input: the only place where an exception from a signal does no harm."""
        self._options, self._checkpoint, self._sender = options, checkpoint, sender
        self._customers, self._rejects, self._stopped = customers, rejects, stopped
        self._import, self._source = 0, ""
        self._show: Callable[[], None] = lambda: None
        self._ahead = time.time() - options.now

    def run(self, source: Source, rows: Iterator[Row | Reject], shown: Shown) -> None:
        """Imports to the end. Raises what ended it early; the checkpoint then has what was done."""
        self._source = source.path
        self._import = self._checkpoint.begin(source.path, self._options.batch, self._options.now)
        self._show = lambda: shown.update(self.tally.sent + self.tally.before + self._rejects.count, source.done)
        if self._sender is None:
            self.tally.sent = sum(map(len, self._chunks(rows)))
            return
        try:
            send(self._chunks(rows), self._sender, self._options.threads, self, self._stopped)
        finally:
            self._checkpoint.commit()
        self.tally.corrected = self._checkpoint.corrected(self._import)
        self._checkpoint.finish(self._import, self._now())
        self._checkpoint.commit()

    def _now(self) -> int:
        return int(time.time() - self._ahead)

    # -- reading

    def _chunks(self, rows: Iterator[Row | Reject]) -> Iterator[list[Event]]:
        """What is to be sent, once it is in the checkpoint. Raises `Interrupted`."""
        while chunk := self._read(rows):
            good = [row for row in chunk if isinstance(row, Row)]
            if self._customers is not None:
                self._customers.learn(row.customer for row in good)
            identifiers = [row.identifier or derived(self._content(row)) for row in good]
            self._checkpoint.look_up(identifiers)
            identifier, events = iter(identifiers), list[Event]()
            for row in chunk:
                self.tally.rows += 1
                if isinstance(row, Reject):
                    self._rejects.add(row)
                    continue
                named = next(identifier)
                if self._customers is not None and (problem := self._customers.problem(row.customer)):
                    self._reject(row, f"customer: {problem}")
                elif event := self._take_in(row, named):
                    events.append(event)
            self._show()
            if self._stopped.is_set():
                raise Interrupted("interrupted")
            yield events

    def _read(self, rows: Iterator[Row | Reject]) -> list[Row | Reject]:
        self.reading = True
        chunk = list(islice(rows, CHUNK))
        self.reading = False
        return chunk

    def _reject(self, row: Row, problem: str) -> None:
        self._rejects.add(Reject(row.line, (problem,), row.text))

    def _content(self, row: Row) -> Content:
        return Content(self._options.meter, self._options.batch, row.customer, row.value, row.timestamp, row.fraction)

    def _take_in(self, row: Row, identifier: str) -> Event | None:
        """The event that a row is, unless it was sent before or is rejected."""
        known = self._checkpoint.find(identifier)
        if row.identifier is None and (row.fraction or known is not None):
            content = self._content(row)
            if known is None:
                found = self._before_fractions(row, content)
                if isinstance(found, str):
                    self._reject(row, found)
                    return None
                content, identifier, known = found
            if known is not None:
                identifier, known = self._copy(row, content, identifier, known)
        elif known is not None and not same(row, known):
            where = f"line {known.line}" if known.import_ == self._import else "an earlier import"
            self._reject(row, f'identifier: "{identifier}" already names another event, from {where}; give this one its own')
            return None
        elif known is not None and known.import_ == self._import:
            self.tally.before += 1  # the same event once more
            return None
        elif known is not None:
            self._checkpoint.read_again(identifier, known, self._import, row.line, 1)
        timestamp = row.timestamp if row.timestamp is not None else known.timestamp if known is not None else self._now()
        if known is None:
            number = self._checkpoint.add(identifier, row.customer, row.value, timestamp, self._import, row.line)
        elif known.state in (ACCEPTED, CANCELED):
            self.tally.before += 1
            return None
        elif unsure(known, self._now()) and not self._options.resend_unsure:
            self._reject(row, UNSURE)
            return None
        else:
            number = known.number
        return Event(number, identifier, row.customer, row.value, timestamp, row)

    def _before_fractions(self, row: Row, content: Content) -> tuple[Content, str, Known | None] | str:
        """What a row with a fraction of a second is known by: as a version that cut it off called it, where that one imported it
        from this file; else by itself. Or why that is not certain."""
        points = self._checkpoint
        cut = content._replace(fraction="")
        known = points.find(derived(cut))
        if known is not None and known.number <= points.cut_off:
            source = points.source(known.import_)  # earlier versions kept names as they were given
            if self._source in (source, str(Path(source).resolve())):
                return cut, derived(cut), known
            if not self._options.never_imported:
                return CUT_OFF
        if row.timestamp is not None and row.timestamp < points.since and not self._options.never_imported:
            return CUT_OFF
        return content, derived(content), None

    def _copy(self, row: Row, content: Content, identifier: str, first: Known) -> tuple[str, Known | None]:
        """The identifier of a row that was read before, and what is known about it: the first of equal rows counts them."""
        copies = first.copies + 1 if first.import_ == self._import else 1
        self._checkpoint.read_again(identifier, first, self._import, row.line, copies)
        if copies == 1:
            return identifier, first
        identifier = derived(content, copies)
        known = self._checkpoint.find(identifier)
        if content.fraction != row.fraction and (known is None or known.number > self._checkpoint.cut_off):
            content = self._content(row)
            identifier = derived(content)
            known = self._checkpoint.find(identifier)
            if known is not None:
                return self._copy(row, content, identifier, known)
        if known is not None:
            self._checkpoint.read_again(identifier, known, self._import, row.line, known.copies)
        return identifier, known

    # -- the book

    def sending(self, events: Sequence[Event]) -> None:
        """As `parallel.Book.sending`."""
        self._checkpoint.sending((event.number for event in events), self._now())
        self._checkpoint.commit()

    def answered(self, events: Sequence[Event], refusals: Refusals) -> None:
        """As `parallel.Book.answered`."""
        self._checkpoint.accepted(event.number for event in events if event.number not in refusals)
        self.tally.sent += len(events) - len(refusals)
        for event in events:
            if event.number in refusals:
                self._checkpoint.refused(event.number, refusals[event.number])
                self._reject(event.row, f"Stripe refused it: {refusals[event.number]}")
        self._show()

    def failed(self, events: Sequence[Event], error: BaseException) -> None:
        """As `parallel.Book.failed`."""
        if isinstance(error, UsageError) and not error.sent:
            self._checkpoint.not_sent(event.number for event in events)


def same(row: Row, known: Known) -> bool:
    """Whether a row with an identifier of its own is the event already known by it."""
    when = row.timestamp is None or row.timestamp == known.timestamp
    return when and (row.customer, row.value) == (known.customer, known.value)


def unsure(known: Known, now: int) -> bool:
    """Whether the event was under way too long ago for Stripe to recognise it."""
    return known.state == SENDING and now - (known.sent_at or 0) > RECOGNISED_SECONDS
