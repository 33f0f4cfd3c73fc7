"""What `benchmarks.usage_stream` measured, as JSON, and docs/usage-benchmarks.md as it follows from it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "usage.json"
PAGE = ROOT / "docs" / "usage-benchmarks.md"
LABELS = ("before", "after")

Entry = Mapping[str, Any]

HEAD = """\
# How fast usage is reported

Written by `python -m benchmarks.usage_stream` from what it measured; the same as JSON is in `benchmarks/results/usage.json`.

```sh
python -m benchmarks.usage_stream                          # 100,000 events, three times: a minute or two
python -m benchmarks.usage_stream --events 20000 --runs 1
python -m benchmarks.usage_stream --profile                # where the time of the main thread goes; writes nothing
```

The Stripe that does no work takes every event and keeps nothing; it runs on the same machine, in a process of its own. Each
figure is that of the fastest of some runs, since others use the machine too.
"""

WHAT = {
    "import": "`usage record --stream`, from the file to a Stripe that does no work; its start is not counted",
    "client": "the stream client alone, from events in memory to a Stripe that does no work",
    "local": "the local Stripe, what it takes in; the CPU time is its own",
}


def add(path: Path, entry: Entry) -> None:
    """Writes one result down, to two decimals, in place of an older one of the same kind."""
    entry = json.loads(json.dumps(entry), parse_float=lambda text: round(float(text), 2))
    kept = [e for e in load(path) if (e["label"], e["what"]) != (entry["label"], entry["what"])]
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = sorted([*kept, entry], key=lambda e: (LABELS.index(e["label"]), [*WHAT, "stages"].index(e["what"])))
    path.write_text("[\n" + ",\n".join(json.dumps(e) for e in entries) + "\n]\n")


def load(path: Path) -> list[Entry]:
    """The results in a file, none where there is no such file."""
    found: list[Entry] = json.loads(path.read_text()) if path.exists() else []
    return found


def write(results: Path, page: Path) -> None:
    """Writes the page."""
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text(load(results)))


def text(entries: Iterable[Entry]) -> str:
    """The page."""
    found = {(entry["what"], entry["label"]): entry for entry in entries}
    return "\n".join([HEAD, *_table(found), *_stages(found), *_provenance(found.values())])


def _table(found: Mapping[tuple[str, str], Entry]) -> Iterator[str]:
    yield "| | events a second | µs of CPU for each | MiB at most |"
    yield "|---|---:|---:|---:|"
    for what, said in WHAT.items():
        both = [found[what, label] for label in LABELS if (what, label) in found]
        if both:
            rates = " → ".join(f"{e['per_second']:,.0f}" for e in both)
            costs = " → ".join(f"{e['cpu_us']:.0f}" for e in both)
            memory = " → ".join(f"{e['peak_mib']:.0f}" for e in both if "peak_mib" in e) or "–"
            yield f"| {said} | {rates} | {costs} | {memory} |"
    yield ""


def _stages(found: Mapping[tuple[str, str], Entry]) -> Iterator[str]:
    entry = found.get(("stages", "after"))
    if entry is None:
        return
    yield "Where the CPU time of the import goes, each stage measured on one thread by itself:\n"
    yield "| stage | µs an event |"
    yield "|---|---:|"
    for stage, cost in entry["stages"].items():
        yield f"| {STAGES.get(stage, stage)} | {cost:.1f} |"
    yield ""


STAGES = {
    "reading and checking": "reading a line, JSON, and all that is checked of a row",
    "identifiers": "the identifier that follows from the row",
    "checkpoint: events": "checkpoint: looking identifiers up, adding events",
    "checkpoint: states": "checkpoint: under way, accepted",
    "order": "whose turn it is",
    "JSON": "the body of the request",
    "HTTP": "the request",
    "rest": "the rest: progress, customers, threads that wait for each other",
}


def _provenance(entries: Iterable[Entry]) -> Iterator[str]:
    for label in LABELS:
        mine = [entry for entry in entries if entry["label"] == label]
        if mine:
            commits = ", ".join(sorted({f"`{e['commit']}`" for e in mine}))
            machine = " and ".join(sorted({f"{e['cpus']} CPUs, Python {e['python']}" for e in mine}))
            yield f"{label.capitalize()}: commit {commits}; {mine[0]['events']:,} events, {mine[0]['runs']} runs; {machine}.  "
    yield ""
