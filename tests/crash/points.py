"""Where a crash can strike: every request of every kind of change, and what dies when."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.crash.catalogue import NOTHING, Catalogue
from tests.sampling import ALL, spread

T = TypeVar("T")

AS_IT_WAS = Catalogue()


@dataclass(frozen=True)
class Change:
    """One command after which the stack is something else."""

    name: str
    requests: tuple[str, ...]
    """All that it sends, in any order that dependencies allow: method, path (a pattern), and the how manyeth it is."""
    made: dict[str, int]
    """How many objects there are afterwards, retired ones included."""
    deployed: bool = True
    """From a stack that is up; else from an empty one."""
    command: str = "up"
    after: Catalogue = AS_IT_WAS

    def objects(self) -> dict[str, list[Any]]:
        """What is in use afterwards."""
        return self.after.objects() if self.command == "up" else NOTHING


FIRST = {"meters": 1, "products": 1, "prices": 2, "subscriptions": 1}
"""What the first `up` makes."""

CHANGES = {
    change.name: change
    for change in (
        Change(
            "create",
            (
                "POST /v1/billing/meters 1",
                "POST /v1/products 1",
                "POST /v1/prices 1",
                "POST /v1/prices 2",
                "POST /v1/customers 1",
                "POST /v1/subscriptions 1",
            ),
            FIRST,
            deployed=False,
        ),
        Change(
            "price",
            ("POST /v1/prices 1", "POST /v1/subscriptions/* 1", "POST /v1/prices/* 1"),
            {**FIRST, "prices": 3},
            after=Catalogue(amount=5),
        ),
        Change(
            "event-name",
            (
                "POST /v1/billing/meters 1",
                "POST /v1/prices 1",
                "POST /v1/prices 2",
                "POST /v1/subscriptions/* 1",
                "POST /v1/prices/* 1",
                "POST /v1/prices/* 2",
                "POST /v1/billing/meters/*/deactivate 1",
            ),
            {**FIRST, "meters": 2, "prices": 4},
            after=Catalogue(event_name="tokens_v2"),
        ),
        Change(
            "formula",
            (
                "POST /v1/prices/* 1",
                "POST /v1/prices/* 2",
                "POST /v1/billing/meters/*/deactivate 1",
                "POST /v1/billing/meters 1",
                "POST /v1/prices 1",
                "POST /v1/prices 2",
                "POST /v1/subscriptions/* 1",
            ),
            {**FIRST, "meters": 2, "prices": 4},
            after=Catalogue(formula="count"),
        ),
        Change(
            "remove",
            ("DELETE /v1/subscriptions/* 1", "DELETE /v1/customers/* 1", "POST /v1/prices/* 1"),
            FIRST,
            after=Catalogue(subscribed=False),
        ),
        Change(
            "destroy",
            (
                "DELETE /v1/subscriptions/* 1",
                "DELETE /v1/customers/* 1",
                "POST /v1/prices/* 1",
                "POST /v1/prices/* 2",
                "DELETE /v1/products/* 1",
                "POST /v1/products/* 1",
                "POST /v1/billing/meters/*/deactivate 1",
            ),
            FIRST,
            command="destroy",
        ),
    )
}

MOMENTS = ("before-work", "after-work", "after-answer")
"""The request has arrived, and is never carried out; it was, and its answer never arrives; the answer has just been sent."""

DEATHS = (
    *((victim, moment) for victim in ("engine", "host", "stripe") for moment in MOMENTS),
    ("connection", "before-work"),
    ("connection", "after-work"),
)
"""What is killed when; a connection is only cut."""


@dataclass(frozen=True)
class Point:
    """One crash."""

    change: str
    request: str
    victim: str
    moment: str

    def __str__(self) -> str:
        """Such as `price-POST-v1-prices-1-engine-after-work`."""
        request = self.request.replace("/*", "-id").replace(" /", "-").replace("/", "-").replace(" ", "-")
        return f"{self.change}-{request}-{self.victim}-{self.moment}"

    @property
    def match(self) -> dict[str, Any]:
        """The request, as a fault matches it."""
        method, path, nth = self.request.split(" ")
        # A path without a pattern would be a prefix: /v1/prices would stand for /v1/prices/price_1 too.
        return {"method": method, "path": path if "*" in path else f"{path[:-1]}[{path[-1]}]", "nth": int(nth)}


POINTS = [
    Point(change.name, request, victim, moment)
    for change in CHANGES.values()
    for request in change.requests
    for victim, moment in DEATHS
]


def chosen(points: Sequence[T], sample: int) -> Sequence[T]:
    """The points to run: CRASH=all (or TESTS=all) for all, CRASH=2/5 for the second fifth of them, else so many."""
    asked = os.environ.get("CRASH", "")
    if asked == "all" or (ALL and not asked):
        return points
    if asked:
        part, parts = map(int, asked.split("/"))
        return points[part - 1 :: parts]
    return spread(points, sample)
