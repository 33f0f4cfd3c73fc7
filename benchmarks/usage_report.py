"""What `benchmarks.usage_stream` measured, as JSON, and docs/usage-benchmarks.md, made from it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from . import entries
from .entries import LABELS, ROOT, Entry

RESULTS = entries.RESULTS / "usage.json"
PAGE = ROOT / "docs" / "usage-benchmarks.md"

HEAD = """\
# How fast usage is reported

Written by `python -m benchmarks.usage_stream` from what it measured; the same as JSON is in `benchmarks/results/usage.json`.

```sh
python -m benchmarks.usage_stream                          # 100,000 events, three times: a minute or two
python -m benchmarks.usage_stream --events 20000 --runs 1
python -m benchmarks.usage_stream --profile                # where the time of the main thread goes; writes nothing
```

The Stripe that does no work takes every event and keeps nothing; it runs on the same machine, in a process of its own. Each
figure is that of the fastest of several runs, since others use the machine too.
"""

WHAT = {
    "import": "`usage record --stream`, from the file to a Stripe that does no work; its start does not count",
    "client": "the stream client alone, from events in memory to a Stripe that does no work",
    "local": "what the local Stripe takes in; the CPU time is its own",
}


def add(path: Path, entry: Entry) -> None:
    """Records a result, to two decimals, in place of an older one of the same kind."""
    entry = json.loads(json.dumps(entry), parse_float=lambda text: round(float(text), 2))
    entries.add(path, entry, lambda e: (LABELS.index(e["label"]), [*WHAT, "stages"].index(e["what"])))


def write(results: Path, page: Path) -> None:
    """Writes the page."""
    entries.write(page, text(entries.load(results)))


def text(results: Iterable[Entry]) -> str:
    """The page."""
    found = {(entry["what"], entry["label"]): entry for entry in results}
    provenance = entries.provenance(found.values(), "{events:,} events, {runs} runs")
    return "\n".join([HEAD, *_table(found), *_stages(found), *provenance])


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
    yield "Where the CPU time of the import goes, each stage measured alone on one thread:\n"
    yield "| stage | µs an event |"
    yield "|---|---:|"
    for stage, cost in entry["stages"].items():
        yield f"| {STAGES.get(stage, stage)} | {cost:.1f} |"
    yield ""


STAGES = {
    "reading and checking": "reading a line, JSON, and all checks of a row",
    "identifiers": "the identifier that follows from the row",
    "checkpoint: events": "checkpoint: looking identifiers up, adding events",
    "checkpoint: states": "checkpoint: under way, accepted",
    "order": "whose turn it is",
    "JSON": "the body of the request",
    "HTTP": "the request",
    "rest": "the rest: progress, customers, threads that wait for each other",
}
