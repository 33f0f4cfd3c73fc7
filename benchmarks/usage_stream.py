"""How fast `usage record --stream` is: against a Stripe that does no work, and against the local Stripe. On this machine.

Writes docs/usage-benchmarks.md and what it is made from, benchmarks/results/usage.json.

python -m benchmarks.usage_stream --events 200000 --runs 1
python -m benchmarks.usage_stream --profile          where the time of the main thread goes; writes nothing
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import usage_report
from .entries import LABELS
from .server import Server

ROOT = Path(__file__).resolve().parents[1]
FAST = "1000000"
SHOWN = 30
IDLE_EVENT_NAME, LOCAL_EVENT_NAME = "idle", "tokens"

Found = dict[str, Any]


class Import:
    """Runs `usage` in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), "STRIPE_API_KEY": ""}

    def generate(self, name: str, events: int, customers: str) -> None:
        """Writes a file of made-up events."""
        command = [
            sys.executable,
            "-m",
            "stripe_usage",
            "generate",
            "--customers",
            customers,
            "--events",
            str(events),
            "--out",
            name,
        ]
        subprocess.run(command, cwd=self.folder, env=self.environment, check=True)

    def record(self, name: str, base: str, profile: bool = False) -> tuple[str, Found]:
        """Imports a file into the idle Stripe; returns what was printed, and what it cost: seconds of CPU, and MiB."""
        python = [sys.executable, *(["-m", "cProfile", "-s", "tottime"] if profile else [])]
        command = [*python, "-m", "stripe_usage", "record", "--event-name", IDLE_EVENT_NAME, name, "--quiet", "--stream"]
        process = subprocess.Popen(
            [*command, "--requests-per-second", FAST, "--checkpoint", f"{name}.db"],
            cwd=self.folder,
            env={**self.environment, "STRIPE_API_BASE": base},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(said)
        return said, {"cpu": used.ru_utime + used.ru_stime, "mib": used.ru_maxrss / 1024}

    def stages(self, name: str, base: str, event_name: str, what: str) -> Found:
        """What `benchmarks.usage_stages` finds."""
        command = [sys.executable, "-m", "benchmarks.usage_stages", name, base, event_name, what]
        done = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=True)
        found: Found = json.loads(done.stdout)
        return found


@contextlib.contextmanager
def idle() -> Iterator[str]:
    """A Stripe that does no work; its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.idle_server"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.kill()


def measured(folder: Path, events: int, customers: int) -> Iterator[Found]:
    """All that is measured, one after the other."""
    work = Import(folder)
    work.generate("events.ndjson", events, str(customers))
    (folder / "nothing.ndjson").touch()
    with idle() as base:
        _, start = work.record("nothing.ndjson", base)
        said, used = work.record("events.ndjson", base)
        (rate,) = re.findall(r"([\d,]+) rows/s", said)
        whole = (used["cpu"] - start["cpu"]) / events * 1e6
        yield {"what": "import", "per_second": int(rate.replace(",", "")), "cpu_us": whole, "peak_mib": used["mib"]}
        found = work.stages("events.ndjson", base, IDLE_EVENT_NAME, "stages")
        yield {"what": "client", "per_second": events / found["seconds"], "cpu_us": found["cpu_us"]}
        stages = {**found["stages"], "rest": whole - sum(found["stages"].values())}
        yield {"what": "stages", "per_second": 1e6 / whole, "stages": stages}
    with Server(0, float(FAST)) as local:
        ids = [_made(local.url, "customers", "")["id"] for _ in range(customers)]
        meter = f"display_name=Tokens&event_name={LOCAL_EVENT_NAME}&default_aggregation[formula]=sum"
        _made(local.url, "billing/meters", meter)
        (folder / "ids.txt").write_text("\n".join(ids))
        work.generate("local.ndjson", events, "ids.txt")
        before = local.cpu_seconds()
        found = work.stages("local.ndjson", local.url, LOCAL_EVENT_NAME, "client")
        each = (local.cpu_seconds() - before) / events * 1e6
        yield {"what": "local", "per_second": events / found["seconds"], "cpu_us": each}


def _made(base: str, what: str, body: str) -> Found:
    headers = {"Authorization": "Bearer sk_test_local", "Content-Type": "application/x-www-form-urlencoded"}
    request = urllib.request.Request(f"{base}/v1/{what}", body.encode(), headers, method="POST")
    with urllib.request.urlopen(request) as answer:
        found: Found = json.load(answer)
        return found


def main() -> int:
    """Measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--customers", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3, help="of which the fastest counts (default: 3)")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--label", choices=LABELS, default="after", help="where in the table the results go")
    parser.add_argument("--results", type=Path, default=usage_report.RESULTS, help="the JSON file")
    parser.add_argument("--page", type=Path, default=usage_report.PAGE, help="the page to write")
    arguments = parser.parse_args()
    if arguments.profile:
        _profile(arguments)
        return 0
    fastest: dict[str, Found] = {}
    for _ in range(arguments.runs):
        with tempfile.TemporaryDirectory(prefix="usage") as folder:
            for found in measured(Path(folder), arguments.events, arguments.customers):
                print(json.dumps(found), flush=True)
                if found["what"] not in fastest or found["per_second"] > fastest[found["what"]]["per_second"]:
                    fastest[found["what"]] = found
    about = {"label": arguments.label, **_about(), "events": arguments.events, "runs": arguments.runs}
    for found in fastest.values():
        usage_report.add(arguments.results, {**about, **found})
    usage_report.write(arguments.results, arguments.page)
    return 0


def _profile(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="usage") as folder, idle() as base:
        work = Import(Path(folder))
        work.generate("events.ndjson", arguments.events, str(arguments.customers))
        said, _ = work.record("events.ndjson", base, profile=True)
    print("\n".join(said.splitlines()[:SHOWN]))


def _about() -> Found:
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True).stdout.strip()
    return {"commit": commit, "python": platform.python_version(), "cpus": os.cpu_count()}


if __name__ == "__main__":
    sys.exit(main())
