"""Decides what to do with each resource that the program registers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from pulumi_local import urns
from pulumi_local.engine import policies
from pulumi_local.engine.deployment import Deployment
from pulumi_local.engine.diff import DiffResult, apply_replace_on_changes
from pulumi_local.engine.errors import Bail, DiffUnavailable, ProviderError, RunError
from pulumi_local.engine.goals import Goal, ReadRequest, Registration
from pulumi_local.engine.reads import ImportStep, ReadStep, RefreshStep
from pulumi_local.engine.replacements import Replacements
from pulumi_local.engine.seen import Aliases, Seen
from pulumi_local.engine.state import ResourceState
from pulumi_local.engine.steps import (
    CreateStep,
    ReplaceStep,
    SameStep,
    SkippedCreateStep,
    Step,
    UpdateStep,
)
from pulumi_local.engine.targeting import Targeting
from pulumi_local.engine.values import contains_unknowns, equal, equal_maps, plain

Mode = Literal["update", "refresh", "destroy"]


class Resume:
    """The rest of a decision, to be made by the main loop once a step has found out what it depends on."""

    def __init__(self, urn: str, decide: Callable[[], list[Step]]) -> None:
        self.urn, self.decide = urn, decide


class Generator:
    """Turns registrations and reads into steps. Used by the main loop only."""

    def __init__(self, deployment: Deployment, mode: Mode, *, refresh: bool) -> None:
        """`refresh`: read each resource before deciding."""
        self.deployment = deployment
        self.mode, self._refresh = mode, refresh
        self.seen = Seen()
        self.targeting = Targeting(deployment, self.seen)
        self.replacements = Replacements(deployment, self.seen)
        self._aliases = Aliases(deployment.stack, deployment.project, self.seen)
        self.awaited = 0
        """How many Resumes are to come."""

    # -- identity

    def _claim(self, parent: str, type_: str, name: str) -> str:
        if parent and parent not in self.seen.urns:
            raise RunError(f"could not find parent resource {parent}", self.deployment.urn("", type_, name))
        urn = self.deployment.urn(parent, type_, name)
        if urn in self.seen.urns:
            self.deployment.events.error(f"Duplicate resource URN '{urn}'; try giving it a unique name", urn)
            raise Bail
        self.seen.urns.add(urn)
        return urn

    def _find_old(self, urn: str, goal: Goal) -> tuple[ResourceState | None, str, bool]:
        errors: list[str] = []
        candidates = self._aliases.of(goal.name, goal.type, goal.parent, goal.aliases)
        old, alias = self._aliases.find(urn, candidates, self.deployment.olds, errors.append)
        if alias:
            self.deployment.registry.register_alias(urn, alias)
        for message in errors:
            self.deployment.events.error(message, urn)
        return old, alias, not errors

    # -- reads

    def read(self, request: ReadRequest) -> list[Step]:
        """The steps for a resource that the stack does not own."""
        urn = self._claim(request.parent, request.type, request.name)
        goal = Goal(request.type, request.name, True, parent=request.parent)
        old, alias, _ = self._find_old(urn, goal)
        if not request.id:
            raise RunError(f"Expected an ID for {urn}", urn)
        new = ResourceState(
            urn,
            request.type,
            True,
            id=request.id,
            inputs=request.properties,
            outputs={},
            parent=request.parent,
            external=True,
            dependencies=request.dependencies,
            provider=request.provider,
            additional_secret_outputs=request.additional_secret_outputs,
            aliases=[alias] if alias else [],
            source_position=request.source_position,
        )
        if old is not None and not old.external and old.id != request.id:
            self.seen.replaces.add(urn)
            return [
                ReadStep(self.deployment, request, old, new, replacing=True),
                ReplaceStep(self.deployment, old, new),
            ]
        if self.mode == "destroy":
            self.seen.to_delete.append(new)
        self.seen.reads.add(urn)
        return [ReadStep(self.deployment, request, old, new)]

    # -- registrations

    def register(self, registration: Registration) -> list[Step]:
        """The steps for a registered resource, or a step after which the rest is decided (see Resume)."""
        goal, deployment = registration.goal, self.deployment
        urn = self._claim(goal.parent, goal.type, goal.name)
        old, alias, valid = self._find_old(urn, goal)
        deployment.goals[urn] = goal
        new = _wanted(urn, goal, alias, old)
        if new.is_provider:
            self.seen.providers[urn] = new
            if alias:
                self.seen.providers[alias] = new
        if old is not None and self._refresh and self.targeting.included(old):
            return [self._refresh_first(registration, old, new, valid)]
        return self._decided(self._decide(registration, old, new, valid))

    def _decided(self, steps: list[Step]) -> list[Step]:
        steps = self.targeting.validated(steps)
        self.deployment.planning.decided(((step.urn, step.op) for step in steps), self.seen.aliased)
        return steps

    def _refresh_first(self, registration: Registration, old: ResourceState, new: ResourceState, valid: bool) -> Step:
        urn = new.urn

        def then(state: ResourceState | None, error: Exception | None) -> None:
            def decide() -> list[Step]:
                self.awaited -= 1
                if state is not None:
                    self.deployment.graph.alias(state, old)
                    self.seen.refreshed[old] = state
                if error is not None:
                    raise RunError(str(error), urn) if not isinstance(error, RunError | ProviderError) else error
                return self._decided(self._decide(registration, state, new, valid))

            self.deployment.inbox.put(Resume(urn, decide))

        self.awaited += 1
        self.seen.refreshes.add(urn)
        internal = not registration.goal.custom or new.is_provider
        return RefreshStep(self.deployment, old, new, then, internal=internal)

    def _decide(self, registration: Registration, old: ResourceState | None, new: ResourceState, valid: bool) -> list[Step]:
        goal, deployment, seen = registration.goal, self.deployment, self.seen
        owned = goal.custom and not new.is_provider
        if self.mode == "refresh":
            if owned or self._hangs_on_skipped(new):
                if old is None:
                    return self._skip(registration, new, same=True)
                registration.done(old)
                return []
        elif self.mode == "destroy":
            if self._hangs_on_skipped(new):
                if old is not None:
                    new.outputs = old.outputs
                return self._skip(registration, new, same=False)
            if owned:
                if old is None:
                    return self._skip(registration, new, same=False)
                seen.sames.add(new.urn)
                seen.to_delete.append(new)
                new.inputs = old.inputs
                return [SameStep(deployment, old, new, registration)]
            seen.to_delete.append(new)
        self._require_provider(new)
        recreating = new.urn in seen.deletes
        if goal.import_id:
            deployment.planning.imported(new.urn)
        if goal.custom and goal.import_id and (old is None or old.external or (old.import_id or old.id) != goal.import_id):
            return self._import(registration, None if recreating else old, new)
        return self._check(registration, old, new, valid, recreating)

    def _skip(self, registration: Registration, new: ResourceState, *, same: bool) -> list[Step]:
        if same:
            self.seen.sames.add(new.urn)
        self.seen.skipped_creates.add(new.urn)
        return [SkippedCreateStep(self.deployment, new, registration)]

    def _hangs_on_skipped(self, new: ResourceState) -> bool:
        return any(u in self.seen.skipped_creates for u in (*new.all_references(), new.provider_urn))

    def _require_provider(self, new: ResourceState) -> None:
        deployment = self.deployment
        if not new.custom or new.is_provider or deployment.registry.get(new.provider) is not None:
            return
        old = deployment.old_provider(new)
        if old is None:
            deployment.events.error(f"unknown provider '{new.provider}' for resource '{new.urn}'", new.urn)
            raise Bail
        deployment.ensure_provider(new.provider)
        self.targeting.carry_on(old)

    def _import(self, registration: Registration, old: ResourceState | None, new: ResourceState) -> list[Step]:
        steps: list[Step] = [ImportStep(self.deployment, new, registration, old)]
        return [*steps, ReplaceStep(self.deployment, old, new)] if old is not None else steps

    def _check(
        self, registration: Registration, old: ResourceState | None, new: ResourceState, valid: bool, recreating: bool
    ) -> list[Step]:
        goal, deployment, seen, urn = registration.goal, self.deployment, self.seen, new.urn
        was_external = old is not None and old.external
        targeted = new.is_provider or new.type == urns.STACK_TYPE or self.targeting.included(new)
        inputs = new.inputs
        if old is not None:
            inputs = deployment.ignore_changes(urn, inputs, old.inputs, goal.ignore_changes)
        afresh = old is None or recreating or was_external or self._forced(urn, old)
        if goal.custom and not targeted:
            inputs = old.inputs if old is not None else {}
        elif goal.custom:
            olds, news = ({}, dict(goal.properties)) if afresh or old is None else (old.inputs, inputs)
            inputs, good = deployment.check(new, olds, news)
            valid = valid and good
        if goal.custom:
            new.inputs = inputs
        if targeted:
            self.targeting.carry_on_dependencies(new)
        if deployment.analyzers:
            provider = policies.provider_resource(deployment, seen, new)
            allowed, failed = policies.analyze(deployment, new, goal, provider)
            valid = valid and allowed
            seen.failed = seen.failed or failed
        if not valid:
            raise Bail
        deployment.planning.registered(urn, goal, old, {} if afresh or old is None else old.inputs, inputs)
        if recreating:
            assert old is not None
            return self._recreate(registration, old, new)
        if old is not None and was_external:
            seen.creates.add(urn)
            return [
                CreateStep(deployment, new, registration, old=old, pending_delete=True),
                ReplaceStep(deployment, old, new),
            ]
        self.targeting.note(new, targeted)
        if old is not None:
            if not targeted:
                return self.targeting.untargeted(registration, old, urn)
            return self._compare(registration, old, new)
        if not targeted:
            return self._skip(registration, new, same=True)
        seen.creates.add(urn)
        return [CreateStep(deployment, new, registration)]

    def _recreate(self, registration: Registration, old: ResourceState, new: ResourceState) -> list[Step]:
        # It was deleted earlier in this run, because something that it depends on had to go first.
        self.seen.deletes.discard(new.urn)
        self.seen.replaces.add(new.urn)
        keys = self.replacements.keys.get(new.urn, ())
        return [
            ReplaceStep(self.deployment, old, new),
            CreateStep(self.deployment, new, registration, old=old, keys=keys),
        ]

    def _forced(self, urn: str, old: ResourceState | None) -> bool:
        targets = self.deployment.replace_targets
        return (targets.constrained and urn in targets) or (old is not None and old.taint)

    # -- comparing

    def _compare(self, registration: Registration, old: ResourceState, new: ResourceState) -> list[Step]:
        goal, deployment, urn = registration.goal, self.deployment, new.urn
        triggered = self._trigger(old, new)
        try:
            diff = DiffResult("some") if triggered else self._diff(goal, old, new)
        except DiffUnavailable as e:
            diff = DiffResult("some")
            deployment.events.warning(str(e), urn)
        try:
            diff = apply_replace_on_changes(diff, tuple(goal.replace_on_changes), bool(old.init_errors))
        except ValueError as e:
            raise RunError(str(e), urn) from None
        if diff.changes == "some" or old.pending_replacement:
            if diff.replaces or triggered or old.pending_replacement:
                return self._replace(registration, old, new, diff)
            self.seen.updates.add(urn)
            return [UpdateStep(deployment, old, new, registration, diff, goal.ignore_changes)]
        if old.init_errors:
            self.seen.updates.add(urn)
            return [UpdateStep(deployment, old, new, registration, diff, goal.ignore_changes)]
        self.seen.sames.add(urn)
        return [SameStep(deployment, old, new, registration)]

    def _trigger(self, old: ResourceState, new: ResourceState) -> bool:
        wanted, before = plain(new.replacement_trigger), plain(old.replacement_trigger)
        if contains_unknowns(wanted) and not self.deployment.preview:
            self.deployment.events.error(f"replacement trigger contains unknowns for {new.urn}", new.urn)
            raise Bail
        if contains_unknowns(wanted) or contains_unknowns(before):
            return True
        return wanted is not None and before is not None and not equal(wanted, before)

    def _diff(self, goal: Goal, old: ResourceState, new: ResourceState) -> DiffResult:
        deployment, seen, urn = self.deployment, self.seen, new.urn
        if self._forced(urn, old):
            return DiffResult("some", ("id",))
        if any(u in seen.replaces for u in new.replace_with):
            return DiffResult("some", ("replaceWith",))
        if new.deleted_with and new.deleted_with in seen.replaces:
            return DiffResult("some", ("deletedWith",))
        if old.provider != new.provider and (not old.provider or not new.provider):
            return DiffResult("some", ("provider",))
        if not goal.custom:
            return DiffResult("none" if equal_maps(old.inputs, new.inputs) else "some")
        return deployment.diff(new, old, new.inputs, goal.ignore_changes, unknowns=deployment.preview)

    def _replace(self, registration: Registration, old: ResourceState, new: ResourceState, diff: DiffResult) -> list[Step]:
        goal, deployment, urn = registration.goal, self.deployment, new.urn
        if new.protect and old.protect:
            self.replacements.refuse(
                urn,
                f'unable to replace resource "{urn}"\nas it is currently marked for protection. To unprotect the resource, '
                "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`",
            )
            if not deployment.preview:
                raise Bail
        if goal.import_id:
            message = (
                "previously-imported resources that still specify an ID may not be replaced; "
                "please remove the `import` declaration from your program"
            )
            if not deployment.preview:
                raise RunError(message, urn)
            deployment.events.warning(message, urn)
        self.seen.replaces.add(urn)
        if goal.custom and not self._forced(urn, old):
            # Defaults carried over from the old object are not wanted in the new one.
            new.inputs, good = deployment.check(new, {}, dict(goal.properties))
            if not good:
                raise Bail
        delete_first = diff.delete_before_replace
        if goal.delete_before_replace is not None:
            delete_first = goal.delete_before_replace
        keys = diff.replace_keys
        if not delete_first:
            return [
                CreateStep(deployment, new, registration, old=old, diff=diff, keys=keys, pending_delete=True),
                ReplaceStep(deployment, old, new, diff, keys),
            ]
        return [
            *self.replacements.delete_first(old, urn),
            ReplaceStep(deployment, old, new, diff, keys),
            CreateStep(deployment, new, registration, old=old, diff=diff, keys=keys),
        ]


def _wanted(urn: str, goal: Goal, alias: str, old: ResourceState | None) -> ResourceState:
    return ResourceState(
        urn,
        goal.type,
        goal.custom,
        inputs=goal.properties,
        parent=goal.parent,
        protect=bool(goal.protect),
        dependencies=goal.dependencies,
        provider=goal.provider,
        property_dependencies=goal.property_dependencies,
        additional_secret_outputs=goal.additional_secret_outputs,
        aliases=[alias] if alias else [],
        custom_timeouts=goal.custom_timeouts,
        import_id=goal.import_id,
        retain_on_delete=bool(goal.retain_on_delete),
        deleted_with=goal.deleted_with,
        replace_with=goal.replace_with,
        created=old.created if old is not None else "",
        modified=old.modified if old is not None else "",
        source_position=goal.source_position,
        ignore_changes=goal.ignore_changes,
        hide_diff=goal.hide_diff,
        replace_on_changes=goal.replace_on_changes,
        replacement_trigger=goal.replacement_trigger,
    )
