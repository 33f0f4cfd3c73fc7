"""examples/inference under mocks: unit tests as one writes them for a catalogue of one's own, see docs/testing.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from stripe_resources.testing import Deployment, run

FOLDER = Path(__file__).parents[2] / "examples" / "inference"
PLANS = ("starter", "team", "scale")


@pytest.fixture(scope="module", params=["dev", "prod"])
def deployment(request: pytest.FixtureRequest) -> Deployment:
    return run(str(request.param), FOLDER)


def test_a_preview_would_refuse_nothing(deployment: Deployment) -> None:
    assert deployment.problems == []


def test_every_price_has_a_lookup_key_and_is_sold_in_both_currencies(deployment: Deployment) -> None:
    prices = [d for d in deployment.declared if d.kind == "Price"]
    assert len(prices) == 10
    assert len({price.inputs["lookup_key"] for price in prices}) == 10
    assert {(price.inputs["currency"], *price.inputs["currency_options"]) for price in prices} == {("usd", "eur")}


def test_all_plans_are_billed_by_the_same_meters(deployment: Deployment) -> None:
    meters = {d.name: d.inputs["event_name"] for d in deployment.declared if d.kind == "Meter"}
    assert meters == {name: f"inference_{name.replace('-', '_')}" for name in ("input-tokens", "output-tokens", "images")}
    for plan in PLANS:
        metered = {d.inputs["recurring"].get("meter") for d in deployment.declared if d.parent == plan and d.kind == "Price"}
        assert {"input-tokens-id", "output-tokens-id"} <= metered <= {None, *(f"{name}-id" for name in meters)}


def test_a_dearer_plan_allows_more(deployment: Deployment) -> None:
    key = "entitlement_requests_per_minute"
    allowed = [int(deployment.of("Product", plan).inputs["metadata"][key]) for plan in PLANS]
    assert allowed == sorted(set(allowed))


def test_ten_million_input_tokens_are_in_the_scale_plan(deployment: Deployment) -> None:
    price = deployment.of("Price", "scale-input").inputs
    for tiers in (price["tiers"], price["currency_options"]["eur"]["tiers"]):
        assert tiers[0] == {"up_to": 10_000_000, "unit_amount": 0}


def test_the_catalogue_is_protected_in_production_only() -> None:
    for stack, protected in (("dev", {False}), ("prod", {True})):
        assert {d.protect for d in run(stack, FOLDER).declared} == protected
