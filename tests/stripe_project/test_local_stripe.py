"""Whose local Stripe a project deploys to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from stripe_project import local_stripe
from tests.docs.checkout import free_port
from tests.stripe_local.server import ROOT, TEST_KEY, LocalStripe


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


ENSURE = "import sys; from stripe_project import local_stripe; local_stripe.ensure(*sys.argv[1:])"
"""In a process of its own, as a command is: what it starts outlives it."""


def test_each_port_has_an_account_of_its_own(elsewhere: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """So two stacks of one program can have the same event name, in the same mode, with the same key."""
    home, other = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    try:
        for url in (home, other, home):
            subprocess.run([sys.executable, "-c", ENSURE, url, home], check=True)
        meter = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation[formula]": "sum"}
        meters = [f"{url}/v1/billing/meters" for url in (home, other)]
        assert [httpx.post(url, data=meter, auth=(TEST_KEY, "")).status_code for url in meters] == [200, 200]
        assert [len(httpx.get(url, auth=(TEST_KEY, "")).json()["data"]) for url in meters] == [1, 1]
    finally:
        local_stripe.stop()
    files = {path.name for path in (elsewhere / ".local").iterdir()}
    port = other.rpartition(":")[2]
    assert {"stripe.db", "stripe.log", f"stripe-{port}.db", f"stripe-{port}.log"} <= files
    assert not [name for name in files if name.endswith(".pid")]
    assert "Stopped the local Stripe" in capfd.readouterr().out
    local_stripe.stop()
    assert "The local Stripe is not running." in capfd.readouterr().out
