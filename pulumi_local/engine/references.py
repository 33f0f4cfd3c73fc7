"""References between the resources of a deployment, corrected before it is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pulumi_local import urns
from pulumi_local.interfaces import Json, Rendered

_LISTS = ("dependencies", "replaceWith")
_SINGLE = ("deletedWith", "parent")


def drop_dangling(resources: Sequence[Rendered]) -> list[Rendered]:
    """Takes out references to resources that a refresh found gone."""
    out: list[Rendered] = []
    there: set[str] = set()
    for r in resources:
        out.append(r if there.issuperset(_all(r)) else Rendered(_without_dangling(r, there)))
        there.add(r["urn"])
    return out


def _all(r: Rendered) -> list[str]:
    found = [r[key] for key in _SINGLE if key in r]
    for key in _LISTS:
        found += r.get(key, ())
    for urns_of_one in r.get("propertyDependencies", {}).values():
        found += urns_of_one
    return found


def _without_dangling(r: Rendered, there: set[str]) -> dict[str, Json]:
    fixed = dict(r)
    for key in _LISTS:
        if key in r:
            fixed[key] = [d for d in r[key] if d in there]
    if "propertyDependencies" in r:
        kept = {k: [d for d in deps if d in there] for k, deps in r["propertyDependencies"].items()}
        fixed["propertyDependencies"] = {k: deps for k, deps in kept.items() if deps or not r["propertyDependencies"][k]}
    for key in _SINGLE:
        if r.get(key) not in there:
            fixed.pop(key, None)
    return fixed


def follow_aliases(resources: Sequence[Rendered]) -> list[Rendered]:
    """Writes the present URN wherever a resource is known by an alias, and leaves aliases out of the state."""
    new: dict[str, str] = {}
    for r in resources:
        new.update(dict.fromkeys(r.get("aliases", ()), r["urn"]))
        parent = new.get(r.get("parent", ""), "")
        if parent and not urns.is_stack(parent):
            stack, project = urns.stack_and_project(r["urn"])
            moved = urns.child(stack, project, parent, urns.type_of(r["urn"]), urns.name_of(r["urn"]))
            if moved != r["urn"]:
                new[r["urn"]] = moved
    return [_renamed(r, new) for r in resources] if new else list(resources)


def _renamed(r: Rendered, new: Mapping[str, str]) -> Rendered:
    fixed = {k: v for k, v in r.items() if k != "aliases"}
    for key in ("urn", "parent", "deletedWith"):
        if key in fixed:
            fixed[key] = new.get(fixed[key], fixed[key])
    if fixed.get("provider"):
        urn, id_ = urns.split_reference(fixed["provider"])
        fixed["provider"] = urns.reference(new.get(urn, urn), id_)
    if "dependencies" in fixed:
        fixed["dependencies"] = [new.get(d, d) for d in fixed["dependencies"]]
    if "propertyDependencies" in fixed:
        fixed["propertyDependencies"] = {k: [new.get(d, d) for d in v] for k, v in fixed["propertyDependencies"].items()}
    return r if fixed == r else Rendered(fixed)
