"""Refreshing the whole state before anything else: reading each resource, and updating the state."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_local.engine.deployment import Deployment
from pulumi_local.engine.errors import Bail
from pulumi_local.engine.executor import StepExecutor
from pulumi_local.engine.reads import RefreshStep
from pulumi_local.engine.state import ResourceState
from pulumi_local.urns import Targets


def check_targets(deployment: Deployment, targets: Targets, registered: set[str]) -> bool:
    """Reports targets that neither the state nor the program has; False if there are any."""
    good = True
    for urn in targets.literals:
        if urn not in deployment.all_olds and urn not in registered:
            hint = "" if "$" in urn else " Did you forget to escape $ in your shell?"
            deployment.events.error(f"Target '{urn}' could not be found in the stack.{hint}")
            good = False
    return good


def refresh_state(deployment: Deployment) -> None:
    """Refreshes every resource of the state that takes part. Raises Bail after an error, once all were tried."""
    if not deployment.previous.resources:
        return
    if not check_targets(deployment, deployment.targets, set()) or not check_targets(deployment, deployment.excludes, set()):
        raise Bail
    steps = _steps(deployment)
    executor = StepExecutor(deployment, ignore_errors=True)
    try:
        executor.run_all(list(steps.values()))
        executor.idle()
    finally:
        executor.close()
    rebuild(deployment, steps)
    deployment.journal.rebase()
    if executor.error is not None:
        report_end(deployment, "failed")
        raise Bail
    if deployment.stopping.is_set():
        report_end(deployment, "canceled")
        raise Bail


def report_end(deployment: Deployment, how: str) -> None:
    """Says that the run failed, or was canceled."""
    deployment.events.error(f"{'preview' if deployment.preview else 'update'} {how}")


def _steps(deployment: Deployment) -> dict[ResourceState, RefreshStep]:
    options, targets, excludes = deployment.options, deployment.targets.clone(), deployment.excludes.clone()
    steps: dict[ResourceState, RefreshStep] = {}
    for state in deployment.previous.resources:
        if excludes.constrained:
            if state.urn in excludes:
                continue
            if options.exclude_dependents and any(u in excludes for u in state.all_references()):
                excludes.add(state.urn)
                continue
        elif state.urn not in targets:
            if not options.target_dependents or not any(u in targets for u in state.all_references()):
                continue
            targets.add(state.urn)
        deployment.ensure_provider(state.provider)
        steps[state] = RefreshStep(deployment, state)
    return steps


def rebuild(deployment: Deployment, steps: Mapping[ResourceState, RefreshStep]) -> None:
    """Replaces the states by those that were found; references to resources that are gone are dropped."""
    resources: list[ResourceState] = []
    there: set[str] = set()
    for old in deployment.previous.resources:
        new = steps[old].new if old in steps else old
        if new is None:
            continue
        new.dependencies = [d for d in new.dependencies if d in there]
        if new.property_dependencies:
            kept = {k: [d for d in deps if d in there] for k, deps in new.property_dependencies.items()}
            new.property_dependencies = {k: deps for k, deps in kept.items() if deps}
        new.replace_with = [d for d in new.replace_with if d in there]
        if new.deleted_with not in there:
            new.deleted_with = ""
        if new.parent not in there:
            new.parent = ""
        there.add(new.urn)
        resources.append(new)
    deployment.previous.resources = resources
    deployment.index()
