"""One writer at a time: lock files, as Pulumi's file backend keeps them.

A lock is a file of its own for every process. A process writes its file, then looks: if there is another one, it takes its own
away and gives up. A lock left by a killed process stays until `cancel`.
"""

from __future__ import annotations

import contextlib
import datetime
import getpass
import os
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

from pulumi_local import durable, gojson, reading
from pulumi_local.errors import EngineError


class StackLock:
    """The locks of one stack, and the one this process takes."""

    def __init__(self, folder: Path, url: str) -> None:
        """`folder` holds the stack's lock files; `url` is how messages call it."""
        self._folder = folder
        self._url = url
        self._own = f"{uuid.uuid4()}.json"

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Holds the lock. Raises EngineError if another process has it."""
        self._refuse_if_locked()
        # A signal raises `Signalled` wherever this happens to be, though only once: so it cannot keep both from the removal.
        try:
            try:
                durable.write(self._folder.parent / self._own, gojson.dumps(_holder()).encode())
                self._folder.mkdir(exist_ok=True)
                os.replace(self._folder.parent / self._own, self._folder / self._own)
                self._refuse_if_locked()
                yield
            finally:
                self._release()
        finally:
            self._release()

    def _release(self) -> None:
        for folder in (self._folder, self._folder.parent):
            (folder / self._own).unlink(missing_ok=True)

    def break_all(self) -> None:
        """Removes every lock, no matter who holds it."""
        for path in self._others():
            path.unlink(missing_ok=True)
            path.with_name(path.name + ".attrs").unlink(missing_ok=True)

    def _others(self) -> list[Path]:
        return sorted(p for p in self._folder.glob("*.json") if p.name != self._own)

    def _refuse_if_locked(self) -> None:
        lines = []
        for path in self._others():
            with contextlib.suppress(FileNotFoundError):
                lines.append(self._describe(path))
        if lines:
            raise EngineError(
                f"the stack is currently locked by {len(lines)} lock(s). Either wait for the other process(es) to end or "
                "delete the lock file with `pulumi cancel`." + "".join(lines)
            )

    def _describe(self, path: Path) -> str:
        where = self._url.replace("{name}", path.name)
        try:
            holder = reading.parsed(reading.text(path))
            who = f"{holder['username']}@{holder['hostname']} (pid {holder['pid']})"
            when = _seconds(holder["timestamp"])
        except FileNotFoundError:
            raise  # it was released just now
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            who, when = "an unknown process (the lock file cannot be read)", "an unknown time"
        return f"\n  {where}: created by {who} at {when}"


def _holder() -> dict[str, object]:
    return {
        "pid": os.getpid(),
        "username": getpass.getuser(),
        "hostname": socket.gethostname(),
        "timestamp": datetime.datetime.now().astimezone().isoformat(),
    }


def _seconds(timestamp: str) -> str:
    """A Go timestamp without its fraction of a second."""
    head, dot, fraction = timestamp.partition(".")
    return head + fraction.lstrip("0123456789") if dot else timestamp
