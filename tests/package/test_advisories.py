"""The audit of what is pinned, against a database made here: what is affected is named, with what to do; what is not, is not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.version import Version

from scripts.advisories import ROOT, SOURCE, pinned, problems, taken, within

RANGES = [
    ([{"introduced": "0"}, {"fixed": "2.0"}], {"0.1": True, "1.9": True, "2.0rc1": True, "2.0": False, "3": False}),
    ([{"introduced": "1.5"}], {"1.4": False, "1.5": True, "99": True}),
    ([{"introduced": "1"}, {"last_affected": "1.5"}], {"0.9": False, "1.5": True, "1.5.post1": False, "1.6": False}),
    (
        [{"introduced": "0"}, {"fixed": "1.2"}, {"introduced": "2"}, {"fixed": "2.1"}],
        {"1.1": True, "1.2": False, "2": True, "2.1": False},
    ),
    ([{"fixed": "2.1"}, {"introduced": "2"}, {"fixed": "1.2"}, {"introduced": "0"}], {"1.1": True, "1.2": False, "2.0.5": True}),
    ([{"introduced": "1.10"}, {"fixed": "1.12"}], {"1.9": False, "1.11": True}),
]


@pytest.mark.parametrize(("events", "expected"), RANGES)
def test_ranges(events: list[dict[str, str]], expected: dict[str, bool]) -> None:
    assert {version: within(Version(version), [events]) for version in expected} == expected


def advisory(name: str, events: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    kind = {"type": "ECOSYSTEM", "events": events}
    affected = {"package": {"name": name, "ecosystem": "PyPI"}, "ranges": [kind], "versions": more.pop("versions", [])}
    return {"id": "PYSEC-1", "details": "…", "affected": [affected], **more}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    folder = tmp_path / "database"
    (folder / "vulns" / "shop-till").mkdir(parents=True)
    return folder


def write(database: Path, *advisories: dict[str, Any]) -> None:
    for index, one in enumerate(advisories):
        (database / "vulns" / "shop-till" / f"{index}.yaml").write_text(yaml.safe_dump(one))
    for command in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"]):
        subprocess.run(["git", "-C", str(database), *command], check=True)


def lock(folder: Path, *lines: str) -> Path:
    (folder / "requirements-dev.txt").write_text(
        "# a comment\n" + "".join(f"{line} \\\n    --hash=sha256:00\n" for line in lines)
    )
    return folder


def found(database: Path, tmp_path: Path, *lines: str) -> list[str]:
    of = pinned(lock(tmp_path, *lines))
    return problems(taken(database, list(of)), of)


def test_an_affected_version_is_named_with_the_version_that_fixes_it(database: Path, tmp_path: Path) -> None:
    old = [{"introduced": "0"}, {"fixed": "0.9"}, {"introduced": "1"}, {"fixed": "1.4"}]
    write(database, advisory("Shop.Till", old, aliases=["CVE-1", "GHSA-1"]))
    assert found(database, tmp_path, "shop-till==1.3 ; python_full_version < '3.12'", "other==1") == [
        "shop-till 1.3 (requirements-dev.txt) is affected by PYSEC-1, CVE-1, GHSA-1; "
        "fixed in 1.4: pin that or a later one (`make lock`)"
    ]
    assert found(database, tmp_path, "shop-till==1.4", "other==1") == []


def test_without_a_fix(database: Path, tmp_path: Path) -> None:
    write(database, advisory("shop-till", [{"introduced": "0"}]))
    (problem,) = found(database, tmp_path, "shop_till==1.3")
    assert problem.endswith("is affected by PYSEC-1; no version is known that fixes it")


def test_versions_that_only_the_list_has(database: Path, tmp_path: Path) -> None:
    nonsense = [{"introduced": "0"}, {"fixed": "2022-09-12"}]
    write(database, advisory("shop-till", nonsense, versions=["1.2", "1.3", "2004-a"]))
    assert len(found(database, tmp_path, "shop-till==1.3")) == 1
    assert found(database, tmp_path, "shop-till==1.4") == []


def test_what_was_withdrawn_affects_nothing(database: Path, tmp_path: Path) -> None:
    write(database, advisory("shop-till", [{"introduced": "0"}], withdrawn="2024-01-01T00:00:00Z"))
    assert found(database, tmp_path, "shop-till==1.3") == []


def test_a_package_that_was_not_asked_about_is_no_clean_one(database: Path, tmp_path: Path) -> None:
    write(database, advisory("shop-till", [{"introduced": "0"}, {"fixed": "1"}]))
    known = taken(database, ["other"])
    assert problems(known, pinned(lock(tmp_path, "shop-till==1.3", "other==1"))) == [
        "shop-till is pinned in requirements-dev.txt, and advisories.json was written without it; run `make advisories`"
    ]


def test_every_pin_of_the_lock_files_is_read() -> None:
    of = pinned()
    lines = [
        line for path in ROOT.glob("requirements*.txt") for line in path.read_text().splitlines() if "==" in line.split(";")[0]
    ]
    assert sum(len(files) for versions in of.values() for files in versions.values()) == len(lines) > 300


def test_make_clones_the_database_and_writes_down_what_it_says_of_what_is_pinned(database: Path, tmp_path: Path) -> None:
    """Git goes to a repository made here, wherever the Makefile sends it."""
    write(
        database,
        advisory("shop-till", [{"introduced": "0"}, {"fixed": "2.0"}]),
        advisory("shop-till", [], withdrawn="2026-01-01"),
    )
    shop = tmp_path / "shop"
    (shop / "scripts").mkdir(parents=True)
    lock(shop, "shop-till==1.0")
    for name in ("Makefile", "scripts/__init__.py", "scripts/advisories.py", "scripts/advisories.json"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, shop / name)
    (shop / ".venv").symlink_to(ROOT / ".venv" if (ROOT / ".venv").exists() else sys.prefix)
    elsewhere = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.file://{database}.insteadOf"}
    environment = {**os.environ, **elsewhere, "GIT_CONFIG_VALUE_0": SOURCE["database"]}
    command = ["make", "--old-file", ".venv/.dev", "advisories"]

    def made() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=shop, env=environment, capture_output=True, text=True)

    done = made()
    assert (done.returncode, "shop-till" in done.stdout + done.stderr, "PYSEC-1" in done.stdout + done.stderr) == (
        2,
        True,
        True,
    ), done
    known = json.loads((shop / "scripts" / "advisories.json").read_text())
    head = subprocess.run(["git", "-C", str(database), "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout
    assert (known["commit"], known["packages"], len(known["advisories"])) == (head.strip(), ["shop-till"], 1)
    lock(shop, "shop-till==2.0")
    assert made().returncode == 0, "the clone of before is in its place"
    environment["GIT_CONFIG_VALUE_0"] = SOURCE["database"][:8]
    environment["GIT_CONFIG_KEY_0"] = f"url.file://{tmp_path / 'nothing'}/.insteadOf"
    assert made().returncode == 2
    assert json.loads((shop / "scripts" / "advisories.json").read_text()) == known
