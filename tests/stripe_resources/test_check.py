"""What a preview refuses, what it lets pass, and the one form that inputs are brought into."""

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_client.settings import Settings
from stripe_resources._core.handler import Handler, connect
from stripe_resources._core.values.check import canonical_decimal, normalize
from stripe_resources._core.values.schema import UNKNOWN, Role
from stripe_resources.register import KINDS
from tests.stripe_resources.documented import DOCUMENTED
from tests.stripe_resources.kinds.test_coupon import AMOUNT_OFF
from tests.stripe_resources.kinds.test_meter import METER
from tests.stripe_resources.kinds.test_price import PRICE, TIERED
from tests.stripe_resources.kinds.test_subscription import SUBSCRIPTION
from tests.stripe_resources.sample import Wrong
from tests.stripe_resources.samples import SAMPLES, WRONG

REMEDY = re.compile(r"\b(give|remove|leave|needs|shorten|round|sort|did you mean|known here|at most)\b")
ABOUT_THE_FIELD = re.compile(r": (cannot be given together|needs|Stripe has no such field|'k+' has)\b")
"""The value is none too many, whatever it is."""
SETTINGS = Settings(api_key="sk_test_x", api_base="http://127.0.0.1:1", livemode=False)


def at(wrong: Wrong) -> Any:
    """The value of the field that is wrong; None where it is missing."""
    value: Any = wrong.args
    for key, number, name in re.findall(r'\["([^"]*)"\]|\[(\d+)\]|(\w+)', wrong.field):
        if isinstance(value, list):
            value = value[int(number)] if int(number) < len(value) else None
        else:
            value = value.get(name or key) if isinstance(value, dict) else None
    return value


def handler(kind: str, settings: Settings = SETTINGS) -> Handler:
    return connect(settings, KINDS)(f"stripe:{kind}")


def failures(kind: str, args: dict[str, Any]) -> list[str]:
    return [str(f) for f in handler(kind).check({}, args)[1]]


@pytest.mark.parametrize(("kind", "wrong"), WRONG, ids=[f"{kind}: {wrong.name}" for kind, wrong in WRONG])
def test_wrong_inputs_are_refused_by_name(kind: str, wrong: Wrong) -> None:
    found = failures(kind, wrong.args)
    assert len(found) == 1
    assert found[0].startswith(wrong.field)
    assert len(found[0]) > len(wrong.field) + 15, "the message says what is wrong and what to do"


@pytest.mark.parametrize("kind", DOCUMENTED)
def test_what_stripes_documentation_rules_out_is_refused_by_name(kind: str) -> None:
    for wrong in DOCUMENTED[kind]:
        found = failures(kind, wrong.args)
        assert found, wrong.name
        assert found[0].startswith(f"{wrong.field}: "), (wrong.name, found)
        assert REMEDY.search(found[0]), (wrong.name, found)
        value = at(wrong)
        if isinstance(value, (str, int, float)) and value != "" and not ABOUT_THE_FIELD.search(found[0]):
            assert str(value)[:40] in found[0].replace("\\\\", "\\"), (wrong.name, found)


def test_there_are_more_than_a_hundred_wrong_inputs() -> None:
    assert len(WRONG) > 100


@pytest.mark.parametrize("kind", SAMPLES)
def test_several_wrong_inputs_are_tried_and_right_ones_pass(kind: str) -> None:
    assert len({wrong.name for wrong in SAMPLES[kind].wrong}) >= 2
    assert failures(kind, SAMPLES[kind].args) == []


def test_right_tiers_pass() -> None:
    assert failures("Price", TIERED) == []


def test_all_failures_are_reported_together() -> None:
    found = failures("Price", {**PRICE, "currency": "USD", "unit_amount": -4, "colour": "red", "product_data": {"name": "x"}})
    assert [f.partition(":")[0] for f in found] == ["currency", "unit_amount", "colour", "product_data"]


