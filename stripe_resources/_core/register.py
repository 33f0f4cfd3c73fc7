"""The kinds of resources there are. Each enters itself when its class is made, see `stripe_resources.resource`."""

from __future__ import annotations

from typing import NamedTuple

from .behaviour import Behaviour
from .values.schema import Schema


class Kind(NamedTuple):
    """One kind of resource: its data, and where it differs from the rest."""

    schema: Schema
    behaviour: Behaviour


KINDS: dict[str, Kind] = {}
"""By token. Tokens are part of every stack's state: never rename or remove one."""


def enter(schema: Schema, behaviour: Behaviour) -> None:
    """Adds a kind. Raises TypeError for a token that another one has."""
    if schema.token in KINDS:
        raise TypeError(f"there is a kind {schema.token} already")
    KINDS[schema.token] = Kind(schema, behaviour)
