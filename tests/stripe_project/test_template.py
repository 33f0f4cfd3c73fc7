"""The template: what is in it, in the wheel, and what follows from the package or is the repository's own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_local.project import file
from stripe_project import template
from stripe_resources.testing import run

ROOT = Path(__file__).parents[2]
WORKFLOW = Path(".github", "workflows", "billing.yml")


def test_the_wheel_has_it_as_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        prefix = "stripe_project/template/"
        packed = {n.removeprefix(prefix): archive.read(n) for n in archive.namelist() if n.startswith(prefix)}
    assert packed == {path.as_posix(): (template.FOLDER / path).read_bytes() for path in template.paths()}
    assert template.FOLDER == ROOT / "template"


def test_it_is_all_in_git() -> None:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("this is not a git checkout")
    listed = subprocess.run(["git", "ls-files", "template"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert {f"template/{path.as_posix()}" for path in template.paths()} == set(listed)


def test_it_asks_for_the_package_with_all_extras_but_those_of_logs_in_the_version_that_it_came_with() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = ",".join(extra for extra in project["optional-dependencies"] if extra not in ("scale", "spark", "postgres"))
    series = ".".join(project["version"].split(".")[:2])
    assert (template.FOLDER / "requirements.txt").read_text() == f"{project['name']}[{extras}]~={series}\n"


def test_its_policies_are_as_strict_as_the_repository_s() -> None:
    for path in (ROOT / "policy" / "config").glob("*.json"):
        assert (template.FOLDER / "policy" / "config" / path.name).read_text() == path.read_text()


def uses(path: Path) -> set[str]:
    return set(re.findall(r"uses: ([^.\s].*)", path.read_text()))


def test_its_workflow_runs_the_actions_that_the_repository_pins() -> None:
    ours = [*(ROOT / ".github").glob("workflows/*.yml"), *(ROOT / ".github").glob("actions/*/action.yml")]
    assert uses(template.FOLDER / WORKFLOW) <= set[str]().union(*map(uses, ours))
    assert uses(template.FOLDER / WORKFLOW)


def test_its_workflow_can_only_read_and_ends_by_itself() -> None:
    document = yaml.safe_load((template.FOLDER / WORKFLOW).read_text())
    assert document["permissions"] == {}
    for job in document["jobs"].values():
        assert job["permissions"] == {"contents": "read"}
        assert job["timeout-minutes"] <= 30
        assert ("secrets." in str(job)) == ("environment" in job)


def test_zizmor_finds_nothing_in_its_workflow() -> None:
    zizmor = shutil.which("zizmor", path=str(Path(sys.executable).parent)) or shutil.which("zizmor")
    if zizmor is None:
        pytest.skip("zizmor is not installed: pip install zizmor")
    command = [zizmor, "--offline", "--quiet", "--color=never", "--min-severity=medium", template.FOLDER / WORKFLOW]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_target_of_its_workflow_is_in_its_makefile() -> None:
    makefile = (template.FOLDER / "Makefile").read_text()
    targets = re.findall(r"run: make ([\w-]+)", (template.FOLDER / WORKFLOW).read_text())
    assert targets
    assert set(targets) <= set(re.findall(r"^([\w-]+):", makefile, re.M))


# -- as `pulumi new` copies it

TRANSFORMED = "https://github.com/pulumi/pulumi/blob/master/pkg/cmd/pulumi/templates/project_templates.go"
"""What `as_the_cli_does` is modelled on: CopyTemplateFiles, and runNew in ../project/newcmd/new.go."""


def as_the_cli_does(to: Path, name: str, description: str, answers: dict[str, str]) -> None:
    """The CLI replaces placeholders, in YAML files by YAML of a line of its own; saves the project without its template, with a
    tag; and writes the answers into the settings of the one stack."""
    for path in template.FOLDER.rglob("*"):
        if not path.is_file() or "__pycache__" in path.parts:
            continue
        in_yaml = path.suffix == ".yaml"
        values = [yaml.safe_dump(v).removesuffix("...\n") if in_yaml else v for v in (name, description)]
        text = path.read_text().replace("${PROJECT}", values[0]).replace("${DESCRIPTION}", values[1])
        target = to / path.relative_to(template.FOLDER)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    document = yaml.safe_load((to / "Pulumi.yaml").read_text())
    del document["template"]
    document["config"]["pulumi:tags"] = {"value": {"pulumi:template": "template"}}
    (to / "Pulumi.yaml").write_text(yaml.safe_dump(document))
    stack = yaml.safe_load((to / "Pulumi.dev.yaml").read_text())
    config = {k if ":" in k else f"{name}:{k}": v for k, v in stack["config"].items()}
    stack["config"] = config | {f"{name}:{key}": value for key, value in answers.items()}
    (to / "Pulumi.dev.yaml").write_text(yaml.safe_dump(stack))


def asked() -> dict[str, Any]:
    found: dict[str, Any] = template.for_cli()["config"]
    return found


def test_pulumi_new_makes_a_project_that_deploys_dev(tmp_path: Path) -> None:
    as_the_cli_does(tmp_path, "shop", "What we sell: everything", {k: str(spec["default"]) for k, spec in asked().items()})
    assert file.read(tmp_path / "Pulumi.yaml").description == "What we sell: everything"
    deployment = run("dev", tmp_path)
    assert deployment.problems == []
    assert deployment.of("Price", "usage-monthly").inputs["unit_amount"] == 4


def test_what_it_asks_for_is_what_no_stack_has_and_no_default_says() -> None:
    document = yaml.safe_load((template.FOLDER / "Pulumi.yaml").read_text())
    without_default = {key for key, spec in document["config"].items() if "default" not in spec}
    for stack in template.STACKS:
        there = yaml.safe_load((template.FOLDER / f"Pulumi.{stack}.yaml").read_text())["config"]
        assert without_default - set(there) == set(asked())


def test_a_placeholder_in_a_yaml_file_ends_its_line() -> None:
    # The CLI puts YAML there, which ends with a line feed.
    for path in template.FOLDER.rglob("*.yaml"):
        assert not re.findall(r"\$\{(?:PROJECT|DESCRIPTION)\}.", path.read_text()), path
