"""Runs the programs of a command so that a request to stop lets them end in order, instead of killing them half-way."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(KeyboardInterrupt):
    """The user, or whoever runs this command, asked it to stop."""

    def __init__(self, number: int, says: str = "") -> None:
        super().__init__(number)
        self.number = number
        self.says = says
        """What was done until then, as the rest of the sentence `Interrupted: …`; empty where nobody said so."""


@dataclass(frozen=True)
class Ended:
    """A program that ended."""

    code: int
    """Its exit code; 128 and the number of the signal that killed it."""
    stdout: str
    stderr: str
    """Both empty where they were not asked for."""
    stopped: int | None
    """The first signal that arrived meanwhile."""


def listen() -> None:
    """From now on a request to stop raises `Stopped`. What the caller ignores (`nohup`) stays ignored."""
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stop)


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped(number)


@contextlib.contextmanager
def saying(what: str) -> Iterator[None]:
    """Says what was done if there is a request to stop in here."""
    try:
        yield
    except Stopped as e:
        e.says = e.says or what
        raise


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """A request to stop in here is heard at the end: what begins in here has begun, or has not."""
    heard: list[int] = []
    ours = [number for number in SIGNALS if signal.getsignal(number) == _stop]
    try:
        for number in ours:
            signal.signal(number, lambda number, _frame: heard.append(number))
        yield
    finally:
        for number in ours:
            signal.signal(number, _stop)
        if heard:
            raise Stopped(heard[0])


def run(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    stdin: int | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
) -> Ended:
    """Runs a program to its end, whatever is requested meanwhile; it is told, and decides how to end.

    A program that reads from the terminal stays in the foreground with us, where Ctrl-C reaches both. Any other one gets a
    process group of its own: who stops a whole group (`timeout`, CI) would otherwise tell it twice, and the second time
    means to an engine: leave at once.
    """
    on_terminal = stdin is None and os.isatty(0)
    before = {number: signal.getsignal(number) for number in SIGNALS}
    heard: list[int] = []
    untold: list[int] = []
    asked = False
    process: subprocess.Popen[str] | None = None

    def hear(number: int, _frame: FrameType | None) -> None:
        heard.append(number)
        if process is None:
            untold.append(number)
        else:
            tell(process, number)

    def tell(process: subprocess.Popen[str], number: int) -> None:
        nonlocal asked
        if number == signal.SIGINT:
            if not on_terminal:
                process.send_signal(number)
        elif not asked:
            asked = True
            process.send_signal(signal.SIGTERM)  # engines know no SIGHUP; this is to them what one Ctrl-C is

    def handle(number: signal.Signals, handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
        if before[number] != signal.SIG_IGN:
            signal.signal(number, handler)

    try:
        handle(signal.SIGINT, hear)
        handle(signal.SIGTERM, hear)
        handle(signal.SIGHUP, signal.SIG_IGN)  # which the program inherits
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            text=True,
            process_group=None if on_terminal else 0,
        )
        handle(signal.SIGHUP, hear)
        for number in untold:
            tell(process, number)
        output, errors = process.communicate()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    code = process.returncode
    return Ended(code if code >= 0 else 128 - code, output or "", errors or "", heard[0] if heard else None)


def report(stopped: Stopped) -> int:
    """Says what was done; returns the exit code that shells give a command that was stopped."""
    print(f"\nInterrupted{f': {stopped.says}' if stopped.says else ''}.", file=sys.stderr)
    return 128 + stopped.number
