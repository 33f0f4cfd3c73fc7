"""`usage generate`: made-up usage, for previews, tests and benchmarks."""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import re
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from stripe_sources.errors import Wrong
from stripe_usage.errors import UsageError
from stripe_usage.events.generator import DAY, HOUR, Made, Model, generated
from stripe_usage.events.values import customer_of, time_text, timestamp_of

MODELS = "small:400:6,medium:1200:3,large:3000:1"
EVENTS_A_DAY = 20

DESCRIPTION = """\
Writes made-up token usage in chronological order, a row for each request: customer, value (tokens), timestamp, model.
The same options give the same file; without --start they begin --days before this morning.

  python -m stripe_usage generate --customers 100 --days 30 --seed 1 --out events.ndjson
  python -m stripe_usage generate --customers customers.txt --events 1000000 --start 2026-11-01T00:00:00Z --out events.csv
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "generate", help="write made-up usage", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--customers", default="10", metavar="N|FILE", help="how many, with made-up ids, or a file of ids (default: 10)"
    )
    parser.add_argument(
        "--models",
        default=MODELS,
        metavar="NAME[:TOKENS[:WEIGHT]],…",
        help=f"with the median number of tokens per request (default: {MODELS})",
    )
    parser.add_argument(
        "--days", type=int, default=30, metavar="N", help="how many (default: 30; Stripe takes usage of the last 35)"
    )
    parser.add_argument("--start", metavar="TIME", help="the first hour: Unix seconds, or 2026-11-01T00:00:00Z")
    parser.add_argument(
        "--events", type=int, metavar="N", help=f"how many in all (default: {EVENTS_A_DAY} for each customer and day)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="a different seed gives a different file (default: 1)")
    parser.add_argument("--format", choices=("ndjson", "csv"), help="default: what the file's name says, else ndjson")
    parser.add_argument("--out", default="-", metavar="FILE", help="default: standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes and returns the exit code. Raises `UsageError`."""
    customers = _customers(arguments.customers)
    models = [_model(text) for text in arguments.models.split(",")]
    if arguments.days < 1:
        raise UsageError(f"--days: {arguments.days} is too few; give 1 or more")
    events = arguments.events if arguments.events is not None else EVENTS_A_DAY * len(customers) * arguments.days
    if events < 0:
        raise UsageError(f"--events: {events} is negative; give 0 or more")
    made = generated(customers, models, _start(arguments.start, arguments.days), arguments.days, events, arguments.seed)
    as_csv = (arguments.format or ("csv" if arguments.out.lower().endswith(".csv") else "ndjson")) == "csv"
    try:
        with contextlib.nullcontext(sys.stdout) if arguments.out == "-" else open(arguments.out, "w", newline="") as file:
            (_csv if as_csv else _ndjson)(made, file)
    except OSError as e:
        if isinstance(e, BrokenPipeError):
            raise
        raise UsageError(f"{arguments.out}: {e.strerror}; give another --out") from None
    return 0


def _ndjson(made: Iterable[Made], file: TextIO) -> None:
    for e in made:
        row = {"customer": e.customer, "value": e.value, "timestamp": time_text(e.timestamp), "model": e.model}
        file.write(json.dumps(row) + "\n")


def _csv(made: Iterable[Made], file: TextIO) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("customer", "value", "timestamp", "model"))
    writer.writerows((e.customer, e.value, time_text(e.timestamp), e.model) for e in made)


def _customers(text: str) -> list[str]:
    if re.fullmatch(r"[0-9]{1,9}", text):
        if int(text) < 1:
            raise UsageError("--customers: give 1 or more")
        return [f"cus_generated{n:06}" for n in range(1, int(text) + 1)]
    try:
        ids = Path(text).read_text(encoding="utf-8").split()
        found = list(dict.fromkeys(map(customer_of, ids)))
    except (OSError, ValueError) as e:
        raise UsageError(
            f"--customers: {text}: {getattr(e, 'strerror', None) or 'is not UTF-8'}; give a number or a file"
        ) from None
    except Wrong as e:
        raise UsageError(f"--customers: {text}: {e}") from None
    if not found:
        raise UsageError(f"--customers: {text} is empty; write one id a line")
    return found


def _model(text: str) -> Model:
    match = re.fullmatch(r"([^:,\s]+)(?::([0-9]{1,9})(?::([0-9]{1,6}))?)?", text.strip())
    median, weight = (int(match[2] or 1000), int(match[3] or 1)) if match else (0, 0)
    if not match or not median or not weight:
        raise UsageError(f'--models: "{text}" is not a model; give NAME, NAME:TOKENS or NAME:TOKENS:WEIGHT, such as large:3000:1')
    return Model(match[1], median, weight)


def _start(text: str | None, days: int) -> int:
    if text is None:
        return int(time.time()) // DAY * DAY - days * DAY
    try:
        start = timestamp_of(text)
    except Wrong as e:
        raise UsageError(f"--start: {e}") from None
    if start % HOUR:
        raise UsageError(f"--start: {text} is not a whole hour")
    return start
