"""What ends a step or a run."""

from __future__ import annotations

from pulumi_local.errors import EngineError


class Bail(Exception):
    """The run cannot go on; the reason has been reported."""


class RunError(Exception):
    """The run cannot go on; the message is reported, at the resource if one is named."""

    def __init__(self, message: str, urn: str = "") -> None:
        super().__init__(message)
        self.urn = urn


class DiffUnavailable(RunError):
    """Nobody can say what will change."""


class ProviderError(Exception):
    """A provider's call failed. `recoverable`: nothing can have happened."""

    def __init__(self, message: str, *, recoverable: bool = False) -> None:
        super().__init__(message)
        self.recoverable = recoverable


EXPECTED = (ProviderError, RunError, EngineError, ValueError)
"""Failures that a user can do something about."""
