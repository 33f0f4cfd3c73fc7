"""`stripe-usage`, whose source is a JSON file of what its rows add up to: how they are read is not what is tested here.

{"name": "logs", "window": "hour", "windows": [["tokens", "cus_…", 1764460800, "25", 3], …]}: event name, customer, start, value
and rows
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from stripe_sources.aggregates import Aggregate
from stripe_usage.__main__ import main
from stripe_usage.commands import aggregate

SECONDS = {"hour": 3600, "day": 86400}


def source(path: str) -> tuple[str, str]:
    found = json.loads(Path(path).read_text())
    return found["name"], found["window"]


def aggregates(path: str, start: int, end: int) -> Iterator[Aggregate]:
    found = json.loads(Path(path).read_text())
    seconds = SECONDS[found["window"]]
    for event_name, customer, begins, value, rows in sorted(found["windows"]):
        if start <= begins < end:
            yield Aggregate(event_name, customer, begins, begins + seconds, Decimal(value), rows)


aggregate._source, aggregate._aggregates = source, aggregates
aggregate._problems = lambda *_: []

if __name__ == "__main__":
    sys.exit(main())
