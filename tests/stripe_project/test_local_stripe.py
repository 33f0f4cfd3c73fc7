"""Whose local Stripe a project deploys to."""

from __future__ import annotations

from pathlib import Path

import pytest

from stripe_project import local_stripe
from tests.stripe_local.server import ROOT, LocalStripe


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: p\nruntime: python\n")
    monkeypatch.delenv("STRIPE_API_BASE", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_that_of_another_project_is_refused_by_name(elsewhere: Path, shared_server: LocalStripe) -> None:
    assert shared_server.process is not None
    with pytest.raises(SystemExit) as e:
        local_stripe.ensure(shared_server.url)
    said = f"{shared_server.url} is the local Stripe of {ROOT} (process {shared_server.process.pid}); stop that one"
    assert str(e.value).startswith(said)
    assert not (elsewhere / ".local").exists(), "nothing was started"


def test_it_is_shared_on_purpose(elsewhere: Path, shared_server: LocalStripe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_BASE", shared_server.url)
    local_stripe.ensure(shared_server.url)
    assert not (elsewhere / ".local").exists()


def test_the_projects_own_is_used(elsewhere: Path, shared_server: LocalStripe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    local_stripe.ensure(shared_server.url)
    assert not (elsewhere / ".local").exists()
