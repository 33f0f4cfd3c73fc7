"""A source whose rows tests write and correct, and what is billed of it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from tests.stripe_usage.running import Ran, Usage

pytest.importorskip("ibis", reason="the extra scale is not installed: pip install 'pulumi-stripe-billing[scale]'")

HOUR, DAY = 3600, 86400
SECONDS = {"hour": HOUR, "day": DAY}
DESCRIPTION = """\
name: {name}
window: {window}
late: {late}
rows: {{files: {name}.ndjson}}
customer: customer
time: {{column: at, unit: s}}
duplicates: {{columns: [id]}}
meters: {{tokens: value}}
"""


@dataclass(frozen=True)
class Row:
    id: str
    customer: str
    at: int
    value: Decimal

    def line(self) -> str:
        return json.dumps({"id": self.id, "customer": self.customer, "at": self.at, "value": str(self.value)}) + "\n"


class Logs:
    """Rows of one source, added up by `window`; `due` is what they come to, by customer and the beginning of the window."""

    def __init__(self, usage: Usage, window: str = "hour", name: str = "logs", ledger: str = "") -> None:
        self.usage, self.window, self.name, self.ledger = usage, window, name, ledger
        self.seconds = SECONDS[window]
        self.rows: list[Row] = []
        self._made = 0
        self.file = f"{name}.yaml"
        self.late("report")
        self.save()

    def late(self, choice: str) -> None:
        """What becomes of changes that are too late."""
        (self.usage.folder / self.file).write_text(DESCRIPTION.format(name=self.name, window=self.window, late=choice))

    def used(self, customer: str, value: Any, ago: int) -> int:
        """A row that long ago; returns the beginning of its window."""
        moment = self.usage.server.clock() - ago
        self._made += 1
        self.rows.append(Row(f"r{self._made}", customer, moment, Decimal(str(value))))
        self.save()
        return self.start(moment)

    def start(self, moment: int) -> int:
        return moment - moment % self.seconds

    def forget(self, customer: str) -> None:
        """None of the customer's rows is left."""
        self.rows = [row for row in self.rows if row.customer != customer]
        self.save()

    def save(self, repeated: int = 0) -> None:
        """The file, at once, as a log that is written anew; the last rows are in it twice."""
        path = self.usage.folder / f"{self.name}.ndjson"
        path.with_suffix(".new").write_text("".join(row.line() for row in (*self.rows, *self.rows[len(self.rows) - repeated :])))
        path.with_suffix(".new").rename(path)

    @property
    def due(self) -> dict[tuple[str, int], Decimal]:
        found: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
        for row in self.rows:
            found[row.customer, self.start(row.at)] += row.value
        return dict(found)

    def is_due(self) -> dict[tuple[str, int], Decimal]:
        """What the rows come to, where that is not 0."""
        return {key: value for key, value in self.due.items() if value}

    def options(self, *arguments: str) -> tuple[str, ...]:
        return ("aggregate", self.file, "--quiet", *(("--ledger", self.ledger) if self.ledger else ()), *arguments)

    def aggregate(self, *arguments: str) -> Ran:
        """In this process."""
        return self.usage.run(*self.options(*arguments))

    def told(self, *arguments: str) -> dict[str, Any]:
        """What it says of the one meter."""
        ran = self.aggregate("--format", "json", *arguments)
        assert ran.out, ran.err
        (meter,) = json.loads(ran.out)["meters"]
        return {**meter, "code": ran.code}

    def send(self, *arguments: str) -> dict[str, Any]:
        return self.told("--send", *arguments)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """In a process of its own, that is not waited for."""
        return self.usage.begin(*self.options("--send", *arguments))

    def counted(self, by: str = "hour", days: int = 130) -> dict[tuple[str, int], Decimal]:
        """What Stripe counted, by customer and hour or day, where that is not 0."""
        now = self.usage.server.clock()
        times = {"start_time": now - now % DAY - days * DAY, "end_time": now - now % DAY + DAY, "value_grouping_window": by}
        found: dict[tuple[str, int], Decimal] = {}
        for customer in [one.id for one in self.usage.stripe.v1.customers.list({"limit": 100}).data]:
            asked: dict[str, Any] = {**times, "customer": customer, "limit": 100}
            while True:
                path = f"/v1/billing/meters/{self.usage.meter.id}/event_summaries"
                page = json.loads(self.usage.server.http("GET", path, params=asked).text, parse_float=Decimal)
                found.update({(customer, s["start_time"]): Decimal(s["aggregated_value"]) for s in page["data"]})
                if not page["has_more"]:
                    break
                asked["starting_after"] = page["data"][-1]["id"]
        return {key: value for key, value in found.items() if value}

    def read(self, query: str) -> list[tuple[Any, ...]]:
        """From the ledger."""
        if self.ledger:
            import psycopg

            with psycopg.connect(self.ledger, options="-c search_path=stripe_usage") as connection:
                return connection.execute(query.encode()).fetchall()
        path = self.usage.folder / ".local" / "usage" / "ledger.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            return db.execute(query).fetchall()
