"""Finds the objects that have a natural key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stripe_client.client import Client
from stripe_client.errors import Refused

from .values.schema import VALUE, Schema


def find(client: Client, schema: Schema, value: Any) -> list[Mapping[str, Any]]:
    """The objects whose natural key has this value; [] for a kind that has none."""
    key = schema.key
    if key is None:
        return []
    if not key.lists:
        return _by_id(client, f"{schema.path}/{value}")
    found: list[Mapping[str, Any]] = []
    for params in key.lists:
        asked = {name: _filled(param, value) for name, param in params.items()}
        objects = (each for page in client.pages(schema.path, asked) for each in page)
        found += [each for each in objects if asked != params or each.get(key.field) == value]
    return found


def _filled(param: Any, value: Any) -> Any:
    if isinstance(param, list):
        return [_filled(each, value) for each in param]
    return value if param == VALUE else param


def _by_id(client: Client, path: str) -> list[Mapping[str, Any]]:
    try:
        return [client.get(path)]
    except Refused as e:
        if not e.missing:
            raise
        return []
