"""How many sequences run."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings

ASKED = int(os.environ.get("CONVERGE", "0"))


def examples(usual: int, *, of: int = 1) -> Callable[[Any], Any]:
    """So many sequences, the same ones each time; or, with CONVERGE=200, new ones: 200, or their tenth where one takes long."""
    return settings(
        max_examples=ASKED // of or usual,
        derandomize=not ASKED,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
