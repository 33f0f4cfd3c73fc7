"""Usage from a file: what it may look like, and what is wrong with it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from stripe_impact.computing.impact import Impact, impact
from stripe_impact.errors import ImpactError
from stripe_impact.reading.changes import changes
from stripe_impact.reading.preview import read
from stripe_impact.reading.usage_file import Row, facts, rows
from tests.stripe_impact.previews import METER, PRICE, UNKNOWN, Change, text

DEARER = {**PRICE, "unit_amount": 5, "existing_subscriptions": "migrate", "lookup_key": "k"}
OLD = {**PRICE, "lookup_key": "k"}
REPLACED = Change("replace", "Price", "tokens", "price_old", OLD, DEARER)
SAME_METER = Change("same", "Meter", "m", "mtr_1", METER, METER)


def report(file: str, *steps: Change, streaming: bool = False) -> Impact:
    preview = read(text(*(steps or (REPLACED,)), streaming=streaming))
    wanted = changes(preview)
    return impact(preview, wanted, facts(rows(file, "usage"), preview, wanted, "usage"))


def test_both_formats() -> None:
    expected = [Row(2, "cus_1", "price", "k", Decimal("0.5")), Row(3, "cus_2", "event_name", "tokens", Decimal(7))]
    assert rows("customer,price,event_name,value\ncus_1,k,,0.5\ncus_2,,tokens,7\n", "u") == expected
    lines = '\n{"customer": "cus_1", "price": "k", "value": 0.5}\n{"customer": "cus_2", "event_name": "tokens", "value": "7"}\n'
    assert rows(lines, "u") == expected
    assert rows("", "u") == []


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("customer,price,value\n,k,1\n", "line 2: customer is missing"),
        ("customer,price,value\ncus_1,k,x\n", "line 2: value: 'x' is not a number"),
        ("customer,price,value\ncus_1,k,\n", "line 2: value: '' is not a number"),
        ("customer,value\ncus_1,1\n", "line 2: gives neither price nor event_name nor meter"),
        ("customer,price,meter,value\ncus_1,k,m,1\n", "line 2: gives price and meter"),
        ("customer,price,value\ncus_1,k,1\ncus_1,k,2\n", "line 3: cus_1 has a value for k on line 2 already"),
        ('{"customer": "cus_1"\n', "line 1 is not a JSON object; give one object a line, or CSV"),
    ],
)
def test_what_is_wrong(file: str, reason: str) -> None:
    with pytest.raises(ImpactError) as refused:
        rows(file, "usage.csv")
    assert str(refused.value).startswith(f"usage.csv: {reason}")


@pytest.mark.parametrize("name", ["price_old", "tokens", "k"])
def test_a_price_goes_by_its_id_its_name_or_its_lookup_key(name: str) -> None:
    (bill,) = report(f"customer,price,value\ncus_1,{name},3025\n").bills
    assert (bill.before, bill.after) == (124, 155)


def test_a_meter_goes_by_its_id_or_its_event_name() -> None:
    assert report("customer,meter,value\ncus_1,mtr_1,3025\n").bills[0].after == 155
    by_event = "customer,event_name,value\ncus_1,tokens,3025\n"
    assert report(by_event, REPLACED, SAME_METER, streaming=True).bills[0].after == 155
    with pytest.raises(ImpactError, match=r'does not show which meter counts "tokens"; name the price instead \(tokens\)'):
        report(by_event)


def test_usage_that_no_price_bills_is_said() -> None:
    found = report("customer,event_name,value\ncus_1,images,9\n", REPLACED, SAME_METER, streaming=True)
    assert found.notices[0].text == "Usage of cus_1 is not billed: no price is backed by images (9)."


def test_a_meter_of_several_prices() -> None:
    other = Change("same", "Price", "other", "price_other", PRICE, PRICE)
    with pytest.raises(ImpactError, match=r"mtr_1 is billed by several prices \(tokens, other\); name the price"):
        report("customer,meter,value\ncus_1,mtr_1,1\n", REPLACED, other, streaming=True)


def test_what_only_stripe_knows_is_not_in_the_figures() -> None:
    before = {"customer": "cus_1", "items": [{"price": "price_old"}]}
    after = {"customer": "cus_1", "items": [{"price": UNKNOWN}, {"price": "price_seats"}]}
    found = report(
        "customer,price,value\ncus_1,tokens,1\n", REPLACED, Change("update", "Subscription", "s", "sub_1", before, after)
    )
    assert (
        found.notices[0].text
        == "Not in the figures: sub_1, now 0.04 USD: price_seats is not in the preview, and Stripe was not asked."
    )


def test_declared_subscriptions_are_recognised() -> None:
    items = [{"price": "price_old"}]
    declared = Change(
        "update",
        "Subscription",
        "s",
        "sub_1",
        {"customer": "cus_1", "items": items},
        {"customer": "cus_1", "items": [{"price": UNKNOWN}]},
    )
    grandfathered = Change("replace", "Price", "tokens", "price_old", OLD, {**OLD, "unit_amount": 5})
    found = report("customer,price,value\ncus_1,tokens,100\ncus_2,tokens,100\n", grandfathered, declared)
    assert {b.customer: b.after for b in found.bills} == {"cus_1": 5, "cus_2": 4}
