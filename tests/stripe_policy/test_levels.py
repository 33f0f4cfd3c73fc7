"""What is mandatory and what is advisory, by environment and by configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel

from stripe_policy import discover, initial_config
from stripe_policy._levels import read
from tests.stripe_policy.cases import DEV, PROD, STAGING
from tests.stripe_policy.pack_process import PACK, PackProcess

RULES = discover()
ALWAYS = {
    "amounts-are-sane",
    "currencies-are-allowed",
    "live-keys-only-in-production",
    "metered-prices-have-a-meter",
    "prices-have-a-lookup-key",
    "prices-have-a-product",
}
"""Mandatory everywhere."""


@pytest.mark.parametrize(
    ("config", "advisory"),
    [
        (DEV, {"state-before-is-known", "tax-behavior-is-declared", "names-follow-the-convention"}),
        (STAGING, {"state-before-is-known"}),
        (PROD, set()),
        ({**DEV, "stripe:livemode": "true"}, set()),
        ({}, set()),
        ({"hypernian:environment": "elsewhere"}, set()),
    ],
)
def test_the_pack_begins_with_the_levels_of_the_environment(
    config: dict[str, str], advisory: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_PROJECT", "hypernian")
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(config))
    levels = {
        name
        for name, value in initial_config(RULES, PACK / "config").items()
        if value["enforcementLevel"] is EnforcementLevel.ADVISORY
    }
    assert advisory <= levels
    assert not ALWAYS & levels
    if not advisory:
        assert levels <= {"amounts-can-be-charged"}


def test_engines_are_told() -> None:
    with PackProcess(DEV, {}) as pack:
        info = pack.info()
    assert info.initialConfig["tax-behavior-is-declared"].enforcementLevel == analyzer_pb2.ADVISORY
    assert "amounts-are-sane" not in info.initialConfig


def test_settings_keep_the_level_of_the_rule(tmp_path: Path) -> None:
    path = tmp_path / "qa.json"
    path.write_text(json.dumps({"price-increases-are-capped": {"maximumPercent": 10}, "all": "advisory"}))
    assert read(path, RULES) == {
        "price-increases-are-capped": {"maximumPercent": 10, "enforcementLevel": EnforcementLevel.MANDATORY},
        "all": {"enforcementLevel": EnforcementLevel.ADVISORY},
    }


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "policy/config/qa.json: Expecting property name"),
        ({"no-such-rule": "advisory"}, "policy/config/qa.json: there is no rule no-such-rule"),
        ({"all": "sometimes"}, "policy/config/qa.json: all: the level is 'sometimes'; give one of advisory, mandatory"),
        ("[]", "policy/config/qa.json: expected an object"),
    ],
)
def test_a_file_that_is_wrong_is_named(tmp_path: Path, content: Any, says: str) -> None:
    path = tmp_path / "qa.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(ValueError) as failure:
        read(path, RULES)
    assert says in str(failure.value)