@pytest.mark.parametrize(
    ("kind", "args", "path"),
    [
        ("Price", {**PRICE, "unit_amount": 0.04}, "unit_amount"),
        ("Price", {**PRICE, "currency_options": {"eur": {"unit_amount": 0.04}}}, 'currency_options["eur"].unit_amount'),
        ("Price", {**TIERED, "tiers": [{"up_to": "inf", "unit_amount": 1, "flat_amount": 9.99}]}, "tiers[0].flat_amount"),
        ("Coupon", {**AMOUNT_OFF, "amount_off": 4.5}, "amount_off"),
    ],
)
def test_who_gives_an_amount_in_dollars_is_told_of_the_minor_units(kind: str, args: dict[str, Any], path: str) -> None:
    (found,) = failures(kind, args)
    assert found.startswith(f"{path}: is ")
    assert found.endswith("; give a whole number of minor currency units, of which 4 are 0.04 USD")


def test_a_misspelt_field_is_told_from_an_unknown_one() -> None:
    assert "did you mean `lookup_key`?" in failures("Price", {**PRICE, "lookup_keys": "x"})[0]


def test_wrong_settings_are_failures_too() -> None:
    settings = Settings("", "https://api.stripe.com", False, problems=("stripe:apiKey is not set",))
    assert str(handler("Meter", settings).check({}, METER)[1][0]) == "stripe:apiKey is not set"


def test_what_a_preview_cannot_know_is_not_refused() -> None:
    price = {**PRICE, "product": UNKNOWN, "recurring": {"interval": "month", "usage_type": "metered", "meter": UNKNOWN}}
    assert failures("Price", price) == []
    assert failures("Price", {**TIERED, "tiers": UNKNOWN}) == []
    assert failures("Price", {**PRICE, "recurring": UNKNOWN}) == []
    assert failures("Subscription", {**SUBSCRIPTION, "items": [{"price": UNKNOWN}, {"price": UNKNOWN}]}) == []
    assert failures("Price", {**PRICE, "billing_scheme": UNKNOWN}) == []


def test_unknown_and_absent_are_different() -> None:
    assert failures("Meter", {**METER, "event_name": UNKNOWN}) == []
    assert failures("Meter", {k: v for k, v in METER.items() if k != "event_name"}) != []


def test_inputs_have_one_form() -> None:
    schema = KINDS["stripe:Price"][0]
    inputs, found = normalize(schema, {**PRICE, "unit_amount": 4.0, "nickname": None, "metadata": {}, "__owner": "a/b/Price/c"})
    assert found == []
    assert inputs == {**PRICE, "unit_amount": 4, "metadata": {}, "__owner": "a/b/Price/c"}
    assert isinstance(inputs["unit_amount"], int)


def test_an_empty_text_is_an_absent_one() -> None:
    assert normalize(KINDS["stripe:Price"][0], {**PRICE, "nickname": ""})[0] == PRICE
    assert failures("Product", {"name": ""})[0].startswith("name: is missing")


def test_zero_is_an_amount() -> None:
    assert failures("Price", {**PRICE, "unit_amount": 0}) == []
    assert failures("Price", {**TIERED, "tiers": [{"up_to": "inf", "unit_amount": 0}]}) == []


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=0, max_value=10**9))
def test_canonical_decimals_keep_their_value(number: Decimal) -> None:
    text = canonical_decimal(str(number))
    assert Decimal(text) == number
    assert canonical_decimal(text) == text
    assert "E" not in text.upper()
    assert not ("." in text and text.endswith("0"))


@pytest.mark.parametrize(
    ("written", "canonical"), [("0.0015000000", "0.0015"), ("1E-12", "0.000000000001"), ("4.0", "4"), ("-0", "0"), ("100", "100")]
)
def test_canonical_decimals(written: str, canonical: str) -> None:
    assert canonical_decimal(written) == canonical


ANY_FIELD = st.sampled_from(
    # What `adopt` means is asked of Stripe, if nothing is wrong with it: see test_adoption.
    [(kind, name) for kind in SAMPLES for name, f in KINDS[f"stripe:{kind}"][0].fields.items() if f.role is not Role.ADOPTION]
)
ANY_VALUE = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(ANY_FIELD, ANY_VALUE)
def test_no_value_makes_check_raise(where: tuple[str, str], value: Any) -> None:
    kind, field = where
    handler(kind).check({}, {**SAMPLES[kind].args, field: value})
