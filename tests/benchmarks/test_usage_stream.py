"""The benchmark of `usage record --stream` measures what it says, and docs/usage-benchmarks.md is what was measured."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import entries, usage_report

ROOT = Path(__file__).parents[2]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.usage_stream", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.thorough
def test_all_is_measured_and_written_down(tmp_path: Path) -> None:
    where = ["--results", str(tmp_path / "results.json"), "--page", str(tmp_path / "page.md")]
    # So many that they cost more than what the start of a process costs now and then.
    done = bench("--events", "10000", "--customers", "7", "--runs", "1", *where)
    assert done.returncode == 0, done.stdout + done.stderr
    entries: list[dict[str, Any]] = json.loads((tmp_path / "results.json").read_text())
    assert [e["what"] for e in entries] == [*usage_report.WHAT, "stages"]
    assert all(e["per_second"] > 0 for e in entries)
    assert set(entries[-1]["stages"]) == set(usage_report.STAGES)
    page = (tmp_path / "page.md").read_text()
    assert len(re.findall(r"^\| .* \| \d[\d,]* \| \d+ \|", page, re.M)) == len(usage_report.WHAT)


def test_before_and_after_stand_side_by_side(tmp_path: Path) -> None:
    file = tmp_path / "usage.json"
    about = {"commit": "a", "python": "3", "cpus": 2, "events": 1000, "runs": 3, "what": "import", "peak_mib": 90.4}
    for label, rate in (("after", 1), ("before", 5000), ("after", 20_000)):
        usage_report.add(file, {**about, "label": label, "per_second": rate, "cpu_us": 40})
    assert "does not count | 5,000 → 20,000 | 40 → 40 | 90 → 90 |" in usage_report.text(entries.load(file))


def test_the_page_is_not_stale() -> None:
    assert usage_report.PAGE.read_text() == usage_report.text(entries.load(usage_report.RESULTS))
