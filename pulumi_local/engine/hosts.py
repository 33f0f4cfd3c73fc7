"""Provider hosts: the SDK's own process for dynamic providers, unmodified, and the protocol spoken with it."""

from __future__ import annotations

import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import struct_pb2
from google.rpc import status_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from pulumi_local import environment, urns
from pulumi_local.engine import processes, wire
from pulumi_local.engine.diff import DiffResult
from pulumi_local.engine.errors import ProviderError
from pulumi_local.engine.state import ResourceState
from pulumi_local.engine.values import PropertyMap, annotate_secrets, contains_unknowns
from pulumi_local.interfaces import Interpreter

GRPC_OPTIONS = [("grpc.max_receive_message_length", 400 << 20), ("grpc.max_send_message_length", 400 << 20)]
_CHANGES = {
    provider_pb2.DiffResponse.DIFF_NONE: "none",
    provider_pb2.DiffResponse.DIFF_SOME: "some",
}


class InitError(ProviderError):
    """The object exists, but is not ready."""

    def __init__(self, detail: provider_pb2.ErrorResourceInitFailed) -> None:
        count = len(detail.reasons)
        head = f"{count} error{'s' if count != 1 else ''} occurred:\n"
        super().__init__(head + "".join(f"\t* {r}\n" for r in detail.reasons) + "\n")
        self.id = detail.id
        self.properties = wire.read_struct(detail.properties)
        self.inputs = wire.read_struct(detail.inputs) if detail.HasField("inputs") else None
        self.reasons = list(detail.reasons)


@dataclass(frozen=True)
class CheckFailure:
    """Why an input is invalid; `property` may be empty."""

    property: str
    reason: str


@dataclass(frozen=True)
class ReadAnswer:
    """What `read` found: an empty id means that there is no such object."""

    id: str
    inputs: PropertyMap | None
    outputs: PropertyMap | None
    failure: InitError | None = None


@dataclass(frozen=True)
class HostSettings:
    """How to start hosts for one project."""

    python: Interpreter
    folder: Path
    project: str
    engine_address: Callable[[], str]
    log: processes.Log


class Host:
    """One process of `python -m pulumi.dynamic`."""

    def __init__(self, settings: HostSettings, env: Mapping[str, str]) -> None:
        self._last: deque[str] = deque(maxlen=5)
        self._settings = settings
        host = [settings.python.command, "-u", "-m", "pulumi.dynamic", settings.engine_address()]
        self._process = processes.start(
            processes.supervised(host),
            settings.folder,
            {environment.PROJECT: settings.project, environment.CONFIG: "{}", **env},
            settings.python.virtualenv,
        )
        self._threads = [processes.forward(self._process.stderr, "info#err", self._log)]
        self._ready = threading.Lock()
        self._stub: provider_pb2_grpc.ResourceProviderStub | None = None
        self._channel: grpc.Channel | None = None

    def _log(self, severity: str, line: str) -> None:
        self._last.append(line.rstrip())
        self._settings.log(severity, line)

    @property
    def stub(self) -> provider_pb2_grpc.ResourceProviderStub:
        """Its gRPC stub. Waits until it listens; raises ProviderError if it does not come up."""
        with self._ready:
            if self._stub is None:
                assert self._process.stdout is not None
                line = self._process.stdout.readline().strip()
                if not line.isdigit():
                    raise ProviderError(self.ending("could not be started"), recoverable=True)
                self._threads.append(processes.forward(self._process.stdout, "info", self._log))
                self._channel = grpc.insecure_channel(f"{processes.LOOPBACK}:{int(line)}", options=GRPC_OPTIONS)
                self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
            return self._stub

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def ending(self, what: str) -> str:
        """A message about a host that has ended, with the last lines that it printed."""
        try:
            code: int | None = self._process.wait(2)
        except subprocess.TimeoutExpired:
            code = None
        for thread in self._threads:
            thread.join(1)
        text = f"the provider host ({self._settings.python.command} -m pulumi.dynamic) {what}"
        if code is not None:
            text += f": it ended with exit code {code if code < 128 else code - 256}"
        return text + ("; it printed last:\n" + "\n".join(self._last) if self._last else "")

    def close(self) -> None:
        """Ends the process."""
        if self._channel is not None:
            self._channel.close()
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join(1)
        if self._stub is None and self._process.stdout is not None:
            self._process.stdout.close()


