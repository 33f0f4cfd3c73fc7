"""What was measured, as a list in a JSON file: one line each, so that changes are readable."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
BEFORE, AFTER = LABELS = ("before", "after")

Entry = Mapping[str, Any]


def add(path: Path, entry: Entry, key: Callable[[Entry], Any]) -> None:
    """Records a result, in place of an older one with the same key; the keys are also the order."""
    kept = [e for e in load(path) if key(e) != key(entry)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[\n" + ",\n".join(json.dumps(e) for e in sorted([*kept, entry], key=key)) + "\n]\n")


def load(path: Path) -> list[Entry]:
    """The results in a file, none if it does not exist."""
    found: list[Entry] = json.loads(path.read_text()) if path.exists() else []
    return found


def write(page: Path, text: str) -> None:
    """Writes a page made from results."""
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text)


def source(entries: Iterable[Entry]) -> tuple[str, str]:
    """Which commits were measured, and on which machines."""
    entries = list(entries)
    commits = ", ".join(sorted({f"`{e['commit']}`" for e in entries}))
    return f"commit {commits}", " and ".join(sorted({f"{e['cpus']} CPUs, Python {e['python']}" for e in entries}))


def provenance(entries: Iterable[Entry], besides: str = "") -> Iterator[str]:
    """Lines of a page: for each label the commits, what `besides`, a format string, says of an entry, and the machines."""
    entries = list(entries)
    for label in LABELS:
        if mine := [entry for entry in entries if entry["label"] == label]:
            commits, machines = source(mine)
            yield f"{label.capitalize()}: {'; '.join(filter(None, (commits, besides.format_map(mine[0]), machines)))}.  "
    yield ""
