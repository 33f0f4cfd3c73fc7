"""The rules that compare with the state before, and how that is read."""

from __future__ import annotations

import json
import math
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pulumi.runtime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_policy import (
    approvals_are_current,
    meter_formulas_are_kept,
    price_changes_are_approved,
    price_increases_are_capped,
    price_retirements_are_approved,
    state_before_is_known,
)
from stripe_policy._past import BASELINE, past
from stripe_policy._terms import largest_increase, text
from tests.sampling import ALL
from tests.stripe_policy.arguments import UNKNOWN, declared, in_stack, report_of, token, urn
from tests.stripe_policy.cases import PROD, STAGING

METERED = {"interval": "month", "usage_type": "metered", "meter": "mtr_1"}
PRICE = {"currency": "usd", "unit_amount": 4, "product": "prod_1", "recurring": METERED, "lookup_key": "tokens"}
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x:y"}


@pytest.fixture
def before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets what the stack was: (kind, name, inputs)."""

    def was(*resources: tuple[str, str, dict[str, Any]], **more: Any) -> Path:
        exported = [{"urn": urn(k, n), "type": token(k), "inputs": inputs, **more} for k, n, inputs in resources]
        path = tmp_path / "before.json"
        path.write_text(json.dumps({"version": 3, "deployment": {"resources": exported}}))
        monkeypatch.setenv(BASELINE, str(path))
        return path

    return was


# -- the state before


@pytest.mark.parametrize(
    ("currency", "amount", "text_"),
    [
        ("ugx", 500, "5.00 UGX per unit, once"),
        ("jpy", "0.5", "0.5 JPY per unit, once"),
        ("usd", 123456, "1234.56 USD per unit, once"),
    ],
)
def test_amounts_are_written_as_stripe_takes_them(currency: str, amount: Any, text_: str) -> None:
    """Without separators: approvals in stacks' configuration quote the text."""
    assert text({"currency": currency, "unit_amount_decimal": amount}) == text_


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read (No such file or directory)"),
        ("{", "is not what `pulumi stack export` writes"),
        ("[]", "is not what `pulumi stack export` writes"),
        ('{"deployment": ' + "[" * 5000, "is not what `pulumi stack export` writes"),
        ("\udcff", "cannot be read (byte 1 is not UTF-8; convert it to UTF-8)"),
        (
            '{"deployment": {"resources": [{"urn": "urn:pulumi:other::hypernian::t::n", "type": "t"}]}}',
            "the state of another stack",
        ),
    ],
)
def test_what_is_no_state_of_this_stack_is_said(
    content: str | None, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "before.json"
    if content is not None:
        path.write_text(content, errors="surrogateescape")
    for key, value in {
        BASELINE: str(path),
        "PULUMI_STACK": "test",
        "PULUMI_PROJECT": "hypernian",
        "PULUMI_DRY_RUN": "true",
    }.items():
        monkeypatch.setenv(key, value)
    assert past().resources == {}
    [message] = report_of(state_before_is_known.policy, declared("pulumi:pulumi:Stack", {}, name="hypernian-test"))
    assert message.startswith('Stack "hypernian-test": POLICY_BASELINE is ')
    assert problem in message
    assert "Run `pulumi stack export --file before.json`" in message


def test_a_state_that_is_only_looked_at_has_no_before(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = declared("pulumi:pulumi:Stack", {})
    assert report_of(state_before_is_known.policy, stack) == []
    monkeypatch.setenv("PULUMI_DRY_RUN", "false")
    assert len(report_of(state_before_is_known.policy, stack)) == 1
    assert report_of(state_before_is_known.policy, declared("Price", {})) == []


def test_a_new_stack_has_an_empty_state(before: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before()
    monkeypatch.setenv("PULUMI_DRY_RUN", "true")
    assert report_of(state_before_is_known.policy, declared("pulumi:pulumi:Stack", {})) == []
    assert report_of(price_changes_are_approved.policy, declared("Price", PRICE, config=PROD)) == []


def test_what_waits_to_be_deleted_is_gone_and_secrets_are_not_known(before: Any) -> None:
    before(("Price", "tokens", PRICE), delete=True)
    assert past().resources == {}
    before(("Price", "tokens", {**PRICE, "unit_amount": SECRET}))
    assert report_of(price_increases_are_capped.policy, declared("Price", PRICE, name="tokens")) == []


# -- prices


def changed(name: str = "tokens", aliases: list[str] | None = None, **changes: Any) -> list[str]:
    price = declared("Price", {**PRICE, **changes}, name=name, config=PROD)
    price.opts.aliases = aliases or []
    return report_of(price_changes_are_approved.policy, price)


@pytest.mark.parametrize(
    ("changes", "to"),
    [
        ({"unit_amount": 5.0}, "0.05 USD per unit, metered, every month"),
        ({"unit_amount": None, "unit_amount_decimal": "4.5"}, "0.045 USD per unit, metered, every month"),
        ({"currency": "eur"}, "0.04 EUR per unit, metered, every month"),
        ({"transform_quantity": {"divide_by": 100, "round": "up"}}, "0.04 USD per 100 units rounded up, metered, every month"),
        ({"recurring": {**METERED, "interval": "year"}}, "0.04 USD per unit, metered, every year"),
        ({"recurring": {**METERED, "interval_count": 3}}, "0.04 USD per unit, metered, every 3 months"),
        ({"recurring": {"interval": "month"}}, "0.04 USD per unit, every month, by no meter"),
        ({"recurring": {**METERED, "meter": UNKNOWN}}, "0.04 USD per unit, metered, every month, by another meter"),
        ({"product": "prod_2"}, "0.04 USD per unit, metered, every month, of the product prod_2 instead of prod_1"),
        ({"product": "gold"}, "0.04 USD per unit, metered, every month, of the product #8dd7871b instead of prod_1"),
        (
            {"recurring": {**METERED, "meter": "mtr_2"}},
            "0.04 USD per unit, metered, every month, by the meter mtr_2 instead of mtr_1",
        ),
        (
            {"unit_amount": None, "recurring": None, "custom_unit_amount": {"enabled": True, "minimum": 100.0, "maximum": 900}},
            "what the customer decides in USD at least 1.00 USD at most 9.00 USD, once, by no meter",
        ),
        (
            {"recurring": {**METERED, "trial_period_days": 14.0}},
            "0.04 USD per unit, metered, every month, after 14 days of trial",
        ),
        (
            {"tax_behavior": "exclusive", "currency_options": {"jpy": {"unit_amount": 6, "tax_behavior": "inclusive"}}},
            "6 JPY per unit with tax inclusive or 0.04 USD per unit, metered, every month, tax exclusive",
        ),
        ({"product": UNKNOWN}, "0.04 USD per unit, metered, every month, of another product"),
        ({"tax_behavior": "inclusive"}, "0.04 USD per unit, metered, every month, tax inclusive"),
        ({"currency_options": {"jpy": {"unit_amount": 6}}}, "6 JPY per unit or 0.04 USD per unit, metered, every month"),
        (
            {
                "unit_amount": None,
                "billing_scheme": "tiered",
                "tiers_mode": "volume",
                "tiers": [{"up_to": 10.0, "unit_amount": 3, "flat_amount": 100}, {"up_to": "inf", "unit_amount_decimal": "2.5"}],
            },
            "volume 0.03 USD and 1.00 USD flat to 10, 0.025 USD beyond, metered, every month",
        ),
    ],
)
def test_what_is_a_change(before: Any, changes: dict[str, Any], to: str) -> None:
    before(("Price", "tokens", PRICE))
    old = "0.04 USD per unit, metered, every month"
    [message] = changed(**changes)
    entry = f'{{price: tokens, from: "{old}", to: "{to}"}}'
    assert message == (
        f'Price "tokens": the price is {to}, and was {old}. Approve it in the stack\'s configuration, '
        f"policy:approvedPriceChanges: - {entry}"
    )
    approvals = json.dumps([{"price": "other"}, {"price": "tokens", "from": f" {old}\n", "to": to}])
    pulumi.runtime.set_all_config({"policy:approvedPriceChanges": approvals})
    assert changed(**changes) == []
    pulumi.runtime.set_all_config({"policy:approvedPriceChanges": json.dumps([{"price": "tokens", "from": to, "to": old}])})
    assert len(changed(**changes)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"unit_amount": None, "unit_amount_decimal": "4.0"},
        {"billing_scheme": "per_unit"},
        {"recurring": {**METERED, "interval_count": 1}},
        {"tax_behavior": "unspecified"},
        {"metadata": {"a": "b"}},
        {"nickname": "x"},
        {"lookup_key": "other"},
    ],
)
def test_what_is_no_change(before: Any, changes: dict[str, Any]) -> None:
    before(("Price", "tokens", PRICE))
    assert changed(**changes) == []


def test_the_currency_of_those_who_name_none_is_part_of_an_approval(before: Any) -> None:
    """That of the price itself: the other ones are told in one order, whichever it is."""
    dollars, euros = {"unit_amount": 4}, {"unit_amount": 3}
    before(("Price", "tokens", {**PRICE, "currency_options": {"eur": euros}}))
    [asked] = changed(currency="eur", **euros, currency_options={"usd": dollars})
    was = "0.03 EUR per unit or 0.04 USD per unit, metered, every month"
    assert f'from: "{was}", to: "{was}, first of all in EUR"' in asked
    pulumi.runtime.set_all_config({"policy:approvedPriceChanges": approval(asked)})
    assert changed(currency="eur", **euros, currency_options={"usd": dollars}) == []
    assert changed(currency_options={"eur": euros}) == [], "no change at all"


def test_a_price_is_the_same_under_another_name(before: Any) -> None:
    before(("Price", "tokens", PRICE))
    assert len(changed("renamed", unit_amount=5)) == 1, "by its lookup key"
    assert len(changed("renamed", [urn("Price", "tokens")], unit_amount=5, lookup_key="other")) == 1, "by its alias"
    assert changed("new", unit_amount=5, lookup_key="other") == []


def approval(message: str) -> str:
    """The approval that a message asks for, as configuration."""
    found = re.search(r'{price: (.*), from: "(.*)", to: "(.*)"}', message)
    assert found
    return json.dumps([dict(zip(("price", "from", "to"), found.groups(), strict=True))])


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [
        ({"product": "prod_1"}, {"product": "prod_2"}, {"product": "prod_3"}),
        ({"product": "one"}, {"product": "two"}, {"product": "three"}),
        *(tuple({"recurring": {**METERED, "meter": f"mtr_{n}"}} for n in numbers) for numbers in ((1, 2, 3), (1, 2, UNKNOWN))),
        *(
            tuple(
                {"unit_amount": None, "recurring": None, "custom_unit_amount": {"enabled": True, limit: n}}
                for n in (100, 200, 900)
            )
            for limit in ("minimum", "maximum", "preset")
        ),
    ],
)
def test_an_approval_covers_one_change(before: Any, first: Any, second: Any, third: Any) -> None:
    before(("Price", "tokens", {**PRICE, **first}))
    [asked] = changed(**second)
    pulumi.runtime.set_all_config({"policy:approvedPriceChanges": approval(asked)})
    assert changed(**second) == []
    assert len(changed(**third)) == 1, "from the same price to another one"
    before(("Price", "tokens", {**PRICE, **second}))
    assert len(changed(**third)) == 1, "the next change"


