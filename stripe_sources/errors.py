"""What is wrong with a row, or with a file as a whole."""

from __future__ import annotations

from collections.abc import Sequence


class Wrong(Exception):
    """What is wrong with a row or a part of it, and what would be right: one readable line."""


class Unreadable(Exception):
    """What is wrong with a file as a whole: one readable line."""


class Missing(Unreadable):
    """The header lacks columns."""

    def __init__(self, columns: Sequence[str], header: Sequence[str]) -> None:
        self.columns, self.header = columns, header
        super().__init__(f"the header has no {' and no '.join(columns)} (it has {', '.join(header)})")


class Invalid(Unreadable):
    """What is wrong with a description of rows, or with the rows as described: one readable line for each of `problems`."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))
