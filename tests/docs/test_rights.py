"""docs/keys.md: the permissions that each command needs are those that a run needs, one taken away at a time."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import stripe_project.__main__
import stripe_resources.__main__
import stripe_usage.__main__
from scripts.rights_docs import COMMAND, COMMANDS, TARGET, Command, World, measured, rows
from stripe_local.wire.rights import PERMISSIONS
from tests.stripe_local.server import LocalStripe

PAGE = TARGET.read_text()
ROWS = rows(PAGE)
PARSERS = {
    "stripe-project": stripe_project.__main__.parser,
    "stripe-resources": stripe_resources.__main__.parser,
    "stripe-usage": stripe_usage.__main__.parser,
}
AS_ANOTHER = {"stripe-resources orphans": "stripe-project orphans"}
"""The command that runs it, whose row it has."""
WITHOUT = {
    "stripe-project add": "--help",
    "stripe-project ci-comment": "",
    "stripe-project ci-issue": "",
    "stripe-project diff": "dev staging",
    "stripe-project new": "--help",
    "stripe-project stop": "--help",
    "stripe-usage completion": "bash",
    "stripe-usage generate": "--customers 2 --events 3",
    "stripe-usage ledger export": "",
    "stripe-usage ledger settle": "usage-1-r1 --lost",
    "stripe-usage ledger show": "",
}
"""What sends nothing to Stripe, and arguments of it."""


def commands(parser: argparse.ArgumentParser, name: str) -> Iterator[str]:
    """All commands of a program that do something by themselves, such as "stripe-usage ledger show"."""
    verbs = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not verbs:
        yield name
    for verb, its in (item for choices in verbs for item in choices.items()):
        yield from commands(its, f"{name} {verb}")


def test_each_command_has_a_row_or_sends_nothing() -> None:
    named = [re.sub(r"`([^`]+)`.*", r"\1", name) for name in ROWS]
    for program, parser in PARSERS.items():
        for command in commands(parser(), program):
            row = AS_ANOTHER.get(command, command)
            assert (command in WITHOUT) != any(f"{one} ".startswith(f"{row} ") for one in named), command


@pytest.mark.thorough
@pytest.mark.parametrize("command", WITHOUT)
def test_what_has_no_row_sends_nothing(shared_server: LocalStripe, tmp_path: Path, command: str) -> None:
    world = World(tmp_path, shared_server.account(), "dev")
    program, *words = command.split()
    done = world.run([program.replace("-", "_"), *words, *WITHOUT[command].split()], world.account.key)
    assert "usage:" not in done.stdout or "--help" in WITHOUT[command], done.stdout
    assert world.account.requests() == []
    assert f"`{command}`" in PAGE or f"`{words[-1]}`" in PAGE


def test_every_command_has_a_row_of_stripes_permissions() -> None:
    assert list(ROWS) == [command.name for command in COMMANDS]
    named = {word for row in ROWS.values() for cell in row[1:] for word in re.findall(r"`(\w+)`", cell)}
    assert named <= PERMISSIONS
    assert all(len(row) == 3 and "".join(row[1:]) for row in ROWS.values())


@pytest.mark.thorough
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: re.sub(r"\W+", "-", command.name).strip("-"))
def test_a_command_needs_what_the_table_says(command: Command) -> None:
    ((_, rights),) = measured([command])
    assert rights.row(command.name) == ROWS[command.name], f'write it with `{COMMAND} "{command.name.replace("`", "")}"`'
