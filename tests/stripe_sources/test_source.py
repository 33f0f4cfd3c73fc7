"""Descriptions of sources: what each says, and that a wrong one is refused in lines that say what is right."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from stripe_sources import source
from stripe_sources.errors import Invalid

from .describing import described, written


def test_all_of_it(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        window="day",
        rows={"table": "logs.requests", "at": "postgres://reader:${PASSWORD}@host/logs"},
        customer={"column": "tenant", "join": {"table": "tenants", "key": "id", "customer": "stripe_id"}},
        time={"column": "at", "zone": "UTC"},
        duplicates={"columns": ["id", "attempt"], "within_days": 3},
        only={"tier": ["a", 1, True, None]},
        late="credit",
        meters={"tokens": "input", "batch": {"value": "count", "except": {"tier": "free"}}},
    )
    found = source.read(path, {"PASSWORD": "hunter2"})
    assert (found.name, found.window, found.at) == ("requests", "day", "postgres://reader:hunter2@host/logs")
    assert (found.customer, found.join) == ("tenant", source.Join(source.Place(table="tenants"), "id", "stripe_id"))
    assert (found.time, found.zone, found.unit, found.duplicates, found.within_days) == ("at", "UTC", "", ("id", "attempt"), 3)
    assert (found.only, found.leave_out, found.late) == ({"tier": ("a", 1, True, None)}, {}, "credit")
    assert [meter.event_name for meter in found.meters] == ["batch", "tokens"]
    assert (found.meters[0].leave_out, found.meters[1].value.factors) == ({"tier": ("free",)}, {"input": Decimal(1)})
    assert "hunter2" not in repr(found)


def refused(folder: Path, **changed: Any) -> list[str]:
    with pytest.raises(Invalid) as caught:
        described(folder, **changed)
    assert all(problem.startswith(f"{folder / 'usage.yaml'}: ") for problem in caught.value.problems)
    return [problem.removeprefix(f"{folder / 'usage.yaml'}: ") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"window": "minute"}, "window: 'minute' is not one of ['hour', 'day']"),
        ({"windw": "hour"}, "('windw' was unexpected)"),
        ({"late": "forget"}, "late: 'forget' is not one of ['report', 'carry', 'credit']"),
        ({"without": ["duplicates"]}, "'duplicates' is a required property"),
        ({"name": "My logs"}, "name: 'My logs' does not match"),
        ({"rows": {}}, "rows: give one of files, table and query"),
        ({"rows": {"files": "a.csv", "table": "b"}}, "rows: give one of files, table and query"),
        ({"rows": {"files": "a.csv", "tabel": "b"}}, "('tabel' was unexpected)"),
        ({"rows": {"files": "logs/*"}}, "rows.files: logs/* does not say what it is; give format: parquet, csv or ndjson"),
        ({"time": {"column": "at"}}, "time: "),
        ({"time": {"column": "at", "zone": "Europe/Berlin"}}, "'UTC' was expected"),
        ({"time": {"column": "at", "zone": "UTC", "unit": "s"}}, "time: "),
        ({"duplicates": {"columns": []}}, "duplicates.columns: "),
        ({"duplicates": {"columns": ["id"], "within_days": 0}}, "within_days: 0 is less than the minimum of 1"),
        ({"only": {"cost": 0.5}}, "only.cost: "),
        ({"only": {True: "x"}}, "True"),
        ({"meters": {}}, "meters: "),
        ({"meters": {"tokens": 5}}, "meters.tokens: "),
        ({"meters": {"tokens": "input / 2"}}, 'meters.tokens: "input / 2" is no part of a value; give count'),
        (
            {"rows": {"table": "a", "at": "postgres://me:secret@host/db"}},
            "rows.at: has a password, which does not belong in a file",
        ),
        ({"rows": {"table": "a", "at": "postgres://h/db?password=secret"}}, "rows.at: has a password"),
        ({"rows": {"table": "a", "at": "${NOT_SET}"}}, "rows.at: NOT_SET is not set; set it"),
        ({"rows": {"table": "a", "at": "warehouse"}}, "rows.at: is not an address"),
        ({"rows": {"table": "a", "at": "postgres://[::1/db"}}, "rows.at: is not an address"),
        ({"rows": {"files": "a.csv", "at": "pyspark://"}}, "rows.at: CSV and NDJSON are read by DuckDB in this process"),
    ],
)
def test_what_is_refused(changed: dict[str, Any], problem: str, tmp_path: Path) -> None:
    found = refused(tmp_path, **changed)
    assert len([line for line in found if problem in line]) == 1
    assert "secret" not in "".join(found).replace("password=secret", "")


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    assert len(refused(tmp_path, window="minute", name="", only=[], meters={"a": 1, "b": 2})) == 5
    assert len(refused(tmp_path, rows={"table": "t", "at": "${NOT_SET}"}, meters={"a": "a *", "b": "b b"})) == 3


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &x [1]\nb: *x\n", "line 2: has a reference (*x); write it out"),
        ("name: a\nname: b\n", "line 1: has name twice; take one out"),
        ("name: !!python/object/apply:os.system [true]\n", "line 1: could not determine a constructor"),
        ("a: [\n", "line 2: "),
        ("[" * 5000, "nested too deep"),
        ("- 1\n", "is not of type 'object'"),
        ("", "None is not of type 'object'"),
        ("x" * 300_000, "is larger than 256 KiB"),
        ("when: 2026-99-99\n", "is not plain YAML"),
        ("a: \x00\n", "is not UTF-8 text"),
        ("? [a, b]\n: 1\n", "line 1: "),
    ],
)
def test_hostile_yaml(text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "usage.yaml"
    path.write_text(text)
    with pytest.raises(Invalid) as caught:
        source.read(path)
    assert problem in str(caught.value)


def test_what_is_no_file_of_text(tmp_path: Path) -> None:
    (tmp_path / "usage.yaml").write_bytes(b"name: \xff\n")
    for path, problem in (
        (tmp_path / "usage.yaml", "is not UTF-8 text"),
        (tmp_path / "none", "No such file"),
        (tmp_path, "directory"),
    ):
        with pytest.raises(Invalid, match=problem):
            source.read(path)


def test_the_schema_is_one_and_says_every_field() -> None:
    schema = json.loads(source.SCHEMA.read_text())
    Draft202012Validator.check_schema(schema)
    assert [name for name, of in schema["properties"].items() if not {"description", "$ref"} & of.keys()] == []


def test_importing_sources_imports_no_engine() -> None:
    code = (
        "import sys, stripe_sources.source, stripe_sources.aggregation, stripe_sources.checking;"
        "print(sorted({'ibis', 'duckdb', 'pyarrow', 'pandas', 'numpy', 'jsonschema', 'stripe', 'pulumi'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
