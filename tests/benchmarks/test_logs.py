"""The benchmark of logs measures what it says, and docs/logs-benchmarks.md is what was measured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import entries, logs

pytest.importorskip("ibis", reason="the extra scale is not installed: pip install 'pulumi-stripe-billing[scale]'")


@pytest.mark.thorough
def test_another_calculation_finds_the_same(tmp_path: Path) -> None:
    where = ["--results", str(tmp_path / "results.json"), "--page", str(tmp_path / "page.md")]
    command = [sys.executable, "-m", "benchmarks.logs", "--rows", "20000", "--window", "day", *where]
    done = subprocess.run(command, cwd=entries.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = json.loads((tmp_path / "results.json").read_text())
    assert found["windows"] > 30_000
    assert (found["different"], found["rows"]) == (0, 20_000)
    assert "| 20,000 | day |" in (tmp_path / "page.md").read_text()


def test_a_window_that_is_wrong_is_found(tmp_path: Path) -> None:
    logs.generate(tmp_path, 300)
    (tmp_path / "usage.yaml").write_text(logs.DESCRIPTION.format(window="day"))
    logs.added_up(tmp_path)
    grid = logs.by_hand(tmp_path, 300, 86400)
    count, different = logs.differences(tmp_path, grid, 86400)
    assert (count > 800, different) == (True, 0)
    cell = grid[1].nonzero()[0][0]
    grid[1, cell] += 1
    assert logs.differences(tmp_path, grid, 86400) == (count, 1)
    grid[1, cell] -= 1
    grid[:, cell] = 0
    assert logs.differences(tmp_path, grid, 86400) == (count, 3)


def test_the_page_is_not_stale() -> None:
    assert logs.PAGE.read_text() == logs.text(entries.load(logs.RESULTS))
