"""Times, as they are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_sources.errors import Wrong
from stripe_usage.events.values import moment_of, timestamp_of


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)),
    st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(lambda d: timedelta(minutes=d // timedelta(minutes=1))),
)
def test_times_of_all_offsets(moment: datetime, offset: timedelta) -> None:
    there = moment.replace(tzinfo=timezone(offset))
    assert timestamp_of(there.isoformat()) == (there - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


@pytest.mark.parametrize(
    ("raw", "beyond"),
    [
        (1764000000, ""),
        ("1764000000", ""),
        (Decimal("1764000000.0"), ""),
        (Decimal("1764000000.1250"), "125"),
        ("1764000000.5", "5"),
        ("1764000000.050", "05"),
        ("2026-11-24T10:30:00Z", ""),
        ("2026-11-24T10:30:00.000Z", ""),
        ("2026-11-24T10:30:00.875Z", "875"),
        ("2026-11-24 10:30:00.8750+01:00", "875"),
        ("2026-11-24T23:59:60Z", "leap"),
    ],
)
def test_what_a_time_has_beyond_the_second(raw: object, beyond: str) -> None:
    assert moment_of(raw)[1] == beyond


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("2026-11-24T10:30:00", "from UTC"),
        ("2026-02-30T10:30:00Z", "not a time that exists"),
        ("2026-11-24T25:30:00Z", "not a time that exists"),
        (1764000000000, "milliseconds"),
        ("noon", "not a time"),
        (True, "not a time"),
        (-5, "not a time"),
    ],
)
def test_what_is_no_time(raw: object, said: str) -> None:
    with pytest.raises(Wrong, match=said):
        timestamp_of(raw)
