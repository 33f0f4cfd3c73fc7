"""Errors that end a command with one readable line."""

from __future__ import annotations


class EngineError(Exception):
    """Something the user can put right; the message says what, where, and how."""

    exit_code = 1


class Unsupported(EngineError):
    """A feature of Pulumi that this engine does not have; the message names it."""


class UsageError(EngineError):
    """The command line lacks something it needs, such as a confirmation."""

    exit_code = 2


class StackNotFound(EngineError):
    """The named stack is not in the backend."""

    exit_code = 6

    def __init__(self, name: str) -> None:
        super().__init__(f"no stack named '{name}' found")


class ChangesNotExpected(EngineError):
    """`--expect-no-changes`, and there were some."""

    exit_code = 7

    def __init__(self, operation: str) -> None:
        super().__init__(f"no changes were expected for {operation} but changes were proposed")


class Cancelled(EngineError):
    """The user asked twice for an end."""

    exit_code = 8

    def __init__(self, operation: str) -> None:
        super().__init__(f"{operation} cancelled")


class Reported(EngineError):
    """A failure that has been shown already: the command ends with exit code 1 and prints nothing more."""

    def __init__(self) -> None:
        super().__init__("")
