"""Measures what deployments cost, and writes the results and docs/benchmarks.md.

python -m benchmarks --counts 10,100 --latencies 0,300
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from . import entries, report
from .measure import Result, measure
from .project import ENGINES, OPERATIONS, Project
from .server import Server


def main(argv: Sequence[str] | None = None) -> int:
    """Measures; returns 1 where an operation failed."""
    arguments = arguments_of(argv)
    results: Path = arguments.results
    about = {"engine": arguments.engine, "rate": arguments.rate, **_about(arguments.project)}
    failed = False
    for result in _measured(arguments):
        failed = failed or result.failures > 0
        print(report.line(result), flush=True)
        report.add(results / f"{arguments.label}.json", {**about, **result.data()})
        report.write(results, arguments.page)
    return 1 if failed else 0


def _measured(arguments: argparse.Namespace) -> Iterator[Result]:
    for count in arguments.counts:
        for latency in arguments.latencies:
            with Server(latency, arguments.rate) as server, tempfile.TemporaryDirectory(prefix="bench") as folder:
                project = Project(Path(folder), arguments.project, arguments.engine, count, server.url, arguments.rate)
                for operation in OPERATIONS:
                    yield measure(project, server, operation, latency)


def _about(checkout: Path) -> dict[str, Any]:
    git = ["git", "-C", str(checkout), "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True).stdout.strip()
    return {"commit": commit, "python": platform.python_version(), "cpus": os.cpu_count()}


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.replace(" ", "").split(",")]


def arguments_of(argv: Sequence[str] | None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--counts", type=_numbers, default=[10, 100, 1000], help="prices in the stack (default: 10,100,1000)")
    parser.add_argument("--latencies", type=_numbers, default=[0, 100, 300], help="milliseconds (default: 0,100,300)")
    parser.add_argument(
        "--rate", type=float, default=25, help="requests a second that Stripe takes (default: 25, its test mode's)"
    )
    parser.add_argument("--engine", choices=list(ENGINES), default="local")
    parser.add_argument("--project", type=Path, default=entries.ROOT, help="another checkout of this project to measure")
    parser.add_argument(
        "--label", choices=entries.LABELS, default="after", help="where in the table the results go (default: after)"
    )
    parser.add_argument("--results", type=Path, default=entries.RESULTS, help="folder of the JSON files")
    parser.add_argument("--page", type=Path, default=report.PAGE, help="the page to write")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
