"""What the commands for usage read of files that somebody else writes."""

from __future__ import annotations

from pathlib import Path

from stripe_usage.commands.generate import _customers
from stripe_usage.errors import UsageError
from stripe_usage.naming import stack as usage_stack
from stripe_usage.naming import target as usage_target
from tests.hostile.readers import reader


@reader("outputs, for usage", "outputs.json", "json", {"meter_id": "mtr_1", "event_name": "tokens"}, UsageError)
def _(path: Path) -> object:
    return usage_stack.parsed(usage_target._read(str(path)), str(path), usage_stack.METER)


@reader("customers to generate usage of", "ids.txt", "text", b"cus_1\ncus_2\n", UsageError)
def _(path: Path) -> object:
    return _customers(str(path))
