"""The command as a test runs it."""

from __future__ import annotations

import contextlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from stripe_impact.command import main

KEPT = {k: v for k, v in os.environ.items() if not k.startswith("STRIPE_")}


@dataclass(frozen=True)
class Done:
    """What a command printed, and how it ended."""

    returncode: int
    stdout: str
    stderr: str


def run(folder: Path, preview: str, *options: str, **environment: str) -> Done:
    """The command in this process, which saves the start of another one."""
    (folder / "preview.json").write_text(preview)
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, {**KEPT, **environment}, clear=True),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main([str(folder / "preview.json"), *options])
    return Done(code, out.getvalue(), err.getvalue())


def refused(done: Done) -> str:
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    return line
