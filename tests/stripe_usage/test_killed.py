"""An import that is killed three times and started again: the sums are those of the file.

USAGE_EVENTS=1000000 imports a million events instead of a few.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import time
import warnings
from collections import defaultdict
from pathlib import Path

import pytest

from .running import Usage

EVENTS = int(os.environ.get("USAGE_EVENTS", "1200"))
MANY = EVENTS >= 100_000
CUSTOMERS = 1000 if MANY else 12
MOST_MIB = 200


def accepted(path: Path) -> int:
    """How many events the checkpoint says that Stripe has."""
    if not path.exists():
        return 0
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db, contextlib.suppress(sqlite3.Error):
        (count,) = db.execute("SELECT COUNT(*) FROM events WHERE state = 'accepted'").fetchone()
        return int(count)
    return 0


def peak_mib(process: subprocess.Popen[str]) -> float | None:
    """Waits for the process to end: what it had resident at most, None where there is no /proc to look it up in.

    Not its `ru_maxrss`: on Linux that begins with what the process had that it was forked from.
    """
    peak = None
    while process.poll() is None:
        with contextlib.suppress(OSError, StopIteration):
            status = Path(f"/proc/{process.pid}/status").read_text()
            line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))  # none once it has ended
            peak = int(line.split()[1]) / 1024
        time.sleep(0.02)
    return peak


@pytest.mark.timeout(7200 if MANY else 120)
@pytest.mark.thorough
def test_killed_three_times(usage: Usage) -> None:
    (usage.folder / "ids.txt").write_text("\n".join(usage.customers(CUSTOMERS)))
    made = usage.run("generate", "--customers", "ids.txt", "--events", str(EVENTS), "--days", "30", "--out", "events.ndjson")
    assert made.code == 0, made.err
    sums: dict[str, int] = defaultdict(int)
    with (usage.folder / "events.ndjson").open() as file:
        for row in map(json.loads, file):
            sums[row["customer"]] += row["value"]
    command = ("record", "--event-name", "tokens", "events.ndjson", "--stream", "--quiet")
    slow = () if MANY else ("--requests-per-second", "8", "--threads", "2")
    began = time.monotonic()
    for fifth in (1, 2, 3):
        process = usage.begin(*command, *slow)
        while accepted(usage.checkpoint) < EVENTS * fifth // 5:
            assert process.poll() is None, process.stdout and process.stdout.read()
            time.sleep(1 if MANY else 0.02)  # counting a million takes a while
        process.send_signal(signal.SIGKILL)
        process.communicate()
        print(f"killed after {accepted(usage.checkpoint):,} events and {time.monotonic() - began:.0f} s")
    assert accepted(usage.checkpoint) < EVENTS, "killed on the way, not at the end"
    process = usage.begin(*command)
    peak = peak_mib(process)
    seconds = time.monotonic() - began
    said, _ = process.communicate()
    assert process.returncode == 0, said
    print(said.splitlines()[0])
    print(f"all in {seconds:.0f} s, {EVENTS / seconds:,.0f} events/s; at most {'?' if peak is None else round(peak)} MiB")
    assert {customer: usage.used(customer) for customer in sums} == sums
    assert f"{EVENTS:,} rows: " in said
    assert ", 0 rejected" in said
    if peak is None:
        warnings.warn("the peak of memory is not checked: there is no /proc on this system to look it up in", stacklevel=1)
    else:
        assert peak < MOST_MIB
