"""Fails where a version that requirements*.txt pins is affected by an advisory. What is known is in scripts/advisories.json.

python -m scripts.advisories             looks at the pinned versions
python -m scripts.advisories DATABASE    first writes advisories.json anew, from a checkout of github.com/pypa/advisory-database

The database is that of the Python Packaging Authority, under CC-BY 4.0. docs/decisions/0026-dependency-audit.md says why it is
done so.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "scripts" / "advisories.json"
SOURCE = {
    "database": "https://github.com/pypa/advisory-database",
    "licence": "CC-BY-4.0, https://creativecommons.org/licenses/by/4.0/",
    "changes": "the advisories of the packages pinned here only, and of those only which versions are affected",
}

Pinned = dict[str, dict[Version, list[str]]]
"""A package's name → its pinned versions → the files that pin them."""


def pinned(root: Path = ROOT) -> Pinned:
    """What the lock files pin. Files may pin different versions, and one file several, for different Pythons."""
    found: Pinned = {}
    for path in sorted(root.glob("requirements*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not re.match(r"[A-Za-z0-9]", line):
                continue
            requirement = Requirement(line.rstrip(" \\"))
            (exact,) = requirement.specifier
            versions = found.setdefault(canonicalize_name(requirement.name), {})
            versions.setdefault(Version(exact.version), []).append(path.name)
    return found


def taken(database: Path, names: Sequence[str]) -> dict[str, Any]:
    """What a checkout of the database says about these packages, as advisories.json has it."""
    commit, date = _git(database, "log", "-1", "--format=%H %cs").split()
    folders: dict[str, Path] = {canonicalize_name(path.name): path for path in (database / "vulns").iterdir()}
    if not folders:
        raise SystemExit(f"{database} has no advisories below vulns/: it is no checkout of {SOURCE['database']}")
    advisories = [
        advisory
        for name in sorted(names)
        if name in folders
        for path in sorted(folders[name].glob("*.yaml"))
        for advisory in _shortened(yaml.load(path.read_bytes(), yaml.CSafeLoader), name)
    ]
    return {**SOURCE, "commit": commit, "date": date, "packages": sorted(names), "advisories": advisories}


def _shortened(found: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """An advisory as far as it says which versions of the package are affected; nothing of one that was withdrawn."""
    affected = [one for one in found["affected"] if canonicalize_name(one["package"]["name"]) == name]
    if found.get("withdrawn") or not affected:
        return
    ranges = [
        kind["events"]
        for one in affected
        for kind in one.get("ranges", [])
        if kind["type"] == "ECOSYSTEM" and all(_is_version(text) for event in kind["events"] for text in event.values())
    ]
    listed = [version for one in affected for version in one.get("versions", [])]
    # The list repeats what the ranges say, for those who cannot compare versions.
    others = [version for version in listed if _is_version(version) and not within(Version(version), ranges)]
    yield {"id": found["id"], "aliases": found.get("aliases", []), "package": name, "ranges": ranges, "versions": others}


def _is_version(text: str) -> bool:
    """Whether pip could install it at all: releases of the years before PEP 440 are listed too."""
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def within(version: Version, ranges: Sequence[Sequence[dict[str, str]]]) -> bool:
    """Whether the ranges hold the version, as https://ossf.github.io/osv-schema/#evaluation has it."""
    return any(_inside(version, events) for events in ranges)


def _inside(version: Version, events: Sequence[dict[str, str]]) -> bool:
    inside = False
    moments = [(Version(text), kind) for event in events for kind, text in event.items()]
    for moment, kind in sorted(moments, key=lambda one: one[0]):
        if kind == "introduced" and version >= moment:
            inside = True
        if (kind == "fixed" and version >= moment) or (kind == "last_affected" and version > moment):
            inside = False
    return inside


def problems(known: dict[str, Any], of: Pinned) -> list[str]:
    """What is wrong with the pinned versions, and packages of which nothing is known because nobody looked."""
    found = [
        f"{name} is pinned in {_files(of[name])}, and advisories.json was written without it; run `make advisories`"
        for name in sorted(of.keys() - set(known["packages"]))
    ]
    for advisory in known["advisories"]:
        for version, files in sorted(of.get(advisory["package"], {}).items()):
            if within(version, advisory["ranges"]) or version in map(Version, advisory["versions"]):
                names = ", ".join([advisory["id"], *advisory["aliases"]])
                found.append(
                    f"{advisory['package']} {version} ({', '.join(files)}) is affected by {names}; {_remedy(version, advisory)}"
                )
    return found


def _remedy(version: Version, advisory: dict[str, Any]) -> str:
    fixes = {Version(event["fixed"]) for events in advisory["ranges"] for event in events if "fixed" in event}
    later = sorted(fix for fix in fixes if fix > version)
    return f"fixed in {later[0]}: pin that or a later one (`make lock`)" if later else "no version is known that fixes it"


def _files(versions: dict[Version, list[str]]) -> str:
    return ", ".join(sorted({path for files in versions.values() for path in files}))


def _text(known: dict[str, Any]) -> str:
    """As JSON with a line for each advisory, so that a difference shows what is new."""
    fields = [f" {json.dumps(name)}: {json.dumps(value)}" for name, value in known.items() if name != "advisories"]
    lines = ",\n".join(f"  {json.dumps(advisory)}" for advisory in known["advisories"])
    return "{\n" + ",\n".join(fields) + f',\n "advisories": [\n{lines}\n ]\n}}\n'


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True).stdout.strip()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", nargs="?", type=Path, help="a checkout of github.com/pypa/advisory-database")
    database = parser.parse_args(arguments).database
    found = pinned()
    if database:
        TARGET.write_text(_text(taken(database, list(found))), encoding="utf-8")
    known = json.loads(TARGET.read_text(encoding="utf-8"))
    wrong = problems(known, found)
    for problem in wrong:
        print(problem, file=sys.stderr)
    if not wrong:
        count = sum(len(versions) for versions in found.values())
        print(f"{count} pinned versions, {len(known['advisories'])} advisories of {known['date']}: none is affected")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
