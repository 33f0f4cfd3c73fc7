"""The SDK's own provider host, as an engine starts it, and the calls that an engine makes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from stripe_resources.provider import load

ROOT = Path(__file__).parents[2]
Values = dict[str, Any]


def struct(values: Values) -> struct_pb2.Struct:
    return json_format.ParseDict(values, struct_pb2.Struct())


class ProviderHost:
    """Use as a context manager; `config` is the stack's configuration. `code` runs in place of `pulumi.dynamic` where given."""

    def __init__(self, config: dict[str, str], code: str = "") -> None:
        hidden = ("STRIPE_", "PULUMI_")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(hidden)}
        self._process = subprocess.Popen(
            [sys.executable, "-u", *(["-c", code] if code else ["-m", "pulumi.dynamic"]), "127.0.0.1:1"],
            cwd=ROOT,
            env={**environment, "PULUMI_PROJECT": "p", "PULUMI_CONFIG": "{}"},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self._channel = grpc.insecure_channel(f"127.0.0.1:{int(self._process.stdout.readline())}")
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self._stub.Configure(provider_pb2.ConfigureRequest(args=struct(config)))

    def __enter__(self) -> ProviderHost:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._channel.close()
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def check(self, kind: str, inputs: Values) -> None:
        answer = self._stub.Check(provider_pb2.CheckRequest(news=_given(kind, inputs)))
        assert not answer.failures, answer.failures

    def create(self, kind: str, inputs: Values) -> tuple[str, Values]:
        answer = self._stub.Create(provider_pb2.CreateRequest(properties=_given(kind, inputs)))
        return answer.id, json_format.MessageToDict(answer.properties)

    def diff(self, kind: str, id_: str, outputs: Values, inputs: Values, ignored: Sequence[str] = ()) -> bool:
        """Whether there are changes; `ignored` are the paths of `ignore_changes` that the engine has."""
        given = {"olds": _given(kind, outputs), "news": _given(kind, inputs)}
        answer = self._stub.Diff(provider_pb2.DiffRequest(id=id_, ignoreChanges=ignored, **given))
        return bool(answer.changes == provider_pb2.DiffResponse.DIFF_SOME)

    def update(self, kind: str, id_: str, outputs: Values, inputs: Values, ignored: Sequence[str] = ()) -> Values:
        given = {"olds": _given(kind, outputs), "news": _given(kind, inputs)}
        answer = self._stub.Update(provider_pb2.UpdateRequest(id=id_, ignoreChanges=ignored, **given))
        return json_format.MessageToDict(answer.properties)

    def read(self, kind: str, id_: str, outputs: Values) -> Values | None:
        answer = self._stub.Read(provider_pb2.ReadRequest(id=id_, properties=_given(kind, outputs)))
        return json_format.MessageToDict(answer.properties) if answer.id else None

    def delete(self, kind: str, id_: str, outputs: Values) -> None:
        self._stub.Delete(provider_pb2.DeleteRequest(id=id_, properties=_given(kind, outputs)))


def _given(kind: str, values: Values) -> struct_pb2.Struct:
    return struct({**values, "__provider": serialize_provider(load(f"stripe:{kind}"))})
