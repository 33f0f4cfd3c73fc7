"""docs/local-engine.md lists every command and every flag, and nothing that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pulumi_local import CLI_VERSION
from pulumi_local.cli.app import root
from pulumi_local.cli.base import Group, shared_options

DOC = (Path(__file__).parents[2] / "docs" / "local-engine.md").read_text()
SHARED = {o for option in shared_options() for o in option.opts}


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        here = (*path, name)
        yield " ".join(here), command
        if isinstance(command, click.Group):
            yield from commands(command, here)


ALL = dict(commands(root))


def documented() -> dict[str, set[str]]:
    """Flags by command, from rows like `| \\`stack init\\` | \\`--stack/-s\\`, ... |`."""
    rows = re.findall(r"^\| `([a-z -]+)` \|(.*)\|$", DOC, re.MULTILINE)
    return {name: {flag for text in re.findall(r"`(-[^`]*)`", flags) for flag in text.split("/")} for name, flags in rows}


def flags(command: click.Command) -> set[str]:
    return {o for p in command.params if isinstance(p, click.Option) for o in p.opts} - SHARED


def test_the_version_of_the_cli_is_documented() -> None:
    assert f"Pulumi {CLI_VERSION}" in DOC


def test_every_command_is_documented() -> None:
    assert set(documented()) == set(ALL) - {
        name for name, c in ALL.items() if isinstance(c, Group) and not c.invoke_without_command
    }


@pytest.mark.parametrize("name", sorted(documented()))
def test_every_flag_is_documented(name: str) -> None:
    assert documented()[name] == flags(ALL[name])


def test_the_flags_of_every_command_are_documented() -> None:
    assert not [flag for flag in SHARED if f"`{flag}" not in DOC and f"/{flag}`" not in DOC]


def test_every_alias_is_documented() -> None:
    groups = [root, *(c for c in ALL.values() if isinstance(c, Group))]
    assert not [alias for group in groups if isinstance(group, Group) for alias in group.aliases if f"`{alias}`" not in DOC]


@pytest.mark.parametrize("name", ["", *sorted(ALL)])
def test_every_command_explains_itself(name: str) -> None:
    command = ALL[name] if name else root
    assert command.help
    assert not [p.name for p in command.params if isinstance(p, click.Option) and not p.help]
