"""What a window of usage adds up to: the rows of one customer and one meter in one hour or one day."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class Aggregate(NamedTuple):
    """The rows of `customer` (Stripe's id) for the meter `event_name` from `start` up to, not including, `end`.

    Both are Unix seconds, UTC. `value` is exact; `rows` counts what is in it, duplicates once.
    """

    event_name: str
    customer: str
    start: int
    end: int
    value: Decimal
    rows: int
