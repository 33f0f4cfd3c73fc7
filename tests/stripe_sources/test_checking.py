"""What is wrong with rows is said before anything is sent: all of it, each with its remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stripe_sources.checking import check, preview

from .describing import DAY, DECEMBER, HOUR, NOVEMBER, comma_separated, described, ndjson, parquet
from .test_aggregation import TYPES, row

pytest.importorskip("ibis", reason="the extra scale is not installed: pip install 'pulumi-stripe-billing[scale]'")


def checked(folder: Path, *, given: dict[str, Any] | None = None, **changed: Any) -> list[str]:
    """The problems, without the path that each begins with."""
    source = described(folder, **changed)
    found = check(source, start=NOVEMBER, end=DECEMBER, now=DECEMBER, **(given or {}))
    assert all(line.startswith(f"{source.path}: ") and line.isprintable() for line in found)
    return [line.removeprefix(f"{source.path}: ").replace(str(folder), "") for line in found]


def test_what_can_be_billed_has_no_problem(tmp_path: Path) -> None:
    parquet(tmp_path / "rows.parquet", [row("a", 0), row("a", 0), row("b", DAY, None, customer="cus_b")], TYPES)
    given = {"event_names": ["tokens", "requests"], "unknown": lambda ids: [i for i in ids if i not in {"cus_a", "cus_b"}]}
    left_out = {"value": "input", "except": {"input": None}}
    assert checked(tmp_path, given=given, meters={"tokens": left_out, "requests": "count"}) == []


def test_columns_and_types(tmp_path: Path) -> None:
    """All at once, and before a row is read."""
    types = {"id": "VARCHAR", "customer": "BIGINT", "at": "TIMESTAMP", "input": "DOUBLE", "output": "VARCHAR"}
    parquet(tmp_path / "rows.parquet", [], types)
    there = "(there are id, customer, at, input, output)"
    wrong: dict[str, Any] = {"duplicates": {"columns": ["request"]}, "only": {"input": "x", "tier": "a"}, "except": {"output": 5}}
    assert checked(tmp_path, **wrong, given={"event_names": ["tokens"]}) == [
        "meters.requests: no meter has this event name (there are tokens)",
        "time: at has no time zone; where it is UTC, give {column: at, zone: UTC}, else convert it in rows.query: "
        "an hour of local time comes twice a year",
        "customer: customer is int64, and Stripe's ids are text; give a join that leads to them",
        f"duplicates: there is no column request {there}",
        "meters: input is float64, whose sums are not exact; make it an integer or a decimal in rows.query: "
        "cast(input as decimal(18, 6))",
        "meters: output is string, which is no number; make it an integer or a decimal in rows.query: "
        "cast(output as decimal(18, 6))",
        "only: input is float64, which is never 'x'",
        f"only: there is no column tier {there}",
        "except: output is string, which is never 5",
    ]
    assert checked(tmp_path, time={"column": "customer", "unit": "ms"}, customer="id", meters={"a": "count"}) == [
        "rows: there are none in this time, which is no answer"
    ]
    assert checked(tmp_path, time="customer", customer="id", meters={"a": "count"}) == [
        "time: customer is int64; give {column: customer, unit: s}, or ms, or us"
    ]


def test_rows(tmp_path: Path) -> None:
    rows = [
        row("a", 0),
        row("b", 0, customer=None),
        row("c", 0, customer=""),
        row(None, HOUR),
        row("e", HOUR, None),
        {**row("f", 0), "at": None},
        row("g", 40 * DAY),
    ]
    parquet(tmp_path / "rows.parquet", rows, TYPES)
    assert checked(tmp_path, given={"unknown": list}) == [
        "customer: 2 of 5 rows have no customer; find out whose they are, or leave them out with except: {customer: null}",
        "duplicates: 1 of 5 rows have no id; give other columns, or leave the rows out with except",
        "time: 1 rows have no at that is a time with a time zone; correct them, or leave them out with except",
        "time: 1 rows are more than 5 minutes after now, which Stripe refuses; correct the clock that wrote them",
        "meters.tokens: 1 rows have no input or no output that can be read exactly, and do not count; "
        "correct them, or leave them out with except",
        "customer: Stripe does not know cus_a; create what is missing, or leave its rows out with except: {customer: …}",
    ]


def test_what_text_says_is_taken_exactly_or_not_at_all(tmp_path: Path) -> None:
    texts = ["1", "-0.5", "+3.", "1e3", "0x10", "", " 1", "0.1234567890123", "1234567890123456", "NaN", "1,5", "0.000000000001"]
    rows = [
        {"id": i, "customer": "cus_a", "at": "2026-11-01T00:00:00Z", "input": text, "output": "0"} for i, text in enumerate(texts)
    ]
    comma_separated(tmp_path / "rows.csv", rows)
    source = described(tmp_path, rows={"files": "rows.csv"})
    assert preview(source, start=NOVEMBER, end=DECEMBER, now=DECEMBER).without_value == {"tokens": 9, "requests": 0}
    ndjson(tmp_path / "rows.ndjson", [{**rows[0], "input": n} for n in (1, 0.5, 0.1 + 0.2, 10**20, 123456.78, True, None, "2")])
    source = described(tmp_path, rows={"files": "rows.ndjson"}, duplicates="none")
    assert preview(source, start=NOVEMBER, end=DECEMBER, now=DECEMBER).without_value["tokens"] == 4


@pytest.mark.parametrize("text", ["2026-11-01T00:00:00", "2026-13-01T00:00:00Z", "yesterday", "2026-11-01", "1793491200", ""])
def test_a_time_in_no_zone(text: str, tmp_path: Path) -> None:
    right = ("2026-11-01T00:00:00Z", "2026-11-01T00:00:00.500000+00:00")
    rows = [{"id": i, "customer": "cus_a", "at": at, "input": 1, "output": 0} for i, at in enumerate((*right, text))]
    comma_separated(tmp_path / "rows.csv", rows)
    found = preview(described(tmp_path, rows={"files": "rows.csv"}), start=NOVEMBER, end=DECEMBER, now=DECEMBER)
    assert (found.rows, found.without_time, found.events["hour"]) == (2, 1, {"tokens": 1, "requests": 1})


def test_a_preview_says_what_hours_and_days_come_to(tmp_path: Path) -> None:
    rows = [
        row("a", 0),
        row("a", 5),
        row("b", HOUR),
        row("c", DAY, customer="cus_b"),
        row("d", DAY, customer=None),
        row("e", 40 * DAY),
    ]
    parquet(tmp_path / "rows.parquet", rows, TYPES)
    meters = {"tokens": "input", "few": {"value": "count", "only": {"id": "b"}}}
    for window in ("hour", "day"):
        found = preview(described(tmp_path, window=window, meters=meters), start=NOVEMBER, end=DECEMBER, now=DECEMBER)
        assert (found.rows, found.duplicates, found.without_customer, found.future) == (5, 1, 1, 1)
        assert found.events == {"hour": {"few": 1, "tokens": 3}, "day": {"few": 1, "tokens": 2}}
        assert found.customers == ["cus_a", "cus_b"]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ({"files": "none.parquet"}, "rows.files: there is no none.parquet, seen from the folder of this description"),
        ({"files": "no*.parquet"}, "the engine says: IO Error: No files found that match the pattern"),
        ({"files": "broken.parquet"}, "the engine says: "),
        ({"table": "none"}, "the engine says: "),
        ({"query": "select broken from"}, "the engine says: "),
        ({"query": "select 1; select 2"}, "rows.query is not one SELECT; give one, which reads only"),
        ({"query": "drop table a"}, "rows.query is not one SELECT"),
        ({"query": "copy (select 1) to 'out.csv'"}, "rows.query is not one SELECT"),
        ({"query": "with gone as (delete from a returning *) select * from gone"}, "rows.query is not one SELECT"),
        ({"table": "a", "at": "nonsense://host"}, "rows.at: nonsense is no engine that Ibis knows"),
    ],
)
def test_where_there_are_no_rows(rows: dict[str, str], problem: str, tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_text("PAR1 this is none")
    (line,) = checked(tmp_path, rows=rows)
    assert line.startswith(problem)