def test_what_is_made_with_the_price_is_approved_in_the_preview_and_in_the_update(
    before: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before(("Price", "tokens", PRICE), ("Product", "old", {}), id="prod_old")
    monkeypatch.setenv("PULUMI_DRY_RUN", "true")
    [asked] = changed(product=UNKNOWN)
    assert 'of another product"' in asked
    pulumi.runtime.set_all_config({"policy:approvedPriceChanges": approval(asked)})
    assert changed(product=UNKNOWN) == []
    assert len(changed(product="prod_made")) == 1, "the id of another one, which the preview knows"
    monkeypatch.setenv("PULUMI_DRY_RUN", "false")
    assert changed(product="prod_made") == []
    assert len(changed(product="prod_old")) == 1


def test_approvals_that_are_used_up(before: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = approvals_are_current.policy
    stack, price = in_stack("pulumi:pulumi:Stack", {}), in_stack("Price", {**PRICE, "unit_amount": 5}, name="tokens")
    before(("Price", "tokens", PRICE))
    [asked] = changed(unit_amount=5)
    pulumi.runtime.set_all_config({**PROD, "policy:approvedPriceChanges": json.dumps([*json.loads(approval(asked)), "?"])})
    monkeypatch.setenv("PULUMI_DRY_RUN", "true")
    [strange] = report_of(rule, stack, price)
    assert strange.startswith("policy:approvedPriceChanges[1] approves no change of this deployment.")
    before(("Price", "tokens", {**PRICE, "unit_amount": 5}))
    used, _ = report_of(rule, stack, price)
    assert used.startswith('policy:approvedPriceChanges[0] (of the price "tokens") approves no change of this deployment.')
    monkeypatch.setenv("PULUMI_DRY_RUN", "false")
    assert report_of(rule, stack, price) == []


@pytest.mark.parametrize("approvals", ["", "no JSON", "{}", '["tokens"]', "[{}]"])
def test_approvals_that_approve_nothing(before: Any, approvals: str) -> None:
    before(("Price", "tokens", PRICE))
    pulumi.runtime.set_all_config({"policy:approvedPriceChanges": approvals})
    assert len(changed(unit_amount=5)) == 1


def test_other_environments_need_no_approval(before: Any) -> None:
    before(("Price", "tokens", PRICE))
    price = declared("Price", {**PRICE, "unit_amount": 5}, name="tokens", config=STAGING)
    assert report_of(price_changes_are_approved.policy, price) == []


def test_retirements(before: Any) -> None:
    before(("Price", "tokens", PRICE), ("Price", "archived", {**PRICE, "lookup_key": "old", "active": False}))
    pulumi.runtime.set_all_config(PROD)
    stack = in_stack("pulumi:pulumi:Stack", {})
    renamed = in_stack("Price", PRICE, name="renamed")
    rule = price_retirements_are_approved.policy
    assert report_of(rule, stack, renamed) == []
    [message] = report_of(rule, stack)
    assert message.startswith('Price "tokens": it is not declared any more, and was 0.04 USD per unit, metered, every month.')
    pulumi.runtime.set_all_config(STAGING)
    assert report_of(rule, stack) == []


# -- meters


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"default_aggregation": {"formula": "last"}}, "default_aggregation.formula"),
        ({"value_settings": {"event_payload_key": "tokens"}}, "value_settings.event_payload_key"),
        ({"customer_mapping": {"type": "by_id", "event_payload_key": "c"}}, "customer_mapping.event_payload_key"),
        ({"event_time_window": "day"}, "event_time_window"),
    ],
)
def test_a_formula_that_changes_under_the_same_event_name(before: Any, changes: dict[str, Any], field: str) -> None:
    meter = {"event_name": "tokens", "default_aggregation": {"formula": "sum"}}
    before(("Meter", "tokens", meter))
    rule = meter_formulas_are_kept.policy
    [message] = report_of(rule, declared("Meter", {**meter, **changes}, name="other-resource"))
    assert message.startswith(f'Meter "other-resource": {field} is ')
    assert report_of(rule, declared("Meter", {**meter, **changes, "event_name": "tokens_2"})) == []
    defaults = {"value_settings": {"event_payload_key": "value"}, "display_name": "Other"}
    assert report_of(rule, declared("Meter", {**meter, **defaults})) == []


