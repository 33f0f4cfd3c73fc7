"""The report's forms."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_impact.computing.impact import percent
from stripe_impact.rendering import data, markdown, picture, text
from stripe_impact.rendering.markdown import LONGEST, code, escaped, marker
from stripe_impact.rendering.spread import MOST, spread, steps
from tests.stripe_impact.previews import PRICE, Change, Shop

DEARER = {**PRICE, "unit_amount": 5}
REPLACED = Change("replace", "Price", "tokens", "price_old", PRICE, {**DEARER, "existing_subscriptions": "migrate"})


@given(st.lists(st.integers(-(10**12), 10**12), max_size=50))
def test_every_change_is_in_one_step(changes: list[int]) -> None:
    found = steps(changes)
    assert sum(s.count for s in found) == len(changes)
    assert len(found) <= 2 * MOST + 1
    for step in found:
        low, high = sorted((step.low, step.high))
        inside = [c for c in changes if (low < c <= high if high > 0 else low <= c < high if low < 0 else c == 0)]
        assert len(inside) == step.count


def test_labels() -> None:
    shop = Shop()
    for number, used in enumerate([0] * 4 + [1000] * 6 + [60_000]):
        shop.subscribe(f"cus_{number:02}", ("price_old", used))
    found = spread(shop.impact(REPLACED))
    assert found is not None
    assert [(found.label(s), s.count) for s in found.steps if s.count] == [
        ("no change", 4),
        ("0.00 to +1.00 USD", 6),
        ("+5.00 to +6.00 USD", 1),
    ]


def test_where_nobody_moves_the_spread_says_so() -> None:
    shop = Shop()
    for number in range(11):
        shop.subscribe(f"cus_{number:02}", ("price_old", 3025))
    impact = shop.impact(Change("replace", "Price", "tokens", "price_old", PRICE, DEARER))
    comment = markdown(impact, "https://example.com/i.svg")
    assert "How the changes would be spread if everybody moved" in comment
    assert "![How many bills change by how much](https://example.com/i.svg)" in comment
    assert "If everybody moved, customers by change of their bill:" in text(impact)
    assert "if everybody moved: 17.05 USD (+3.41 USD)" in text(impact)
    assert "| Bills | Customers | Now | Then | Change | If all moved |" in markdown(impact)
    assert "Bills by change, if everybody moved (USD)" in picture(impact)


def test_too_few_bills_for_a_median_and_a_histogram_are_listed_one_by_one() -> None:
    shop = Shop()
    for number in range(10):
        shop.subscribe(f"cus_{number:02}", ("price_old", 3025 + number))
    impact = shop.impact(REPLACED)
    comment, report = markdown(impact), json.loads(data(impact))
    for shown in (comment, text(impact), picture(impact)):
        assert "median" not in shown
        assert "spread" not in shown
        assert "by change" not in shown
    assert report["totals"][0]["median"] is None
    assert len(re.findall(r"^\| `cus_", comment, re.M)) == 10
    assert impact.verdict.partition(":")[0] in picture(impact)


def test_the_invoices_of_this_period_are_told_from_a_full_period() -> None:
    shop = Shop()
    shop.subscribe("cus_a", ("price_old", 3025))
    impact = shop.impact(REPLACED)
    said = "this period's invoices: usage before a move stays at the old price"
    assert f"| {said} |  | 1.24 USD | 1.24 USD |  |" in markdown(impact)
    assert "this period's invoices  1.24 USD → 1.24 USD: usage before a move stays at the old price" in text(impact)
    assert json.loads(data(impact))["totals"][0]["this_period"] == {"before": 124, "after": 124}
    assert "before discounts, credits, prorations and taxes" in text(impact)


def test_a_picture_of_nothing() -> None:
    root = ElementTree.fromstring(picture(Shop().impact()))
    assert [e.text for e in root][:2] == ["Billing impact of shop/dev", "No bill changes: nothing that is billed does."]


def test_data_is_whole() -> None:
    shop = Shop()
    for number in range(30):
        shop.subscribe(f"cus_{number:02}", ("price_old", number * 100))
    report = json.loads(data(shop.impact(REPLACED)))
    assert report["version"] == 2
    assert len(report["bills"]) == 30
    assert report["totals"][0]["median"] == {"before": "58", "after": "72.5", "change": "14.5"}
    assert report["bills"][1]["subscriptions"][0]["after"] == [
        {"price": "tokens", "amount": 5, "invoice": 5, "words": "100 tokens → 1 package of 100 × 0.05 USD = 0.05 USD"}
    ]


def test_the_comment_shows_the_ten_largest_only() -> None:
    shop = Shop()
    for number in range(300):
        shop.subscribe(f"cus_{number:03}", ("price_old", number * 100))
    comment = markdown(shop.impact(REPLACED))
    assert "The 10 largest changes, of 300 bills" in comment
    assert len(re.findall(r"^\| `cus_", comment, re.M)) == 10
    assert len(comment) < 4000


def test_a_comment_is_never_too_long() -> None:
    steps = [Change("create", "Price", f"price-{n}", new=PRICE) for n in range(2000)]
    comment = markdown(Shop().impact(*steps))
    assert len(comment) <= LONGEST + 100
    assert comment.endswith("the text and JSON reports are complete.\n")


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("a | b", r"a \| b"),
        ("<b>@team</b>", r"\<b\>&#64;team\</b\>"),
        ("**x** `y` [z](u)", r"\*\*x\*\* \`y\` \[z\](u)"),
        ("snake_case_name _em_", r"snake_case_name \_em\_"),
        ("two\nlines", "two lines"),
    ],
)
def test_nothing_in_a_text_formats_or_mentions(given_text: str, shown: str) -> None:
    assert escaped(given_text) == shown


def test_code() -> None:
    assert code("a`|b") == "`ab`"


def test_marker() -> None:
    assert marker("dev") == "<!-- billing-impact: dev -->"
    assert marker("org/prod-->") == "<!-- billing-impact: org/prod-- -->"


def test_percent() -> None:
    assert [percent(*p) for p in ((4, 5), (5, 4), (0, 5), (4, 4), (100000, 100001))] == [
        "+25.0%",
        "-20.0%",
        "",
        "",
        "less than +0.1%",
    ]
