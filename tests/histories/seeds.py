"""Which histories run."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.sampling import ALL, THOROUGH, TODAY

ASKED = os.environ.get("SEEDS", "")
if not re.fullmatch(r"(\d+(-\d+)?)?", ASKED):
    raise ValueError(f"SEEDS={ASKED}: leave it out, or set it to a seed, or to the first and the last of many, such as 1000-1999")


def seeds(short: int, thorough: int, all_: int) -> list[int]:
    """The seeds that SEEDS asks for; or so many, with TESTS=all other ones every day. A test that has one tells one history."""
    if ASKED:
        first, _, last = ASKED.partition("-")
        return list(range(int(first), int(last or first) + 1))
    if ALL:
        begin = TODAY * all_
        return list(range(begin, begin + all_))
    return list(range(thorough if THOROUGH else short))


def told(
    number: int,
    history: st.SearchStrategy[Any],
    tell: Callable[[Any], None],
    where: str,
    engine: str = "",
    *,
    shrinks: bool = True,
) -> None:
    """Tells the history of a seed; one that fails is made as short as can be, if that `shrinks`, or when it is told again."""

    @seed(number)
    @settings(
        max_examples=2,  # the first one is always the shortest there is
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=[Phase.generate, *([Phase.shrink] if shrinks or ASKED else [])],
        suppress_health_check=list(HealthCheck),
    )
    @given(steps=history)
    def history_of_the_seed(steps: Any) -> None:
        tell(steps)

    try:
        history_of_the_seed()
    except Exception as e:
        asked = f"ENGINE={engine} " if engine else ""
        e.add_note(f'To tell it again: {asked}make histories SEEDS={number} ARGS="{where}"')
        raise
