"""How many sequences run."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings

from tests.sampling import ALL

ASKED = int(os.environ.get("CONVERGE", "200" if ALL else "0"))


def examples(usual: int, *, of: int = 1, shrinks: bool = True) -> Callable[[Any], Any]:
    """So many sequences, the same ones each time; or, with CONVERGE=200, new ones: 200, or (`of=10`) their tenth part.

    One that fails is made smaller, unless each attempt takes too long for that.
    """
    return settings(
        max_examples=ASKED // of or usual,
        derandomize=not ASKED,
        deadline=None,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if shrinks else [])],
        suppress_health_check=list(HealthCheck),
    )
