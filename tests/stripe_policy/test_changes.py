"""The rules that compare with the state before, and how that is read."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pulumi.runtime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_policy import (
    meter_formulas_are_kept,
    price_changes_are_approved,
    price_increases_are_capped,
    price_retirements_are_approved,
    state_before_is_known,
)
from stripe_policy._past import BASELINE, past
from stripe_policy._terms import charges, largest_increase, text
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
        path.write_text(content)
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
        ({"recurring": {"interval": "month"}}, "0.04 USD per unit, every month, by another meter"),
        ({"recurring": {**METERED, "meter": UNKNOWN}}, "0.04 USD per unit, metered, every month, by another meter"),
        ({"product": "prod_2"}, "0.04 USD per unit, metered, every month, of another product"),
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


def test_a_price_is_the_same_under_another_name(before: Any) -> None:
    before(("Price", "tokens", PRICE))
    assert len(changed("renamed", unit_amount=5)) == 1, "by its lookup key"
    assert len(changed("renamed", [urn("Price", "tokens")], unit_amount=5, lookup_key="other")) == 1, "by its alias"
    assert changed("new", unit_amount=5, lookup_key="other") == []


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
        ({}, {"transform_quantity": {"divide_by": 2, "round": "up"}, "unit_amount": 8}, None),
        (
            {"transform_quantity": {"divide_by": 100, "round": "up"}},
            {"transform_quantity": {"divide_by": 50, "round": "up"}},
            "100",
        ),
        ({}, {"recurring": {**METERED, "interval": "day"}}, None),
        ({"recurring": {"interval": "month"}}, {"recurring": {"interval": "week"}}, str(Decimal(52) / 12 * 100 - 100)),
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
        assert abs(increase.percent - Decimal(numerator) / Decimal(denominator or 1)) < Decimal("1e-9")


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


AMOUNT = st.decimals(min_value=0, max_value=100, places=3).map(str)
GRADUATED = st.lists(st.tuples(st.integers(1, 50), AMOUNT), min_size=1, max_size=4).map(
    lambda steps: tiers(
        *(
            (sum(width for width, _ in steps[: i + 1]) if i < len(steps) - 1 else "inf", amount)
            for i, (_, amount) in enumerate(steps)
        )
    )
)


@given(old=GRADUATED, new=GRADUATED, quantity=st.integers(1, 10_000), mode=st.sampled_from(["graduated", "volume"]))
def test_no_bill_rises_by_more_than_the_largest_increase(
    old: dict[str, Any], new: dict[str, Any], quantity: int, mode: str
) -> None:
    olds, news = {**old, "tiers_mode": mode}, {**new, "tiers_mode": mode}
    before, after = charges(olds)["usd"].bill(quantity), charges(news)["usd"].bill(quantity)
    increase = largest_increase(olds, news)
    if after <= before or (increase is not None and increase.percent is None):
        return
    assert increase is not None
    assert increase.percent is not None
    assert before
    assert float(after / before - 1) * 100 <= float(increase.percent) * (1 + 1e-9) + 1e-9


@given(GRADUATED, GRADUATED)
def test_two_prices_have_the_same_text_only_if_they_cost_the_same(old: dict[str, Any], new: dict[str, Any]) -> None:
    if text(old) == text(new):
        assert largest_increase(old, new) is None
        assert largest_increase(new, old) is None
