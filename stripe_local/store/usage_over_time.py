"""What meter events add up to, window by window, of one customer or of all of them together: what a chart shows."""

from __future__ import annotations

from decimal import Decimal

from .usage import HALF, Usage, total

_MORE_THAN_EVENTS = 2**31


def usage_over_time(
    usage: Usage,
    meter: str,
    formula: str,
    event_window: int | None,
    seconds: int,
    start: int,
    end: int,
    customer: str | None = None,
) -> dict[int, Decimal]:
    """Aggregates by the start of each UTC window of `seconds` in which there is usage, from `start` to `end` (exclusive).

    `formula` and `event_window` are as in `Usage.aggregate`. The value for all customers together is the sum of what each of them
    has.
    """
    where = "meter = ? AND timestamp >= ? AND timestamp < ? AND received_ms <= ? AND canceled = 0"
    bindings: list[object] = [meter, start, end, usage.visible_ms]
    if customer is not None:
        where += " AND customer = ?"
        bindings.append(customer)
    chosen = f"SELECT customer, seq, timestamp, digits, scale FROM meter_events WHERE {where}"
    if event_window is not None:
        chosen = (
            f"SELECT customer, MAX(seq) AS seq, timestamp, digits, scale FROM ({chosen}) "
            f"GROUP BY customer, timestamp / {event_window}"
        )
    if formula == "count":
        counted = f"SELECT timestamp / {seconds}, COUNT(*) FROM ({chosen}) GROUP BY 1"
        return {index * seconds: Decimal(count) for index, count in usage.connection.execute(counted, bindings)}
    if formula == "last":
        # SQLite takes the other columns from the row that has the maximum; sorting each window's events would take far longer.
        chosen = (
            f"SELECT MAX(timestamp * {_MORE_THAN_EVENTS} + seq), timestamp, digits, scale FROM ({chosen}) "
            f"GROUP BY customer, timestamp / {seconds}"
        )
    parts: dict[int, list[tuple[int, int, int]]] = {}
    summed = f"SELECT timestamp / {seconds}, scale, SUM(digits / {HALF}), SUM(digits % {HALF}) FROM ({chosen}) GROUP BY 1, 2"
    for index, *part in usage.connection.execute(summed, bindings):
        parts.setdefault(index * seconds, []).append((part[0], part[1], part[2]))
    return {moment: total(found) for moment, found in sorted(parts.items())}
