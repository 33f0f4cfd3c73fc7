"""Values that a program marks as secret are in no message.

An engine hands them to providers in plain, so the program passes on where they are. What a message shows of one, be it our own or
Stripe's, is masked while the resource is at work that has it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import replace
from decimal import InvalidOperation
from typing import Any

from .values.check import LONGEST_SHOWN, canonical_decimal
from .values.schema import Failure

SECRETS = "__secrets"
"""An internal input: the places of all that is secret, each a list of names and indices; absent where nothing is."""

MASK = "[secret]"
_SHORT = 4
"""A text of fewer characters is masked as a word only: it can be a part of many."""

_kept: ContextVar[tuple[str, ...]] = ContextVar("kept", default=())


@contextmanager
def kept(values: Mapping[str, Any]) -> Iterator[None]:
    """Has `masked` mask what is secret in these inputs or outputs."""
    token = _kept.set(tuple(sorted(set(_secrets(values)), key=len, reverse=True)))
    try:
        yield
    finally:
        _kept.reset(token)


def masked(text: str) -> str:
    """The message without what is kept."""
    for secret in _kept.get():
        whole = re.escape(secret)
        cut = "|".join(re.escape(f"{secret[:end]}…") for end in range(min(len(secret), LONGEST_SHOWN), 0, -1))
        found = whole if len(secret) >= _SHORT else rf"(?<!\w){whole}(?!\w)"
        text = re.sub(cut, f"{MASK}…", re.sub(found, MASK, text))
    return text


def told(failures: Iterable[Failure]) -> list[Failure]:
    """The failures without what is kept."""
    return [replace(failure, reason=masked(failure.reason)) for failure in failures]


def _secrets(values: Mapping[str, Any]) -> Iterator[str]:
    for place in values.get(SECRETS) or ():
        found: Any = values
        for step in place:
            inside = isinstance(found, Mapping if isinstance(step, str) else (list, tuple))
            found = found[step] if inside and (step in found if isinstance(step, str) else step < len(found)) else None
        yield from _written(found)


def _written(value: Any) -> Iterator[str]:
    """All that a message may have of a value."""
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _written(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _written(each)
    elif isinstance(value, str):
        yield from filter(None, (value, repr(value)[1:-1], json.dumps(value)[1:-1], " ".join(value.split())))
        with suppress(InvalidOperation):
            yield canonical_decimal(value)
    elif isinstance(value, (bool, int, float)):
        yield repr(value)
