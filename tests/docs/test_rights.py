"""docs/keys.md: the permissions that each command needs are those that a run needs, one taken away at a time."""

from __future__ import annotations

import re

import pytest

from scripts.rights_docs import COMMAND, COMMANDS, TARGET, Command, measured, rows
from stripe_local.wire.rights import PERMISSIONS

ROWS = rows(TARGET.read_text())


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
