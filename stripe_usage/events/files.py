"""Files of rows: lines, their encoding, NDJSON and CSV.

A row is a line. A CSV field with a line break in it is refused: otherwise one forgotten quote would swallow the rows that follow.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import PurePath
from typing import BinaryIO, NamedTuple, Protocol

from stripe_usage.errors import UsageError

from .event import Wrong
from .rows import Columns

LONGEST_LINE = 64 * 1024
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Line(NamedTuple):
    """A line of the file: its number from 1, its bytes without the line break, and the offset in the file at which it ends."""

    number: int
    data: bytes
    end: int
    whole: bool = True


def lines(stream: BinaryIO) -> Iterator[Line]:
    """The lines that are not blank; one that is too long is cut, and its `whole` is False."""
    number = end = 0
    while data := stream.readline(LONGEST_LINE + 2):
        number += 1
        end += len(data)
        whole = data.endswith(b"\n") or len(data) <= LONGEST_LINE
        rest = data
        while not rest.endswith(b"\n") and (rest := stream.readline(LONGEST_LINE)):
            end += len(rest)
        if number == 1 and data.startswith(_UTF_16):
            raise UsageError("the file is UTF-16; convert it to UTF-8, for instance with `iconv -f UTF-16 -t UTF-8`")
        if number == 1:
            data = data.removeprefix(_BOM)
        if data.strip():
            yield Line(number, data.rstrip(b"\r\n"), end, whole)


def text_of(line: Line) -> str:
    """The line as text. Raises `Wrong`."""
    if not line.whole:
        raise Wrong(f"the line is longer than {LONGEST_LINE} bytes; write one row on a line")
    try:
        return line.data.decode()
    except UnicodeDecodeError as e:
        raise Wrong(f"byte {e.start + 1} of the line is not UTF-8; convert the file to UTF-8") from None


def readable(line: Line) -> str:
    """The line for a report, whatever its encoding."""
    return line.data[:LONGEST_LINE].decode(errors="backslashreplace")


class Format(Protocol):
    """How a line becomes fields."""

    def fields(self, text: str) -> Mapping[str, object]:
        """The fields of a row. Raises `Wrong`."""


def _no_constant(word: str) -> object:
    raise ValueError(f"{word} is not a number")


def _no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for i, (key, _) in enumerate(pairs) if key in dict(pairs[:i]))
        raise ValueError(f'it has "{twice[:40]}" twice')
    return found


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_no_key_twice)


class Ndjson:
    """One JSON object per line."""

    def fields(self, text: str) -> Mapping[str, object]:
        """As `Format.fields`. Numbers stay exact: int or Decimal."""
        try:
            row = _DECODER.decode(text)
        except json.JSONDecodeError as e:
            raise Wrong(f"is not JSON: {e.msg} at character {e.colno}") from None
        except (ValueError, RecursionError) as e:  # an integer of thousands of digits; brackets nested too deep
            raise Wrong(f"is not JSON that makes sense: {str(e).partition(';')[0]}") from None
        if not isinstance(row, dict):
            raise Wrong('is not a JSON object; write {"customer": …, "value": …}')
        return row


class Csv:
    """Comma-separated values under a header."""

    def __init__(self, header: str, delimiter: str, columns: Columns, needed: Sequence[str]) -> None:
        self._delimiter = delimiter
        self._names = [name.strip() for name in self._split(header)]
        missing = [name for name in needed if name not in self._names]
        if missing:
            options = {columns.customer: "--customer-column", columns.value: "--value-column"}
            remedy = " and ".join(options[name] for name in missing)
            raise UsageError(
                f"the header has no {' and no '.join(missing)} (it has {', '.join(self._names)}); name it with {remedy}"
            )

    def fields(self, text: str) -> Mapping[str, object]:
        """As `Format.fields`; all fields are text."""
        values = self._split(text)
        if len(values) != len(self._names):
            raise Wrong(f"has {len(values)} fields where the header has {len(self._names)}")
        return dict(zip(self._names, map(str.strip, values), strict=True))

    def _split(self, text: str) -> list[str]:
        try:
            (values,) = csv.reader([text], delimiter=self._delimiter, strict=True)
        except (csv.Error, ValueError) as e:
            raise Wrong(f"is not CSV: {e}; a row and its quotes must end on its line") from None
        return values


def kind_of(name: str, first: bytes) -> str:
    """`csv` or `ndjson`, by the file's name, else by how it begins."""
    suffix = PurePath(name).suffix.lower()
    if suffix in (".csv", ".tsv"):
        return "csv"
    if suffix in (".ndjson", ".jsonl", ".json"):
        return "ndjson"
    return "ndjson" if first.lstrip().startswith((b"{", b"[")) else "csv"
