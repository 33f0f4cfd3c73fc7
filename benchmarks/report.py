"""The results as JSON, one line each, and docs/benchmarks.md, made from them.

python -m benchmarks.report            writes the page
python -m benchmarks.report --check    fails where it is stale
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from . import entries
from .entries import AFTER, BEFORE, LABELS, RESULTS, ROOT, Entry
from .measure import Result
from .project import ENGINES, OPERATIONS

PAGE = ROOT / "docs" / "benchmarks.md"

Case = tuple[int, int, str]
"""Prices, milliseconds, operation."""
Pair = tuple[Entry | None, Entry | None]
"""Before and after."""

HEAD = """\
# Benchmarks

What deployments cost in requests, time and memory. Written by `make bench` from what it measured; the same as JSON, one line
for each operation, is in `benchmarks/results`.

```sh
make bench                                             # 10, 100 and 1,000 prices at 0, 100 and 300 ms: a quarter of an hour
make bench ARGS="--counts 10,100 --latencies 0"        # a minute or two
make bench ARGS="--engine cli --rate 100"              # on the Pulumi CLI, with the limit of live mode
make bench ARGS="--engine cli-one-checkpoint"          # on the CLI, with PULUMI_SKIP_CHECKPOINTS=true
make bench ARGS="--project ../other --label before"    # another checkout of this project, into the other half of the table
```

## How it is measured

A stack of one product and the given number of prices, on a local Stripe that takes its time for each answer and refuses what
exceeds the rate limit. Engine, program and provider host are the processes that users run, with their defaults. Nothing is
averaged: each row is one run.

- **requests**: all that reached Stripe, including lookups and lists.
- **seconds**: from the start of the engine to its end, including the start of the program and the provider host. Deployments
  run with `--skip-preview`, since the preview is a row of its own.
- **a second**: requests a second from the first to the last, so without the start.
- **in flight**: the most requests that were being worked on at the same time.
- **MiB**: resident memory of the engine, the program and the provider hosts together, at most.
- **failed**: errors that the engine reported, and answers with status 429.

