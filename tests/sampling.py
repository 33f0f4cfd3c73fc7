"""Which tests run: by default as many as take minutes.

Tests marked `thorough`, but not `smoke`, run with TESTS=thorough; with TESTS=all also every case of every large table.
SHARD=3/8 runs the third of eight parts of whatever TESTS chooses.
"""

from __future__ import annotations

import os
import re
import time
import zlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pytest

T = TypeVar("T")

CHOSEN = os.environ.get("TESTS", "")
if CHOSEN not in ("", "thorough", "all"):
    raise ValueError(f"TESTS={CHOSEN}: leave it out, or set it to thorough or all")
ALL = CHOSEN == "all"
THOROUGH = bool(CHOSEN)
SHARD = os.environ.get("SHARD", "")
if SHARD and not (re.fullmatch(r"[1-9]\d*/[1-9]\d*", SHARD) and int(SHARD.split("/")[0]) <= int(SHARD.split("/")[1])):
    raise ValueError(f"SHARD={SHARD}: leave it out, or set it to the part and the number of parts, such as 3/8")
TODAY = int(os.environ.setdefault("TESTS_TODAY", str(int(time.time()) // 86400)))
"""In days; the same one in all processes of a run, whose first one sets it, also of a run past midnight."""
LEFT_OUT = "not in the short run of `make test`; `make test-thorough` runs it"


def sample(cases: Sequence[T], size: int) -> Sequence[T]:
    """`size` of the cases, spread evenly, the same ones each time; all of them with TESTS=all."""
    return cases if ALL or len(cases) <= size else spread(cases, size)


def short(cases: Sequence[T], size: int, name: Callable[[T], str]) -> list[Any]:
    """All of the cases as parameters; `size` of them, spread evenly, are without the mark `thorough`."""
    chosen = spread(cases, min(size, len(cases)))
    return [pytest.param(case, id=name(case), marks=() if case in chosen else pytest.mark.thorough) for case in cases]


def spread(cases: Sequence[T], size: int) -> Sequence[T]:
    """`size` of the cases, spread evenly."""
    return [cases[(2 * i + 1) * len(cases) // (2 * size)] for i in range(size)]


def in_shard(test: str, shard: str) -> bool:
    """Whether a test belongs to a shard such as "3/8". Each case of a table is a test with an id of its own."""
    part, parts = map(int, shard.split("/"))
    return zlib.crc32(test.encode()) % parts == part - 1
