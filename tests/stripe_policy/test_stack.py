"""Which stacks are production."""

from __future__ import annotations

from pathlib import Path

import pulumi.runtime
import pytest
import yaml

from stripe_policy._stack import environment_key, is_production
from tests.stripe_policy.arguments import PROVIDER, UNKNOWN, declared

PRODUCTION = [
    {"hypernian:environment": "prod", "stripe:livemode": "true"},
    {"hypernian:environment": "prod", "stripe:livemode": "false"},
    {"hypernian:environment": "prod"},
    {"hypernian:environment": "staging", "stripe:livemode": "true"},
    {"stripe:livemode": "true"},
    {"stripe:livemode": " True "},
]
OTHER = [
    {},
    {"hypernian:environment": "dev"},
    {"hypernian:environment": "staging", "stripe:livemode": "false"},
    {"stripe:livemode": ""},
    {"environment": "prod", "livemode": "true", "other:environment": "prod"},
]
EITHER = [(config, True) for config in PRODUCTION] + [(config, False) for config in OTHER]


@pytest.mark.parametrize(("config", "expected"), EITHER)
def test_by_the_configuration_of_the_stack(config: dict[str, str], expected: bool) -> None:
    pulumi.runtime.set_all_config(config)
    assert is_production(declared("Price", {})) is expected


@pytest.mark.parametrize(("config", "expected"), EITHER)
def test_by_the_configuration_of_the_provider(config: dict[str, str], expected: bool) -> None:
    assert is_production(declared("Price", {}, config=config)) is expected
    assert is_production(declared(PROVIDER, config)) is expected


ROOT = Path(__file__).parents[2]


def test_the_environment_is_a_setting_of_this_project() -> None:
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    namespace, _, key = environment_key(declared("Price", {})).partition(":")
    assert namespace == project["name"]
    assert key in project["config"]


@pytest.mark.parametrize(("stack", "expected"), [("dev", False), ("staging", False), ("prod", True)])
def test_the_stacks_of_this_project(stack: str, expected: bool) -> None:
    config = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    # The engine gives booleans as "true" and "false".
    texts = {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in config.items()}
    pulumi.runtime.set_all_config(texts)
    assert is_production(declared("Price", {})) is expected


def test_a_test_account_within_a_production_stack_is_production() -> None:
    pulumi.runtime.set_all_config({"hypernian:environment": "prod"})
    assert is_production(declared("Price", {}, config={"stripe:livemode": "false"}))


def test_a_live_account_within_another_stack_is_production() -> None:
    pulumi.runtime.set_all_config({"hypernian:environment": "dev", "stripe:livemode": "false"})
    assert is_production(declared("Price", {}, config={"stripe:livemode": "true"}))


def test_the_properties_of_other_resources_are_not_configuration() -> None:
    assert not is_production(declared("Product", {"stripe:livemode": "true"}))


def test_settings_of_a_provider_that_are_not_known_yet() -> None:
    config = {"stripe:livemode": UNKNOWN, "hypernian:environment": UNKNOWN}
    assert not is_production(declared("Price", {}, config=config))
