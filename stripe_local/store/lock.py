"""One server per store: a second one would keep a due date and idempotency keys of its own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows, where SQLite's own lock is all there is
    fcntl = None  # type: ignore[assignment]


class StoreInUse(Exception):
    """Another process serves this file."""


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the store's lock; it goes with the process, however that ends. Raises StoreInUse."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path = path.resolve()  # one lock, by whatever name the file is called
    with open(f"{path}.lock", "a+") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                raise StoreInUse(
                    f"{path} is in use by another stripe_local (process {file.read().strip() or 'unknown'}). "
                    "Stop that one, or choose another file with --db."
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
        yield
