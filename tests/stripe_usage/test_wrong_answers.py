"""A proxy that answers in Stripe's place, or spoils its answers: no event is lost, none is counted twice.

    SEEDS=0-49 USAGE_EVENTS=100000 TESTS=thorough python -m pytest -n 0 -rP tests/stripe_usage/test_wrong_answers.py -k killed

imports 100,000 events fifty times.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import COUNTED
from tests.histories.seeds import seeds
from tests.sampling import ALL

from . import test_unreachable as unreachable
from .running import Ran, Usage
from .wrong_answers import BESIDE, ENDING, WAYS, Proxy, between

EVENTS = int(os.environ.get("USAGE_EVENTS", "100000" if ALL else "4000"))
MOST_RUNS = 60


@pytest.mark.parametrize("how", [(), ("--stream",)], ids=["one by one", "stream"])
def test_what_is_no_answer_of_stripes_counts_for_nothing(
    how: tuple[str, ...], usage: Usage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways = [*sorted(WAYS), *BESIDE]
    customers = usage.customers(len(ways) + 1)
    each = 100 if how else 2
    count = each * len(customers)
    name = usage.file([usage.row(customer, 1, ago=100 + n) for n in range(each) for customer in customers])
    with between(usage.server.url, ways) as proxy:
        monkeypatch.setenv("STRIPE_API_BASE", proxy.url)
        done = usage.record(name, "--threads", "20", "--quiet", *how)
        assert (done.code, proxy.ways) == (0, []), done.err
        assert done.out.startswith(f"{count:,} rows: {count:,} sent, 0 counted before, 0 rejected")
        proxy.settle()
        assert {usage.used(customer) for customer in customers} == {each}
        again = usage.record(name, "--quiet", *how)
    assert again.out.startswith(f"{count:,} rows: 0 sent, {count:,} counted before, 0 rejected")


@pytest.mark.thorough
def test_a_proxy_that_never_lets_stripe_answer_is_reported(usage: Usage, monkeypatch: pytest.MonkeyPatch) -> None:
    (customer,) = usage.customers(1)
    name = usage.file([usage.row(customer, 1)])
    with between(usage.server.url, ["page"] * 50) as proxy:
        monkeypatch.setenv("STRIPE_API_BASE", proxy.url)
        proxy.stubborn = True
        done = usage.record(name, "--quiet")
        said = "does not take events: status 200, and no answer of Stripe's, after 8 attempts"
        assert (done.code, done.err) == (1, f"error: {proxy.url} {said}\n")
        assert usage.used(customer) == 0
        proxy.ways.clear()
        assert usage.record(name, "--quiet").code == 0
    assert usage.used(customer) == 1


def test_the_answer_to_an_import_that_was_killed_counts_for_nothing(usage: Usage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream's answers are all alike: a proxy that gives the next import an old one would lose its first events."""
    (customer,) = usage.customers(1)
    first, second = (usage.file([usage.row(customer, value)], f"{value}.ndjson") for value in (1, 2))
    with between(usage.server.url, []) as proxy:
        monkeypatch.setenv("STRIPE_API_BASE", proxy.url)
        assert usage.record(first, "--stream", "--quiet").code == 0
        usage.server.clock(advance=1)
        proxy.ways.append("of the request before")
        assert usage.record(second, "--stream", "--quiet").code == 0
        assert proxy.drawn == {"of the request before": 1}
    assert usage.used(customer) == 3


