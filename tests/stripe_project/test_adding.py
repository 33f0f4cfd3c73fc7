"""`stripe-project add`: what it does to projects that exist, and what it leaves."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from stripe_project.adding import changes, toml_text, yaml_text
from stripe_resources.testing import Deployment, run
from tests.stripe_project import existing
from tests.stripe_project.existing import TOOLCHAINS, contents
from tests.stripe_project.running import Done, command, typed

ROOT = Path(__file__).parents[2]
PLAN = ("--plan", "Pay as you go", "--currency", "eur", "--unit-amount", "5")
REQUIREMENT = changes.requirement()


def add(folder: Path, *arguments: str) -> Done:
    return command(folder, "add", *arguments)


def declared(stack: str, folder: Path) -> Deployment:
    """What the project declares; its modules are not kept for the next one's."""
    try:
        return run(stack, folder)
    finally:
        for name in ("billing", "files"):
            sys.modules.pop(name, None)


@pytest.fixture(params=TOOLCHAINS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return existing.make(tmp_path / "shop", request.param)


def test_it_shows_all_and_changes_nothing_until_it_is_told_to_and_then_nothing_is_left(project: Path) -> None:
    before = contents(project)
    shown = add(project, *PLAN)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.endswith("There is nobody to ask; --yes writes this.\n\nNothing was written.\n")
    assert contents(project) == before

    written = add(project, *PLAN, "--yes")
    assert written.returncode == 0, written.stderr
    assert written.stdout.partition("\nWrote")[0] == shown.stdout.partition("\nThere is nobody")[0]
    after = contents(project)
    changed = {name for name in after if before.get(name) != after[name]}
    assert changed == {line[6:].strip() for line in shown.stdout.splitlines() if line.startswith("+++ b/")}
    removed = [line for line in shown.stdout.splitlines() if line.startswith("-") and not line.startswith("---")]
    assert removed == ["-*.pyc"], "the one line that had no end"

    again = add(project)
    assert (again.returncode, again.stdout) == (0, "Nothing is left to do: shop has billing in billing.py.\n"), again.stderr
    assert contents(project) == after


def test_the_program_declares_the_plan_and_what_it_declared(project: Path, tmp_path: Path) -> None:
    before = {stack: declared(stack, project) for stack in ("dev", "prod")}
    assert add(project, *PLAN, "--yes").returncode == 0
    for stack in ("dev", "prod"):
        now = declared(stack, project)
        assert now.problems == []
        assert now.resources["motd"].inputs == before[stack].resources["motd"].inputs
        assert now.outputs["motd"] == before[stack].outputs["motd"]
        assert set(now.resources) == {"motd", "usage", "pay-as-you-go", "usage-monthly"}
        price = now.of("Price", "usage-monthly")
        assert (price.inputs["currency"], price.inputs["unit_amount"], price.protect) == ("eur", 5, stack == "prod")
        assert price.inputs["metadata"] == {"owner": "shop", "environment": stack}


def test_comments_and_order_stay_and_each_stack_says_where_it_deploys(tmp_path: Path) -> None:
    project = existing.make(tmp_path / "shop", "uv", ("dev", "prod", "qa"))
    before = contents(project)
    assert add(project, *PLAN, "--yes").returncode == 0
    after = contents(project)
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "pyproject.toml", "__main__.py"):
        left = iter(after[name].splitlines())
        assert all(line in left for line in before[name].splitlines()), f"the lines of {name}, in order"
    config = {stack: yaml.safe_load(after[f"Pulumi.{stack}.yaml"])["config"] for stack in ("dev", "prod", "qa")}
    assert config["dev"]["stripe:apiBase"] == "http://127.0.0.1:12111"
    assert (config["prod"]["stripe:livemode"], config["prod"]["shop:protect"]) == (True, True)
    assert (config["qa"]["stripe:livemode"], config["qa"]["shop:environment"]) == (False, "qa")
    assert after["__main__.py"].index("from files import File") < after["__main__.py"].index("import billing")


def test_stacks_of_other_names(tmp_path: Path) -> None:
    project = existing.make(tmp_path / "shop", "pip", ("laptop", "eu", "us"))
    assert add(project, *PLAN, "--local", "laptop", "--live", "eu", "--live", "us", "--yes").returncode == 0
    config = {stack: yaml.safe_load((project / f"Pulumi.{stack}.yaml").read_text())["config"] for stack in ("laptop", "eu", "us")}
    assert "stripe:apiBase" in config["laptop"]
    assert config["eu"]["stripe:livemode"] is config["us"]["stripe:livemode"] is True
    assert config["us"]["shop:environment"] == "prod"
    unknown = add(project, "--local", "dev")
    assert (unknown.returncode, unknown.stderr) == (1, "--local: there is no stack dev; the stacks are eu, laptop, us\n")


def test_a_stack_that_comes_later_gets_its_settings(project: Path) -> None:
    assert add(project, *PLAN, "--yes").returncode == 0
    before = contents(project)
    (project / "Pulumi.qa.yaml").write_text("config:\n  shop:path: /tmp/qa\n")
    assert add(project, *PLAN, "--yes").returncode == 0
    after = contents(project)
    assert {name for name in after if before.get(name) != after[name]} == {"Pulumi.qa.yaml"}
    assert yaml.safe_load(after["Pulumi.qa.yaml"])["config"]["shop:planName"] == "Pay as you go"


