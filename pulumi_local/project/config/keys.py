"""Configuration keys (`namespace:name`) and paths into values (`names[0]`, `a.b`, `["a.b"].c`)."""

from __future__ import annotations

import re
from typing import NamedTuple

from pulumi_local.errors import EngineError

PathPart = str | int


class Key(NamedTuple):
    """One key. Keys sort as the CLI lists them: by namespace, then by name."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}:{self.name}"

    def pretty(self, project: str) -> str:
        """Without its namespace if that is the project."""
        return self.name if self.namespace == project else str(self)


def parse_qualified(text: str) -> Key:
    """From `namespace:name` or the older `namespace:config:name`."""
    parts = text.split(":")
    if len(parts) == 3 and parts[1] == "config":
        return Key(parts[0], parts[2])
    if len(parts) != 2:
        raise EngineError(
            f"could not parse {text} as a configuration key (configuration keys should be of the form `<namespace>:<name>`)"
        )
    return Key(parts[0], parts[1])


def parse(text: str, project: str, *, path: bool = False) -> Key:
    """A key from a command line: a name alone belongs to the project. With `path`, only the first part is looked at."""
    at = min((i for i in (text.find("["), text.find(".")) if i > 0), default=-1) if path else -1
    head, rest = (text[:at], text[at:]) if at > 0 else (text, "")
    try:
        key = parse_qualified(head if ":" in head else f"{project}:{head}")
    except EngineError as e:
        raise EngineError(f"invalid configuration key: {e}") from None
    return Key(key.namespace, key.name + rest)


_PART = re.compile(r'\.?(?:(?P<name>[^.\[\]"]+)|\[(?P<index>\d+)\]|\["(?P<quoted>(?:[^"\\]|\\.)*)"\])')


def path_parts(text: str) -> tuple[list[PathPart], str]:
    """The parts of a path, and the rest from where it cannot be read."""
    parts: list[PathPart] = []
    at = 0
    while match := _PART.match(text, at):
        if match["index"] is not None:
            parts.append(int(match["index"]))
        else:
            parts.append(match["name"] if match["name"] is not None else match["quoted"].replace('\\"', '"'))
        at = match.end()
    return parts, text[at:]


def split_path(key: Key) -> tuple[Key, list[PathPart]]:
    """The top-level key, and the parts of the path below it."""
    text = key.name
    parts, rest = ([], text) if text.startswith(".") else path_parts(text)
    if rest:
        raise EngineError(f'invalid config key path: {text!r} at {rest!r}; expected a path like names[0] or a.b or ["a.b"].c')
    if not parts:
        raise EngineError("empty config key path")
    first = parts[0]
    if isinstance(first, int):
        raise EngineError("first path segement of config key must be a string")
    if first == "":
        raise EngineError("config key is empty")
    return Key(key.namespace, first), parts[1:]
