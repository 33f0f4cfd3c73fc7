"""Variables of the environment: names that several use, and switches as the CLI reads them."""

from __future__ import annotations

import os

CONFIG, PROJECT, STACK = "PULUMI_CONFIG", "PULUMI_PROJECT", "PULUMI_STACK"
"""Variables that programs, provider hosts and policy packs are given (and `STACK`, which selects a stack)."""


def is_on(name: str) -> bool:
    """Whether an environment variable switches something on."""
    return os.environ.get(name, "").lower() in ("1", "true")


def skips_confirmations() -> bool:
    """Whether nothing is asked before something happens."""
    return is_on("PULUMI_SKIP_CONFIRMATIONS")
