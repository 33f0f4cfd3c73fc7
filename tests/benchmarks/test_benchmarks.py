"""`make bench` measures what it says, and docs/benchmarks.md is what was measured."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import entries, report
from benchmarks.__main__ import arguments_of
from benchmarks.measure import Result
from benchmarks.project import OPERATIONS
from tests.e2e.project import ENGINE_PARAMS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "benchmarks.md").read_text()


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "benchmarks", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.thorough
@pytest.mark.parametrize("engine", ENGINE_PARAMS)
def test_every_operation_is_measured_and_written_down(engine: str, tmp_path: Path) -> None:
    where = ["--results", str(tmp_path / "results"), "--page", str(tmp_path / "page.md")]
    done = bench("--counts", "12", "--latencies", "0", "--rate", "1000", "--engine", engine, *where)
    assert done.returncode == 0, done.stdout + done.stderr
    entries: list[dict[str, Any]] = json.loads((tmp_path / "results" / "after.json").read_text())
    assert [e["operation"] for e in entries] == list(OPERATIONS)
    found = {e["operation"]: e for e in entries}
    assert found["create"]["requests"] >= 13
    assert found["preview, no change"]["requests"] == found["up, no change"]["requests"] == 0
    assert found["10 % changed"]["requests"] == 4, "each is read, to see whose it is, and written"
    assert all(e["failures"] == e["rate_limited"] == 0 and e["peak_mib"] > 50 for e in entries)
    page = (tmp_path / "page.md").read_text()
    assert re.findall(r"^\| 12 \| 0 ms \| (.+?) \|", page, re.M) == list(OPERATIONS)


@pytest.mark.thorough
def test_a_failed_operation_is_a_result_too(tmp_path: Path) -> None:
    """Another checkout whose resources cannot even be imported."""
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT / "pulumi_local", checkout / "pulumi_local")
    (checkout / "stripe_resources").mkdir()
    (checkout / "stripe_resources" / "__init__.py").write_text("Product = Price = None\n")
    where = ["--results", str(tmp_path / "results"), "--page", str(tmp_path / "page.md")]
    done = bench("--counts", "1", "--latencies", "0", "--project", str(checkout), "--label", "before", *where)
    assert done.returncode == 1
    entries = json.loads((tmp_path / "results" / "before.json").read_text())
    assert entries[0]["failures"] >= 1


def entry(label: str, seconds: float, **changed: Any) -> report.Entry:
    result = Result(100, 300, "create", 101, seconds, 24.5, 25, 8, 0, 200.0, 0)
    return {"engine": "local", "rate": 25.0, "commit": label, "python": "3", "cpus": 2, **result.data(), **changed}


def test_before_and_after_stand_side_by_side() -> None:
    page = report.text({"before": [entry("old", 9.0, requests=202)], "after": [entry("new", 4.1)]})
    assert "| 100 | 300 ms | create | 202 → 101 | 9.0 → 4.1 | 24.5 | 8 | 200 | 0 |" in page
    assert "**Creating 100 prices** at 300 ms: 202 requests in 9 seconds before, 101 in 4 seconds now." in page
    assert "24.5 a second, 98 % of the limit" in page


def test_a_new_result_replaces_the_old_one_of_its_kind(tmp_path: Path) -> None:
    file = tmp_path / "after.json"
    report.add(file, entry("a", 9.0))
    report.add(file, entry("a", 9.0, operation="refresh"))
    report.add(file, entry("b", 4.1))
    assert [(e["operation"], e["commit"]) for e in entries.load(file)] == [("create", "b"), ("refresh", "a")]


def test_the_page_is_not_stale() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.report", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_commands_on_the_page_are_understood() -> None:
    commands = re.findall(r"^make bench(?: ARGS=\"(.*?)\")?", PAGE, re.M)
    assert len(commands) == 5
    for arguments in commands:
        arguments_of(shlex.split(arguments))
    assert "$(PY) -m benchmarks $(ARGS)" in (ROOT / "Makefile").read_text()
