"""How long logs of many rows take to add up, how much memory that needs, and whether the result is right. On this machine.

Writes docs/logs-benchmarks.md and what it is made from, benchmarks/results/logs.json.

python -m benchmarks.logs --rows 1000000,10000000
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from . import entries
from .entries import ROOT, Entry

RESULTS = entries.RESULTS / "logs.json"
PAGE = ROOT / "docs" / "logs-benchmarks.md"

START, DAYS, CUSTOMERS = 1793491200, 30, 10_000
"""2026-11-01, UTC."""
END = START + DAYS * 86400
KINDS = ("input", "output", "cached")

DESCRIPTION = """\
name: requests
window: {window}
rows: {{files: logs, format: parquet}}
customer: customer
time: at
duplicates: {{columns: [request]}}
meters: {{input: input, output: output, cached: cached}}
"""

# Half of the repetitions have the time of the first, half are up to two hours later.
# What is late is in the file of two days later.
ROWS = """
create macro chance(i, what) as hash(i * 16 + what) / 18446744073709551616.0;
copy (
    with once as (
        select i,
            'r' || i as request,
            case when chance(i, 0) < 0.999
                then 'cus_' || lpad(cast(floor($customers * pow(chance(i, 1), 2)) as integer)::varchar, 5, '0') end as customer,
            make_timestamptz(cast($start * 1e6 + floor(chance(i, 2) * $seconds * 1e6)
                + case when chance(i, 3) < 0.0005 then $seconds * 1e6 else 0 end as bigint)) as "at",
            cast(floor(100000 * pow(chance(i, 4), 3)) as bigint) as input,
            cast(floor(8000 * pow(chance(i, 5), 3)) as bigint) as output,
            cast(floor(50000 * pow(chance(i, 6), 3)) as bigint) as cached
        from range($rows) as numbers(i)
    ),
    logged as (
        select * from once
        union all
        select * replace (
            "at" + to_microseconds(case when chance(i, 8) < 0.5 then 0 else cast(7200e6 * chance(i, 9) as bigint) end) as "at"
        )
        from once where chance(i, 7) < 0.01
    )
    select * exclude i,
        cast((epoch_us("at") // 1000000 - $start) // 86400 + case when chance(i, 10) < 0.02 then 2 else 0 end as integer) as day
    from logged
) to 'FOLDER' (format parquet, partition_by (day))
"""


def generate(folder: Path, rows: int) -> None:
    """Files of so many rows, and the hundredth part of it once more, by the day on which they came."""
    import duckdb

    with duckdb.connect(config={"memory_limit": "4GiB", "temp_directory": str(folder), "preserve_insertion_order": False}) as db:
        db.execute("set timezone = 'UTC'")
        macro, copy = ROWS.replace("FOLDER", str(folder / "logs")).split(";")
        db.execute(macro)
        db.execute(copy, {"customers": CUSTOMERS, "start": START, "seconds": END - START, "rows": rows})


def added_up(folder: Path) -> None:
    """What the library makes of it, into a file: in a process of its own, of which all is measured."""
    import pyarrow
    from pyarrow import parquet

    from stripe_sources import source
    from stripe_sources.aggregation import aggregate

    names = ("event_name", "customer", "start", "value", "rows")
    schema = pyarrow.schema(zip(names, map(pyarrow.type_for_alias, ("string", "string", "int64", "int64", "int64")), strict=True))
    with parquet.ParquetWriter(folder / "found.parquet", schema) as writer:
        found = aggregate(source.read(folder / "usage.yaml"), start=START, end=END)
        while some := list(islice(found, 100_000)):
            columns = zip(*((one.event_name, one.customer, one.start, one.value, one.rows) for one in some), strict=True)
            writer.write_batch(pyarrow.record_batch(list(columns), schema=schema))
    # What `wait4` says of a child is no less than what its parent had.
    (peak,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    (folder / "peak_kib").write_text(peak.split()[1])


def by_hand(folder: Path, rows: int, window: int) -> Any:
    """The same, another way: a grid of every customer and window, filled file by file.

    Of a request that is there more than once the earliest row counts. Returns `[kind, customer, window]`, where the last kind is
    how many rows there were.
    """
    import numpy
    from pyarrow import compute, parquet

    windows = (END - START) // window
    grid = numpy.zeros((len(KINDS) + 1, CUSTOMERS * windows), "int64")

    def add(columns: dict[str, Any], some: Any) -> None:
        cells = columns["customer"][some] * windows + (columns["at"][some] - START * 1_000_000) // (window * 1_000_000)
        for kind, values in enumerate([*(columns[name][some] for name in KINDS), numpy.ones(len(cells), "int64")]):
            numpy.add.at(grid[kind], cells, values)

    def read(path: Path) -> dict[str, Any]:
        table = parquet.read_table(path, columns=["request", "customer", "at", *KINDS], partitioning=None)
        columns = {name: table[name].to_numpy() for name in KINDS}
        columns["request"] = compute.utf8_slice_codeunits(table["request"], 1).cast("int64").to_numpy()
        number = compute.utf8_slice_codeunits(table["customer"], 4).cast("int64")
        columns["customer"] = compute.fill_null(number, -1).to_numpy()
        columns["at"] = table["at"].cast("timestamp[us]").cast("int64").to_numpy()
        return columns

    files = sorted((folder / "logs").rglob("*.parquet"))
    seen = numpy.zeros(rows, "int8")
    for path in files:
        numpy.add.at(seen, read(path)["request"], 1)
    repeated = []
    for path in files:
        columns = read(path)
        once = seen[columns["request"]] == 1
        inside = (columns["customer"] >= 0) & (columns["at"] < END * 1_000_000)
        add(columns, once & inside)
        repeated.append({name: values[~once] for name, values in columns.items()})
    again = {name: numpy.concatenate([part[name] for part in repeated]) for name in repeated[0]}
    order = numpy.lexsort((again["at"], again["request"]))
    again = {name: values[order] for name, values in again.items()}
    first = numpy.concatenate([[True], again["request"][1:] != again["request"][:-1]])
    add(again, first & (again["customer"] >= 0) & (again["at"] < END * 1_000_000))
    return grid


def differences(folder: Path, grid: Any, window: int) -> tuple[int, int]:
    """How many windows there are in what was added up, and how many of them, or of the grid, the other has not just so."""
    import numpy
    from pyarrow import compute, parquet

    windows = (END - START) // window
    count, same = 0, 0
    file = parquet.ParquetFile(folder / "found.parquet")
    for batch in file.iter_batches(1_000_000):
        kinds = compute.index_in(batch["event_name"], value_set=_strings(KINDS)).to_numpy()
        customers = compute.utf8_slice_codeunits(batch["customer"], 4).cast("int64").to_numpy()
        cells = customers * windows + (batch["start"].to_numpy() - START) // window
        right = (grid[kinds, cells] == batch["value"].to_numpy()) & (grid[-1, cells] == batch["rows"].to_numpy())
        count += len(right)
        same += int(numpy.count_nonzero(right))
    there = int(numpy.count_nonzero(grid[-1])) * len(KINDS)
    return count, max(there, count) - same


def _strings(values: Iterable[str]) -> Any:
    import pyarrow

    return pyarrow.array(values, "string")


def measured(rows: int, window: str) -> Entry:
    """Generates, adds up and compares."""
    with tempfile.TemporaryDirectory(prefix="logs") as name:
        folder = Path(name)
        generate(folder, rows)
        size = sum(path.stat().st_size for path in (folder / "logs").rglob("*.parquet"))
        (folder / "usage.yaml").write_text(DESCRIPTION.format(window=window))
        began = time.monotonic()
        process = subprocess.Popen([sys.executable, "-m", "benchmarks.logs", "--add-up", name], cwd=ROOT)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        if process.returncode:
            raise SystemExit(process.returncode)
        peak = int((folder / "peak_kib").read_text())
        step = {"hour": 3600, "day": 86400}[window]
        windows, different = differences(folder, by_hand(folder, rows, step), step)
    return {
        "rows": rows,
        "window": window,
        "files_mib": round(size / 2**20),
        "windows": windows,
        "seconds": round(seconds, 1),
        "cpu": round(used.ru_utime + used.ru_stime, 1),
        "peak_mib": round(peak / 1024),
        "different": different,
    }


HEAD = """\
# How fast logs are added up

Written by `python -m benchmarks.logs` from what it measured; the same as JSON is in `benchmarks/results/logs.json`.

```sh
python -m benchmarks.logs                              # 10 million rows: a minute or two
python -m benchmarks.logs --rows 100000000             # 3 GiB of disk for the rows, and as much again to sort them
python -m benchmarks.logs --rows 1000000 --window day
```

Generated requests of 10,000 customers, few of which make most of them, in 30 days: three kinds of tokens a row, in Parquet,
by the day on which they came. One in a hundred is there twice, half of these up to two hours later; one in fifty came two
days late; one in a thousand has no customer, and one in two thousand is of the next month.

Measured is a process that reads all of it and yields every window, from its start to its end, by DuckDB with the 1 GiB that
it has by default. **Another**: how many windows another calculation (NumPy, a grid of all customers and windows, filled file
by file) has with another value, or another count of rows, or that only one of the two has. Others use the machine too, so
that seconds say less than CPU seconds.

| rows | by | Parquet, MiB | windows × meters | seconds | CPU seconds | µs of CPU for each row | MiB at most | another |
|---:|---|---:|---:|---:|---:|---:|---:|---:|"""


def text(results: Iterable[Entry]) -> str:
    """The page."""
    return "\n".join([HEAD, *_table(results)])


def _table(results: Iterable[Entry]) -> Iterator[str]:
    results = list(results)
    for e in results:
        cells = (f"{e['files_mib']:,}", f"{e['windows']:,}", f"{e['seconds']:,.0f}", f"{e['cpu']:,.0f}")
        each = f"{e['cpu'] / e['rows'] * 1e6:.1f} | {e['peak_mib']:,} | {e['different']:,}"
        yield f"| {e['rows']:,} | {e['window']} | {' | '.join(cells)} | {each} |"
    commits, machine = entries.source(results)
    yield f"\n{commits.capitalize()}; {machine}.\n"


def main() -> int:
    """Measures; returns 1 where the two calculations differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="10000000", help="separated by commas (default: 10000000)")
    parser.add_argument("--window", choices=("hour", "day"), default="hour")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the JSON file")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    parser.add_argument("--add-up", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.add_up:
        added_up(arguments.add_up)
        return 0
    failed = False
    for rows in map(int, arguments.rows.split(",")):
        found = measured(rows, arguments.window)
        print(json.dumps(found), flush=True)
        failed = failed or found["different"] > 0
        entries.add(arguments.results, {**_about(), **found}, lambda e: (e["window"], e["rows"]))
        entries.write(arguments.page, text(entries.load(arguments.results)))
    return 1 if failed else 0


def _about() -> dict[str, Any]:
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True).stdout.strip()
    return {"commit": commit, "python": platform.python_version(), "cpus": os.cpu_count()}


if __name__ == "__main__":
    sys.exit(main())
