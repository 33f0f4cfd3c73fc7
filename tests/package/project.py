"""A project outside the checkout, whose environment has the wheel."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.project import Run, run_of
from tests.package.venv import Venv
from tests.rooms.sources import ROOT

FILES = ("__main__.py", "Pulumi.yaml", "Pulumi.dev.yaml")


def copy(program: Path, folder: Path) -> None:
    """The program and its settings, and the policy pack, which is the checkout's."""
    for name in FILES:
        shutil.copy(program / name, folder)
    shutil.copytree(ROOT / "policy", folder / "policy", ignore=shutil.ignore_patterns("__pycache__"))


@dataclass
class Installed:
    """The stack dev of a program, deployed by the local engine of an environment."""

    folder: Path
    url: str
    """The local Stripe's."""
    venv: Venv
    program: Path = ROOT
    """The folder that the program and its settings are copied from."""
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        copy(self.program, self.folder)
        (self.folder / "state").mkdir()
        self.environment = {
            "PULUMI_BACKEND_URL": f"file://{self.folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true",
            "STRIPE_API_BASE": self.url,
        }
        self.use(self.venv)
        done = self.venv.run("pulumi-local", "stack", "init", "dev", cwd=self.folder, environment=self.environment)
        assert done.returncode == 0, done.stderr

    def use(self, venv: Venv) -> None:
        """Goes on in another environment, which Pulumi.yaml has to name as the program's too."""
        self.venv = venv
        link = self.folder / ".venv"
        link.unlink(missing_ok=True)
        link.symlink_to(venv.folder)

    def steps(self, *arguments: str) -> Run:
        """A command with events, such as `preview` or `up --yes`."""
        told = (*arguments, "--stack", "dev", "--json", "--color", "never")
        done = self.venv.run("pulumi-local", *told, cwd=self.folder, environment=self.environment)
        return run_of(done.returncode, done.stdout + done.stderr)

    def state(self) -> Path:
        """The stack's file in the backend."""
        (found,) = (self.folder / "state" / ".pulumi" / "stacks").glob("*/dev.json")
        return found
