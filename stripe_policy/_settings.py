"""What `--policy-pack-config` and `policy/config/<environment>.json` set for one rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import jsonschema
from pulumi_policy import Policy, PolicyConfigSchema, ResourceValidationArgs, StackValidationArgs

from ._resources import listed

UNKNOWN_SETTING = "unknown"
_UNKNOWN = {
    "type": "string",
    "enum": ["warn", "fail"],
    "default": "warn",
    "description": "What a preview does where a value that the rule needs is not known yet.",
}


def settings(args: ResourceValidationArgs | StackValidationArgs, schema: PolicyConfigSchema) -> dict[str, Any]:
    """The rule's settings, over the defaults of its schema. Numbers arrive as floats."""
    defaults = {name: spec["default"] for name, spec in schema.properties.items()}
    return {**defaults, **args.get_config()}


def schema_of(policy: Policy | None) -> dict[str, Any]:
    """The settings of a rule, with the one that every rule has; of all rules (None), which have none."""
    own = policy.config_schema if policy else None
    return {**(own.properties if own else {}), **({UNKNOWN_SETTING: _UNKNOWN} if policy else {})}


def problems(policy: Policy | None, given: Mapping[str, Any]) -> list[str]:
    """What is wrong with settings of a rule, or of all rules (None): unknown, of a wrong type, out of range; with their names."""
    known = schema_of(policy)
    required = list(policy.config_schema.required or []) if policy and policy.config_schema else []
    has = f"the rule has {listed(known)}" if known else "there are no settings here"
    unknown = [f"there is no setting `{name}`; {has}" for name in given if name not in known]
    schema = {"type": "object", "properties": known, "required": required}
    errors = jsonschema.Draft7Validator(schema).iter_errors(dict(given))
    return [*unknown, *(f"the setting `{error.json_path.removeprefix('$.')}`: {error.message}" for error in errors)]


def texts(description: str, default: list[str]) -> dict[str, Any]:
    """The schema of a list of texts."""
    return {"type": "array", "items": {"type": "string"}, "default": default, "description": description}


def pattern(description: str, default: str) -> dict[str, Any]:
    """The schema of a regular expression, which the whole text has to match."""
    return {"type": "string", "default": default, "description": description}


def matches(expression: str, text: str) -> bool:
    """Whether the whole text matches; nothing matches what is not a regular expression."""
    try:
        return re.fullmatch(expression, text) is not None
    except re.error:
        return False
