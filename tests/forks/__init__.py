"""Python processes that begin with everything imported: forked from one that has done that, instead of started anew.

What runs in them is the same. Each is a process of its own, with its own arguments, environment, folder and files, and can be
killed. In place of `python` stands `client.py`, which has `parent.py` fork, and ends as the fork does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType

FOLDER, ROOT = Path(__file__).parent, Path(__file__).parents[2]
NO_FORKS = not hasattr(os, "pidfd_open")
"""The parent needs what Linux has."""


class Forks:
    """Starts their parent on entering, and ends it on leaving."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="forks-")  # the path of a socket has to be short
        self.socket = Path(self._folder.name) / "parent"
        """At which clients ask."""
        self.virtualenv = Path(self._folder.name) / "venv"
        """Stands for a virtual environment: has `bin/python`."""
        self.python = self.virtualenv / "bin" / "python"
        self.python.parent.mkdir(parents=True)
        script = f'#!/bin/sh\nexec "{sys.executable}" -IS "{FOLDER / "client.py"}" "{self.socket}" "{sys.executable}" "$@"\n'
        self.python.write_text(script)
        self.python.chmod(0o755)

    def __enter__(self) -> Forks:
        """Waits until forks can be made."""
        command = [sys.executable, "-m", "tests.forks.parent", str(self.socket)]
        self._parent = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        assert self._parent.stdout is not None
        assert self._parent.stdout.readline() == b"ready\n", "the parent of forks did not start"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Ends all that are left."""
        self._parent.communicate()
        self._folder.cleanup()

    def fork_of(self, client: int) -> int | None:
        """The pid of the process that the client of this pid stands for; None for what is no client, or has ended."""
        try:
            return int(Path(f"{self.socket}.{client}").readlink().name)
        except OSError:
            return None
