"""What is protected in a deployment, and the edits that `state` makes: protection on and off, resources forgotten."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from pulumi_local.errors import EngineError
from pulumi_local.interfaces import Deployment
from pulumi_local.urns import is_urn, name_of, reference, split_reference

Resource = dict[str, Any]
_HINT = "To inspect the state and its URNs, run `pulumi stack export`."


def resources_of(deployment: Deployment) -> list[Resource]:
    """The resources of a deployment, in its order."""
    return list(deployment.get("resources") or [])


# -- protection


def with_protection(deployment: Deployment, urns: Sequence[str] | None, protect: bool) -> Deployment:
    """A copy in which these resources (None: all) are protected or not; what waits for its deletion stays as it is.

    Raises EngineError for URNs that are not there.
    """
    resources = resources_of(deployment)
    living = {r["urn"] for r in resources if not r.get("delete")}
    if missing := [urn for urn in urns or () if urn not in living]:
        raise EngineError("\n".join(_not_found(urn, living) for urn in missing))
    chosen = living if urns is None else set(urns)
    edited = [_protected(r, protect) if r["urn"] in chosen and not r.get("delete") else r for r in resources]
    return {**deployment, "resources": edited}


def _protected(resource: Resource, protect: bool) -> Resource:
    rest = {k: v for k, v in resource.items() if k != "protect"}
    return {**rest, "protect": True} if protect else rest


def held_by_protection(deployment: Deployment) -> list[str]:
    """URNs of protected resources and of what they depend on, directly or not, in the order of the state."""
    resources = resources_of(deployment)
    by_urn = {r["urn"]: r for r in resources if not r.get("delete")}
    kept: set[str] = set()
    pending = [r["urn"] for r in resources if r.get("protect")]
    while pending:
        urn = pending.pop()
        if urn in kept or urn not in by_urn:
            continue
        kept.add(urn)
        pending += [*_references(by_urn[urn]), split_reference(by_urn[urn].get("provider") or "")[0]]
    return [r["urn"] for r in resources if r["urn"] in kept]


def _not_found(urn: str, candidates: Iterable[str]) -> str:
    similar = difflib.get_close_matches(urn, list(candidates), 3, 0.75)
    meant = "".join(["Did you mean:\n", *(f"  {s}\n" for s in similar)]) if similar else ""
    return f'No such resource "{urn}" exists in the current state\n{meant}{_HINT}'


# -- deletion


def without(
    deployment: Deployment, urns: Sequence[str], *, dependents: bool, protected: Callable[[str], None] | None
) -> tuple[Deployment, int]:
    """A copy without these resources, and how many they were.

    `dependents`: those that depend on them go as well. `protected` is called for each protected one that goes; None: none may go.
    Raises EngineError where a resource is not there, or may not go; nothing is changed then.
    """
    left = resources_of(deployment)
    targets = [_located(left, urn) for urn in dict.fromkeys(urns)]
    for target in _dependents_first(left, targets):
        left = _without_one(left, target, dependents, protected)
    return {**deployment, "resources": left}, len(targets)


def without_all(deployment: Deployment, protected: Callable[[str], None] | None) -> Deployment:
    """A copy without resources. Raises EngineError where one is protected and `protected` is None."""
    left = resources_of(deployment)
    while left:
        left = _without_one(left, left[-1], False, protected)
    return {**deployment, "resources": left}


def _located(resources: Sequence[Resource], urn: str) -> Resource:
    if not is_urn(urn):
        raise EngineError(f'"{urn}" is not a valid resource URN\n{_HINT}')
    found = [r for r in resources if r["urn"] == urn]
    if not found:
        raise EngineError(_not_found(urn, dict.fromkeys(r["urn"] for r in resources)))
    if len(found) > 1:
        ids = "".join(f"  {r.get('id', '')}\n" for r in found)
        raise EngineError(f"Resource URN ambiguously referred to multiple resources. Did you mean:\n{ids}")
    return found[0]


def _dependents_first(resources: Sequence[Resource], targets: Sequence[Resource]) -> list[Resource]:
    """A state lists a resource after what it depends on."""
    places = {id(r): i for i, r in enumerate(resources)}
    return sorted(targets, key=lambda r: -places[id(r)])


def _without_one(
    resources: list[Resource], condemned: Resource, dependents: bool, protected: Callable[[str], None] | None
) -> list[Resource]:
    _ask(condemned, protected)
    others = depending_on(resources, condemned)
    if others and not dependents:
        listed = "".join(f" * {_quoted_name(r):<15} ({r['urn']})\n" for r in others)
        raise EngineError(
            f"{condemned['urn']} can't be safely deleted because the following resources depend on it:\n{listed}\n"
            "Delete those resources first or pass --target-dependents."
        )
    for other in others:
        _ask(other, protected)
    gone = {id(r) for r in (condemned, *others)}
    return [r for r in resources if id(r) not in gone]


def _ask(resource: Resource, protected: Callable[[str], None] | None) -> None:
    if not resource.get("protect"):
        return
    if protected is None:
        raise EngineError(
            f"{resource['urn']} can't be safely deleted because it is protected. "
            "Re-run this command with --force to force deletion"
        )
    protected(resource["urn"])


def _quoted_name(resource: Resource) -> str:
    return f'"{name_of(resource["urn"])}"'


def depending_on(resources: Sequence[Resource], condemned: Resource) -> list[Resource]:
    """All that would lack something without it, directly or not. Another state of the same URN can stand in for it."""
    at = next(i for i, r in enumerate(resources) if r is condemned)
    lost = {condemned["urn"]}
    staying = {r["urn"] for r in resources[:at]}
    providers = {reference(condemned["urn"], condemned.get("id", ""))}
    found = []
    for candidate in resources[at + 1 :]:
        if candidate["urn"] == condemned["urn"] and candidate.get("id") == condemned.get("id"):
            continue
        needed = (*_references(candidate), *(candidate.get("replaceWith") or ()))
        missing = any(urn in lost and urn not in staying for urn in needed)
        if missing or candidate.get("provider") in providers:
            found.append(candidate)
            lost.add(candidate["urn"])
            providers.add(reference(candidate["urn"], candidate.get("id", "")))
        else:
            staying.add(candidate["urn"])
    return found


def _references(resource: Resource) -> Iterator[str]:
    """The URNs that a resource depends on, without its provider."""
    for key in ("parent", "deletedWith"):
        if resource.get(key):
            yield resource[key]
    yield from resource.get("dependencies") or ()
    for urns in (resource.get("propertyDependencies") or {}).values():
        yield from urns or ()
