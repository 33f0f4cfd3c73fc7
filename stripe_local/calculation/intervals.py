"""Which intervals a subscription can have at once. https://docs.stripe.com/billing/subscriptions/mixed-interval"""

from __future__ import annotations

from collections.abc import Iterable

_IN_DAYS = {"day": 1, "week": 7}
_IN_MONTHS = {"month": 1, "year": 12}


def fit(intervals: Iterable[tuple[str, int]]) -> bool:
    """Whether intervals (such as 3 months) go together: each is a multiple of the shortest.

    Seven days are a week, twelve months a year, and one day is the only time in days or weeks that divides months.
    """
    wanted = list(intervals)
    days = [_IN_DAYS[interval] * count for interval, count in wanted if interval in _IN_DAYS]
    months = [_IN_MONTHS[interval] * count for interval, count in wanted if interval in _IN_MONTHS]
    if days and months:
        return set(days) == {1}
    lengths = days or months
    return all(length % min(lengths) == 0 for length in lengths)
