"""What a preview would refuse, asked without an engine: for components, and for tests that run a program under mocks.

Nothing is sent and no setting is looked at. Values that are there later (outputs, awaitables) count as not known yet, as in a
preview: what can be said without them is said.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.output import Unknown as PulumiUnknown

from ._core.behaviour import checked
from ._core.register import KINDS
from ._core.values.check import normalize
from ._core.values.schema import UNKNOWN, Failure, Schema
from .declare import fields_of

__all__ = ["UNKNOWN", "Failure", "failures_of", "wrong_types"]


def failures_of(kind: str, args: Mapping[str, Any]) -> list[Failure]:
    """All that is wrong with the arguments of one resource: types, limits, Stripe's rules across fields.

    `kind` is the class's name, such as "Price". Raises KeyError for a kind that there is not.
    """
    return checked(KINDS[f"stripe:{kind}"].behaviour, _settled(args))[1]


def wrong_types(declaration: type, args: Mapping[str, Any]) -> list[Failure]:
    """All that is wrong by type or limit with the arguments that a TypedDict of `stripe_resources.declare`'s words declares."""
    return normalize(Schema("", "", fields_of(declaration)), _settled(args))[1]


def _settled(value: Any) -> Any:
    """The value with `UNKNOWN` wherever, at any depth, it is there later."""
    if isinstance(value, (pulumi.Output, PulumiUnknown)) or inspect.isawaitable(value):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {k: _settled(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_settled(v) for v in value]
    return value
