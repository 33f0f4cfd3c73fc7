"""The command line, run in this process or in one of its own, and a local Stripe with a meter to report to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from stripe_usage.__main__ import main
from tests.stripe_local.server import ROOT, LocalStripe

DAY = 86400


@dataclass(frozen=True)
class Ran:
    """A command's exit code and what it printed."""

    code: int
    out: str
    err: str


class Usage:
    """`python -m stripe_usage` in a folder, at a local Stripe with one meter."""

    def __init__(self, server: LocalStripe, folder: Path, capsys: pytest.CaptureFixture[str], formula: str = "sum") -> None:
        self.server, self.folder, self._capsys = server, folder, capsys
        self.stripe = server.client()
        chosen: Any = {"formula": formula}
        self.meter = self.stripe.v1.billing.meters.create(
            {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": chosen}
        )
        self.now = server.clock()

    @property
    def checkpoint(self) -> Path:
        return self.folder / "state" / "pulumi-stripe-billing" / "usage" / f"{self.meter.id}.db"

    def customers(self, count: int) -> list[str]:
        return [self.stripe.v1.customers.create({}).id for _ in range(count)]

    def run(self, *arguments: str) -> Ran:
        """In this process, whose folder and environment are set."""
        self._capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as e:
            code = int(str(e.code))
        captured = self._capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    def record(self, *arguments: str) -> Ran:
        return self.run("record", "--event-name", "tokens", *arguments)

    def begin(self, *arguments: str, base: str = "") -> subprocess.Popen[str]:
        """In a process of its own, that is not waited for; `base` is where it finds Stripe."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "STRIPE_API_BASE": base or self.server.url}
        command = [sys.executable, "-m", "stripe_usage", *arguments]
        return subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def file(self, rows: list[Mapping[str, Any]], name: str = "events.ndjson") -> str:
        (self.folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
        return name

    def row(self, customer: str, value: Any, ago: int = 100, **more: Any) -> dict[str, Any]:
        return {"customer": customer, "value": value, "timestamp": self.now - ago, **more}

    def used(self, customer: str) -> Decimal:
        """What the meter says that a customer used in the last 36 days."""
        now = self.server.clock()
        times = {"start_time": now - now % DAY - 36 * DAY, "end_time": now - now % DAY + DAY, "customer": customer}
        text = self.server.http("GET", f"/v1/billing/meters/{self.meter.id}/event_summaries", params=times).text
        return sum((s["aggregated_value"] for s in json.loads(text, parse_float=Decimal)["data"]), Decimal(0))

    def rejected(self, name: str = "events.ndjson") -> dict[int, dict[str, Any]]:
        """The rejects file, by line."""
        records = [json.loads(line) for line in (self.folder / f"{name}.rejects.ndjson").read_text().splitlines()]
        assert len({r["line"] for r in records}) == len(records)
        return {r["line"]: r for r in records}
