"""Prints property values and their differences, indented, as the CLI does."""

from __future__ import annotations

import dataclasses
import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_local.display import diffing, ops, textdiff, values
from pulumi_local.display.colors import RESET
from pulumi_local.display.diffing import Parts, ValueDiff
from pulumi_local.interfaces import MASK, Json, is_secret, unsigned_float

Title = Callable[["Printer"], None]
_LINES, _LINE_LENGTH = 3, 150


@dataclass(frozen=True)
class Printer:
    """Where and how to print: `op` gives colour and sign, `prefix` whether the sign is printed."""

    indent: int
    op: str = "same"
    prefix: bool = False
    planning: bool = False
    summary: bool = False
    truncate: bool = True
    out: io.StringIO = field(default_factory=io.StringIO)

    @property
    def text(self) -> str:
        """What was printed."""
        return self.out.getvalue()

    def _but(self, **changes: Any) -> Printer:
        return dataclasses.replace(self, **changes)

    def write(self, text: str) -> None:
        """Text in the colour of the operation."""
        self.out.write(f"{ops.color(self.op)}{text}{RESET}")

    def write_indented(self, text: str) -> None:
        """Text after the indentation, and the sign if it is printed."""
        margin = indentation(self.indent, self.op if self.prefix else None)
        self.write(margin + (self._truncated(text) if self.truncate else text))

    def _write_unsigned(self, text: str) -> None:
        self.write(indentation(self.indent, None) + text)

    # -- values

    def title(self, name: str, width: int) -> None:
        """`name   : `"""
        self.write_indented(f"{name:<{width}}: ")

    def object(self, properties: Mapping[str, Json]) -> None:
        """All properties, keys in order; internal ones are left out."""
        width = max((len(k) for k in properties), default=0)
        for key in sorted(properties):
            if not values.is_internal(key):
                self.property(key, properties[key], width)

    def property(self, key: str, value: Json, width: int) -> None:
        """One property on a line (or several)."""
        self.title(key, width)
        self.value(value)

    def value(self, value: Json) -> None:
        """A value and the end of its line."""
        self._inline(value)
        self.write("\n")

    def _inline(self, value: Json) -> None:
        if values.is_primitive(value):
            self.primitive(value)
        elif isinstance(value, list):
            self._list(value)
        elif not value:
            self.write("{}")
        else:
            self.write("{\n")
            self._but(indent=self.indent + 1).object(value)
            self._write_unsigned("}")

    def _list(self, value: list[Json]) -> None:
        if not value:
            self.write("[]")
            return
        self.write("[\n")
        for i, element in enumerate(value):
            self.write_indented(f"    [{i}]: ")
            self._but(indent=self.indent + 1).value(element)
        self._write_unsigned("]")

    def primitive(self, value: Json) -> None:
        """A value that is printed in one piece."""
        if value is None:
            self.write("<null>")
        elif is_secret(value):
            self.write(MASK)
        elif values.is_unknown(value):
            self.write("[unknown]")
        elif isinstance(value, bool):
            self.write("true" if value else "false")
        elif isinstance(value, (int, float)):
            self.write(number(value))
        elif (found := unsigned_float(value)) is not None:
            self.write("NaN" if math.isnan(found) else f"{found:+}".replace("inf", "Inf"))
        elif isinstance(value, str):
            self._string(value)
        else:
            self.write(json.dumps(value, sort_keys=True))

    def _string(self, value: str) -> None:
        decoded = textdiff.decoded(value)
        if decoded is not None:
            self.write(f"({decoded[1]}) ")
            self.value(decoded[0])
            return
        self.write(textdiff.quote(self._truncated(value) if self.truncate else value))

    def _truncated(self, text: str) -> str:
        lines = text.split("\n")
        cut = len(lines) > _LINES or any(len(line) > _LINE_LENGTH for line in lines[:_LINES])
        if not cut:
            return text
        kept = [f"{line[:_LINE_LENGTH]}..." if len(line) > _LINE_LENGTH else line for line in lines[:_LINES]]
        return "\n".join(kept) + ("\n..." if len(lines) > _LINES else "")

    # -- differences

    def object_diff(self, parts: Parts, include: Sequence[str] | None = None) -> None:
        """All differences of a map, keys in order; only those of `include`, if there is one."""
        keys = [k for k in parts.keys() if include is None or k in include]  # noqa: SIM118 - not a dict
        width = max((len(k) for k in keys), default=0)
        for key in keys:
            self.property_diff(key, width, parts)

    def property_diff(self, key: str, width: int, parts: Parts) -> None:
        """What became of one property."""
        self._part(key, parts, lambda p: p.title(key, width), self)

    def _part(self, key: Any, parts: Parts, title: Title, inner: Printer) -> None:
        if key in parts.adds:
            inner.whole("create", parts.adds[key], title)
        elif key in parts.deletes:
            inner.whole("delete", parts.deletes[key], title)
        elif key in parts.updates:
            inner.updated(parts.updates[key], title)
        elif not self.summary and (isinstance(key, int) or worth_printing(parts.sames.get(key))):
            inner.whole("same", parts.sames.get(key), title)

    def whole(self, op: str, value: Json, title: Title) -> None:
        """A value that is new ("create"), gone ("delete") or the same."""
        p = self._but(op=op, prefix=op != "same")
        title(p)
        p.value(value)

    def updated(self, difference: ValueDiff, title: Title) -> None:
        """A value that is different."""
        p = self._but(op="update", prefix=True)
        if difference.parts is not None:
            title(p)
            p.parts(difference)
            return
        shown_old, shown_new = worth_printing(difference.old), worth_printing(difference.new)
        if shown_old and shown_new and values.is_primitive(difference.old) and values.is_primitive(difference.new):
            title(p)
            p.replaced(difference.old, difference.new)
            return
        if shown_old:
            p.whole("delete", difference.old, title)
        if shown_new:
            p.whole("create", difference.new, title)

    def parts(self, difference: ValueDiff) -> None:
        """The differences inside a map or a list, between brackets."""
        assert difference.parts is not None
        if not difference.is_array:
            self.write("{\n")
            self._but(indent=self.indent + 1).object_diff(difference.parts)
            self._write_unsigned("}\n")
            return
        self.write("[\n")
        for i in range(max(difference.parts.keys(), default=-1) + 1):
            if i in {*difference.parts.adds, *difference.parts.deletes, *difference.parts.updates, *difference.parts.sames}:
                self._part(i, difference.parts, _index_title(i), self._but(indent=self.indent + 2))
        self._write_unsigned("]\n")

    def replaced(self, old: Json, new: Json) -> None:
        """`old => new`, and the end of the line."""
        if _is_text(old) and _is_text(new):
            self._texts(old, new)
            return
        self._but(op="delete").primitive(old)
        self.write(" => ")
        self._but(op="create").primitive(new)
        self.write("\n")

    def _texts(self, old: str, new: str) -> None:
        a, b = textdiff.decoded(old), textdiff.decoded(new)
        if a and b:
            if values.equal(a[0], b[0]):
                self._texts(textdiff.quote(old), textdiff.quote(new))
                return
            self.write(f"({a[1]}) " if a[1] == b[1] else f"({a[1]} => {b[1]}) ")
            difference = diffing.between(a[0], b[0])
            assert difference is not None
            self.updated(difference, lambda _: None)
            return
        if "\n" not in old and "\n" not in new:
            for op, text in textdiff.characters(old, new):
                self._but(op=op).write(text)
            self.write("\n")
            return
        inner = self._but(indent=self.indent + 1)
        inner.write("\n")
        for op, line in textdiff.lines(old, new):
            inner._but(op=op, prefix=op in ("create", "delete")).write_indented(line)
            self.out.write("\n")

    def hidden(self, paths: Sequence[str]) -> None:
        """Paths that differ, but are not shown."""
        for path in paths:
            self._but(op="update", prefix=True).write_indented(f"{path} (hidden)\n")


