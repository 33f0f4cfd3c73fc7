"""A copy of the project, a stack of it, and an engine's command line to drive it with."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stripe_project import engine as engines

ROOT = Path(__file__).parents[2]
PACKAGES = ("stripe_client", "stripe_resources", "stripe_components", "stripe_policy", "policy")
CLI_ABSENT = f"there is no pulumi on PATH; get it from {engines.INSTALLING} to run this on the Pulumi CLI too"

ENGINES: dict[str, list[str] | None] = {
    "local": list(engines.LOCAL.command),
    "cli": [found] if (found := engines.on_path()) else None,
}

ENGINE_PARAMS = [
    pytest.param(name, marks=pytest.mark.skipif(command is None, reason=CLI_ABSENT)) for name, command in ENGINES.items()
]


def captured(
    command: Sequence[str], folder: Path, environment: dict[str, str], seconds: float = 100
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end, without input; all that it prints is in `stdout`."""
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
    )


@dataclass(frozen=True)
class Run:
    """One command: its exit code, everything it printed, and the steps it took or would take."""

    code: int
    text: str
    steps: list[tuple[str, str]]
    """(operation, resource name), in order, without the stack and what stays the same."""
    summary: dict[str, int]

    @property
    def errors(self) -> str:
        # An engine says on a line of its own why something cannot be deleted.
        return "\n".join(line for line in self.text.splitlines() if "error" in line or "it is protected" in line)


class Project:
    """A stack, of its own backend; `stack()` has been initialised and points at the local Stripe at `url`."""

    def __init__(self, engine: str, folder: Path, url: str, stack: str = "dev", virtualenv: Path | None = None) -> None:
        command = ENGINES[engine]
        assert command is not None
        if engine == "local" and virtualenv:
            command = [str(virtualenv / "bin" / "python"), *command[1:]]
        self.engine, self.folder, self.stack, self._command = engine, folder, stack, command
        self.seconds = 100.0  # the most that a command may take
        for path in (*ROOT.glob("Pulumi*.yaml"), ROOT / "__main__.py"):
            shutil.copy(path, folder)
        for name in PACKAGES:
            (folder / name).symlink_to(ROOT / name)
        (folder / ".venv").symlink_to(virtualenv or sys.prefix)
        (folder / "state").mkdir()
        hidden = ("STRIPE_", "PULUMI_")
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(hidden)},
            "PYTHONPATH": str(ROOT),
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
            "PULUMI_HOME": f"{folder}/.pulumi-home",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true",
            "STRIPE_API_BASE": url,
        }
        self.run("stack", "init", stack, check=True)

    # -- the command line

    def run(self, *arguments: str, check: bool = False, **environment: str) -> subprocess.CompletedProcess[str]:
        """Any command, in the words of the user."""
        done = captured([*self._command, *arguments], self.folder, {**self.environment, **environment}, self.seconds)
        assert not check or done.returncode == 0, done.stdout
        return done

    def begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A command on the stack that is not waited for; what it prints goes nowhere."""
        command = [*self._command, *arguments, "--stack", self.stack]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, stdin=quiet, stdout=quiet, stderr=quiet)

    def preview(self, *flags: str, **environment: str) -> Run:
        return self._steps("preview", *flags, **environment)

    def up(self, *flags: str, **environment: str) -> Run:
        return self._steps("up", "--yes", "--skip-preview", *flags, **environment)

    def refresh(self, *flags: str, **environment: str) -> Run:
        return self._steps("refresh", "--yes", "--skip-preview", *flags, **environment)

    def destroy(self, *flags: str, **environment: str) -> Run:
        return self._steps("destroy", "--yes", "--skip-preview", *flags, **environment)

    def outputs(self) -> dict[str, Any]:
        outputs: dict[str, Any] = json.loads(self.run("stack", "output", "--json", "--stack", self.stack, check=True).stdout)
        return outputs

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self.run("stack", "export", "--stack", self.stack, check=True).stdout)
        return state

    def resources(self) -> dict[str, dict[str, Any]]:
        """The resources in the state, by name."""
        return {r["urn"].rpartition("::")[2]: r for r in self.state()["deployment"].get("resources") or []}

    def config(self, key: str, value: str, *flags: str) -> None:
        self.run("config", "set", key, value, *(flags or ["--plaintext"]), "--stack", self.stack, check=True)

    def program(self, text: str) -> None:
        (self.folder / "__main__.py").write_text(text)

    def edit(self, old: str, new: str) -> None:
        """Changes the program."""
        text = (self.folder / "__main__.py").read_text()
        assert old in text
        self.program(text.replace(old, new))

    # -- events

    def _steps(self, *arguments: str, **environment: str) -> Run:
        done = self.run(*arguments, "--stack", self.stack, "--json", "--color", "never", check=False, **environment)
        return run_of(done.returncode, done.stdout)


def typed(project: Project, script: str) -> subprocess.CompletedProcess[str]:
    """A script from a page, with the project's engine under the name of `pulumi`."""
    engine = shlex.join(ENGINES[project.engine] or [])
    script = f'pulumi() {{ {engine} "$@"; }}\n{script}'
    return captured(["bash", "-euo", "pipefail", "-c", script], project.folder, project.environment)


def run_of(code: int, text: str) -> Run:
    events = [json.loads(line) for line in text.split("\n") if line.startswith("{")]
    steps: list[tuple[str, str]] = []
    summary: dict[str, int] = {}
    lines = [line for line in text.split("\n") if not line.startswith("{")]
    for event in events:
        if metadata := event.get("resourcePreEvent", {}).get("metadata"):
            if metadata["op"] != "same" and "pulumi:" not in metadata["type"].partition("-")[0]:
                steps.append((metadata["op"], metadata["urn"].split("::", 3)[3]))
        elif diagnostic := event.get("diagnosticEvent"):
            lines.append(f"{diagnostic['severity']}: {diagnostic['message']}".strip())
        elif policy := event.get("policyEvent"):
            message = " ".join(policy["message"].split())
            lines.append(f"policy {policy['policyName']}: {message} [{policy.get('resourceUrn', '')}]")
        elif "summaryEvent" in event:
            summary = event["summaryEvent"]["resourceChanges"] or {}
    return Run(code, "\n".join(lines), steps, summary)


def written(requests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The requests that change something: before a create, what is there is looked at as well."""
    return [r for r in requests if r["method"] != "GET"]


def sent(requests: Sequence[dict[str, Any]]) -> list[str]:
    """Requests as one reads them: `POST /v1/prices`."""
    return [f"{r['method']} {r['path']}" for r in requests]
