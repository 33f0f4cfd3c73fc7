"""Who an object at Stripe belongs to. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

Live = Mapping[str, Any]
"""An object as Stripe has it."""

OWNER = "__owner"
"""An internal input: project/stack/Kind/name of the resource. Keys that begin with two underscores are shown to nobody."""

FORMER = "__former"
"""An internal input: what the owner was before, as the aliases of the resource say; absent where there are none."""

PARENTS = "__parents"
"""An internal input: the types of all parents, as in a URN, of a resource whose owner names none; else absent."""

SHARED = "__shared"
"""An internal input: the owner in its old form, where another resource of the program has the same; else absent."""

LINEAGE = "__lineage"
"""An internal output: the mark of an object that entered the state by being found again; absent for all others."""

TAG = "pulumi_resource"
"""The metadata key under which the owner is written at Stripe."""

MARK = "pulumi_lineage"
"""The metadata key under which the lineage is written at Stripe. An object without it is in whichever state has it."""

UNMARKED = "0"
"""The mark of an object that was handed over to a state which has it without one."""


_PARTS = re.compile(r"[^/]+/[^/]+/(?P<path>(?:.*?\$)??[A-Za-z]+)/(?P<name>.*)", re.DOTALL)


def owner(project: str, stack: str, path: str, name: str) -> str:
    """Who an object belongs to: project/stack/Kind/name. In `path` the types of all parents come before the kind, as in a URN."""
    return f"{project}/{stack}/{path}/{name}"


def old_form(owner: str) -> str:
    """The owner as it was written once, with the type of the last parent alone; the same where there are no others."""
    path, name = parts_of(owner)
    short = "$".join(path.split("$")[-2:])
    return f"{stack_of(owner)}{short}/{name}" if path else owner


def same(recorded: str, owner: str) -> bool:
    """Whether an owner that is recorded is this one, in one form or the other."""
    return recorded in (owner, old_form(owner))


def shared(values: Mapping[str, Any]) -> str:
    """See `SHARED`; "" where it is absent."""
    return str(values.get(SHARED) or "")


def owner_of(values: Mapping[str, Any]) -> str:
    """The owner recorded in inputs or outputs, or "" where there is none."""
    owner = values.get(OWNER, "")
    return owner if isinstance(owner, str) else ""


def owners_of(values: Mapping[str, Any]) -> list[str]:
    """The owner recorded in inputs, and what it was before; [] where there is none."""
    former, owner = values.get(FORMER), owner_of(values)
    return [owner, *(former if isinstance(former, (list, tuple)) else ())] if owner else []


def vague(owners: Sequence[str]) -> set[str]:
    """Those of a resource's names that are the old form of another one: they may be the names of other resources as well."""
    return {old for each in owners if (old := old_form(each)) != each}


def parts_of(owner: str) -> tuple[str, str]:
    """The path and the name of the resource, see `owner`. The type of a parent can have a slash in it, as a name can."""
    found = _PARTS.fullmatch(owner)
    return (found["path"], found["name"]) if found else ("", owner)


def name_of(owner: str) -> str:
    """The name of the resource."""
    return parts_of(owner)[1]


def title(kind: str, values: Mapping[str, Any]) -> str:
    """What the resource with these inputs or outputs is called in messages."""
    return f'{kind} "{name_of(owner_of(values))}"'


def declared_twice(kind: str, owner: str) -> str:
    """Why two resources of a program cannot have one owner."""
    return (
        f'{kind} "{name_of(owner)}" is declared twice, under different parents; at Stripe the two would be taken for one. '
        "Give one of them another name"
    )


def alias_of(former: str, owner: str) -> str:
    """The option of a resource that says what its owner was before."""
    (path, name), (new_path, new_name) = map(parts_of, (former, owner))
    said = [f'name="{name}"'] if name != new_name else []
    if path != new_path:
        said.append(f"parent=<the {path.rpartition('$')[0]} it was in>" if "$" in path else "parent=pulumi.ROOT_STACK_RESOURCE")
    return f"aliases=[pulumi.Alias({', '.join(said)})]"


def stack_of(owner: str) -> str:
    """What the owners of all resources of one stack begin with: project/stack/."""
    return "/".join(owner.split("/")[:2]) + "/"


def lineage_of(values: Mapping[str, Any]) -> str:
    """The mark recorded in outputs, or "" where there is none."""
    return str(values.get(LINEAGE) or "")


def marked_otherwise(live: Mapping[str, Any], lineage: str) -> bool:
    """Whether an object at Stripe is in another state than one that has it with this lineage."""
    mark = mark_of(live)
    return bool(mark) and mark != (lineage or UNMARKED)


def mark_of(live: Mapping[str, Any]) -> str:
    """The mark of an object at Stripe; "" for one without."""
    return _written(live, MARK)


def marks_of(values: Mapping[str, Any]) -> dict[str, str]:
    """What the metadata of an object with these inputs says of whose it is."""
    return {TAG: owner_of(values), **({MARK: lineage_of(values)} if lineage_of(values) else {})}


def own(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata without what this package wrote."""
    return {k: v for k, v in metadata.items() if k not in (TAG, MARK)}


def tag_of(live: Mapping[str, Any]) -> str:
    """The resource that an object at Stripe says it is; "" for an object that is nobody's."""
    return _written(live, TAG)


def _written(live: Mapping[str, Any], key: str) -> str:
    metadata = live.get("metadata")
    return str(metadata.get(key) or "") if isinstance(metadata, Mapping) else ""
