"""Values as Python source: they come back as they were, and nothing hides in them."""

import ast
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stripe_resources.export.literals import WIDTH, expression, text

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_any_value_comes_back(value: Any) -> None:
    assert ast.literal_eval(expression(value)) == value


@given(st.text())
def test_a_text_is_one_line_of_what_prints(value: str) -> None:
    assert text(value).isprintable()


def test_quotes_line_ends_and_changes_of_direction_are_escaped() -> None:
    assert text('a"b\\c\n\u202ed\u2028é東') == '"a\\"b\\\\c\\n\\u202ed\\u2028é東"'


def test_what_is_short_stays_on_its_line_and_what_is_long_is_taken_apart() -> None:
    short = {"interval": "month", "usage_type": "metered"}
    assert expression(short, before=10, depth=1) == '{"interval": "month", "usage_type": "metered"}'
    tiers = [{"up_to": n, "unit_amount_decimal": "0.000000000001"} for n in range(3)]
    assert expression(tiers, before=6, depth=1) == (
        "[\n"
        '        {"up_to": 0, "unit_amount_decimal": "0.000000000001"},\n'
        '        {"up_to": 1, "unit_amount_decimal": "0.000000000001"},\n'
        '        {"up_to": 2, "unit_amount_decimal": "0.000000000001"},\n'
        "    ]"
    )
    assert len("    tiers=" + expression(short, before=6, depth=1) + ",") <= WIDTH
