"""Every command, flag, variable and key of the Pulumi CLI: each is done, or refused by name with what to do instead."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import click
import pulumi.automation.interface
import pytest

from pulumi_local.cli import refusals
from pulumi_local.cli.app import root
from pulumi_local.cli.base import Shared, shared_options
from pulumi_local.cli.options import Option, variable
from pulumi_local.errors import EngineError, Unsupported
from pulumi_local.names import names
from pulumi_local.project import file as project
from scripts.engine_docs import Row, called, ours, rows
from tests.pulumi_local.shop import NEEDS_CLI
from tests.rooms.sources import ROOT

ROWS = list(rows())
WORDS = {"config set": ["key"], "config get": ["key"], "config rm": ["key"]}
"""Arguments without which a command is not even looked at."""


def named(row: Row) -> str:
    return f"{row.command} {row.name}".strip()


def chosen(kind: str, *, refused: bool) -> Any:
    return pytest.mark.parametrize("row", [r for r in ROWS if r.kind == kind and bool(r.instead) == refused], ids=named)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Where nothing is: no project, no variables."""
    monkeypatch.chdir(tmp_path)
    for name in [*names().variables, *map(variable, {r.name for r in ROWS if r.kind == "flag"})]:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def run(*words: str) -> None:
    root.main(list(words), prog_name="pulumi_local", standalone_mode=False, obj=Shared())


def refusal(*words: str) -> str:
    with pytest.raises(Unsupported) as caught:
        run(*words)
    return str(caught.value)


@chosen("command", refused=True)
def test_a_command_is_refused_with_what_to_do(environment: pytest.MonkeyPatch, row: Row) -> None:
    said = refusal(*row.name.split())
    assert "pulumi_local does not support `" in said
    assert row.name.startswith(said.split("`")[1])
    if said.split("`")[1] == row.name:
        assert said.endswith(row.instead) or row.name == "login"


@chosen("command", refused=False)
def test_a_command_is_there(environment: pytest.MonkeyPatch, row: Row, capsys: pytest.CaptureFixture[str]) -> None:
    run(*row.name.split(), "--help")
    assert f"Usage: pulumi_local {row.name} " in capsys.readouterr().out


@chosen("flag", refused=True)
def test_a_flag_is_refused_with_what_to_do_on_the_command_line_and_as_a_variable(
    environment: pytest.MonkeyPatch, row: Row
) -> None:
    command = called(row.command)
    words = [*command.split(), *WORDS.get(command, ())]
    whole = f"{command} --{row.name}".strip()
    assert refusal(*words, f"--{row.name}") == f"pulumi_local does not support `{whole}`; {row.instead}"
    if row == Row("flag", "version", instead=row.instead):  # which the CLI has since it got its variables
        return
    environment.setenv(variable(row.name), "true")
    said = refusal(*(words or ["version"]))
    whole = f"--{row.name}" if row.name in names().flags.keys() - {"version"} else whole
    assert said == f"pulumi_local does not support {variable(row.name)} (`{whole}`); {row.instead}"


@chosen("flag", refused=False)
def test_a_flag_is_read_on_the_command_line_and_as_a_variable(environment: pytest.MonkeyPatch, row: Row) -> None:
    if row.name == "help":
        return
    command = ours(row.command) if row.command else root
    assert command is not None
    option = next(p for p in command.params if isinstance(p, Option) and p.long == f"--{row.name}")
    option.callback, callback = None, option.callback
    option.expose_value, exposed = True, option.expose_value
    try:
        value = option.bare or (option.type.choices[0] if isinstance(option.type, click.Choice) else "1")
        words = WORDS.get(called(row.command), []) if row.command else ["version"]
        given = command.make_context("it", [f"--{row.name}={value}", *words]).params[str(option.name)]
        environment.setenv(variable(row.name), value)
        assert command.make_context("it", [*words]).params[str(option.name)] == given
    finally:
        option.callback, option.expose_value = callback, exposed
    assert given not in (None, (), "")


@chosen("variable", refused=True)
def test_a_variable_is_refused_with_what_to_do_where_it_is_on(environment: pytest.MonkeyPatch, row: Row) -> None:
    environment.setenv(row.name, "false")
    run("version")
    environment.setenv(row.name, "true")
    assert refusal("version") == f"pulumi_local does not support {row.name}; {row.instead}"


@chosen("variable", refused=False)
def test_a_variable_is_let_through(environment: pytest.MonkeyPatch, row: Row) -> None:
    environment.setenv(row.name, "1")
    run("version")


def test_what_is_said_of_variables_is_said_of_variables_of_the_cli() -> None:
    assert {*refusals.VARIABLES, *refusals.DONE_VARIABLES} <= names().variables
    assert not refusals.DONE_VARIABLES & refusals.VARIABLES.keys()


def test_what_is_said_of_commands_and_flags_is_said_of_those_of_the_cli() -> None:
    flags = {flag for command in names().commands.values() for flag in command.flags} | names().flags.keys()
    assert refusals.COMMANDS.keys() <= names().commands.keys()
    assert {flag.rpartition("--")[2] for flag in refusals.FLAGS} <= flags


