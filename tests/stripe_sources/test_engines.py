"""The same description elsewhere: a real Postgres, and Spark on this machine, say what DuckDB says, row by row."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from stripe_sources import source
from stripe_sources.aggregation import aggregate
from stripe_sources.checking import check, preview

from .describing import DECEMBER, NOVEMBER, described, parquet
from .test_aggregation import TYPES, generated

pytest.importorskip("ibis", reason="the extra scale is not installed: pip install 'pulumi-stripe-billing[scale]'")
pytestmark = pytest.mark.thorough

FILTERS = {
    "except": {"output": None},
    "meters": {"tokens": "input + output * 0.25", "cheap": {"value": "count", "only": {"input": [1, 2, 3]}}},
}


def same_as_in_this_process(folder: Path, rows: dict[str, str], **changed: Any) -> None:
    here = described(folder, **changed)
    expected = list(aggregate(here, start=NOVEMBER, end=DECEMBER)), preview(here, start=NOVEMBER, end=DECEMBER, now=DECEMBER)
    there = described(folder, **changed | {"rows": rows})
    assert list(aggregate(there, start=NOVEMBER, end=DECEMBER)) == expected[0]
    assert preview(there, start=NOVEMBER, end=DECEMBER, now=DECEMBER) == expected[1]
    assert len(expected[0]) > 100


def programs() -> Path | None:
    """Where Postgres has its server: Debian leaves it out of PATH."""
    found = shutil.which(
        "initdb", path=os.pathsep.join([*map(str, Path("/usr/lib/postgresql").glob("*/bin")), os.environ["PATH"]])
    )
    return Path(found).parent if found else None


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A server of its own, whose text sorts by a locale where there is one."""
    bin = programs()
    if bin is None:
        pytest.skip("there is no Postgres: apt-get install postgresql")
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'ibis-framework[postgres]'")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:  # Postgres refuses to run as root
        as_user = {"user": "postgres"}
        folder.chmod(0o777)
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, **as_user)

    run(
        str(bin / "initdb"),
        "-D",
        str(data),
        "-U",
        "reader",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale-provider=icu",
        "--icu-locale=en",
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c timezone=Asia/Kolkata -c fsync=off"
    run(str(bin / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgres://reader@127.0.0.1:{port}/postgres"
    finally:
        run(str(bin / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that another user of this machine can reach, which those of pytest are not."""
    folder = Path("/tmp") / f"stripe-sources-{os.getpid()}"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def test_postgres(tmp_path: Path, place: Path) -> None:
    rows = generated(1000)
    parquet(tmp_path / "rows.parquet", rows, TYPES)
    with postgres(place) as address:
        import psycopg

        with psycopg.connect(address) as connection:
            connection.execute("create schema logs")
            connection.execute(
                "create table logs.requests (id text, customer text, at timestamptz, input bigint, output numeric(18, 6), free numeric)"
            )
            columns = [(r["id"], r["customer"], r["at"], r["input"], r["output"], r["output"]) for r in rows]
            with connection.cursor() as cursor:
                cursor.executemany("insert into logs.requests values (%s, %s, %s, %s, %s, %s)", columns)
            connection.execute("create table names (name text, stripe_id text)")
            connection.execute("insert into names values ('cus_a', 'cus_1'), ('cus_b', 'cus_2'), ('cus_b', 'cus_2')")
        same_as_in_this_process(tmp_path, {"table": "logs.requests", "at": address})
        same_as_in_this_process(
            tmp_path, {"query": "select * from logs.requests where true", "at": address}, window="day", **FILTERS
        )
        # a numeric without limits is not rounded: what has too many places does not count, and is named
        free = described(tmp_path, rows={"table": "logs.requests", "at": address}, meters={"tokens": "input + free * 4"})
        typed = described(tmp_path, meters={"tokens": "input + output * 4"})
        assert list(aggregate(free, start=NOVEMBER, end=DECEMBER)) == list(aggregate(typed, start=NOVEMBER, end=DECEMBER))
        with psycopg.connect(address) as connection:
            connection.execute("update logs.requests set free = 0.1234567890123 where id = 'r1'")
        assert preview(free, start=NOVEMBER - 5 * 86400, end=DECEMBER + 5 * 86400, now=DECEMBER).without_value["tokens"] >= 1
        joined = {"column": "customer", "join": {"table": "names", "key": "name", "customer": "stripe_id"}}
        found = aggregate(
            described(tmp_path, rows={"table": "logs.requests", "at": address}, customer=joined), start=NOVEMBER, end=DECEMBER
        )
        assert {one.customer for one in found} == {"cus_1", "cus_2"}
        (said,) = check(described(tmp_path, rows={"table": "none", "at": address}), start=NOVEMBER, end=DECEMBER, now=DECEMBER)
        assert "the engine says: " in said


def test_a_password_is_in_no_message(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'ibis-framework[postgres]'")
    path = described(tmp_path).path
    path.write_text(
        path.read_text().replace("files: rows.parquet", "{table: a, at: 'postgres://reader:${SECRET}@127.0.0.1:1/db'}")
    )
    path.write_text(path.read_text().replace("rows:\n  {", "rows: {"))
    (said,) = check(source.read(path, {"SECRET": "hunter2"}), start=NOVEMBER, end=DECEMBER, now=DECEMBER)
    assert "the engine says: " in said
    assert "hunter2" not in said


def test_spark(tmp_path: Path) -> None:
    """It tells times with a zone and without one apart no more: so the description says that they are UTC."""
    pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'ibis-framework[pyspark]'")
    if not shutil.which("java"):
        pytest.skip("there is no Java: apt-get install default-jre-headless")
    parquet(tmp_path / "rows.parquet", generated(1000), TYPES)
    address = "pyspark://?spark.master=local[1]&spark.ui.enabled=false&spark.sql.shuffle.partitions=2"
    time = {"column": "at", "zone": "UTC"}
    same_as_in_this_process(tmp_path, {"files": "rows.parquet", "at": address}, time=time)
    same_as_in_this_process(tmp_path, {"files": "rows.parquet", "at": address}, time=time, window="day", **FILTERS)
