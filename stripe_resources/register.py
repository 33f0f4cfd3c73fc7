"""What kinds of resources there are, and what each one is, for code that works on all of them: documentation, export, tests.

Importing this imports all kinds, which enter themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ._core.behaviour import Behaviour
from ._core.register import KINDS as _KINDS
from ._core.register import Kind
from ._core.values.lifecycle import Step
from ._core.values.schema import (
    AnyOf,
    Boolean,
    DecimalText,
    Enum,
    Field,
    Integer,
    ListOf,
    MapOf,
    Number,
    Object,
    Role,
    Schema,
    Text,
    Type,
    Unset,
)

__all__ = [
    "KINDS",
    "AnyOf",
    "Behaviour",
    "Boolean",
    "DecimalText",
    "Enum",
    "Field",
    "Integer",
    "Kind",
    "ListOf",
    "MapOf",
    "Number",
    "Object",
    "Role",
    "Schema",
    "Step",
    "Text",
    "Type",
    "Unset",
    "replaced_without",
]

KINDS: Mapping[str, Kind] = MappingProxyType(dict(sorted(_KINDS.items())))
"""By token, such as "stripe:Price"."""


def replaced_without(kind: Kind, field: str) -> bool:
    """Whether an object is replaced when this map, one of its fields, loses a key."""
    olds: dict[str, dict[str, object]] = {field: {"key": {}}}
    return bool(kind.behaviour.changes(olds, {}).replaces)
