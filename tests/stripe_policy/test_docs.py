"""docs/policies.md says what the code says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pulumi_policy import Policy, StackValidationPolicy

from stripe_policy import discover
from stripe_policy._approvals import APPROVALS
from stripe_policy._levels import read
from stripe_policy._past import BASELINE
from stripe_policy._stack import LIVEMODE
from stripe_policy.state_before_is_known import JUDGES
from tests.stripe_policy.cases import FIVE, FOUR

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "policy" / "config"
MANUAL = (ROOT / "docs" / "policies.md").read_text()
RULES = discover()
ENVIRONMENTS = ("dev", "staging", "prod")


def _file(policy: Policy) -> str:
    return f"stripe_policy/{policy.name.replace('-', '_')}.py"


def _level(policy: Policy, environment: str) -> str:
    config = read(FOLDER / f"{environment}.json", RULES)
    given = config.get(policy.name, config.get("all", {"enforcementLevel": policy.enforcement_level}))
    return str(given["enforcementLevel"].value)


def _written(what: str) -> str:
    return MANUAL.partition(f"<!-- {what}: begin (held by tests/stripe_policy/test_docs.py) -->\n")[2].partition(
        f"<!-- {what}: end -->"
    )[0]


def test_the_table_of_rules() -> None:
    rows = [f"| rule | what it asks | looks at | {' | '.join(ENVIRONMENTS)} |", "| --- | --- | --- | --- | --- | --- |"]
    for policy in RULES:
        scope = "the whole stack" if isinstance(policy, StackValidationPolicy) else "each resource"
        levels = " | ".join(_level(policy, environment) for environment in ENVIRONMENTS)
        rows.append(f"| [{policy.name}](../{_file(policy)}) | {policy.description} | {scope} | {levels} |")
    table = "\n".join(rows) + "\n"
    assert _written("rules") == table, f"The table in docs/policies.md should be:\n{table}"


def test_the_table_of_settings() -> None:
    rows = ["| rule | setting | default | meaning |", "| --- | --- | --- | --- |"]
    for policy in RULES:
        for name, spec in (policy.config_schema.properties if policy.config_schema else {}).items():
            default = json.dumps(spec["default"]).replace("|", "\\|")
            rows.append(f"| {policy.name} | `{name}` | `{default}` | {spec['description']} |")
    table = "\n".join(rows) + "\n"
    assert _written("settings") == table, f"The table in docs/policies.md should be:\n{table}"


def test_what_production_is() -> None:
    assert f"`{LIVEMODE}` true or `hypernian:environment` prod" in MANUAL


def test_the_approval_that_it_shows() -> None:
    assert f"  {APPROVALS}:\n    - price: tokens-monthly\n      from: {FOUR}\n      to: {FIVE}\n" in MANUAL


def test_the_rules_that_need_the_past() -> None:
    rules = {policy.name: (ROOT / _file(policy)).read_text() for policy in RULES}
    assert {name for name, text in rules.items() if "past()" in text} == {*JUDGES, "state-before-is-known"}
    assert f"{BASELINE}=before.json pulumi preview" in MANUAL
    assert all(f"`{name}`" in rules["state-before-is-known"] for name in JUDGES)


@pytest.mark.parametrize("policy", RULES, ids=lambda policy: policy.name)
def test_every_rule_says_what_it_is_about(policy: Policy) -> None:
    assert policy.description.endswith(".")
    for spec in (policy.config_schema.properties if policy.config_schema else {}).values():
        assert spec["description"]
        assert "default" in spec


def test_no_rule_remediates() -> None:
    # One that does is lost when the resource is replaced, and needs another one beside it that validates.
    assert [policy.name for policy in RULES if getattr(policy, "has_remediation", lambda: False)()] == []
