"""The unmodified pack on both engines: each rule violated and satisfied, on stacks that were deployed before.

By default the cases of one configuration make up one stack, which is previewed once; with POLICY=all each case is a stack.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.e2e.project import Project
from tests.sampling import ALL, short
from tests.stripe_local.server import LIVE_KEY
from tests.stripe_policy.cases import CASES, STACK, Case, program, together

EACH = ALL or os.environ.get("POLICY") == "all"
REACHED = [case for case in CASES if not case.refused]
PLAYED = REACHED if EACH else [case for case in together(REACHED) if not case.key_in_config]
"""Keys in the configuration instead of the environment are tried with the pack's own process every time."""
APPROVALS = "policy:approvedPriceChanges"


@pytest.mark.parametrize("case", short(PLAYED, len(PLAYED) if EACH else 1, lambda c: c.id))
def test_a_rule(case: Case, project: Project) -> None:
    configure(project, case)
    key: dict[str, str] = {} if case.key_in_config else {"STRIPE_API_KEY": case.key}
    if case.key_in_config:
        project.config("stripe:apiKey", case.key, "--secret")
    if case.before is not None:
        if case.before:
            project.program(program(replace(resource, protect=False) for resource in case.before))
            assert project.up(**key).code == 0
        key |= baseline(project)
    project.program(program(case.resources))
    preview = project.preview("--policy-pack", str(project.folder / "policy"), **key)

    said = [line for line in preview.text.splitlines() if line.startswith("policy ")]
    said = [line for line in said if not case.besides or not line.startswith(f"policy {case.besides}:")]
    assert len(said) == len(case.violations), preview.text
    root = f"hypernian-{project.stack}"
    for resource, message in case.violations:
        wanted, where = message.replace("hypernian-test", root), root if resource == STACK else resource
        assert any(wanted in line and line.endswith(f"::{where}]") for line in said), (wanted, said)
    assert {rule for line in said if (rule := line.split()[1].rstrip(":"))} <= set(case.rule.split(", "))
    assert preview.code == (1 if case.violations or case.besides else 0), preview.text
    assert case.key not in preview.text


def configure(project: Project, case: Case) -> None:
    """The case's configuration, in the stack's settings file."""
    path = project.folder / f"Pulumi.{project.stack}.yaml"
    settings = yaml.safe_load(path.read_text())
    settings["config"] |= {key: yaml.safe_load(value) if key == APPROVALS else value for key, value in case.config.items()}
    path.write_text(yaml.safe_dump(settings, sort_keys=False))


def baseline(project: Project) -> dict[str, str]:
    """The stack's state as the environment of a preview."""
    path = project.folder / "before.json"
    project.run("stack", "export", "--file", str(path), "--stack", project.stack, check=True)
    return {"POLICY_BASELINE": str(path)}


@pytest.mark.thorough
@pytest.mark.parametrize("stack", ["prod", "dev", "staging"])
def test_the_stacks_of_this_project_satisfy_all(stack: str, make_project: Callable[[str], Project]) -> None:
    project = make_project(stack)
    key = {"STRIPE_API_KEY": LIVE_KEY if stack == "prod" else "sk_test_local"}
    judged = project.preview("--policy-pack", "policy", **key, **baseline(project))
    assert (judged.code, "policy " in judged.text) == (0, False), judged.text


@pytest.mark.thorough
def test_what_is_mandatory_in_production_is_advice_elsewhere(project: Project) -> None:
    project.edit('tax_behavior="exclusive"', 'tax_behavior="unspecified"')
    advised = project.preview("--policy-pack", "policy", STRIPE_API_KEY="sk_test_local")
    assert advised.code == 0, advised.text
    assert {line.split()[1] for line in advised.text.splitlines() if line.startswith("policy ")} == {
        "state-before-is-known:",
        "tax-behavior-is-declared:",
    }
    given = project.folder / "given.json"
    given.write_text('{"tax-behavior-is-declared": "mandatory", "state-before-is-known": "disabled"}')
    refused = project.preview("--policy-pack", "policy", "--policy-pack-config", str(given), STRIPE_API_KEY="sk_test_local")
    assert refused.code == 1
    assert "policy tax-behavior-is-declared:" in refused.text
    assert "state-before-is-known" not in refused.text


@pytest.mark.thorough
def test_a_state_that_is_there_is_judged_without_running_anything(project: Project, tmp_path: Path) -> None:
    project.config("stripe:apiKey", "sk_test_s3cret", "--secret")
    project.edit('"unit_amount": config.require_int("unitAmount")', '"unit_amount": 9000000')
    assert project.up().code == 0
    state = tmp_path / "state.json"
    project.run("stack", "export", "--file", str(state), "--stack", "dev", check=True)
    project.program("raise SystemExit(9)")
    analyze = ["policy", "analyze", "--policy-pack", "policy"]

    of_file = project.run(*analyze, "--file", str(state), STRIPE_API_BASE="http://127.0.0.1:9")
    assert of_file.returncode == 1
    assert "[mandatory]  amounts-are-sane  (pulumi-python:dynamic/stripe:Price: tokens-monthly)" in of_file.stdout
    assert 'Price "tokens-monthly": unit_amount is 90000.00 USD' in of_file.stdout
    assert "one or more mandatory policy violations were found" in of_file.stdout
    assert "s3cret" not in of_file.stdout
    assert project.run(*analyze, "--stack", "dev").stdout == of_file.stdout

    project.environment.pop("PULUMI_CONFIG_PASSPHRASE")
    given = tmp_path / "given.json"
    given.write_text('{"amounts-are-sane": {"maximum": {"usd": 9000000}}}')
    satisfied = project.run(*analyze, "--file", str(state), "--policy-pack-config", str(given))
    assert (satisfied.returncode, "✅ hypernian-billing@v1.0.0" in satisfied.stdout) == (0, True), satisfied.stdout
    assert f"warning: could not decrypt secrets in {state}; analyzing with secret values redacted" in satisfied.stdout
