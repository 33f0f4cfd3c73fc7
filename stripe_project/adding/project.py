"""The project that is there: its program, its toolchain, its stacks. Nothing is changed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pulumi_local.errors import EngineError
from pulumi_local.project import file, toolchain
from pulumi_local.project.config import yaml12
from pulumi_local.project.file import ProjectFile
from pulumi_local.project.toolchain import above
from stripe_client import reading

LOCAL = ("dev",)
LIVE = ("prod", "production")
"""What stacks are called that deploy to the local Stripe, and to live mode, unless the command line names them."""


@dataclass(frozen=True)
class Existing:
    """A Pulumi project in Python."""

    file: ProjectFile
    program: Path
    """The folder of `__main__.py`."""
    toolchain: str
    """pip, uv or poetry."""
    stacks: dict[str, Path]
    """Its settings files, by stack."""

    @property
    def root(self) -> Path:
        """The folder of `Pulumi.yaml`."""
        return self.file.root

    @property
    def virtualenv(self) -> str:
        """As `Pulumi.yaml` says; "" where the toolchain knows."""
        return str(self.file.runtime_options.get("virtualenv") or "")

    def requirements(self) -> Path:
        """The file that its dependencies are written in: requirements.txt for pip, else pyproject.toml. Raises SystemExit."""
        if self.toolchain == "pip":
            for folder in (self.program, self.root):
                listed, declared = folder / "requirements.txt", folder / "pyproject.toml"
                if listed.exists():
                    return listed
                if declared.exists() and "project" in mapping(declared, text(declared)):
                    return declared
            return self.root / "requirements.txt"
        home = above(self.program, "pyproject.toml")
        if home is None:
            raise SystemExit(
                f"There is no pyproject.toml in {self.program} or above it, where {self.toolchain} keeps dependencies"
            )
        return home / "pyproject.toml"


def find(start: Path) -> Existing:
    """The project that `start` is in. Raises SystemExit where there is none, or where it is not in Python."""
    try:
        project = file.load(start)
    except EngineError as e:
        raise SystemExit(str(e)) from None
    if project.runtime != "python":
        raise SystemExit(f"{project.path} has the runtime {project.runtime}; billing is added to programs in Python")
    program = project.program
    if not (program / "__main__.py").is_file():
        raise SystemExit(f"There is no program: {program / '__main__.py'} does not exist (see `main` in {project.path})")
    settings = project.settings_path("*")
    stacks = {path.name.split(".", 1)[1].rpartition(".")[0]: path for path in sorted(settings.parent.glob(settings.name))}
    return Existing(project, program, _toolchain(project, program), stacks)


def _toolchain(project: ProjectFile, program: Path) -> str:
    """As engines choose it: what `Pulumi.yaml` says, else by the lock file."""
    said = str(project.runtime_options.get("toolchain") or "")
    return said or toolchain.detected(program)


def mapping(path: Path, text: str) -> dict[str, Any]:
    """What a YAML or TOML file says. Raises SystemExit where it cannot be read."""
    try:
        found = tomllib.loads(text) if path.suffix == ".toml" else yaml12.load(text)
    except RecursionError:
        raise SystemExit(f"{path} cannot be read: it is nested too deep") from None
    except (yaml.YAMLError, ValueError) as e:
        raise SystemExit(f"{path} cannot be read: {' '.join(str(e).split())}") from None
    if found is not None and not isinstance(found, dict):
        raise SystemExit(f"{path} cannot be read: expected keys and values")
    return found or {}


def text(path: Path) -> str:
    """What is in a file. Raises SystemExit where it cannot be read."""
    try:
        return reading.text(str(path))
    except ValueError as e:
        raise SystemExit(f"{path} cannot be read: {e}") from None
