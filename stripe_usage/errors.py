"""What ends a command: one readable line that names the remedy, never with an API key in it."""

from __future__ import annotations


class UsageError(Exception):
    """The command cannot be carried out, or not completely.

    `sent` is False where it is certain that Stripe counted nothing of the request that failed.
    """

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class Interrupted(UsageError):
    """Somebody ended the command; what was done is in the checkpoint."""
