"""`--target`, `--exclude` and their dependents: which resources take part in a run, and how the others are kept."""

from __future__ import annotations

from collections.abc import Callable

from pulumi_local.engine.deployment import Deployment
from pulumi_local.engine.errors import Bail, RunError
from pulumi_local.engine.goals import Registration
from pulumi_local.engine.seen import Seen
from pulumi_local.engine.state import ResourceState
from pulumi_local.engine.steps import SameStep, SkippedCreateStep, Step


class Targeting:
    """Follows which resources take part while the program registers them."""

    def __init__(self, deployment: Deployment, seen: Seen) -> None:
        self.deployment, self.seen = deployment, seen
        # With dependents, these grow while the program runs: dependencies are registered before dependents.
        self._targets = deployment.targets.clone()
        self._excludes = deployment.excludes.clone()
        self._queued: list[Step] = []
        self._queued_urns: set[str] = set()

    def included(self, state: ResourceState) -> bool:
        """Whether the resource takes part."""
        deployment = self.deployment
        if deployment.targets.constrained:
            return state.urn in deployment.targets or self._depends(
                state, self._targets.__contains__, deployment.options.target_dependents
            )
        if deployment.excludes.constrained:
            return not self._excluded(state)
        return True

    def _excluded(self, state: ResourceState) -> bool:
        deployment = self.deployment
        return state.urn in deployment.excludes or self._depends(
            state, self._excludes.__contains__, deployment.options.exclude_dependents
        )

    @staticmethod
    def _depends(state: ResourceState, contains: Callable[[str], bool], asked: bool) -> bool:
        if not asked:
            return False
        urns = [*state.all_references(), *([state.provider_urn] if state.provider else [])]
        return any(map(contains, urns))

    def note(self, state: ResourceState, targeted: bool) -> None:
        """Remembers the decision, for those that depend on this resource."""
        if self.deployment.excludes.constrained:
            if not targeted and self._excluded(state):
                self._excludes.add(state.urn)
        elif targeted and self.deployment.targets.constrained and self.included(state):
            self._targets.add(state.urn)

    # -- resources that are only carried on

    def carry_on(self, old: ResourceState) -> None:
        """Queues a step that keeps a resource of the state before, ahead of the steps that need it."""
        if old.urn in self._queued_urns:
            return
        self._queued_urns.add(old.urn)
        self._queued.append(SameStep.keeping(self.deployment, old, untargeted=True))

    def carry_on_dependencies(self, new: ResourceState) -> None:
        """The same for all that `new` depends on and that is not registered in this run."""
        if not self.deployment.targets.constrained:
            return
        for urn in new.all_references():
            self._carry(urn)

    def _carry(self, urn: str) -> None:
        old = self.deployment.olds.get(urn)
        if old is None or self.seen.has_step(urn) or urn in self._queued_urns:
            return
        self._queued_urns.add(urn)
        if (provider := self.deployment.old_provider(old)) is not None:
            self._carry(provider.urn)
        for other in old.all_references():
            self._carry(other)
        self._queued_urns.discard(urn)
        self.carry_on(old)

    def untargeted(self, registration: Registration, old: ResourceState, urn: str) -> list[Step]:
        """Keeps a resource that does not take part, after all that it depended on in the state before."""
        deployment = self.deployment
        if old.provider and deployment.registry.get(old.provider) is None:
            if deployment.old_provider(old) is None:
                raise RunError(f"could not find provider {old.provider} in old state", urn)
            raise RunError(
                f"provider {old.provider} for resource {urn} has not been registered yet, this is "
                "due to a change of providers mixed with --target. Change your program back to the original providers",
                urn,
            )
        return self._keep(old, urn, registration)

    def _keep(self, old: ResourceState, urn: str, registration: Registration | None) -> list[Step]:
        deployment, seen = self.deployment, self.seen
        if old.delete:
            return []
        seen.urns.add(old.urn)
        seen.sames |= {urn, old.urn}
        steps: list[Step] = []
        provider = deployment.old_provider(old)
        if provider is not None and not seen.has_step(provider.urn) and not seen.is_operated_on(provider.urn):
            steps += self._keep(provider, urn, None)
        for other in old.all_references():
            if seen.has_step(other):
                continue
            if other not in deployment.olds:
                deployment.events.error(f"dependency {other} of untargeted resource {urn} has no old state", urn)
                raise Bail
            steps += self._keep(deployment.olds[other], urn, None)
        return [*steps, SameStep.keeping(deployment, old, registration, untargeted=True)]

    # -- the last word

    def validated(self, steps: list[Step]) -> list[Step]:
        """The steps, after those that carry on what they need. What they need must not be left out of the run."""
        deployment, seen = self.deployment, self.seen
        if self._queued:
            queued, self._queued = self._queued, []
            fresh = [s for s in queued if not seen.has_step(s.urn) and not seen.is_operated_on(s.urn)]
            for step in fresh:
                seen.urns.add(step.urn)
                seen.sames.add(step.urn)
            steps = [*fresh, *steps]
        if not deployment.targets.constrained and not deployment.replace_targets.constrained:
            return steps
        for step in steps:
            if step.new is None or isinstance(step, SkippedCreateStep):
                continue
            for urn in [*step.new.all_references(), step.new.provider_urn]:
                if urn not in seen.skipped_creates:
                    continue
                deployment.events.error(
                    f"Resource '{step.urn}' depends on '{urn}' which was was not specified in --target list.", step.urn
                )
                seen.failed = True
                if not deployment.preview:
                    raise Bail
                seen.skipped_creates.discard(urn)
        return steps
