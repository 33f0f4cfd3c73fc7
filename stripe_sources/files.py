"""Files of rows: lines, their encoding, NDJSON and CSV.

Lines end at line feeds alone, not at what Unicode calls a line end. A row is a line. A CSV field with a line break in it is
refused: otherwise one forgotten quote would swallow the rows that follow.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import PurePath
from typing import BinaryIO, NamedTuple, Protocol

from .errors import Missing, Unreadable, Wrong

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
            raise Unreadable("the file is UTF-16; convert it to UTF-8, for instance with `iconv -f UTF-16 -t UTF-8`")
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

    def __init__(self, header: str, delimiter: str = ",") -> None:
        """Raises `Wrong` where the header is none, and `Unreadable` where it names a column twice."""
        self._delimiter = delimiter
        self.names = [name.strip() for name in self._split(header)]
        twice = [name for i, name in enumerate(self.names) if name and name in self.names[:i]]
        if twice:
            raise Unreadable(f'the header has "{twice[0]}" twice: which of them counts? Take one out')

    def fields(self, text: str) -> Mapping[str, object]:
        """As `Format.fields`; all fields are text."""
        values = self._split(text)
        if len(values) != len(self.names):
            raise Wrong(f"has {len(values)} fields where the header has {len(self.names)}")
        return dict(zip(self.names, map(str.strip, values), strict=True))

    def _split(self, text: str) -> list[str]:
        try:
            (values,) = csv.reader([text], delimiter=self._delimiter, strict=True)
        except (csv.Error, ValueError) as e:
            raise Wrong(f"is not CSV: {e}; a row and its quotes must end on its line") from None
        return values


class Record(NamedTuple):
    """A row as it was read: its fields, or what is `wrong` with it."""

    number: int
    end: int
    text: str
    fields: Mapping[str, object] = {}
    wrong: str = ""


def records(
    stream: BinaryIO, name: str, kind: str | None = None, delimiter: str | None = None, needed: Sequence[str] = ()
) -> Iterator[Record]:
    """The rows. `kind` is csv or ndjson, by default what the name or the beginning says; the delimiter of CSV is by default a
    comma, in .tsv a tab; `needed` are columns that its header must have.

    Raises `Unreadable` where the file as a whole makes no sense.
    """
    format: Format | None = None
    for line in lines(stream):
        if format is None:
            if (kind or kind_of(name, line.data)) == "csv":
                format = _csv(line, name, delimiter, needed)
                continue
            format = Ndjson()
        try:
            text = text_of(line)
            fields = format.fields(text)
        except Wrong as e:
            yield Record(line.number, line.end, readable(line), wrong=str(e))
        else:
            yield Record(line.number, line.end, text, fields)


def _csv(line: Line, name: str, delimiter: str | None, needed: Sequence[str]) -> Csv:
    try:
        found = Csv(text_of(line), delimiter or ("\t" if name.lower().endswith(".tsv") else ","))
    except (Wrong, Unreadable) as e:
        raise Unreadable(f"line {line.number}, the header: {e}") from None
    if missing := [column for column in needed if column not in found.names]:
        raise Missing(missing, found.names)
    return found


def delimiter_of(text: str) -> str:
    """What is between fields, as people type it: a character, or \\t for a tab. Raises `Wrong`."""
    character = "\t" if text == "\\t" else text
    if len(character) != 1 or character in '"\r\n':
        raise Wrong(f"{text!r} is not one character; give one such as ; or \\t for a tab")
    return character


def kind_of(name: str, first: bytes) -> str:
    """`csv` or `ndjson`, by the file's name, else by how it begins."""
    suffix = PurePath(name).suffix.lower()
    if suffix in (".csv", ".tsv"):
        return "csv"
    if suffix in (".ndjson", ".jsonl", ".json"):
        return "ndjson"
    return "ndjson" if first.lstrip().startswith((b"{", b"[")) else "csv"
