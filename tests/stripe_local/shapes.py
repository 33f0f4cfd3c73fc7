"""Shapes of answers, held against the SDK's classes."""

from __future__ import annotations

from collections.abc import Set
from typing import Any


def fields(kind: Any) -> set[str]:
    """What the SDK's class declares."""
    return {name for name in kind.__annotations__ if not name.startswith("_") and name != "OBJECT_NAME"}


def plain(found: Any) -> dict[str, Any]:
    """An object of the SDK as JSON."""
    shown: dict[str, Any] = found.to_dict(for_json=True)
    return shown


def check(shown: dict[str, Any], kind: Any, omitted: Set[str] = frozenset()) -> None:
    """The object has the fields that the SDK's class declares, and no others; Stripe may leave out those `omitted`."""
    assert set(shown) - omitted == fields(kind) - omitted
