"""What the program declares for dev, staging and prod, as their files configure it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.output import Unknown

from tests.stack.program import NAME, ROOT, STACKS, Deployment, run
from tests.stripe_resources.test_provider import pickled

TYPES = {
    "tokens": "Meter",
    "hypernian": "Product",
    "tokens-monthly": "Price",
    "john-doe": "Customer",
    "john-doe-tokens": "Subscription",
}
CATALOGUE = ["tokens", "hypernian", "tokens-monthly"]
NAMES = {
    "elsewhere": {"event_name": "hypernian_tokens", "lookup_key": "hypernian_tokens_monthly"},
    "staging": {"event_name": "hypernian_tokens_staging", "lookup_key": "hypernian_tokens_monthly_staging"},
}
"""An account has each of them once, and dev and staging may be in one."""
DECLARED = {"dev": [*CATALOGUE, "john-doe", "john-doe-tokens"], "staging": CATALOGUE, "prod": CATALOGUE}
SECRET = "sk_test_s3cret"
SECRET_ON_THE_WIRE = "4dabf18193072939515e22adb298388d"
"""The mark of a secret value in what programs send to an engine."""


def inputs(stack: str) -> dict[str, dict[str, Any]]:
    """The inputs of all resources that a stack may have."""
    metadata = {"owner": "hypernian-billing", "environment": stack}
    names = NAMES["staging" if stack == "staging" else "elsewhere"]
    return {
        "tokens": {
            "display_name": "Hypernian tokens",
            "event_name": names["event_name"],
            "default_aggregation": {"formula": "sum"},
            "customer_mapping": {"type": "by_id", "event_payload_key": "stripe_customer_id"},
            "value_settings": {"event_payload_key": "value"},
        },
        "hypernian": {"name": "Hypernian", "unit_label": "token", "metadata": metadata},
        "tokens-monthly": {
            "product": "hypernian-id",
            "currency": "usd",
            "unit_amount": 4,
            "billing_scheme": "per_unit",
            "transform_quantity": {"divide_by": 100, "round": "up"},
            "recurring": {"interval": "month", "usage_type": "metered", "meter": "tokens-id"},
            "lookup_key": names["lookup_key"],
            "tax_behavior": "exclusive",
            "metadata": metadata,
        },
        "john-doe": {"name": "John Doe", "metadata": metadata},
        "john-doe-tokens": {
            "customer": "john-doe-id",
            "items": [{"price": "tokens-monthly-id"}],
            "collection_method": "send_invoice",
            "days_until_due": 30,
            "metadata": metadata,
        },
    }


def declared(deployment: Deployment) -> dict[str, dict[str, Any]]:
    return {name: resource.inputs for name, resource in deployment.resources.items()}


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_resources_and_all_their_inputs(stack: str) -> None:
    assert declared(run(stack)) == {name: inputs(stack)[name] for name in DECLARED[stack]}


def test_each_resource_has_a_type_of_its_own(stack: str) -> None:
    for name, resource in run(stack).resources.items():
        assert resource.type == f"pulumi-python:dynamic/stripe:{TYPES[name]}"


def test_the_catalogue_is_protected_in_production_only(stack: str) -> None:
    protected = {name for name, resource in run(stack).resources.items() if resource.protect}
    assert protected == (set(CATALOGUE) if stack == "prod" else set())


def test_the_outputs(stack: str) -> None:
    catalogue = {
        "meter_id": "tokens-id",
        "event_name": inputs(stack)["tokens"]["event_name"],
        "product_id": "hypernian-id",
        "price_id": "tokens-monthly-id",
        "price_lookup_key": inputs(stack)["tokens-monthly"]["lookup_key"],
    }
    customer = {"customer_id": "john-doe-id", "subscription_id": "john-doe-tokens-id"}
    assert run(stack).outputs == ({**catalogue, **customer} if stack == "dev" else catalogue)


def test_the_provider_in_the_state_is_a_constant(stack: str) -> None:
    for name, resource in run(stack).resources.items():
        owner = f"{NAME}/{stack}/{TYPES[name]}/{name}"
        metered = {"__metered": [0]} if TYPES[name] == "Subscription" else {}
        assert resource.internal == {"__provider": pickled(f"stripe:{TYPES[name]}"), "__owner": owner, **metered}


def test_ids_are_unknown_in_the_first_preview() -> None:
    found = declared(run("dev", preview=True))
    unknown = [
        found["tokens-monthly"]["product"],
        found["tokens-monthly"]["recurring"]["meter"],
        found["john-doe-tokens"]["customer"],
        found["john-doe-tokens"]["items"][0]["price"],
    ]
    assert all(isinstance(value, Unknown) for value in unknown)


@pytest.mark.parametrize(
    ("setting", "value", "resource", "changed"),
    [
        ("unitAmount", "5", "tokens-monthly", {"unit_amount": 5}),
        ("unitAmount", "0", "tokens-monthly", {"unit_amount": 0}),
        ("tokensPerPackage", "1000", "tokens-monthly", {"transform_quantity": {"divide_by": 1000, "round": "up"}}),
        ("currency", "eur", "tokens-monthly", {"currency": "eur"}),
        ("lookupKey", "tokens", "tokens-monthly", {"lookup_key": "tokens"}),
        ("displayName", "Tokens", "tokens", {"display_name": "Tokens"}),
        ("eventName", "tokens", "tokens", {"event_name": "tokens"}),
    ],
)
def test_a_changed_setting_changes_one_input(setting: str, value: str, resource: str, changed: dict[str, Any]) -> None:
    expected = inputs("dev")
    expected[resource].update(changed)
    assert declared(run("dev", settings={setting: value})) == expected


def test_a_test_customer_wherever_the_configuration_says_so() -> None:
    assert sorted(run("staging", settings={"testCustomer": "true"}).resources) == sorted(DECLARED["dev"])
    assert sorted(run("dev", settings={"testCustomer": "false"}).resources) == sorted(CATALOGUE)


@pytest.mark.parametrize("wrong", ["production", "Dev", ""])
def test_another_environment_is_refused_before_anything_is_declared(wrong: str) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        run("dev", settings={"environment": wrong})
    assert str(refused.value) == f"hypernian:environment is {wrong!r}; give dev, staging or prod"


# -- secrets


def leaks(deployment: Deployment) -> list[str]:
    """The names of the resources whose inputs hold the API key, or any secret."""
    texts = {n: json.dumps([r.inputs, r.internal], default=str) for n, r in deployment.resources.items()}
    return [n for n, text in texts.items() if SECRET in text or SECRET_ON_THE_WIRE in text]


def test_no_input_holds_a_secret(stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", SECRET)
    assert leaks(run(stack, secrets={"stripe:apiKey": SECRET})) == []


LEAK = """
from stripe_resources import Product

Product("leak", name="Leak", description=pulumi.Config("stripe").require{secret}("apiKey"))
"""


@pytest.mark.parametrize("how", ["", "_secret"])
def test_a_secret_in_an_input_would_be_found(tmp_path: Path, how: str) -> None:
    program = tmp_path / "__main__.py"
    program.write_text((ROOT / "__main__.py").read_text() + LEAK.format(secret=how))
    assert leaks(run("dev", secrets={"stripe:apiKey": SECRET}, program=program)) == ["leak"]
