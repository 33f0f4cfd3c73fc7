"""`usage reconcile`: what was sent, what Stripe counted, what it bills, and what is said where they differ."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.stripe_local.server import LocalStripe

from .running import DAY, Usage

HOUR = 3600
SEND = {"collection_method": "send_invoice", "days_until_due": 30}


def price(usage: Usage, **params: Any) -> str:
    recurring = {"interval": "month", "usage_type": "metered", "meter": usage.meter.id}
    amounts = params or {"unit_amount": 4, "transform_quantity": {"divide_by": 100, "round": "up"}}
    made: Any = {"currency": "usd", "recurring": recurring, "product_data": {"name": "Tokens"}, **amounts}
    return usage.stripe.v1.prices.create(made).id


def subscribe(usage: Usage, customer: str, price: str, **more: Any) -> str:
    params: Any = {"customer": customer, "items": [{"price": price}], **SEND, **more}
    return usage.stripe.v1.subscriptions.create(params).id


def reconcile(usage: Usage, *arguments: str) -> Any:
    return usage.run("reconcile", "--event-name", "tokens", *arguments)


def told(usage: Usage, *arguments: str) -> dict[str, Any]:
    ran = reconcile(usage, "--format", "json", *arguments)
    assert ran.out, ran.err
    return {one["customer"]: one for one in json.loads(ran.out)["customers"]}


def foreign(usage: Usage, customer: str, value: int, timestamp: int) -> None:
    """An event that the checkpoint does not know."""
    payload = {"stripe_customer_id": customer, "value": str(value)}
    event: Any = {"event_name": "tokens", "payload": payload, "timestamp": timestamp}
    usage.stripe.v1.billing.meter_events.create(event)


def test_all_is_equal(usage: Usage) -> None:
    a, b = usage.customers(2)
    metered = price(usage)
    subscribe(usage, a, metered)
    subscribe(usage, b, metered)
    rows = [usage.row(a, 2000, -100), usage.row(b, "0.5", -100), usage.row(a, -25, -120)]
    assert usage.record(usage.file(rows)).code == 0
    ran = reconcile(usage)
    assert ran.code == 0, ran.out + ran.err
    shown = [line.split() for line in ran.out.splitlines()]
    assert [a, "1,975", "1,975", "1,975", "1,975", "equal"] in shown
    assert [b, "0.5", "0.5", "0.5", "0.5", "equal"] in shown
    assert "2 customers: 2 equal." in ran.out
    only = told(usage, "--customer", b, "--no-invoices")
    assert list(only) == [b]
    assert only[b]["invoices"] == []


def test_usage_that_no_invoice_has_is_a_difference_with_how_much_and_why(usage: Usage) -> None:
    early, between, late = usage.customers(3)
    metered = price(usage)
    first = [subscribe(usage, customer, metered) for customer in (between, late)]
    assert usage.record(usage.file([usage.row(early, 1000, 3 * DAY), usage.row(early, 30, 2 * DAY)])).code == 0
    now = usage.server.clock(advance=60)
    assert usage.record("--customer", between, "--value", "5", "--timestamp", str(now)).code == 0
    now = usage.server.clock(advance=60)
    for subscription in first:
        usage.stripe.v1.subscriptions.cancel(subscription, {"invoice_now": True})
    began = subscribe(usage, early, metered)
    now = usage.server.clock(advance=60)
    for customer, value in ((between, "700"), (late, "8"), (early, "2")):
        assert usage.record("--customer", customer, "--value", value, "--timestamp", str(now)).code == 0
    usage.server.clock(advance=60)
    again = subscribe(usage, between, metered)
    usage.server.clock(advance=60)
    found = told(usage)
    assert {c: one["verdict"] for c, one in found.items()} == dict.fromkeys((early, between, late), "differs")
    unbilled = {c: [(u["events"], u["sent"]) for u in one["unbilled"]] for c, one in found.items()}
    assert unbilled == {early: [(2, "1030")], between: [(1, "700")], late: [(1, "8")]}
    assert f"2 events (1,030) billed to nobody: {began} began at" in found[early]["said"][0]
    assert f"1 event (700) billed to nobody: {first[0]} ended at" in found[between]["said"][0]
    assert f"and {again} began at" in found[between]["said"][0]
    assert f"1 event (8) billed to nobody: {first[1]} ended at" in found[late]["said"][0]
    assert [(bill["sent"], bill["stripe"]) for bill in found[between]["invoices"]] == [("5", "5"), ("0", "0")]
    assert told(usage, "--no-invoices")[between]["verdict"] == "equal"


@pytest.mark.parametrize("mode", ["classic", "flexible"])
@pytest.mark.parametrize(("begun", "used"), [(12, 7), (12, 12), (33, 20), (33, 2)])
def test_a_backdated_subscription_bills_what_was_used_since_its_start(usage: Usage, mode: str, begun: int, used: int) -> None:
    (customer,) = usage.customers(1)
    metered = price(usage, unit_amount=10)
    rows = [usage.row(customer, 40, used * DAY - 60), usage.row(customer, 9, 34 * DAY)]
    assert usage.record(usage.file(rows)).code == 0
    subscribe(usage, customer, metered, backdate_start_date=usage.now - begun * DAY, billing_mode={"type": mode})
    assert usage.record("--customer", customer, "--value", "6").code == 0
    found = told(usage, "--settle", "0")[customer]
    assert [bill["difference"] for bill in found["invoices"]] == ["0"] * len(found["invoices"])
    assert sum(int(bill["sent"]) for bill in found["invoices"]) == 46
    assert [u["sent"] for u in found["unbilled"]] == ["9"], "it is older than the subscription"


def test_past_invoices_are_compared_with_what_was_sent_for_their_periods(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    subscribe(usage, customer, price(usage, unit_amount=10))
    assert usage.record("--customer", customer, "--value", "40").code == 0
    assert usage.server.clock(advance=32 * DAY) > usage.now
    assert usage.record("--customer", customer, "--value", "2").code == 0
    found = told(usage, "--settle", "0")[customer]
    assert (found["verdict"], found["unbilled"]) == ("equal", [])
    assert [(bill["sent"], bill["stripe"], bill["invoice"] is None) for bill in found["invoices"]] == [
        ("40", "40", False),
        ("2", "2", True),
    ]
    late = usage.now + 60
    assert usage.record("--customer", customer, "--value", "7", "--timestamp", str(late)).code == 0
    usage.server.clock(advance=60)
    found = told(usage, "--settle", "0")[customer]
    assert found["verdict"] == "differs"
    assert "7 less than was sent: what is reported after an invoice was made is on none" in " ".join(found["said"])


# https://docs.stripe.com/billing/subscriptions/usage-based/thresholds: "Stripe maintains tiers across" invoices, and with volume
# tiers the next invoice prices all usage again, with a line of the amount previously billed.
@pytest.mark.parametrize(
    "terms",
    [
        {"unit_amount": 100},
        {
            "billing_scheme": "tiered",
            "tiers_mode": "graduated",
            "tiers": [
                {"up_to": 70, "unit_amount": 100, "flat_amount": 500},
                {"up_to": "inf", "unit_amount": 90, "flat_amount": 300},
            ],
        },
        {
            "billing_scheme": "tiered",
            "tiers_mode": "volume",
            "tiers": [{"up_to": 70, "unit_amount": 100}, {"up_to": "inf", "unit_amount": 90}],
        },
    ],
)
def test_what_thresholds_billed_early_is_compared_with_the_rest_of_its_period(usage: Usage, terms: dict[str, Any]) -> None:
    (customer,) = usage.customers(1)
    subscription = subscribe(usage, customer, price(usage, **terms), billing_thresholds={"amount_gte": 5000})

    def use(value: int) -> None:
        now = usage.server.clock(advance=60)
        assert usage.record("--customer", customer, "--value", str(value), "--timestamp", str(now - 30)).code == 0

    def compared() -> list[tuple[str | None, int, str]]:
        usage.server.clock(advance=600)
        shown = usage.run("invoice", "--customer", customer)
        assert (shown.code, "does not add up" in shown.out) == (0, False), shown.out + shown.err
        found = [one for one in told(usage)[customer]["invoices"] if one["verdict"] == "equal"]
        return [(one["invoice"], len(one["at_thresholds"]), one["stripe"]) for one in found]

    for value, early, total in ((60, 1, "60"), (90, 2, "150"), (7, 2, "157")):
        use(value)
        assert compared() == [(None, early, total)]
    (item,) = usage.stripe.v1.subscriptions.retrieve(subscription)["items"].data
    usage.server.clock(set=item.current_period_end + 7200)
    last = usage.stripe.v1.invoices.list({"subscription": subscription}).data[0]
    assert (last.billing_reason, (last.id, 2, "157") in compared()) == ("subscription_cycle", True)
    assert reconcile(usage).code == 0


def test_differences_are_named(usage: Usage) -> None:
    more, less, nobody, gone = usage.customers(4)
    metered = price(usage)
    for customer in (more, less, gone):
        subscribe(usage, customer, metered)
    rows = [usage.row(customer, 1000, -60) for customer in (more, less, nobody, gone)]
    assert usage.record(usage.file(rows)).code == 0
    foreign(usage, more, 25, usage.now + 60)
    with sqlite3.connect(usage.checkpoint) as db:  # an event of which Stripe knows nothing
        db.execute("UPDATE events SET value = '1200', sent_at = sent_at - 4000 WHERE customer = ?", (less,))
    db.close()
    usage.stripe.v1.customers.delete(gone)
    ran = reconcile(usage)
    assert ran.code == 3
    assert f"{more}: summaries: 25 more than was sent: somebody else reports usage too" in ran.out
    assert f"{less}: summaries: 200 less than was sent\n" in ran.out
    assert f"{less}: invoice of sub_" in ran.out
    assert f"{nobody}: 1 event (1,000) billed to nobody: no subscription to a price of this meter" in ran.out
    assert f'{gone}: there is no customer "{gone}" in this account' in ran.out
    assert "4 customers: 4 different." in ran.out
    found = told(usage)
    assert found[less]["summaries"] == {"sent": "1200", "stripe": "1000", "difference": "-200", "verdict": "differs"}
    assert [bill["difference"] for bill in found[less]["invoices"]] == ["-200"]
    assert reconcile(usage, "--customer", nobody, "--no-invoices").code == 0


@pytest.mark.parametrize(("formula", "expected"), [("count", "3"), ("last", "7")])
def test_other_formulas(usage: Usage, formula: str, expected: str) -> None:
    usage.stripe.v1.billing.meters.deactivate(usage.meter.id)
    chosen: Any = {"display_name": "T", "event_name": "tokens", "default_aggregation": {"formula": formula}}
    usage.meter = usage.stripe.v1.billing.meters.create(chosen)
    (customer,) = usage.customers(1)
    subscribe(usage, customer, price(usage, unit_amount=100))
    rows = [usage.row(customer, 7, -121), usage.row(customer, 8, 50), usage.row(customer, 5, -120)]
    assert usage.record(usage.file(rows)).code == 0
    found = told(usage)[customer]
    assert (found["summaries"]["verdict"], found["summaries"]["sent"]) == ("equal", expected)
    assert [u["events"] for u in found["unbilled"]] == [1], "it is older than the subscription"
    assert found["invoices"][0]["stripe"] == {"count": "2", "last": "7"}[formula]


def test_canceled_events_and_a_price_that_was_swapped(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    subscription = subscribe(usage, customer, price(usage))
    assert usage.record("--customer", customer, "--value", "100").code == 0
    assert usage.record("--customer", customer, "--value", "7", "--identifier", "wrong").code == 0
    assert usage.run("cancel", "--event-name", "tokens", "wrong").code == 0
    usage.server.clock(advance=60)
    item: Any = usage.stripe.v1.subscriptions.retrieve(subscription)["items"].data[0]
    usage.stripe.v1.subscription_items.update(item.id, {"price": price(usage, unit_amount_decimal="0.05")})
    usage.server.clock(advance=60)
    assert usage.record("--customer", customer, "--value", "30").code == 0
    found = told(usage)[customer]
    assert (found["verdict"], found["summaries"]["stripe"]) == ("equal", "130")
    assert sorted(bill["stripe"] for bill in found["invoices"]) == ["100", "30"]


def test_trials_and_subscriptions_that_ended(usage: Usage) -> None:
    trial, former = usage.customers(2)
    metered = price(usage)
    subscribe(usage, trial, metered, trial_period_days=7)
    ended = subscribe(usage, former, metered)
    rows = [usage.row(trial, 5, -60), usage.row(former, 6, -60)]
    assert usage.record(usage.file(rows)).code == 0
    usage.server.clock(advance=120)
    usage.stripe.v1.subscriptions.cancel(ended)
    found = told(usage)
    assert [found[c]["verdict"] for c in (trial, former)] == ["equal", "differs"]
    assert "is in its trial until" in found[trial]["said"][0]
    assert f"1 event (6) billed to nobody: {ended} ended at" in found[former]["said"][0]
    assert "without an invoice of it" in found[former]["said"][0]
    usage.server.clock(advance=DAY)
    assert usage.record("--customer", former, "--value", "5").code == 0
    assert [u["sent"] for u in told(usage)[former]["unbilled"]] == ["6", "5"]


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Usage]:
    """A local Stripe that counts events after an hour."""
    with LocalStripe(event_lag=HOUR) as server:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("STRIPE_API_BASE", server.url)
        yield Usage(server, tmp_path, capsys)


def test_what_is_still_to_be_processed_is_no_difference_and_can_be_waited_for(slow: Usage) -> None:
    (customer,) = slow.customers(1)
    subscribe(slow, customer, price(slow))
    assert slow.record(slow.file([slow.row(customer, 1000, -60)])).code == 0
    ran = reconcile(slow, "--settle", "60")
    assert ran.code == 0, ran.out + ran.err
    assert "1,000 less than was sent: 1 event sent a moment ago is still to be processed" in ran.out
    assert "1 customer: 1 still to be processed." in ran.out
    assert reconcile(slow, "--settle", "60", "--wait", "0.1").code == 3
    late = threading.Timer(1, lambda: httpx.post(f"{slow.server.url}/_local/clock", json={"advance": HOUR}))
    late.start()
    ran = reconcile(slow, "--wait", "100")
    late.join()
    assert (ran.code, "1 customer: 1 equal." in ran.out) == (0, True), ran.out


def test_which_checkpoint_it_is(usage: Usage) -> None:
    none = reconcile(usage)
    assert (none.code, "there is no checkpoint" in none.err) == (1, True)
    (customer,) = usage.customers(1)
    assert usage.record("--customer", customer, "--value", "1").code == 0
    assert "is not before" in reconcile(usage, "--from", "2100-01-01").err
    usage.stripe.v1.billing.meters.deactivate(usage.meter.id)
    chosen: Any = {"display_name": "T", "event_name": "other", "default_aggregation": {"formula": "sum"}}
    usage.stripe.v1.billing.meters.create(chosen)
    other = usage.run("reconcile", "--event-name", "other", "--checkpoint", str(usage.checkpoint))
    assert "is the checkpoint of meter" in other.err
    (usage.folder / "x.db").write_text("no database" * 200)
    assert "give another --checkpoint" in usage.run("reconcile", "--event-name", "other", "--checkpoint", "x.db").err
    assert "not the beginning of a minute" in reconcile(usage, "--from", "2026-11-01T00:00:30Z").err
