"""Where commands write what is laid out in columns."""

from __future__ import annotations

import shutil
import sys

from rich.console import Console, RenderableType

from stripe_client.reading import visible

__all__ = ["show", "visible"]

FILE_WIDTH = 240
"""Columns where output is not a terminal: wide enough for every row."""


def show(what: RenderableType) -> None:
    """Writes to standard output, without colours and without blanks at the ends of lines."""
    columns, lines = shutil.get_terminal_size()  # COLUMNS may hold anything
    width = columns if sys.stdout.isatty() else FILE_WIDTH
    console = Console(file=sys.stdout, width=width, height=lines, no_color=True, highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        console.print(what)
    sys.stdout.write("".join(f"{visible(line.rstrip())}\n" for line in captured.get().split("\n")[:-1]))
