"""What was reviewed is what is deployed: a saved plan, and a program that has gone on since."""

from __future__ import annotations

import pytest

from tests.e2e.project import Project, written
from tests.stripe_local.server import LocalStripe

KEY = "sk_test_Recognisable7Secret"


pytestmark = pytest.mark.timeout(300)
"""Five commands on the whole catalogue."""


@pytest.mark.thorough
def test_a_saved_plan_is_what_is_deployed_and_nothing_else(project: Project, stripe_server: LocalStripe) -> None:
    stripe_server.secret_key(KEY)
    project.config("stripe:apiKey", KEY, "--secret")
    assert project.up().code == 0
    project.config("unitAmount", "5")
    plan = project.folder / "plan.json"
    assert project.preview("--save-plan", str(plan)).code == 0
    assert KEY not in plan.read_text()
    assert '"unit_amount": 5' in plan.read_text()

    # The reviewers saw 0.05 USD. Somebody has made that 0.06 since, in the program.
    stripe_server.forget_requests()
    configured = '"unit_amount": config.require_int("unitAmount")'
    project.edit(configured, '"unit_amount": 6')
    refused = project.run("up", "--yes", "--plan", str(plan), "--stack", "dev", "--color", "never")
    assert refused.returncode == 1
    assert "Price::tokens-monthly violates plan: properties changed: ~~unit_amount[{5}!={6}]" in refused.stdout
    assert stripe_server.requests() == []

    project.edit('"unit_amount": 6', configured)
    done = project.run("up", "--yes", "--plan", str(plan), "--stack", "dev", "--color", "never")
    assert done.returncode == 0, done.stdout
    prices = [r for r in written(stripe_server.requests()) if r["path"] == "/v1/prices"]
    assert [r["parameters"]["unit_amount"] for r in prices] == ["5"]
