"""What the commands that take a state share: the state, whether to go on, and how they end."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from stripe_client.errors import ConfigurationError, StripeError
from stripe_client.reading import text


def read(file: str) -> str:
    """The text of a file; - is standard input. Raises `ConfigurationError` for one that cannot be read."""
    try:
        return text(file)
    except ValueError as e:
        raise ConfigurationError(f"{source_of(file)} cannot be read: {e}") from None


def source_of(file: str) -> str:
    """What the file is called in messages."""
    return "standard input" if file == "-" else file


def confirm(question: str, stack: str) -> None:
    """Raises `ConfigurationError` unless somebody types the stack's name."""
    if not sys.stdin.isatty():
        raise ConfigurationError("nobody is there to confirm it; give --yes, and --state a file")
    if input(f"{question} Type the stack's name, {stack}, to confirm: ").strip() != stack:
        raise ConfigurationError("confirmation declined; nothing was changed")


def refuse(failed: Sequence[str], count: int, done: str) -> None:
    """Raises `StripeError` if some of `count` objects could not be done; `failed` has a line for each."""
    if failed:
        raise StripeError("\n       ".join([f"{len(failed)} of {count} could not be {done}:", *failed]))
