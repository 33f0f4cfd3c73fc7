"""A month's usage from logs, as a source describes them: what each customer used of each meter, as `usage_file` has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, Inexact

from stripe_impact.errors import ImpactError
from stripe_sources import aggregation, checking, source
from stripe_sources.errors import Unreadable

from .usage_file import Row

_EXACT = Context(prec=400, traps=[Inexact])


def rows(path: str, month: str | None, now: datetime) -> tuple[list[Row], list[str]]:
    """A row for each customer and meter, and what is wrong with the logs, so that some of them are in no row.

    `month` is such as 2026-11; by default the last one that is over. Raises `ImpactError`.
    """
    first, next_ = _month(month, now)
    start, end = int(first.timestamp()), int(next_.timestamp())
    totals: dict[tuple[str, str], Decimal] = {}
    try:
        described = source.read(path)
        with aggregation.read(described, start=start, end=end, by="hour") as read:
            for one in aggregation.aggregates(read):
                key = one.customer, one.event_name
                totals[key] = _EXACT.add(totals.get(key, Decimal(0)), one.value)
            problems = checking.problems(described, checking.previewed(read, int(now.timestamp())))
    except Unreadable as e:
        raise ImpactError(str(e)) from None
    if not totals:
        raise ImpactError(f"{path} has no usage in {first:%Y-%m}, UTC, which is no answer; give another --month")
    found = [Row(f"{name} of {customer}", customer, "event_name", name, value) for (customer, name), value in totals.items()]
    return found, problems


def _month(text: str | None, now: datetime) -> tuple[datetime, datetime]:
    first = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    try:
        start = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC) if text else (first - timedelta(days=1)).replace(day=1)
    except ValueError:
        raise ImpactError(f"--month is {text!r}, which is no month; give one such as {first:%Y-%m}") from None
    return start, (start + timedelta(days=32)).replace(day=1)
