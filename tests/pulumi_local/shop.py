"""A project of its own for a test, and the command line in it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stripe_project import engine

ROOT = Path(__file__).parents[2]
TYPE = "pulumi-python:dynamic/shop:Shelf"
PASSPHRASE = "correct horse"
NEEDS_CLI = pytest.mark.skipif(engine.on_path() is None, reason=f"needs the Pulumi CLI on PATH: {engine.INSTALLING}")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


class Shop:
    """A copy of the project `tests/pulumi_local/project`, with a backend beside it."""

    def __init__(self, folder: Path, cli: list[str] | None = None) -> None:
        self.folder = folder / "project"
        self.backend = folder / "state"
        self.backend.mkdir(exist_ok=True)
        if not self.folder.exists():
            shutil.copytree(Path(__file__).parent / "project", self.folder, ignore=shutil.ignore_patterns("__pycache__"))
        self.cli = cli or list(engine.LOCAL.command)
        self.store = folder / "store.json"
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("PULUMI")},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "PYTHONPATH": str(ROOT),
            "PULUMI_BACKEND_URL": f"file://{self.backend}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_HOME": str(folder / ".pulumi"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "SHELVES": str(folder / "shelves.json"),
            "SHELVES_STORE": str(self.store),
        }
        self.wants({})

    def wants(self, shelves: dict[str, Any]) -> None:
        """What the program declares from now on."""
        Path(self.env["SHELVES"]).write_text(json.dumps(shelves))

    def run(self, *args: str, stdin: str = "", env: dict[str, str] | None = None, cwd: Path | None = None) -> Ended:
        """One command, to its end."""
        command = [*self.cli, *args]
        done = subprocess.run(
            command,
            cwd=cwd or self.folder,
            env={**self.env, **(env or {})},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=100,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def ok(self, *args: str, **more: Any) -> Ended:
        """One command that must succeed."""
        ended = self.run(*args, **more)
        assert ended.code == 0, f"{args}: exit {ended.code}\n{ended.out}\n{ended.err}"
        return ended

    def start(self, *args: str) -> subprocess.Popen[str]:
        """A command that goes on while the test does something else."""
        return subprocess.Popen(
            [*self.cli, *args],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def up(self, **more: Any) -> Ended:
        """An update without a preview."""
        return self.ok("up", "--yes", "--skip-preview", "--suppress-progress", **more)

    def live(self) -> dict[str, Any]:
        """The objects that are there."""
        if not self.store.exists():
            return {}
        with self.store.open(encoding="utf-8") as f:
            fcntl.flock(f, fcntl.LOCK_SH)  # the provider writes under a lock
            found = json.loads(f.read() or "{}")
        return {k: v for k, v in found.items() if v is not None}

    def state(self) -> dict[str, Any]:
        """The stack's deployment."""
        exported: dict[str, Any] = json.loads(self.ok("stack", "export").out)["deployment"]
        return exported

    def wait_for_objects(self, count: int) -> None:
        """Until so many objects were made."""
        deadline = time.monotonic() + 60
        while len(self.live()) < count:
            assert time.monotonic() < deadline, "the objects were never made"
            time.sleep(0.02)


def kill(process: subprocess.Popen[str]) -> None:
    """kill -9."""
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
