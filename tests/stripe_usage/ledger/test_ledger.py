"""`usage ledger` and `usage reconcile --ledger`: what was billed, from the rows to the invoice, and months that are closed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.stripe_usage.running import Usage
from tests.stripe_usage.test_reconcile import price, subscribe

from .logs import DAY, HOUR, Logs


@pytest.fixture
def logs(usage: Usage) -> Logs:
    return Logs(usage)


def month_of(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m")


def month_end(usage: Usage) -> int:
    """The beginning of the next month."""
    now = datetime.fromtimestamp(usage.server.clock(), UTC)
    return int(datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=UTC).timestamp())


def reconciled(usage: Usage, *arguments: str) -> dict[str, Any]:
    ran = usage.run("reconcile", "--event-name", "tokens", "--ledger", "--settle", "0", "--format", "json", *arguments)
    assert ran.out, ran.err
    return {one["customer"]: one for one in json.loads(ran.out)["customers"]}


def test_a_closed_month_does_not_move_and_what_comes_later_is_listed(usage: Usage, logs: Logs) -> None:
    (a,) = usage.customers(1)
    usage.server.clock(advance=month_end(usage) - usage.server.clock() + DAY)
    start = logs.used(a, 100, 3 * HOUR)
    month = month_of(start)
    assert logs.send()["code"] == 0
    assert f"{month} is not over" in usage.run("ledger", "close", month, "--source", "logs").err
    usage.server.clock(advance=month_end(usage) - usage.server.clock() + 60)
    ago = usage.server.clock() - start
    logs.used(a, 1, ago)
    assert logs.send("--to", str(start - start % DAY))["events"] == 0
    assert usage.run("ledger", "close", month, "--source", "other").code == 1
    assert usage.run("ledger", "close", month, "--source", "logs").code == 0
    before, exported = logs.counted(), usage.run("ledger", "export", "--month", month).out
    found = logs.send()
    assert (found["code"], found["events"], found["held"]) == (3, 0, 1)
    assert found["held_first"][0]["why"] == f"{month} is closed"
    assert logs.counted() == before
    after = json.loads(usage.run("ledger", "export", "--month", month).out)
    assert after["revisions"] == json.loads(exported)["revisions"]
    assert (after["value"], after["billed"], after["not_billed_because"]) == ("101", "100", f"{month} is closed")
    shown = usage.run("ledger", "show")
    assert shown.code == 3
    assert ["logs", "tokens", month, "1", "2", "101", "100", "+1", "closed"] in [line.split() for line in shown.out.splitlines()]


def test_a_month_with_windows_that_wait_is_not_closed(usage: Usage, logs: Logs) -> None:
    (a,) = usage.customers(1)
    start = logs.used(a, 100, 3 * HOUR)
    assert logs.send()["code"] == 0
    logs.used(a, 5, 3 * HOUR)
    logs.usage.server.http(
        "POST", "/_local/faults", json={"match": {"path": "/v1/billing/meter_events"}, "status": 401}, key=None
    )
    assert logs.aggregate("--send").code == 1
    usage.server.clock(advance=month_end(usage) - usage.server.clock() + 60)
    refused = usage.run("ledger", "close", month_of(start), "--source", "logs")
    assert refused.code == 1
    assert "tokens: 1 windows wait to be sent; run aggregate --send first" in refused.err


def test_a_month_is_explained_from_the_invoice_down_to_the_rows(usage: Usage, logs: Logs) -> None:
    a, b = usage.customers(2)
    for customer in (a, b):
        subscribe(usage, customer, price(usage, unit_amount=10))
    usage.server.clock(advance=4 * HOUR)
    start = logs.used(a, 40, 2 * HOUR)
    logs.used(a, 2, 2 * HOUR)
    logs.used(b, 9, 2 * HOUR)
    assert logs.send()["code"] == 0
    logs.used(a, -5, 2 * HOUR)
    assert logs.send()["code"] == 0
    usage.server.clock(advance=HOUR)
    ran = usage.run("ledger", "explain", a, "--month", month_of(start))
    assert ran.code == 0, ran.out + ran.err
    assert "rows: 3, which come to 37; billed, or written down: 37" in ran.out
    assert "sent with times in the month: 37; Stripe counted: 37" in ran.out
    assert "37 billed, 37 sent" in ran.out
    assert "37 of 3 rows of logs" in ran.out
    assert "revision 1: usage 42, accepted" in ran.out
    assert "revision 2: usage -5, accepted" in ran.out
    assert b not in ran.out
    assert usage.run("ledger", "explain", "cus_nobody", "--month", month_of(start)).code == 1


def test_reconciling_names_the_step_at_which_figures_part(usage: Usage, logs: Logs) -> None:
    a, b, c = usage.customers(3)
    metered = price(usage, unit_amount=10)
    for customer in (a, b, c):
        subscribe(usage, customer, metered)
    usage.server.clock(advance=4 * HOUR)
    for customer in (a, b, c):
        start = logs.used(customer, 40, 2 * HOUR)
    assert logs.send()["code"] == 0
    foreign: Any = {"event_name": "tokens", "payload": {"stripe_customer_id": b, "value": "9"}, "timestamp": start}
    usage.stripe.v1.billing.meter_events.create(foreign)
    usage.server.clock(advance=HOUR)
    found = reconciled(usage)
    assert {customer: one["verdict"] for customer, one in found.items()} == {a: "equal", b: "differs", c: "equal"}
    assert found[b]["rows"] == {"rows": 1, "value": "40", "billed": "40", "difference": ""}
    assert (found[b]["summaries"]["sent"], found[b]["summaries"]["stripe"]) == ("40", "49")
    usage.server.clock(advance=32 * DAY)
    logs.used(c, 3, 32 * DAY + 3 * HOUR)
    assert logs.send("--from", str(start))["held"] == 1
    found = reconciled(usage, "--customer", c)[c]
    assert found["verdict"] == "differs"
    (said,) = found["said"]
    assert said.startswith("rows: 3 more than was billed: invoice in_")
    assert said.endswith(" is final (1)")
    assert [(bill["sent"], bill["stripe"]) for bill in found["invoices"] if bill["invoice"]] == [("40", "40")]
    table = usage.run("reconcile", "--event-name", "tokens", "--ledger", "--settle", "0", "--customer", c).out
    assert [c, "43", "40", "40", "40", "40", "differs"] in [line.split() for line in table.splitlines()]
