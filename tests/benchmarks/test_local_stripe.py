"""The benchmark of the local Stripe measures what it says, and docs/local-stripe-benchmarks.md is what was measured."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import entries, local_stripe


@pytest.mark.thorough
def test_all_is_measured_and_written_down(tmp_path: Path) -> None:
    where = ["--results", str(tmp_path / "results.json"), "--page", str(tmp_path / "page.md")]
    # So many that they cost more than the clock of the CPU can tell.
    command = [sys.executable, "-m", "benchmarks.local_stripe", "--requests", "60", "--runs", "1", "--no-year", *where]
    done = subprocess.run(command, cwd=entries.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = {e["what"]: e for e in json.loads((tmp_path / "results.json").read_text())}
    assert list(found) == ["start", *local_stripe.OPERATIONS, "end", "code", *local_stripe.WAYS]
    assert found["at_once"]["mib"] > 20
    assert found["end"]["mib"] > 20
    assert found["code"]["lines"] > 10_000
    page = (tmp_path / "page.md").read_text()
    assert len(re.findall(r"^\| .* \| \d[\d,]* \| \d+\.\d+ \|$", page, re.M)) == len(local_stripe.OPERATIONS)
    assert len(re.findall(r"^\| (all at once|one after the other) \| \d+\.\d \| \d+\.\d \| \d+ \|$", page, re.M)) == 2


def test_before_and_after_stand_side_by_side(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    about = {"commit": "a", "python": "3", "cpus": 2}
    for label, rate in (("after", 1), ("before", 500), ("after", 2000)):
        local_stripe.add(file, {**about, "label": label, "what": "usage", "seconds": 1 / rate, "per_second": rate, "cpu_ms": 0.5})
        local_stripe.add(file, {**about, "label": label, "what": "start", "seconds": rate / 1000, "mib": 60.2})
    page = local_stripe.text(entries.load(file))
    assert "| report usage | 500 → 2,000 | 0.50 → 0.50 |" in page
    assert "- Seconds until it answers: 0.50 → 2.00\n- MiB when it does: 60 → 60\n" in page


def test_the_page_is_not_stale() -> None:
    assert local_stripe.PAGE.read_text() == local_stripe.text(entries.load(local_stripe.RESULTS))
