"""How many sequences run."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.sampling import ALL, share

ASKED = int(os.environ.get("CONVERGE", "200" if ALL else "0"))


def examples(usual: int, *, of: int = 1, shrinks: bool = True) -> Callable[[Any], Any]:
    """`usual` sequences, the same ones each time; or, with CONVERGE=200, new ones: 200, or (`of=10`) a tenth of them.

    One that fails is made smaller, unless each attempt takes too long for that. New ones are divided among the shards.
    """
    chosen = settings(
        max_examples=share(max(ASKED // of, 1)) if ASKED else usual,
        derandomize=not ASKED,
        deadline=None,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if shrinks else [])],
        suppress_health_check=list(HealthCheck),
    )
    return lambda test: pytest.mark.divided(chosen(test)) if ASKED else chosen(test)
