"""A whole account: what is exported is what is there, and declares no change."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from stripe_client.client import Client
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.world import World

from .account import TIERS, fill
from .exporting import Exported, declared, export, handler


def holds(exported: Exported, folder: Path) -> None:
    """The program declares the inputs of the import file, a check takes them as they are, and a diff finds nothing."""
    programs = declared(exported, folder)
    assert programs.keys() == {(r["type"], r["name"]) for r in exported.resources}
    for resource in exported.resources:
        inputs, outputs = ({k: v for k, v in resource[part].items() if k != "__provider"} for part in ("inputs", "outputs"))
        program = programs[resource["type"], resource["name"]]
        assert program.pop("__provider") == resource["inputs"]["__provider"] == resource["outputs"]["__provider"]
        program.pop("__metered", None)  # what the program knows of its prices, which an account does not tell
        assert program == inputs
        for olds in ({}, inputs):
            assert handler(resource).check(olds, inputs) == (inputs, [])
        assert not handler(resource).diff(resource["id"], outputs, inputs)


@pytest.fixture
def ids(server: LocalStripe) -> dict[str, str]:
    return fill(server)


@pytest.fixture
def exported(ids: dict[str, str], reader: Client) -> Exported:
    return export(reader)


def inputs_by_id(exported: Exported) -> dict[str, dict[str, Any]]:
    return {r["id"]: {k: v for k, v in r["inputs"].items() if not k.startswith("__")} for r in exported.resources}


def test_the_program_declares_what_is_imported_and_no_change(exported: Exported, tmp_path: Path) -> None:
    assert len(exported.resources) == 3 + 3 + 8 + 1 + 1 + 1
    holds(exported, tmp_path)


def test_archived_objects_hold_as_well(ids: dict[str, str], reader: Client, tmp_path: Path) -> None:
    exported = export(reader, archived=True)
    holds(exported, tmp_path)
    inputs = inputs_by_id(exported)
    assert inputs[ids["Archived"]] == {"name": "Archived", "active": False}
    assert inputs[ids["archived price"]]["active"] is False
    assert f"Meter {ids['deactivated']} \"deactivated\": status is 'inactive', which no program can declare" in (
        exported.selection.left_out
    )


def test_only_what_stripe_would_not_do_by_itself_is_declared(exported: Exported, ids: dict[str, str]) -> None:
    inputs = inputs_by_id(exported)
    assert inputs[ids["tokens"]] == {
        "display_name": "Tokens",
        "event_name": "tokens",
        "default_aggregation": {"formula": "sum"},
    }
    assert inputs[ids["東京"]] == {"name": "東京", "product_id": "class"}
    assert inputs[ids["class"]] == {"name": "class"}
    assert inputs[ids["trial"]] == {
        "currency": "usd",
        "product": "class",
        "unit_amount": 0,
        "recurring": {"interval": "month", "trial_period_days": 14},
    }
    assert inputs[ids["tip"]] == {
        "currency": "usd",
        "product": ids["class"],
        "custom_unit_amount": {"enabled": True, "minimum": 100, "preset": 500},
    }


def test_amounts_are_exact_and_said_once(exported: Exported, ids: dict[str, str]) -> None:
    inputs = inputs_by_id(exported)
    assert inputs[ids["tiers in three currencies"]] == {
        "currency": "usd",
        "product": "class",
        "billing_scheme": "tiered",
        "tiers_mode": "graduated",
        "tiers": TIERS,
        "recurring": {"interval": "month", "interval_count": 3},
        "currency_options": {"eur": {"tiers": TIERS[-1:], "tax_behavior": "inclusive"}, "jpy": {"tiers": TIERS}},
    }
    assert inputs[ids["once"]]["currency_options"] == {"eur": {"unit_amount_decimal": "812.5"}, "gbp": {"unit_amount": 700}}
    assert inputs[ids["yearly"]]["unit_amount_decimal"] == "0.0015"


def test_resources_refer_to_each_other(exported: Exported) -> None:
    statements = {s.targets[0].id: s.value for s in ast.parse(exported.text).body if isinstance(s, ast.Assign)}  # type: ignore[attr-defined]
    source = {name: ast.unparse(call) for name, call in statements.items()}
    assert "product=product_cafe_zurich.id" in source["price_tokens_monthly"]
    assert "'meter': meter_tokens.id" in source["price_tokens_monthly"]
    assert "customer=customer_john_doe.id" in source["subscription_john_doe_usd"]
    assert "{'price': price_tokens_monthly.id}" in source["subscription_john_doe_usd"]
    assert "product_id='class'" in source["product_class"], "an id of the customer's own is no reference"


def test_what_is_left_out_is_named_with_its_reason(exported: Exported, ids: dict[str, str]) -> None:
    assert exported.selection.left_out == [
        f'Product {ids["Theirs"]} "Theirs": it belongs to other/prod/Product/theirs',
        f"Price {ids['their price']}: it belongs to other/prod/Price/theirs",
        f'Meter {ids["theirs"]} "theirs": it is used by what belongs to other/prod/Price/theirs, and by nothing else',
    ]
    assert exported.selection.archived == 3


def test_what_the_program_does_not_say_is_named(exported: Exported, ids: dict[str, str], server: LocalStripe) -> None:
    subscription = server.client().v1.subscriptions.retrieve(ids["subscription"])
    (inline,) = {item.price.id for item in subscription["items"].data} - {ids["monthly"]}
    untold = "not declared, since Stripe changes it by itself or does not tell how it was set"
    said = set(exported.selection.incomplete)
    assert said >= {
        f'Customer {ids["customer"]} "John Doe": {untold}: balance, next_invoice_sequence',
        f"Price {ids['of an archived product']}: {ids['Archived']} is written as it is: it is not exported",
        f"Subscription {ids['subscription']}: {inline} is written as it is: it is not exported",
        f"Subscription {ids['subscription']}: {untold}: billing_cycle_anchor",
    }


def test_an_export_only_reads(exported: Exported, server: LocalStripe) -> None:
    requests = server.requests()
    assert {r["method"] for r in requests} == {"GET"}
    assert len([r for r in requests if r["path"].count("/") == 3 and r["path"].startswith("/v1/prices/")]) == 1, "tiers by name"
    lists = [r["path"] for r in requests if not r["path"].startswith("/v1/prices/")]
    assert len(lists) == len(set(lists)), "one list per kind"


def test_the_same_account_gives_the_same_text(exported: Exported, reader: Client) -> None:
    again = export(reader)
    assert (again.text, again.resources) == (exported.text, exported.resources)


def test_ids_within_objects_are_references(server: LocalStripe, reader: Client) -> None:
    """Which prices a credit grant pays for stands in `prices[].id`."""
    world = World(server)
    scope: Any = {"scope": {"prices": [{"id": world.metered_price}]}}
    amount: Any = {"type": "monetary", "monetary": {"currency": "usd", "value": 100}}
    params: Any = {"customer": world.customer, "amount": amount, "applicability_config": scope}
    grant = server.client().v1.billing.credit_grants.create(params)
    text = export(reader).text
    assert '"prices": [{"id": price_x_usd_month.id}]' in text
    assert text.index("price_x_usd_month = Price(") < text.index("= CreditGrant("), "no variable before it is there"
    chosen = export(reader, kinds=["stripe:CreditGrant"]).selection
    assert f"CreditGrant {grant.id}: {world.metered_price} is written as it is: it is not exported" in chosen.incomplete


def test_what_no_resource_declares_is_named(server: LocalStripe, reader: Client) -> None:
    world = World(server)
    said = export(reader).selection.incomplete
    assert not any("no resource declares it" in line for line in said)
    line = f"Customer {world.customer}: {world.card} is written as it is: no resource declares it, so only this account has it"
    assert line in export(reader).selection.incomplete


@pytest.mark.parametrize(
    ("kind", "id_", "declared"),
    [
        ("product", "prod_QRsPzGfmrXk2Ap", False),
        ("product", "prod_professionalplan", True),
        ("product", "team_Enterprise2024Edition", True),
        ("coupon", "summer_EarlyAdopter2024", True),
    ],
)
def test_an_id_of_ones_own_is_declared(kind: str, id_: str, declared: bool, server: LocalStripe, reader: Client) -> None:
    if kind == "product":
        server.client().v1.products.create({"id": id_, "name": "x"})
    else:
        server.client().v1.coupons.create({"id": id_, "percent_off": 5})
    assert (inputs_by_id(export(reader))[id_].get(f"{kind}_id") == id_) is declared


def test_a_list_that_stripe_leaves_empty_is_not_declared(server: LocalStripe, reader: Client, tmp_path: Path) -> None:
    """Why customers cancel: the list of reasons is required, and none cannot be sent."""
    create = server.client().v1.billing_portal.configurations.create
    unasked = create({"features": {"subscription_cancel": {"enabled": True}}})
    reasons: Any = {"enabled": True, "options": ["other"]}
    asked = create({"features": {"subscription_cancel": {"enabled": True, "cancellation_reason": reasons}}})
    exported = export(reader, kinds=["stripe:PortalConfiguration"])
    holds(exported, tmp_path)
    inputs = inputs_by_id(exported)
    assert inputs[unasked.id]["features"]["subscription_cancel"] == {"enabled": True}
    assert inputs[asked.id]["features"]["subscription_cancel"] == {"enabled": True, "cancellation_reason": reasons}
