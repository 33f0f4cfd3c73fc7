"""What a preview would refuse, asked without an engine: for components, and for tests that run a program under mocks.

Nothing is sent and no setting is looked at. Values that are there later (outputs, awaitables) count as not known yet, as in a
preview: what can be said without them is said.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
from pulumi.output import Unknown as PulumiUnknown

from ._core.behaviour import checked
from ._core.register import KINDS
from ._core.secrecy import kept, told
from ._core.values.check import normalize
from ._core.values.schema import UNKNOWN, Failure, Schema
from .declare import fields_of

__all__ = ["UNKNOWN", "Failure", "failures_of", "misplaced_outputs", "wrong_types"]

_PRINTED = "Calling __str__ on an Output[T] is not supported"
"""What the SDK makes of an output in an f-string."""


def failures_of(kind: str, args: Mapping[str, Any]) -> list[Failure]:
    """All that is wrong with the arguments of one resource: types, limits, Stripe's rules across fields.

    `kind` is the class's name, such as "Price". Raises KeyError for a kind that there is not.
    """
    with kept(args):
        return told(checked(KINDS[f"stripe:{kind}"].behaviour, _settled(args))[1])


def wrong_types(declaration: type, args: Mapping[str, Any]) -> list[Failure]:
    """All that is wrong by type or limit with the arguments that a TypedDict of `stripe_resources.declare`'s words declares."""
    return normalize(Schema("", "", fields_of(declaration)), _settled(args))[1]


def misplaced_outputs(value: Any, path: str = "") -> Iterator[Failure]:
    """Outputs, at any depth, where only a plain value can stand: keys of maps, and texts that an f-string makes of them."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(key, pulumi.Output) or _printed(key):
                yield Failure(
                    path, "has an output for a key, which is known too late; give a plain text, and the output as its value"
                )
            else:
                at = f"{path}.{key}" if str(key).isidentifier() else f'{path}["{key}"]'
                yield from misplaced_outputs(item, at if path else str(key))
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from misplaced_outputs(item, f"{path}[{i}]")
    elif _printed(value):
        yield Failure(path, "has an output printed into a text, which does not have its value; give pulumi.Output.concat(...)")


def _printed(value: Any) -> bool:
    return isinstance(value, str) and _PRINTED in value


def _settled(value: Any) -> Any:
    """The value with `UNKNOWN` wherever, at any depth, it is there later."""
    if isinstance(value, (pulumi.Output, PulumiUnknown)) or inspect.isawaitable(value):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {k: _settled(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_settled(v) for v in value]
    return value
