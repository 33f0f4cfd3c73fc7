"""Which cases of a large table run: all of them with TESTS=all, by default so many that the whole suite takes minutes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

ALL = os.environ.get("TESTS") == "all"


def sample(cases: Sequence[T], size: int) -> Sequence[T]:
    """So many of the cases, from everywhere, the same ones each time; all of them with TESTS=all."""
    return cases if ALL or len(cases) <= size else spread(cases, size)


def spread(cases: Sequence[T], size: int) -> Sequence[T]:
    """So many of the cases, from everywhere."""
    return [cases[(2 * i + 1) * len(cases) // (2 * size)] for i in range(size)]
