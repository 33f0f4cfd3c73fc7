"""Random histories of a source: rows that come late and are corrected, runs that are killed, lost answers, days that pass, and a
month that is closed. Ledgers are in a file, or in Postgres.

What Stripe counted is then what the rows come to, but for what is too late, which is not sent, and never moves again.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from datetime import UTC, datetime
from decimal import Decimal
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from stripe_usage.events.values import time_text
from tests.sampling import ALL
from tests.stripe_usage.running import Usage
from tests.stripe_usage.test_reconcile import price, subscribe

from .logs import DAY, HOUR, Logs

SEEDS = range(50 if ALL else 4)
EVENTS, STREAM = "/v1/billing/meter_events", "/v2/billing/meter_event_stream"
STEPS = 6
FAULTS: list[dict[str, Any]] = [
    {"lose_connection": "after_work"},
    {"lose_connection": "before_work"},
    {"status": 500, "after_work": True},
    {"status": 503},
    {"status": 429},
]
PASSES = (0, 2 * HOUR, 25 * HOUR, 5 * DAY, 17 * DAY)

SERVER = multiprocessing.get_context("forkserver")
"""Starts processes that have imported what takes seconds."""
SERVER.set_forkserver_preload(["duckdb", "ibis.backends.duckdb", "jsonschema", "psycopg", "stripe", "stripe_usage.__main__"])


@pytest.mark.thorough
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("logs", ["file", "postgres"], indirect=True)
def test_what_stripe_counted_is_what_is_due(usage: Usage, logs: Logs, seed: int) -> None:
    rng = random.Random(seed)
    overwrites, carry = seed % 3 == 2, seed % 3 == 1
    if overwrites:
        usage.stripe.v1.billing.meters.deactivate(usage.meter.id)
        meter: Any = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}
        usage.meter = usage.stripe.v1.billing.meters.create({**meter, "event_time_window": "hour"})
    logs.late("carry" if carry else "report")
    customers = usage.customers(4)
    metered = price(usage, unit_amount=1)
    for customer in customers[:3]:
        subscribe(usage, customer, metered)
    usage.server.clock(advance=3 * HOUR)
    begun, frozen, closed = usage.server.clock(), dict[tuple[str, int], Decimal](), ""
    options = ("--from", str(begun - begun % HOUR - HOUR))
    for _ in range(STEPS):
        some_rows(rng, logs, customers, begun)
        fault = {**rng.choice(FAULTS), "match": {"path": rng.choice((EVENTS, STREAM)), "first_attempt": True}}
        usage.server.fault(**fault, seed=rng.randrange(100), probability=0.4)
        run(rng, usage, logs, (*options, *(("--stream",) if rng.random() < 0.3 else ())))
        usage.server.clear_faults()
        if not closed:
            closed = close(logs, begun)
        counted = logs.counted()
        for key, value in frozen.items():
            assert counted.get(key, 0) == value, "what is on a final invoice, or in a closed month, does not move"
        frozen |= final(usage, logs, customers, counted)
        frozen |= {key: counted.get(key, Decimal(0)) for key in logs.due if closed and time_text(key[1])[:7] == closed}
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
    """Rows of this hour, of the last days and corrections, none from before the subscriptions; some of them twice."""
    oldest = max(logs.usage.server.clock() - begun, HOUR)
    for _ in range(rng.randrange(4, 12)):
        logs.used(rng.choice(customers), rng.choice((1, 25, "0.5", -3, 1000)), rng.choice((rng.randrange(oldest), oldest // 3)))
    logs.save(repeated=rng.randrange(4))


def run(rng: random.Random, usage: Usage, logs: Logs, options: tuple[str, ...]) -> None:
    """A run that ends by itself, or is killed: anywhere, or a moment after some of its events came to Stripe."""
    arguments = logs.options("--send", "--requests-per-second", "40", *options)
    said = usage.folder / "said"
    process = SERVER.Process(target=in_a_process, args=(arguments, dict(os.environ), usage.folder, said))
    process.start()
    how = rng.random()
    if how < 0.2:
        time.sleep(rng.random())
        kill(process)
    elif how < 0.7:
        wanted, before = rng.randrange(6), sent(usage)
        while process.is_alive() and sent(usage) < before + wanted:
            time.sleep(0.1)
        time.sleep(rng.random() / 20)
        kill(process)
    process.join()
    assert process.exitcode in (0, 3, -signal.SIGKILL), said.read_text()


def kill(process: BaseProcess) -> None:
    if process.is_alive() and process.pid:
        os.kill(process.pid, signal.SIGKILL)


def in_a_process(arguments: tuple[str, ...], environment: dict[str, str], folder: Path, said: Path) -> None:
    from stripe_usage.__main__ import main

    os.environ.update(environment)
    os.chdir(folder)
    with open(said, "w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    raise SystemExit(main(arguments))


def close(logs: Logs, begun: int) -> str:
    """The month in which it all began, once it is over and nothing of it waits."""
    now, month = (datetime.fromtimestamp(moment, UTC).strftime("%Y-%m") for moment in (logs.usage.server.clock(), begun))
    at = ("--ledger", logs.ledger) if logs.ledger else ()
    return month if month < now and logs.usage.run("ledger", "close", month, "--source", logs.name, *at).code == 0 else ""


def sent(usage: Usage) -> int:
    requests = usage.server.http("GET", "/_local/requests", key=None).json()["requests"]
    return sum(request["path"] in (EVENTS, STREAM) for request in requests)


def final(
    usage: Usage, logs: Logs, customers: list[str], counted: dict[tuple[str, int], Decimal]
) -> dict[tuple[str, int], Decimal]:
    """What Stripe counted in the periods of invoices that are final, by window."""
    found, due = dict[tuple[str, int], Decimal](), logs.due
    for customer in customers:
        for invoice in usage.stripe.v1.invoices.list({"customer": customer}).data:
            for line in invoice.lines.data:
                if invoice.status != "draft" and line.period.end <= invoice.created:
                    windows = [key for key in due if key[0] == customer and line.period.start <= key[1] < line.period.end]
                    found.update({key: counted.get(key, Decimal(0)) for key in windows})
    return found


def held_windows(logs: Logs) -> list[tuple[tuple[str, int], Decimal]]:
    """What was billed of windows whose change is too late."""
    rows = logs.read("SELECT customer, start, billed, held FROM windows WHERE value <> billed")
    assert all("is final" in held or "35 days" in held or "is closed" in held for *_, held in rows), rows
    return [((customer, start), Decimal(billed)) for customer, start, billed, _ in rows]
