"""What `--policy-pack-config` and `policy/config/<environment>.json` set for one rule."""

from __future__ import annotations

import re
from typing import Any

from pulumi_policy import PolicyConfigSchema, ResourceValidationArgs, StackValidationArgs


def settings(args: ResourceValidationArgs | StackValidationArgs, schema: PolicyConfigSchema) -> dict[str, Any]:
    """The rule's settings, over the defaults of its schema. Numbers arrive as floats."""
    defaults = {name: spec["default"] for name, spec in schema.properties.items()}
    return {**defaults, **args.get_config()}


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
