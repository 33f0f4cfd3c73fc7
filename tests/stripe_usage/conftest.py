"""The command line, in an empty folder, at an emptied local Stripe."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stripe_local.server import LocalStripe

from .running import Usage


@pytest.fixture
def usage(
    shared_server: LocalStripe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Usage:
    shared_server.reset()
    monkeypatch.chdir(tmp_path)
    for name in ("STRIPE_API_KEY", "PULUMI_STACK", "STRIPE_METER_EVENTS_BASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("STRIPE_API_BASE", shared_server.url)
    return Usage(shared_server, tmp_path, capsys)