def test_what_comes_next_by_toolchain(project: Path) -> None:
    toolchain = yaml.safe_load((project / "Pulumi.yaml").read_text())["runtime"]["options"]["toolchain"]
    said = add(project, *PLAN, "--yes").stdout.partition("Next:\n")[2].splitlines()
    install = {
        "pip": "venv/bin/python -m pip install -r requirements.txt",
        "uv": "uv sync",
        "poetry": "poetry lock && poetry install",
    }
    assert said == [f"  {install[toolchain]}", "  pulumi preview --stack dev"]
    pack = yaml.safe_load((project / "policy" / "PulumiPolicy.yaml").read_text())["runtime"]["options"]
    assert pack == ({"toolchain": "pip", "virtualenv": "../venv"} if toolchain == "pip" else {"toolchain": toolchain})


def test_a_program_in_a_folder_of_its_own_and_a_module_of_another_name(tmp_path: Path) -> None:
    project = existing.make(tmp_path / "shop", "pip")
    (project / "infra").mkdir()
    for name in ("__main__.py", "files.py"):
        (project / name).rename(project / "infra" / name)
    (project / "Pulumi.yaml").write_text((project / "Pulumi.yaml").read_text() + "main: infra/\n")
    done = add(project / "infra", *PLAN, "--module", "catalogue", "--yes")
    assert done.returncode == 0, done.stderr
    assert "pip install -r ../requirements.txt" in done.stdout
    assert (project / "infra" / "catalogue.py").is_file()
    assert (project / "policy" / "__main__.py").is_file()
    assert "pay-as-you-go" in declared("dev", project).resources
    sys.modules.pop("catalogue")


def test_line_ends_of_windows_stay(tmp_path: Path) -> None:
    project = existing.make(tmp_path / "shop", "pip")
    path = project / "Pulumi.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert add(project, *PLAN, "--yes").returncode == 0
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n") > 40


def test_a_policy_folder_that_is_there_is_left(tmp_path: Path) -> None:
    project = existing.make(tmp_path / "shop", "pip")
    (project / "policy").mkdir()
    (project / "policy" / "PulumiPolicy.yaml").write_text("runtime: nodejs\n")
    assert add(project, *PLAN, "--yes").returncode == 0
    assert contents(project / "policy") == {"PulumiPolicy.yaml": "runtime: nodejs\n"}


def test_on_a_terminal_it_asks_for_the_plan_and_whether_to_write(tmp_path: Path) -> None:
    project = existing.make(tmp_path / "shop", "pip")
    before = contents(project)
    seen = typed(project, "add", lines="Tokens\n\n\nno\n")
    assert "+    shop:planName: Tokens" in seen
    assert "Write this? [yes/no]" in seen
    assert contents(project) == before
    assert "Wrote 12 files" in typed(project, "add", lines="Tokens\n\n\nyes\n")
    assert declared("dev", project).of("Price", "usage-monthly").inputs["unit_amount"] == 4


# -- what is refused


def test_everything_in_the_way_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    project = existing.make(tmp_path / "shop", "pip")
    (project / "billing.py").write_text("import decimal\n")
    (project / "requirements.txt").write_text("pulumi==3.200.0 \\\n    --hash=sha256:00\n")
    (project / "Pulumi.dev.yaml").write_text('config: {"shop:path": x}\n')
    before = contents(project)
    done = add(project, *PLAN, "--yes")
    assert done.returncode == 1
    assert f"requirements.txt has hashes, so it is compiled from another file; add {REQUIREMENT} there" in done.stderr
    assert "billing.py is there already, and declares no billing; choose another module with --module" in done.stderr
    assert "Pulumi.dev.yaml: `config` is not a block with a setting on each line; make it one, or add to it:" in done.stderr
    assert "    shop:unitAmount: 5" in done.stderr
    assert contents(project) == before


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "Pulumi.yaml",
            "path: {type: string}",
            "currency: {type: string}",
            "declares currency already, which billing needs for itself",
        ),
        ("Pulumi.yaml", "path: {type: string}", "environment: {type: integer}", "declares environment, but not as a string"),
        ("Pulumi.yaml", "name: python", "name: nodejs", "has the runtime nodejs; billing is added to programs in Python"),
        ("__main__.py", "import pulumi\n", "import pulumi from\n", "__main__.py cannot be read: line 3: invalid syntax"),
        ("Pulumi.dev.yaml", "config:", "config: [", "Pulumi.dev.yaml cannot be read: "),
    ],
)
def test_what_cannot_be_changed_safely(tmp_path: Path, file: str, old: str, new: str, says: str) -> None:
    project = existing.make(tmp_path / "shop", "pip")
    text = (project / file).read_text()
    assert old in text
    (project / file).write_text(text.replace(old, new))
    before = contents(project)
    done = add(project, *PLAN, "--yes")
    assert (done.returncode, says in done.stderr, "Traceback" in done.stderr) == (1, True, False), done.stderr
    assert contents(project) == before


