"""What policies say about an existing state: no program runs, no provider is asked, nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pulumi_local import urns
from pulumi_local.engine.events import Events, policy_names
from pulumi_local.engine.policies import describe, final, from_policy
from pulumi_local.engine.state import ResourceState, StateCodec
from pulumi_local.engine.values import PropertyMap
from pulumi_local.interfaces import Analyzer, Deployment, Emit, SecretsManager, Violation


def analyze(deployment: Deployment, secrets: SecretsManager, analyzers: Sequence[Analyzer], emit: Emit) -> bool:
    """Has every pack judge each resource by its inputs, then the whole stack by its outputs; whether anything mandatory is
    violated. What a remediation would change is told and not done. Resources that wait to be deleted are left out.

    Raises EngineError for a deployment that makes no sense, or whose secrets cannot be opened.
    """
    codec = StateCodec(secrets)
    resources = [state for state in map(codec.read, deployment.get("resources") or []) if not state.delete]
    return _Analysis(resources, analyzers, emit).run()


class _Analysis:
    def __init__(self, resources: list[ResourceState], analyzers: Sequence[Analyzer], emit: Emit) -> None:
        self._resources, self._analyzers, self._emit = resources, analyzers, emit
        self._providers = {state.urn: state for state in resources if state.is_provider}
        self._mandatory = False

    def run(self) -> bool:
        for state in self._resources:
            described = describe(state, None, state.inputs, self._provider_of(state))
            for pack in self._analyzers:
                changed, remedies = pack.remediate(described)
                for remedy in remedies:
                    self._remedied(state, remedy, from_policy(changed))
            for pack in self._analyzers:
                for violation in pack.analyze(described):
                    self._violated(state.urn, violation)
        self._stack()
        return self._mandatory

    def _stack(self) -> None:
        described = [describe(s, None, s.outputs or {}, self._provider_of(s)) for s in self._resources]
        there = {state.urn for state in self._resources}
        for pack in self._analyzers:
            for violation in pack.analyze_stack(described):
                self._violated(violation.urn if violation.urn in there else self._root(), violation)

    def _root(self) -> str:
        named = next((s.urn for s in self._resources if s.type == urns.STACK_TYPE and not s.parent), "")
        if named or not self._resources:
            return named
        return urns.of_stack(*urns.stack_and_project(self._resources[0].urn))

    def _provider_of(self, state: ResourceState) -> ResourceState | None:
        return self._providers.get(state.provider_urn)

    def _violated(self, urn: str, violation: Violation) -> None:
        violation = final(violation)
        self._mandatory = self._mandatory or violation.enforcement == "mandatory"
        self._emit({"policyEvent": _payload(urn, violation, message=violation.message, enforcementLevel=violation.enforcement)})

    def _remedied(self, state: ResourceState, remedy: Violation, after: PropertyMap) -> None:
        if remedy.enforcement == "advisory":  # it could not be run, and says why
            self._violated(state.urn, remedy)
            return
        show = Events(self._emit).masked
        internal = {k: v for k, v in state.inputs.items() if k.startswith("__")}
        shown = {"before": show(state.inputs), "after": show({**internal, **after})}
        self._emit({"policyRemediationEvent": _payload(state.urn, remedy, **shown)})


def _payload(urn: str, violation: Violation, **more: Any) -> dict[str, Any]:
    head = {"resourceUrn": urn, **({"message": more.pop("message")} if "message" in more else {}), "color": ""}
    return {**head, **policy_names(violation), **more, **({"severity": violation.severity} if violation.severity else {})}
