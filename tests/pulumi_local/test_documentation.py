"""docs/local-engine.md says what is there."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from pulumi_local import CLI_VERSION
from pulumi_local.cli.app import root
from pulumi_local.cli.base import Group, shared_options
from scripts.engine_docs import COMMAND, TARGET, written

DOC = TARGET.read_text()
SHARED = {o for option in shared_options() for o in option.opts}


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        here = (*path, name)
        yield " ".join(here), command
        if isinstance(command, click.Group):
            yield from commands(command, here)


ALL = dict(commands(root))


def test_the_version_of_the_cli_is_documented() -> None:
    assert f"Pulumi {CLI_VERSION}" in DOC


def test_the_tables_follow_from_the_code() -> None:
    assert written(DOC) == DOC, f"stale; write it with `{COMMAND}`"


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