class Provider:
    """One provider instance: a host, and the configuration it was given.

    While the configuration holds unknowns (in a preview), the host is not asked anything.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self.known = True

    def close(self) -> None:
        """Ends the host."""
        self._host.close()

    def _call(self, method: str, request: object) -> Any:
        try:
            return getattr(self._host.stub, method)(request)
        except grpc.RpcError as e:
            raise self._error(method, e) from None
        except ValueError as e:  # the channel was closed under the call
            raise ProviderError(f"the provider host was stopped during {method.lower()}") from e

    def _error(self, method: str, error: grpc.RpcError) -> ProviderError:
        metadata: Any = error.trailing_metadata()
        for key, value in metadata or ():
            if key == "grpc-status-details-bin":
                for packed in status_pb2.Status.FromString(value).details:
                    detail = provider_pb2.ErrorResourceInitFailed()
                    if packed.Unpack(detail):
                        return InitError(detail)
        code = error.code()
        if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
            return ProviderError(self._host.ending(f"went away during {method.lower()}"))
        unknown = code in (grpc.StatusCode.INTERNAL, grpc.StatusCode.DATA_LOSS, grpc.StatusCode.UNKNOWN)
        return ProviderError(error.details() or str(code), recoverable=not unknown)

    def configure(self, urn: str, id_: str, inputs: PropertyMap) -> None:
        """Hands over the configuration."""
        self.known = not contains_unknowns(inputs)
        if not self.known:
            return
        request = provider_pb2.ConfigureRequest(
            **_who(urn),
            id=id_,
            acceptSecrets=True,
            acceptResources=True,
            sends_old_inputs=True,
            sends_old_inputs_to_delete=True,
            args=wire.write_struct(inputs, secrets=True, unknowns=True, references=True),
        )
        self._call("Configure", request)

    def check(self, urn: str, olds: PropertyMap, news: PropertyMap, *, preview: bool) -> tuple[PropertyMap, list[CheckFailure]]:
        """The inputs as the provider wants them, and what is wrong with them."""
        if not self.known:
            return news, []
        request = provider_pb2.CheckRequest(
            **_who(urn),
            olds=wire.write_struct(olds, unknowns=preview),
            news=wire.write_struct(news, unknowns=preview),
            randomSeed=b"",
        )
        response = self._call("Check", request)
        inputs = _answer(response.inputs, preview)
        annotate_secrets(inputs, news)
        return inputs, [CheckFailure(f.property, f.reason) for f in response.failures]

    def diff(
        self,
        urn: str,
        old: ResourceState,
        new_inputs: PropertyMap,
        ignore_changes: list[str],
        *,
        unknowns: bool,
    ) -> DiffResult:
        """How new inputs differ from an object as it was."""
        request = provider_pb2.DiffRequest(
            **_who(urn),
            id=old.id,
            old_inputs=wire.write_struct(old.inputs, unknowns=unknowns),
            olds=wire.write_struct(old.outputs or {}, unknowns=unknowns),
            news=wire.write_struct(new_inputs, unknowns=unknowns),
            ignoreChanges=ignore_changes,
        )
        response = self._call("Diff", request)
        return DiffResult(
            _CHANGES.get(response.changes, "unknown"),  # type: ignore[arg-type]
            replace_keys=tuple(response.replaces),
            changed_keys=tuple(response.diffs),
            delete_before_replace=response.deleteBeforeReplace,
        )

    def create(self, urn: str, inputs: PropertyMap, timeout: float) -> tuple[str, PropertyMap]:
        """Creates the object; returns its id and outputs."""
        request = provider_pb2.CreateRequest(**_who(urn), properties=wire.write_struct(inputs), timeout=timeout)
        try:
            response = self._call("Create", request)
        except InitError as e:
            annotate_secrets(e.properties, inputs)
            raise
        if not response.id:
            raise ProviderError(f"plugin returned empty resource.ID from create '{urn}'")
        outputs = _answer(response.properties, False)
        annotate_secrets(outputs, inputs)
        return response.id, outputs

    def update(
        self,
        urn: str,
        old: ResourceState,
        new_inputs: PropertyMap,
        timeout: float,
        ignore_changes: list[str],
    ) -> PropertyMap:
        """Changes the object; returns its outputs."""
        request = provider_pb2.UpdateRequest(
            **_who(urn),
            id=old.id,
            olds=wire.write_struct(old.outputs or {}),
            news=wire.write_struct(new_inputs),
            old_inputs=wire.write_struct(old.inputs),
            timeout=timeout,
            ignoreChanges=ignore_changes,
        )
        try:
            response = self._call("Update", request)
        except InitError as e:
            annotate_secrets(e.properties, new_inputs)
            raise
        outputs = _answer(response.properties, False)
        annotate_secrets(outputs, new_inputs)
        return outputs

    def read(self, urn: str, id_: str, inputs: PropertyMap | None, state: PropertyMap | None, timeout: float) -> ReadAnswer:
        """What the object is now."""
        if not self.known:
            return ReadAnswer("", {}, {})
        request = provider_pb2.ReadRequest(**_who(urn), id=id_, timeout=timeout)
        if inputs is not None:
            request.inputs.CopyFrom(wire.write_struct(inputs))
        if state is not None:
            request.properties.CopyFrom(wire.write_struct(state))
        try:
            response = self._call("Read", request)
        except InitError as e:
            annotate_secrets(e.inputs, inputs)
            annotate_secrets(e.properties, state)
            return ReadAnswer(e.id, e.inputs, e.properties, e)
        new_inputs = _answer(response.inputs, False) if response.HasField("inputs") else None
        outputs = _answer(response.properties, False) if response.HasField("properties") else None
        annotate_secrets(new_inputs, inputs)
        annotate_secrets(outputs, state)
        return ReadAnswer(response.id, new_inputs, outputs)

    def delete(self, urn: str, id_: str, inputs: PropertyMap, outputs: PropertyMap, timeout: float) -> None:
        """Deletes the object."""
        request = provider_pb2.DeleteRequest(
            **_who(urn),
            id=id_,
            properties=wire.write_struct(outputs),
            old_inputs=wire.write_struct(inputs),
            timeout=timeout,
        )
        self._call("Delete", request)


def _who(urn: str) -> dict[str, Any]:
    return {"urn": urn, "name": urns.name_of(urn), "type": urns.type_of(urn)}


def _answer(struct: struct_pb2.Struct, unknowns: bool) -> PropertyMap:
    properties = wire.read_struct(struct)
    if not unknowns:
        for key, value in properties.items():
            if contains_unknowns(value):
                raise ProviderError(f'unexpected unknown property value for "{key}"')
    return properties
