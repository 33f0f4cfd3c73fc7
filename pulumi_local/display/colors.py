"""Colours, and where text goes: with them or without."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TextIO

RESET = "\x1b[0m"
BOLD = "\x1b[1m"
RED = "\x1b[31m"
GREEN = "\x1b[32m"
YELLOW = "\x1b[33m"
MAGENTA = "\x1b[35m"
BRIGHT_RED = "\x1b[91m"
BRIGHT_GREEN = "\x1b[92m"
BRIGHT_BLUE = "\x1b[94m"
BRIGHT_MAGENTA = "\x1b[95m"
BRIGHT_CYAN = "\x1b[96m"
UNDERLINE = "\x1b[4m"

HEADLINE = BRIGHT_MAGENTA + BOLD
ERROR, WARNING, INFO, ATTENTION = RED, YELLOW, MAGENTA, BRIGHT_RED

_CODES = re.compile(r"\x1b\[[0-9;]*[mK]")


def plain(text: str) -> str:
    """The text without colours."""
    return _CODES.sub("", text)


class Output:
    """A stream that text with colours is written to; `colored` says whether they stay.

    `gone` is told why nothing can be written, from whatever thread finds out, and nothing more is; without it, that is raised.
    """

    def __init__(self, stream: TextIO, colored: bool, gone: Callable[[OSError], None] | None = None) -> None:
        self._stream = stream
        self.colored = colored
        self._gone = gone
        self._lost = False

    def write(self, text: str) -> None:
        """Text, as it is."""
        self.write_raw(text if self.colored else plain(text))

    def write_raw(self, text: str) -> None:
        """Text with control sequences, which stay."""
        if self._lost:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError as e:
            if self._gone is None:
                raise
            self._lost = True
            self._gone(e)

    def shown(self, text: str) -> str:
        """The text as it would be written."""
        return text if self.colored else plain(text)

    def line(self, text: str) -> None:
        """Text and the end of a line."""
        self.write(text + "\n")
