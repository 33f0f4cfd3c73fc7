"""What the Pulumi CLI has, by name: every command, flag, variable, and key of Pulumi.yaml."""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True)
class CommandNames:
    """A command of the CLI: its other names, and its flags without dashes, each with its letter or ""."""

    aliases: frozenset[str]
    flags: Mapping[str, str]


@dataclass(frozen=True)
class Names:
    """What the CLI of that version has. Every command has `flags`; `keys` are by the section of Pulumi.yaml ("" is its top)."""

    version: str
    flags: Mapping[str, str]
    commands: Mapping[str, CommandNames]
    variables: frozenset[str]
    keys: Mapping[str, frozenset[str]]

    def command(self, words: list[str]) -> str | None:
        """The name of the command that the words, which may be aliases, name; None where there is none."""
        path: list[str] = []
        for word in words:
            here = " ".join([*path, ""])
            for name, command in self.commands.items():
                if name.startswith(here) and " " not in (own := name[len(here) :]) and (word == own or word in command.aliases):
                    path.append(own)
                    break
            else:
                return None
        return " ".join(path)


@functools.cache
def names() -> Names:
    """The names in `names.json`."""
    document = json.loads(resources.files(__package__).joinpath("names.json").read_text(encoding="utf-8"))

    def flags(listed: list[str]) -> dict[str, str]:
        return {name: letter for name, _, letter in (flag.partition("/") for flag in listed)}

    return Names(
        document["version"],
        flags(document["flags"]),
        {
            name: CommandNames(frozenset(command.get("aliases", ())), flags(command["flags"]))
            for name, command in document["commands"].items()
        },
        frozenset(document["variables"]),
        {section: frozenset(keys) for section, keys in document["keys"].items()},
    )


def meant(name: str, known: Collection[str]) -> str:
    """What to add to a message about a name that is not known."""
    close = difflib.get_close_matches(name, sorted(known), 1, 0.7)
    return f"; did you mean {close[0]}?" if close else ""
