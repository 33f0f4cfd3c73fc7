"""A policy pack in its own process, spoken to as an engine speaks to it: Pulumi's analyzer protocol over
gRPC.

https://github.com/pulumi/pulumi/blob/master/proto/pulumi/analyzer.proto
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE as UNKNOWN

from tests.stripe_policy.arguments import PROVIDER, token, urn
from tests.stripe_policy.cases import STACK, Case, Id, Resource

PACK = Path(__file__).parents[2] / "policy"


def secret(value: str) -> dict[str, str]:
    """A secret value in wire form."""
    return {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "value": value,
    }


class PackFailed(Exception):
    """The pack did not start; what it printed."""


class PackProcess:
    """A running pack. The configuration of the stack and the environment are given at its start, as engines
    do."""

    def __init__(
        self,
        config: Mapping[str, str],
        environment: Mapping[str, str],
        *,
        pack: Path = PACK,
        python: str = sys.executable,
    ) -> None:
        ambient = {key: value for key, value in os.environ.items() if key not in ("STRIPE_API_KEY", "POLICY_BASELINE")}
        self._process = subprocess.Popen(
            [python, "-u", "-m", "pulumi.policy", "127.0.0.1:0", str(pack)],
            cwd=pack,
            env={
                **ambient,
                "PULUMI_ORGANIZATION": "organization",
                "PULUMI_PROJECT": "hypernian",
                "PULUMI_STACK": "test",
                "PULUMI_DRY_RUN": "true",
                "PULUMI_CONFIG": json.dumps(dict(config)),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        port = self._process.stdout.readline().strip()
        if not port.isdigit():
            rest, _ = self._process.communicate()
            raise PackFailed(f"{port}\n{rest}")
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self._stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)
        self._stub.ConfigureStack(
            analyzer_pb2.AnalyzerStackConfigureRequest(
                stack="test",
                project="hypernian",
                organization="organization",
                dry_run=True,
                config=dict(config),
            )
        )

    def __enter__(self) -> PackProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._channel.close()
        self._process.kill()
        self._process.communicate()

    def info(self) -> analyzer_pb2.AnalyzerInfo:
        return self._stub.GetAnalyzerInfo(empty_pb2.Empty())

    def configure(self, policies: Mapping[str, analyzer_pb2.PolicyConfig]) -> None:
        self._stub.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=policies))

    def analyze(self, resources: Iterable[analyzer_pb2.AnalyzerResource]) -> list[analyzer_pb2.AnalyzeDiagnostic]:
        """Each resource by itself, as before its step."""
        diagnostics = []
        for resource in resources:
            request = analyzer_pb2.AnalyzeRequest(
                urn=resource.urn,
                type=resource.type,
                name=resource.name,
                properties=resource.properties,
                options=resource.options,
                provider=resource.provider if resource.HasField("provider") else None,
            )
            diagnostics += [_at(diagnostic, resource.urn) for diagnostic in self._stub.Analyze(request).diagnostics]
        return diagnostics

    def analyze_stack(self, resources: Iterable[analyzer_pb2.AnalyzerResource]) -> list[analyzer_pb2.AnalyzeDiagnostic]:
        """The whole stack, as at the end of a preview or an update."""
        return list(self._stub.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=list(resources))).diagnostics)


def _at(diagnostic: analyzer_pb2.AnalyzeDiagnostic, urn: str) -> analyzer_pb2.AnalyzeDiagnostic:
    diagnostic.urn = diagnostic.urn or urn
    return diagnostic


def write_baseline(path: Path, resources: Iterable[Resource]) -> None:
    """What `pulumi stack export` writes of a stack that has these resources."""
    exported = [
        {"urn": urn(r.kind, r.name), "type": token(r.kind), "custom": True, "inputs": _resolve(r.props, frozenset())}
        for r in resources
    ]
    path.write_text(json.dumps({"version": 3, "deployment": {"resources": exported}}))


def of_violation(name: str) -> str:
    """The last part of the URN that a violation is reported with."""
    return "hypernian-test" if name == STACK else name


def wire(case: Case, *, preview: bool) -> list[analyzer_pb2.AnalyzerResource]:
    """The stack of a case as an engine sends it: the stack resource, the default provider, then what is
    declared.

    In a preview, the ids of what is new are not known.
    """
    configuration: dict[str, Any] = dict(case.config)
    if case.key_in_config:
        configuration["stripe:apiKey"] = secret(case.key)
    kinds = {resource.name: resource.kind for resource in case.resources}
    unknown = frozenset(kinds.keys() - {resource.name for resource in case.before or ()}) if preview else frozenset()
    provider = analyzer_pb2.AnalyzerProviderResource(
        urn=urn(PROVIDER, "default"), type=PROVIDER, name="default", properties=_struct(configuration)
    )
    return [
        _resource("pulumi:pulumi:Stack", "hypernian-test", {}),
        _resource(PROVIDER, "default", configuration),
        *(_declared(resource, kinds, provider, unknown) for resource in case.resources),
    ]


def _declared(
    resource: Resource,
    kinds: Mapping[str, str],
    provider: analyzer_pb2.AnalyzerProviderResource,
    unknown: frozenset[str],
) -> analyzer_pb2.AnalyzerResource:
    wired = _resource(resource.kind, resource.name, _resolve(resource.props, unknown), protect=resource.protect)
    wired.provider.CopyFrom(provider)
    for key, value in resource.props.items():
        sources = [urn(kinds[name], name) for name in _ids(value)]
        if sources:
            wired.propertyDependencies[key].urns.extend(sources)
            wired.dependencies.extend(sources)
    return wired


def _resource(kind: str, name: str, properties: Mapping[str, Any], *, protect: bool = False) -> analyzer_pb2.AnalyzerResource:
    return analyzer_pb2.AnalyzerResource(
        urn=urn(kind, name),
        type=token(kind),
        name=name,
        properties=_struct(properties),
        options=analyzer_pb2.AnalyzerResourceOptions(protect=protect),
    )


def _struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(dict(properties))
    return struct


def _resolve(value: Any, unknown: frozenset[str]) -> Any:
    if isinstance(value, Id):
        return UNKNOWN if value.of in unknown else f"id_of_{value.of}"
    if isinstance(value, Mapping):
        return {key: _resolve(item, unknown) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolve(item, unknown) for item in value]
    return value


def _ids(value: Any) -> Sequence[str]:
    if isinstance(value, Id):
        return [value.of]
    if isinstance(value, Mapping):
        return [name for item in value.values() for name in _ids(item)]
    if isinstance(value, list):
        return [name for item in value for name in _ids(item)]
    return []
