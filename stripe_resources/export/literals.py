"""Values as Python source. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

WIDTH = 120
INDENT = "    "


class Reference:
    """The id of a resource that the program declares, in place of the id itself."""

    def __init__(self, variable: str) -> None:
        self.variable = variable


def expression(value: Any, before: int = 0, depth: int = 0) -> str:
    """The value as Python: on one line where that fits in `WIDTH`, else with one line for each part.

    `before` is the width of what stands before it on its line, without the indentation of `depth`.
    """
    if isinstance(value, Reference):
        return f"{value.variable}.id"
    if isinstance(value, str):
        return text(value)
    if not isinstance(value, (Mapping, list)):
        return repr(value)
    line = _on_one_line(value)
    if len(line) + before + depth * len(INDENT) < WIDTH or not value:
        return line
    inner = INDENT * (depth + 1)
    open_, close = "{}" if isinstance(value, Mapping) else "[]"
    return f"{open_}\n" + "".join(f"{inner}{part},\n" for part in _parts(value, depth + 1)) + f"{INDENT * depth}{close}"


def _parts(value: Mapping[str, Any] | list[Any], depth: int) -> Iterable[str]:
    if isinstance(value, Mapping):
        keys = {k: f"{text(k)}: " for k in value}
        return [keys[k] + expression(v, len(keys[k]), depth) for k, v in value.items()]
    return [expression(v, 0, depth) for v in value]


def _on_one_line(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{text(k)}: {_on_one_line(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_on_one_line, value)) + "]"
    return expression(value)


def text(value: str) -> str:
    """A string literal in double quotes. What does not print, such as a line's end or a change of direction, is escaped."""
    return '"' + "".join(map(_character, value)) + '"'


def _character(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else character.encode("unicode_escape").decode()
