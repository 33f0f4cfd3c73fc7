"""Values, times, customers and identifiers, as they come out of a file or from the command line. Pure.

A JSON number arrives as `int` or `Decimal`, everything of a CSV file as `str`; a float never.
https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api
"""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from stripe_sources.errors import Wrong
from stripe_sources.numbers import shown

OLDEST_SECONDS = 35 * 86400
NEWEST_SECONDS = 5 * 60

LONGEST_IDENTIFIER = 100
LONGEST_CUSTOMER = 100
_SECONDS = re.compile(r"([0-9]{1,13})(\.[0-9]+)?")
_RFC_3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
_MILLISECONDS = 10**11
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def timestamp_of(raw: object) -> int:
    """Unix seconds; a fraction of a second is cut off. Raises `Wrong`."""
    return moment_of(raw)[0]


def moment_of(raw: object) -> tuple[int, str]:
    """Unix seconds, and what the time has beyond the second that Stripe takes, as digits without needless zeros: "125", "" for a
    whole second. A leap second, which is taken for the one before it, has one too. Raises `Wrong`."""
    if isinstance(raw, bool) or not isinstance(raw, (int, str, Decimal)):
        raise Wrong(f"{shown(raw)} is not a time; give Unix seconds or a time such as 2026-11-24T10:30:00Z")
    text = str(raw).strip()
    if match := _SECONDS.fullmatch(text):
        seconds = int(match.group(1))
        if seconds >= _MILLISECONDS:
            raise Wrong(f"{shown(raw)} is too far away to be Unix seconds; if it is milliseconds, divide it by 1000")
        return seconds, (match.group(2) or "").removeprefix(".").rstrip("0")
    match = _RFC_3339.fullmatch(text)
    if not match:
        raise Wrong(f"{shown(raw)} is not a time; give Unix seconds or a time such as 2026-11-24T10:30:00Z")
    date, hour, minute, second, digits, zone = match.groups("")
    if not zone:
        raise Wrong(f"{shown(raw)} does not say how far it is from UTC; add Z, or an offset such as +01:00")
    try:
        midnight = _midnight(date, zone)
    except ValueError as e:
        raise Wrong(f"{shown(raw)} is not a time that exists: {e}") from None
    if int(hour) > 23 or int(minute) > 59 or int(second) > 60:  # 60 is a leap second
        raise Wrong(f"{shown(raw)} is not a time that exists: a day ends at 23:59:59")
    fraction = digits.rstrip("0")
    if second == "60":
        second, fraction = "59", f"leap{fraction}"
    return midnight + int(hour) * 3600 + int(minute) * 60 + int(second), fraction


@functools.lru_cache(1024)
def _midnight(date: str, zone: str) -> int:
    """Unix seconds of the beginning of a day there. Raises `ValueError`."""
    begin = datetime.fromisoformat(date).replace(tzinfo=_zone(zone))
    return (begin - _EPOCH) // timedelta(seconds=1)


def _zone(text: str) -> timezone:
    if text in "Zz":
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 23 or minutes > 59:
        raise ValueError("its offset must be under 24:00")
    return timezone((1 if text[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))


def check_window(timestamp: int, now: int) -> None:
    """Raises `Wrong` unless Stripe takes events of that time now: the last 35 days, and 5 minutes ahead."""
    if timestamp < now - OLDEST_SECONDS:
        raise Wrong(f"{time_text(timestamp)} is more than 35 days ago; Stripe does not take usage that old")
    if timestamp > now + NEWEST_SECONDS:
        raise Wrong(f"{time_text(timestamp)} is in the future; Stripe takes usage up to 5 minutes ahead of its clock")


def text_of(value: Decimal) -> str:
    """Every digit in fixed-point notation, without needless zeros: equal values have equal texts."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def time_text(timestamp: int) -> str:
    """A time in RFC 3339, in UTC. One before the year 1 or after 9999 stays a number."""
    days, seconds = divmod(timestamp, 86400)
    try:
        return f"{_date(days)}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"
    except OverflowError:
        return str(timestamp)


@functools.lru_cache(1024)
def _date(days: int) -> str:
    """The day that many days after 1970-01-01. Raises `OverflowError`."""
    return (_EPOCH + timedelta(days)).date().isoformat()


def customer_of(raw: object) -> str:
    """The customer's id. Raises `Wrong`."""
    if not isinstance(raw, str):
        raise Wrong(f"{shown(raw)} is not a customer's id; give text such as cus_9s6XKzkNRiz8i3")
    return _word(raw, "customer's id", LONGEST_CUSTOMER)


def identifier_of(raw: object) -> str:
    """The event's own identifier. Raises `Wrong`."""
    if isinstance(raw, bool) or not isinstance(raw, (int, str)):
        raise Wrong(f"{shown(raw)} is not an identifier; give text")
    return _word(str(raw), "identifier", LONGEST_IDENTIFIER)


def _word(text: str, what: str, longest: int) -> str:
    if not text:
        raise Wrong(f"is empty; give the {what}")
    if len(text) > longest:
        raise Wrong(f"{shown(text)} has {len(text)} characters; {what}s have at most {longest}")
    if not text.isprintable() or " " in text:  # a space is the only blank that is printable
        raise Wrong(f"{shown(text)} has blanks or control characters in it; {what}s have none")
    return text
