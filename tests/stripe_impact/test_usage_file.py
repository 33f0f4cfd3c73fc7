"""Usage from a file: what it may look like, and what is wrong with it."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest

from stripe_impact.computing.impact import Impact, impact
from stripe_impact.errors import ImpactError
from stripe_impact.reading import usage_file
from stripe_impact.reading.changes import changes
from stripe_impact.reading.preview import read
from stripe_impact.reading.usage_file import Row, facts
from tests.stripe_impact.previews import METER, PRICE, UNKNOWN, Change, text

DEARER = {**PRICE, "unit_amount": 5, "existing_subscriptions": "migrate", "lookup_key": "k"}
OLD = {**PRICE, "lookup_key": "k"}
REPLACED = Change("replace", "Price", "tokens", "price_old", OLD, DEARER)
SAME_METER = Change("same", "Meter", "m", "mtr_1", METER, METER)


def rows(file: str | bytes, source: str) -> list[Row]:
    return usage_file.rows(io.BytesIO(file if isinstance(file, bytes) else file.encode()), source)


def report(file: str, *steps: Change, streaming: bool = False) -> Impact:
    preview = read(text(*(steps or (REPLACED,)), streaming=streaming))
    wanted = changes(preview)
    return impact(preview, wanted, facts(rows(file, "usage"), preview, wanted, "usage"))


def test_both_formats() -> None:
    expected = [Row("line 2", "cus_1", "price", "k", Decimal("0.5")), Row("line 3", "cus_2", "event_name", "tokens", Decimal(7))]
    assert rows("customer,price,event_name,value\ncus_1,k,,0.5\ncus_2,,tokens,7\n", "u") == expected
    lines = '\n{"customer": "cus_1", "price": "k", "value": 0.5}\n{"customer": "cus_2", "event_name": "tokens", "value": "7"}\n'
    assert rows(lines, "u") == expected


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("customer,price,value\n,k,1\n", "line 2: customer is missing"),
        ("customer,price,value\ncus_1,k,x\n", 'line 2: value: "x" is not a number'),
        ("customer,price,value\ncus_1,k,\n", 'line 2: value: "" is not a number'),
        ("customer,value\ncus_1,1\n", "line 2: gives neither price nor event_name nor meter"),
        ("customer,price,meter,value\ncus_1,k,m,1\n", "line 2: gives price and meter"),
        ('{"customer": "cus_1"\n', "line 1: is not JSON"),
        (
            '{"customer": "cus_1", "price": "k", "value": 1, "value": 2}\n',
            'line 1: is not JSON that makes sense: it has "value" twice',
        ),
        ('{"customer": 1, "price": "k", "value": 1}\n', 'line 1: customer: "1" is not text'),
        ('{"customer": "cus_1", "price": ["k"], "value": 1}\n', "line 1: price: "),
        ('{"customer": "cus_1", "price": "k", "value": true}\n', 'line 1: value: "True" is not a number'),
        ('[{"customer": "cus_1", "price": "k", "value": 1}]', "line 1: is not a JSON object"),
        ("customer,price,value\ncus_1,k,3,025\n", "line 2: has 4 fields where the header has 3"),
        ("customer,price,value\ncus_1,k\n", "line 2: has 2 fields where the header has 3"),
        ("customer,price,value,value\ncus_1,k,3025,1\n", 'line 1, the header: the header has "value" twice'),
        ("customer,price,price,value\ncus_1,k,k,1\n", 'line 1, the header: the header has "price" twice'),
        ("cus_1,k,3025\n", "the header has no customer and no value (it has cus_1, k, 3025)"),
        ("customer,price,value\ncus_1,k,1_000\n", 'line 2: value: "1_000" is not a number'),
        ("customer,price,value\ncus_1,k,٣\n", "line 2: value: "),
        ('customer,price,value\n"cus_1,k,1\n', "line 2: is not CSV"),
        ("customer,price,value\ncus_1,k,1\n".encode("utf-16"), "the file is UTF-16"),
        (b"customer,price,value\ncus_\xff,k,1\n", "line 2: byte 5 of the line is not UTF-8"),
    ],
)
def test_what_is_wrong(file: str | bytes, reason: str) -> None:
    with pytest.raises(ImpactError) as refused:
        rows(file, "usage")
    assert str(refused.value).startswith(f"usage: {reason}")


@pytest.mark.parametrize("file", ["", "\n\n", "customer,price,value\n", b"\xef\xbb\xbf"])
def test_a_file_without_rows_is_no_answer(file: str | bytes) -> None:
    with pytest.raises(ImpactError, match=r"^usage\.csv has no rows, which is no answer; give customer"):
        rows(file, "usage.csv")


def test_byte_order_marks_and_line_ends_of_unicode_are_no_part_of_names() -> None:
    assert rows("\ufeffcustomer,price,value\r\ncus_1,k\u2028l,1\r\n", "u") == [
        Row("line 2", "cus_1", "price", "k\u2028l", Decimal(1))
    ]


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("customer,price,value\ncus_1,k,1\ncus_1,k,2\n", "line 3: cus_1 has a value for tokens on line 2 already"),
        ("customer,price,value\ncus_1,k,1\ncus_1,price_old,2\n", "line 3: cus_1 has a value for tokens on line 2 already"),
        ("customer,price,meter,value\ncus_1,k,,1\ncus_1,,mtr_1,2\n", "line 3: cus_1 has a value for tokens on line 2 already"),
        ("customer,price,value\ncus_1,seat,2.5\n", "line 2: value: 2.5 is not a whole number of licenses of seats"),
        ("customer,price,value\ncus_1,seat,-1\n", "line 2: value: -1 is not a whole number of licenses of seats"),
    ],
)
def test_what_is_wrong_with_what_it_says(file: str, reason: str) -> None:
    seats = {
        "currency": "usd",
        "product": "prod_1",
        "unit_amount": 1000,
        "recurring": {"interval": "month"},
        "lookup_key": "seat",
    }
    with pytest.raises(ImpactError) as refused:
        report(file, REPLACED, Change("replace", "Price", "seats", "price_seats", seats, {**seats, "unit_amount": 1100}))
    assert str(refused.value) == f"usage: {reason}"


def test_usage_of_a_price_that_nothing_names() -> None:
    file = "customer,price,value\ncus_1,tokn,3025\ncus_2,tokn,1\n"
    found = report(file)
    assert found.notices[0].text == (
        "Not in the figures: usage of tokn (line 2 and 1 more): no price of the preview has this id, lookup key or name; "
        "those that change are tokens."
    )
    with pytest.raises(ImpactError) as refused:
        report(file, streaming=True)
    assert str(refused.value) == "usage: line 2 and 1 more: no price has the id, lookup key or name tokn (there are tokens)"


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
