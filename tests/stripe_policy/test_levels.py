"""What is mandatory and what is advisory, by environment and by configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel

from stripe_policy import discover, initial_config
from stripe_policy._levels import read
from tests.stripe_policy.cases import DEV, PROD, STAGING, Case
from tests.stripe_policy.pack_process import PACK, PackProcess, wire

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
        assert levels <= {"amounts-can-be-charged", "approvals-are-current"}


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
        ("[" * 5000, "policy/config/qa.json: it is nested too deep"),
        ('{"price-increases-are-capped": {"maximumPercent": NaN}}', "policy/config/qa.json: NaN is not a number"),
        (
            '{"price-increases-are-capped": {"maximumPercent": 20}, "price-increases-are-capped": "mandatory"}',
            "policy/config/qa.json: it has 'price-increases-are-capped' twice",
        ),
        (
            '{"price-increases-are-capped": {"maximumPercent": 20, "maximumPercent": 900}}',
            "policy/config/qa.json: it has 'maximumPercent' twice",
        ),
        ({"no-such-rule": "advisory"}, "policy/config/qa.json: there is no rule no-such-rule"),
        ({"all": "sometimes"}, "policy/config/qa.json: all: the level is 'sometimes'; give one of advisory, mandatory"),
        ("[]", "policy/config/qa.json: expected an object"),
        (
            {"price-increases-are-capped": {"maximumPercnt": 20}, "no-such-rule": "advisory"},
            "policy/config/qa.json: price-increases-are-capped: there is no setting `maximumPercnt`; "
            "the rule has `maximumPercent`, `exempt`",
        ),
        (
            {"price-increases-are-capped": {"maximumPercent": -1}},
            "price-increases-are-capped: the setting `maximumPercent`: -1 is less than the minimum of 0",
        ),
        (
            {"price-increases-are-capped": {"exempt": "tokens"}},
            "price-increases-are-capped: the setting `exempt`: 'tokens' is not of type 'array'",
        ),
        (
            {"amounts-are-sane": {"minimumCharge": {"eur": "50"}}},
            "amounts-are-sane: the setting `minimumCharge.eur`: '50' is not",
        ),
        ({"amounts-are-sane": {"maximum": {"euro": 50}}}, "amounts-are-sane: the setting `maximum`: 'euro' does not match"),
        (
            {"amounts-are-sane": {"minimumPerUnit": "some"}},
            "amounts-are-sane: the setting `minimumPerUnit`: 'some' does not match",
        ),
        ({"prices-have-a-product": {"exempt": []}}, "prices-have-a-product: there is no setting `exempt`"),
        ({"all": {"enforcementLevel": "advisory", "exempt": []}}, "all: there is no setting `exempt`"),
    ],
)
def test_a_file_that_is_wrong_is_named(tmp_path: Path, content: Any, says: str) -> None:
    path = tmp_path / "qa.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(ValueError) as failure:
        read(path, RULES)
    assert says in str(failure.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for name, says in (("latin.json", "byte 2 is not UTF-8; convert it to UTF-8"), ("folder.json", "Is a directory")):
        path = tmp_path / name
        path.mkdir() if name == "folder.json" else path.write_bytes(b"{\xe9}")
        with pytest.raises(ValueError, match=f"^policy/config/{name}: {says}$"):
            read(path, RULES)


def test_all_that_is_wrong_is_said(tmp_path: Path) -> None:
    path = tmp_path / "qa.json"
    path.write_text('{"nothing": "advisory", "all": "never", "amounts-are-sane": {"maximal": {}, "mayBeFree": 1}}')
    with pytest.raises(ValueError) as failure:
        read(path, RULES)
    assert [line.split(": ")[1] for line in str(failure.value).splitlines()] == [
        "all", "amounts-are-sane", "amounts-are-sane", "there is no rule nothing; the rules are the files of stripe_policy",
    ]  # fmt: skip


@pytest.mark.parametrize("rule", ["price-increases-are-capped", "meters-have-a-price"])
def test_a_setting_of_the_command_line_that_no_rule_has_is_reported(rule: str) -> None:
    """Engines check what is in the schema, and hand everything else on."""
    properties = struct_pb2.Struct()
    properties.update({"maximumPercnt": 20})
    stack = wire(Case(rule, "settings", (), STAGING), preview=True)[:1]
    with PackProcess(STAGING, {}) as pack:
        level = analyzer_pb2.MANDATORY
        pack.configure({rule: analyzer_pb2.PolicyConfig(enforcementLevel=level, properties=properties)})
        said = [d for d in pack.analyze(stack) + pack.analyze_stack(stack) if d.policyName == rule]
    assert [d.enforcementLevel for d in said] == [level]
    assert f"{rule}: there is no setting `maximumPercnt`; the rule has `" in said[0].message