def _index_title(index: int) -> Title:
    return lambda p: p._but(indent=p.indent - 1).write_indented(f"[{index}]: ")


def _is_text(value: Json) -> bool:
    return isinstance(value, str) and not values.is_unknown(value)


def indentation(indent: int, op: str | None) -> str:
    """Four spaces per level; with an operation, its sign in the last two columns."""
    margin = "    " * indent
    return margin if op is None or not margin else margin[:-2] + ops.OPS[op].sign


def worth_printing(value: Json) -> bool:
    """Nulls, empty texts, lists and maps only clutter."""
    return value is not None and value not in ("", [], {})


def number(value: float) -> str:
    """A number: whole ones without exponent, others as Go's %g."""
    if isinstance(value, int) or value == math.trunc(value):
        return str(int(value))
    text = repr(value)
    mantissa, exponent_mark, exponent = text.partition("e")
    if not exponent_mark and abs(value) >= 1e-4:
        return text
    if not exponent_mark:
        mantissa, _, exponent = f"{value:.17e}".partition("e")
        mantissa = repr(value / 10 ** int(exponent)) if exponent else mantissa
    return f"{mantissa.removesuffix('.0')}e{exponent[0] if exponent[0] in '+-' else '+'}{exponent.lstrip('+-').zfill(2)}"
