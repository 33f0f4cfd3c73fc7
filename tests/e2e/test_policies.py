"""The unmodified pack on both engines: each rule violated and satisfied."""

import pytest

from tests.e2e.project import Project
from tests.policy.cases import CASES, Case, program


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.id)
def test_a_rule(case: Case, project: Project) -> None:
    for name, value in case.config.items():
        project.config(name, value)
    project.program(program(case))
    key: dict[str, str] = {} if case.key_in_config else {"STRIPE_API_KEY": case.key}
    if case.key_in_config:
        project.config("stripe:apiKey", case.key, "--secret")
    preview = project.preview("--policy-pack", str(project.folder / "policy"), **key)
    said = [line for line in preview.text.splitlines() if line.startswith("policy ")]
    assert len(said) == len(case.violations), preview.text
    for resource, message in case.violations:
        assert any(case.rule in line and message in line and line.endswith(f"::{resource}]") for line in said), said
    assert (preview.code == 0) is (not case.violations)
    assert case.key not in preview.text


def test_the_stacks_of_this_project_satisfy_all(project: Project) -> None:
    preview = project.preview("--policy-pack", str(project.folder / "policy"))
    assert preview.code == 0, preview.text
