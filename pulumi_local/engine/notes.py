"""What changed since the state was last saved as a whole, for the log beside it."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi_local import changelog
from pulumi_local.interfaces import Deployment

SMALL = 1_000_000
"""Bytes of resources up to which a state is always saved as a whole."""


class Notes:
    """Collects changes while there can be a log: from a save of a large state on, until the log is as large as the state.

    So what a run writes grows with the number of its steps, and not with that number times the size of the state.
    """

    def __init__(self, small: int = SMALL) -> None:
        self._small = small
        self._head = b""
        self._changes: list[bytes] = []
        self._room = self._written = 0

    @property
    def written(self) -> bool:
        """Whether there is anything in the log."""
        return self._written > 0

    def stop(self) -> None:
        """There can be no log until the state has been saved as a whole."""
        self._head, self._changes = b"", []

    def restart(self, deployment: Deployment, numbers: Iterable[int], new: int, pending: Iterable[int]) -> None:
        """The state is saved as a whole, with these numbers; see `pulumi_local.changelog`."""
        self.stop()
        self._written, self._room = 0, sum(len(r.encoded) for r in deployment["resources"])
        if self._room > self._small:
            self._head = changelog.head(deployment, numbers, new, pending)

    def take(self) -> bytes:
        """What to add to the log; empty where the state is better saved as a whole."""
        changes, self._changes = b"".join(self._changes), []
        if not self._head or self._written + len(changes) > self._room:
            return b""
        text = changes if self._written else self._head + changes
        self._written += len(text)
        return text

    def add(self, change: bytes) -> None:
        """A line of the log; see `pulumi_local.changelog`."""
        if self._head:
            self._changes.append(change)
