"""What the rooms are: the packages and modules of this repository, by their dotted names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_OURS = ("tests/recorded/states",)
"""Programs of users, kept as they were written."""


def packages(root: Path = ROOT) -> set[str]:
    """The top-level packages: folders with an `__init__.py`."""
    return {path.parent.name for path in root.glob("*/__init__.py")}


def modules(root: Path = ROOT) -> Mapping[str, Path]:
    """Every Python file by its dotted name; a package has the path of its `__init__.py`. Hidden folders are left out."""
    found = {}
    for path in sorted(root.glob("*.py")) + sorted(root.glob("[!.]*/**/*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if not any(part.startswith(".") or part == "node_modules" for part in parts) and not "/".join(parts).startswith(NOT_OURS):
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found
