"""Billing periods in UTC. https://docs.stripe.com/billing/subscriptions/billing-cycle

All moments are Unix seconds; a period is a pair (start, end) that includes its start and excludes its end.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime

_DAY = 86400
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}
_SHORTEST_MONTH = 28


def after(anchor: int, interval: str, count: int, day: int | None = None) -> int:
    """The moment `count` intervals (day, week, month, year) after the anchor; `count` may be negative.

    A month that lacks the anchor's day (or `day`, if given) ends on its last one: 31 January plus a month is 28 or 29
    February, and plus two months is 31 March.
    """
    if interval in _DAYS:
        return anchor + _DAYS[interval] * count * _DAY
    moment = datetime.fromtimestamp(anchor, UTC)
    months = moment.year * 12 + moment.month - 1 + _MONTHS[interval] * count
    year, month = divmod(months, 12)
    day = day or moment.day
    if day > _SHORTEST_MONTH:
        day = min(day, calendar.monthrange(year, month + 1)[1])
    return int(moment.replace(year=year, month=month + 1, day=day).timestamp())


@dataclass(frozen=True)
class Grid:
    """The dates on which periods of `count` intervals begin: those in step with the anchor, before and after it.

    `day` is the day of the month that is meant, where the anchor fell on the last day of a shorter month.
    """

    anchor: int
    interval: str
    count: int
    day: int | None = None

    def date(self, number: int) -> int:
        """The date `number` periods after the anchor."""
        return after(self.anchor, self.interval, self.count * number, self.day)

    def _find(self, moment: int) -> tuple[int, int, int]:
        number = (moment - self.anchor) // (self.date(1) - self.anchor)
        first, last = self.date(number), self.date(number + 1)
        while first > moment:
            number, first, last = number - 1, self.date(number - 1), first
        while last <= moment:
            number, first, last = number + 1, last, self.date(number + 2)
        return number, first, last

    def number(self, moment: int) -> int:
        """How many periods after the anchor the period begins that contains the moment."""
        return self._find(moment)[0]

    def period(self, moment: int) -> tuple[int, int]:
        """The period that contains the moment."""
        _, first, last = self._find(moment)
        return first, last


def next_on_day(
    moment: int,
    created: int,
    day_of_month: int,
    month: int | None = None,
    hour: int | None = None,
    minute: int | None = None,
    second: int | None = None,
) -> int:
    """The next moment after `moment` on a day of the month, and of the year if `month` is given.

    The time of day is that of `created` unless given; the day is clamped to the month's length.
    """
    base = datetime.fromtimestamp(moment, UTC)
    time = datetime.fromtimestamp(created, UTC)
    for ahead in range(14):
        year, index = divmod(base.year * 12 + base.month - 1 + ahead, 12)
        if month is not None and index + 1 != month:
            continue
        day = min(day_of_month, calendar.monthrange(year, index + 1)[1])
        candidate = base.replace(
            year=year,
            month=index + 1,
            day=day,
            hour=time.hour if hour is None else hour,
            minute=time.minute if minute is None else minute,
            second=time.second if second is None else second,
        )
        if candidate.timestamp() > moment:
            return int(candidate.timestamp())
    raise AssertionError("every month comes round within fourteen months")
