"""The surfaces of released versions, one file each."""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path

from tests.surface.collecting import ROOT, Surface, flat, surface

FOLDER = Path(__file__).parent / "released"


def version() -> str:
    """That of `pyproject.toml`."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def released() -> dict[str, dict[str, str]]:
    """The names of each released version, the oldest first."""
    versions = sorted((path.stem for path in FOLDER.glob("*.json")), key=lambda v: [int(part) for part in v.split(".")])
    return {version: flat(json.loads((FOLDER / f"{version}.json").read_text())) for version in versions}


def write(today: Surface | None = None) -> Path:
    """Writes the file of the version in `pyproject.toml`. Raises SystemExit where that version is out."""
    tag = f"v{version()}"
    if (
        subprocess.run(["git", "rev-parse", "--quiet", "--verify", f"refs/tags/{tag}"], cwd=ROOT, capture_output=True).returncode
        == 0
    ):
        raise SystemExit(f"{tag} is tagged, so its surface stays; give pyproject.toml the next version")
    path = FOLDER / f"{version()}.json"
    path.write_text(json.dumps(today or surface(), indent=0, ensure_ascii=False) + "\n")
    return path
