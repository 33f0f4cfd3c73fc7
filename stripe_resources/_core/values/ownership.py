"""Who an object at Stripe belongs to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OWNER = "__owner"
"""An internal input: project/stack/Kind/name of the resource. Keys that begin with two underscores are shown to nobody."""

FORMER = "__former"
"""An internal input: what the owner was before, as the aliases of the resource say; absent where there are none."""

TAG = "pulumi_resource"
"""The metadata key under which the owner is written at Stripe."""


def owner(project: str, stack: str, path: str, name: str) -> str:
    """Who an object belongs to: project/stack/Kind/name. In `path` a parent's type comes before the kind, as in a URN."""
    return f"{project}/{stack}/{path}/{name}"


def owner_of(values: Mapping[str, Any]) -> str:
    """The owner recorded in inputs or outputs, or "" where there is none."""
    owner = values.get(OWNER, "")
    return owner if isinstance(owner, str) else ""


def owners_of(values: Mapping[str, Any]) -> list[str]:
    """The owner recorded in inputs, and what it was before; [] where there is none."""
    former, owner = values.get(FORMER), owner_of(values)
    return [owner, *(former if isinstance(former, (list, tuple)) else ())] if owner else []


def name_of(owner: str) -> str:
    """The name of the resource."""
    return owner.rpartition("/")[2]


def title(kind: str, values: Mapping[str, Any]) -> str:
    """What the resource with these inputs or outputs is called in messages."""
    return f'{kind} "{name_of(owner_of(values))}"'


def stack_of(owner: str) -> str:
    """What the owners of all resources of one stack begin with: project/stack/."""
    return "/".join(owner.split("/")[:2]) + "/"


def tag_of(live: Mapping[str, Any]) -> str:
    """The resource that an object at Stripe says it is; "" for an object that is nobody's."""
    metadata = live.get("metadata")
    return str(metadata.get(TAG) or "") if isinstance(metadata, Mapping) else ""
