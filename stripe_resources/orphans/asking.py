"""What the commands that take a state ask of the user: the state, and whether to go on."""

from __future__ import annotations

import sys
from pathlib import Path

from stripe_client.errors import ConfigurationError


def read(file: str) -> str:
    """The text of a file; - is standard input. Raises `ConfigurationError` for one that cannot be read."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise ConfigurationError(f"{source_of(file)} cannot be read: {getattr(e, 'strerror', None) or e}") from None


def source_of(file: str) -> str:
    """What the file is called in messages."""
    return "standard input" if file == "-" else file


def confirm(question: str, stack: str) -> None:
    """Raises `ConfigurationError` unless somebody types the stack's name."""
    if not sys.stdin.isatty():
        raise ConfigurationError("nobody is there to confirm it; give --yes, and --state a file")
    if input(f"{question} Type the stack's name, {stack}, to confirm: ").strip() != stack:
        raise ConfigurationError("confirmation declined; nothing was changed")
