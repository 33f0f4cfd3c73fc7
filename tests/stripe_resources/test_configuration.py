"""Settings under keys that nobody reads."""

from __future__ import annotations

import pytest

from stripe_client import settings
from stripe_resources.configuration import declared_names, unknown

DECLARED = {"unitAmount", "environment"}


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("shop:unitAmount", []),
        ("aws:region", []),
        ("stripe:apiKey", []),
        ("shop:unitAmonut", ["shop:unitAmonut is not a setting: Pulumi.yaml does not declare it; did you mean shop:unitAmount?"]),
        ("shop:colour", ["shop:colour is not a setting: Pulumi.yaml does not declare it"]),
        ("stripe:liveMode", ["stripe:liveMode is not a setting: nothing reads it; did you mean stripe:livemode?"]),
    ],
)
def test_a_key_is_declared_or_said_to_be_unknown(key: str, said: list[str]) -> None:
    assert unknown([key], "shop", DECLARED) == said


def test_all_are_named_at_once() -> None:
    assert len(unknown(["shop:a", "shop:b", "stripe:c"], "shop", DECLARED)) == 3


def test_a_project_without_a_schema_takes_any() -> None:
    assert unknown(["shop:a"], "shop", ()) == []


def test_names_are_read_from_the_project_file_as_pulumi_reads_them() -> None:
    config = {"plain": {"type": "string"}, "shop:qualified": 1, "a.b[0]": 2, "aws:region": {"value": "eu"}}
    assert declared_names({"name": "shop", "config": config}) == {"plain", "qualified", "a"}
    assert declared_names({"name": "shop", "config": "folder"}) == declared_names({"name": "shop"}) == set()


def test_the_list_of_keys_is_all_that_is_asked_for() -> None:
    asked: list[str] = []

    def config(key: str) -> None:
        asked.append(key)

    settings.load(config, {})
    assert sorted(set(asked)) == sorted(settings.KEYS)
