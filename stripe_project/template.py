"""The files of a new project: the Pulumi template that `pulumi new` copies, and what `new` and `add` copy as it does.

https://www.pulumi.com/docs/iac/concepts/projects/templates/
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).parent
FOLDER = next(folder for folder in (_HERE / "template", _HERE.parent / "template") if folder.is_dir())
"""In the package beside this file, in a checkout beside the packages."""

STACKS = ("dev", "staging", "prod")


def paths() -> list[Path]:
    """The files, relative to the template's folder."""
    return sorted(path.relative_to(FOLDER) for path in FOLDER.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def for_cli() -> dict[str, Any]:
    """What the template tells `pulumi new`: a description of it, and what to ask for, by setting."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / "Pulumi.yaml").read_text(encoding="utf-8"))["template"]
    return found


def text(path: str | Path, project: str, description: str) -> str:
    """One of the files, with the placeholders filled in as the CLI does, and without the part for the CLI in Pulumi.yaml."""
    found = (FOLDER / path).read_text(encoding="utf-8")
    if str(path).endswith(".yaml"):
        project, description = quoted(project), quoted(description)
    if str(path) == "Pulumi.yaml":
        found = _without(found.splitlines(keepends=True), "template:")
    return found.replace("${PROJECT}", project).replace("${DESCRIPTION}", description)


def quoted(value: str) -> str:
    """A string as YAML has it, on one line, with quotes only where it needs them."""
    if not value.isprintable():
        return json.dumps(value)
    dumped: str = yaml.safe_dump(value, allow_unicode=True, width=10**9)
    return dumped.removesuffix("\n...\n").removesuffix("\n")


def _without(lines: Iterable[str], section: str) -> str:
    """Without a top-level section."""
    kept, inside = [], False
    for line in lines:
        if not line.startswith((" ", "#")):
            inside = line.startswith(section)
        if not inside:
            kept.append(line)
    return "".join(kept)
