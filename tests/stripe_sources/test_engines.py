"""The same rows, described alike, on a Postgres and on Spark: what comes out is what DuckDB says, row by row."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from stripe_sources.aggregation import aggregate
from stripe_sources.checking import check, preview
from stripe_sources.errors import Invalid
from tests.postgres import Postgres, running

from .describing import DAY, DECEMBER, HOUR, NOVEMBER, described, parquet
from .test_aggregation import TYPES, generated, row

pytest.importorskip("ibis", reason="the extra scale is not installed: pip install 'pulumi-stripe-billing[scale]'")

SPARK = "pyspark://?spark.master=local[2]&spark.driver.host=127.0.0.1&spark.driver.bindAddress=127.0.0.1&spark.sql.shuffle.partitions=2"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def spark() -> str:
    pytest.importorskip("pyspark", reason="Spark is not installed: pip install -r requirements-spark.txt")
    if shutil.which("java") is None:
        pytest.skip("there is no Java here, in which Spark runs: apt-get install openjdk-17-jre-headless")
    return SPARK


def filled(address: str, table: str, rows: Sequence[Mapping[str, Any]], types: Mapping[str, str]) -> None:
    """A table of Postgres. Types are its own."""
    import psycopg

    columns = ", ".join(f'"{name}" {type}' for name, type in types.items())
    with psycopg.connect(address) as connection:
        connection.execute(f"CREATE TABLE {table} ({columns})".encode())
        copy = f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s)"
        connection.execute(copy.encode(), [json.dumps(rows)])


def test_postgres_says_what_duckdb_says(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a table and of a query, through a join, in either window, whatever zone and order of text the server has."""
    rows = generated(2000)
    parquet(tmp_path / "rows.parquet", rows, TYPES)
    (tmp_path / "tenants.csv").write_text("tenant,id\ncus_a,cus_1\ncus_b,cus_2\ncus_é,cus_3\n")
    address = postgres.database()
    filled(address, "rows", rows, TYPES)
    tenants = [{"tenant": t, "id": i} for t, i in (("cus_a", "cus_1"), ("cus_b", "cus_2"), ("cus_é", "cus_3"))]
    filled(address, "tenants", tenants, {"tenant": "text", "id": "text"})
    monkeypatch.setenv("LOGS", address)
    monkeypatch.setenv("PGTZ", "Asia/Kolkata")
    join = {"key": "tenant", "customer": "id"}
    joined = {"column": "customer", "join": {"files": "tenants.csv", **join}}
    joined_there = {"column": "customer", "join": {"table": "tenants", **join}}
    query = {"query": "SELECT * FROM rows WHERE input >= 0;", "at": "${LOGS}"}
    for here, there in (
        ({"window": "hour"}, {"window": "hour", "rows": {"table": "public.rows", "at": "${LOGS}"}}),
        ({"window": "day"}, {"window": "day", "rows": query}),
        ({"customer": joined}, {"customer": joined_there, "rows": query}),
    ):
        expected = list(aggregate(described(tmp_path, **here), start=NOVEMBER, end=DECEMBER))
        assert len(expected) > 100
        assert list(aggregate(described(tmp_path, **there), start=NOVEMBER, end=DECEMBER)) == expected
        seen = preview(described(tmp_path, **here), start=NOVEMBER, end=DECEMBER, now=DECEMBER)
        assert preview(described(tmp_path, **there), start=NOVEMBER, end=DECEMBER, now=DECEMBER) == seen


