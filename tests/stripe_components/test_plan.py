"""What a plan declares, and with which options."""

from __future__ import annotations

from pathlib import Path

import pulumi
import pytest

from stripe_components.plan import TYPE
from tests.stack.program import NAME, Deployment, run

BEGIN = """
import pulumi
from stripe_components import UsageBasedPlan, flat, graduated, per_unit
from stripe_resources import Meter

Opts = pulumi.ResourceOptions
metadata = {"owner": "billing"}
shared = Meter("shared", display_name="Shared", event_name="shared", default_aggregation={"formula": "sum"}).id
own = {"tokens": {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}}
"""

TEAM = """
team = UsageBasedPlan(
    "team",
    product={"name": "Team", "metadata": {"owner": "team"}},
    meters=own,
    prices={
        "team-base": flat(2000, eur=1800),
        "team.tokens": graduated("tokens", [(10, 4), ("inf", 3)], eur=[("inf", 5)]),
        "team-images": {**per_unit(shared, 4, eur=5), "interval": "year", "interval_count": 2, "lookup_key": "images"},
    },
    currency="usd",
    interval="month",
    tax_behavior="exclusive",
    metadata=metadata,
    entitlements={"requests_per_minute": 600, "priority": True, "models": "all"},
    opts=OPTIONS,
)
for name in ("product_id", "meter_ids", "price_ids", "lookup_keys", "entitlements"):
    pulumi.export(name, getattr(team, name))
"""


def declared(folder: Path, program: str, options: str = "None", *, preview: bool = False) -> Deployment:
    path = folder / "__main__.py"
    path.write_text(BEGIN + program.replace("OPTIONS", options))
    return run("dev", program=path, preview=preview)


def test_the_resources_and_all_their_inputs(tmp_path: Path) -> None:
    team = declared(tmp_path, TEAM)
    assert team.problems == []
    inputs = {f"{d.kind} {d.name}": d.inputs for d in team.declared if d.name != "shared"}
    common = {"product": "team-id", "currency": "usd", "tax_behavior": "exclusive", "metadata": {"owner": "billing"}}
    exclusive = {"tax_behavior": "exclusive"}
    assert inputs == {
        "UsageBasedPlan team": {},
        "Product team": {
            "name": "Team",
            "metadata": {
                "owner": "team",
                "entitlement_requests_per_minute": "600",
                "entitlement_priority": "true",
                "entitlement_models": "all",
            },
        },
        "Meter tokens": {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}},
        "Price team-base": {
            **common,
            "billing_scheme": "per_unit",
            "unit_amount": 2000,
            "currency_options": {"eur": {"unit_amount": 1800, **exclusive}},
            "recurring": {"interval": "month"},
            "lookup_key": "team_base",
        },
        "Price team.tokens": {
            **common,
            "billing_scheme": "tiered",
            "tiers_mode": "graduated",
            "tiers": [{"up_to": 10, "unit_amount": 4}, {"up_to": "inf", "unit_amount": 3}],
            "currency_options": {"eur": {"tiers": [{"up_to": "inf", "unit_amount": 5}], **exclusive}},
            "recurring": {"interval": "month", "usage_type": "metered", "meter": "tokens-id"},
            "lookup_key": "team_tokens",
        },
        "Price team-images": {
            **common,
            "billing_scheme": "per_unit",
            "unit_amount": 4,
            "currency_options": {"eur": {"unit_amount": 5, **exclusive}},
            "recurring": {"interval": "year", "interval_count": 2, "usage_type": "metered", "meter": "shared-id"},
            "lookup_key": "images",
        },
    }
    assert team.outputs == {
        "product_id": "team-id",
        "meter_ids": {"tokens": "tokens-id"},
        "price_ids": {name: f"{name}-id" for name in ("team-base", "team.tokens", "team-images")},
        "lookup_keys": {"team-base": "team_base", "team.tokens": "team_tokens", "team-images": "images"},
        "entitlements": {
            "entitlement_requests_per_minute": "600",
            "entitlement_priority": "true",
            "entitlement_models": "all",
        },
    }


CHILDREN = ["team", "team-base", "team-images", "team.tokens", "tokens"]


@pytest.mark.parametrize(
    ("options", "protected", "provider"),
    [
        ("None", False, ""),
        ("Opts(protect=True)", True, ""),
        ('Opts(provider=pulumi.ProviderResource("pulumi-python", "eu", {}))', False, "eu"),
        ('Opts(providers=[pulumi.ProviderResource("pulumi-python", "eu", {})], protect=True)', True, "eu"),
    ],
)
def test_options_hold_for_all_resources(options: str, protected: bool, provider: str, tmp_path: Path) -> None:
    deployment = declared(tmp_path, TEAM, options)
    children = [d for d in deployment.declared if d.parent == "team"]
    assert sorted(d.name for d in children) == CHILDREN
    assert {(d.protect, d.provider) for d in children} == {(protected, provider)}
    assert deployment.of("UsageBasedPlan", "team").protect is protected


def test_transforms_reach_a_single_one(tmp_path: Path) -> None:
    unprotect = """
def unprotect(args):
    if args.name == "team-base":
        return pulumi.ResourceTransformationResult(args.props, Opts.merge(args.opts, Opts(protect=False)))
"""
    deployment = declared(tmp_path, unprotect + TEAM, "Opts(protect=True, transformations=[unprotect])")
    assert [d.name for d in deployment.declared if d.parent == "team" and not d.protect] == ["team-base"]


def test_the_resources_belong_to_whom_they_would_without_a_plan(tmp_path: Path) -> None:
    deployment = declared(tmp_path, TEAM)
    for resource in (d for d in deployment.declared if d.parent == "team"):
        assert resource.internal["__owner"] == f"{NAME}/dev/{resource.kind}/{resource.name}"


def test_one_name_under_a_plan_and_beside_it_is_refused(tmp_path: Path) -> None:
    """At Stripe the two would be taken for one."""
    beside = '\nfrom stripe_resources import Price\nPrice("team-base", product="prod_1", currency="usd", unit_amount=1)\n'
    with pytest.raises(pulumi.RunError, match='Price "team-base" is declared twice, under different parents'):
        declared(tmp_path, TEAM + beside)


def test_ids_are_unknown_in_the_first_preview(tmp_path: Path) -> None:
    assert declared(tmp_path, TEAM, preview=True).problems == []


def test_all_that_is_wrong_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        declared(tmp_path, TEAM.replace('"usd"', '"USD"').replace("flat(2000", "flat(-1"))
    assert str(refused.value) == (
        'UsageBasedPlan "team" has 2 problems:\n'
        "  - currency: is 'USD'; give a three-letter ISO currency code in lower case, such as usd\n"
        '  - prices["team-base"].unit_amount: -1 is too small; give 0 or more'
    )


def test_its_type_is_part_of_every_state() -> None:
    assert TYPE == "stripe:components:UsageBasedPlan"