"10 % changed" gives every tenth price another nickname, one request each.
"""


def add(path: Path, entry: Entry) -> None:
    """Records a result, in place of an older one of the same kind."""
    entries.add(path, entry, _key)


def write(results: Path, page: Path) -> None:
    """Writes the page."""
    entries.write(page, text(load(results)))


def load(results: Path) -> dict[str, list[Entry]]:
    """All results in a folder, by label."""
    return {label: entries.load(results / f"{label}.json") for label in LABELS}


def line(result: Result) -> str:
    """One result, for somebody waiting for the next."""
    return (
        f"{result.count:>5} prices  {result.latency:>3.0f} ms  {result.operation:<18} "
        f"{result.requests:>5} requests  {result.seconds:>7.2f} s  {result.per_second:>6.1f} a second  "
        f"{result.most_in_flight:>3} in flight  {result.peak_mib:>6.1f} MiB  "
        f"{result.rate_limited} limited  {result.failures} failed"
    )


def text(results: Mapping[str, Iterable[Entry]]) -> str:
    """The page."""
    sets: dict[tuple[str, float], dict[Case, dict[str, Entry]]] = {}
    for label in LABELS:
        for entry in results[label]:
            cases = sets.setdefault((entry["engine"], entry["rate"]), {})
            cases.setdefault((entry["count"], entry["latency"], entry["operation"]), {})[label] = entry
    parts = [HEAD]
    for (engine, rate), cases in sorted(sets.items(), key=lambda item: (list(ENGINES).index(item[0][0]), item[0][1])):
        pairs = {case: (both.get(BEFORE), both.get(AFTER)) for case, both in sorted(cases.items(), key=lambda c: _order(c[0]))}
        parts.append(f"## On {ENGINES[engine]}, at {rate:g} requests a second\n")
        parts.append("\n".join(_reading(pairs, rate)) + "\n")
        parts.append("\n".join(_table(pairs)) + "\n")
        parts.append("\n".join(_provenance(pairs)) + "\n")
    return "\n".join(parts)


# -- in words


def _reading(pairs: Mapping[Case, Pair], rate: float) -> Iterator[str]:
    """What the table says about the largest stack and the slowest Stripe that were measured."""
    count, latency = max(c for c, _, _ in pairs), max(ms for _, ms, _ in pairs)
    for operation, what in (("create", "Creating"), ("refresh", "Refreshing"), ("destroy", "Destroying")):
        before, after = pairs.get((count, latency, operation), (None, None))
        if before and after:
            yield (
                f"- **{what} {count:,} prices** at {latency} ms: {before['requests']:,} requests in "
                f"{before['seconds']:.0f} seconds before, {after['requests']:,} in {after['seconds']:.0f} seconds now."
            )
    create = pairs.get((count, latency, "create"), (None, None))[1]
    if create:
        yield (
            f"- **The rate**: the requests of this creation went out at {create['per_second']:g} a second, "
            f"{100 * create['per_second'] / rate:.0f} % of the limit; {create['rate_limited']} were answered with 429. "
            f"At the limit they take {create['requests'] / rate:.0f} seconds, no matter what."
        )
    quiet = [after["requests"] for (_, _, operation), (_, after) in pairs.items() if after and "no change" in operation]
    if quiet and not any(quiet):
        yield "- **Where nothing changed** nothing is asked of Stripe; the time goes into the program and the engine."
    yield from _growth(pairs, latency=min(ms for _, ms, _ in pairs))


def _growth(pairs: Mapping[Case, Pair], latency: int) -> Iterator[str]:
    found = {
        c: after for (c, ms, operation), (_, after) in pairs.items() if after and ms == latency and operation == "up, no change"
    }
    if len(found) < 3:
        return
    least, most = min(found), max(found)
    each = 1000 * (found[most]["seconds"] - found[least]["seconds"]) / (most - least)
    middle = sorted(found)[len(found) // 2]
    expected = found[least]["seconds"] + each * (middle - least) / 1000
    yield (
        f"- **The engine's cost grows with the number of resources**, {each:.0f} ms for each in a deployment without changes: "
        f"on that line {middle} prices would take {expected:.1f} seconds, and took {found[middle]['seconds']:.1f}."
    )


# -- as a table


def _table(pairs: Mapping[Case, Pair]) -> Iterator[str]:
    yield "| prices | latency | operation | requests | seconds | a second | in flight | MiB | failed |"
    yield "|---:|---:|---|---:|---:|---:|---:|---:|---:|"
    for (count, latency, operation), pair in pairs.items():
        cells = [
            _both(pair, lambda e: f"{e['requests']:,}"),
            _both(pair, lambda e: f"{e['seconds']:.1f}"),
            _both(pair, lambda e: f"{e['per_second']:.1f}" if e["per_second"] else "–"),
            _both(pair, lambda e: str(e["most_in_flight"])),
            _both(pair, lambda e: f"{e['peak_mib']:.0f}"),
            _both(pair, lambda e: str(e["failures"] + e["rate_limited"])),
        ]
        yield f"| {count:,} | {latency} ms | {operation} | {' | '.join(cells)} |"


def _both(pair: Pair, shown: Any) -> str:
    """Before → after; a single value if only one was measured or both are the same."""
    values = [shown(entry) for entry in pair if entry is not None]
    return " → ".join(dict.fromkeys(values))


def _provenance(pairs: Mapping[Case, Pair]) -> Iterator[str]:
    for label, index in ((BEFORE, 0), (AFTER, 1)):
        found = [entry for pair in pairs.values() if (entry := pair[index])]
        if found:
            commits, machine = entries.source(found)
            yield f"{label.capitalize()}: {commits}; {machine}.  "


def _key(entry: Entry) -> tuple[str, float, int, int, int]:
    return (entry["engine"], entry["rate"], *_order((entry["count"], entry["latency"], entry["operation"])))


def _order(case: Case) -> tuple[int, int, int]:
    return case[0], case[1], list(OPERATIONS).index(case[2])


def main() -> int:
    """Writes the page, or says whether it is stale."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where the page is stale")
    if not parser.parse_args().check:
        write(RESULTS, PAGE)
        return 0
    if PAGE.read_text() == text(load(RESULTS)):
        return 0
    print(f"{PAGE.name} is stale; write it with `python -m benchmarks.report`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