# -- increases


def tiers(*entries: tuple[Any, str]) -> dict[str, Any]:
    found = [{"up_to": up_to, "unit_amount_decimal": amount} for up_to, amount in entries]
    return {"currency": "usd", "billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": found, "recurring": METERED}


@pytest.mark.parametrize(
    ("old", "new", "percent"),
    [
        ({}, {"unit_amount": 5}, "25"),
        ({}, {"unit_amount": 3}, None),
        ({}, {"transform_quantity": {"divide_by": 2, "round": "up"}, "unit_amount": 8}, "100"),
        (
            {"transform_quantity": {"divide_by": 100, "round": "up"}},
            {"transform_quantity": {"divide_by": 50, "round": "up"}},
            "100",
        ),
        ({}, {"recurring": {**METERED, "interval": "day"}}, None),
        ({"recurring": {"interval": "month"}}, {"recurring": {"interval": "week"}}, "7025/21"),
        ({"recurring": {"interval": "month"}}, {"recurring": {"interval": "year"}, "unit_amount": 48}, None),
        ({}, {"currency": "eur", "unit_amount": 400}, None),
        ({}, {"currency": "eur", "unit_amount": 4, "currency_options": {"usd": {"unit_amount": 6}}}, "50"),
        (tiers((10, "5"), ("inf", "4")), tiers((20, "5"), ("inf", "4")), "100/9"),
        (tiers(("inf", "4")), tiers((1000, "4"), ("inf", "8")), "100"),
        (tiers((10, "0"), ("inf", "4")), tiers((5, "0"), ("inf", "4")), "free"),
        ({"unit_amount": 0}, {"unit_amount": 0}, None),
    ],
)
def test_the_largest_increase(old: dict[str, Any], new: dict[str, Any], percent: str | None) -> None:
    increase = largest_increase({**PRICE, **old}, {**PRICE, **new})
    if percent is None:
        assert increase is None
    elif percent == "free":
        assert increase is not None
        assert increase.percent is None
    else:
        numerator, _, denominator = percent.partition("/")
        assert increase is not None
        assert increase.percent is not None
        assert increase.percent == Fraction(int(numerator), int(denominator or 1))


