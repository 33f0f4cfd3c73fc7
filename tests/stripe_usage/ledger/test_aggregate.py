"""`usage aggregate`: what the rows of a source come to is what Stripe counts, once, however often and late they change."""

from __future__ import annotations

import stat
import subprocess
import time
from typing import Any

import pytest

from tests.stripe_usage.running import Usage
from tests.stripe_usage.test_reconcile import price, subscribe

from .logs import DAY, HOUR, Logs

SUMS: Any = {"display_name": "Tokens", "default_aggregation": {"formula": "sum"}}
EVENTS, STREAM = "/v1/billing/meter_events", "/v2/billing/meter_event_stream"


BOTH = pytest.mark.parametrize("logs", ["file", "postgres"], indirect=True)
MOSTLY_A_FILE = pytest.mark.parametrize("logs", ["file", pytest.param("postgres", marks=pytest.mark.thorough)], indirect=True)


def fault(usage: Usage, **what: Any) -> None:
    assert usage.server.http("POST", "/_local/faults", json=what, key=None).status_code == 200


def settled(usage: Usage) -> None:
    """The hour is over, after which windows are complete, and summaries prove something."""
    usage.server.clock(advance=HOUR + 60)


def test_a_dry_run_shows_what_would_be_sent_and_keeps_nothing(usage: Usage, logs: Logs) -> None:
    a, b = usage.customers(2)
    logs.used(a, 100, 3 * HOUR)
    logs.used(a, 20, 2 * HOUR)
    logs.used(b, "0.5", 3 * HOUR)
    ran = logs.aggregate()
    assert ran.code == 0, ran.err
    assert "3 windows (by the day there would be " in ran.out
    assert "3 events would be sent for 2 customers, +120.5 units; takes 0 s" in ran.out
    assert f"{a} " in ran.out.partition("units")[2].splitlines()[1], "the largest change comes first"
    assert "Nothing was sent" in ran.out
    by_day = Logs(usage, "day", "days")
    by_day.used(a, 1, 2 * DAY)
    by_day.used(a, 1, 2 * DAY + HOUR)
    assert "(by the hour there would be 2)" in by_day.aggregate().out
    assert logs.counted() == {}
    assert not (usage.folder / ".local" / "usage" / "ledger.db").exists()


@BOTH
def test_rows_count_once_and_late_or_corrected_ones_as_revisions(usage: Usage, logs: Logs) -> None:
    a, b = usage.customers(2)
    first = logs.used(a, 100, 3 * HOUR)
    logs.used(b, "0.25", 3 * HOUR)
    assert logs.send()["events"] == 2
    assert logs.counted() == logs.is_due()
    assert logs.send()["events"] == 0
    logs.used(a, 7, 3 * HOUR)
    logs.used(b, "-0.75", 3 * HOUR)
    logs.used(b, 4, 2 * HOUR)
    again = logs.send()
    assert (again["events"], again["units"], again["changed"], again["new"]) == (3, "10.25", 2, 1)
    assert logs.counted() == logs.is_due()
    assert logs.used(a, -107, usage.server.clock() - first) == first
    assert logs.send()["code"] == 0
    assert logs.counted() == logs.is_due()
    revisions = logs.read(
        f"SELECT e.revision, e.value, e.state FROM entries e JOIN windows w ON w.id = e.\"window\" WHERE customer = '{a}'"
    )
    assert revisions == [(1, "100", "accepted"), (2, "7", "accepted"), (3, "-107", "accepted")]


def test_the_hour_that_is_not_over_waits(usage: Usage, logs: Logs) -> None:
    (a,) = usage.customers(1)
    logs.used(a, 5, 0)
    assert logs.aggregate("--send").out.count("There are no rows") == 1
    settled(usage)
    assert logs.send()["events"] == 1
    assert logs.counted() == logs.is_due()


def test_on_a_meter_with_a_window_a_revision_overwrites(usage: Usage) -> None:
    usage.stripe.v1.billing.meters.deactivate(usage.meter.id)
    usage.meter = usage.stripe.v1.billing.meters.create({**SUMS, "event_name": "tokens", "event_time_window": "hour"})
    logs = Logs(usage)
    (a,) = usage.customers(1)
    logs.used(a, 100, 3 * HOUR)
    assert logs.send()["events"] == 1
    logs.used(a, -30, 3 * HOUR)
    assert logs.send()["units"] == "-30"
    assert logs.counted() == logs.is_due()
    assert logs.read("SELECT value FROM entries ORDER BY number") == [("100",), ("70",)]


