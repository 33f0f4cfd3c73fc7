"""Errors that end a command with one readable line."""

from __future__ import annotations

import signal

USAGE, NO_STACK, UNEXPECTED_CHANGES, CANCELLED = 2, 6, 7, 8
"""Exit codes, besides 1 for everything else: the command line lacks something it needs, such as a confirmation; there is no such
stack, or none was named; `--expect-no-changes`, and there were some; the user interrupted twice."""


class EngineError(Exception):
    """Something the user can fix; the message says what, where, and how."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Unsupported(EngineError):
    """A feature of Pulumi that this engine does not have; the message names it."""


class StackNotFound(EngineError):
    """The named stack is not in the backend."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no stack named '{name}' found", NO_STACK)


class Reported(EngineError):
    """A failure that has been shown already: the command ends with exit code 1 and prints nothing more."""

    def __init__(self) -> None:
        super().__init__("")


class Signalled(BaseException):
    """A signal ends the command. Not an Exception: nothing but the outermost is to catch it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.outcome = ""
        """What had become of the resources, where that is known."""

    @property
    def name(self) -> str:
        """As the CLI calls it."""
        return "^C" if self.number == signal.SIGINT else signal.Signals(self.number).name

    @property
    def exit_code(self) -> int:
        """As a shell gives it."""
        return 128 + self.number
