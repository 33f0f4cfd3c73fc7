"""The project's settings files, as the local engine reads them. Raises SystemExit for what the user can fix."""

from __future__ import annotations

import re
from pathlib import Path

from pulumi_local.errors import EngineError
from pulumi_local.project import file
from pulumi_local.project.config.settings import StackSettings
from pulumi_local.project.file import ProjectFile


def root() -> Path:
    """The project's folder: the current one, or the nearest above it, that has a project file."""
    return _file().parent


def _file() -> Path:
    here = Path.cwd()
    if found := file.find(here):
        return found
    raise SystemExit(
        f"There is no Pulumi.yaml in {here} or above it; go to the project's folder, or make a project: stripe-project new"
    )


def typed(command: str, stack: str = "dev", more: str = "") -> str:
    """What the user types, in backquotes: `make up STACK=prod` if the Makefile makes it, else `stripe-project up --stack prod`.

    `more` is --yes, which is YES=1 there, or other options.
    """
    if command not in _targets():
        words = [f"stripe-project {command}", "" if stack == "dev" else f"--stack {stack}", more]
    else:
        arguments = f"ARGS='{more}'" if more not in ("", "--yes") else ""
        words = [f"make {command}", "" if stack == "dev" else f"STACK={stack}", "YES=1" if more == "--yes" else arguments]
    return f"`{' '.join(w for w in words if w)}`"


def _targets() -> set[str]:
    """What `make` can make here; nothing where the Makefile is not one that calls this command."""
    try:
        makefile = (root() / "Makefile").read_text()
    except (OSError, ValueError):
        return set()
    if not re.search(r"\bstripe[-_]project\b", makefile):
        return set()
    return {name for names in re.findall(r"^([\w -]+):(?!=)", makefile, re.M) for name in names.split()}


def project() -> ProjectFile:
    """What `Pulumi.yaml` says."""
    try:
        return file.read(_file())
    except EngineError as e:
        raise SystemExit(str(e)) from None


def of_stack(name: str) -> StackSettings:
    """What `Pulumi.<stack>.yaml` says, which must exist."""
    found = project()
    path = found.settings_path(name)
    if not path.exists():
        known = sorted(p.name.split(".")[1] for p in path.parent.glob(found.settings_path("*").name))
        raise SystemExit(f"There is no {path.name}; the environments are {', '.join(known)}")
    try:
        return found.settings(name)
    except EngineError as e:
        raise SystemExit(str(e)) from None
