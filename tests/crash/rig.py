"""A stack, its local Stripe, and a command that runs on them until something is killed."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.project import CLI_ABSENT, ENGINE_PARAMS, ENGINES, ROOT, Project
from tests.forks import Forks

PATIENCE_SECONDS = 60.0
ONE_CHECKPOINT = "cli-one-checkpoint"
"""The CLI with PULUMI_SKIP_CHECKPOINTS, as an engine: it saves the state once, at the end of a run."""

ABSENT = pytest.mark.skipif(ENGINES["cli"] is None, reason=CLI_ABSENT)
RIG_PARAMS = [*ENGINE_PARAMS, pytest.param(ONE_CHECKPOINT, marks=ABSENT)]


class Command:
    """A command that runs, in a process group of its own; `text` is what it has printed so far."""

    def __init__(self, arguments: list[str], folder: Path, environment: dict[str, str], forks: Forks | None = None) -> None:
        self._forks = forks
        self._log = folder / "command.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                arguments,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._seen: set[psutil.Process] = set()

    @property
    def text(self) -> str:
        return self._log.read_text()

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def host(self) -> psutil.Process:
        """The provider host: the process that talks to Stripe."""
        found = [p for p in self._descendants() if _is_host(p)]
        assert len(found) == 1, found
        return self._real(found[0])

    def kill(self, victim: str) -> None:
        """kill -9 of the engine, or of the provider host."""
        self._descendants()
        if victim == "engine":
            self._real(psutil.Process(self._process.pid)).kill()
            self._process.wait()
        elif self.running:  # else it has just made its last request, and ended before it could be killed
            self.host().kill()

    def interrupt(self) -> None:
        """Ctrl-C, as a terminal sends it: to the whole process group."""
        os.killpg(self._process.pid, signal.SIGINT)

    def wait(self) -> int:
        """Waits for its end; the exit code, negative for a signal."""
        return self._process.wait(PATIENCE_SECONDS)

    def clean(self) -> None:
        """Ends what is left of it. An engine that was killed may leave children behind, which nobody else ends."""
        if self.running:
            self._descendants()
            self._process.kill()
            self._process.wait()
        for process in self._seen:
            if process.is_running():
                process.kill()

    def _descendants(self) -> set[psutil.Process]:
        found: set[psutil.Process] = set()
        parents = {psutil.Process(self._process.pid)} if self.running else set()
        while parents:
            parents |= {self._real(parent) for parent in parents}
            found |= parents
            parents = {child for parent in parents for child in _children(parent)} - found
        self._seen |= found
        return found

    def _real(self, process: psutil.Process) -> psutil.Process:
        """The process, or the fork that it stands for."""
        pid = self._forks.fork_of(process.pid) if self._forks else None
        return psutil.Process(pid) if pid else process


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children()
    except psutil.Error:
        return []  # it has just ended


def _is_host(process: psutil.Process) -> bool:
    try:
        command = process.cmdline()
    except psutil.Error:
        return False
    # The local engine has a watcher before it, the CLI a shell; where it is forked, the client has these words last.
    return command[-4:-1] == ["-u", "-m", "pulumi.dynamic"] and "supervise.py" not in " ".join(command)


class Rig(Project):
    """A project that can be copied while it is at rest, and whose commands can be watched and killed."""

    def __init__(self, engine: str, folder: Path, url: str, stack: str = "dev", forks: Forks | None = None) -> None:
        self._forks = forks
        virtualenv = forks.virtualenv if forks else None
        super().__init__("cli" if engine == ONE_CHECKPOINT else engine, folder, url, stack, virtualenv)
        if engine == ONE_CHECKPOINT:
            self.environment["PULUMI_SKIP_CHECKPOINTS"] = "true"

    def copied(self, folder: Path, url: str) -> Rig:
        """The same stack in another folder, on another local Stripe."""
        shutil.copytree(self.folder, folder, symlinks=True)
        other = copy.copy(self)
        other.folder = folder
        other.environment = {**self.environment, "PULUMI_BACKEND_URL": f"file://{folder}/state", "STRIPE_API_BASE": url}
        return other

    def begin(self, command: str) -> Command:
        """Starts `up` or `destroy`, and does not wait for it."""
        flags = ["--yes", "--skip-preview", "--stack", self.stack, "--color", "never"]
        return Command([*self._command, command, *flags], self.folder, self.environment, self._forks)

    def saved(self) -> list[dict[str, Any]]:
        """The resources in the state, as the backend's file has them: retired ones that are still to be deleted, too."""
        path = self.folder / "state" / ".pulumi" / "stacks" / "hypernian" / f"{self.stack}.json"
        return list(json.loads(path.read_text())["checkpoint"]["latest"].get("resources") or [])

    def mend(self) -> None:
        """What docs/crashes.md says to do about a file that the CLI left empty."""
        (command,) = re.findall(r"^find .*$", (ROOT / "docs" / "crashes.md").read_text(), re.MULTILINE)
        subprocess.run(command.replace("~", f"{self.folder}/state"), shell=True, check=True)

    def unlock(self) -> None:
        """`cancel`, where a command that was killed left its lock."""
        if self.engine == "cli":
            self.mend()
        if any((self.folder / "state" / ".pulumi" / "locks").rglob("*.json")):
            self.run("cancel", "--yes", "--stack", self.stack, check=True)
