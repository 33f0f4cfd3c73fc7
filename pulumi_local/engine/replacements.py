"""Replacements in which the old object is deleted first, and with it what cannot outlive it."""

from __future__ import annotations

from pulumi_local.engine.deployment import Deployment
from pulumi_local.engine.diff import apply_replace_on_changes
from pulumi_local.engine.errors import Bail
from pulumi_local.engine.seen import Seen
from pulumi_local.engine.state import ResourceState
from pulumi_local.engine.steps import DeleteStep, Step
from pulumi_local.engine.values import UNKNOWN, PropertyMap


class Replacements:
    """Finds what has to be deleted ahead of time."""

    def __init__(self, deployment: Deployment, seen: Seen) -> None:
        self.deployment, self.seen = deployment, seen
        self.keys: dict[str, tuple[str, ...]] = {}
        """The properties for which dependents are replaced, by URN."""

    def refuse(self, urn: str, message: str) -> None:
        """Reports that a resource is protected; the run fails in the end."""
        self.deployment.events.error(message, urn)
        self.seen.failed = True

    def delete_first(self, old: ResourceState, urn: str) -> list[Step]:
        """The deletions of a resource and of what has to be replaced with it, dependents first."""
        deployment, seen = self.deployment, self.seen
        affected: list[tuple[ResourceState, tuple[str, ...]]] = []
        if not deployment.preview or old in deployment.graph:
            affected = self.dependents(old)
        affected += [(state, ()) for state in self.cascades(urn)]
        steps: list[Step] = []
        for state, keys in reversed(affected):
            if state in seen.pending_deletes:
                continue
            self.keys[state.urn] = keys
            if state.delete:
                steps.append(DeleteStep(deployment, state, seen.deletes))
            else:
                if state.protect:
                    self.refuse(
                        urn,
                        f'unable to replace resource "{state.urn}" as part of replacing "{urn}" '
                        "as it is currently marked for protection. To unprotect the resource, remove the `protect` flag from "
                        "the resource in your Pulumi program and run `pulumi up`, or use the command:\n"
                        f"`pulumi state unprotect '{state.urn}'`",
                    )
                    raise Bail
                steps.append(DeleteStep(deployment, state, seen.deletes, replacing=True, pending_replacement=True))
            # Whether it is created again shows when, and if, the program registers it.
            seen.deletes.add(state.urn)
            seen.pending_deletes.add(state)
        deployment.ensure_provider(old.provider)
        if not old.pending_replacement:
            seen.deletes.add(old.urn)
            steps.append(DeleteStep(deployment, old, seen.deletes, replacing=True, pending_replacement=True))
        return steps

    def dependents(self, root: ResourceState) -> list[tuple[ResourceState, tuple[str, ...]]]:
        """What has to be replaced when `root` is, in the order of the state, with the properties that cause it.

        That is what its own provider says would be replaced if the values that it has from `root`, or from another of these,
        were to change. What was registered already cannot depend on `root` any more.
        """
        deployment = self.deployment
        condemned = {root.urn}
        found: list[tuple[ResourceState, tuple[str, ...]]] = []
        for candidate in deployment.graph.depending_on(root, self.seen.has_step):
            replaced, keys = self._needs_replacement(candidate, condemned)
            if replaced:
                condemned.add(candidate.urn)
                found.append((candidate, keys))
        return found

    def _needs_replacement(self, state: ResourceState, condemned: set[str]) -> tuple[bool, tuple[str, ...]]:
        deployment = self.deployment
        if not state.custom or state.external:
            return False, ()
        if state.provider_urn in condemned:
            deployment.ensure_provider(state.provider)
            return True, ()
        if state.deleted_with in condemned:
            return True, ()
        inputs: PropertyMap = {}
        touched = False
        for key, value in state.inputs.items():
            changes = any(u in condemned for u in state.property_dependencies.get(key, ()))
            touched = touched or changes
            inputs[key] = UNKNOWN if changes else value
        if not touched or state.is_provider:
            return False, ()
        deployment.ensure_provider(state.provider)
        diff = deployment.diff(state, state, inputs, state.ignore_changes, unknowns=True)
        diff = apply_replace_on_changes(diff, tuple(state.replace_on_changes), False)
        return diff.replaces, diff.replace_keys

    def cascades(self, urn: str) -> list[ResourceState]:
        """What is replaced or deleted with a resource, by the options of this run or an earlier one."""
        found: dict[str, ResourceState] = {}
        for state in [*self.deployment.tied_news.values(), *self.deployment.tied_olds]:
            if state.urn not in found and (urn in state.replace_with or state.deleted_with == urn):
                found[state.urn] = state
        return list(found.values())
