"""A key that is rolled: the new one is used from the next command on, and the old one never again. docs/keys.md says how."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.checkout import blocks
from tests.e2e.keyed import Gate
from tests.e2e.project import Project, typed
from tests.stripe_local.server import LocalStripe

pytestmark = pytest.mark.thorough

OLD, NEW = "sk_test_old", "sk_test_new"
PROGRAM = """
from stripe_resources import Product

Product("tokens", name="Hypernian")
"""
BY_ENVIRONMENT, BY_CONFIGURATION, DESTROY, TRIED = blocks("docs/keys.md", "sh")


@pytest.fixture
def gate(stripe_server: LocalStripe) -> Iterator[Gate]:
    for key in (OLD, NEW):
        stripe_server.secret_key(key)
    with Gate(stripe_server.url) as gate:
        yield gate


@pytest.fixture
def project(engine: str, tmp_path: Path, gate: Gate) -> Project:
    project = Project(engine, tmp_path, gate.url)
    project.program(PROGRAM)
    return project


@pytest.fixture
def rolled(project: Project, gate: Gate) -> Project:
    """Deployed with a configured key that Stripe then revoked."""
    project.config("stripe:apiKey", OLD, "--secret")
    assert project.up().code == 0
    assert gate.used() == {OLD}
    gate.revoked.add(OLD)
    return project


def test_a_new_key_in_the_configuration_is_used_at_once(rolled: Project, gate: Gate) -> None:
    rolled.config("stripe:apiKey", NEW, "--secret")
    assert rolled.preview("--expect-no-changes").code == 0
    rolled.edit("Hypernian", "Tokens")
    assert rolled.preview("--refresh", "--run-program").summary == {"update": 1, "same": 1}
    assert rolled.up().code == 0
    assert gate.used() == {NEW}
    assert rolled.refresh("--expect-no-changes").code == 0, "the state has the new key now"
    assert gate.used() == {NEW}


def test_a_new_key_in_the_environment_is_used_by_every_command(rolled: Project, gate: Gate) -> None:
    for run in (
        rolled.refresh("--expect-no-changes", STRIPE_API_KEY=NEW),
        rolled.up("--refresh", "--expect-no-changes", STRIPE_API_KEY=NEW),
        rolled.destroy(STRIPE_API_KEY=NEW),
    ):
        assert run.code == 0, run.text
    assert gate.used() == {NEW}


def test_refresh_and_destroy_with_a_revoked_key_say_what_to_do_and_do_nothing(rolled: Project, gate: Gate) -> None:
    rolled.config("stripe:apiKey", NEW, "--secret")
    before = rolled.resources()["tokens"]
    for command in (rolled.refresh, rolled.destroy):
        run = command()
        assert run.code != 0
        assert "HTTP 401" in run.text
        assert "Check STRIPE_API_KEY" in run.text
        assert gate.used() == {OLD}, "these take the key of the last up"
    after = rolled.resources()["tokens"]
    assert (after["id"], after["outputs"]) == (before["id"], before["outputs"])
    assert rolled.refresh("--run-program", "--expect-no-changes").code == 0
    assert rolled.destroy("--run-program").code == 0
    assert gate.used() == {NEW}


def test_what_the_page_says_works(rolled: Project, gate: Gate) -> None:
    for script in (BY_ENVIRONMENT, BY_CONFIGURATION, DESTROY):
        done = typed(rolled, script)
        assert done.returncode == 0, done.stdout
        assert gate.used() == {NEW}
    assert rolled.resources() == {}


def test_a_restricted_key_is_tried_as_the_page_says(project: Project, stripe_server: LocalStripe) -> None:
    done = typed(project, TRIED.replace("http://127.0.0.1:12111", stripe_server.url))
    assert done.returncode == 0, done.stdout
    assert stripe_server.client("rk_test_deploy").v1.products.list().data == []
