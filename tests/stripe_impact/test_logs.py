"""A month of logs instead of what Stripe counted in the present period."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from stripe_impact.errors import ImpactError
from stripe_impact.reading import logs
from stripe_impact.reading.usage_file import Row
from tests.stripe_impact.command import refused, run
from tests.stripe_impact.previews import METER, PRICE, Change, text
from tests.stripe_sources.describing import comma_separated, written

pytest.importorskip("ibis", reason="the extra scale is not installed: pip install 'pulumi-stripe-billing[scale]'")

CHANGE = text(
    Change("replace", "Price", "tokens", "price_old", PRICE, {**PRICE, "unit_amount": 5, "existing_subscriptions": "migrate"}),
    Change("same", "Meter", "m", "mtr_1", METER, METER),
    streaming=True,
)
NOW = datetime(2026, 12, 15, 12, tzinfo=UTC)


def source(folder: Path) -> str:
    rows = [
        ("1", "cus_1", "2026-11-01T00:00:00Z", 3000),
        ("2", "cus_1", "2026-11-30T23:59:59Z", 25),
        ("2", "cus_1", "2026-12-01T00:00:01Z", 25),
        ("3", "cus_2", "2026-11-15T00:00:00Z", 100),
        ("4", "", "2026-11-15T00:00:00Z", 7),
        ("5", "cus_1", "2026-12-01T00:00:00Z", 50),
        ("6", "cus_1", "2026-10-31T23:59:59Z", 99),
    ]
    comma_separated(folder / "rows.csv", [dict(zip(("id", "customer", "at", "tokens"), row, strict=True)) for row in rows])
    return str(written(folder, rows={"files": "rows.csv"}, meters={METER["event_name"]: "tokens"}))


def test_a_month(tmp_path: Path) -> None:
    """By default the last one that is over."""
    path = source(tmp_path)
    expected = [
        Row(f"{METER['event_name']} of {c}", c, "event_name", METER["event_name"], Decimal(v))
        for c, v in (("cus_1", 3025), ("cus_2", 100))
    ]
    found, problems = logs.rows(path, None, NOW)
    assert found == expected
    assert [problem.partition(": ")[2].partition(";")[0] for problem in problems] == ["customer: 1 of 4 rows have no customer"]
    assert logs.rows(path, "2026-11", NOW)[0] == expected
    assert [row.value for row in logs.rows(path, "2026-12", NOW)[0]] == [50]
    for month, said in (("2026-09", "has no usage in 2026-09"), ("November", "--month is 'November', which is no month")):
        with pytest.raises(ImpactError, match=said):
            logs.rows(path, month, NOW)


def test_the_command(tmp_path: Path) -> None:
    report = json.loads(run(tmp_path, CHANGE, "--source", source(tmp_path), "--month", "2026-11", "--format", "json").stdout)
    assert {b["customer"]: (b["before"], b["after"]) for b in report["bills"]} == {"cus_1": (124, 155), "cus_2": (4, 5)}
    assert "Not in the figures: " in json.dumps(report)
    assert "1 of 4 rows have no customer" in json.dumps(report)


def test_what_is_refused(tmp_path: Path) -> None:
    path = source(tmp_path)
    assert "--month says which logs of --source count" in refused(run(tmp_path, CHANGE, "--month", "2026-11"))
    written(tmp_path, window="minute")
    assert "window: 'minute' is not one of ['hour', 'day']" in refused(run(tmp_path, CHANGE, "--source", path))
