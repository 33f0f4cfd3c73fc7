"""The resource monitor and the engine service: what a program speaks to while it runs."""

from __future__ import annotations

import contextlib
import re
import threading
import urllib.parse
from collections.abc import Mapping
from concurrent import futures
from pathlib import Path
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    provider_pb2,
    resource_pb2,
    resource_pb2_grpc,
    source_pb2,
)

from pulumi_local import urns, versions
from pulumi_local.engine import paths, wire
from pulumi_local.engine.deployment import Deployment
from pulumi_local.engine.goals import Alias, Finished, Goal, Outputs, ReadRequest, Refused, Registration, Settled
from pulumi_local.engine.hosts import GRPC_OPTIONS
from pulumi_local.engine.processes import LOOPBACK
from pulumi_local.engine.registry import DEFAULT_NAME, DEFAULT_TYPE, DYNAMIC, ENVIRONMENT, INTERNAL, default_inputs
from pulumi_local.engine.values import PropertyMap, copy_map
from pulumi_local.errors import EngineError, Unsupported
from pulumi_local.interfaces import ORGANIZATION, ConfigValue

_FEATURES = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    # These are announced so that a program that uses them is refused by name; see the methods below.
    resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
    *filter(None, [getattr(resource_pb2, "RESOURCE_MONITOR_FEATURE_STATE_MIGRATIONS", None)]),  # older SDKs have none
)
_SEVERITIES = {
    engine_pb2.DEBUG: "debug",
    engine_pb2.INFO: "info",
    engine_pb2.WARNING: "warning",
    engine_pb2.ERROR: "error",
}
_RPC_THREADS = 256
_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


class Stopped(Exception):
    """The run is over; the program is not answered any more."""


class Server:
    """Serves a program, and provider hosts that log."""

    def __init__(self, deployment: Deployment, config: Mapping[str, ConfigValue], root: Path) -> None:
        self.monitor = Monitor(deployment, config, root)
        self._server = grpc.server(futures.ThreadPoolExecutor(_RPC_THREADS), options=GRPC_OPTIONS)
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(self.monitor, self._server)
        engine_pb2_grpc.add_EngineServicer_to_server(EngineService(deployment), self._server)
        self.address = f"{LOOPBACK}:{self._server.add_insecure_port(f'{LOOPBACK}:0')}"
        self._server.start()

    def close(self) -> None:
        """Stops answering."""
        self.monitor.stop()
        self._server.stop(0.1).wait()


