"""JSON text with exact numbers: a Decimal is written digit by digit, never through a float. And JSON from outside, checked."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any, NoReturn

import orjson

from stripe_local.store.objects import wide

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
    try:
        return orjson.dumps(value, _exact, orjson.OPT_INDENT_2)
    except orjson.JSONEncodeError:
        return orjson.dumps(wide(value), _exact, orjson.OPT_INDENT_2)


def _exact(value: Any) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(plain(value))
    raise TypeError(f"{type(value).__name__} is not JSON")


def plain(value: Decimal) -> str:
    """The decimal in fixed point without trailing zeros: 0.0015, 120, -3."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
