"""A year of a hundred subscriptions of mixed kinds, in three ways: the same invoices, also where the server is killed meanwhile.

How long each takes is measured by `python -m benchmarks.local_stripe`, and told with `-s`.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
import stripe

from benchmarks.year import (
    AMOUNT_GTE,
    CUSTOMERS,
    FIRST_REQUESTS,
    KINDS,
    POINTS,
    REQUEST,
    SUBSCRIPTIONS,
    USAGE_GTE,
    WAYS,
    Bills,
    InOneGo,
    StepByStep,
    Year,
    measured,
)
from tests.stripe_local.server import LocalStripe

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(1800)]

TOTALS = {
    "monthly": 13 * [1000],
    "three seats, with a coupon for three months": 3 * [2250] + 10 * [3000],
    # The first one is of the trial, the next of the day after which it is over.
    "after a trial": [0] + 13 * [1000],
    "yearly, with tax": 2 * [10_710],
    "every three months, with tax within the price and an amount off": 5 * [2450],
    "sent": 13 * [1000],
    "a card that fails in month 5": 13 * [1000],
}
"""Of a whole year and the first invoice of the next one, by hand. Where nothing is metered or prorated."""


@pytest.fixture(scope="module")
def billed() -> dict[str, Bills]:
    """What each way bills."""
    found = {}
    for way in WAYS:
        told, found[way.name] = measured(way)
        print(told)
    return found


def test_three_ways_bill_the_same(billed: dict[str, Bills]) -> None:
    by_clocks, *others = billed.values()
    for other in others:
        for customer, bills in by_clocks.items():
            assert other[customer] == bills, customer


def test_they_bill_what_there_is_to_bill(billed: dict[str, Bills]) -> None:
    kinds: Counter[str] = Counter()
    for bills in billed[InOneGo.name].values():
        for kind, invoices in bills["invoices"].items():
            kinds[kind] += 1
            if kind in TOTALS:
                assert [invoice["total"] for invoice in invoices] == TOTALS[kind], kind
            if kind == "a card that fails in month 5":
                assert [invoice["status"] for invoice in invoices] == 4 * ["paid"] + 9 * ["open"]
                assert [invoice["attempt_count"] for invoice in invoices][3:6] == [1, 9, 9]
    assert (set(kinds), kinds.total()) == ({kind.name for kind in KINDS}, SUBSCRIPTIONS)


def _requests(kind: str, number: int) -> list[tuple[str, int]]:
    """What the requests of a month are billed for, and why, by hand: at once, or when the month is over."""
    by_amount = kind == "requests, billed at an amount"
    cost = number * REQUEST if by_amount else min(number, FIRST_REQUESTS) * 3 + max(number - FIRST_REQUESTS, 0) * 2
    early = cost >= AMOUNT_GTE if by_amount else number >= USAGE_GTE
    return [("subscription_threshold", cost), ("subscription_cycle", 0)] if early else [("subscription_cycle", cost)]


def test_requests_are_billed_at_their_thresholds(billed: dict[str, Bills]) -> None:
    reasons: Counter[str] = Counter()
    for customer in CUSTOMERS:
        for kind, invoices in billed[InOneGo.name][customer.name]["invoices"].items():
            if kind.startswith("requests"):
                told = [(invoice["billing_reason"], invoice["total"]) for invoice in invoices]
                wanted = [one for point in range(len(POINTS)) for one in _requests(kind, customer.requests(point))]
                # The last month is not over.
                assert told == wanted[:-1], (customer, kind)
                reasons.update(reason for reason, _ in told)
    assert min(reasons["subscription_threshold"], reasons["subscription_cycle"]) > 10


class Killer:
    """Kills the server while time passes: each move of a year takes the next pauses, after each of which it is killed once."""

    def __init__(self, year: Year, plan: Iterator[tuple[float, ...]]) -> None:
        self._year, self._plan = year, plan
        self.kills = 0

    def move(self, order: Callable[[], None]) -> None:
        server = self._year.server
        for pause in next(self._plan, ()):
            timer = threading.Timer(pause, server.kill)
            timer.start()
            try:
                order()
            except (OSError, HTTPException, stripe.StripeError):
                self.kills += 1
            timer.join()
            server.start()
            self._year.connect()
        order()


def _plan(way: type[Year]) -> Iterator[tuple[float, ...]]:
    """A year has a hundred moves of test clocks, thirteen of the server's time, or one."""
    if way is InOneGo:
        yield (0.05, 0.5, 2.0)
    elif way is StepByStep:
        yield from ((0.04 * (number + 1),) for number in range(13))
    else:
        for number in range(100):
            yield (0.002 * (number + 1),) if number % 9 == 0 else ()


@pytest.mark.parametrize("way", WAYS, ids=[way.__name__ for way in WAYS])
def test_nothing_is_billed_twice_where_the_server_is_killed(way: type[Year], billed: dict[str, Bills], tmp_path: Path) -> None:
    with LocalStripe(tmp_path / "stripe.db", advance_lag=0) as server:
        year = way(server)
        year.prepare()
        killer = Killer(year, _plan(way))
        year.moved = killer.move
        year.live()
        found = year.bills()
        told: Any = server.client().v1.events.list({"type": "invoice.created", "limit": 100}).auto_paging_iter()
        created = Counter(event.data.object.id for event in told)
    print(f"{way.name}: {killer.kills} kills amid a move")
    assert killer.kills > 0
    for customer, bills in billed[way.name].items():
        assert found[customer] == bills, customer
    assert (len(created) > 50, set(created.values())) == (True, {1})
