"""Files that are complete or absent: what is written survives kill -9 and a power cut at any moment."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path


def write(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Replaces `path` by `data`: a temporary file beside it, flushed to disk, then renamed over it.

    A temporary file that an earlier, killed process left behind is overwritten; there is at most one per target.
    """
    temporary = path.with_name(f"{path.name}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    try:
        descriptor = os.open(temporary, flags, mode)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(temporary, flags, mode)
    # As few system calls as there can be: after each of them a thread has to queue for the interpreter again.
    try:
        write_all(descriptor, data)
    finally:
        os.close(descriptor)
    os.replace(temporary, path)
    sync_folder(path.parent)


def write_all(descriptor: int, data: bytes) -> None:
    """Writes to an open file, and flushes it to disk."""
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Makes renames and removals in a folder durable, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def keep_copy(source: Path, target: Path, *, apart: bool = False) -> None:
    """`target` becomes what `source` is now. A hard link where possible, since files are only ever replaced here; with `apart`
    never one, since an editor may write `source` in place.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f"{target.name}.tmp")
    temporary.unlink(missing_ok=True)
    linked = False
    if not apart:
        with contextlib.suppress(OSError):
            os.link(source, temporary)
            linked = True
    if not linked:
        shutil.copyfile(source, temporary)
    os.replace(temporary, target)
