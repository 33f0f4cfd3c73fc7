from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.e2e.project import ROOT, captured
from tests.pulumi_local.test_terminal import Terminal
from tests.stripe_local.server import LocalStripe


class Folder:
    """A project's folder, without a Makefile, whose stacks deploy to a local Stripe; the engine is the local one."""

    def __init__(self, path: Path, url: str) -> None:
        self.path = path
        for file in (*ROOT.glob("Pulumi*.yaml"), ROOT / "__main__.py"):
            shutil.copy(file, path)
        (path / ".venv").symlink_to(sys.prefix)
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("STRIPE_", "PULUMI_")) and k != "CI"},
            "PYTHONPATH": str(ROOT),
            "HOME": str(path),
            "PULUMI_ENGINE": "local",
            "STRIPE_API_BASE": url,
            "STRIPE_API_KEY": "sk_test_local",
        }

    @staticmethod
    def command(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "stripe_project", *arguments]

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return captured(self.command(*arguments), self.path, {**self.environment, **environment})

    def engine(self, *arguments: str, environment: dict[str, str]) -> None:
        """A command of the local engine itself."""
        done = captured([sys.executable, "-m", "pulumi_local", *arguments], self.path, environment)
        assert done.returncode == 0, done.stdout

    def begin(self, *arguments: str, new_group: bool = True) -> subprocess.Popen[str]:
        """A command without a terminal; `said` waits for it."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.path,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=new_group,
        )

    def on_terminal(self, *arguments: str) -> Terminal:
        shop: Any = SimpleNamespace(folder=self.path, env=self.environment, cli=self.command())
        return Terminal(shop, *arguments)

    @property
    def backend(self) -> Path:
        return self.path / ".local" / "state" / ".pulumi"

    def locks(self) -> list[Path]:
        return [p for p in (self.backend / "locks").rglob("*") if p.is_file()]

    def deployment(self, stack: str = "dev") -> dict[str, Any]:
        text = (self.backend / "stacks" / "hypernian" / f"{stack}.json").read_text()
        deployment: dict[str, Any] = json.loads(text)["checkpoint"]["latest"]
        return deployment

    def resources(self, stack: str = "dev") -> list[str]:
        """The names of what is in the state."""
        return [r["urn"].rpartition("::")[2] for r in self.deployment(stack).get("resources") or []]


@pytest.fixture
def server(shared_server: LocalStripe) -> Iterator[LocalStripe]:
    shared_server.reset()
    yield shared_server
    shared_server.reset()


@pytest.fixture
def folder(tmp_path: Path, server: LocalStripe) -> Folder:
    return Folder(tmp_path, server.url)