def test_the_cap_and_the_exempt_are_settings(before: Any) -> None:
    before(("Price", "tokens", PRICE))
    rule = price_increases_are_capped.policy

    def said(amount: int, **settings: Any) -> list[str]:
        return report_of(rule, declared("Price", {**PRICE, "unit_amount": amount}, name="tokens", settings=settings))

    assert (len(said(6)), len(said(7))) == (0, 1)
    assert (len(said(5, maximumPercent=24.0)), len(said(5, maximumPercent=25.0))) == (1, 0)
    assert said(400, exempt=["tokens"]) == []
    [free] = report_of(rule, declared("Price", PRICE, name="tokens")) or ["none"]
    assert free == "none"
    before(("Price", "tokens", {**PRICE, "unit_amount": 0}))
    assert "for 1 in a period a bill in USD was nothing before" in said(4)[0]
    unlimited = {"tiers_mode": "volume", "tiers": [{"up_to": "inf", "flat_amount": 400}], "unit_amount": None}
    before(("Price", "tokens", {**PRICE, **unlimited}))
    assert "for large quantities a bill in USD has no limit any more" in said(4)[0]


AMOUNT = st.integers(0, 1000)
ENDS = st.lists(st.integers(1, 30), max_size=3, unique=True).map(sorted)
PACKAGES = st.builds(lambda by, how: {"divide_by": by, "round": how}, st.integers(2, 40), st.sampled_from(["up", "down"]))
TIERS = st.builds(
    lambda ends, amounts, mode: {
        "unit_amount": None,
        "tiers_mode": mode,
        "tiers": [
            {"up_to": end, "unit_amount": unit, "flat_amount": flat}
            for end, (unit, flat) in zip([*ends, "inf"], amounts, strict=False)
        ],
    },
    ENDS,
    st.lists(st.tuples(AMOUNT, st.sampled_from([0, 0, 500])), min_size=4, max_size=4),
    st.sampled_from(["graduated", "volume"]),
)
CHARGED = st.one_of(
    st.builds(lambda amount: {"unit_amount": amount}, AMOUNT),
    st.builds(lambda amount, packages: {"unit_amount": amount, "transform_quantity": packages}, AMOUNT, PACKAGES),
    TIERS,
)
INTERVALS = st.builds(
    lambda unit, count, metered: {"interval": unit, "interval_count": count, "usage_type": "metered" if metered else "licensed"},
    st.sampled_from(["day", "week", "month", "year"]),
    st.integers(1, 5),
    st.booleans(),
)
SMALL, LARGE = 1500, 10**9


