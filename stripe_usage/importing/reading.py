"""From a file, or standard input, to rows and rejects, in order."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from stripe_usage.errors import UsageError
from stripe_usage.events.event import Reject, Row, Wrong
from stripe_usage.events.files import Csv, Format, Line, Ndjson, kind_of, lines, readable, text_of
from stripe_usage.events.rows import Rules, row_of


class Source:
    """A file of rows. `total` is its size in bytes, None where that cannot be known; `done` is how far it was read."""

    def __init__(self, name: str, stream: BinaryIO, total: int | None) -> None:
        self.name, self.total, self.done = name, total, 0
        self._stream = stream

    def rows(self, rules: Rules, now: int, kind: str | None = None, delimiter: str | None = None) -> Iterator[Row | Reject]:
        """The rows. `kind` is csv or ndjson, by default what the name or the beginning says.

        The delimiter of CSV is a comma, in .tsv a tab, by default.
        Raises `UsageError` where the file as a whole makes no sense.
        """
        found = lines(self._stream)
        format: Format | None = None
        for line in found:
            self.done = line.end
            if format is None:
                if (kind or kind_of(self.name, line.data)) == "csv":
                    format = self._csv(line, rules, delimiter)
                    continue
                format = Ndjson()
            try:
                text = text_of(line)
                fields = format.fields(text)
            except Wrong as e:
                yield Reject(line.number, (str(e),), readable(line))
            else:
                yield row_of(fields, rules, now, line.number, text)

    def _csv(self, line: Line, rules: Rules, delimiter: str | None) -> Csv:
        columns = rules.columns
        needed = [columns.customer, *([] if rules.counts else [columns.value])]
        try:
            return Csv(text_of(line), delimiter or ("\t" if self.name.lower().endswith(".tsv") else ","), columns, needed)
        except Wrong as e:
            raise UsageError(f"{self.name}, line {line.number}, the header: {e}") from None


@contextlib.contextmanager
def opened(name: str) -> Iterator[Source]:
    """The file of that name; - is standard input. Raises `UsageError`."""
    if name == "-":
        yield Source("standard input", sys.stdin.buffer, None)
        return
    try:
        with open(Path(name), "rb", buffering=1 << 20) as stream:
            status = os.fstat(stream.fileno())
            yield Source(name, stream, status.st_size if stat.S_ISREG(status.st_mode) else None)
    except OSError as e:
        if e.filename != name:
            raise
        raise UsageError(f"{name}: {e.strerror}") from None
