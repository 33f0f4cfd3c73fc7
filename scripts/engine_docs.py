"""Writes the tables of docs/local-engine.md: what the local engine does of the Pulumi CLI, and what it refuses.

python -m scripts.engine_docs            writes them
python -m scripts.engine_docs --check    fails where they are stale
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from pulumi_local.cli import refusals
from pulumi_local.cli.app import root
from pulumi_local.cli.base import Group, shared_options
from pulumi_local.names import names
from pulumi_local.project.file import INFORMATIVE_KEYS, REFUSED_KEYS
from scripts.generated import replaced, run

TARGET = Path(__file__).resolve().parents[1] / "docs" / "local-engine.md"
COMMAND = "python -m scripts.engine_docs"
BY_THEMSELVES = frozenset({"login", "stack"})
"""Commands that are there to say what to do instead."""


@dataclass(frozen=True)
class Row:
    """One name of the CLI: `instead` is what to do where it is refused, `note` why nothing is to be done about it."""

    kind: Literal["command", "flag", "variable", "key"]
    name: str
    command: str = ""
    instead: str = ""
    note: str = ""


def ours(name: str) -> click.Command | None:
    """The local engine's command of that name of the CLI's, which may be an alias here."""
    found: click.Command | None = root
    words = name.split()
    for i, word in enumerate(words):
        if not isinstance(found, Group):
            return None
        aliases = names().commands[" ".join(words[: i + 1])].aliases
        there = (found.commands.get(found.aliases.get(n, n)) for n in (word, *sorted(aliases)))
        found = next((command for command in there if command), None)
    return found


def called(name: str) -> str:
    """The command as it is called here: `stack init` for `stack new`."""
    words = name.split()
    return " ".join(str(command.name) for i in range(len(words)) if (command := ours(" ".join(words[: i + 1]))))


def flags_of(command: click.Command) -> dict[str, str]:
    """The flags of a command with their letters, without dashes and without those of every command."""
    shared = {option.name for option in shared_options()}
    options = [p for p in command.params if isinstance(p, click.Option) and p.name not in shared]
    return {max(p.opts, key=len)[2:]: next((o[1:] for o in p.opts if len(o) == 2), "") for p in options}


def rows() -> Iterator[Row]:
    """Every command, flag, variable and key of the CLI; the flags of a command that is refused go with it."""
    shared = {max(p.opts, key=len)[2:] for p in shared_options()} | {"help"}
    for flag in names().flags:
        yield Row("flag", flag, instead="" if flag in shared else refusals.flag_remedy("", flag))
    for name, known in names().commands.items():
        command = None if name in BY_THEMSELVES else ours(name)
        yield Row("command", name, instead="" if command else refusals.command_remedy(name))
        if command is not None and not (isinstance(command, Group) and not command.invoke_without_command):
            done = flags_of(command)
            for flag in known.flags:
                yield Row("flag", flag, name, "" if flag in done else refusals.flag_remedy(called(name), flag))
    for name in sorted(names().variables):
        note = "" if name in refusals.VARIABLES or name in refusals.DONE_VARIABLES else "changes nothing that happens here"
        yield Row("variable", name, instead=refusals.VARIABLES.get(name, ""), note=note)
    for section, keys in names().keys.items():
        for key in sorted(keys):
            path = f"{section}.{key}" if section else key
            top = path.partition(".")[0]
            note = "says something to people, and to `pulumi new`" if top in INFORMATIVE_KEYS else ""
            yield Row("key", path, instead=REFUSED_KEYS.get(top, ""), note=note)


def _flags(flags: dict[str, str]) -> str:
    return ", ".join(f"`--{flag}/-{letter}`" if letter else f"`--{flag}`" for flag, letter in flags.items())


def _table(*lines: tuple[str, ...]) -> str:
    head, *rest = [f"| {' | '.join(cells)} |" for cells in lines]
    return "\n".join([head, "|" + "---|" * len(lines[0]), *rest])


def commands() -> str:
    """What is done: commands with their flags."""
    listed = {}
    for row in rows():
        command = ours(row.name) if row.kind == "command" and not row.instead else None
        if command is not None and not (isinstance(command, Group) and not command.invoke_without_command):
            listed[called(row.name)] = _flags(flags_of(command))
    return _table(("command", "flags"), *((f"`{name}`", flags) for name, flags in sorted(listed.items())))


def refused() -> str:
    """What is refused: commands, flags, variables, keys."""
    found: dict[tuple[str, str], list[str]] = {}
    done = {f"--{row.name}" for row in rows() if row.kind == "flag" and not row.instead}
    for row in rows():
        if row.instead:
            name = f"--{row.name}" if row.kind == "flag" else row.name
            if name in done or f"{called(row.command)} {name}" in refusals.FLAGS:
                name = f"{called(row.command)} {name}"
            listed = found.setdefault((row.kind, row.instead), [])
            parent = any(row.kind == "command" and row.name.startswith(f"{other} ") for other in listed)
            if name not in listed and not parent:
                listed.append(name)
    order = ("command", "flag", "variable", "key")
    lines = [
        (kind, ", ".join(f"`{name}`" for name in sorted(listed)), instead)
        for (kind, instead), listed in sorted(found.items(), key=lambda item: (order.index(item[0][0]), sorted(item[1])))
    ]
    return _table(("", "refused", "instead"), *lines)


def counted() -> str:
    """How many rows there are."""
    all_rows = list(rows())
    lines = []
    for kind in ("command", "flag", "variable", "key"):
        of_kind = [row for row in all_rows if row.kind == kind]
        refusing, without = sum(bool(r.instead) for r in of_kind), sum(bool(r.note) for r in of_kind)
        lines.append((kind, *map(str, (len(of_kind), len(of_kind) - refusing - without, refusing, without))))
    return _table(("", "of the CLI", "done", "refused", "without effect"), *lines)


def written(page: str) -> str:
    """The page with its tables as they follow from the code."""
    for name, table in (("commands", commands()), ("refused", refused()), ("counted", counted())):
        page = replaced(page, name, COMMAND, table)
    return page


if __name__ == "__main__":
    sys.exit(run(__doc__, COMMAND, TARGET, lambda: written(TARGET.read_text())))
