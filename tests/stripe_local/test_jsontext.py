"""JSON text, sent and stored, against what the standard library writes and reads."""

from __future__ import annotations

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from stripe_local.store.objects import dump, load
from stripe_local.wire.jsontext import dumps
from tests.stripe_local.unhurried import unhurried

WIDE = st.sampled_from([2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1])
SCALARS = st.none() | st.booleans() | st.integers() | WIDE | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30)


@unhurried
@given(VALUES)
def test_it_is_what_the_standard_library_writes(value: object) -> None:
    assert dumps(value) == json.dumps(value, indent=2, ensure_ascii=False).encode()


@unhurried
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_read_as_they_were(value: float) -> None:
    assert json.loads(dumps([value])) == [value]


@unhurried
@given(st.dictionaries(st.text(), VALUES))
def test_what_is_stored_is_read_as_it_was(value: dict[str, object]) -> None:
    assert load(dump(value)) == json.loads(dump(value)) == value


@unhurried
@given(st.decimals(allow_nan=False, allow_infinity=False, places=12))
def test_decimals_are_written_digit_by_digit(value: Decimal) -> None:
    (read,) = json.loads(dumps([value]), parse_float=Decimal, parse_int=Decimal)
    assert read == value
    assert b"e" not in dumps(value).lower()
