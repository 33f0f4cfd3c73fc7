"""What `--policy-pack-config` and `policy/config/<environment>.json` set for one rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import jsonschema
from pulumi_policy import (
    Policy,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from ._resources import STACK, listed


def settings(args: ResourceValidationArgs | StackValidationArgs, schema: PolicyConfigSchema) -> dict[str, Any]:
    """The rule's settings, over the defaults of its schema. Numbers arrive as floats."""
    defaults = {name: spec["default"] for name, spec in schema.properties.items()}
    return {**defaults, **args.get_config()}


def problems(policy: Policy | None, given: Mapping[str, Any]) -> list[str]:
    """What is wrong with settings of a rule, or of all rules (None): unknown, of a wrong type, out of range; with their names."""
    own = policy.config_schema if policy else None
    known = dict(own.properties) if own else {}
    has = f"the rule has {listed(known)}" if known else "there are no settings here"
    unknown = [f"there is no setting `{name}`; {has}" for name in given if name not in known]
    schema = {"type": "object", "properties": known, "required": list(own.required or []) if own else []}
    errors = jsonschema.Draft7Validator(schema).iter_errors(dict(given))
    return [*unknown, *(f"the setting `{error.json_path.removeprefix('$.')}`: {error.message}" for error in errors)]


def checked(policy: Policy) -> Policy:
    """The rule, which from now on also reports settings that it does not have: where they are given on the command line, engines
    check those that are in the schema and let all others through."""
    if isinstance(policy, ResourceValidationPolicy | StackValidationPolicy):
        judge: Any = policy.validate

        def validate(args: Any, report_violation: ReportViolation) -> Any:
            if isinstance(args, StackValidationArgs) or args.resource_type == STACK:
                for problem in problems(policy, args.get_config()):
                    report_violation(f"{policy.name}: {problem}", None)
            return judge(args, report_violation)

        policy.validate = validate  # type: ignore[method-assign]
    return policy


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
