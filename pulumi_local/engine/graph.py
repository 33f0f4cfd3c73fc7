"""Which resources of a state depend on which. A state lists every resource after what it depends on."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from functools import cached_property

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

    @cached_property
    def _dependents(self) -> dict[str, list[int]]:
        """URN → those that refer to it, or have it as their provider, in the order of the state."""
        found: dict[str, list[int]] = {}
        for i, r in enumerate(self.resources):
            for urn in {*r.references(), r.provider_urn}:
                found.setdefault(urn, []).append(i)
        return found

    @cached_property
    def _children(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for i, r in enumerate(self.resources):
            found.setdefault(r.parent, []).append(i)
        return found

    @cached_property
    def _live_and_dead(self) -> tuple[dict[str, ResourceState], dict[str, ResourceState]]:
        """By URN: the states in use, and those that wait for their deletion."""
        return {r.urn: r for r in self.resources if not r.delete}, {r.urn: r for r in self.resources if r.delete}

    def depending_on(
        self, resource: ResourceState, ignored: Callable[[str], bool] = lambda _: False, *, children: bool = False
    ) -> list[ResourceState]:
        """All that depend on it, directly or not, in the order of the state. `children`: those below it, too.

        What is `ignored` (by its URN) is left out, and so is what depends on the resource through that alone.
        """
        todo: list[int] = []
        seen = {self._index[resource]}

        def push(urn: str, after: int) -> None:
            for group in (self._dependents, self._children) if children else (self._dependents,):
                for i in group.get(urn, ()):
                    if i > after and i not in seen:
                        seen.add(i)
                        heapq.heappush(todo, i)

        found: list[ResourceState] = []
        push(resource.urn, self._index[resource])
        while todo:
            at = heapq.heappop(todo)
            if not ignored(self.resources[at].urn):
                found.append(self.resources[at])
                push(self.resources[at].urn, at)
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
        live, dead = self._live_and_dead
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