@pytest.mark.thorough
def test_what_no_client_can_tell_is_found_afterwards(usage: Usage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy gives one request of the stream the answer to another, and keeps to itself which key it belongs to."""
    customers = usage.customers(8)
    name = usage.file([usage.row(customer, 1, ago=100 + n) for n in range(50) for customer in customers])
    with between(usage.server.url, [*BESIDE]) as proxy:
        proxy.shows_keys = False
        monkeypatch.setenv("STRIPE_API_BASE", proxy.url)
        assert usage.record(name, "--stream", "--threads", "4", "--quiet").code == 0
    monkeypatch.setenv("STRIPE_API_BASE", usage.server.url)
    lost = 400 - sum(map(usage.used, customers))
    assert lost == 100
    usage.server.clock(advance=600)
    done = usage.run("reconcile", "--event-name", "tokens", "--no-invoices", "--format", "json")
    told = json.loads(done.out)["customers"]
    assert done.code == 3
    assert sum(int(one["summaries"]["difference"]) for one in told) == -lost


@pytest.mark.thorough
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("how", ["one by one", "stream"])
@pytest.mark.parametrize("seed", seeds(1, 1, 50))
def test_an_import_that_is_killed_behind_such_a_proxy_is_exact(
    how: str, seed: int, usage: Usage, record_property: Callable[[str, object], None]
) -> None:
    """Every other seed behind one that keeps to itself which idempotency key an answer belongs to."""
    draw = random.Random(seed)
    events = EVENTS if how == "stream" else max(EVENTS // 20, 500)
    sums = made(usage, events, seed)
    command = ["record", "--event-name", "tokens", "events.ndjson", "--quiet", *(["--stream"] if how == "stream" else [])]
    requests = events // (100 if how == "stream" else 1)
    shows_keys = seed % 2 == 1
    ways = [*WAYS, *(BESIDE if shows_keys else ())] * (2 if requests > 500 else 1) + [*ENDING]
    draw.shuffle(ways)
    kills = [draw.randint(1, requests // 4) for _ in range(draw.randint(1, 4))]
    began, ended = time.monotonic(), list[int]()
    with between(usage.server.url, ways, share=min(0.5, 1.2 * len(ways) / requests), seed=seed) as proxy:
        proxy.all, proxy.shows_keys = True, shows_keys
        while 0 not in ended:
            assert len(ended) < MOST_RUNS
            code, said = ran(usage, command, proxy, draw, kills[-1] if kills else 0)
            assert code in (0, 1, 3, -signal.SIGKILL), said
            assert "Traceback" not in said
            if code == -signal.SIGKILL:
                kills.pop()
            ended.append(code)
        seconds = time.monotonic() - began
        killed, drawn = ended.count(-signal.SIGKILL), dict(sorted(proxy.drawn.items()))
    assert {customer: usage.used(customer) for customer in sums} == sums
    told = {"seed": seed, "how": how, "events": events, "seconds": round(seconds, 1), "killed": killed, "runs": len(ended)}
    print(json.dumps({**told, "requests": proxy.came, "wrong": sum(drawn.values()), "kinds": len(drawn), "drawn": drawn}))
    record_property(f"{COUNTED}imports behind a proxy that answers wrongly", 1)
    record_property(f"{COUNTED}wrong answers to an import", sum(drawn.values()))
    record_property(f"{COUNTED}kills of an import behind such a proxy", killed)


COMMANDS = {
    **unreachable.COMMANDS,
    "invoice of a subscription": ("invoice", "--subscription", "SUBSCRIPTION"),
    "cancel": ("cancel", "--event-name", "tokens", "IDENTIFIER"),
    "checkout": ("checkout", "--price", "PRICE"),
}
SAYS_THE_SAME = ("summary", "invoice", "invoice of a subscription", "reconcile")
RECORDS_A_FILE = ("record a file", "record a file as a stream")


@pytest.mark.thorough
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_ends_in_a_traceback_or_takes_a_wrong_answer(
    command: str, usage: Usage, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    (customer,) = usage.customers(1)
    price: Any = {"currency": "usd", "unit_amount": 4, "product_data": {"name": "Tokens"}}
    recurring: Any = {"recurring": {"interval": "month", "usage_type": "metered", "meter": usage.meter.id}}
    priced = usage.stripe.v1.prices.create({**price, **recurring}).id
    subscription: Any = {"customer": customer, "items": [{"price": priced}], "collection_method": "send_invoice"}
    subscribed = usage.stripe.v1.subscriptions.create({**subscription, "days_until_due": 30}).id
    assert usage.record("--customer", customer, "--value", "3", "--identifier", "id-0").code == 0
    words = {"SUBSCRIPTION": subscribed, "cus_1": customer, "PRICE": priced, "IDENTIFIER": "id-0"}
    arguments = [words.get(word, word) for word in COMMANDS[command]]
    wrong, ways = 0, [*WAYS, *ENDING]
    with between(usage.server.url, []) as proxy:
        monkeypatch.setenv("STRIPE_API_BASE", proxy.url)
        proxy.all = True
        right = without_times(usage.run(*arguments)) if command in SAYS_THE_SAME else None
        for n, way in enumerate(ways):
            name = usage.file([usage.row(customer, 1, ago=1000 + n)], f"{n}.ndjson")
            given = [name if word == "events.ndjson" else word for word in arguments]
            done = spoiled(usage, proxy, way, given)
            wrong += sum(proxy.drawn.values())
            assert right is None or done.code == 1 or without_times(done) == right, (way, done)
            if command in RECORDS_A_FILE:
                proxy.begin([])
                again = usage.run(*given)
                assert again.code == 0, (way, done, again)
        proxy.settle()
    if command in RECORDS_A_FILE:
        assert usage.used(customer) == 3 + len(ways)
    record_property(f"{COUNTED}wrong answers to a command for usage", wrong)


def without_times(done: Ran) -> Ran:
    """Without the moments of the command itself."""
    return replace(done, out=re.sub(r"\d{4}-\d\d-\d\dT[\d:]{8}Z", "TIME", done.out))


def spoiled(usage: Usage, proxy: Proxy, way: str, arguments: Sequence[str]) -> Ran:
    """A command of whose requests each is answered so, the first time; it ends as it should, or in one line that says why."""
    proxy.begin([way] * 50)
    done = usage.run(*arguments)
    assert done.code in (0, 1, 3), (way, done)
    assert done.code != 1 or (done.err.startswith("error: ") and done.err.count("\n") == 1), (way, done)
    return done


def made(usage: Usage, events: int, seed: int) -> dict[str, int]:
    """Writes a file of made-up events; returns what each customer used."""
    (usage.folder / "ids.txt").write_text("\n".join(usage.customers(min(100, events // 40))))
    options = ("--events", str(events), "--days", "30", "--seed", str(seed), "--out", "events.ndjson")
    assert usage.run("generate", "--customers", "ids.txt", *options).code == 0
    sums: dict[str, int] = defaultdict(int)
    with (usage.folder / "events.ndjson").open() as file:
        for row in map(json.loads, file):
            sums[row["customer"]] += row["value"]
    return sums


def ran(usage: Usage, command: list[str], proxy: Proxy, draw: random.Random, kill_after: int) -> tuple[int, str]:
    """Runs the command to its end, or until it is killed soon after it has sent so many requests; its exit code, and what it
    printed."""
    process = usage.begin(*command, base=proxy.url)
    until = proxy.came + kill_after
    while kill_after and process.poll() is None and not proxy.wait_for(until, 0.2):
        pass
    if kill_after:
        time.sleep(draw.random() * 0.03)
        process.send_signal(signal.SIGKILL)
    said, _ = process.communicate()
    time.sleep(1)  # dates of answers are in seconds
    return process.returncode, said
