"""Differences between texts: by characters, by lines, or by what JSON or YAML in them says."""

from __future__ import annotations

import difflib
import json
from typing import Any

from pulumi_local.project.config import yaml12


def quote(text: str) -> str:
    """A text in quotes, as Go's strconv.Quote writes it."""
    return f'"{escape(text)}"'


_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\", '"': '\\"'}


def escape(text: str) -> str:
    """The inside of a quoted text."""
    return "".join(_ESCAPES.get(c) or (c if c.isprintable() else _code(c)) for c in text)


def _code(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def decoded(text: str) -> tuple[Any, str] | None:
    """The list or map that a text holds as JSON (or, in several lines, as YAML), and which it is; else None."""
    stripped = text.strip()
    if stripped[:1] in ("{", "["):
        try:
            value = json.loads(stripped)
        except ValueError:
            value = None
        if isinstance(value, (list, dict)):
            return value, "json"
    if "\n" not in stripped and "\r" not in stripped:
        return None
    try:
        value = yaml12.load(stripped)
    except Exception:  # whatever a YAML reader may find wrong: then it is a plain text
        return None
    return (value, "yaml") if isinstance(value, (list, dict)) else None


def characters(old: str, new: str) -> list[tuple[str, str]]:
    """The quoted old text, an arrow, and the quoted new text, in pieces with the operation whose colour they have."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    left, right = [], []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            left.append(("same", escape(old[a:b])))
            right.append(("same", escape(new[c:d])))
            continue
        left.append(("delete", escape(old[a:b])))
        right.append(("create", escape(new[c:d])))
    pieces = [("update", '"'), *left, ("update", '"'), ("update", " => "), ("update", '"'), *right, ("update", '"')]
    return [(op, text) for op, text in pieces if text]


_CONTEXT = 2


def lines(old: str, new: str) -> list[tuple[str, str]]:
    """Lines that are new or deleted, with two unchanged lines around them; more unchanged lines become "..."."""
    a, b = old.split("\n"), new.split("\n")
    opcodes = difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    out: list[tuple[str, str]] = []
    for index, (tag, i, j, k, m) in enumerate(opcodes):
        if tag == "equal":
            out += [("same", line) for line in _around([x for x in a[i:j] if x.strip()], index == 0, index == len(opcodes) - 1)]
            continue
        out += [("delete", line) for line in a[i:j] if line.strip()]
        out += [("create", line) for line in b[k:m] if line.strip()]
    return out


def _around(same: list[str], first: bool, last: bool) -> list[str]:
    if first and len(same) > _CONTEXT + 1:
        return ["...", *same[-_CONTEXT:]]
    if last and not first and len(same) > _CONTEXT + 1:
        return [*same[:_CONTEXT], "..."]
    if not first and not last and len(same) > 2 * _CONTEXT + 1:
        return [*same[:_CONTEXT], "...", *same[-_CONTEXT:]]
    return same
