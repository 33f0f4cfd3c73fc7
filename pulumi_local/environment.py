"""Switches in the environment, as the CLI reads them."""

from __future__ import annotations

import os


def is_on(name: str) -> bool:
    """Whether an environment variable switches something on."""
    return os.environ.get(name, "").lower() in ("1", "true")


def skips_confirmations() -> bool:
    """Whether nothing is asked before something happens."""
    return is_on("PULUMI_SKIP_CONFIRMATIONS")
