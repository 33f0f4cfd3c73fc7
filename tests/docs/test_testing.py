"""docs/testing.md: its commands run, its examples pass, and what it names exists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.docs.checkout import Checkout, blocks

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text()

(COMMAND,) = blocks("docs/testing.md", "sh")
WITH_MOCKS, WITH_STRIPE, PLUGIN, FIXTURES = blocks("docs/testing.md", "python")

ONE_SERVER = """

def test_it_is_one_server(stripe_url, stripe_account):
    assert stripe_account.url == stripe_url
    print(stripe_url)
"""
SEEN = """

def test_where(stripe_url):
    open("{folder}/{number}.url", "w").write(stripe_url)
"""

NOT_RUN = {
    "pip install 'pulumi-stripe-billing[local]' pytest": "tests/package installs the wheel, with this extra",
    "make test": "runs this test",
    "make test-thorough": "takes up to an hour",
    "make test-all": "takes hours",
    "make test-lowest": "takes minutes, and makes an environment of its own",
    "python -m stripe_local": "runs until it is stopped; tests/stripe_local/test_docs.py starts it",
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


def pytest_of(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """A user's run in a folder of theirs."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_fixtures_give_each_test_an_account_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(PLUGIN)
    (tmp_path / "test_shop.py").write_text(FIXTURES)
    again = FIXTURES.replace("def test_", "def test_again_")
    (tmp_path / "test_shop_again.py").write_text(again + ONE_SERVER)
    done = pytest_of(tmp_path, "-s")
    assert (done.returncode, "5 passed" in done.stdout) == (0, True), done.stdout + done.stderr
    with pytest.raises(httpx.ConnectError):
        httpx.get(re.search(r"http://127.0.0.1:\d+", done.stdout)[0])


def test_the_fixtures_can_be_named_in_the_settings_of_pytest(tmp_path: Path) -> None:
    (settings,) = re.findall(r"`(addopts = .+?)`", PAGE)
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{settings.replace(chr(34), '')}\n")
    deep = tmp_path / "projects" / "shop"
    deep.mkdir(parents=True)
    (deep / "test_shop.py").write_text(FIXTURES)
    done = pytest_of(tmp_path)
    assert (done.returncode, "2 passed" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.thorough
def test_the_processes_of_xdist_share_one_server(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(PLUGIN)
    for number in range(8):
        (tmp_path / f"test_{number}.py").write_text(FIXTURES + SEEN.format(folder=str(tmp_path), number=number))
    done = pytest_of(tmp_path, "-n", "3")
    assert (done.returncode, "24 passed" in done.stdout) == (0, True), done.stdout + done.stderr
    assert len({path.read_text() for path in tmp_path.glob("*.url")}) == 1


def test_no_other_command_is_named() -> None:
    prose = re.sub(r"^```.*?^```", "", PAGE, flags=re.S | re.M)
    named = {code for code in re.findall(r"`([^`\n]+)`", prose) if code.split()[0] in ("make", "go", "pip", "python", "pytest")}
    assert named == set(NOT_RUN)


def test_what_it_names_exists() -> None:
    paths = set(re.findall(r"`(tests/[\w/.]+)`", PAGE)) - {"tests/stack/test_mine.py", "tests/stack/test_billed.py"}
    assert [p for p in paths if not (ROOT / p).exists()] == []
