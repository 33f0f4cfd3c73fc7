"""JSON text with exact numbers: a Decimal is written digit by digit, never through a float. And JSON from outside, checked."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, NoReturn

# Stripe's own parameters are far less deep.
MAX_DEPTH = 32


def loads(body: bytes) -> Any:
    """The value of JSON that came from outside, at most 32 levels deep.

    Raises ValueError, also for what Python's reader takes though it is no JSON, or cannot be written again: other encodings than
    UTF-8, NaN, numbers beyond a float, halves of characters (lone surrogates).
    """
    text = body.decode()
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise ValueError("too deep") from None
    if _is_too_deep(value):
        raise ValueError("too deep")
    if "\\u" in text:
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _is_too_deep(value: Any) -> bool:
    level: list[Any] = [[value]]
    for _ in range(MAX_DEPTH + 1):
        holders = (outer.values() if isinstance(outer, dict) else outer for outer in level)
        level = [inner for holder in holders for inner in holder if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)


def dumps(value: Any) -> bytes:
    """The value as indented JSON, as Stripe sends it."""
    return _text(value, "\n").encode()


_PLAIN: dict[type, Callable[[Any], str]] = {
    str: encode_basestring,
    int: int.__repr__,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): {None: "null"}.__getitem__,
}


def _text(value: Any, line: str) -> str:
    """The value as text; `line` begins a new line as deep as the value is. The standard encoder takes three times as long."""
    write = _PLAIN.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, dict):
        if not value:
            return "{}"
        inner, members = f"{line}  ", []
        for name, member in value.items():
            write = _PLAIN.get(type(member))
            members.append(f"{encode_basestring(name)}: {_text(member, inner) if write is None else write(member)}")
        return f"{{{inner}{f',{inner}'.join(members)}{line}}}"
    if isinstance(value, list | tuple):
        if not value:
            return "[]"
        inner = f"{line}  "
        return f"[{inner}{f',{inner}'.join([_text(member, inner) for member in value])}{line}]"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, float):
        return json.dumps(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def plain(value: Decimal) -> str:
    """The decimal in fixed point without trailing zeros: 0.0015, 120, -3."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