def test_windows_that_the_meter_would_count_wrongly_are_refused(usage: Usage) -> None:
    usage.stripe.v1.billing.meters.deactivate(usage.meter.id)
    usage.meter = usage.stripe.v1.billing.meters.create({**SUMS, "event_name": "tokens", "event_time_window": "day"})
    (a,) = usage.customers(1)
    hourly, daily, other = Logs(usage), Logs(usage, "day", "days"), Logs(usage, "day", "others")
    for logs in (hourly, daily, other):
        logs.used(a, 1, 2 * DAY)
    refused = hourly.aggregate("--send")
    assert refused.code == 1
    assert "of several events in one day it counts the last one; set the source's window to it" in refused.err
    assert daily.aggregate("--send").code == 0
    assert "days is billed by it too" in other.aggregate("--send").err
    counts: Any = {"display_name": "Calls", "event_name": "tokens", "default_aggregation": {"formula": "count"}}
    usage.stripe.v1.billing.meters.deactivate(usage.meter.id)
    usage.stripe.v1.billing.meters.create(counts)
    assert "declare a meter of the formula sum" in hourly.aggregate("--send").err


def test_another_window_for_the_same_rows_is_refused(usage: Usage, logs: Logs) -> None:
    (a,) = usage.customers(1)
    logs.used(a, 1, 2 * DAY)
    assert logs.aggregate("--send").code == 0
    again = Logs(usage, "day")
    again.used(a, 1, 2 * DAY)
    refused = again.aggregate("--send")
    assert refused.code == 1
    assert "has it by the hour, and by the day its rows would be billed twice" in refused.err


@MOSTLY_A_FILE
def test_a_window_without_rows_is_reported_and_taken_back_only_if_told_to(usage: Usage, logs: Logs) -> None:
    a, b = usage.customers(2)
    for customer in (a, b):
        logs.used(customer, 5, 3 * HOUR)
    assert logs.send()["code"] == 0
    before = logs.counted()
    logs.forget(b)
    reported = logs.send()
    assert (reported["code"], reported["gone"], reported["held"], reported["events"]) == (3, 1, 1, 0)
    assert reported["held_first"][0]["why"] == "none of its rows is left; --gone takes it back"
    assert logs.counted() == before
    assert logs.send("--gone")["code"] == 0
    assert logs.counted() == logs.is_due()


@BOTH
def test_a_customer_that_stripe_does_not_know_stops_nobody_else(usage: Usage, logs: Logs) -> None:
    (a,) = usage.customers(1)
    logs.used("cus_nobody", 3, 3 * HOUR)
    logs.used(a, 5, 3 * HOUR)
    found = logs.send()
    assert (found["code"], found["events"], found["units"], found["held"]) == (3, 1, "5", 1)
    assert (found["customers"], [one["customer"] for one in found["largest"]]) == (1, [a])
    assert found["held_first"][0]["why"] == "Stripe does not have this customer"
    usage.stripe.v1.customers.create({})
    assert logs.send()["held"] == 1, "it is tried again each time, as the customer may have been made since"


@MOSTLY_A_FILE
def test_lost_answers_count_once(usage: Usage, logs: Logs) -> None:
    customers = usage.customers(4)
    for customer in customers:
        logs.used(customer, 5, 3 * HOUR)
        logs.used(customer, 6, 2 * HOUR)
    fault(usage, match={"path": EVENTS, "first_attempt": True}, probability=0.5, seed=3, lose_connection="after_work")
    assert logs.send()["events"] == 8
    assert logs.counted() == logs.is_due()


def test_the_stream_takes_a_hundred_events_a_request_and_drops_none_of_them_silently(usage: Usage, logs: Logs) -> None:
    customers = usage.customers(3)
    for customer in (*customers, "cus_nobody"):
        for hours in range(3, 43):
            logs.used(customer, hours, hours * HOUR)
    tried = logs.told("--stream")
    assert (tried["events"], tried["held"]) == (120, 40)
    fault(usage, match={"path": STREAM, "first_attempt": True}, lose_connection="after_work")
    found = logs.send("--stream")
    assert (found["code"], found["events"], found["held"]) == (3, 120, 40)
    assert found["held_first"][0]["why"] == "Stripe does not have this customer"
    assert logs.counted() == {key: value for key, value in logs.is_due().items() if key[0] != "cus_nobody"}
    asked = [r["path"] for r in usage.server.http("GET", "/_local/requests", key=None).json()["requests"]]
    assert 1 < asked.count(STREAM) <= 6
    assert EVENTS not in asked
    logs.forget("cus_nobody")
    logs.used(customers[0], -1, 5 * HOUR)
    assert logs.send("--stream")["events"] == 1, "one by one or in a stream, it is the same ledger"
    assert logs.counted() == logs.is_due()


