"""Builds what is published, and checks it. Into dist/: packages/ (sdist and wheel), SHA256SUMS, sbom.cdx.json.

python -m scripts.release                       builds and checks the checkout as it is
python -m scripts.release --release [--tag v1]  also refuses what is no release, and writes its part of the changelog, notes.md

Nothing is published: .github/workflows/release.yml does that.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.changelog import UNRELEASED, dates, sections

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
SURFACES = Path("tests") / "surface" / "released"


@dataclass(frozen=True)
class Checkout:
    """What a release is judged by."""

    version: str
    changelog: str
    surfaces: frozenset[str]
    """The versions whose public surface is written down."""
    changed: tuple[str, ...]
    """What git does not have as it is, untracked files among it."""
    commit: str
    tagged: str
    """The commit of this version's tag; "" where there is none."""


def problems(of: Checkout, tag: str = "") -> list[str]:
    """Why this is no release. `tag` is the one that asks for it; "" before there is one."""
    found = []
    if of.changed:
        found.append(f"not committed: {', '.join(of.changed)}; commit or remove it")
    if tag and tag != f"v{of.version}":
        found.append(f"the tag is {tag}, and pyproject.toml has version {of.version}; tag v{of.version}, or change the version")
    if of.tagged and of.tagged != of.commit:
        found.append(f"v{of.version} is released, as {of.tagged[:7]}; give pyproject.toml the next version")
    if not sections(of.changelog).get(of.version):
        found.append(f"CHANGELOG.md has nothing of {of.version}; move what is new below `## [{of.version}] - YYYY-MM-DD`")
    elif not dates(of.changelog)[of.version]:
        found.append(f"CHANGELOG.md has no date of {of.version}; write `## [{of.version}] - YYYY-MM-DD`")
    if sections(of.changelog).get(UNRELEASED):
        found.append(f"CHANGELOG.md says that something is not released; move it from {UNRELEASED} to {of.version}")
    if of.version not in of.surfaces:
        found.append(f"{SURFACES}/{of.version}.json is missing; write it with `make surface`")
    return found


def checkout(root: Path = ROOT) -> Checkout:
    """The checkout as it is."""
    version = _version(root)
    return Checkout(
        version,
        (root / "CHANGELOG.md").read_text(encoding="utf-8"),
        frozenset(path.stem for path in (root / SURFACES).glob("*.json")),
        tuple(line[3:] for line in _git(root, "status", "--porcelain").splitlines()),
        _git(root, "rev-parse", "HEAD"),
        _git(root, "rev-parse", "--quiet", "--verify", f"refs/tags/v{version}^{{commit}}", may_fail=True),
    )


def packages(root: Path = ROOT) -> list[str]:
    """The import packages of the wheel."""
    found: list[str] = _project(root)["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    return found


TEMPLATE = "stripe_project/template"
"""Where in the wheel `template/` of the repository is."""


def build(root: Path, out: Path, epoch: str) -> dict[str, str]:
    """Builds sdist and wheel from a copy of what git knows of; the SHA-256 of each by its name.

    `epoch` is the time, in Unix seconds, that everything in them has.
    """
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "source"
        for path in _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
            if path and (root / path).is_file():
                (copy / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(root / path, copy / path)
        _run("-m", "build", "--no-isolation", "--outdir", str(out), str(copy), SOURCE_DATE_EPOCH=epoch)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.iterdir())}


def check(root: Path, out: Path) -> None:
    """Metadata, and what is in the wheel: our packages with all their files, and nothing else. Raises SystemExit."""
    names = packages(root)
    built = [str(path) for path in sorted(out.iterdir())]
    wheels = [path for path in built if path.endswith(".whl")]
    _run("-m", "twine", "check", "--strict", *built)
    # Given by name here, since the list of packages is there for hatchling already.
    with tempfile.TemporaryDirectory() as folder:
        holder, inside = TEMPLATE.split("/")
        skipped = shutil.ignore_patterns("__pycache__")
        shutil.copytree(root / holder, Path(folder) / holder, ignore=skipped)
        shutil.copytree(root / inside, Path(folder) / TEMPLATE, ignore=skipped)
        trees = [Path(folder) / name if name == holder else root / name for name in names]
        expected = [argument for tree in trees for argument in ("--package", str(tree))]
        # By default the checker takes no file with a leading dot for a part of a package.
        options = ("--no-config", "--toplevel", ",".join(names), "--package-omit", "__pycache__")
        _run("-m", "check_wheel_contents", *options, *expected, *wheels)
    for wheel in wheels:
        foreign = sorted(
            name
            for name in zipfile.ZipFile(wheel).namelist()
            if re.search(r"(^|/)(tests?|conftest\.py)(/|$)", name) and not name.startswith(f"{TEMPLATE}/")
        )
        if foreign:
            raise SystemExit(f"{Path(wheel).name} has tests in it: {', '.join(foreign)}")


def list_parts(root: Path, path: Path, epoch: str) -> None:
    """Writes what the package was tested with, as CycloneDX: `requirements.txt`, with all hashes."""
    given = (
        "--pyproject",
        str(root / "pyproject.toml"),
        "--mc-type",
        "library",
        "--output-reproducible",
        "--output-file",
        str(path),
    )
    _run("-W", "ignore", "-m", "cyclonedx_py", "requirements", *given, str(root / "requirements.txt"), SOURCE_DATE_EPOCH=epoch)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command. Raises SystemExit that says everything that is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", action="store_true", help="refuse what is no release; write notes.md")
    parser.add_argument("--tag", default="", help="the tag that this is built for")
    given = parser.parse_args(argv)
    of = checkout()
    if given.release and (found := problems(of, given.tag)):
        raise SystemExit("\n".join(["this is no release:", *(f"- {problem}" for problem in found)]))
    epoch = _git(ROOT, "log", "-1", "--format=%ct")
    shutil.rmtree(DIST, ignore_errors=True)
    hashes = build(ROOT, DIST / "packages", epoch)
    with tempfile.TemporaryDirectory() as name:
        if (again := build(ROOT, Path(name), epoch)) != hashes:
            raise SystemExit(f"two builds differ: {hashes}, then {again}")
    check(ROOT, DIST / "packages")
    list_parts(ROOT, DIST / "sbom.cdx.json", epoch)
    (DIST / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in hashes.items()))
    if given.release:
        (DIST / "notes.md").write_text(sections(of.changelog)[of.version] + "\n", encoding="utf-8")
    print((DIST / "SHA256SUMS").read_text(), end="")
    return 0


def _version(root: Path) -> str:
    return str(_project(root)["project"]["version"])


def _project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def _run(*arguments: str, **environment: str) -> None:
    """Runs Python with these; what it prints is shown only if it fails. Raises SystemExit."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(arguments[:4])} failed:\n{done.stdout}{done.stderr}")


def _git(root: Path, *arguments: str, may_fail: bool = False) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode != 0 and not may_fail:
        raise SystemExit(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.rstrip("\n") if done.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main())
