"""What a running policy pack says: Pulumi's analyzer protocol (pulumirpc.Analyzer), from the engine's side."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from pulumi_local.errors import EngineError
from pulumi_local.interfaces import ORGANIZATION, AnalyzedResource, ConfigValue, Json, Violation
from pulumi_local.policy import config as policy_config
from pulumi_local.policy.config import PolicyConfig

_LEVELS = {0: "advisory", 1: "mandatory", 2: "disabled", 3: "remediate"}
_SEVERITIES = {1: "low", 2: "medium", 3: "high", 4: "critical"}


@dataclass
class PackProcess:
    """One pack (the `Analyzer` of the engine's contract)."""

    stub: analyzer_pb2_grpc.AnalyzerStub
    folder: Path
    version: str
    abandon: Callable[[], None]
    """Ends a call that is under way, and answers no more."""
    name: str = ""
    configuration_problems: list[str] = field(default_factory=list)
    _severities: dict[str, str] = field(default_factory=dict)

    @property
    def event_name(self) -> str:
        """How summaries list the pack: `<name>|local|<folder>`; long folders are abbreviated."""
        return f"{self.name}|local|{_abbreviated(str(self.folder))}"

    # -- at the start

    def configure(self, wanted: Mapping[str, PolicyConfig], *, has_file: bool) -> None:
        """Fills in defaults of the pack's schemas, checks, and hands the configuration over."""
        info = self._call("GetAnalyzerInfo", empty_pb2.Empty())
        self.name, self.version = info.name, self.version or info.version
        self._severities = {p.name: _SEVERITIES.get(p.severity, "") for p in info.policies}
        if not info.supportsConfig:
            if has_file:
                raise EngineError(f'policy pack "{self.name}" at "{self.folder}" does not support config')
            return
        declared = [
            policy_config.Declared(
                p.name, _LEVELS[p.enforcementLevel], _dict(p.configSchema.properties), list(p.configSchema.required)
            )
            for p in info.policies
        ]
        initial = {k: PolicyConfig(_LEVELS[v.enforcementLevel], _dict(v.properties)) for k, v in info.initialConfig.items()}
        merged = policy_config.reconciled(declared, initial, wanted)
        problems = policy_config.problems(declared, merged)
        self.configuration_problems = [f"validating policy config: {self.name} {self.version}  {p}" for p in problems]
        if problems:
            return
        request = analyzer_pb2.ConfigureAnalyzerRequest()
        for name, config in merged.items():
            level = _level_number(config.enforcement)
            request.policyConfig[name].CopyFrom(
                analyzer_pb2.PolicyConfig(enforcementLevel=level, properties=_struct(config.properties))
            )
        self._call("Configure", request)

    def configure_stack(self, project: str, stack: str, config: Mapping[str, ConfigValue], *, dry_run: bool) -> None:
        """Tells the pack which stack it looks at."""
        request = analyzer_pb2.AnalyzerStackConfigureRequest(
            stack=stack,
            project=project,
            organization=ORGANIZATION,
            dry_run=dry_run,
            config={k: v.value for k, v in config.items()},
            config_secret_keys=[k for k, v in config.items() if v.secret],
        )
        self._call("ConfigureStack", request, optional=True)

    # -- during the run

    def remediate(self, resource: AnalyzedResource) -> tuple[Mapping[str, Json], Sequence[Violation]]:
        """The properties after remediation, and what was remediated."""
        answer = self._call("Remediate", _request(resource), optional=True)
        properties = resource.properties
        remedies = []
        for r in answer.remediations if answer else ():
            if r.diagnostic:
                # The policy could not be run; the pack says why.
                remedies.append(self._violation(r, r.diagnostic, "advisory", resource.urn))
                continue
            properties = _dict(r.properties)
            remedies.append(self._violation(r, r.description, "remediate", resource.urn))
        return properties, remedies

    def analyze(self, resource: AnalyzedResource) -> Sequence[Violation]:
        """Violations of one resource's checked inputs."""
        answer = self._call("Analyze", _request(resource))
        return [self._violation(d, d.message, _LEVELS[d.enforcementLevel], d.urn, d.severity) for d in answer.diagnostics]

    def analyze_stack(self, resources: Sequence[AnalyzedResource]) -> Sequence[Violation]:
        """Violations of the whole stack."""
        request = analyzer_pb2.AnalyzeStackRequest(resources=[_stack_resource(r) for r in resources])
        answer = self._call("AnalyzeStack", request, optional=True)
        found = answer.diagnostics if answer else ()
        return [self._violation(d, d.message, _LEVELS[d.enforcementLevel], d.urn, d.severity) for d in found]

    def _violation(self, said: Any, message: str, enforcement: Any, urn: str, severity: int = 0) -> Violation:
        return Violation(
            policy=said.policyName,
            pack=said.policyPackName,
            version=self.version or said.policyPackVersion,
            message=message,
            enforcement=enforcement,
            severity=_SEVERITIES.get(severity) or self._severities.get(said.policyName, ""),
            urn=urn,
        )

    def _call(self, method: str, request: Any, *, optional: bool = False) -> Any:
        try:
            return getattr(self.stub, method)(request, wait_for_ready=True)
        except ValueError:  # the channel was closed before the call
            raise EngineError(f'policy pack "{self.folder}" was stopped before {method}') from None
        except grpc.RpcError as e:
            code, details = e.code(), e.details() or ""
            if optional and code == grpc.StatusCode.UNIMPLEMENTED:
                return None
            raise EngineError(f'policy pack "{self.folder}": {method} failed: {details}') from None


# -- the wire


def _dict(struct: struct_pb2.Struct) -> dict[str, Any]:
    made: dict[str, Any] = json_format.MessageToDict(struct)
    return made


def _struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(dict(properties))
    return struct


def _level_number(level: str) -> Any:
    return next(number for number, name in _LEVELS.items() if name == level)


def _options(resource: AnalyzedResource) -> Any:
    o = resource.options
    timeouts = o.get("customTimeouts") or {}
    before = o.get("deleteBeforeReplace")
    return analyzer_pb2.AnalyzerResourceOptions(
        protect=bool(o.get("protect")),
        ignoreChanges=list(o.get("ignoreChanges") or ()),
        deleteBeforeReplace=bool(before),
        deleteBeforeReplaceDefined=before is not None,
        additionalSecretOutputs=list(o.get("additionalSecretOutputs") or ()),
        aliases=list(o.get("aliases") or ()),
        customTimeouts=analyzer_pb2.AnalyzerResourceOptions.CustomTimeouts(
            **{k: _seconds(timeouts[k]) for k in ("create", "update", "delete") if timeouts.get(k)}
        ),
        parent=str(o.get("parent") or ""),
    )


def _seconds(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _provider(resource: AnalyzedResource) -> Any:
    p = resource.provider
    if p is None:
        return None
    return analyzer_pb2.AnalyzerProviderResource(urn=p.urn, type=p.type, name=p.name, properties=_struct(p.properties))


def _described(resource: AnalyzedResource) -> dict[str, Any]:
    return {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "properties": _struct(resource.properties),
        "options": _options(resource),
        "provider": _provider(resource),
    }


def _request(resource: AnalyzedResource) -> Any:
    return analyzer_pb2.AnalyzeRequest(**_described(resource))


def _stack_resource(resource: AnalyzedResource) -> Any:
    by_property = {
        k: analyzer_pb2.AnalyzerPropertyDependencies(urns=list(urns))
        for k, urns in resource.property_dependencies.items()
        if urns
    }
    return analyzer_pb2.AnalyzerResource(
        **_described(resource),
        parent=resource.parent,
        dependencies=list(resource.dependencies),
        propertyDependencies=by_property,
    )


def _abbreviated(path: str) -> str:
    """Long paths keep their first two and last two folders."""
    path = os.path.normpath(path)
    parts = path.split("/")
    return "/".join([*parts[:2], "...", *parts[-2:]]) if len(path) > 75 and len(parts) > 4 else path
