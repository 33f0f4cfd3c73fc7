"""Measures one operation: requests, time, memory, failures."""

from __future__ import annotations

import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from .project import Project
from .server import Server

SAMPLE_SECONDS = 0.2


@dataclass(frozen=True)
class Result:
    """What one operation on one stack cost."""

    count: int
    """Prices in the stack."""
    latency: float
    """Milliseconds that Stripe takes for each answer."""
    operation: str
    requests: int
    seconds: float
    """From the start of the engine to its end."""
    per_second: float
    """Requests a second, between the first and the last of them; 0 where there are fewer than two."""
    most_in_a_second: int
    most_in_flight: int
    """The most requests that were being worked on at the same time."""
    rate_limited: int
    """Answers with status 429."""
    peak_mib: float
    """Resident memory of the engine, the program and the provider hosts together, at most."""
    failures: int
    """Errors that the engine reported."""

    def data(self) -> dict[str, Any]:
        """As it is recorded."""
        return asdict(self)


def measure(project: Project, server: Server, operation: str, latency: float) -> Result:
    """Carries out the operation. Raises nothing if it fails: that is a result, too."""
    log = project.folder / "output.txt"
    server.clear()
    began = time.monotonic()
    process = project.start(operation, log)
    peak = _peak_memory(process)
    seconds = time.monotonic() - began
    stats = server.stats()
    span = (stats["last_arrival"] or 0) - (stats["first_arrival"] or 0)
    return Result(
        count=project.count,
        latency=latency,
        operation=operation,
        requests=stats["requests"],
        seconds=round(seconds, 2),
        per_second=round((stats["requests"] - 1) / span, 1) if span > 0 else 0.0,
        most_in_a_second=stats["most_in_a_second"],
        most_in_flight=stats["most_in_flight"],
        rate_limited=stats["rate_limited"],
        peak_mib=round(peak / 2**20, 1),
        failures=_failures(process.returncode, log),
    )


def _peak_memory(process: subprocess.Popen[bytes]) -> int:
    """The most bytes that the process and all below it had; returns when it has ended."""
    peak = 0
    while True:
        peak = max(peak, _memory(process.pid))
        try:
            process.wait(SAMPLE_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return peak


def _memory(pid: int) -> int:
    total = 0
    try:
        root = psutil.Process(pid)
        processes = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0
    for process in processes:
        try:
            total += process.memory_info().rss
        except psutil.Error:
            continue  # ended meanwhile
    return total


def _failures(code: int, log: Path) -> int:
    reported = sum("error:" in line for line in log.read_text(errors="replace").splitlines())
    return max(1, reported) if code else 0
