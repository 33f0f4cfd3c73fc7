"""What is published: built alike anywhere, from a checkout that says what it is, with our packages in it and nothing else."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from scripts import release
from scripts.changelog import dates, sections
from scripts.release import ROOT, Checkout, problems
from tests.surface.released import FOLDER

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
VERSION = PROJECT["project"]["version"]
COMMANDS = PROJECT["project"]["scripts"]
TOOLS = ("build", "twine", "check_wheel_contents", "cyclonedx_py")
ABSENT = [tool for tool in TOOLS if importlib.util.find_spec(tool) is None]
EPOCH = "1764417600"

needs_tools = pytest.mark.skipif(
    bool(ABSENT), reason="the tools of a release are not installed: pip install -r requirements-dev.txt"
)

# Each builds, or runs two tools: seconds, and minutes on a machine that does other things.
pytestmark = pytest.mark.timeout(300)

CHANGELOG = """\
# Changelog

## [Unreleased]

## [1.1.0] - 2026-12-01

### Added

- More.

## [1.0.0] - 2026-11-29

- All.

[1.1.0]: https://example.com/1.1.0
"""
READY = Checkout("1.1.0", CHANGELOG, frozenset({"1.0.0", "1.1.0"}), (), "abc", "")


# -- what is no release


def test_a_release_is_one_before_its_tag_and_at_its_tag() -> None:
    assert problems(READY) == problems(READY, "v1.1.0") == problems(replace(READY, tagged="abc"), "v1.1.0") == []


@pytest.mark.parametrize(
    ("of", "tag", "says"),
    [
        (replace(READY, changed=("a.py", "b.py")), "", "not committed: a.py, b.py; "),
        (READY, "v1.1.1", "the tag is v1.1.1, and pyproject.toml has version 1.1.0"),
        (replace(READY, tagged="0123456789"), "", "v1.1.0 is released, as 0123456; give pyproject.toml the next version"),
        (replace(READY, version="1.2.0", surfaces=frozenset({"1.2.0"})), "", "CHANGELOG.md has nothing of 1.2.0; "),
        (replace(READY, changelog=CHANGELOG.replace(" - 2026-12-01", "")), "", "CHANGELOG.md has no date of 1.1.0; "),
        (replace(READY, changelog=CHANGELOG.replace("released]\n", "released]\n\n- Most.\n")), "", "from Unreleased to 1.1.0"),
        (replace(READY, surfaces=frozenset({"1.0.0"})), "", "tests/surface/released/1.1.0.json is missing; "),
    ],
)
def test_what_is_wrong_is_said(of: Checkout, tag: str, says: str) -> None:
    (found,) = problems(of, tag)
    assert says in found


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert len(problems(replace(READY, version="2.0.0", changed=("a.py",), tagged="def"), "v1")) == 5


def test_the_notes_are_the_changelogs_section_without_links() -> None:
    assert sections(CHANGELOG) == {"Unreleased": "", "1.1.0": "### Added\n\n- More.", "1.0.0": "- All."}
    assert dates(CHANGELOG) == {"Unreleased": "", "1.1.0": "2026-12-01", "1.0.0": "2026-11-29"}


def test_this_version_can_be_released_once_it_is_committed() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert (FOLDER / f"{VERSION}.json").is_file()
    assert sections(text)[VERSION]
    links = dict(re.findall(r"^\[([^\]]+)\]: (\S+)$", text, re.M))
    assert list(links) == list(sections(text))
    assert links[VERSION].endswith(f"/releases/tag/v{VERSION}")
    assert links["Unreleased"].endswith(f"/compare/v{VERSION}...HEAD")


# -- what is built


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("packages")
    release.build(ROOT, out, EPOCH)
    return out


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


@needs_tools
@pytest.mark.thorough
def test_two_builds_in_two_folders_are_the_same(built: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / "copy"
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0")
    for path in filter(None, listed):
        if (ROOT / path).is_file():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, copy / path)
    (copy / "stripe_client" / "__pycache__").mkdir()
    (copy / "stripe_client" / "__pycache__" / "left.pyc").write_text("over")
    subprocess.run(["git", "init", "--quiet", str(copy)], check=True)
    first = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(built.iterdir())}
    assert sorted(first) == [f"pulumi_stripe_billing-{VERSION}-py3-none-any.whl", f"pulumi_stripe_billing-{VERSION}.tar.gz"]
    assert release.build(copy, tmp_path / "out", EPOCH) == first


@needs_tools
@pytest.mark.thorough
def test_the_wheel_has_our_packages_with_all_their_files_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tracked = subprocess.check_output(["git", "ls-files", *release.packages()], cwd=ROOT, text=True).split()
    template = subprocess.check_output(["git", "ls-files", "template"], cwd=ROOT, text=True).split()
    expected = {name for name in tracked if (ROOT / name).is_file()} | {f"stripe_project/{name}" for name in template}
    assert {name for name in names if ".dist-info/" not in name} == expected
    tops = {name.partition("/")[0] for name in names}
    assert tops == {*release.packages(), f"pulumi_stripe_billing-{VERSION}.dist-info"}
    # No name that another distribution could have, such as `usage` or `tests`.
    assert [top for top in tops if not top.startswith(("stripe_", "pulumi_"))] == []
    assert [package for package in release.packages() if f"{package}/py.typed" not in names] == []
    assert "stripe_local/page/index.html" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


@needs_tools
@pytest.mark.thorough
def test_the_sdist_has_what_the_wheel_is_built_from(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as tar:
        tops = {name.split("/")[1] for name in tar.getnames()}
    assert tops == {
        *release.packages(),
        "template",
        *("CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml", ".gitignore"),
    }


def spoil(wheel: Path, to: Path, name: str) -> None:
    """A copy of the wheel with one more file in it, that its record has, too."""
    content = b"x = 1\n"
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(to, "w") as new:
        for entry in old.infolist():
            more = f"{name},sha256={digest},{len(content)}\n" if entry.filename.endswith("/RECORD") else ""
            new.writestr(entry, old.read(entry) + more.encode())
        new.writestr(name, content)


@needs_tools
@pytest.mark.thorough
def test_the_checks_pass_and_find_what_does_not_belong(built: Path, wheel: Path, tmp_path: Path) -> None:
    release.check(ROOT, built)
    for name, says in {"usage/__init__.py": "W202", "stripe_client/tests/test_x.py": "W102"}.items():
        folder = tmp_path / Path(name).parts[0]
        folder.mkdir()
        spoil(wheel, folder / wheel.name, name)
        with pytest.raises(SystemExit, match=says):
            release.check(ROOT, folder)


@needs_tools
@pytest.mark.thorough
def test_the_list_of_parts_is_what_is_pinned(tmp_path: Path) -> None:
    release.list_parts(ROOT, tmp_path / "one.json", EPOCH)
    release.list_parts(ROOT, tmp_path / "two.json", EPOCH)
    text = (tmp_path / "one.json").read_text()
    assert text == (tmp_path / "two.json").read_text()
    parts = json.loads(text)
    assert parts["bomFormat"] == "CycloneDX"
    assert parts["metadata"]["component"]["version"] == VERSION
    pinned = re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements.txt").read_text(), re.M)
    assert sorted((c["name"], c["version"]) for c in parts["components"]) == sorted(pinned)
    assert all(c["externalReferences"][0]["hashes"] for c in parts["components"])


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment in which the wheel is installed, with this environment's packages to depend on."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    (site,) = folder.glob("lib/python*/site-packages")
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
    subprocess.run([*pip, "install", "--quiet", "--no-index", "--no-deps", str(wheel)], check=True)
    (site / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


@needs_tools
@pytest.mark.thorough
@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_each_command_of_the_wheel_answers(installed: Path, tmp_path: Path, command: str) -> None:
    def run(argument: str) -> str:
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        done = subprocess.run(
            [installed / "bin" / command, argument], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run("--help").lower().startswith("usage: ")
    assert VERSION in run("version" if command == "pulumi-local" else "--version")
