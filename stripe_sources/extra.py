"""The libraries of the extra `scale`, which are imported where they are needed: importing them takes seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .errors import Unreadable


@contextmanager
def needs() -> Iterator[None]:
    """Around imports. Raises `Unreadable`, which names the extra, where it is not installed."""
    try:
        yield
    except ModuleNotFoundError as e:
        raise Unreadable(f"sources of usage need {e.name}: pip install 'pulumi-stripe-billing[scale]'") from None
