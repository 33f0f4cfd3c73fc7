"""The log beside a checkpoint (`<stack>.json.log`), and how it gets into the checkpoint when its writer is gone.

There is one only while a large state is being changed; see `pulumi_local.changelog`. Its writer holds a lock on it (which ends
with the process), so that no other process believes that it was left behind.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from pulumi_local import durable, reading
from pulumi_local.changelog import replayed
from pulumi_local.gojson import now
from pulumi_local.interfaces import Deployment, Json, encoded, signed_float

_PATIENCE_SECONDS = 5.0


def path_of(checkpoint: Path) -> Path:
    """The log of a checkpoint; there may be none."""
    return checkpoint.with_name(checkpoint.name + ".log")


def parsed(text: str) -> Json:
    """What a checkpoint says. Raises ValueError where it is no JSON."""
    # Not JSON, but what Python wrote for these numbers before they had a form of their own.
    return reading.parsed(text, lambda name: signed_float(float(name)))


def applied(checkpoint: Path, deployment: Deployment) -> Deployment:
    """The deployment with what the log says, and with a time of its own then, so that the log is not applied to it again."""
    try:
        log = path_of(checkpoint).read_bytes()
    except FileNotFoundError:
        return deployment
    found = replayed(deployment, log)
    return deployment if found is None else {**found, "manifest": {**found["manifest"], "time": now()}}


class ChangeLog:
    """The log while it is written."""

    def __init__(self, checkpoint: Path) -> None:
        self._path = path_of(checkpoint)
        self._descriptor: int | None = None

    def append(self, changes: bytes) -> None:
        """Adds lines; they are on disk when this returns. The first ones after `close` begin a new log."""
        if self._descriptor is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
            self._descriptor = os.open(self._path, flags, 0o644)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            durable.sync_folder(self._path.parent)
        durable.write_all(self._descriptor, changes)

    def close(self) -> None:
        """No more lines; those that are there stay."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def remove(checkpoint: Path) -> None:
    """Forgets the log: the checkpoint has been saved since."""
    path_of(checkpoint).unlink(missing_ok=True)


def settle(checkpoint: Path) -> None:
    """Writes what a log that was left behind says into the checkpoint. One whose writer is alive is left alone, and so are both
    where either is damaged: whoever reads them says so."""
    path = path_of(checkpoint)
    try:
        log = path.open("rb")
    except FileNotFoundError:
        return
    with log:
        if not _locked(log.fileno()) or not _is(path, log.fileno()):
            return
        try:
            document = parsed(reading.text(checkpoint))
            latest = document["checkpoint"].get("latest") or {}
            found = applied(checkpoint, latest)
        except (OSError, KeyError, TypeError, ValueError, AttributeError):
            return
        if found is not latest:
            document["checkpoint"]["latest"] = found
            durable.write(checkpoint, encoded(document))
        path.unlink()


def _locked(descriptor: int) -> bool:
    """Takes the lock on a log. Another process that settles it holds it for a moment; a writer keeps it."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        else:
            return True


def _is(path: Path, descriptor: int) -> bool:
    """Whether the file that was opened is still the one of that name."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