def document(path: str) -> str:
    """A project file with a value at that path."""
    value: object = {
        "runtime": "python",
        "runtime.name": "python",
        "options.refresh": "always",
        "requiredPulumiVersion": "3.x",
        "config.*.type": "string",
        "config.*.items": {"type": "string"},
        "config.*.secret": True,
    }.get(path, {"x": {}} if path in names().keys or path in ("config", "packages", "template.config") else "x")
    if path in ("config", "plugins", "runtime.options", "backend", "options", "template"):
        value = {}
    if path in ("packages", "plugins"):
        value = {"x": "y"}
    found: Any = value
    for part in reversed(path.split(".")):
        found = {"key" if part == "*" else part: found}
    whole = {"name": "shop", "runtime": "python", **found}
    if path.startswith("runtime."):
        whole["runtime"] = {"name": "python", **found["runtime"]}
    return json.dumps(whole)


@chosen("key", refused=True)
def test_a_key_is_refused_with_what_to_do(tmp_path: Path, row: Row) -> None:
    (tmp_path / "Pulumi.yaml").write_text(document(row.name))
    with pytest.raises(Unsupported) as caught:
        project.load(tmp_path)
    top = row.name.partition(".")[0]
    assert str(caught.value) == f"{tmp_path}/Pulumi.yaml: pulumi_local does not support {top}: {row.instead}"


@chosen("key", refused=False)
def test_a_key_is_read(tmp_path: Path, row: Row) -> None:
    (tmp_path / "Pulumi.yaml").write_text(document(row.name))
    assert project.load(tmp_path).warnings == ()


@pytest.mark.parametrize("section", sorted(names().keys.keys() - project.REFUSED_KEYS.keys()))
def test_a_key_that_nobody_knows_is_refused_or_a_warning(tmp_path: Path, section: str) -> None:
    (tmp_path / "Pulumi.yaml").write_text(document(f"{section}.foreign" if section else "foreign"))
    if section in ("", "runtime.options"):
        assert len(project.load(tmp_path).warnings) == 1
    else:
        with pytest.raises(EngineError, match="'foreign' not allowed"):
            project.load(tmp_path)


def sdk() -> Iterator[tuple[str, set[str]]]:
    """The commands of the CLI that the SDK's Automation API was generated from, with their flags; it leaves some out."""
    [api] = [n for n in ast.parse(Path(pulumi.automation.interface.__file__).read_text()).body if isinstance(n, ast.ClassDef)]
    for method in api.body:
        constants = [n.value for n in ast.walk(method) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        words = [
            n.args[0].value
            for n in ast.walk(method)
            if isinstance(n, ast.Call) and ast.unparse(n.func) == "__final.append" and isinstance(n.args[0], ast.Constant)
        ]
        if words:
            yield " ".join(str(w) for w in words if w != "--"), {c[2:] for c in constants if c.startswith("--") and len(c) > 2}


def inherited(command: str, flags: Mapping[str, set[str]]) -> set[str]:
    """The flags of a command and of those above it."""
    words = command.split()
    return {flag for i in range(len(words) + 1) for flag in flags.get(" ".join(words[:i]), ())}


OURS = {"": set(names().flags), **{name: set(command.flags) for name, command in names().commands.items()}}


def test_the_table_has_what_the_pinned_sdk_knows_of_the_cli() -> None:
    pinned = re.search(r"^pulumi==(\S+)", (ROOT / "requirements.txt").read_text(), re.M)
    assert pinned
    if (here := metadata.version("pulumi")) != pinned[1]:
        pytest.skip(f"pulumi {here} is installed, not {pinned[1]}, which is pinned: make .venv/.dev")
    found = dict(sdk())
    assert len(found) > 50
    lacking = {command: sorted(flags - inherited(command, OURS)) for command, flags in found.items()}
    assert not {command: flags for command, flags in lacking.items() if flags or command not in OURS}


@NEEDS_CLI
def test_the_table_has_what_the_cli_has() -> None:
    told = subprocess.run(["pulumi", "generate-cli-spec"], capture_output=True, text=True, check=True)
    theirs: dict[str, set[str]] = {}

    def walk(found: dict[str, Any], path: tuple[str, ...]) -> None:
        theirs[" ".join(path)] = set(found.get("flags") or ())
        for name, below in (found.get("commands") or {}).items():
            walk(below, (*path, name))

    walk(json.loads(told.stdout), ())
    version = subprocess.run(["pulumi", "version"], capture_output=True, text=True, check=True).stdout.strip()
    remedy = (
        f"pulumi_local/names.json has the names of {names().version}, and this CLI is {version}: add them, then `make generate`"
    )
    assert not theirs.keys() - OURS.keys(), remedy
    lacking = {command: sorted(flags - inherited(command, OURS)) for command, flags in theirs.items()}
    assert not {command: flags for command, flags in lacking.items() if flags}, remedy


def test_every_flag_here_is_one_of_the_cli() -> None:
    shared = {max(p.opts, key=len)[2:] for p in shared_options()}
    ours_only = {
        f"{called(name)} --{option.long[2:]}"
        for name, known in names().commands.items()
        if (command := ours(name))
        for option in command.params
        if isinstance(option, Option) and option.long[2:] not in {*known.flags, *shared}
    }
    assert ours_only == {"destroy --exclude-dependents"}
