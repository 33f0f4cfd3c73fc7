"""JSON text with exact numbers: a Decimal is written digit by digit, never through a float."""

from __future__ import annotations

import json
import re
import secrets
from decimal import Decimal
from typing import Any

# Decimals pass through the encoder as marked strings; the mark cannot be guessed by who sends data.
_MARK = f"decimal-{secrets.token_hex(8)}:"
_MARKED = re.compile(rf'"{_MARK}(-?[0-9.]+)"')


def dumps(value: Any) -> bytes:
    """The value as indented JSON, as Stripe sends it."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=_marked)
    if _MARK in text:
        text = _MARKED.sub(r"\1", text)
    return text.encode()


def _marked(value: Any) -> str:
    if isinstance(value, Decimal):
        return _MARK + plain(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def plain(value: Decimal) -> str:
    """The decimal in fixed point without trailing zeros: 0.0015, 120, -3."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