@pytest.mark.thorough
def test_a_revision_without_an_answer_is_not_sent_again_to_a_stream_that_drops_it(usage: Usage, logs: Logs) -> None:
    (a,) = usage.customers(1)
    start = logs.used(a, 5, 3 * HOUR)
    killed_while_sending(usage, logs, arrives=False)
    usage.stripe.v1.customers.delete(a)
    found = logs.send("--stream")
    assert (found["code"], found["unanswered"]) == (3, 1)
    usage.server.clock(advance=2 * HOUR)
    found = logs.send("--stream")
    assert found["unanswered"] == 0 or "decide with ledger settle" in found["said"][0], found
    assert logs.counted() == {}
    assert start


@pytest.mark.thorough
def test_a_customer_that_is_gone_stops_nobody_else_after_a_crash(usage: Usage, logs: Logs) -> None:
    a, b = usage.customers(2)
    logs.used(a, 3, 3 * HOUR)
    killed_while_sending(usage, logs, arrives=False)
    usage.stripe.v1.customers.delete(a)
    logs.used(b, 5, 3 * HOUR)
    found = logs.send()
    assert (found["code"], found["unanswered"]) == (3, 1)
    usage.server.clock(advance=25 * HOUR)
    found = logs.send()
    assert f'there is no customer "{a}" in this account; decide with ledger settle' in found["said"][0]
    assert logs.counted() == {key: value for key, value in logs.is_due().items() if key[0] == b}


@pytest.mark.thorough
@pytest.mark.parametrize("arrives", [True, False], ids=["counted", "never arrived"])
@pytest.mark.parametrize("hours", [1, 30])
@BOTH
def test_a_revision_without_an_answer_is_settled_before_another_is_made(
    usage: Usage, logs: Logs, arrives: bool, hours: int
) -> None:
    (a,) = usage.customers(1)
    logs.used(a, 5, 3 * HOUR)
    killed_while_sending(usage, logs, arrives=arrives)
    logs.used(a, 2, 3 * HOUR)
    usage.server.clock(advance=hours * HOUR)
    assert logs.send()["code"] == 0
    assert logs.counted() == logs.is_due()
    states = [state for (state,) in logs.read("SELECT state FROM entries ORDER BY revision")]
    assert states == (["lost", "accepted"] if hours > 24 and not arrives else ["accepted", "accepted"])


@pytest.mark.thorough
def test_summaries_are_believed_an_hour_after_the_last_attempt(usage: Usage, logs: Logs) -> None:
    (a,) = usage.customers(1)
    logs.used(a, 5, 3 * HOUR)
    killed_while_sending(usage, logs, arrives=False)
    usage.server.clock(advance=23 * HOUR - 600)
    usage.server.http("DELETE", "/_local/requests", key=None)
    killed_while_sending(usage, logs, arrives=True)
    usage.server.clock(advance=1200)
    found = logs.send()
    assert (found["code"], found["unanswered"]) == (3, 1)
    assert "will tell within an hour" in found["said"][0]
    usage.server.clock(advance=HOUR)
    assert logs.send()["code"] == 0
    assert logs.counted() == logs.is_due()


def killed_while_sending(usage: Usage, logs: Logs, *, arrives: bool) -> None:
    """A run that dies while its first event is with Stripe, which has it, or never gets it."""
    what = {"hold": "after_work"} if arrives else {"lose_connection": "before_work", "times": None}
    fault(usage, match={"path": EVENTS}, **what)
    process = logs.begin()
    until_sent(usage, process)
    process.kill()
    process.communicate()
    usage.server.http("DELETE", "/_local/faults", key=None)
    assert process.returncode < 0
    assert logs.read("SELECT state FROM entries") == [("sending",)]


def until_sent(usage: Usage, process: subprocess.Popen[str]) -> None:
    """Waits until an event is with Stripe."""
    while not any(
        request["path"] == EVENTS for request in usage.server.http("GET", "/_local/requests", key=None).json()["requests"]
    ):
        assert process.poll() is None, process.stdout and process.stdout.read()
        time.sleep(0.05)


