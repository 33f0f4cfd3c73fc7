"""How far an import is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

LINE_SECONDS = 10.0
BAR_SECONDS = 0.1


class Shown:
    """Shows on `stream`, by default standard error, how many rows are done, at which rate, and what remains of `total` bytes,
    where that is known."""

    def __init__(self, total: int | None, stream: TextIO | None = None, quiet: bool = False) -> None:
        self._total, self._stream, self._quiet = total, stream or sys.stderr, quiet
        self._began = self._told = time.monotonic()
        self._bar: Progress | None = None
        self._task = TaskID(0)

    def __enter__(self) -> Shown:
        if self._stream.isatty() and not self._quiet:
            shown = (BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[said]}"))
            times = (TimeRemainingColumn(),) if self._total is not None else (TimeElapsedColumn(),)
            columns, lines = shutil.get_terminal_size()  # COLUMNS may hold anything
            self._bar = Progress(*shown, *times, console=Console(file=self._stream, width=columns, height=lines), transient=True)
            self._task = self._bar.add_task("", total=self._total, said="")
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def update(self, rows: int, done_bytes: int) -> None:
        """That many rows are done, and that many bytes of the file."""
        now = time.monotonic()
        if self._quiet or now - self._told < (BAR_SECONDS if self._bar else LINE_SECONDS):
            return
        self._told = now
        seconds = now - self._began
        said = f"{rows:,} rows, {rows / seconds:,.0f}/s"
        if self._bar is not None:
            self._bar.update(self._task, completed=done_bytes, said=said)
            return
        if self._total and done_bytes:
            left = seconds * max(self._total - done_bytes, 0) / done_bytes
            said += f", {100 * done_bytes // self._total} %, {_duration(left)} left"
        self._stream.write(f"{said}\n")
        self._stream.flush()


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min {rest} s" if minutes else f"{rest} s"
