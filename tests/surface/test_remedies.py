"""The commands that messages, help texts and comments of the packages name: every one of them is accepted."""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from pulumi_local.cli.app import root as pulumi
from pulumi_local.cli.base import Shared
from stripe_client.settings import load
from stripe_project.settings import typed
from tests.rooms.sources import ROOT
from tests.surface.collecting import COMMANDS, PACKAGES

PARSERS: dict[str, Callable[[], argparse.ArgumentParser]] = {
    **COMMANDS,
    **{f"python -m {name.replace('-', '_')}": parser for name, parser in COMMANDS.items()},
}
ENGINES = ("pulumi", "pulumi-local", "python -m pulumi_local")
NAMED = "|".join(map(re.escape, [*PARSERS, *ENGINES, "make"]))
COMMAND = re.compile(rf"(?:`|^ +|\| |; do |\")((?:[A-Z_]+=\S+ )?(?:{NAMED}) [^`|\n>()]*)", re.M)
CLI_ONLY = ("new", "install", "state upgrade", "policy new", "plugin")
"""What the local engine has no command for."""


def texts(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """The strings of a module; what is filled in later is a word."""
    if isinstance(tree, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else "word" for part in tree.values)
        yield tree, "".join(map(str, parts))
    elif isinstance(tree, ast.Constant):
        if isinstance(tree.value, str):
            yield tree, tree.value
    else:
        for below in ast.iter_child_nodes(tree):
            yield from texts(below)


def named() -> Iterator[tuple[str, str]]:
    """(file and line, command)."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node, text in texts(ast.parse(path.read_text(encoding="utf-8"))):
                for found in COMMAND.finditer(text):
                    command = re.sub(r"  .*|[.,;:…]+$", "", found.group(1).strip())
                    if not command.endswith((" COMMAND", " --help")):
                        yield f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}", command


FOUND = list(named())


def refused(command: str) -> str:
    """What is wrong with a command; "" for nothing. One that is only spoken of need not be complete."""
    words = shlex.split(re.sub(r"^[A-Z_]+=\S+ ", "", command))
    name = " ".join(words[: 3 if words[0] == "python" else 1])
    given = words[len(name.split()) :]
    if name == "make":
        return _target(given)
    if name in ENGINES:
        return "" if " ".join(given).startswith(CLI_ONLY) else _engine(given)
    told = io.StringIO()
    try:
        with contextlib.redirect_stderr(told):
            parsed, more = PARSERS[name]().parse_known_args(given)
    except SystemExit:
        return "" if re.search(r"(is|are) required", told.getvalue()) else told.getvalue()
    return f"unknown: {more}" if more and not getattr(parsed, "passes_on", False) else ""


def _engine(words: list[str]) -> str:
    command: click.Command = pulumi
    try:
        context = command.make_context("pulumi", list(words), obj=Shared())
        while isinstance(command, click.Group) and (rest := [*context._protected_args, *context.args]):
            name, found, rest = command.resolve_command(context, rest)
            assert found is not None
            command, context = found, found.make_context(name, rest, parent=context)
    except click.ClickException as e:
        return "" if re.match(r"Missing argument|Option '\S+' requires an argument", e.format_message()) else e.format_message()
    return ""


def _target(words: list[str]) -> str:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    variables = set(re.findall(r"^([A-Z]+) \?=", makefile, re.M))
    wrong = [word for word in words if word not in targets and word.partition("=")[0] not in variables]
    return f"no target or variable: {wrong}" if wrong else ""


def test_commands_that_texts_name_are_accepted() -> None:
    assert len({command for _, command in FOUND}) > 40
    wrong = [f"{where}: `{command}`: {said}" for where, command in FOUND if (said := refused(command))]
    assert wrong == [], "\n".join(wrong)


def test_settings_that_texts_have_set_are_accepted() -> None:
    found = {match.groups() for _, command in FOUND if (match := re.match(r"pulumi config set (stripe:\w+) (\w\S*)$", command))}
    assert ("stripe:livemode", "true") in found
    for key, value in found - {("stripe:allowDelete", "word")}:  # of that one, test_permission takes what is filled in
        problems = load({key: value}.get, {"STRIPE_API_KEY": f"sk_{'live' if value == 'true' else 'test'}_x"}).problems
        assert problems == (), f"{key} {value}"


def typed_calls() -> Iterator[tuple[str, ...]]:
    """(command, stack, further options) of each call of `typed`, which has the command that a user gives here put together."""
    for path in sorted((ROOT / "stripe_project").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("typed"):
                filled_in = ("", "prod", "")
                given = zip(node.args, filled_in, strict=False)
                yield tuple(str(a.value) if isinstance(a, ast.Constant) else otherwise for a, otherwise in given)


@pytest.mark.parametrize("makefile", [True, False])
def test_commands_that_are_put_together_are_accepted(makefile: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    if makefile:
        (tmp_path / "Makefile").touch()
    monkeypatch.chdir(tmp_path)
    calls = set(typed_calls())
    assert len(calls) > 5
    for command, *more in calls:
        for name in [command] if command else ["preview", "up"]:  # which the name of a running command stands for
            said = typed(name, *more).strip("`")
            assert refused(said) == "", said
