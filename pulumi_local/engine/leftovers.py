"""What is done once the program has ended: deleting what it did not register, or refreshing it."""

from __future__ import annotations

from pulumi_local.engine.deployment import Deployment
from pulumi_local.engine.errors import Bail
from pulumi_local.engine.graph import DependencyGraph
from pulumi_local.engine.reads import RefreshStep
from pulumi_local.engine.replacements import Replacements
from pulumi_local.engine.seen import Seen
from pulumi_local.engine.state import ResourceState
from pulumi_local.engine.steps import DeleteStep, RemovePendingReplaceStep, SameStep, Step


class Leftovers:
    """Plans what comes after the program."""

    def __init__(self, deployment: Deployment, seen: Seen, replacements: Replacements) -> None:
        self.deployment, self.seen, self.replacements = deployment, seen, replacements

    def _graph(self) -> DependencyGraph:
        graph = DependencyGraph([*self.seen.to_delete, *self.deployment.previous.resources])
        for old, new in self.seen.refreshed.items():
            graph.alias(new, old)
        return graph

    # -- deletes

    def deletes(self) -> tuple[list[Step], list[list[Step]]]:
        """Steps that keep what is left out of this run, and deletions in groups: each group waits for the one before it."""
        deployment, seen = self.deployment, self.seen
        allowed = self._allowed()
        forbidden = self._forbidden() if allowed is None else None

        def included(state: ResourceState) -> bool:
            if allowed is not None:
                return state.urn in allowed
            return forbidden is None or state.urn not in forbidden

        sames: list[Step] = []
        deletes: list[Step] = []
        for original in deployment.previous.resources:
            if not included(original):
                if not seen.is_operated_on(original.urn):
                    sames.append(SameStep.keeping(deployment, original, untargeted=True))
                continue
            state = seen.refreshed.get(original, original)
            if state.delete:
                if state in seen.pending_deletes:
                    continue
                seen.deletes.add(state.urn)
                deletes.append(DeleteStep(deployment, state, seen.deletes, replacing=True))
            elif not seen.is_operated_on(state.urn):
                seen.deletes.add(state.urn)
                deletes.append(
                    RemovePendingReplaceStep(deployment, state, None)
                    if state.pending_replacement
                    else DeleteStep(deployment, state, seen.deletes)
                )
            if state.urn in seen.deletes:
                deployment.ensure_provider(state.provider)
        for state in seen.to_delete:
            if included(state):
                seen.deletes.add(state.urn)
                deletes.append(DeleteStep(deployment, state, seen.deletes))
        self._refuse_unspecified(deletes)
        return sames, self._scheduled(deletes)

    def _allowed(self) -> set[str] | None:
        deployment = self.deployment
        if not deployment.targets.constrained:
            return None
        graph = self._graph()
        asked = [r for r in deployment.previous.resources if r.urn in deployment.targets]
        targets = dict.fromkeys(r.urn for r in asked)
        for state in asked:
            dependents = graph.depending_on(state, targets.__contains__, children=True)
            targets.update(dict.fromkeys(r.urn for r in dependents))
        allowed: set[str] = set()
        for urn in targets:
            for state in deployment.all_olds.get(urn, ()):
                allowed.add(urn)
                if state in deployment.graph:
                    allowed |= {dependent.urn for dependent, _ in self.replacements.dependents(state)}
                allowed |= {r.urn for r in self.replacements.cascades(urn)}
        return allowed

    def _forbidden(self) -> set[str] | None:
        deployment = self.deployment
        if not deployment.excludes.constrained:
            return None
        graph = self._graph()
        kept: set[str] = set()
        todo = [r for r in deployment.previous.resources if r.urn in deployment.excludes]
        while todo:
            state = todo.pop()
            if state.urn not in kept:
                kept.add(state.urn)
                todo += graph.dependencies_of(state)
                if deployment.options.exclude_dependents:
                    todo += graph.depending_on(state, kept.__contains__, children=True)
        return {urn for urn in kept if urn in deployment.olds}

    def _refuse_unspecified(self, deletes: list[Step]) -> None:
        deployment = self.deployment
        refused = False
        for step in deletes:
            if step.urn not in deployment.targets and not deployment.options.target_dependents:
                deployment.events.error(
                    f"Resource '{step.urn}' will be destroyed but was not specified in --target list.\n"
                    "Either include resource in --target list or pass --target-dependents to proceed.",
                    step.urn,
                )
                self.seen.failed = refused = True
        if refused and not deployment.preview:
            raise Bail

    def _scheduled(self, deletes: list[Step]) -> list[list[Step]]:
        """Deletions in groups: what depends on something is in an earlier group than that."""
        graph = self._graph()
        order = {step.res: i for i, step in enumerate(deletes)}
        missing: dict[ResourceState, int] = {}
        needed_by: dict[ResourceState, list[ResourceState]] = {state: [] for state in order}
        for state in order:
            needs = graph.dependencies_of(state) & order.keys()
            missing[state] = len(needs)
            for needed in needs:
                needed_by[needed].append(state)
        groups: list[list[Step]] = []
        ready = [state for state in order if not missing[state]]
        while ready:
            groups.append([deletes[order[state]] for state in ready])
            free: list[ResourceState] = []
            for state in (above for done in ready for above in needed_by[done]):
                missing[state] -= 1
                if not missing[state]:
                    free.append(state)
            ready = sorted(free, key=order.__getitem__)
        if sum(map(len, groups)) != len(order):
            raise ValueError("the state's dependencies form a cycle")
        return groups[::-1]

    # -- refreshes

    def refreshes(self) -> tuple[list[Step], dict[ResourceState, RefreshStep]]:
        """Refresh steps for what the program did not register."""
        deployment, seen = self.deployment, self.seen
        targets, excludes = deployment.targets.clone(), deployment.excludes.clone()
        steps: dict[ResourceState, RefreshStep] = {}
        for state in deployment.previous.resources:
            if seen.is_operated_on(state.urn):
                continue
            if excludes.constrained:
                add = state.urn not in excludes
                if not add and deployment.options.exclude_dependents:
                    for urn in state.all_references():
                        excludes.add(urn)
            else:
                add = state.urn in targets
                if add and deployment.options.target_dependents:
                    for urn in state.all_references():
                        targets.add(urn)
            if add:
                steps[state] = RefreshStep(deployment, state)
                seen.refreshes.add(state.urn)
                deployment.ensure_provider(state.provider)
        return list(steps.values()), steps
