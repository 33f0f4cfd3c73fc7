"""The configuration schema of Pulumi.yaml."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_local.errors import EngineError
from pulumi_local.project.config import schema
from pulumi_local.project.config.keys import Key


def declared(config: dict[str, Any]) -> dict[str, schema.Declaration]:
    return schema.declarations("shop", config)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"a": {"type": "float"}}, 'value must be one of "string", "integer", "boolean", "array", "object"'),
        ({"a": {"typ": "string"}}, "additionalProperties 'typ' not allowed"),
        ({"a": {"type": "array"}}, "does not specify the underlying type via the 'items' attribute"),
        ({"a": {"type": "integer", "default": "x"}}, "is not of the expected type 'integer'"),
        ({"a": {"type": "array", "items": {"type": "string"}, "default": [1]}}, "is not of the expected type 'array<string>'"),
        ({"a": {"default": 1, "value": 2}}, "cannot have both a 'default' and 'value'"),
        ({"other:a": {"type": "string"}}, "is not namespaced by the project and should not define a type"),
        ({"other:a": {"default": "x"}}, "Did you mean to use the 'value' attribute"),
        ({"other:a": {"description": "x"}}, "must provide an attribute 'value'"),
    ],
)
def test_contradictions_are_refused(config: dict[str, Any], message: str) -> None:
    with pytest.raises(EngineError) as caught:
        declared(config)
    assert message in str(caught.value)


def test_defaults_and_values_lie_under_the_stacks_configuration() -> None:
    d = declared(
        {
            "a": 5,
            "b": {"type": "string", "default": "x"},
            "other:c": "y",
            "list": {"type": "array", "items": {"type": "integer"}, "default": [1]},
        }
    )
    assert schema.with_defaults(d, {Key("shop", "b"): "mine"}) == {
        Key("shop", "a"): "5",
        Key("shop", "b"): "mine",
        Key("other", "c"): "y",
        Key("shop", "list"): [1],
    }


def test_a_shorthand_is_a_default_for_the_project_and_a_value_for_others() -> None:
    d = declared({"a": True, "other:b": True})
    assert (d["a"].default, d["a"].value, d["other:b"].default, d["other:b"].value) == (True, None, None, True)


@pytest.mark.parametrize(
    ("spec", "value", "fits"),
    [
        ({"type": "string"}, "x", True),
        ({"type": "string"}, 5, True),  # a program gets texts
        ({"type": "integer"}, "12", True),
        ({"type": "integer"}, "-12", True),
        ({"type": "integer"}, "1.5", False),
        ({"type": "integer"}, "", False),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "True", False),
        ({"type": "object"}, {"a": 1}, True),
        ({"type": "object"}, [1], False),
        ({"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}, [[1], [2, 3]], True),
        ({"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}, [[1], ["x"]], False),
        ({"type": "array", "items": {"type": "boolean"}}, "true", False),
    ],
)
def test_types(spec: dict[str, Any], value: Any, fits: bool) -> None:
    def check() -> None:
        schema.validate(declared({"a": spec}), {Key("shop", "a"): value}, "shop", "dev", str)

    if fits:
        check()
    else:
        with pytest.raises(EngineError, match="must be of type"):
            check()


def test_a_secret_may_be_inside_an_object() -> None:
    d = declared({"a": {"type": "object", "secret": True}})
    schema.validate(d, {Key("shop", "a"): {"key": {"secure": "c"}}}, "shop", "dev", lambda c: f"plain {c}")
