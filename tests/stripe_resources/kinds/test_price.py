"""Price: what tests need to know of it, and what it does specially."""

from __future__ import annotations

import pytest
import stripe.params as params

from stripe_resources import StripeError
from tests.stripe_resources.run import Run, read
from tests.stripe_resources.sample import A_AND_B, REPLACES, Drift, Plan, Sample, Values, Wrong, without
from tests.stripe_resources.world import World

PRICE: Values = {
    "currency": "usd",
    "product": "{product}",
    "unit_amount": 4,
    "recurring": {"interval": "month", "usage_type": "metered", "meter": "{meter}"},
}
FLAT: Values = {**PRICE, "recurring": {"interval": "month"}}
TIERS = [{"up_to": 10, "unit_amount": 4}, {"up_to": "inf", "unit_amount": 3}]
TIERED: Values = {**without(PRICE, "unit_amount"), "billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": TIERS}
MONTHLY = {"interval": "month"}

AMOUNTS = ("unit_amount", "unit_amount_decimal", "custom_unit_amount")
ALL_TIERS = [
    {"up_to": 10, "unit_amount": 4, "flat_amount": 0},
    {"up_to": "inf", "unit_amount_decimal": "0.5", "flat_amount_decimal": "1.5"},
]


def plan(name: str, kept: str, omit: set[str], **choose: list[str]) -> Plan:
    """A price that says its amount in one way, `kept`; keys of `choose` have __ for dots."""
    others = {*AMOUNTS, "tiers"} - {kept}
    amounts = others | {f"currency_options.{name}" for name in others}
    tiers = {"tiers": [ALL_TIERS], "currency_options.tiers": [ALL_TIERS]}
    scheme = ["tiered"] if kept == "tiers" else ["per_unit"]
    dotted = {key.replace("__", "."): values for key, values in choose.items()}
    return Plan(name, frozenset(amounts | omit), {"currency": ["usd"], "billing_scheme": scheme, **tiers, **dotted})


