"""Which tests run: by default so many that the whole suite takes minutes.

Tests marked `thorough`, but not `smoke`, run with TESTS=thorough; with TESTS=all also every case of every large table.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pytest

T = TypeVar("T")

CHOSEN = os.environ.get("TESTS", "")
if CHOSEN not in ("", "thorough", "all"):
    raise ValueError(f"TESTS={CHOSEN}: leave it out, or set it to thorough or all")
ALL = CHOSEN == "all"
THOROUGH = bool(CHOSEN)
LEFT_OUT = "not in the short run of `make test`; `make test-thorough` runs it"


def sample(cases: Sequence[T], size: int) -> Sequence[T]:
    """So many of the cases, from everywhere, the same ones each time; all of them with TESTS=all."""
    return cases if ALL or len(cases) <= size else spread(cases, size)


def short(cases: Sequence[T], size: int, name: Callable[[T], str]) -> list[Any]:
    """All of the cases as parameters, so many of them, from everywhere, without the mark `thorough`."""
    chosen = spread(cases, min(size, len(cases)))
    return [pytest.param(case, id=name(case), marks=() if case in chosen else pytest.mark.thorough) for case in cases]


def spread(cases: Sequence[T], size: int) -> Sequence[T]:
    """So many of the cases, from everywhere."""
    return [cases[(2 * i + 1) * len(cases) // (2 * size)] for i in range(size)]
