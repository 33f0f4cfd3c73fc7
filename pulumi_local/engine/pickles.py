"""Which pickled providers of a state are handed to a provider host, which unpickles them: code that runs.

A dynamic provider of any package may be anything, and so may its pickle: whoever writes the state decides what runs. Resources of
this project need one call only, so for them nothing else is let through. It is read from the opcodes; nothing is unpickled.
"""

from __future__ import annotations

import base64
import pickletools
from collections.abc import Iterable
from typing import Any, Protocol

from pulumi_local.engine.values import PropertyMap, Secret, Value
from pulumi_local.errors import EngineError

PREFIX = "pulumi-python:dynamic/"
OURS = f"{PREFIX}stripe:"
MODULE, FUNCTION = "stripe_resources.provider", "load"
PROVIDER = "__provider"
_PROTOCOLS = (4, 5)
"""That of Python before 3.14, and from it on: a state moves between them."""
_SILENT = ("FRAME", "MEMOIZE")


class Resource(Protocol):
    """What is looked at of a resource."""

    urn: str
    type: str
    inputs: PropertyMap
    outputs: PropertyMap | None


def require_known(resources: Iterable[Resource]) -> None:
    """Raises EngineError for resources of ours whose provider is not the known call, all of them together."""
    refused = [
        f"{r.urn}: `{PROVIDER}` of its {which} is not the call {MODULE}.{FUNCTION}({_token(r)!r})"
        for r in resources
        if r.type.startswith(OURS)
        for which, properties in (("inputs", r.inputs), ("outputs", r.outputs or {}))
        if PROVIDER in properties and not is_call(properties[PROVIDER], _token(r))
    ]
    if refused:
        raise EngineError(
            "\n  * ".join(["there are providers that are not run, because they could be any code:", *refused])
            + "\nBring back a state of before that (`.pulumi/backups`), or forget the resource with `state remove`"
        )


def _token(resource: Resource) -> str:
    return resource.type.removeprefix(PREFIX)


def is_call(pickled: Value, token: str) -> bool:
    """Whether a base64 text is the pickle of `load(token)`, and nothing more. The host decodes it in the same way."""
    text = pickled.element if isinstance(pickled, Secret) else pickled
    if not isinstance(text, str):
        return False
    try:
        data = base64.b64decode(text)
        operations = [(op.name, argument, at) for op, argument, at in pickletools.genops(data)]
    except ValueError:
        return False
    said: list[tuple[str, Any]] = [(name, argument) for name, argument, _ in operations if name not in _SILENT]
    call = [
        ("SHORT_BINUNICODE", MODULE),
        ("SHORT_BINUNICODE", FUNCTION),
        ("STACK_GLOBAL", None),
        ("SHORT_BINUNICODE", token),
        ("TUPLE1", None),
        ("REDUCE", None),
        ("STOP", None),
    ]
    return said in [[("PROTO", protocol), *call] for protocol in _PROTOCOLS] and operations[-1][2] == len(data) - 1
