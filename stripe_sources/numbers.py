"""Numbers as they come out of a file. Pure.

A JSON number arrives as `int` or `Decimal`, everything of a CSV file as `str`; a float never.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from .errors import Wrong

MAX_DIGITS = 15
"""Stripe takes at most 15 digits. Zeros around the number are not counted, zeros before the point are."""

_LONGEST_SHOWN = 60
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")


def shown(raw: object) -> str:
    """A value in a message: short, and on one line."""
    text = raw if isinstance(raw, str) else str(raw)
    text = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
    return '"' + text.encode("unicode_escape").decode().replace('"', '\\"') + '"' if not text.isprintable() else f'"{text}"'


def number_of(raw: object) -> Decimal:
    """The number, however many digits it has. Raises `Wrong`."""
    if isinstance(raw, bool) or not isinstance(raw, (int, str, Decimal)):
        raise Wrong(f"{shown(raw)} is not a number; give one such as 25 or 0.5")
    text = str(raw).strip()
    if not _NUMBER.fullmatch(text):
        raise Wrong(f"{shown(raw)} is not a number; give digits with a point, such as 25 or 0.5")
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond what decimals have
        raise Wrong(f"{shown(raw)} is not a number that Stripe takes; give at most {MAX_DIGITS} digits") from None


def value_of(raw: object) -> str:
    """The decimal in fixed-point notation, such as `3000` or `-0.25`. Raises `Wrong`."""
    if type(raw) is int and abs(raw) < 10**MAX_DIGITS:
        return str(raw)  # as most are, in a tenth of the time
    number = number_of(raw)
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    significant = "".join(map(str, digits)).lstrip("0")
    if not significant:
        return "0"
    kept = significant.rstrip("0")
    exponent += len(significant) - len(kept)
    if len(kept) + max(exponent, 0) > MAX_DIGITS or -exponent > 2 * MAX_DIGITS:
        raise Wrong(
            f"{shown(raw)} has too many digits; Stripe takes at most {MAX_DIGITS}, so round it or split it into several events"
        )
    return format(Decimal((sign, tuple(map(int, kept)), exponent)), "f")
