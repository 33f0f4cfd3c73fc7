"""Plays the recorded scenarios of the real engine, and compares what happened, step for step.

They lie beside the project (`../shared/oracle`), where they are to be had at all. `ORACLE=all` plays all of them (some minutes);
`ORACLE=07,31` those; by default one in which a create fails, and two that between them touch most of the engine.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from tests.sampling import ALL

ROOT = pathlib.Path(__file__).parents[2]
ORACLE = ROOT.parent / "shared" / "oracle"
CHOSEN = os.environ.get("ORACLE", "all" if ALL else "07,20,24")

SCENARIOS = [
    path.stem
    for path in sorted(ORACLE.glob("scenarios/*.json"))
    if CHOSEN == "all" or path.name.startswith(tuple(CHOSEN.split(",")))
]


@pytest.mark.skipif(not SCENARIOS, reason=f"the recorded scenarios are not at {ORACLE}")
@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.parametrize("scenario", SCENARIOS or ["none"])
def test_scenario(scenario: str, tmp_path: pathlib.Path) -> None:
    python, env = sys.executable, {**os.environ, "PYTHONPATH": str(ROOT)}
    number = scenario.partition("-")[0]
    where = ["--out", tmp_path / "out", "--work", tmp_path / "work"]
    engine = [python, ORACLE / "run.py", "--cli", f"{python} -m pulumi_local", "--views", "json", "--jobs", "1"]
    played = subprocess.run([*engine, *where, "--only", number], env=env, capture_output=True, text=True, check=False)
    assert played.returncode == 0, played.stdout + played.stderr
    compared = subprocess.run(
        [python, ORACLE / "compare.py", tmp_path / "out", "--only", number], capture_output=True, text=True, check=False
    )
    assert compared.returncode == 0, compared.stdout + compared.stderr
