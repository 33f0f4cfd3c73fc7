"""What changed between two surfaces, and which of it a section of the changelog does not name. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

SEPARATORS = " .:["
"""What stands between a name and what is a part of it."""


@dataclass(frozen=True)
class Change:
    """`old` and `new` are what is promised of the name; None where there is no such name."""

    name: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        if self.old is None:
            return f"added `{self.name}` ({self.new})"
        return f"removed `{self.name}` ({self.old})" if self.new is None else f"changed `{self.name}` ({self.old} → {self.new})"


def changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    """Sorted by name. Of what came or went with all its parts, the whole only: a command, not its options."""
    found = [Change(n, old.get(n), new.get(n)) for n in sorted(old.keys() | new.keys()) if old.get(n) != new.get(n)]
    added, removed = {c.name for c in found if c.old is None}, {c.name for c in found if c.new is None}

    def part_of(whole: set[str], change: Change) -> bool:
        return change.name in whole and not whole.isdisjoint(_above(change.name))

    return [change for change in found if not part_of(added, change) and not part_of(removed, change)]


def _above(name: str) -> list[str]:
    return [name[:i] for i, character in enumerate(name) if character in SEPARATORS]


def unnamed(found: list[Change], section: str) -> list[str]:
    """Those whose names the section does not have between backticks."""
    named = set(re.findall(r"`([^`]+)`", section))
    return [str(change) for change in found if change.name not in named]