SAMPLE = Sample(
    "Price",
    "/v1/prices",
    PRICE,
    params.PriceCreateParams,
    params.PriceUpdateParams,
    wrong=[
        Wrong("no currency", without(PRICE, "currency"), "currency"),
        Wrong("currency in capitals", {**PRICE, "currency": "USD"}, "currency"),
        Wrong("no product", without(PRICE, "product"), "product"),
        Wrong("two products", {**PRICE, "product_data": {"name": "Hypernian"}}, "product_data"),
        Wrong("no amount", without(PRICE, "unit_amount"), "unit_amount"),
        Wrong("two amounts", {**PRICE, "unit_amount_decimal": "4"}, "unit_amount_decimal"),
        Wrong("negative amount", {**PRICE, "unit_amount": -1}, "unit_amount"),
        Wrong("fraction of a cent as a number", {**PRICE, "unit_amount": 0.5}, "unit_amount"),
        Wrong("decimal as a number", {**without(PRICE, "unit_amount"), "unit_amount_decimal": 0.5}, "unit_amount_decimal"),
        Wrong(
            "thirteen decimal places",
            {**without(PRICE, "unit_amount"), "unit_amount_decimal": "0.0000000000001"},
            "unit_amount_decimal",
        ),
        Wrong("metered without meter", {**PRICE, "recurring": {**MONTHLY, "usage_type": "metered"}}, "recurring.meter"),
        Wrong("meter without metered", {**PRICE, "recurring": {**MONTHLY, "meter": "mtr_1"}}, "recurring.meter"),
        Wrong("unknown interval", {**PRICE, "recurring": {"interval": "quarter"}}, "recurring.interval"),
        Wrong("four years", {**PRICE, "recurring": {"interval": "month", "interval_count": 37}}, "recurring.interval_count"),
        Wrong("tiers per unit", {**PRICE, "tiers": TIERED["tiers"]}, "tiers"),
        Wrong("tiered without tiers", without(TIERED, "tiers"), "tiers"),
        Wrong("tiered without mode", without(TIERED, "tiers_mode"), "tiers_mode"),
        Wrong("tiers without end", {**TIERED, "tiers": [{"up_to": 100, "unit_amount": 4}]}, "tiers[0].up_to"),
        Wrong(
            "falling tiers",
            {
                **TIERED,
                "tiers": [{"up_to": 9, "unit_amount": 4}, {"up_to": 5, "unit_amount": 3}, {"up_to": "inf", "unit_amount": 2}],
            },
            "tiers[1].up_to",
        ),
        Wrong("tier without amount", {**TIERED, "tiers": [{"up_to": "inf"}]}, "tiers[0]"),
        Wrong("packages of tiers", {**TIERED, "transform_quantity": {"divide_by": 100, "round": "up"}}, "transform_quantity"),
        Wrong(
            "packages of nothing",
            {**PRICE, "transform_quantity": {"divide_by": 0, "round": "up"}},
            "transform_quantity.divide_by",
        ),
        Wrong("own currency as an option", {**PRICE, "currency_options": {"usd": {"unit_amount": 4}}}, 'currency_options["usd"]'),
        Wrong("option without amount", {**PRICE, "currency_options": {"eur": {}}}, 'currency_options["eur"]'),
        Wrong("transfer of no key", {**PRICE, "transfer_lookup_key": True}, "transfer_lookup_key"),
        Wrong("subscriptions left out in the cold", {**PRICE, "existing_subscriptions": "cancel"}, "existing_subscriptions"),
    ],
    mutable=[
        Drift("active", True, False, FLAT, left=True),
        Drift("currency_options", {"eur": {"unit_amount": 5}}, {"eur": {"unit_amount": 6}}, FLAT, left=REPLACES),
        Drift("lookup_key", "tokens", "theirs", FLAT),
        Drift("metadata", *A_AND_B, FLAT, left={"a": None, "b": None}),
        Drift("nickname", "Tokens", "Theirs", FLAT),
    ],
    immutable=[
        Drift("currency", "usd", "eur", without(FLAT, "currency")),
        Drift("product", "{product}", "{other_product}", without(FLAT, "product")),
        Drift("recurring", {"interval": "month"}, {"interval": "year"}, without(FLAT, "recurring")),
        Drift("tax_behavior", "inclusive", "exclusive", FLAT),
        Drift("transform_quantity", {"divide_by": 100, "round": "up"}, {"divide_by": 10, "round": "up"}, FLAT),
        Drift("unit_amount", 4, 5, without(FLAT, "unit_amount")),
        Drift("unit_amount_decimal", "0.04", "0.05", without(FLAT, "unit_amount")),
        Drift(
            "custom_unit_amount",
            {"enabled": True, "minimum": 100},
            {"enabled": True, "minimum": 200},
            without(FLAT, "unit_amount", "recurring"),
        ),
        Drift("tiers_mode", "graduated", "volume", TIERED),
        Drift("tiers", TIERS, [{"up_to": 20, "unit_amount": 4}, TIERS[1]], TIERED),
        Drift("tiers", TIERS, [{"up_to": 10, "unit_amount_decimal": "4.5"}, TIERS[1]], TIERED),
        Drift("tiers", TIERS, [{"up_to": 10, "unit_amount": 4, "flat_amount": 100}, TIERS[1]], TIERED),
        Drift("tiers", TIERS, [TIERS[0], {"up_to": 20, "unit_amount": 3}, {"up_to": "inf", "unit_amount": 2}], TIERED),
    ],
    tried_elsewhere={"billing_scheme": "below: it changes together with amounts"},
    plans=[
        plan("metered", "unit_amount", {"product_data", "tiers_mode"}, recurring__usage_type=["metered"]),
        plan("licensed", "unit_amount_decimal", {"product", "tiers_mode", "recurring.meter"}, recurring__usage_type=["licensed"]),
        plan("one-time", "custom_unit_amount", {"product_data", "tiers_mode", "recurring"}),
        plan("tiered", "tiers", {"product_data", "transform_quantity"}, recurring__usage_type=["metered"]),
    ],
    newer={
        "product_data.tax_details": "new in 2026-09-30.endive",
        "recurring.trial_period_days": "deprecated: the SDK has it still, the description no more",
    },
    retired_by="POST /v1/prices/id_1",
)


def test_a_billing_scheme_shows_and_is_replaced(run: Run, world: World) -> None:
    tiered, flat = world.filled(TIERED), world.filled(PRICE)
    id_, outputs = run.create("Price", "it", tiered)
    run.handler("Price").delete(id_, outputs)
    other = world.made("/v1/prices", **flat)["id"]
    found = run.read("Price", other, outputs)
    assert found is not None
    assert found[0]["billing_scheme"] == "per_unit"
    new, after = run.replace("Price", other, found[0], tiered)
    assert after["billing_scheme"] == world.live("Price", new)["billing_scheme"] == "tiered"


