"""Policy packs at work.

An unmodified Python pack runs in a process of its own (`python -u -m pulumi.policy <engine> <folder>`), which prints its port and
then serves Pulumi's analyzer protocol (pulumirpc.Analyzer).
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import yaml
from pulumi.runtime.proto import analyzer_pb2_grpc

from pulumi_local import environment, reading
from pulumi_local.engine import processes
from pulumi_local.engine.processes import LOOPBACK
from pulumi_local.errors import EngineError, Unsupported
from pulumi_local.interfaces import ORGANIZATION, ConfigValue, Interpreter, Project
from pulumi_local.policy import config as policy_config
from pulumi_local.policy.analyzer import PackProcess
from pulumi_local.project.config import yaml12
from pulumi_local.project.toolchain import interpreter

if TYPE_CHECKING:
    from pulumi_local.request import PolicyPack

START_SECONDS = 60.0
_NO_ENGINE = f"{LOOPBACK}:1"
"""Packs take an engine's address, and only use it to log; their logs go to standard error instead."""


class ConfigurationRefused(EngineError):
    """A pack's configuration does not fit its schema; `messages` say where."""

    def __init__(self, messages: Sequence[str]) -> None:
        super().__init__("validating policy config")
        self.messages = tuple(messages)


@dataclass(frozen=True)
class Deployed:
    """What a pack is told about the deployment that it looks at."""

    project: Project
    stack: str
    config: Mapping[str, ConfigValue]
    dry_run: bool

    @property
    def environment(self) -> dict[str, str]:
        """As environment variables."""
        return {
            environment.PROJECT: self.project.name,
            environment.STACK: self.stack,
            "PULUMI_ORGANIZATION": ORGANIZATION,
            "PULUMI_DRY_RUN": "true" if self.dry_run else "false",
            environment.CONFIG: json.dumps({k: v.value for k, v in self.config.items()}),
        }


@contextlib.contextmanager
def started(packs: Sequence[PolicyPack], deployed: Deployed | None) -> Iterator[list[PackProcess]]:
    """Starts and configures packs; ends their processes. Without `deployed` they look at a state, and are told of no project,
    stack or configuration. Raises EngineError with what is wrong, and where."""
    with contextlib.ExitStack() as running:
        processes = [running.enter_context(_process(pack, deployed)) for pack in packs]
        refused = [m for process in processes for m in process.configuration_problems]
        if refused:
            raise ConfigurationRefused(sorted(refused))
        yield processes


@contextlib.contextmanager
def _process(pack: PolicyPack, deployed: Deployed | None) -> Iterator[PackProcess]:
    manifest = _Manifest.read(pack.folder)
    wanted = policy_config.read(pack.config) if pack.config else {}
    python = manifest.interpreter or (
        deployed.project.python if deployed else interpreter(pack.folder, pack.folder, {}, "PulumiPolicy.yaml")
    )
    folder = manifest.folder
    command = processes.supervised([python.command, "-u", "-m", "pulumi.policy", _NO_ENGINE, str(folder)])
    process = processes.start(command, folder, deployed.environment if deployed else {}, python.virtualenv)
    output = _Output(process)
    try:
        port = output.port(pack.folder)
        with grpc.insecure_channel(f"{LOOPBACK}:{port}", options=_UNLIMITED) as channel:
            made = PackProcess(analyzer_pb2_grpc.AnalyzerStub(channel), pack.folder, manifest.version, channel.close)
            made.configure(wanted, has_file=pack.config is not None)
            if deployed:
                made.configure_stack(deployed.project.name, deployed.stack, deployed.config, dry_run=deployed.dry_run)
            yield made
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
        output.close()


_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


@dataclass(frozen=True)
class _Manifest:
    """A pack's `PulumiPolicy.yaml`."""

    folder: Path
    version: str
    interpreter: Interpreter | None

    @classmethod
    def read(cls, folder: Path) -> _Manifest:
        path = folder / "PulumiPolicy.yaml"
        try:
            document = yaml12.load(reading.text(path))
        except OSError as e:
            raise EngineError(
                f'failed to load Pulumi policy project located at "{folder}": open {path}: {(e.strerror or "").lower()}'
            ) from None
        except (yaml.YAMLError, ValueError) as e:
            raise EngineError(f'failed to load Pulumi policy project located at "{folder}": {" ".join(str(e).split())}') from None
        runtime = document.get("runtime") if isinstance(document, dict) else None
        name = runtime.get("name") if isinstance(runtime, dict) else runtime
        if not name:
            raise EngineError(
                f"failed to load Pulumi policy project located at \"{folder}\": project is missing a 'runtime' attribute"
            )
        if name != "python":
            raise Unsupported(f"pulumi_local does not support policy packs in {name} ({path}); only python")
        options = (runtime.get("options") if isinstance(runtime, dict) else None) or {}
        main = document.get("main") or ""
        if not isinstance(options, dict) or not isinstance(main, str):
            raise EngineError(
                f'failed to load Pulumi policy project located at "{folder}": runtime.options is to be an object, main a string'
            )
        root = Path(os.path.abspath(folder))  # a pack that is a link finds what is beside the link
        own = options.get("virtualenv") or options.get("toolchain")
        named = interpreter(root, root, options, "PulumiPolicy.yaml") if own else None
        return cls(root / main, str(document.get("version") or ""), named)


class _Output:
    """What a pack's process prints: its port first, and everything else for the message when it fails."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._first: queue.Queue[str | None] = queue.Queue()
        self._said: list[str] = []
        self._threads = [
            processes.forward(process.stdout, "info", self._take, lambda: self._first.put(None)),
            processes.forward(process.stderr, "info#err", self._take),
        ]

    def _take(self, severity: str, line: str) -> None:
        if severity == "info" and line.strip().isdigit():
            self._first.put(line.strip())
        else:
            self._said.append(line.rstrip())

    def port(self, folder: Path) -> str:
        """The port. Raises EngineError with the last lines that the process printed instead."""
        try:
            found = self._first.get(timeout=START_SECONDS)
        except queue.Empty:
            found = None
        if found is None:
            self._threads[1].join(1)
            said = "\n".join(self._said[-20:])
            raise EngineError(f'policy pack "{folder}" failed to start' + (f":\n{said}" if said else "; it printed nothing"))
        return found

    def close(self) -> None:
        """Waits for the end of the output."""
        for thread in self._threads:
            thread.join(5)
