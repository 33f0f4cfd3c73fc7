"""docs/logs.md, from its files to what Stripe counts."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime

from tests.docs.checkout import blocks
from tests.stripe_usage.running import Usage

from .logs import HOUR

PAGE = "docs/logs.md"


def test_from_its_logs_to_a_bill(usage: Usage) -> None:
    """With a customer that there is, and a row of today."""
    (customer,) = usage.customers(1)
    requests = usage.stripe.v1.billing.meters.create(
        {"display_name": "Requests", "event_name": "requests", "default_aggregation": {"formula": "sum"}}
    )
    at = usage.server.clock() - 3 * HOUR
    now = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
    (usage.folder / "usage.yaml").write_text(blocks(PAGE, "yaml")[0])
    (usage.folder / "tenants.csv").write_text(blocks(PAGE, "text")[0].replace("cus_1", customer))
    (usage.folder / "logs").mkdir()
    (usage.folder / "logs" / "today.ndjson").write_text(blocks(PAGE, "json")[0].replace("2026-11-01T10:00:00Z", now))
    commands = [
        shlex.split(line) for block in blocks(PAGE, "sh") for line in block.splitlines() if line.startswith("stripe-usage")
    ]
    dry, sent, again = (
        usage.run(*(word for word in command[1:] if word not in ("--stack", "dev"))) for command in (*commands, commands[1])
    )
    assert (dry.code, sent.code, again.code) == (0, 0, 0), dry.err + sent.err + again.err
    assert "tokens: 1 window (by the day there would be 1)" in dry.out
    assert "1 event would be sent for 1 customer, +2,000 units" in dry.out
    assert "0 events sent" in again.out
    day = {"customer": customer, "start_time": at - at % 60 - 2 * HOUR, "end_time": at - at % 60 + 60}
    for meter, value in ((usage.meter.id, 2000), (requests.id, 1)):
        (summary,) = usage.stripe.v1.billing.meters.event_summaries.list(meter, day).data
        assert summary.aggregated_value == value