class EngineService(engine_pb2_grpc.EngineServicer):
    """Takes what programs log."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def Log(self, request: Any, context: Any) -> empty_pb2.Empty:
        """A message of `pulumi.log`."""
        if not request.ephemeral:
            self._deployment.events.diagnostic(_SEVERITIES.get(request.severity, "info"), request.message, request.urn)
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, request: Any, context: Any) -> engine_pb2.RequirePulumiVersionResponse:
        """Holds what a program asks for against the version of the CLI that this engine stands for."""
        try:
            versions.require(request.pulumi_version_range)
        except EngineError as e:
            context.abort(grpc.StatusCode.UNKNOWN, str(e))
        return engine_pb2.RequirePulumiVersionResponse()


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Takes registrations, hands them to the main loop, and waits for what becomes of them."""

    def __init__(self, deployment: Deployment, config: Mapping[str, ConfigValue], root: Path) -> None:
        self._deployment = deployment
        self._config = config
        self._root = root
        self._lock = threading.Lock()
        self._default_provider_lock = threading.Lock()
        self._default_provider = ""
        self._goals: dict[str, Goal] = {}
        self._component_providers: dict[str, dict[str, str]] = {}
        self._stopped = threading.Event()
        self._waiting: set[futures.Future[Any]] = set()

    # -- waiting

    def stop(self) -> None:
        """Releases all that wait, with an error."""
        self._stopped.set()
        with self._lock:
            waiting = list(self._waiting)
        for future in waiting:
            with contextlib.suppress(futures.InvalidStateError):
                future.set_exception(Stopped())

    def _await(self, request: Any, context: Any) -> Any:
        with self._lock:
            self._waiting.add(request.settled)
        if self._stopped.is_set():
            context.abort(grpc.StatusCode.UNAVAILABLE, "resource monitor shut down")
        self._deployment.inbox.put(request)
        try:
            return request.settled.result()
        except Stopped:
            context.abort(grpc.StatusCode.UNAVAILABLE, "resource monitor shut down")
        finally:
            with self._lock:
                self._waiting.discard(request.settled)

    def _refuse(self, context: Any, message: str, urn: str = "") -> NoReturn:
        self._deployment.inbox.put(Refused(message, urn))
        # That ends the run. The program is not told: it would report the same again, with a traceback.
        self._stopped.wait()
        context.abort(grpc.StatusCode.UNAVAILABLE, "resource monitor shut down")
        raise AssertionError

    # -- about the run

    def GetDeploymentInfo(self, request: Any, context: Any) -> resource_pb2.DeploymentInfo:
        """The settings of the run, and what the monitor can do."""
        deployment = self._deployment
        return resource_pb2.DeploymentInfo(
            project=deployment.project,
            stack=deployment.stack,
            organization=ORGANIZATION,
            config={k: v.value for k, v in self._config.items()},
            configSecretKeys=[k for k, v in self._config.items() if v.secret],
            dryRun=deployment.preview,
            parallel=deployment.options.parallel,
            supportedFeatures=_FEATURES,
        )

    def SupportsFeature(self, request: Any, context: Any) -> resource_pb2.SupportsFeatureResponse:
        """For older SDKs."""
        known = {
            "secrets",
            "resourceReferences",
            "outputValues",
            "aliasSpecs",
            "replacementTrigger",
            "deletedWith",
            "replaceWith",
        }
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in known)

    def SignalAndWaitForShutdown(self, request: Any, context: Any) -> empty_pb2.Empty:
        """The program has registered all that it will; it is held until the run is over."""
        self._deployment.inbox.put(Finished())
        self._stopped.wait()
        return empty_pb2.Empty()

    # -- unsupported

    def RegisterStackTransform(self, request: Any, context: Any) -> NoReturn:
        """Refused."""
        self._refuse(context, "stack transforms are not supported by this engine; use the Pulumi CLI")

    def RegisterStackInvokeTransform(self, request: Any, context: Any) -> NoReturn:
        """Refused."""
        self._refuse(context, "invoke transforms are not supported by this engine; use the Pulumi CLI")

    def RegisterResourceHook(self, request: Any, context: Any) -> NoReturn:
        """Refused."""
        self._refuse(context, f"resource hook '{request.name}': hooks are not supported by this engine; use the Pulumi CLI")

    def RegisterErrorHook(self, request: Any, context: Any) -> NoReturn:
        """Refused."""
        self._refuse(context, f"error hook '{request.name}': hooks are not supported by this engine; use the Pulumi CLI")

    def RegisterPackage(self, request: Any, context: Any) -> NoReturn:
        """Refused."""
        self._refuse(context, f"package '{request.name}': parameterized packages are not supported by this engine")

    def ExistsResource(self, request: Any, context: Any) -> NoReturn:
        """Refused."""
        self._refuse(context, f"checking whether {request.type} '{request.id}' exists is not supported by this engine")

    def Call(self, request: Any, context: Any) -> NoReturn:
        """Refused."""
        self._refuse(context, f"call of '{request.tok}': resource methods are not supported by this engine")

    def Invoke(self, request: Any, context: Any) -> provider_pb2.InvokeResponse:
        """Functions of providers are refused; looking up a registered resource is served."""
        if request.tok != "pulumi:pulumi:getResource":
            what = "stack references" if request.tok.startswith("pulumi:pulumi:readStack") else "functions of providers"
            self._refuse(context, f"invoke of '{request.tok}': {what} are not supported by this engine; use the Pulumi CLI")
        urn = request.args.fields["urn"].string_value
        state = self._deployment.news.get(urn)
        if state is None:
            context.abort(grpc.StatusCode.UNKNOWN, f"unknown resource {urn}")
            raise AssertionError
        found: PropertyMap = {"urn": urn, "id": state.id, "state": copy_map(state.outputs or {})}
        answer: Any = {"return": wire.write_struct(found, secrets=True, unknowns=True, references=True)}
        return provider_pb2.InvokeResponse(**answer)

    # -- registrations

    def RegisterResource(self, request: Any, context: Any) -> resource_pb2.RegisterResourceResponse:
        """Registers a resource."""
        urn = self._deployment.urn(request.parent, request.type, request.name)
        self._refuse_options(request, context, urn)
        try:
            goal = self._goal(request, context)
        except Unsupported as e:
            self._refuse(context, f"resource {urn}: {e}", urn)
        except ValueError as e:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"resource {urn}: {e}")
        settled: Settled = self._await(Registration(goal), context)
        state = settled.state
        with self._lock:
            self._goals[state.urn] = goal
            if not request.custom:
                self._component_providers[state.urn] = self._providers_of(request)
        outputs: PropertyMap = (state.outputs or {}) if request.custom else {}
        return resource_pb2.RegisterResourceResponse(
            urn=state.urn,
            id=state.id,
            object=wire.write_struct(outputs, secrets=request.acceptSecrets, unknowns=True, references=request.acceptResources),
            result=resource_pb2.Result.SUCCESS if settled.outcome == "success" else resource_pb2.Result.FAIL,
            unknown=settled.unknown,
        )

    def _refuse_options(self, request: Any, context: Any, urn: str) -> None:
        hooks = [f.name for f, v in request.hooks.ListFields() if v]
        refused = {
            "remote components": request.remote,
            "transforms": request.transforms,
            "state migrations": getattr(request, "state_migrations", None),  # older SDKs have no such field
            "parameterized packages": request.packageRef,
            f"resource hooks ({', '.join(hooks)})": hooks,
        }
        for what, asked in refused.items():
            if asked:
                self._refuse(context, f"resource {urn}: {what} are not supported by this engine; use the Pulumi CLI", urn)

    def _goal(self, request: Any, context: Any) -> Goal:
        parent = self._inherit(request)
        is_provider = urns.is_provider_type(request.type)
        if (request.custom or is_provider) and request.type.count(":") != 2:
            raise ValueError(f"Type '{request.type}' is not a valid type token (must have format '*:*:*')")
        properties = wire.read_struct(request.object)
        dependencies = set(request.dependencies)
        if request.propertyDependencies:
            per_property = {k: set(v.urns) for k, v in request.propertyDependencies.items()}
        else:
            per_property = {k: set(dependencies) for k in properties}
        for key, found in wire.output_dependencies(request.object).items():
            per_property[key] = per_property.get(key, set()) | found
        if is_provider and request.envVarMappings:
            properties[INTERNAL] = {ENVIRONMENT: dict(request.envVarMappings)}
        timeouts = {f.name: _seconds(v) for f, v in request.customTimeouts.ListFields() if v}
        return Goal(
            type=request.type,
            name=request.name,
            custom=request.custom,
            properties=properties,
            parent=parent,
            protect=request.protect if request.HasField("protect") else None,
            dependencies=sorted(dependencies),
            provider=self._provider(request, context) if request.custom and not is_provider else "",
            property_dependencies={k: sorted(v) for k, v in sorted(per_property.items())},
            delete_before_replace=(
                request.deleteBeforeReplace if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace else None
            ),
            ignore_changes=list(request.ignoreChanges),
            additional_secret_outputs=list(request.additionalSecretOutputs),
            aliases=[*(Alias(urn=u) for u in request.aliasURNs), *map(_alias, request.aliases)],
            import_id=request.importId,
            custom_timeouts=timeouts,
            replace_on_changes=list(request.replaceOnChanges),
            replacement_trigger=(
                wire.read_value(request.replacement_trigger) if request.HasField("replacement_trigger") else None
            ),
            retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
            deleted_with=request.deletedWith,
            replace_with=list(request.replace_with),
            hide_diff=[paths.render(paths.parse(path)) for path in request.hideDiffs],  # as the CLI writes them
            source_position=_where(request.sourcePosition, self._root),
        )

    def _inherit(self, request: Any) -> str:
        """Options that a child has from its parent; the parent's URN."""
        with self._lock:
            goal = self._goals.get(request.parent)
        if goal is None:
            return str(request.parent)
        if not request.deletedWith:
            request.deletedWith = goal.deleted_with
        if not request.HasField("protect") and goal.protect is not None:
            request.protect = goal.protect
        if not request.HasField("retainOnDelete") and goal.retain_on_delete is not None:
            request.retainOnDelete = goal.retain_on_delete
        if not request.provider and goal.provider:
            package = urns.package_of(urns.type_of(urns.split_reference(goal.provider)[0]))
            if not request.custom or package == urns.package_of(request.type):
                request.provider = goal.provider
        return str(request.parent)

    def _providers_of(self, request: Any) -> dict[str, str]:
        inherited = self._component_providers.get(request.parent, {})
        return {**inherited, **dict(request.providers)}

    def _provider(self, request: Any, context: Any) -> str:
        package = urns.package_of(request.type)
        if request.type == "pulumi:pulumi:StackReference":
            raise Unsupported("stack references are not supported by this engine; use the Pulumi CLI")
        if package != DYNAMIC:
            raise Unsupported(
                f"it is of package '{package}'; this engine runs dynamic resources ('{DYNAMIC}') only. Use the Pulumi CLI"
            )
        with self._lock:
            inherited = self._component_providers.get(request.parent, {})
        explicit = request.provider or dict(getattr(request, "providers", {})).get(package) or inherited.get(package)
        return explicit or self._default(context)

    def _default(self, context: Any) -> str:
        """The reference of the default provider, which is registered when it is first needed."""
        with self._default_provider_lock:
            if not self._default_provider:
                self._refuse_disabled(context)
                goal = Goal(DEFAULT_TYPE, DEFAULT_NAME, True, default_inputs(self._config))
                settled: Settled = self._await(Registration(goal), context)
                self._default_provider = settled.state.reference
            return self._default_provider

    def _refuse_disabled(self, context: Any) -> None:
        disabled = self._config.get("pulumi:disable-default-providers")
        if disabled is not None and ("*" in disabled.value or DYNAMIC in disabled.value):
            self._refuse(context, f"Default provider for '{DYNAMIC}' disabled; every resource must use an explicit provider.")

    def RegisterResourceOutputs(self, request: Any, context: Any) -> empty_pb2.Empty:
        """Registers the outputs of a component, or of the stack."""
        try:
            outputs = wire.read_struct(request.outputs)
        except Unsupported as e:
            self._refuse(context, f"outputs of {request.urn}: {e}", request.urn)
        self._await(Outputs(request.urn, outputs), context)
        return empty_pb2.Empty()

    def ReadResource(self, request: Any, context: Any) -> resource_pb2.ReadResourceResponse:
        """Reads a resource that the stack does not own."""
        urn = self._deployment.urn(request.parent, request.type, request.name)
        try:
            properties = wire.read_struct(request.properties)
            provider = self._provider(request, context)
        except Unsupported as e:
            self._refuse(context, f"resource {urn}: {e}", urn)
        read = ReadRequest(
            request.type,
            request.name,
            request.id,
            provider,
            request.parent,
            properties,
            dependencies=sorted(set(request.dependencies)),
            additional_secret_outputs=list(request.additionalSecretOutputs),
            source_position=_where(request.sourcePosition, self._root),
        )
        settled: Settled = self._await(read, context)
        state = settled.state
        return resource_pb2.ReadResourceResponse(
            urn=state.urn,
            properties=wire.write_struct(
                state.outputs or {}, secrets=request.acceptSecrets, unknowns=True, references=request.acceptResources
            ),
        )


