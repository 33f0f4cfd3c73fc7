"""Pulumi.yaml declares and describes exactly the settings that the program reads; the stacks set no others."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from tests.stack.program import NAME, PROJECT, ROOT, STACKS, configuration, run

DECLARED: dict[str, dict[str, Any]] = PROJECT["config"]
PROVIDER_SETTINGS = {"stripe:apiKey", "stripe:apiBase", "stripe:livemode", "stripe:account"}
READ_BY = {"string": {"get", "require"}, "integer": {"get_int", "require_int"}, "boolean": {"get_bool", "require_bool"}}


def read(program: Path) -> dict[str, set[str]]:
    """Key → the methods by which the program reads it from its configuration, `config`."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(program.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="config"), attr=method), args=[ast.Constant(value=str(key)), *_]):
                found.setdefault(key, set()).add(method)
    return found


READ = read(ROOT / "__main__.py")


def test_every_setting_that_the_program_reads_is_declared_and_none_besides() -> None:
    assert set(READ) == set(DECLARED)
    configs = re.findall(r"\bConfig\((.*?)\)", (ROOT / "__main__.py").read_text())
    assert configs == [""], "the one configuration that the program reads is its own"


@pytest.mark.parametrize("key", DECLARED)
def test_it_is_described_and_read_as_what_it_is(key: str) -> None:
    spec = DECLARED[key]
    assert len(spec["description"]) > 20
    assert spec["description"].endswith(".")
    assert READ[key] <= READ_BY[spec["type"]]


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_sets_nothing_else(stack: str) -> None:
    own = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    assert set(own) <= {f"{NAME}:{key}" for key in DECLARED} | PROVIDER_SETTINGS
    assert own[f"{NAME}:environment"] == stack


@pytest.mark.parametrize("stack", STACKS)
def test_no_key_is_written_into_a_stack_in_clear(stack: str) -> None:
    text = (ROOT / f"Pulumi.{stack}.yaml").read_text()
    assert not re.search(r"\b(sk|rk)_(test|live)_\w", text)


def test_only_the_environment_has_no_default() -> None:
    assert [key for key, spec in DECLARED.items() if "default" not in spec] == ["environment"]


def test_a_setting_that_is_missing_is_named() -> None:
    assert f"{NAME}:environment" in configuration("dev")
    with pytest.raises(pulumi.ConfigMissingError, match=f"{NAME}:environment"):
        run("dev", missing=["environment"])
