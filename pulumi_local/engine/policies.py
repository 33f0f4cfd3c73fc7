"""What policies see, and what the engine does with their answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pulumi_local import urns
from pulumi_local.engine import wire
from pulumi_local.engine.deployment import Deployment
from pulumi_local.engine.goals import Goal
from pulumi_local.engine.seen import Seen
from pulumi_local.engine.state import ResourceState
from pulumi_local.engine.values import UNKNOWN, PropertyMap, ResourceReference, Secret, Unknown, Value
from pulumi_local.interfaces import AnalyzedResource, Json, Violation


def to_policy(properties: Mapping[str, Value]) -> dict[str, Json]:
    """Properties as policies get them; internal ones are left out."""
    return {k: _out(v) for k, v in properties.items() if not k.startswith("__")}


def _out(value: Value) -> Json:
    if isinstance(value, Secret):
        return {wire.SIGNATURE: wire.SECRET, "value": _out(value.element)}
    if isinstance(value, Unknown):
        return wire.UNKNOWN_STRING
    if isinstance(value, list):
        return [_out(v) for v in value]
    if isinstance(value, dict):
        return {k: _out(v) for k, v in value.items()}
    if isinstance(value, ResourceReference):
        id_ = "" if isinstance(value.id, Unknown) else value.id
        return {wire.SIGNATURE: wire.RESOURCE, "urn": value.urn} | ({"id": id_} if value.id is not None else {})
    return value


def from_policy(properties: Mapping[str, Json]) -> PropertyMap:
    """Properties as a remediation gives them back."""
    return {k: _in(v) for k, v in properties.items()}


def _in(value: Json) -> Value:
    if isinstance(value, dict):
        fields = {k: _in(v) for k, v in value.items()}
        return wire.from_signature(str(value[wire.SIGNATURE]), fields) if wire.SIGNATURE in value else fields
    if isinstance(value, list | tuple):
        return [_in(v) for v in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and value in wire.UNKNOWNS:
        return UNKNOWN
    return value  # type: ignore[no-any-return]


def describe(
    state: ResourceState, goal: Goal | None, properties: Mapping[str, Value], provider: ResourceState | None
) -> AnalyzedResource:
    """One resource for policies."""
    options = {
        "protect": state.protect,
        "ignoreChanges": list(state.ignore_changes),
        "deleteBeforeReplace": goal.delete_before_replace if goal is not None else None,
        "additionalSecretOutputs": list(state.additional_secret_outputs),
        "aliases": list(state.aliases),
        "customTimeouts": dict(state.custom_timeouts),
        "parent": state.parent,
    }
    return AnalyzedResource(
        urn=state.urn,
        type=state.type,
        name=state.name,
        properties=to_policy(properties),
        options=options,
        provider=describe(provider, None, provider.inputs, None) if provider is not None else None,
        parent=state.parent,
        dependencies=tuple(state.dependencies),
        property_dependencies={k: tuple(v) for k, v in state.property_dependencies.items()},
    )


def final(violation: Violation) -> Violation:
    """What a remediation should have fixed, and did not, counts as mandatory."""
    return replace(violation, enforcement="mandatory") if violation.enforcement == "remediate" else violation


def analyze(deployment: Deployment, state: ResourceState, goal: Goal, provider: ResourceState | None) -> tuple[bool, bool]:
    """Has every pack remediate a resource's inputs (which changes them), then judge them.

    Returns whether the resource is allowed, and whether the run fails in the end.
    """
    events = deployment.events
    for pack in deployment.analyzers:
        changed, remedies = pack.remediate(describe(state, goal, state.inputs, provider))
        if remedies:
            internal = {k: v for k, v in state.inputs.items() if k.startswith("__")}
            after = {**internal, **from_policy(changed)}
            for remedy in remedies:
                events.policy_remediation(state.urn, remedy, state.inputs, after)
            state.inputs = after
    allowed, failed = True, False
    for pack in deployment.analyzers:
        for violation in map(final, pack.analyze(describe(state, goal, state.inputs, provider))):
            events.policy_violation(state.urn, violation)
            if violation.enforcement == "mandatory":
                failed = True
                # A preview goes on, so that all violations are seen at once.
                allowed = allowed and deployment.preview
    return allowed, failed


def analyze_stack(deployment: Deployment, seen: Seen) -> bool:
    """Has every pack judge the whole stack by its outputs; whether anything mandatory is violated."""
    if not deployment.analyzers:
        return False
    resources = [
        describe(state, deployment.goals.get(urn), state.outputs or {}, provider_resource(deployment, seen, state))
        for urn, state in list(deployment.news.items())
    ]
    root = urns.of_stack(deployment.stack, deployment.project)
    failed = False
    for pack in deployment.analyzers:
        for violation in map(final, pack.analyze_stack(resources)):
            urn = violation.urn if violation.urn in deployment.news else root
            deployment.events.policy_violation(urn, violation)
            failed = failed or violation.enforcement == "mandatory"
    return failed


def provider_resource(deployment: Deployment, seen: Seen, state: ResourceState) -> ResourceState | None:
    """The provider instance of a resource, as a resource."""
    if not state.provider:
        return None
    return seen.providers.get(state.provider_urn) or deployment.old_provider(state)
