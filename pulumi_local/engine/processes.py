"""Processes that the engine starts: what they print becomes diagnostics."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

LOOPBACK = "127.0.0.1"
CHILDREN = Path(__file__).parent / "children"
Log = Callable[[str, str], None]
"""Gets a severity ("info" or "info#err") and a line."""


def supervised(command: Sequence[str]) -> list[str]:
    """The command under a supervisor, which ends it when our end of its input is closed: so it does not outlive us."""
    return [sys.executable, "-I", "-S", str(CHILDREN / "supervise.py"), *command]


def activated(virtualenv: Path | None) -> dict[str, str]:
    """The environment with a virtual environment activated: its programs first on PATH, VIRTUAL_ENV set, PYTHONHOME unset."""
    if virtualenv is None:
        return dict(os.environ)
    programs = virtualenv / ("Scripts" if os.name == "nt" else "bin")
    path = os.pathsep.join(p for p in (str(programs), os.environ.get("PATH")) if p)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONHOME"}
    return {**kept, "PATH": path, "VIRTUAL_ENV": str(virtualenv)}


def start(
    command: Sequence[str], folder: Path, env: Mapping[str, str], virtualenv: Path | None = None
) -> subprocess.Popen[bytes]:
    """Starts a process in a session of its own, so that a Ctrl-C reaches the engine alone. Activates the virtual environment."""
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**activated(virtualenv), **env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def forward(stream: IO[bytes] | None, severity: str, log: Log, ended: Callable[[], None] = lambda: None) -> threading.Thread:
    """Sends every line that is not blank to `log`, in a thread; calls `ended` after the last."""

    def run() -> None:
        assert stream is not None
        with stream:
            for raw in stream:
                if raw.strip():
                    log(severity, raw.decode(errors="replace"))
        ended()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread
