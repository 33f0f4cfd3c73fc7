"""From a file, or standard input, to rows and rejects, in order."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from stripe_sources.errors import Missing, Unreadable
from stripe_sources.files import records
from stripe_usage.errors import UsageError
from stripe_usage.events.event import Reject, Row
from stripe_usage.events.rows import Rules, row_of


class Source:
    """A file of rows. `path` is what it is known by, or "standard input"; `total` is its size in bytes, None where that cannot
    be known; `done` is how far it was read."""

    def __init__(self, name: str, path: str, stream: BinaryIO, total: int | None) -> None:
        self.name, self.path, self.total, self.done = name, path, total, 0
        self._stream = stream

    def rows(self, rules: Rules, now: int, kind: str | None = None, delimiter: str | None = None) -> Iterator[Row | Reject]:
        """The rows. `kind` is csv or ndjson, by default what the name or the beginning says.

        The delimiter of CSV is a comma, in .tsv a tab, by default.
        Raises `UsageError` where the file as a whole makes no sense.
        """
        columns = rules.columns
        needed = [columns.customer, *([] if rules.counts else [columns.value])]
        try:
            for record in records(self._stream, self.name, kind, delimiter, needed):
                self.done = record.end
                if record.wrong:
                    yield Reject(record.number, (record.wrong,), record.text)
                else:
                    yield row_of(record.fields, rules, now, record.number, record.text)
        except Missing as e:
            options = {columns.customer: "--customer-column", columns.value: "--value-column"}
            raise UsageError(f"{self.name}: {e}; name it with {' and '.join(options[c] for c in e.columns)}") from None
        except Unreadable as e:
            raise UsageError(f"{self.name}: {e}") from None
        except OSError as e:
            raise UsageError(f"{self.name}: {e.strerror}") from None


@contextlib.contextmanager
def opened(name: str) -> Iterator[Source]:
    """The file of that name; - is standard input. Raises `UsageError`."""
    if name == "-":
        if sys.stdin is None:
            raise UsageError("standard input is closed; name a file")
        yield Source("standard input", "standard input", sys.stdin.buffer, None)
        return
    try:
        with open(Path(name), "rb", buffering=1 << 20) as stream:
            status = os.fstat(stream.fileno())
            yield Source(name, str(Path(name).resolve()), stream, status.st_size if stat.S_ISREG(status.st_mode) else None)
    except OSError as e:
        if e.filename != name:
            raise
        raise UsageError(f"{name}: {e.strerror}") from None
