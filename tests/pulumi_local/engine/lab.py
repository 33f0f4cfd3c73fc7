"""A project, a shelf, a state file, and the engine to work on them."""

from __future__ import annotations

import base64
import json
import os
import pathlib
import sys
import threading
from typing import Any

from pulumi_local.changelog import replayed
from pulumi_local.engine import run
from pulumi_local.interfaces import (
    Analyzer,
    Cancellation,
    ConfigValue,
    Deployment,
    Event,
    Interpreter,
    Options,
    Project,
    Result,
    deployment_json,
)

PROGRAM = pathlib.Path(__file__).parent / "program"
PREFIX = "urn:pulumi:dev::lab::"
BOX = PREFIX + "pulumi-python:dynamic/shelf:Box::"


class FileState:
    """One JSON file, replaced whole."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.saves = 0

    def load(self) -> Deployment | None:
        if not self.path.exists():
            return None
        saved = json.loads(self.path.read_text())
        log = self.path.with_suffix(".log")
        return (replayed(saved, log.read_bytes()) if log.exists() else None) or saved

    def note(self, changes: bytes) -> None:
        with self.path.with_suffix(".log").open("ab") as f:
            f.write(changes)

    def save(self, deployment: Deployment) -> None:
        self.saves += 1
        temporary = self.path.with_suffix(".new")
        temporary.write_bytes(deployment_json(deployment))
        os.replace(temporary, self.path)
        self.path.with_suffix(".log").unlink(missing_ok=True)


class Sealing:
    """Not encryption, but different each time, as encryption is."""

    def __init__(self) -> None:
        self.type = "lab"
        self.state: Any = {"salt": "s"}

    def encrypt(self, plaintext: str) -> str:
        return f"{os.urandom(4).hex()}:{base64.b64encode(plaintext.encode()).decode()}"

    def decrypt(self, ciphertext: str) -> str:
        return base64.b64decode(ciphertext.partition(":")[2]).decode()


class Lab:
    """Runs programs, each in a process of its own, as are the provider hosts."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.project = folder / "project"
        self.shelf = folder / "shelf"
        self.state = FileState(folder / "state.json")
        self.events: list[Event] = []
        self.config: dict[str, ConfigValue] = {}
        self.analyzers: list[Analyzer] = []
        for path in (self.project, self.shelf):
            path.mkdir(exist_ok=True)
        (self.project / "shelf.py").write_text((PROGRAM / "shelf.py").read_text())
        self._seen_calls = 0

    def write(self, program: str) -> None:
        head = "import pulumi\nfrom pulumi import ResourceOptions as Opts\nfrom shelf import Box, Rack\n"
        (self.project / "__main__.py").write_text(head + program)

    def run(
        self,
        program: str | None = None,
        *,
        cancellation: Cancellation | None = None,
        python: str = sys.executable,
        **options: Any,
    ) -> Result:
        if program is not None:
            self.write(program)
        self.events.clear()
        os.environ["SHELF"] = str(self.shelf)
        chosen = Options(**{"operation": "update", "preview": False, "parallel": 1, **options})
        project = Project("lab", self.project, self.project, Interpreter(python))
        return run(project, "dev", self.config, self.state, Sealing(), chosen, self.events.append, self.analyzers, cancellation)

    def up(self, program: str, **options: Any) -> Result:
        result = self.run(program, **options)
        assert result.ok, self.errors
        return result

    # -- what happened

    def calls(self) -> list[str]:
        """The provider's calls since the last time, as "method name"."""
        path = self.shelf / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        fresh, self._seen_calls = lines[self._seen_calls :], len(lines)
        return [f"{method} {name}" for method, name, _ in map(json.loads, fresh)]

    def acts(self) -> list[str]:
        """The calls that change or look at objects."""
        return [c for c in self.calls() if not c.startswith(("check ", "diff "))]

    @property
    def steps(self) -> list[str]:
        """The steps of the last run, as "op name"."""
        found = [e["resourcePreEvent"]["metadata"] for e in self.events if "resourcePreEvent" in e]
        return [f"{m['op']} {m['urn'].rpartition('::')[2]}" for m in found if "Stack" not in m["type"]]

    def diagnostics(self, severity: str) -> list[str]:
        found = [e["diagnosticEvent"] for e in self.events if "diagnosticEvent" in e]
        return [d["message"].strip() for d in found if d["severity"] == severity]

    @property
    def errors(self) -> list[str]:
        return self.diagnostics("error")

    # -- what there is

    @property
    def deployment(self) -> Deployment:
        deployment = self.state.load()
        assert deployment is not None
        return deployment

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The resources in the state by name, without the stack and default providers."""
        wanted = [r for r in self.deployment["resources"] if r["type"] != "pulumi:pulumi:Stack" and "::default" not in r["urn"]]
        return {r["urn"].rpartition("::")[2] + ("!" if r.get("delete") else ""): r for r in wanted}

    @property
    def outputs(self) -> dict[str, Any]:
        return self.deployment["resources"][0].get("outputs", {})

    @property
    def live(self) -> list[str]:
        """The objects on the shelf."""
        return sorted(p.name for p in self.shelf.iterdir() if "-" in p.name and p.read_text())

    def wait_for(self, call: str) -> None:
        """Waits until the provider is in this call."""
        done = threading.Event()
        for _ in range(1000):
            path = self.shelf / "calls"
            if path.exists() and any(f"{m} {n}" == call for m, n, _ in map(json.loads, path.read_text().splitlines())):
                return
            done.wait(0.02)
        raise TimeoutError(call)

    def go(self) -> None:
        """Lets hanging calls go on."""
        (self.shelf / "go").touch()
