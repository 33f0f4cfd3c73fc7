"""`usage record` and `usage cancel`: one event, files, what is counted once and what twice, and what goes wrong on the way."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.stripe_local.server import LocalStripe

from .running import Usage


def events(server: LocalStripe) -> list[dict[str, Any]]:
    return [r["parameters"] for r in server.requests() if r["path"] == "/v1/billing/meter_events" and r["status"] == 200]


# One event


def test_one_event_and_its_cancellation(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    ran = usage.record("--customer", customer, "--value", "25")
    assert ran.code == 0, ran.err
    assert f"Recorded 25 for {customer}" in ran.out
    assert usage.used(customer) == 25
    identifier = ran.out.split()[-1]
    canceled = usage.run("cancel", "--event-name", "tokens", identifier)
    assert (canceled.code, canceled.out) == (0, f"Canceled {identifier}\n")
    assert usage.used(customer) == 0
    again = usage.record("--customer", customer, "--value", "25", "--identifier", identifier)
    assert "was canceled before; nothing was sent" in again.out


def test_the_same_identifier_counts_once(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    for _ in range(2):
        assert usage.record("--customer", customer, "--value", "0.1", "--identifier", "job-1").code == 0
    usage.checkpoint.unlink()
    assert usage.record("--customer", customer, "--value", "0.1", "--identifier", "job-1").code == 0, "Stripe knows it again"
    assert usage.used(customer) == Decimal("0.1")
    other = usage.record("--customer", customer, "--value", "0.2", "--identifier", "job-1")
    assert (other.code, "already names another event" in other.err) == (1, True)


def test_all_that_is_wrong_with_an_event_is_said_at_once(usage: Usage) -> None:
    ran = usage.record("--customer", "a b", "--value", "1,5", "--timestamp", "2020-01-01T00:00:00Z")
    assert ran.code == 1
    for part in ("--customer: ", "--value: ", "--timestamp: "):
        assert part in ran.err
    assert events(usage.server) == []


def test_what_cannot_be_canceled_is_said(usage: Usage) -> None:
    ran = usage.run("cancel", "--event-name", "tokens", "nothing", "neither")
    assert ran.code == 1
    assert "nothing: No event found" in ran.err
    assert "neither: No event found" in ran.err


# Files


@pytest.mark.parametrize("stream", [(), ("--stream",)])
def test_a_file_counts_once_and_equal_rows_count_twice(usage: Usage, stream: tuple[str, ...]) -> None:
    a, b = usage.customers(2)
    rows = [usage.row(a, 5), usage.row(b, 7), usage.row(a, 5), usage.row(a, "0.000000000000001", 200), usage.row(b, -2)]
    name = usage.file(rows)
    first = usage.record(name, *stream)
    assert first.code == 0, first.err
    assert "5 rows: 5 sent, 0 counted before, 0 rejected" in first.out
    assert "5 rows: 0 sent, 5 counted before" in usage.record(name, *stream).out
    # Reversed, with one more, and with the checkpoint lost: the identifiers are the same.
    usage.checkpoint.unlink()
    usage.file([usage.row(b, 1), *reversed(rows)])
    assert usage.record(name, *stream).code == 0
    assert usage.used(a) == Decimal("10.000000000000001")
    assert usage.used(b) == 6


def test_equal_rows_far_apart_and_close_together(usage: Usage) -> None:
    """Rows are looked up by the hundred: copies are found in what was written down, and in what was not yet."""
    a, b = usage.customers(2)
    other = [usage.row(b, n, n + 1, identifier=f"job-{n}") for n in range(700)]
    name = usage.file([usage.row(a, 5)] * 600 + other + [usage.row(a, 5), *other[:3], usage.row(b, 9, identifier="job-1")])
    ran = usage.record(name, "--stream")
    assert ran.code == 3, ran.err
    assert "1,305 rows: 1,301 sent, 3 counted before, 1 rejected" in ran.out
    assert 'line 1305: identifier: "job-1" already names another event, from line 602' in ran.out
    assert "0 sent, 1,304 counted before, 1 rejected" in usage.record(name, "--stream").out
    usage.checkpoint.unlink()
    usage.record(name, "--stream")
    assert (usage.used(a), usage.used(b)) == (601 * 5, sum(range(700)))


def test_csv_with_other_names_and_a_batch(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    text = f'who;tokens;model\r\n{customer};"3000";large\r\n{customer};12.5;small\r\n'
    (usage.folder / "day.csv").write_text(text)
    columns = ("--customer-column", "who", "--value-column", "tokens", "--delimiter", ";")
    without = usage.record("day.csv", *columns)
    assert without.code == 3
    assert "name the import with --batch" in without.out
    for _ in range(2):
        assert usage.record("day.csv", *columns, "--batch", "2026-11-24").code == 0
    assert usage.used(customer) == Decimal("3012.5")
    assert usage.record("day.csv", *columns, "--batch", "2026-11-25").code == 0
    assert usage.used(customer) == 6025
    wrong = usage.record("day.csv", "--delimiter", ";")
    assert (wrong.code, "the header has no customer and no value (it has who, tokens, model)" in wrong.err) == (1, True)


def test_events_of_a_customer_go_in_order(usage: Usage) -> None:
    customers = usage.customers(3)
    rows = [usage.row(c, n, 1000 - n) for n in range(20) for c in customers]
    assert usage.record(usage.file(rows)).code == 0
    sent = [(e["payload"]["stripe_customer_id"], int(e["payload"]["value"])) for e in events(usage.server)]
    for customer in customers:
        assert [value for who, value in sent if who == customer] == list(range(20))


def test_a_dry_run_sends_and_keeps_nothing(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    name = usage.file([usage.row(customer, 5), usage.row(customer, 5), usage.row("cus_none", 5)])
    ran = usage.record(name, "--dry-run")
    assert ran.code == 3
    assert "3 rows: 2 would be sent, 0 counted before, 1 rejected" in ran.out
    assert 'line 3: customer: "cus_none" is not a customer of this account' in ran.out
    assert {r["method"] for r in usage.server.requests() if r["path"] != "/v1/customers"} <= {"GET", "POST"}
    assert not usage.checkpoint.exists()
    assert events(usage.server) == []
    usage.record(name)
    assert "0 would be sent, 2 counted before" in usage.record(name, "--dry-run").out


@pytest.fixture
def slow(usage: Usage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Usage]:
    """With a Stripe that reports what it dropped when its clock is moved."""
    with LocalStripe(report_lag=1000) as server:
        monkeypatch.setenv("STRIPE_API_BASE", server.url)
        yield Usage(server, usage.folder, capsys)


def test_what_stripe_takes_and_drops_is_named_and_sent_again_once_it_is_right(slow: Usage) -> None:
    """Usage of an unknown customer is answered with 200, and reported later.

    https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api#handle-meter-event-errors
    """
    usage = slow
    customer, gone = usage.customers(2)
    usage.stripe.v1.customers.delete(gone)
    name = usage.file([usage.row("cus_later", 5), usage.row(customer, 1), usage.row(gone, 2)])
    ran = usage.record(name)
    assert (ran.code, "3 sent" in ran.out, "dropped" in ran.out) == (0, True, False), "nothing is reported yet"
    usage.server.clock(advance=1000)
    looked = usage.run("reconcile", "--event-name", "tokens", "--no-invoices")
    assert (
        f"Stripe dropped 2 events that it had taken:\n  {usage.folder / name}, line 1: No such customer: 'cus_later'"
        in looked.out
    )
    again = usage.record(name)
    assert (again.code, "0 sent, 3 counted before, 0 rejected" in again.out) == (3, True)
    assert "Stripe took 2 events and dropped them later" in again.out
    assert f"  {usage.folder / name}, line 3: No such customer: '{gone}'" in again.out
    assert "dropped" not in usage.record(name).out, "it is told once"
    usage.server.clock(advance=1000)
    one = usage.record("--customer", "cus_none", "--value", "1", "--identifier", "job", "--wait", "0.1")
    assert "Stripe took 2 events and dropped them later" in one.out
    usage.server.clock(advance=1000)
    last = usage.record("--customer", customer, "--value", "1")
    assert (last.code, "  job: No such customer: 'cus_none'" in last.out) == (3, True)
    assert usage.used(customer) == 2


def test_a_key_that_may_not_read_events_records_nevertheless(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    usage.server.fault(match={"path": "/v2/core/events"}, status=403, times=None)
    ran = usage.record("--customer", customer, "--value", "1")
    usage.server.clear_faults()
    assert (ran.code, "may not read events" in ran.out) == (0, True)


# On the way


@pytest.mark.parametrize("stream", [(), ("--stream",)])
def test_storms_lose_and_double_nothing(usage: Usage, stream: tuple[str, ...]) -> None:
    customers = usage.customers(4)
    rows = [usage.row(customers[n % 4], n, 5000 - n) for n in range(40)]
    path = "/v2/billing/meter_event_stream" if stream else "/v1/billing/meter_events"
    usage.server.fault(match={"path": path}, times=3, status=429, headers={"Retry-After": "0.1"})
    usage.server.fault(match={"path": path, "nth": 4}, times=2, lose_connection="after_work")
    usage.server.fault(match={"path": path, "nth": 6}, status=500, after_work=True)
    ran = usage.record(usage.file(rows), *stream)
    usage.server.clear_faults()
    assert ran.code == 0, ran.err
    assert "40 sent" in ran.out
    assert sum(usage.used(c) for c in customers) == sum(range(40))


def test_a_session_that_expires_is_renewed(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    body = {"error": {"type": "temporary_session_expired", "code": "billing_meter_event_session_expired", "message": "expired"}}
    usage.server.fault(match={"path": "/v2/billing/meter_event_stream"}, times=1, status=401, body=body)
    assert usage.record(usage.file([usage.row(customer, n, n + 1) for n in range(150)]), "--stream").code == 0
    asked = [r["path"] for r in usage.server.requests() if r["path"].startswith("/v2/")]
    assert asked.count("/v2/billing/meter_event_session") == 2
    assert usage.used(customer) == sum(range(150))


def test_the_wrong_key_ends_the_import_and_a_right_one_goes_on(usage: Usage, monkeypatch: pytest.MonkeyPatch) -> None:
    (customer,) = usage.customers(1)
    name = usage.file([usage.row(customer, 5)])
    body = {"error": {"type": "invalid_request_error", "message": "Expired API Key provided: sk_test_local"}}
    usage.server.fault(match={"path": "/v1/billing/meter_events"}, times=1, status=401, body=body)
    ran = usage.record(name)
    assert ran.code == 1
    assert "Stripe takes no events: Expired API Key provided: (the key)" in ran.err
    with sqlite3.connect(usage.checkpoint) as db:
        assert db.execute("SELECT state, sent_at FROM events").fetchall() == [("waiting", None)]
    db.close()
    assert "1 sent" in usage.record(name).out
    monkeypatch.setenv("STRIPE_API_KEY", "sk_live_secret")
    live = usage.record(name)
    assert live.code == 1
    assert "secret" not in live.err.replace("secret or restricted", "")


def test_an_answer_that_was_lost_a_day_ago_is_not_guessed(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    name = usage.file([usage.row(customer, 5)])
    assert usage.record(name).code == 0
    with sqlite3.connect(usage.checkpoint) as db:
        db.execute("UPDATE events SET state = 'sending', sent_at = sent_at - 90000")
    db.close()
    ran = usage.record(name)
    assert ran.code == 3
    assert "it may have been counted" in usage.rejected()[1]["problems"][0]
    assert "1 sent" in usage.record(name, "--resend-unsure").out


def test_an_answer_that_was_lost_twice_is_as_old_as_the_first_attempt(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    name = usage.file([usage.row(customer, 5)])
    events: dict[str, Any] = {"match": {"path": "/v1/billing/meter_events"}}
    for hours in (20, 5):
        usage.server.fault(**events, lose_connection="after_work")
        usage.server.fault(**events, status=401)  # the key is revoked before the event can be sent again
        assert usage.record(name).code == 1
        usage.server.clear_faults()
        usage.server.clock(advance=hours * 3600)
    ran = usage.record(name)
    assert (ran.code, usage.used(customer)) == (3, 5), "Stripe has forgotten the identifier by now, and would count it again"
    assert "it may have been counted" in usage.rejected()[1]["problems"][0]


def test_two_imports_at_a_time_are_refused(usage: Usage) -> None:
    from stripe_usage.checkpoint import opened

    (customer,) = usage.customers(1)
    with opened(usage.checkpoint, usage.meter.id, "tokens", now=usage.now):
        ran = usage.record(usage.file([usage.row(customer, 5)]))
    assert (ran.code, "is in use" in ran.err) == (1, True)
    other = usage.record("events.ndjson", "--checkpoint", "other.txt")
    assert other.code == 0
    (usage.folder / "other.txt").write_text("no database, but a text of some length, which SQLite does not take for one" * 20)
    assert "not a database" in usage.record("events.ndjson", "--checkpoint", "other.txt").err


def test_a_meter_that_counts_needs_no_value(usage: Usage) -> None:
    usage.stripe.v1.billing.meters.deactivate(usage.meter.id)
    counting: Any = {"display_name": "a", "event_name": "calls", "default_aggregation": {"formula": "count"}}
    usage.meter = usage.stripe.v1.billing.meters.create(counting)
    (customer,) = usage.customers(1)
    name = usage.file([{"customer": customer, "timestamp": usage.now - n} for n in range(3)])
    assert usage.run("record", "--event-name", "calls", name).code == 0
    assert usage.used(customer) == 3


# The meter


def test_the_meter_by_the_outputs_of_a_stack(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    (usage.folder / "outputs.json").write_text(json.dumps({"meter_id": usage.meter.id, "event_name": "tokens", "price_id": "p"}))
    ran = usage.run("record", "--outputs", "outputs.json", "--customer", customer, "--value", "5")
    assert ran.code == 0, ran.err
    assert usage.used(customer) == 5
    (usage.folder / "outputs.json").write_text("{}")
    assert "has no output meter_id or event_name" in usage.run("record", "--outputs", "outputs.json", "--customer", "c").err
    usage.stripe.v1.billing.meters.deactivate(usage.meter.id)
    (usage.folder / "outputs.json").write_text(json.dumps({"meter_id": usage.meter.id}))
    assert "is inactive" in usage.run("record", "--outputs", "outputs.json", "--customer", "c", "--value", "1").err


def test_what_is_missing_on_the_command_line(usage: Usage) -> None:
    assert "which meter is it?" in usage.run("record", "--customer", "c", "--value", "1").err
    assert "what is to be sent?" in usage.run("record", "--event-name", "tokens").err
    assert 'no active meter for the event name "other"' in usage.run("record", "--event-name", "other", "--customer", "c").err
    assert "--value is for one event" in usage.record("events.ndjson", "--value", "1").err
    assert "No such file" in usage.record("none.ndjson").err
    assert usage.record("--threads", "0", "x").code == 2
    for command in ("record", "cancel", "generate", "completion"):
        assert usage.run(command, "--help").code == 0
