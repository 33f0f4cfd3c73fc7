"""docs/testing.md: its commands run, its examples pass, and what it names exists."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.docs.checkout import Checkout, blocks

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text()

(COMMAND,) = blocks("docs/testing.md", "sh")
WITH_MOCKS, WITH_STRIPE = blocks("docs/testing.md", "python")

NOT_RUN = {
    "make test": "runs this test",
    "make test-thorough": "takes up to an hour",
    "make test-all": "takes hours",
    "make test-lowest": "takes minutes, and makes an environment of its own",
    "make check": "the other half of .ci/run",
    "go install github.com/stripe/stripe-mock@v0.203.0": "needs Go, and where stripe-mock is not there yet a network",
}


@pytest.mark.thorough
def test_the_command_and_the_examples(tmp_path: Path) -> None:
    """The command runs a part of the tests, to which the examples were added."""
    with Checkout(tmp_path, "local") as checkout:
        shutil.copytree(ROOT / "tests", checkout.folder / "tests", ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        checkout.environment = {k: v for k, v in checkout.environment.items() if not k.startswith("PYTEST_")}
        part = checkout.folder / "tests" / "stack"
        usual = len(list(part.glob("test_*.py")))
        (part / "test_mine.py").write_text(WITH_MOCKS)
        (part / "test_billed.py").write_text(WITH_STRIPE)
        done = checkout.sh(COMMAND, PYTEST_ADDOPTS="-vv")
    assert done.returncode == 0, done.stdout
    assert " failed" not in done.stdout
    passed = set(re.findall(r"PASSED (tests/stack/\w+\.py)::", done.stdout))
    assert {"tests/stack/test_mine.py", "tests/stack/test_billed.py"} <= passed
    assert len(passed) == usual + 2


def test_no_other_command_is_named() -> None:
    prose = re.sub(r"^```.*?^```", "", PAGE, flags=re.S | re.M)
    named = {code for code in re.findall(r"`([^`\n]+)`", prose) if code.split()[0] in ("make", "go", "pip", "python", "pytest")}
    assert named == set(NOT_RUN)


def test_what_it_names_exists() -> None:
    paths = set(re.findall(r"`(tests/[\w/.]+)`", PAGE)) - {"tests/stack/test_mine.py", "tests/stack/test_billed.py"}
    assert [p for p in paths if not (ROOT / p).exists()] == []
