"""JSON text with exact numbers: a Decimal is written digit by digit, never through a float."""

from __future__ import annotations

import json
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any


def dumps(value: Any) -> bytes:
    """The value as indented JSON, as Stripe sends it."""
    return _text(value, "\n").encode()


def _text(value: Any, line: str) -> str:
    """The value as text; `line` begins a new line as deep as the value is. The standard encoder takes twice as long."""
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if isinstance(value, dict):
        if not value:
            return "{}"
        inner = f"{line}  "
        members = [f"{encode_basestring(name)}: {_text(member, inner)}" for name, member in value.items()]
        return f"{{{inner}{f',{inner}'.join(members)}{line}}}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
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
