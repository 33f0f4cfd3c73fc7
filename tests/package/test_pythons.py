"""A stack that was deployed under one Python is taken over under every other one: nothing changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.package.project import Installed
from tests.package.venv import Venv, pythons
from tests.stripe_local.server import LocalStripe

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(900)]


def test_a_stack_is_taken_over_under_another_python(wheel: Path, tmp_path: Path) -> None:
    found = pythons()
    if len(found) < 2:
        pytest.skip(f"the only Python from 3.11 on is {', '.join(found)}; `pyenv install 3.12 3.13` has others")
    venvs = {name: Venv.make(tmp_path / name, wheel, ["local"], path) for name, path in found.items()}
    told = []
    for written, venv in venvs.items():
        with LocalStripe() as server:
            project = Installed(tmp_path / f"written-{written}", server.url, venv)
            up = project.steps("up", "--yes", "--skip-preview")
            assert up.code == 0, (written, up.text)
            for read, other in venvs.items():
                project.use(other)
                server.forget_requests()
                preview = project.steps("preview", "--expect-no-changes")
                if (preview.code, preview.steps, server.requests()) != (0, [], []):
                    told.append(f"written under {written}, previewed under {read}: {preview.steps}\n{preview.text}")
            refresh = project.steps("refresh", "--yes", "--skip-preview")
            assert (refresh.code, refresh.summary.keys()) == (0, {"same"}), refresh.text
    assert not told, "\n".join(told)