def _alias(alias: Any) -> Alias:
    if alias.WhichOneof("alias") == "urn":
        return Alias(urn=alias.urn)
    spec = alias.spec
    return Alias(
        name=spec.name,
        type=spec.type,
        stack=spec.stack,
        project=spec.project,
        parent=spec.parentUrn if spec.WhichOneof("parent") == "parentUrn" else "",
        no_parent=spec.noParent if spec.WhichOneof("parent") == "noParent" else False,
    )


def _seconds(text: str) -> float:
    """Seconds of a duration such as "1h30m". Raises ValueError."""
    if not re.fullmatch(f"(?:{_DURATION.pattern})+", text):
        raise ValueError(f"unable to parse customTimeout Value {text}")
    return sum(float(n) * _SECONDS[unit] for n, unit in _DURATION.findall(text))


def _where(position: source_pb2.SourcePosition, root: Path) -> str:
    """A source position as states record it, `project:///file#line`; empty for what is not in the project's folder."""
    path = urllib.parse.unquote(urllib.parse.urlparse(position.uri).path)
    try:
        relative = Path(path).relative_to(root)
    except ValueError:
        return ""
    column = f",{position.column}" if position.column else ""
    return f"project:///{urllib.parse.quote(relative.as_posix())}#{position.line}{column}"