@pytest.mark.thorough
def test_usage_of_somebody_else_leaves_a_revision_unsure_until_somebody_decides(usage: Usage, logs: Logs) -> None:
    (a,) = usage.customers(1)
    start = logs.used(a, 5, 3 * HOUR)
    killed_while_sending(usage, logs, arrives=True)
    foreign: Any = {"event_name": "tokens", "payload": {"stripe_customer_id": a, "value": "9"}, "timestamp": start + 60}
    usage.stripe.v1.billing.meter_events.create(foreign)
    usage.server.clock(advance=25 * HOUR)
    found = logs.send()
    assert (found["code"], found["unanswered"]) == (3, 1)
    assert "Stripe counted 14 then, and the ledger explains 0 without it and 5 with it" in found["said"][0]
    ((identifier,),) = logs.read("SELECT identifier FROM entries")
    assert usage.run("ledger", "settle", identifier, "--counted").code == 0
    assert logs.send()["code"] == 0
    assert logs.counted() == {(a, start): 14}
    assert "only what has no known answer can be settled" in usage.run("ledger", "settle", identifier, "--lost").err


def test_what_is_too_late_is_reported_carried_or_written_down_as_told(usage: Usage, logs: Logs) -> None:
    a, b = usage.customers(2)
    metered = price(usage, unit_amount=10)
    for customer in (a, b):
        subscribe(usage, customer, metered)
    usage.server.clock(advance=3 * HOUR)
    for customer in (a, b):
        logs.used(customer, 40, HOUR)
    assert logs.send()["code"] == 0
    usage.server.clock(advance=32 * DAY)
    billed = logs.counted()
    (invoice,) = [i for i in usage.stripe.v1.invoices.list({"customer": a}).data if i.total]
    assert invoice.status != "draft"
    logs.used(a, 3, 32 * DAY + HOUR)
    logs.used(b, -10, 32 * DAY + HOUR)
    late = logs.send()
    assert (late["code"], late["held"], late["events"]) == (3, 2, 0)
    assert {one["customer"]: one["why"] for one in late["held_first"]}[a] == f"invoice {invoice.id} is final"
    assert logs.counted() == billed
    logs.late("credit")
    noted = logs.send()
    assert (noted["code"], noted["credited"], noted["held"], noted["events"]) == (3, 1, 1, 0)
    assert logs.counted() == billed
    logs.late("carry")
    carried = logs.send()
    assert (carried["code"], carried["carried"], carried["events"], carried["units"]) == (0, 1, 1, "3")
    extra = {key: value for key, value in logs.counted().items() if key not in billed}
    assert list(extra.values()) == [3]
    assert logs.send()["events"] == 0
    logs.late("report")
    old = logs.used(a, 1, 40 * DAY)
    assert logs.send("--from", str(old))["held_first"][0]["why"] == "it began more than 35 days ago"


def test_what_comes_while_the_invoice_is_a_draft_is_on_it(usage: Usage, logs: Logs) -> None:
    (a,) = usage.customers(1)
    subscribe(usage, a, price(usage, unit_amount=10))
    usage.server.clock(advance=2 * HOUR)
    logs.used(a, 40, HOUR)
    assert logs.send()["code"] == 0
    ends = usage.stripe.v1.subscriptions.list({"customer": a}).data[0]["items"].data[0].current_period_end
    usage.server.clock(advance=ends - usage.server.clock() + 600)
    logs.used(a, 2, usage.server.clock() - ends + 3 * HOUR)
    assert logs.send()["code"] == 0
    usage.server.clock(advance=2 * HOUR)
    assert max(i.total for i in usage.stripe.v1.invoices.list({"customer": a}).data) == 420
    assert logs.send()["code"] == 0


@pytest.mark.thorough
@BOTH
def test_two_runs_at_once_one_waits(usage: Usage, logs: Logs) -> None:
    (a,) = usage.customers(1)
    logs.used(a, 5, 3 * HOUR)
    fault(usage, match={"path": EVENTS}, hold="before_work")
    first = logs.begin()
    until_sent(usage, first)
    second = logs.begin()
    assert second.stdout is not None
    assert "is in use: waiting for the other run to end" in second.stdout.readline()
    usage.server.http("DELETE", "/_local/faults", key=None)
    assert first.wait() == second.wait() == 0
    for process in (first, second):
        process.communicate()
    assert logs.counted() == logs.is_due()
    assert len(logs.read("SELECT * FROM entries")) == 1


def test_the_ledger_is_for_its_owner_alone_and_nothing_else_is_taken_for_one(usage: Usage, logs: Logs) -> None:
    (a,) = usage.customers(1)
    logs.used(a, 5, 3 * HOUR)
    assert logs.send()["code"] == 0
    folder = usage.folder / ".local" / "usage"
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    (usage.folder / "text").write_text("not a database, but some text that is long enough to be read as one" * 10)
    assert "give another --ledger if it is not one" in logs.aggregate("--send", "--ledger", "text").err
    assert "a ledger is a SQLite file, or in Postgres" in logs.aggregate("--send", "--ledger", "mysql://me:secret@db/ledger").err
