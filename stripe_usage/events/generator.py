"""Made-up token usage that looks like real usage: pure, and the same for the same seed.

- Customers differ by orders of magnitude: the n-th largest uses about 1/n of what the largest does.
- There is a rhythm: most usage on working days and by day (UTC), a little at night and at the weekend.
- Requests of one model are log-normal: most are small, a few are fifty times as large. Values are whole numbers.

Times never go back, so a file may be cut anywhere.
"""

from __future__ import annotations

import math
import random
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import NormalDist

HOUR, DAY = 3600, 86400
SPREAD = 1.0
"""The standard deviation of the logarithm of a value: two in three requests are within a factor of e of the median."""
LARGEST = 10**9

_BY_HOUR = (2, 1, 1, 1, 1, 2, 4, 7, 11, 14, 15, 15, 13, 14, 15, 15, 14, 12, 9, 7, 6, 5, 4, 3)
_BY_WEEKDAY = (10, 11, 11, 11, 9, 3, 2)  # from Monday
_EPOCH_WEEKDAY = 3  # 1970 began on a Thursday


@dataclass(frozen=True)
class Model:
    """A model, the tokens of its median request, and how often it is used compared to others."""

    name: str
    median: int
    weight: int = 1


@dataclass(frozen=True)
class Made:
    """One request of a customer to a model: tokens, at Unix seconds."""

    customer: str
    model: str
    value: int
    timestamp: int


def generated(customers: Sequence[str], models: Sequence[Model], start: int, days: int, events: int, seed: int) -> Iterator[Made]:
    """`events` events in `days` days from `start` (Unix seconds, a whole hour), in chronological order.

    The seed decides which customers are the large ones.
    """
    # Only random() is promised to give the same numbers in every version of Python, so everything is made of it.
    draw = random.Random(seed).random
    ranked = list(customers)
    for i in range(len(ranked) - 1, 0, -1):
        j = int(draw() * (i + 1))
        ranked[i], ranked[j] = ranked[j], ranked[i]
    shares = list(accumulate(1 / rank for rank in range(1, len(ranked) + 1)))
    weights = list(accumulate(model.weight for model in models))
    normal = NormalDist().inv_cdf
    for hour, count in enumerate(_counts(start, days, events)):
        begin = start + hour * HOUR
        for second in sorted(int(draw() * HOUR) for _ in range(count)):
            customer = ranked[bisect(shares, draw() * shares[-1])]
            model = models[bisect(weights, draw() * weights[-1])]
            size = model.median * math.exp(SPREAD * normal(draw() or 0.5))
            yield Made(customer, model.name, max(1, min(LARGEST, round(size))), begin + second)


def _counts(start: int, days: int, events: int) -> Iterator[int]:
    """How many events each hour has: together exactly `events`."""
    weights = [_weight(start + hour * HOUR) for hour in range(days * 24)]
    total, sofar, given = sum(weights), 0, 0
    for weight in weights:
        sofar += weight
        due = events * sofar // total
        yield due - given
        given = due


def _weight(moment: int) -> int:
    days, seconds = divmod(moment, DAY)
    return _BY_HOUR[seconds // HOUR] * _BY_WEEKDAY[(days + _EPOCH_WEEKDAY) % 7]