def a_bill(price: dict[str, Any], quantity: Fraction) -> Fraction:
    """What Stripe bills, computed once more, unit by unit and without anything of ours."""
    if package := price.get("transform_quantity"):
        whole = math.ceil if package["round"] == "up" else math.floor
        return Fraction(whole(quantity / package["divide_by"])) * price["unit_amount"]
    if not price.get("tiers"):
        return quantity * price["unit_amount"]
    total, begins = Fraction(0), Fraction(0)
    for tier in price["tiers"]:
        last = tier["up_to"] == "inf" or quantity <= tier["up_to"]
        if price["tiers_mode"] == "volume" and last:
            return quantity * tier["unit_amount"] + tier["flat_amount"]
        if price["tiers_mode"] == "graduated":
            total += ((quantity if last else tier["up_to"]) - begins) * tier["unit_amount"] + tier["flat_amount"]
        if last:
            break
        begins = Fraction(tier["up_to"])
    return total


def a_year(price: dict[str, Any], quantity: int, shortest: Fraction | None) -> Fraction:
    """A year's bills for a quantity in each of its periods, or in each of the shortest."""
    every = price["recurring"]
    times = Fraction({"day": 365, "week": Fraction(365, 7), "month": 12, "year": 1}[every["interval"]]) / every["interval_count"]
    return a_bill(price, Fraction(quantity) if shortest is None else quantity * shortest / times) * times


