"""What a run of the tests tells at its end, and how one is divided."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sampling import LEFT_OUT, in_shard

ROOT = Path(__file__).parents[1]
SUITE = """
import pytest

@pytest.mark.parametrize("case", range(20))
def test_passes(case):
    pass

@pytest.mark.parametrize("case", range(12))
def test_needs_a_tool(case):
    pytest.skip(f"npm took {case} s,\\n run it once")

@pytest.mark.skip(reason="there is no pulumi on PATH")
def test_needs_another_tool():
    pass

@pytest.mark.thorough
def test_takes_long():
    pass
"""


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Pytest with the plugin that all suites share, over a suite of its own."""
    (folder / "test_suite.py").write_text(SUITE)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  thorough: x\n")
    ambient = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_") and k not in ("TESTS", "SHARD")}
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", *arguments, "test_suite.py"]
    return subprocess.run(
        command, cwd=folder, env={**ambient, "PYTHONPATH": str(ROOT), **environment}, capture_output=True, text=True, check=False
    )


THREE = pytest.param(("-n", "3", "--dist", "worksteal"), id="three workers", marks=pytest.mark.thorough)


@pytest.mark.parametrize("workers", [pytest.param((), id="one process"), THREE])
def test_a_run_ends_with_the_reasons_of_what_it_skipped(workers: tuple[str, ...], tmp_path: Path) -> None:
    done = run(tmp_path, "-q", *workers)
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.sub(r"npm took \d+ s", "npm took N s", done.stdout).partition("14 skipped:\n")[2]
    assert told.splitlines()[0] == "  12  npm took N s, run it once"
    assert sorted(told.splitlines()[1:3]) == [f"   1  {LEFT_OUT}", "   1  there is no pulumi on PATH"]
    assert "20 passed, 14 skipped" in done.stdout


def test_a_run_that_skips_nothing_says_nothing_of_it(tmp_path: Path) -> None:
    done = run(tmp_path, "-q", "-k", "passes")
    assert "20 passed" in done.stdout
    assert "skipped" not in done.stdout


@pytest.mark.thorough
def test_the_shards_together_are_the_suite_and_each_test_is_in_one(tmp_path: Path) -> None:
    shards = [run(tmp_path, "-v", "-n", "2", SHARD=f"{i}/3").stdout for i in (1, 2, 3)]
    passed = [re.findall(r"PASSED test_suite.py::(test_passes\S+)", shard) for shard in shards]
    assert sorted(name for names in passed for name in names) == sorted(f"test_passes[{i}]" for i in range(20))
    assert all(passed)


def test_shards_are_about_equal() -> None:
    sizes = [sum(in_shard(f"tests/test_table.py::test_case[{i}]", f"{part}/8") for i in range(4000)) for part in range(1, 9)]
    assert sum(sizes) == 4000
    assert all(400 < size < 600 for size in sizes)


@pytest.mark.parametrize("shard", ["0/8", "9/8", "3", "a/b"])
@pytest.mark.thorough
def test_a_shard_that_does_not_exist_is_refused(shard: str, tmp_path: Path) -> None:
    done = run(tmp_path, SHARD=shard)
    assert done.returncode != 0
    assert f"SHARD={shard}: leave it out, or set it to the part and the number of parts, such as 3/8" in done.stdout + done.stderr
