"""docs/policies.md says what the code says."""

from __future__ import annotations

from pathlib import Path

from pulumi_policy import StackValidationPolicy

from policy.rules import discover
from policy.rules._stack import ENVIRONMENT, LIVEMODE

MANUAL = (Path(__file__).parents[2] / "docs" / "policies.md").read_text()


def test_the_table_of_rules() -> None:
    rows = ["| rule | what it asks | looks at |", "| --- | --- | --- |"]
    for policy in discover():
        file = f"../policy/rules/{policy.name.replace('-', '_')}.py"
        scope = "the whole stack" if isinstance(policy, StackValidationPolicy) else "each resource"
        rows.append(f"| [{policy.name}]({file}) | {policy.description} | {scope} |")
    table = "\n".join(rows)
    written = MANUAL.partition("test_docs.py) -->\n")[2].partition("\n<!-- rules: end -->")[0]
    assert written == table, f"The table in docs/policies.md should be:\n{table}"


def test_what_production_is() -> None:
    assert f"`{LIVEMODE}` true or `{ENVIRONMENT}` prod" in MANUAL
