"""Which resources of a state depend on which. A state lists every resource after what it depends on."""

from __future__ import annotations

from collections.abc import Container, Iterable

from pulumi_local.engine.state import ResourceState


class DependencyGraph:
    """The dependencies among a list of resource states."""

    def __init__(self, resources: Iterable[ResourceState]) -> None:
        self.resources = list(resources)
        self._index = {r: i for i, r in enumerate(self.resources)}
        self._by_urn: dict[str, list[int]] = {}
        self._below: dict[str, list[int]] = {}
        parents: dict[str, str] = {}
        for i, r in enumerate(self.resources):
            self._by_urn.setdefault(r.urn, []).append(i)
            parents[r.urn] = r.parent
            parent = r.parent
            while parent:
                self._below.setdefault(parent, []).append(i)
                parent = parents.get(parent, "")

    def __contains__(self, resource: ResourceState) -> bool:
        return resource in self._index

    def alias(self, new: ResourceState, existing: ResourceState) -> None:
        """Lets `new`, which a refresh made of `existing`, stand in its place."""
        self._index[new] = self._index[existing]

    def depending_on(
        self, resource: ResourceState, ignore: Container[str] = (), *, children: bool = False
    ) -> list[ResourceState]:
        """All that depend on it, directly or not, in the order of the state. `children`: those below it, too."""
        found: list[ResourceState] = []
        urns = {resource.urn}
        for candidate in self.resources[self._index[resource] + 1 :]:
            if candidate.urn in ignore:
                continue
            hangs_on = candidate.all_references() if children else candidate.references()
            if candidate.provider_urn in urns or any(u in urns for u in hangs_on):
                found.append(candidate)
                urns.add(candidate.urn)
        return found

    def dependencies_of(self, resource: ResourceState) -> set[ResourceState]:
        """What it directly depends on, its parent and provider included; depending on a component is depending on all in it."""
        at = self._index[resource]
        found: set[ResourceState] = set()
        for urn in {*resource.references(), resource.provider_urn}:
            for i in self._by_urn.get(urn, ()):
                if i >= at:
                    continue
                found.add(self.resources[i])
                if not self.resources[i].custom:
                    found.update(self.resources[j] for j in self._below.get(urn, ()) if j < at)
        found.update(self.resources[i] for i in self._by_urn.get(resource.parent, ()) if i < at)
        return found

    def transitive_dependencies_of(self, resource: ResourceState) -> set[ResourceState]:
        """All that it depends on, directly or not, parents and providers included."""
        live = {r.urn: r for r in self.resources if not r.delete}
        dead = {r.urn: r for r in self.resources if r.delete}
        first = (dead, live) if resource.delete else (live, dead)
        found: set[ResourceState] = set()
        todo = [resource]
        while todo:
            r = todo.pop()
            for urn in {*r.all_references(), r.provider_urn} - {""}:
                other = first[0].get(urn) or first[1].get(urn)
                if other is not None and other not in found and other is not resource:
                    found.add(other)
                    todo.append(other)
        return found