def test_where_there_is_no_project(tmp_path: Path) -> None:
    done = add(tmp_path, *PLAN)
    assert (done.returncode, "no Pulumi.yaml project file found" in done.stderr) == (1, True)


# -- texts of others

ENTRIES = ["# why", "b: 2", "c:", "  type: integer"]
ADDED = {"b": 2, "c": {"type": "integer"}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "config:\n  # why\n  b: 2\n  c:\n    type: integer\n"),
        ("# only this\n", "# only this\nconfig:\n  # why\n  b: 2\n  c:\n    type: integer\n"),
        ("{}\n", "config:\n  # why\n  b: 2\n  c:\n    type: integer\n"),
        ("x: 1", "x: 1\nconfig:\n  # why\n  b: 2\n  c:\n    type: integer\n"),
        ("config:\nx: 1\n", "config:\n  # why\n  b: 2\n  c:\n    type: integer\nx: 1\n"),
        (
            "config:\n    a: 1 # one\n\n# of x\nx: 1\n",
            "config:\n    a: 1 # one\n    # why\n    b: 2\n    c:\n      type: integer\n\n# of x\nx: 1\n",
        ),
        (
            "config:\n  a: |\n    t\n    # t\n\n\nx: 1\n",
            "config:\n  a: |\n    t\n    # t\n  # why\n  b: 2\n  c:\n    type: integer\n\n\nx: 1\n",
        ),
        ("config:\n  a:\n  - 1\n  # last", "config:\n  a:\n  - 1\n  # last\n  # why\n  b: 2\n  c:\n    type: integer\n"),
    ],
)
def test_entries_go_to_the_end_of_their_section(text: str, expected: str) -> None:
    changed = yaml_text.with_entries(text, "config", ENTRIES)
    assert changed == expected
    before: dict[str, Any] = yaml.safe_load(text) or {}
    assert yaml.safe_load(changed) == {**before, "config": {**(before.get("config") or {}), **ADDED}}


@pytest.mark.parametrize(
    "text", ["config: {a: 1}\n", "config: shop\n", "- a\n", "config: &x\n  a: 1\n...\n---\ny: 1\n", "{x: 1}\n"]
)
def test_a_section_that_is_no_block_is_left(text: str) -> None:
    try:
        assert yaml_text.with_entries(text, "config", ENTRIES) is None
    except yaml.YAMLError:
        assert "---" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[project]\ndependencies = []\n", '[project]\ndependencies = ["p[a,b]~=1.0"]\n'),
        ('[project]\ndependencies = ["x"]  # all\n', '[project]\ndependencies = ["x", "p[a,b]~=1.0"]  # all\n'),
        ('[project]\ndependencies = [ "x[y]", ]\n', '[project]\ndependencies = [ "x[y]", "p[a,b]~=1.0"]\n'),
        (
            '[project]\nname = "s"\ndependencies = [\n  "x",  # [not] the end ]\n  # more\n]\n\n[tool]\n',
            '[project]\nname = "s"\ndependencies = [\n  "x",  # [not] the end ]\n  # more\n  "p[a,b]~=1.0",\n]\n\n[tool]\n',
        ),
        ("[project]\ndependencies = [\n  'x'\n]", "[project]\ndependencies = [\n  'x',\n  \"p[a,b]~=1.0\",\n]"),
        ("[project]\ndependencies = [\n]\n", '[project]\ndependencies = [\n    "p[a,b]~=1.0",\n]\n'),
        ('[project]\nname = "s"\n\n[tool]\n', '[project]\nname = "s"\ndependencies = ["p[a,b]~=1.0"]\n\n[tool]\n'),
        (
            '[tool.poetry.dependencies]\npython = ">=3.11"\n\n# built\n[tool]\n',
            '[tool.poetry.dependencies]\npython = ">=3.11"\np = { version = "~=1.0", extras = ["a", "b"] }\n\n# built\n[tool]\n',
        ),
    ],
)
def test_a_dependency_goes_to_the_end_of_its_list(text: str, expected: str) -> None:
    changed = toml_text.with_dependency(text, "p", ["a", "b"], "~=1.0")
    assert changed == expected
    tomllib.loads(changed)
    assert toml_text.depends_on(changed, "p")
    assert not toml_text.depends_on(text, "p")


@pytest.mark.parametrize("text", ["[tool.x]\n", '[project]\ndynamic = ["dependencies"]\n', 'project = {dependencies = ["x"]}\n'])
def test_a_list_that_is_not_found_is_left(text: str) -> None:
    assert toml_text.with_dependency(text, "p", ["a"], "~=1.0") is None


def test_a_dependency_is_known_by_any_spelling() -> None:
    assert toml_text.is_named("Pulumi_Stripe.billing[local] >= 1", "pulumi-stripe-billing")
    assert not toml_text.is_named("pulumi-stripe-billing-more", "pulumi-stripe-billing")
    assert not toml_text.is_named("# pulumi-stripe-billing", "pulumi-stripe-billing")
