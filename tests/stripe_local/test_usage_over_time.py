"""Usage window by window, against the aggregate of each window and customer."""

from __future__ import annotations

import contextlib
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_local.store.database import Database
from stripe_local.store.usage import Bound, Event, Usage
from stripe_local.store.usage_over_time import usage_over_time

DAYS = 3
CUSTOMERS = ("cus_1", "cus_2")
VALUES = st.decimals(min_value=-(10**14), max_value=10**14, places=3, allow_nan=False, allow_infinity=False)
EVENTS = st.lists(st.tuples(st.sampled_from(CUSTOMERS), st.integers(0, DAYS * 86400 - 1), VALUES), max_size=12)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(Database(Path(folder) / "stripe.db")) as database:
        yield database


@pytest.mark.parametrize("event_window", [None, 3600, 86400])
@pytest.mark.parametrize("formula", ["sum", "count", "last"])
@settings(max_examples=20)
@given(events=EVENTS, seconds=st.sampled_from([3600, 86400]))
def test_all_together_is_the_sum_of_each(
    database: Database, formula: str, event_window: int | None, events: list[tuple[str, int, Decimal]], seconds: int
) -> None:
    with database.writing() as connection:
        connection.execute("DELETE FROM meter_events")
        usage = Usage(connection, False, 10)
        for number, (customer, moment, value) in enumerate(events):
            usage.add(Event("mtr", "tokens", customer, str(number), moment, number, value))
        apart: dict[str, dict[int, Decimal]] = defaultdict(dict)
        # A window of events that is longer than the chart's is cut by the one and not by the other: of no meaning, so left out.
        chosen = event_window if event_window is None or event_window <= seconds else None
        for customer in CUSTOMERS:
            for start in range(0, DAYS * 86400, seconds):
                found = usage.aggregate("mtr", customer, formula, chosen, Bound(start), Bound(start + seconds))
                if found is not None:
                    apart[customer][start] = found
        end = DAYS * 86400
        for customer in CUSTOMERS:
            assert usage_over_time(usage, "mtr", formula, chosen, seconds, 0, end, customer) == apart[customer]
        together = {moment for found in apart.values() for moment in found}
        summed = {moment: sum(found.get(moment, Decimal(0)) for found in apart.values()) for moment in together}
        assert usage_over_time(usage, "mtr", formula, chosen, seconds, 0, end) == summed