def worst(old: dict[str, Any], new: dict[str, Any]) -> tuple[Fraction | None, Fraction | None]:
    """The largest rises up to a quantity, and at a very large one; None where there was nothing to pay before."""
    both = [price["recurring"] for price in (old, new)]
    steady = all(every["usage_type"] == "metered" for every in both) and both[0] != both[1]
    shortest = max(a_year({"unit_amount": 1, "recurring": every}, 1, None) for every in both) if steady else None
    rises: list[Fraction | None] = []
    for quantity in (*range(SMALL), LARGE):
        before, after = a_year(old, quantity, shortest), a_year(new, quantity, shortest)
        if before or after:
            rises.append((after / before - 1) * 100 if before else None)
    small = rises[:-1] if rises else []
    return None if None in small else max((r for r in small if r is not None), default=Fraction(-100)), rises[
        -1
    ] if rises else None


def judged(old: dict[str, Any], new: dict[str, Any]) -> None:
    """The rule's increase is reached by some bill, and exceeded by none."""
    old, new = {"currency": "usd", **old}, {"currency": "usd", **new}
    increase, (small, large) = largest_increase(old, new), worst(old, new)
    if increase is None:
        assert small is not None
        assert small <= 0
        assert large is None or large <= Fraction(1, 1000)
    elif increase.percent is None:
        assert small is None or increase.quantity is None
    else:
        assert small is not None
        assert large is not None
        assert small <= increase.percent
        near = abs(large - increase.percent) <= (increase.percent + 100) / 1000
        assert near if increase.quantity is None else small == increase.percent


@given(old=CHARGED, new=CHARGED, recurring=INTERVALS)
@settings(max_examples=60, deadline=None)
def test_the_increase_is_that_of_the_worst_bill(old: dict[str, Any], new: dict[str, Any], recurring: dict[str, Any]) -> None:
    judged({**old, "recurring": recurring}, {**new, "recurring": recurring})


@pytest.mark.thorough
@pytest.mark.timeout(900)
@given(old=CHARGED, new=CHARGED, first=INTERVALS, second=INTERVALS)
@settings(max_examples=2000 if ALL else 200, deadline=None)
def test_the_increase_is_that_of_the_worst_bill_between_intervals(
    old: dict[str, Any], new: dict[str, Any], first: dict[str, Any], second: dict[str, Any]
) -> None:
    judged({**old, "recurring": first}, {**new, "recurring": second})


@pytest.mark.parametrize(
    ("old", "new", "quantity", "percent"),
    [
        ((4, 100, "up"), (40000, 1000000, "up"), 1, 999900),
        ((100, 1000, "down"), (100, 1000, "up"), 1, None),
        ((100, 1000, "up"), (100, 400, "up"), 801, 200),
        ((100, 1000, "down"), (100, 400, "down"), 400, None),
    ],
)
def test_packages_are_billed_whole(
    old: tuple[int, int, str], new: tuple[int, int, str], quantity: int, percent: int | None
) -> None:
    def price(amount: int, by: int, how: str) -> dict[str, Any]:
        return {**PRICE, "unit_amount": amount, "transform_quantity": {"divide_by": by, "round": how}}

    increase = largest_increase(price(*old), price(*new))
    assert increase is not None
    assert (increase.quantity, increase.percent) == (quantity, percent)


GRADUATED = st.lists(st.tuples(st.integers(1, 50), AMOUNT.map(str)), min_size=1, max_size=4).map(
    lambda steps: tiers(
        *(
            (sum(width for width, _ in steps[: i + 1]) if i < len(steps) - 1 else "inf", amount)
            for i, (_, amount) in enumerate(steps)
        )
    )
)


@given(GRADUATED, GRADUATED)
def test_two_prices_have_the_same_text_only_if_they_cost_the_same(old: dict[str, Any], new: dict[str, Any]) -> None:
    if text(old) == text(new):
        assert largest_increase(old, new) is None
        assert largest_increase(new, old) is None
