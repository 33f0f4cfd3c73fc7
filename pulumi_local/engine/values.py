"""Property values: what resources have as inputs and outputs.

A value is None, a bool, a float, a str, a list, a dict with str keys, a `Secret`, `UNKNOWN`, or a `ResourceReference`. Numbers
are floats, as everywhere in Pulumi's protocol. Assets and archives are refused by name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from pulumi_local.interfaces import MASK


class Unknown:
    """A value that a preview cannot know; there is one, `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that is encrypted in state and masked in events."""

    element: Value


@dataclass(frozen=True)
class ResourceReference:
    """A resource as a value. `id` is None for a component, UNKNOWN where a preview cannot know it."""

    urn: str
    id: str | Unknown | None = None
    package_version: str = ""


Value: TypeAlias = bool | float | str | list["Value"] | dict[str, "Value"] | Secret | Unknown | ResourceReference | None
PropertyMap: TypeAlias = dict[str, Value]


def contains_unknowns(value: Value) -> bool:
    """Whether anything in it, at any depth, is unknown."""
    if isinstance(value, Unknown):
        return True
    if isinstance(value, list):
        return any(map(contains_unknowns, value))
    if isinstance(value, dict):
        return any(map(contains_unknowns, value.values()))
    if isinstance(value, Secret):
        return contains_unknowns(value.element)
    return isinstance(value, ResourceReference) and isinstance(value.id, Unknown)


def contains_secrets(value: Value) -> bool:
    """Whether anything in it, at any depth, is secret."""
    if isinstance(value, Secret):
        return True
    if isinstance(value, list):
        return any(map(contains_secrets, value))
    return isinstance(value, dict) and any(map(contains_secrets, value.values()))


def plain(value: Value) -> Value:
    """A copy without secret marks."""
    if isinstance(value, Secret):
        return plain(value.element)
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value


def plain_map(properties: Mapping[str, Value]) -> PropertyMap:
    """A copy of a property map without secret marks."""
    return {k: plain(v) for k, v in properties.items()}


def copy(value: Value) -> Value:
    """A copy that shares no list and no dict with the original."""
    if isinstance(value, list):
        return [copy(v) for v in value]
    if isinstance(value, dict):
        return {k: copy(v) for k, v in value.items()}
    if isinstance(value, Secret):
        return Secret(copy(value.element))
    return value


def copy_map(properties: Mapping[str, Value]) -> PropertyMap:
    """A copy of a property map that shares no list and no dict with the original."""
    return {k: copy(v) for k, v in properties.items()}


def equal(a: Value, b: Value) -> bool:
    """Deep equality. A secret equals only a secret; a key that holds None equals an absent one; true is not 1."""
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, dict):
        return isinstance(b, dict) and equal_maps(a, b)
    if isinstance(a, Secret):
        return isinstance(b, Secret) and equal(a.element, b.element)
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return a == b


def equal_maps(a: Mapping[str, Value], b: Mapping[str, Value]) -> bool:
    """Deep equality of property maps."""
    return all(equal(v, b.get(k)) for k, v in a.items()) and all(k in a or v is None for k, v in b.items())


def annotate_secrets(outputs: PropertyMap | None, inputs: Mapping[str, Value] | None) -> None:
    """Marks what came back from a provider under a name that was secret on the way there.

    The provider host is sent plain values, so the engine has to remember. Maps are compared key by key; any other value that held
    a secret becomes one as a whole. Changes `outputs`.
    """
    if outputs is None or inputs is None:
        return
    for key, sent in inputs.items():
        if key not in outputs:
            continue
        came = outputs[key]
        if isinstance(came, dict) and isinstance(sent, dict):
            annotate_secrets(came, sent)
        elif not isinstance(came, Secret) and contains_secrets(sent):
            outputs[key] = Secret(came)


def describe(value: Value) -> str:
    """A value as diagnostics about failed checks print it; secrets are masked."""
    if isinstance(value, Unknown):
        return "output<string>{}"
    return "{" + _inner(value) + "}"


def _inner(value: Value) -> str:
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return number(value)
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "[" + " ".join(describe(v) for v in value) + "]"
    if isinstance(value, dict):
        return "map[" + " ".join(f"{k}:{describe(v)}" for k, v in sorted(value.items())) + "]"
    if isinstance(value, Secret):
        return MASK
    return value.urn if isinstance(value, ResourceReference) else ""


def number(value: float) -> str:
    """A number with the fewest digits that tell it from its neighbours; whole ones without a point."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{value:+}".replace("inf", "Inf")
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    return repr(float(value)).replace("e+0", "e+").replace("e-0", "e-")
