"""Billing periods in UTC. https://docs.stripe.com/billing/subscriptions/billing-cycle

All moments are Unix seconds; a period is a pair (start, end) that includes its start and excludes its end.
"""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta

_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}


def after(anchor: int, interval: str, count: int) -> int:
    """The moment `count` intervals (day, week, month, year) after the anchor; `count` may be negative.

    A month that lacks the anchor's day ends on its last one: 31 January plus a month is 28 or 29 February, and plus two
    months is 31 March.
    """
    moment = datetime.fromtimestamp(anchor, UTC)
    if interval in _DAYS:
        return int((moment + timedelta(days=_DAYS[interval] * count)).timestamp())
    months = moment.year * 12 + moment.month - 1 + _MONTHS[interval] * count
    year, month = divmod(months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return int(moment.replace(year=year, month=month + 1, day=day).timestamp())


def containing(anchor: int, interval: str, count: int, moment: int) -> tuple[int, int]:
    """The period of `count` intervals, in step with the anchor, that contains the moment."""
    length = after(anchor, interval, count) - anchor
    index = (moment - anchor) // length
    while after(anchor, interval, count * index) > moment:
        index -= 1
    while after(anchor, interval, count * (index + 1)) <= moment:
        index += 1
    return after(anchor, interval, count * index), after(anchor, interval, count * (index + 1))


def next_on_day(
    moment: int,
    day_of_month: int,
    month: int | None = None,
    hour: int | None = None,
    minute: int | None = None,
    second: int | None = None,
) -> int:
    """The next moment after `moment` on a day of the month, and of the year if `month` is given.

    The time of day is that of `moment` unless given; the day is clamped to the month's length.
    """
    base = datetime.fromtimestamp(moment, UTC)
    for ahead in range(14):
        year, index = divmod(base.year * 12 + base.month - 1 + ahead, 12)
        if month is not None and index + 1 != month:
            continue
        day = min(day_of_month, calendar.monthrange(year, index + 1)[1])
        candidate = base.replace(
            year=year,
            month=index + 1,
            day=day,
            hour=base.hour if hour is None else hour,
            minute=base.minute if minute is None else minute,
            second=base.second if second is None else second,
        )
        if candidate.timestamp() > moment:
            return int(candidate.timestamp())
    raise AssertionError("every month comes round within fourteen months")