def test_numbers_of_postgres(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those without limits are taken as written, or not at all; NaN is no value; a sum may be larger than what it is made of."""
    types = {**TYPES, "at": "timestamptz", "wide": "numeric", "narrow": "numeric(18, 6)"}
    rows = [
        {**row(str(i), HOUR, 2**62), "wide": wide, "narrow": narrow}
        for i, (wide, narrow) in enumerate([("0.1", "0.2"), ("0.000000000001", "NaN"), ("0.1234567890123", "1"), ("NaN", None)])
    ]
    monkeypatch.setenv("LOGS", address := postgres.database())
    filled(address, "rows", rows, types)
    meters = {"big": "input * 2", "narrow": "narrow", "wide": "wide"}
    source = described(tmp_path, rows={"table": "rows", "at": "${LOGS}"}, meters=meters)
    found = [(one.event_name, f"{one.value:f}", one.rows) for one in aggregate(source, start=NOVEMBER, end=DECEMBER)]
    assert found == [("big", str(2**65), 4), ("narrow", "1.200000", 2), ("wide", "0.100000000001", 2)]
    lines = check(source, start=NOVEMBER, end=DECEMBER, now=DECEMBER)
    assert [line.partition("; ")[0].removeprefix(f"{source.path}: ") for line in lines] == [
        "meters.narrow: 2 rows have no narrow that can be read exactly, and do not count",
        "meters.wide: 2 rows have no wide that can be read exactly, and do not count",
    ]


def test_times_of_postgres(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that never ends is of the future; one without a zone is refused, unless it is said to be UTC."""
    monkeypatch.setenv("LOGS", address := postgres.database())
    rows = [row("a", HOUR), {**row("b", HOUR), "at": "infinity"}, {**row("c", HOUR), "at": "-infinity"}]
    filled(address, "rows", rows, {**TYPES, "at": "timestamptz"})
    filled(address, "naive", [{**rows[0], "at": "2026-11-01T01:00:00"}], {**TYPES, "at": "timestamp"})
    source = described(tmp_path, rows={"table": "rows", "at": "${LOGS}"})
    found = preview(source, start=NOVEMBER, end=DECEMBER, now=DECEMBER)
    assert (found.rows, found.future, found.events["hour"]) == (1, 1, {"requests": 1, "tokens": 1})
    naive = {"table": "naive", "at": "${LOGS}"}
    with pytest.raises(Invalid, match="time: at has no time zone"):
        list(aggregate(described(tmp_path, rows=naive), start=NOVEMBER, end=DECEMBER))
    source = described(tmp_path, rows=naive, time={"column": "at", "zone": "UTC"})
    assert {one.start for one in aggregate(source, start=NOVEMBER, end=DECEMBER)} == {NOVEMBER + HOUR}


def test_what_postgres_refuses_is_said_without_its_password(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address in (postgres.address("none"), postgres.address("postgres", "hunter2")):
        monkeypatch.setenv("LOGS", address)
        source = described(tmp_path, rows={"table": "rows", "at": "${LOGS}"})
        (line,) = check(source, start=NOVEMBER, end=DECEMBER, now=DECEMBER)
        assert line.startswith(f"{source.path}: the engine says: ")
        assert "pg%" not in line
        assert "hunter2" not in line


@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Py4J leaves its sockets to the garbage collector
def test_spark_says_what_duckdb_says(spark: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of files, folders and queries; of times with and without a zone, which Spark shows alike; of every kind of number.

    In one test, since each connection starts Spark anew.
    """
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    rows = generated(1000)
    parquet(tmp_path / "rows.parquet", rows, TYPES)
    parquet(tmp_path / "naive.parquet", rows, TYPES | {"at": "TIMESTAMP", "input": "UINTEGER", "output": "DECIMAL(38, 12)"})
    for day in range(-2, 32):
        some = [r for r in rows if (datetime.fromisoformat(r["at"]).timestamp() - NOVEMBER) // DAY == day]
        # a column that came later
        more = {"cached": "BIGINT"} if day > 15 else {}
        parquet(tmp_path / "logs" / f"day={day}" / "part.parquet", [{**r, "cached": 7} for r in some], TYPES | more)
    time = {"column": "at", "zone": "UTC"}
    meters = {"cached": "cached", "tokens": "input + output * 4"}
    for here in (
        {"rows": {"files": "rows.parquet"}, "window": "day"},
        {"rows": {"files": "naive.parquet"}},
        {"rows": {"files": "logs", "format": "parquet"}, "meters": meters, "except": {"day": [3, 4]}},
    ):
        there = {**here, "rows": {**here["rows"], "at": spark}}  # type: ignore[dict-item]
        expected = list(aggregate(described(tmp_path, time=time, **here), start=NOVEMBER, end=DECEMBER))
        assert len(expected) > 100
        assert list(aggregate(described(tmp_path, time=time, **there), start=NOVEMBER, end=DECEMBER)) == expected
    query = {"query": f"SELECT * FROM parquet.`{tmp_path}/rows.parquet`", "at": spark}
    assert preview(described(tmp_path, time=time, rows=query), start=NOVEMBER, end=DECEMBER, now=DECEMBER) == preview(
        described(tmp_path), start=NOVEMBER, end=DECEMBER, now=DECEMBER
    )
    (line,) = check(described(tmp_path, rows={"files": "rows.parquet", "at": spark}), start=NOVEMBER, end=DECEMBER, now=DECEMBER)
    assert "give {column: at, zone: UTC}" in line
