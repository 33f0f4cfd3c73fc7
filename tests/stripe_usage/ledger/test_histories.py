"""Random histories of a source: rows that come late and are corrected, runs that are killed, lost answers, days that pass.

What Stripe counted is then what the rows come to, but for what is too late, which is not sent, and never moves again.
"""

from __future__ import annotations

import random
import time
from decimal import Decimal
from typing import Any

import pytest

from tests.sampling import ALL
from tests.stripe_usage.running import Usage
from tests.stripe_usage.test_reconcile import price, subscribe

from .logs import DAY, HOUR, Logs

SEEDS = range(50 if ALL else 3)
EVENTS = "/v1/billing/meter_events"
STEPS = 6
FAULTS: list[dict[str, Any]] = [
    {"lose_connection": "after_work"},
    {"lose_connection": "before_work"},
    {"status": 500, "after_work": True},
    {"status": 503},
    {"status": 429},
]
PASSES = (0, 2 * HOUR, 25 * HOUR, 5 * DAY, 17 * DAY)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", SEEDS)
def test_what_stripe_counted_is_what_is_due(usage: Usage, seed: int) -> None:
    rng = random.Random(seed)
    overwrites, carry = seed % 3 == 2, seed % 3 == 1
    if overwrites:
        usage.stripe.v1.billing.meters.deactivate(usage.meter.id)
        meter: Any = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}
        usage.meter = usage.stripe.v1.billing.meters.create({**meter, "event_time_window": "hour"})
    logs, customers = Logs(usage), usage.customers(4)
    metered = price(usage, unit_amount=1)
    for customer in customers[:3]:
        subscribe(usage, customer, metered)
    usage.server.clock(advance=3 * HOUR)
    begun, frozen = usage.server.clock(), dict[tuple[str, int], Decimal]()
    first = begun - begun % HOUR - HOUR
    options = ("--from", str(first), "--late", "carry" if carry else "report")
    for _ in range(STEPS):
        some_rows(rng, logs, customers, begun)
        fault = {**rng.choice(FAULTS), "match": {"path": EVENTS, "first_attempt": True}, "seed": rng.randrange(100)}
        assert usage.server.http("POST", "/_local/faults", json={**fault, "probability": 0.4}, key=None).status_code == 200
        run(rng, usage, logs, options)
        usage.server.http("DELETE", "/_local/faults", key=None)
        for key, value in frozen.items():
            assert logs.counted().get(key, 0) == value, "what is on a final invoice does not move"
        frozen |= final(usage, logs, customers)
        usage.server.clock(advance=rng.choice(PASSES))
    for _ in range(3):
        usage.server.clock(advance=2 * HOUR)
        assert logs.send(*options)["unanswered"] == 0
    counted, held = logs.counted(), dict(held_windows(logs))
    if carry:
        assert not held
        assert sum(counted.values()) == sum(logs.due.values())
    else:
        for key, value in logs.due.items():
            assert counted.get(key, 0) == held.get(key, value), f"{key}, {'held' if key in held else 'due'}"
        assert counted.keys() <= logs.due.keys()
    assert logs.read("SELECT COUNT(*) FROM entries WHERE state IN ('sending', 'unsure')") == [(0,)]


def some_rows(rng: random.Random, logs: Logs, customers: list[str], begun: int) -> None:
    """Rows of this hour, of the last days and corrections, none from before the subscriptions."""
    oldest = max(logs.usage.server.clock() - begun, HOUR)
    for _ in range(rng.randrange(4, 12)):
        logs.used(rng.choice(customers), rng.choice((1, 25, "0.5", -3, 1000)), rng.choice((rng.randrange(oldest), oldest // 3)))


def run(rng: random.Random, usage: Usage, logs: Logs, options: tuple[str, ...]) -> None:
    """A run that ends by itself, or is killed a moment after some of its events came to Stripe."""
    process = logs.begin("--requests-per-second", "40", *options)
    if rng.random() < 0.7:
        wanted, before = rng.randrange(6), sent(usage)
        while process.poll() is None and sent(usage) < before + wanted:
            time.sleep(0.02)
        time.sleep(rng.random() / 20)
        process.kill()
    said, _ = process.communicate()
    assert process.returncode in (0, 3, -9), said


def sent(usage: Usage) -> int:
    requests = usage.server.http("GET", "/_local/requests", key=None).json()["requests"]
    return sum(request["path"] == EVENTS for request in requests)


def final(usage: Usage, logs: Logs, customers: list[str]) -> dict[tuple[str, int], Decimal]:
    """What Stripe counted in the periods of invoices that are final, by window."""
    counted, found = logs.counted(), dict[tuple[str, int], Decimal]()
    for customer in customers:
        for invoice in usage.stripe.v1.invoices.list({"customer": customer}).data:
            for line in invoice.lines.data:
                if invoice.status != "draft" and line.period.end <= invoice.created:
                    windows = [key for key in logs.due if key[0] == customer and line.period.start <= key[1] < line.period.end]
                    found.update({key: counted.get(key, Decimal(0)) for key in windows})
    return found


def held_windows(logs: Logs) -> list[tuple[tuple[str, int], Decimal]]:
    """What was billed of windows whose change is too late."""
    rows = logs.read("SELECT customer, start, billed, held FROM windows WHERE value <> billed")
    assert all("is final" in held or "35 days" in held for *_, held in rows), rows
    return [((customer, start), Decimal(billed)) for customer, start, billed, _ in rows]
