"""`usage ledger` and `usage reconcile --ledger`: what was billed, from the rows to the invoice, and months that are closed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.stripe_usage.running import Usage
from tests.stripe_usage.test_reconcile import price, subscribe

from .logs import DAY, HOUR, Logs


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
    assert "the ledger: 3 rows, 37 in all: 37 sent for this time" in ran.out
    assert "sent with times in it: 37; Stripe counted: 37" in ran.out
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
    agrees = {"rows": 1, "value": "40", "billed": "40", "difference": "", "read": None, "changed": ""}
    assert found[b]["rows"] == agrees
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


def test_an_invoice_is_explained_down_to_the_rows_and_sums_agree_on_every_level(usage: Usage, logs: Logs) -> None:
    a, b = usage.customers(2)
    for customer in (a, b):
        subscribe(usage, customer, price(usage, unit_amount=10))
    usage.server.clock(advance=4 * HOUR)
    begun = usage.server.clock()
    logs.late("carry")
    for customer, value in ((a, 40), (a, "0.5"), (b, 7)):
        logs.used(customer, value, 2 * HOUR)
    other = logs.used(a, 9, HOUR)
    assert logs.send()["code"] == 0
    logs.used(a, -3, usage.server.clock() - other)
    assert logs.send()["code"] == 0
    usage.server.clock(advance=32 * DAY)
    (first,) = [i.id for i in usage.stripe.v1.invoices.list({"customer": a}).data if i.total]
    early = begun - 2 * HOUR  # too late for the first invoice
    logs.used(a, 2, usage.server.clock() - early)
    logs.used(a, 100, 2 * HOUR)
    assert logs.send("--from", str(early - early % DAY))["carried"] == 1
    usage.server.clock(advance=31 * DAY)
    (second,) = [i.id for i in usage.stripe.v1.invoices.list({"customer": a}).data if i.total and i.id != first]

    ran = usage.run("ledger", "explain", first, "--rows", logs.file)
    assert ran.code == 0, ran.out + ran.err
    said = [line.strip() for line in ran.out.splitlines()]
    assert said[:4] == [
        f"{a}, {first}, tokens",
        "the source, read now: 5 rows, 48.5 in all",
        "the ledger: 5 rows, 48.5 in all: 46.5 sent for this time, 2 carried into a later one",
        "sent with times in it: 46.5; Stripe counted: 46.5",
    ]
    assert said[4].startswith(f"invoice {first}, ")
    assert said[4].endswith(": 46.5 billed, 46.5 sent")
    assert [line.partition("  ")[2] for line in said if " of logs" in line] == ["42.5 of 3 rows of logs", "6 of 2 rows of logs"]
    revisions = [line.split(",")[0] for line in said if line.startswith("revision")]
    assert revisions == ["revision 1: usage 40.5", "revision 2: carry 2", "revision 1: usage 9", "revision 2: usage -3"]

    ran = usage.run("ledger", "explain", second, "--rows", logs.file)
    assert ran.code == 0, ran.out + ran.err
    said = [line.strip() for line in ran.out.splitlines()]
    assert said[1:4] == [
        "the source, read now: 1 row, 100 in all",
        "the ledger: 1 row, 100 in all: 100 sent for this time",
        "sent with times in it: 102, with 2 carried from an earlier one; Stripe counted: 102",
    ]
    assert said[4].endswith(": 102 billed, 102 sent")
    assert "revision 2: carry 2, at " in said[-1]

    logs.used(a, 1, usage.server.clock() - begun + HOUR)
    ran = usage.run("ledger", "explain", first, "--rows", logs.file)
    assert ran.code == 3
    assert "source: 49.5 in 6 rows now, and 48.5 in 5 when aggregate read them; run it again" in ran.out
    assert "6 of 2 rows of logs; now 7 of 3 rows" in ran.out
    for wrong in ((first, "--month", "2026-11"), (a,)):
        assert "give an invoice's id alone, or a customer's with --month" in usage.run("ledger", "explain", *wrong).err
    assert 'there is no invoice "in_none"' in usage.run("ledger", "explain", "in_none").err


def test_what_is_written_down_for_a_credit_is_a_part_of_the_sum(usage: Usage, logs: Logs) -> None:
    (a,) = usage.customers(1)
    subscribe(usage, a, price(usage, unit_amount=10))
    usage.server.clock(advance=3 * HOUR)
    logs.late("credit")
    start = logs.used(a, 40, HOUR)
    assert logs.send()["code"] == 0
    usage.server.clock(advance=32 * DAY)
    ago = usage.server.clock() - start
    logs.used(a, -10, ago)
    assert logs.send("--from", str(start))["credited"] == 1
    ran = usage.run("ledger", "explain", a, "--month", month_of(start))
    assert "the ledger: 2 rows, 30 in all: 40 sent for this time, -10 written down for a credit" in ran.out
    assert "revision 2: credit -10, noted" in ran.out
    logs.used(a, 4, ago)
    assert logs.send("--from", str(start))["held"] == 1
    ran = usage.run("ledger", "explain", a, "--month", month_of(start))
    assert "34 in all: 40 sent for this time, -10 written down for a credit, 4 not billed" in ran.out


def test_reconciling_reads_the_rows_again_and_names_what_changed_since(usage: Usage, logs: Logs) -> None:
    a, b = usage.customers(2)
    for customer in (a, b):
        logs.used(customer, 40, 3 * HOUR)
    assert logs.send()["code"] == 0
    usage.server.clock(advance=2 * HOUR)
    found = reconciled(usage, "--rows", logs.file, "--no-invoices")
    assert {one["verdict"] for one in found.values()} == {"equal"}
    assert found[a]["rows"]["read"] == {"rows": 1, "value": "40", "newer": 0}
    logs.used(a, "0.25", 5 * HOUR)
    logs.used(b, 9, HOUR)  # of an hour that aggregate never saw: nothing is wrong yet
    found = reconciled(usage, "--rows", logs.file, "--no-invoices")
    assert {customer: one["verdict"] for customer, one in found.items()} == {a: "differs", b: "equal"}
    assert found[a]["said"] == ["source: 40.25 in 2 rows now, and 40 in 1 when aggregate read them; run it again"]
    assert found[b]["said"] == ["source: 1 rows of later windows, which aggregate has not read yet"]
    ran = usage.run("reconcile", "--event-name", "tokens", "--ledger", "--settle", "0", "--rows", logs.file, "--no-invoices")
    assert (ran.code, ran.out.splitlines()[2].split()) == (3, ["customer", "source", "rows", "sent", "summaries"])
    assert logs.send()["code"] == 0
    assert {one["verdict"] for one in reconciled(usage, "--rows", logs.file, "--no-invoices").values()} == {"equal"}
    assert "give --ledger as well" in usage.run("reconcile", "--event-name", "tokens", "--rows", logs.file).err
    other = Logs(usage, name="other")
    refused = usage.run("reconcile", "--event-name", "tokens", "--ledger", "--rows", other.file)
    assert (refused.code, "has nothing of other on this meter" in refused.err) == (1, True)
