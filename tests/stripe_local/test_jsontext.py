"""JSON text against what the standard library writes and reads."""

from __future__ import annotations

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from stripe_local.wire.jsontext import dumps
from tests.stripe_local.unhurried import unhurried

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30)


@unhurried
@given(VALUES)
def test_it_is_what_the_standard_library_writes(value: object) -> None:
    assert dumps(value) == json.dumps(value, indent=2, ensure_ascii=False).encode()


@unhurried
@given(st.decimals(allow_nan=False, allow_infinity=False, places=12))
def test_decimals_are_written_digit_by_digit(value: Decimal) -> None:
    (read,) = json.loads(dumps([value]), parse_float=Decimal, parse_int=Decimal)
    assert read == value
    assert b"e" not in dumps(value).lower()