def test_an_amount_that_somebody_adds_to_a_tier_of_a_further_currency_shows(run: Run, world: World) -> None:
    tiers = [{"up_to": 10, "unit_amount": 5}, {"up_to": "inf", "unit_amount": 4}]
    declared = world.filled({**TIERED, "currency_options": {"eur": {"tiers": tiers}}})
    id_, outputs = run.create("Price", "it", declared)
    with_a_fee = [{**tiers[0], "flat_amount": 100}, tiers[1]]
    world.made(f"/v1/prices/{id_}", currency_options={"eur": {"tiers": with_a_fee}})
    shown = read(run, "Price", id_, outputs)
    assert shown["currency_options"]["eur"]["tiers"][0] == {**tiers[0], "flat_amount_decimal": "100"}
    assert run.update("Price", id_, shown, declared) == outputs
    assert read(run, "Price", id_, outputs) == outputs


def test_a_currency_that_somebody_removes_comes_back(run: Run, world: World) -> None:
    declared = world.filled({**FLAT, "currency_options": {"eur": {"unit_amount": 5}, "gbp": {"unit_amount": 4}}})
    id_, outputs = run.create("Price", "it", declared)
    world.made(f"/v1/prices/{id_}", currency_options="")
    shown = read(run, "Price", id_, outputs)
    assert shown["currency_options"] == {}
    assert run.update("Price", id_, shown, declared) == outputs


def test_a_tax_behavior_in_a_further_currency_is_set_once(run: Run, world: World) -> None:
    exclusive, inclusive = (
        world.filled({**FLAT, "currency_options": {"eur": {"unit_amount": 5, "tax_behavior": b}}})
        for b in ("exclusive", "inclusive")
    )
    id_, outputs = run.create("Price", "it", exclusive)
    new, after = run.replace("Price", id_, outputs, inclusive)
    assert run.update("Price", new, after, inclusive) is None


def test_a_lookup_key_that_somebody_gave_to_another_price_is_not_taken_from_it_unasked(run: Run, world: World) -> None:
    """Applications may sell that price by now: who gets the key is for people to say."""
    declared = {**world.filled(FLAT), "lookup_key": "tokens"}
    id_, outputs = run.create("Price", "it", declared)
    theirs = world.made("/v1/prices", **world.filled(FLAT), lookup_key="tokens", transfer_lookup_key=True)["id"]
    shown = read(run, "Price", id_, outputs)
    assert "lookup_key" not in shown
    with pytest.raises(StripeError, match=rf'"tokens" belongs to {theirs}, an active price that no stack of this kind made'):
        run.update("Price", id_, shown, declared)
    assert world.live("Price", theirs)["lookup_key"] == "tokens"

    asked = {**declared, "transfer_lookup_key": True}
    assert run.update("Price", id_, shown, asked) == outputs
    assert world.live("Price", theirs)["lookup_key"] is None


def test_a_lookup_key_that_went_back_to_the_price_before_is_fetched(run: Run, world: World) -> None:
    declared = {**world.filled(FLAT), "lookup_key": "tokens"}
    old, outputs = run.create("Price", "it", declared)
    dearer = {**declared, "unit_amount": 5}
    new, after = run.replace("Price", old, outputs, dearer)
    world.made(f"/v1/prices/{old}", lookup_key="tokens", transfer_lookup_key=True)
    shown = read(run, "Price", new, after)
    assert run.update("Price", new, shown, dearer) == after
    assert world.live("Price", old)["lookup_key"] is None


def test_asking_for_a_transfer_sends_nothing_where_no_key_moves(run: Run, world: World) -> None:
    declared = {**world.filled(FLAT), "lookup_key": "tokens", "transfer_lookup_key": True}
    id_, outputs = run.create("Price", "it", declared)
    world.server.forget_requests()
    run.update("Price", id_, outputs, {**declared, "nickname": "Tokens"})
    assert [set(r["parameters"]) - {"expand", "metadata"} for r in world.server.requests()] == [{"nickname"}]


def test_a_field_that_stays_at_stripe_leaves_the_state_without_a_request(run: Run, world: World) -> None:
    """An amount written otherwise at the same time is still the same amount."""
    declared = {**world.filled(FLAT), "tax_behavior": "exclusive"}
    id_, outputs = run.create("Price", "it", declared)
    written = {k: v for k, v in declared.items() if k not in ("unit_amount", "tax_behavior")} | {"unit_amount_decimal": "4"}
    world.server.forget_requests()
    after = run.update("Price", id_, outputs, written)
    assert after is not None
    assert world.server.requests() == []
    assert run.update("Price", id_, after, written) is None
    assert read(run, "Price", id_, after) == after
