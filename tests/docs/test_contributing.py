"""CONTRIBUTING.md: its commands are the Makefile's, what it names exists, and pre-commit checks what `make check` checks."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.docs.checkout import ROOT, Checkout, blocks

PAGE = (ROOT / "CONTRIBUTING.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
TWO_COMMANDS, PARTS, PRE_COMMIT = blocks("CONTRIBUTING.md", "sh")
NOT_THERE_YET = {"stripe_resources/kinds/thing.py", "tests/stripe_resources/kinds/test_thing.py", ".local/site"}


def recipe(target: str) -> list[str]:
    """The commands of a target, without what keeps make from printing them."""
    (lines,) = re.findall(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.M)
    return [line.strip().lstrip("@").replace("$(VENV)", ".venv") for line in lines.splitlines()]


def test_pre_commit_runs_the_commands_of_make_check() -> None:
    [repo] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repo["repo"] == "local"
    assert [hook["entry"] for hook in repo["hooks"]] == recipe("check")
    assert all(hook["language"] == "system" and hook["pass_filenames"] is False for hook in repo["hooks"])


def test_every_target_is_in_the_makefile() -> None:
    used = set(re.findall(r"\bmake ([a-z][\w-]*)", PAGE))
    assert {"up", "test", "test-thorough", "test-all", "check", "format", "coverage", "generate"} <= used
    assert [target for target in used if not re.search(rf"^{target}:", MAKEFILE, re.M)] == []


def test_what_it_names_exists() -> None:
    paths = set(re.findall(r"`((?:tests|stripe_\w+|docs|\.\w)[\w/.-]*)`", PAGE)) - NOT_THERE_YET
    paths |= {path for given in re.findall(r'ARGS="([^"]+)"', PAGE) for path in given.split()}
    assert paths >= {".ci/run", "tests/rooms", "stripe_policy/"}
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.thorough
def test_a_part_of_the_tests(tmp_path: Path) -> None:
    part, shard = PARTS.splitlines()
    with Checkout(tmp_path, "local") as checkout:
        shutil.copytree(ROOT / "tests", checkout.folder / "tests", ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        checkout.environment = {k: v for k, v in checkout.environment.items() if not k.startswith("PYTEST_")}
        whole = checkout.sh(part)
        third = checkout.sh(f'{shard} ARGS="tests/test_runs.py"')
    assert whole.returncode == third.returncode == 0, whole.stdout + third.stdout
    assert third.stdout.count(".") < whole.stdout.count(".")
