"""`stripe-project`, run where a test says: in this process, or at a terminal."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from stripe_project.__main__ import main

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def command(folder: Path, *arguments: str) -> Done:
    """Runs a command in a folder, where nobody can be asked."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(arguments)
        except SystemExit as e:  # as the interpreter ends
            code = e.code if isinstance(e.code, int) else 1
            err.write("" if isinstance(e.code, int) else f"{e.code}\n")
    return Done(code, out.getvalue(), err.getvalue())


def typed(folder: Path, *arguments: str, lines: str) -> str:
    """Runs a command at a terminal, and types; what is to be seen there. It has to end well."""
    controller, terminal = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = [sys.executable, "-m", "stripe_project", *arguments]
    with subprocess.Popen(run, cwd=folder, env=environment, stdin=terminal, stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        os.write(controller, lines.encode())
        seen = b""
        try:
            while chunk := os.read(controller, 4096):
                seen += chunk
        except OSError:  # what a terminal says when the other side is gone
            pass
        os.close(controller)
    assert process.returncode == 0, seen.decode()
    return seen.decode().replace("\r\n", "\n")
