"""Property values as events carry them: JSON, with secrets masked and wrapped, and unknowns as a certain string."""

from __future__ import annotations

from typing import Any

from pulumi_local.interfaces import MASK, SECRET_SIGNATURE_KEY, UNKNOWN, Json, is_secret

Path = tuple[str | int, ...]


MISSING: Any = object()
"""There is no value."""


def is_unknown(value: Json) -> bool:
    """A value that is not known in a preview."""
    return bool(value == UNKNOWN)


def is_object(value: Json) -> bool:
    """A map of properties (a secret is not one)."""
    return isinstance(value, dict) and SECRET_SIGNATURE_KEY not in value


def is_primitive(value: Json) -> bool:
    """Printed in one piece: nothing, texts, numbers, booleans, unknowns, secrets."""
    return not isinstance(value, list) and not is_object(value)


def is_internal(key: str) -> bool:
    """Keys that people do not see, such as `__provider`."""
    return key.startswith("__")


def has_value(value: Json) -> bool:
    """Neither missing nor null."""
    return value is not None and value is not MISSING


def equal(a: Json, b: Json) -> bool:
    """Deep equality; a null property is as good as none, and true is not 1."""
    if isinstance(a, bool) != isinstance(b, bool):
        return False
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return all(equal(a.get(k), b.get(k)) for k in {*a, *b})
    return bool(a == b)


def blinded(value: Json) -> Json:
    """A copy in which secrets are the text "[secret]"."""
    if is_secret(value):
        return MASK
    if isinstance(value, dict):
        return {k: blinded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [blinded(v) for v in value]
    return value
