"""Periods of usage: what the options say, and where Stripe lets them begin and end. Pure.

Stripe sums up whole minutes, and by hour or day whole hours or days in UTC:
https://docs.stripe.com/api/billing/meter-event-summary/list
"""

from __future__ import annotations

import re
from typing import NamedTuple

from stripe_sources.errors import Wrong
from stripe_sources.numbers import shown

from .values import time_text, timestamp_of

MINUTE, HOUR, DAY = 60, 3600, 86400
STEPS = {"hour": HOUR, "day": DAY, "total": MINUTE}
"""What a period begins and ends on (seconds), by what it is divided into."""

DEFAULT_DAYS, DEFAULT_HOURS = 30, 48

_NAMES = {MINUTE: "minute", HOUR: "hour", DAY: "day"}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Period(NamedTuple):
    """Unix seconds; it includes `start` and excludes `end`."""

    start: int
    end: int


def moment_of(text: str) -> int:
    """Unix seconds from a date (its beginning in UTC), RFC 3339 or Unix seconds. Raises `Wrong`."""
    if _DATE.fullmatch(text.strip()):
        return timestamp_of(f"{text.strip()}T00:00:00Z")
    try:
        return timestamp_of(text)
    except Wrong as e:
        if re.search(r"\d-\d", text):
            raise
        raise Wrong(f"{shown(text)} is not a time; give a date, 2026-11-24T10:30:00Z or Unix seconds") from e


class Asked(NamedTuple):
    """What the options say of a period, checked; None where they leave it open. `by` is hour, day or total."""

    start: int | None
    end: int | None
    by: str


def asked(begin: str | None, end: str | None, by: str) -> Asked:
    """The options --from, --to and --by. Raises `Wrong` with all that is wrong, and the nearest times that would be right."""
    problems, found = list[str](), list[int | None]()
    for option, text in (("--from", begin), ("--to", end)):
        moment = None
        try:
            moment = None if text is None else moment_of(text)
        except Wrong as e:
            problems.append(f"{option}: {e}")
        if moment is not None and moment % STEPS[by]:
            problems.append(f"{option}: {_unaligned(moment, by)}")
        found.append(moment)
    first, last = found
    if not problems and first is not None and last is not None and last <= first:
        problems.append(_backwards(first, last))
    if problems:
        raise Wrong("; ".join(problems))
    return Asked(first, last, by)


def completed(wish: Asked, now: int) -> Period:
    """The period: by default it ends with the hour or day that `now` lies in, and is 48 hours or 30 days long. Raises `Wrong`."""
    hours = wish.by == "hour"
    last = _up(now + 1, HOUR if hours else DAY) if wish.end is None else wish.end
    # A period that ends within a day is as long as one that ends with it.
    default = _up(last, HOUR if hours else DAY) - (DEFAULT_HOURS * HOUR if hours else DEFAULT_DAYS * DAY)
    first = default if wish.start is None else wish.start
    if last <= first:
        raise Wrong(_backwards(first, last))
    return Period(first, last)


def outward(begin: int, end: int, step: int = MINUTE) -> Period:
    """The smallest period on whole minutes (or other steps) that contains both moments."""
    return Period(begin - begin % step, _up(end + 1, step))


def _backwards(first: int, last: int) -> str:
    return f"--to: {time_text(last)} is not after --from, {time_text(first)}; a period includes --from and excludes --to"


def _unaligned(moment: int, by: str) -> str:
    step = STEPS[by]
    unit = _NAMES[step]
    why = f"with --by {by} Stripe sums up whole {unit}s in UTC" if by != "total" else "Stripe sums up whole minutes"
    article, before = ("an" if unit == "hour" else "a"), moment - moment % step
    nearest = f"{time_text(before)} or {time_text(before + step)}"
    return f"{time_text(moment)} is not the beginning of {article} {unit}, and {why}; give {nearest}"


def _up(moment: int, step: int) -> int:
    return -(-moment // step) * step
