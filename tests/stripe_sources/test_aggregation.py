"""Rows of real files, added up: exactly, duplicates once, the same wherever one begins."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from stripe_sources.aggregates import Aggregate
from stripe_sources.aggregation import aggregate, aggregates, read
from stripe_sources.errors import Invalid

from .describing import DAY, DECEMBER, HOUR, NOVEMBER, comma_separated, described, ndjson, parquet

pytest.importorskip("ibis", reason="the extra scale is not installed: pip install 'pulumi-stripe-billing[scale]'")

TYPES = {"id": "VARCHAR", "customer": "VARCHAR", "at": "TIMESTAMPTZ", "input": "BIGINT", "output": "DECIMAL(18, 6)"}


def row(
    id: str | None, seconds: float, input: int | None = 1, output: str = "0", customer: str | None = "cus_a"
) -> dict[str, Any]:
    at = datetime.fromtimestamp(NOVEMBER + seconds, UTC).isoformat()
    return {"id": id, "customer": customer, "at": at, "input": input, "output": output}


def generated(count: int) -> list[dict[str, Any]]:
    """With repetitions across hours, rows of nobody, and values that doubles cannot add up."""
    chance = random.Random(7)
    rows = [
        row(
            f"r{i}",
            chance.randrange(-2 * DAY, 32 * DAY) + chance.random(),
            chance.randrange(10**6),
            f"{Decimal(chance.randrange(10**12)).scaleb(-6):f}",
            chance.choice([None, "", "cus_a", "cus_b", "cus_Z", "cus_é"]),
        )
        for i in range(count)
    ]
    for one in chance.sample(rows, count // 10):
        again = datetime.fromisoformat(one["at"]).timestamp() + chance.choice([0, 2, HOUR, DAY]) - NOVEMBER
        rows.append({**one, "at": row("", again)["at"], "input": chance.randrange(10**6)})
    chance.shuffle(rows)
    return rows


def by_hand(rows: Sequence[Mapping[str, Any]], size: int) -> list[Aggregate]:
    """The same in plain Python, another way: the rows one after another, in the order of their times."""
    seen: set[str] = set()
    values: dict[tuple[str, str, int], list[Decimal]] = defaultdict(list)
    for one in sorted(rows, key=lambda r: (datetime.fromisoformat(r["at"]), r["input"], Decimal(r["output"]))):
        seconds = int(datetime.fromisoformat(one["at"]).timestamp() // 1)
        if one["id"] in seen:
            continue
        seen.add(one["id"])
        if one["customer"] and NOVEMBER <= seconds < DECEMBER:
            start = seconds - seconds % size
            values["tokens", one["customer"], start].append(one["input"] + Decimal(one["output"]) * 4)
            values["requests", one["customer"], start].append(Decimal(1))
    return [Aggregate(name, who, at, at + size, sum(v, Decimal(0)), len(v)) for (name, who, at), v in sorted(values.items())]


@pytest.mark.parametrize("window", ["hour", "day"])
def test_equals_what_plain_python_adds_up(window: str, tmp_path: Path) -> None:
    rows = generated(2000)
    parquet(tmp_path / "rows.parquet", rows, TYPES)
    found = list(aggregate(described(tmp_path, window=window), start=NOVEMBER, end=DECEMBER))
    assert found == by_hand(rows, {"hour": HOUR, "day": DAY}[window])
    assert len(found) > 100
    with read(described(tmp_path, window=window), start=NOVEMBER, end=DECEMBER, by="hour") as both:
        assert list(aggregates(both)) == found
        assert {type(one.rows) for one in aggregates(both)} == {int}


def test_files_of_every_format_say_the_same(tmp_path: Path) -> None:
    rows = generated(300)
    parquet(tmp_path / "rows.parquet", rows, TYPES)
    comma_separated(tmp_path / "rows.csv", rows)
    ndjson(tmp_path / "rows.ndjson", rows)
    ndjson(tmp_path / "nested.ndjson", [{"id": r["id"], "customer": r["customer"], "at": r["at"], "usage": r} for r in rows])
    for day in range(-2, 32):
        some = [r for r in rows if (datetime.fromisoformat(r["at"]).timestamp() - NOVEMBER) // DAY == day]
        parquet(tmp_path / "logs" / f"day={day}" / "part.parquet", some, TYPES)
    expected = by_hand(rows, HOUR)
    for files in ("rows.parquet", "rows.csv", "rows.ndjson", "logs", "logs/**/*.parquet"):
        format = {} if "." in files else {"format": "parquet"}
        assert list(aggregate(described(tmp_path, rows={"files": files, **format}), start=NOVEMBER, end=DECEMBER)) == expected, (
            files
        )
    meters = {"tokens": "usage.input + usage.output * 4", "requests": "count"}
    nested = described(tmp_path, rows={"files": "nested.ndjson"}, meters=meters)
    assert list(aggregate(nested, start=NOVEMBER, end=DECEMBER)) == expected
    query = {"query": f"select * from '{tmp_path}/rows.parquet'"}
    assert list(aggregate(described(tmp_path, rows=query), start=NOVEMBER, end=DECEMBER)) == expected


def test_a_window_is_the_same_whatever_is_asked_for_with_it(tmp_path: Path) -> None:
    rows = generated(1000)
    parquet(tmp_path / "rows.parquet", rows, TYPES)
    source = described(tmp_path, duplicates={"columns": ["id"], "within_days": 1})
    whole = list(aggregate(source, start=NOVEMBER, end=DECEMBER))
    for start, end in ((NOVEMBER + DAY, NOVEMBER + 2 * DAY), (NOVEMBER + 10 * DAY + HOUR, NOVEMBER + 10 * DAY + 5 * HOUR)):
        assert list(aggregate(source, start=start, end=end)) == [one for one in whole if start <= one.start < end]


def added_up(folder: Path, rows: Sequence[Mapping[str, Any]], **changed: Any) -> list[tuple[str, int, str, int]]:
    """Of the first two days, as (event name, hours since, value, rows)."""
    parquet(folder / "rows.parquet", rows, TYPES | changed.pop("types", {}))
    found = aggregate(described(folder, **changed), start=NOVEMBER, end=NOVEMBER + 2 * DAY)
    return [(one.event_name, (one.start - NOVEMBER) // HOUR, f"{one.value:f}", one.rows) for one in found]


INPUT = {"tokens": "input"}


def test_what_a_duplicate_is(tmp_path: Path) -> None:
    """The earliest counts, also where it is before the first window; what has no id repeats nothing."""
    rows = [
        row("a", HOUR - 1, 5),
        row("a", HOUR + 1, 7),
        row("b", -10, 100),
        row("b", 10, 100),
        row(None, 20, 1),
        row(None, 20, 1),
    ]
    assert added_up(tmp_path, rows, meters=INPUT) == [("tokens", 0, "7", 3)]
    assert added_up(tmp_path, rows, meters=INPUT, duplicates="none") == [("tokens", 0, "107", 4), ("tokens", 1, "7", 1)]
    # the same id after two days is another request, where ids come again
    rows = [row("a", 0), row("a", DAY + 1)]
    assert added_up(tmp_path, rows, meters=INPUT, duplicates={"columns": ["id"], "within_days": 1}) == [
        ("tokens", 0, "1", 1),
        ("tokens", 24, "1", 1),
    ]


def test_hours_end_where_they_end(tmp_path: Path) -> None:
    rows = [row("a", HOUR - 0.000001), row("b", HOUR), row("c", 2 * DAY - 0.000001), row("d", 2 * DAY), row("e", -0.000001)]
    assert added_up(tmp_path, rows, meters=INPUT) == [("tokens", 0, "1", 1), ("tokens", 1, "1", 1), ("tokens", 47, "1", 1)]


def test_sums_are_exact(tmp_path: Path) -> None:
    """Beyond 64 bits, and where doubles drift."""
    rows = [row("a", 0, 2**63 - 1, "0.1"), row("b", 1, 2**63 - 1, "0.2"), row("c", 2, 1, "0.000001")]
    meters = {"big": "input", "small": "output * 0.001", "both": "-input + 2 * (output - 1)"}
    assert added_up(tmp_path, rows, meters=meters) == [
        ("big", 0, str(2**64 - 1), 3),
        ("both", 0, f"{-(2**64 - 1) + 2 * (Decimal('0.300001') - 3):f}", 3),
        ("small", 0, "0.000300001", 3),
    ]


@pytest.mark.parametrize(("type", "unit", "factor"), [("BIGINT", "ms", 1000), ("BIGINT", "us", 10**6), ("UINTEGER", "s", 1)])
def test_times_as_numbers(type: str, unit: str, factor: int, tmp_path: Path) -> None:
    rows = [
        {**row(id, 0), "at": (NOVEMBER + s) * factor} for id, s in [("a", HOUR - 1), ("a", HOUR), ("b", HOUR), ("c", 49 * HOUR)]
    ]
    found = added_up(tmp_path, rows, types={"at": type}, time={"column": "at", "unit": unit}, meters=INPUT)
    assert found == [("tokens", 0, "1", 1), ("tokens", 1, "1", 1)]


def test_times_without_a_zone_are_utc_on_every_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    rows = [row("a", 0), row("b", HOUR)]
    found = added_up(tmp_path, rows, types={"at": "TIMESTAMP"}, time={"column": "at", "zone": "UTC"}, meters=INPUT)
    assert found == added_up(tmp_path, rows, meters=INPUT) == [("tokens", 0, "1", 1), ("tokens", 1, "1", 1)]


def test_filters(tmp_path: Path) -> None:
    """Of the source and of a meter; a row without a value is only left out where that is said."""
    rows = [{**row(str(i), 0, 2**i), "tier": tier} for i, tier in enumerate(["batch", "free", None, "test"])]
    types = {"tier": "VARCHAR"}

    def value(**changed: Any) -> list[tuple[str, str]]:
        return [(name, value) for name, _, value, _ in added_up(tmp_path, rows, types=types, **({"meters": INPUT} | changed))]

    assert value() == [("tokens", "15")]
    assert value(only={"tier": "batch"}) == [("tokens", "1")]
    assert value(only={"tier": ["batch", None]}) == [("tokens", "5")]
    assert value(**{"except": {"tier": ["test", "free"]}}) == [("tokens", "5")]
    assert value(**{"except": {"tier": None}}) == [("tokens", "11")]
    meters = {"batch": {"value": "input", "only": {"tier": "batch"}}, "rest": {"value": "count", "except": {"tier": "batch"}}}
    assert value(meters=meters) == [("batch", "1"), ("rest", "3")]


def test_a_join_leads_to_the_customer(tmp_path: Path) -> None:
    """From a number too; a line that is there twice counts no row twice."""
    rows = [{**row(str(i), i), "customer": who} for i, who in enumerate([7, 7, 8, 9])]
    comma_separated(
        tmp_path / "tenants.csv", [{"tenant": t, "id": i} for t, i in [(7, "cus_a"), (7, "cus_a"), (8, "cus_b"), (1, "cus_c")]]
    )
    customer = {"column": "customer", "join": {"files": "tenants.csv", "key": "tenant", "customer": "id"}}
    parquet(tmp_path / "rows.parquet", rows, TYPES | {"customer": "INTEGER"})
    source = described(tmp_path, customer=customer, meters=INPUT)
    found = [(one.customer, one.rows) for one in aggregate(source, start=NOVEMBER, end=DECEMBER)]
    assert found == [("cus_a", 2), ("cus_b", 1)]
    with (tmp_path / "tenants.csv").open("a") as stream:
        stream.write("8,cus_a\n")
    with pytest.raises(Invalid, match=r"customer\.join: 8 in tenant leads to several values of id; leave one line for each"):
        list(aggregate(source, start=NOVEMBER, end=DECEMBER))


def test_a_column_may_come_later(tmp_path: Path) -> None:
    """Older files of a folder lack it; so their rows do not count for it."""
    parquet(tmp_path / "logs" / "1.parquet", [row("a", 0, 1)], TYPES)
    parquet(tmp_path / "logs" / "2.parquet", [{**row("b", 0, 1), "cached": 5}], TYPES | {"cached": "BIGINT"})
    source = described(tmp_path, rows={"files": "logs", "format": "parquet"}, meters={"cached": "cached", "tokens": "input"})
    found = [(one.event_name, one.value, one.rows) for one in aggregate(source, start=NOVEMBER, end=DECEMBER)]
    assert found == [("cached", 5, 1), ("tokens", 2, 2)]


def test_a_window_that_is_cut(tmp_path: Path) -> None:
    parquet(tmp_path / "rows.parquet", [row("a", 0)], TYPES)
    for start, end in ((NOVEMBER + 1, DECEMBER), (NOVEMBER, NOVEMBER), (NOVEMBER, NOVEMBER + HOUR + 60)):
        with pytest.raises(ValueError, match="is no number of whole hours, UTC"):
            next(aggregate(described(tmp_path), start=start, end=end))
