"""Form-encoded bodies and query strings with nested and indexed names, as Stripe's clients send them.

`items[0][price]=a`, `items[][price]=a`, `expand[]=x`, `metadata[key]=v`, `metadata=` and percent-encoded brackets
are all understood. https://docs.stripe.com/api
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from .errors import invalid
from .jsontext import MAX_DEPTH

_BRACKETS = re.compile(r"\[([^\[\]]*)\]")


def decode(text: str) -> dict[str, Any]:
    """The nested parameters of a form body or query string.

    Values are strings, dicts or lists. What came with indexes stays a dict of them: only a declaration can tell the
    list `items[0]` from the hash `metadata[0]`. Raises StripeError when a name is both a value and a hash, UnicodeDecodeError
    when what is percent-encoded is not UTF-8.
    """
    root: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, errors="strict"):
        _put(root, _segments(name), value, name)
    result = _lists(root)
    assert isinstance(result, dict)
    return result


def _segments(name: str) -> list[str]:
    start = name.find("[")
    if start <= 0 or not name.endswith("]"):
        return [name]
    parts = _BRACKETS.findall(name[start:])
    if "".join(f"[{part}]" for part in parts) != name[start:]:
        return [name]
    if len(parts) > MAX_DEPTH:
        raise invalid(f"Invalid request: parameters may be nested {MAX_DEPTH} deep at most.", name[:start])
    return [name[:start], *parts]


class _Array(dict[str, Any]):
    """A list in the making: what was sent with `[]`."""


def _put(root: dict[str, Any], segments: list[str], value: str, name: str) -> None:
    here: dict[str, Any] = root
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        if segment == "" and isinstance(here, _Array):
            segment = _array_slot(here, segments[position + 1 :])
        if last:
            if isinstance(here.get(segment), dict):
                raise invalid(f"Invalid request: '{name}' was sent both as a value and as a hash.", name)
            here[segment] = value
            return
        following = here.get(segment)
        if following is None:
            following = _Array() if segments[position + 1] == "" else {}
            here[segment] = following
        elif not isinstance(following, dict):
            raise invalid(f"Invalid request: '{name}' was sent both as a value and as a hash.", name)
        here = following


def _array_slot(array: _Array, rest: list[str]) -> str:
    """Where the next `[]` goes: a new element, or the last one while it lacks the name that follows."""
    if not array:
        return "0"
    last = str(len(array) - 1)
    element: Any = array[last]
    for segment in rest:
        if segment == "" or not isinstance(element, dict):
            return last if segment == "" and isinstance(element, dict) else str(len(array))
        if segment not in element:
            return last
        element = element[segment]
    return str(len(array))


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if isinstance(value, _Array):
        return [_lists(element) for element in value.values()]
    return {key: _lists(element) for key, element in value.items()}
