"""`usage summary`: what customers used, over which period, and in which form."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from decimal import Decimal
from typing import Any

import pytest

from .running import DAY, Usage

HOUR = 3600


@pytest.fixture
def noon(usage: Usage) -> int:
    """The clock stands (almost) still at noon of a day."""
    noon = usage.now - usage.now % DAY + DAY // 2
    usage.now = usage.server.clock(set=noon)
    return noon


def send(usage: Usage, customer: str, values: dict[int, Any], event_name: str = "tokens") -> None:
    for ago, value in values.items():
        payload = {"stripe_customer_id": customer, "value": str(value)}
        event: Any = {"event_name": event_name, "payload": payload, "timestamp": usage.now - ago}
        usage.stripe.v1.billing.meter_events.create(event)


def summary(usage: Usage, *arguments: str) -> Any:
    return usage.run("summary", "--event-name", "tokens", *arguments)


def day(moment: int) -> str:
    from stripe_usage.asking.series import label

    return label(moment, "day")


def test_days_of_two_customers(usage: Usage, noon: int) -> None:
    a, b = usage.customers(2)
    send(usage, a, {10: 3000, 20: "25.5", 2 * DAY: 7})
    send(usage, b, {DAY: "-0.000000000000001"})
    ran = summary(usage, "--customer", a, "--customer", b)
    assert ran.code == 0, ran.err
    rows = [line.split() for line in ran.out.splitlines()]
    assert ["day", a, b] in rows
    assert [day(noon - 2 * DAY), "7"] in rows
    assert [day(noon), "3,025.5"] in rows
    assert ["total", "3,032.5", "-0.000000000000001"] in rows
    assert "Asked at " in ran.out
    assert "the newest may be missing" in ran.out
    end = noon + DAY // 2
    (asked,) = [r["parameters"] for r in usage.server.requests() if "event_summaries" in r["path"]][:1]
    assert (asked["start_time"], asked["end_time"]) == (str(end - 30 * DAY), str(end))


def test_every_format_says_the_same(usage: Usage, noon: int) -> None:
    (customer,) = usage.customers(1)
    send(usage, customer, {10: 10**15 - 1, 20: 10**15 - 1, 2 * HOUR: "0.25"})
    options = ("--customer", customer, "--by", "hour")
    as_csv = summary(usage, *options, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(as_csv.out)))
    assert [Decimal(row["value"]) for row in rows] == [Decimal("0.25"), 2 * 10**15 - 2], "15 digits twice are exact"
    assert "the newest may be missing" in as_csv.err
    told = json.loads(summary(usage, *options, "--format", "json").out)
    (found,) = told["customers"]
    assert found["total"] == "1999999999999998.25"
    assert [(w["start"], w["value"]) for w in found["windows"]] == [(row["start"], row["value"]) for row in rows]
    assert (told["by"], told["formula"], told["newest_events_may_be_missing"]) == ("hour", "sum", True)
    chart = summary(usage, *options, "--format", "chart").out
    bars = [line for line in chart.splitlines() if ":00" in line and "T" not in line]
    assert len(bars) == 48
    assert [line.split()[-1] for line in bars if "█" in line] == ["1,999,999,999,999,998"]
    picture = ET.fromstring(summary(usage, *options, "--format", "svg").out)
    svg = "{http://www.w3.org/2000/svg}"
    assert len(picture.findall(f"{svg}rect")) == 49, "48 bars on a ground"
    texts = [text.text or "" for text in picture.findall(f"{svg}text")]
    assert any("1,999,999,999,999,998.25 in all" in text for text in texts)
    assert max(map(len, texts)) <= 88, "nothing is cut at the edge"
    total = summary(usage, "--customer", customer, "--by", "total").out
    assert [customer, "1,999,999,999,999,998.25"] in [line.split() for line in total.splitlines()]


def test_more_windows_than_fit_in_an_answer(usage: Usage, noon: int) -> None:
    (customer,) = usage.customers(1)
    send(usage, customer, {n * HOUR: n + 1 for n in range(130)})
    begin = str(noon - 130 * HOUR)
    ran = summary(usage, "--customer", customer, "--by", "hour", "--from", begin, "--format", "json")
    (found,) = json.loads(ran.out)["customers"]
    assert (len(found["windows"]), found["total"]) == (130, str(sum(range(131))))
    assert len([r for r in usage.server.requests() if "event_summaries" in r["path"]]) == 2


def test_a_meter_of_the_last_value(usage: Usage, noon: int) -> None:
    last: Any = {"display_name": "Seats", "event_name": "seats", "default_aggregation": {"formula": "last"}}
    usage.stripe.v1.billing.meters.create(last)
    (customer,) = usage.customers(1)
    send(usage, customer, {3 * DAY: 5, 2 * DAY: 8, 2 * DAY + 60: 7}, "seats")
    ran = usage.run("summary", "--event-name", "seats", "--customer", customer, "--format", "json")
    (found,) = json.loads(ran.out)["customers"]
    assert (found["total"], [w["value"] for w in found["windows"]]) == ("8", ["5", "8"])
    chart = usage.run("summary", "--event-name", "seats", "--customer", customer, "--format", "chart").out
    assert [line.split()[-1] for line in chart.splitlines() if line.startswith(day(noon - DAY))] == ["8"], "it lasts"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--from", "2026-11-01T00:30:00Z", "--to", "2026-11-03T12:00:00Z"),
            [
                "--from: 2026-11-01T00:30:00Z is not the beginning of a day, and with --by day Stripe sums up whole days in UTC; "
                "give 2026-11-01T00:00:00Z or 2026-11-02T00:00:00Z",
                "--to: 2026-11-03T12:00:00Z is not the beginning of a day",
            ],
        ),
        (
            ("--by", "hour", "--from", "2026-11-01T00:30:00Z"),
            ["is not the beginning of an hour", "give 2026-11-01T00:00:00Z or 2026-11-01T01:00:00Z"],
        ),
        (
            ("--by", "total", "--to", "1793491230"),
            ["--to: 2026-11-01T00:00:30Z is not the beginning of a minute, and Stripe sums up whole minutes; give"],
        ),
        (("--from", "2026-11-02", "--to", "2026-11-02"), ["--to: 2026-11-02T00:00:00Z is not after --from"]),
        (("--from", "yesterday", "--to", "2026-02-30"), ["--from: ", "give a date", "--to: ", "is not a time that exists"]),
    ],
)
def test_a_period_that_stripe_does_not_take_is_refused_before_any_request(
    usage: Usage, options: tuple[str, ...], said: list[str]
) -> None:
    usage.server.forget_requests()
    ran = summary(usage, "--customer", "cus_1", *options)
    assert ran.code == 1
    for part in said:
        assert part in ran.err
    assert usage.server.requests() == []


def test_who_is_not_there(usage: Usage) -> None:
    assert 'there is no customer "cus_none" in this account' in summary(usage, "--customer", "cus_none").err
    assert "whose usage?" in summary(usage).err
    assert "is not after --from" in summary(usage, "--customer", "c", "--from", "2100-01-01").err


def test_what_is_left_after_the_meter_went(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    send(usage, customer, {10: 3})
    usage.stripe.v1.billing.meters.deactivate(usage.meter.id)
    (usage.folder / "outputs.json").write_text(json.dumps({"meter_id": usage.meter.id, "customer_id": customer}))
    ran = usage.run("summary", "--outputs", "outputs.json")
    assert (ran.code, ran.out.splitlines()[-3].split()) == (0, ["total", "3"])
