"""docs/policies.md: its commands run, and the rule that it adds is enforced."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.checkout import blocks
from tests.e2e.project import ENGINE_PARAMS, Project, typed
from tests.stripe_local.server import LocalStripe

ROOT = Path(__file__).parents[2]
PAGE = "docs/policies.md"
TEXT = (ROOT / PAGE).read_text()
JUDGED, CONFIGURED, ANALYZED = blocks(PAGE, "sh")
(SETTINGS,) = blocks(PAGE, "json")
RULE, TEST = blocks(PAGE, "python")
RULE_FILE, TEST_FILE = re.findall(r"^(?:`|and its test, `)([\w/]+_unit_label\.py)`:", TEXT, re.M)


@pytest.fixture(params=ENGINE_PARAMS)
def project(request: pytest.FixtureRequest, tmp_path: Path, shared_server: LocalStripe) -> Project:
    shared_server.reset()
    return Project(request.param, tmp_path, shared_server.url)


@pytest.mark.thorough
def test_the_commands(project: Project) -> None:
    (project.folder / "given.json").write_text(SETTINGS)
    assert project.up().code == 0
    done = typed(project, "export PULUMI_STACK=dev\n" + JUDGED + CONFIGURED + ANALYZED)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("✅ hypernian-billing@v1.0.0") == 2, done.stdout
    # The second preview knows nothing of the state before, which is advice in dev.
    assert done.stdout.count("[advisory]  state-before-is-known") == 1


@pytest.mark.thorough
def test_adding_a_rule_is_one_file_and_one_test(project: Project) -> None:
    for name in ("policy", "stripe_policy"):
        (project.folder / name).unlink()
        shutil.copytree(ROOT / name, project.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (project.folder / RULE_FILE).write_text(RULE)
    key = {"STRIPE_API_KEY": "sk_test_local"}
    assert project.preview("--policy-pack", "policy", **key).code == 0

    project.edit(', "unit_label": "token"', "")
    refused = project.preview("--policy-pack", "policy", **key)
    assert refused.code == 1
    assert (
        "policy products-have-a-unit-label: Every product says what a unit is. "
        'Product "hypernian": unit_label is not set. Say what a unit is, for instance unit_label="token". [urn:'
    ) in refused.text


def test_the_test_of_the_rule_passes(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "stripe_policy", tmp_path / "stripe_policy", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("__init__.py", "stripe_policy/__init__.py", "stripe_policy/arguments.py", "stripe_policy/conftest.py"):
        (tmp_path / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tests" / name, tmp_path / "tests" / name)
    (tmp_path / RULE_FILE).write_text(RULE)
    (tmp_path / TEST_FILE).write_text(TEST)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), TEST_FILE]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_the_settings_that_it_shows_are_settings() -> None:
    from stripe_policy import discover

    schemas = {rule.name: rule.config_schema.properties if rule.config_schema else {} for rule in discover()}
    for rule, given in json.loads(SETTINGS).items():
        assert set(given if isinstance(given, dict) else ()) <= set(schemas[rule])


def test_what_it_names_exists() -> None:
    links = set(re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT))
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
