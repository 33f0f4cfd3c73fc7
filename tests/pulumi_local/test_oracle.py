"""Plays the recorded scenarios of the real engine, and compares what happened, step for step.

Most of them, and what plays them, lie beside the project (`../shared/oracle`), where they are to be had at all; those of options
that these lack are in `oracle`, of the same form. `ORACLE=all` plays all of them (some minutes); `ORACLE=07,31` those; by default
one in which a create fails, two that between them touch most of the engine, and one of an option.
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
OWN = pathlib.Path(__file__).parent / "oracle"
CHOSEN = os.environ.get("ORACLE", "all" if ALL else "07,20,24,62")

SCENARIOS = [
    pytest.param(folder, path.stem.partition("-")[0], id=path.stem)
    for folder in (ORACLE, OWN)
    for path in sorted(folder.glob("scenarios/*.json"))
    if CHOSEN == "all" or path.name.startswith(tuple(CHOSEN.split(",")))
]


@pytest.mark.skipif(not ORACLE.exists(), reason=f"what plays the recorded scenarios is not at {ORACLE}")
@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("folder", "number"), SCENARIOS)
def test_scenario(folder: pathlib.Path, number: str, tmp_path: pathlib.Path) -> None:
    python, env = sys.executable, {**os.environ, "PYTHONPATH": str(ROOT)}
    where = ["--out", tmp_path / "out", "--work", tmp_path / "work", "--scenarios", folder / "scenarios"]
    engine = [python, ORACLE / "run.py", "--cli", f"{python} -m pulumi_local", "--views", "json", "--jobs", "1"]
    played = subprocess.run([*engine, *where, "--only", number], env=env, capture_output=True, text=True, check=False)
    assert played.returncode == 0, played.stdout + played.stderr
    compare = [python, ORACLE / "compare.py", tmp_path / "out", "--golden", folder / "golden", "--only", number]
    compared = subprocess.run(compare, capture_output=True, text=True, check=False)
    assert compared.returncode == 0, compared.stdout + compared.stderr
