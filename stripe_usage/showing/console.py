"""Where commands write what is laid out in columns."""

from __future__ import annotations

import sys

from rich.console import Console, RenderableType

FILE_WIDTH = 240
"""Columns where output is not a terminal: wide enough for every row."""


def visible(text: str) -> str:
    """The text as a terminal may have it: what would move the cursor, colour or reorder is written as an escape such as \\x1b."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def show(what: RenderableType) -> None:
    """Writes to standard output, without colours and without blanks at the ends of lines."""
    width = None if sys.stdout.isatty() else FILE_WIDTH
    console = Console(file=sys.stdout, width=width, no_color=True, highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        console.print(what)
    sys.stdout.write("".join(f"{visible(line.rstrip())}\n" for line in captured.get().split("\n")[:-1]))
