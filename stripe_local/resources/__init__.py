"""Stripe's resources: one file each, with its parameters, its rules and the shape of its object.

A file is found by being in one of the folders, which are those of Stripe's API reference: its `OPERATIONS` are served, and stored
objects are indexed by the fields in its `INDEXED`, by kind.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType

from stripe_local.store.database import Index
from stripe_local.wire.operation import Operation, by_specificity


def _files() -> list[ModuleType]:
    found = pkgutil.walk_packages(__path__, f"{__name__}.")
    return [import_module(name) for name in sorted(module.name for module in found)]


_FILES = _files()

OPERATIONS: list[Operation] = by_specificity(operation for file in _FILES for operation in getattr(file, "OPERATIONS", ()))
"""Every endpoint; where several paths fit a URL, the first one serves."""

INDEXED: dict[str, tuple[Index, ...]] = {kind: fields for file in _FILES for kind, fields in getattr(file, "INDEXED", {}).items()}
"""Fields of stored objects, by kind, that requests filter by or that must be unique."""
