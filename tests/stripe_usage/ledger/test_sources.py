"""From logs to what Stripe counted, with nothing between them made up: a description, its rows, the command, the local Stripe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stripe_usage.events.values import time_text
from tests.stripe_usage.running import Usage

pytest.importorskip("ibis", reason="the extra scale is not installed: pip install 'pulumi-stripe-billing[scale]'")

HOUR = 3600
DESCRIPTION = """\
name: requests
window: hour
rows: {files: logs/*.ndjson}
customer: customer
time: created_at
duplicates: {columns: [request_id]}
meters:
  tokens: input_tokens + output_tokens * 4
"""


class Rows:
    """Request logs in a folder, and their description."""

    def __init__(self, usage: Usage) -> None:
        self._usage, self._count = usage, 0
        self._folder: Path = usage.folder / "logs"
        self._folder.mkdir()
        (usage.folder / "usage.yaml").write_text(DESCRIPTION)

    def write(self, *rows: dict[str, Any]) -> None:
        """A file of them, each `ago` seconds before now."""
        self._count += 1
        now, lines = self._usage.server.clock(), []
        for number, row in enumerate(rows):
            moment = now - row.pop("ago")
            name = f"r{self._count}-{number}"
            lines.append(json.dumps({"request_id": name, "created_at": time_text(moment), "output_tokens": 0, **row}))
        (self._folder / f"{self._count}.ndjson").write_text("\n".join(lines) + "\n")

    def again(self) -> None:
        """The last file once more, as where a retry logs its requests again."""
        (self._folder / "again.ndjson").write_text((self._folder / f"{self._count}.ndjson").read_text())


def aggregate(usage: Usage, *arguments: str) -> tuple[int, str]:
    """In a process of its own: its exit code, and all that it said."""
    process = usage.begin("aggregate", "usage.yaml", "--quiet", *arguments)
    said, _ = process.communicate()
    return process.returncode, said


@pytest.mark.thorough
def test_logs_are_billed_once_with_what_comes_late(usage: Usage) -> None:
    a, b = usage.customers(2)
    rows = Rows(usage)
    rows.write(
        {"customer": a, "input_tokens": 100, "output_tokens": 25, "ago": 3 * HOUR},
        {"customer": a, "input_tokens": 7, "ago": 5 * HOUR},
        {"customer": b, "input_tokens": 1, "ago": 3 * HOUR},
    )
    rows.again()
    code, said = aggregate(usage)
    assert (code, usage.used(a)) == (0, 0), said
    assert "3 events would be sent for 2 customers, +208 units" in said
    assert aggregate(usage, "--send")[0] == 0
    assert (usage.used(a), usage.used(b)) == (207, 1)
    rows.write({"customer": b, "input_tokens": 9, "ago": 4 * HOUR})
    for _ in range(2):
        assert aggregate(usage, "--send")[0] == 0
        assert (usage.used(a), usage.used(b)) == (207, 10)


@pytest.mark.thorough
def test_what_is_wrong_with_the_rows_is_named_and_stops_nothing_else(usage: Usage) -> None:
    (a,) = usage.customers(1)
    rows = Rows(usage)
    rows.write(
        {"customer": a, "input_tokens": 5, "ago": 3 * HOUR},
        {"customer": "cus_nobody", "input_tokens": 5, "ago": 3 * HOUR},
        {"customer": None, "input_tokens": 5, "ago": 3 * HOUR},
        {"customer": a, "input_tokens": "many", "ago": 3 * HOUR},
    )
    code, said = aggregate(usage)
    assert code == 3
    assert "customer: Stripe does not know cus_nobody" in said
    assert "customer: 1 of 4 rows have no customer" in said
    assert "meters.tokens: 1 rows have no input_tokens or no output_tokens that can be read exactly" in said
    assert aggregate(usage, "--send")[0] == 3
    assert usage.used(a) == 5


def test_a_description_that_is_none_is_refused_with_everything_that_is_wrong(usage: Usage) -> None:
    (usage.folder / "usage.yaml").write_text("name: requests\nwindow: week\n")
    code, said = aggregate(usage, "--send")
    assert code == 1
    assert "window: 'week' is not one of ['hour', 'day']" in said
    assert "'meters' is a required property" in said


def test_meters_that_the_stack_does_not_have_are_refused_before_anything_is_sent(usage: Usage) -> None:
    (a,) = usage.customers(1)
    other: Any = {"display_name": "Images", "event_name": "images", "default_aggregation": {"formula": "sum"}}
    images = usage.stripe.v1.billing.meters.create(other)
    rows = Rows(usage)
    rows.write({"customer": a, "input_tokens": "five", "ago": 3 * HOUR})
    (usage.folder / "usage.yaml").write_text(f"{DESCRIPTION}  images: count\n  none: count\n")
    outputs = usage.folder / "outputs.json"
    for declared, refused in (
        ({"plan": {"meter_ids": {"tokens": usage.meter.id}}}, "images"),
        ({"event_names": ["images"]}, "tokens"),
        ({"event_name": "tokens", "meter_id": images.id}, None),
        ({"product_id": "prod_1"}, None),
    ):
        outputs.write_text(json.dumps(declared))
        code, said = aggregate(usage, "--outputs", "outputs.json", "--send")
        assert code == 1
        assert "meters.none: no meter has this event name (there are images, tokens)" in said
        assert [name for name in ("images", "tokens") if f"meters.{name}: the stack's outputs name other" in said] == (
            [refused] if refused else []
        )
        assert "input_tokens" not in said  # no row was read yet
    assert usage.used(a) == 0
    (usage.folder / "logs" / "1.ndjson").unlink()
    rows.write({"customer": a, "input_tokens": 5, "ago": 3 * HOUR})
    description = usage.folder / "usage.yaml"
    description.write_text(description.read_text().replace("  none: count\n", ""))
    outputs.write_text(json.dumps({"meters": [usage.meter.id, images.id]}))
    code, said = aggregate(usage, "--outputs", "outputs.json", "--send")
    assert (code, usage.used(a)) == (0, 5), said
