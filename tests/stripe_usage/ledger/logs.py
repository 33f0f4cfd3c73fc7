"""A source whose rows tests write and correct, and what is billed of it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from decimal import Decimal
from typing import Any

from tests.stripe_local.server import ROOT
from tests.stripe_usage.running import Ran, Usage

from . import driver as driver

HOUR, DAY = 3600, 86400


class Logs:
    """Rows of one source, added up by `window`; `due` is what they come to, by customer and the beginning of the window."""

    def __init__(self, usage: Usage, window: str = "hour", name: str = "logs") -> None:
        self.usage, self.window, self.name = usage, window, name
        self.seconds = driver.SECONDS[window]
        self.due: dict[tuple[str, int], Decimal] = {}
        self.rows: Counter[tuple[str, int]] = Counter()
        self.file = f"{name}.json"
        self.save()

    def used(self, customer: str, value: Any, ago: int) -> int:
        """A row that long ago; returns the beginning of its window."""
        moment = self.usage.server.clock() - ago
        start = moment - moment % self.seconds
        key = customer, start
        self.due[key] = self.due.get(key, Decimal(0)) + Decimal(str(value))
        self.rows[key] += 1
        self.save()
        return start

    def save(self) -> None:
        windows = [
            ["tokens", customer, start, str(value), self.rows[customer, start]] for (customer, start), value in self.due.items()
        ]
        path = self.usage.folder / self.file
        path.with_suffix(".new").write_text(json.dumps({"name": self.name, "window": self.window, "windows": windows}))
        path.with_suffix(".new").rename(path)

    def aggregate(self, *arguments: str) -> Ran:
        """In this process."""
        return self.usage.run("aggregate", self.file, "--quiet", *arguments)

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
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "STRIPE_API_BASE": self.usage.server.url}
        command = [sys.executable, "-m", "tests.stripe_usage.ledger.driver", "aggregate", self.file, "--send", *arguments]
        return subprocess.Popen(
            command, cwd=self.usage.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def counted(self, by: str = "hour", days: int = 130) -> dict[tuple[str, int], Decimal]:
        """What Stripe counted, by customer and hour or day, where that is not 0."""
        now = self.usage.server.clock()
        times = {"start_time": now - now % DAY - days * DAY, "end_time": now - now % DAY + DAY, "value_grouping_window": by}
        found: dict[tuple[str, int], Decimal] = {}
        for customer in sorted({customer for customer, _ in self.due}):
            asked: dict[str, Any] = {**times, "customer": customer, "limit": 100}
            while True:
                path = f"/v1/billing/meters/{self.usage.meter.id}/event_summaries"
                page = json.loads(self.usage.server.http("GET", path, params=asked).text, parse_float=Decimal)
                found.update({(customer, s["start_time"]): Decimal(s["aggregated_value"]) for s in page["data"]})
                if not page["has_more"]:
                    break
                asked["starting_after"] = page["data"][-1]["id"]
        return {key: value for key, value in found.items() if value}

    def is_due(self) -> dict[tuple[str, int], Decimal]:
        """What the rows come to, where that is not 0."""
        return {key: value for key, value in self.due.items() if value}

    def read(self, query: str) -> list[tuple[Any, ...]]:
        """From the ledger's file."""
        path = self.usage.folder / ".local" / "usage" / "ledger.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            return db.execute(query).fetchall()
