"""Stacks that a checkout deployed are taken over by a program that imports the installed package."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.package.project import Installed
from tests.package.venv import Venv
from tests.recorded.stack import SOON_AFTER, STATES, Recorded, stripe_of

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize("folder", sorted(STATES.iterdir()), ids=lambda folder: folder.name)
def test_a_recorded_stack_is_taken_over(folder: Path, wheel: Path, tmp_path: Path) -> None:
    recorded = Recorded(folder)
    shutil.copy(recorded.db, tmp_path / "stripe.db")
    venv = Venv.make(tmp_path / "venv", wheel, ["local"])
    with stripe_of(tmp_path / "stripe.db", SOON_AFTER) as server:
        project = Installed(tmp_path / "project", server.url, venv, recorded.program)
        shutil.copy(recorded.state, project.state())
        preview = project.steps("preview", "--expect-no-changes")
        assert (preview.code, preview.steps, server.requests()) == (0, [], []), preview.text
        refresh = project.steps("refresh", "--yes", "--skip-preview")
        assert (refresh.code, refresh.summary.keys()) == (0, {"same"}), refresh.text
