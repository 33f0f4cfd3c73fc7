"""Descriptions of sources, and rows of real files."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from stripe_sources import source

NOVEMBER, DECEMBER = 1793491200, 1796083200
"""2026-11-01 and 2026-12-01, UTC."""
HOUR, DAY = 3600, 86400

DESCRIPTION: dict[str, Any] = {
    "name": "requests",
    "window": "hour",
    "rows": {"files": "rows.parquet"},
    "customer": "customer",
    "time": "at",
    "duplicates": {"columns": ["id"]},
    "meters": {"tokens": "input + output * 4", "requests": "count"},
}


def described(folder: Path, *, without: Sequence[str] = (), **changed: Any) -> source.Source:
    """The description above with changes, read from a file."""
    return source.read(written(folder, without=without, **changed))


def written(folder: Path, *, without: Sequence[str] = (), **changed: Any) -> Path:
    """The same, as a file."""
    path = folder / "usage.yaml"
    content = {k: v for k, v in (DESCRIPTION | changed).items() if k not in without}
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path


def parquet(path: Path, rows: Sequence[Mapping[str, object]], types: Mapping[str, str]) -> None:
    """A Parquet file. Types are DuckDB's."""
    import duckdb

    raw = path.with_suffix(".raw.ndjson")
    ndjson(raw, rows)
    columns = ", ".join(f"'{name}': '{type}'" for name, type in types.items())
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"copy (from read_json('{raw}', columns = {{{columns}}})) to '{path}' (format parquet)")
    raw.unlink()


def ndjson(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def comma_separated(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: "" if v is None else v for k, v in row.items()} for row in rows)
