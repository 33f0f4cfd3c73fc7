"""The local Stripe of a measurement: a process of its own, as slow and strict as asked for."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
UNLIMITED = 1e9
"""Requests a second."""


class Server:
    """Use as a context manager. `latency` in milliseconds; beyond `rate` requests a second it answers 429.

    Its code is that of `checkout`; `start_seconds` is how long it took until it answered.
    """

    def __init__(self, latency: float, rate: float, checkout: Path = ROOT) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="bench")
        options = ["--port", "0", "--latency", f"{latency:g}", "--rate-limit", f"{rate:g}"]
        began = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "stripe_local", "--db", f"{self._folder.name}/stripe.db", *options],
            cwd=checkout,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if "ready on " not in line:
            raise SystemExit("the local Stripe did not start")
        self.start_seconds = time.monotonic() - began
        self.url = line.split("ready on ")[1].strip()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._folder.cleanup()

    def stats(self) -> dict[str, Any]:
        """How requests came in since the last `clear`."""
        return self._local("GET")

    def clear(self) -> None:
        """Starts counting from zero."""
        self._local("DELETE")

    def cpu_seconds(self) -> float:
        """The CPU time that it has used since its start."""
        used = psutil.Process(self._process.pid).cpu_times()
        return float(used.user + used.system)

    def mib(self) -> float:
        """Its resident memory."""
        return float(psutil.Process(self._process.pid).memory_info().rss) / 2**20

    def peak_mib(self) -> float:
        """The most resident memory that it has had (Linux)."""
        (line,) = [
            line for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines() if line.startswith("VmHWM")
        ]
        return int(line.split()[1]) / 2**10

    def _local(self, method: str) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{self.url}/_local/stats", method=method)) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except OSError as e:
            raise SystemExit(f"the local Stripe at {self.url} no longer answers ({e}); measure again") from None
