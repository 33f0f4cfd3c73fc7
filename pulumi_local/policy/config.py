"""Configuration of policy packs: from a file, over what the pack says itself; checked against the pack's schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi_local import reading
from pulumi_local.errors import EngineError, Unsupported

LEVELS = ("advisory", "mandatory", "remediate", "disabled")


@dataclass(frozen=True)
class PolicyConfig:
    """How one policy is enforced ("" = not given), and its properties."""

    enforcement: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Declared:
    """One policy of a pack: its own enforcement level, and the JSON schemas of its properties."""

    name: str
    enforcement: str
    properties: Mapping[str, Any]
    required: Sequence[str]


def read(path: Path) -> dict[str, PolicyConfig]:
    """A `--policy-pack-config` file: `{"policy": "mandatory"}` or `{"policy": {"enforcementLevel": ..., property: ...}}`."""
    try:
        text = reading.text(path)
        document = reading.parsed(text) if text.strip() else {}
    except OSError as e:
        raise EngineError(f"open {path}: {(e.strerror or '').lower()}") from None
    except ValueError as e:
        raise EngineError(f"parsing {path}: {e}") from None
    if not isinstance(document, dict):
        raise EngineError(f"parsing {path}: expected an object")
    if "environments" in document:
        raise Unsupported(f"{path}: pulumi_local does not support ESC environments for policy packs")
    try:
        return {name: _one(name, value) for name, value in document.items()}
    except EngineError as e:
        raise EngineError(f"{path}: {e}") from None


def _one(name: str, value: Any) -> PolicyConfig:
    if isinstance(value, str):
        return PolicyConfig(_level(name, value))
    if isinstance(value, dict):
        level = value.get("enforcementLevel", "")
        return PolicyConfig(
            _level(name, level) if level != "" else "", {k: v for k, v in value.items() if k != "enforcementLevel"}
        )
    raise EngineError(f'parsing "{name}": {value} is not a valid value; must be a string or object')


def _level(name: str, level: Any) -> str:
    if not isinstance(level, str):
        raise EngineError(f'parsing enforcement level for "{name}": {level} is not a valid enforcement level; must be a string')
    if level not in LEVELS:
        raise EngineError(f'parsing enforcement level for "{name}": "{level}" is not a valid enforcement level')
    return level


def reconciled(
    declared: Sequence[Declared], initial: Mapping[str, PolicyConfig], wanted: Mapping[str, PolicyConfig]
) -> dict[str, PolicyConfig]:
    """Defaults of the schemas, then what the pack starts with, then what the user wants; "all" sets every policy's level."""
    merged = {
        d.name: PolicyConfig(
            d.enforcement, {k: s["default"] for k, s in d.properties.items() if isinstance(s, dict) and "default" in s}
        )
        for d in declared
    }
    for layer in (initial, wanted):
        if (everyone := layer.get("all")) and everyone.enforcement:
            merged = {name: PolicyConfig(everyone.enforcement, c.properties) for name, c in merged.items()}
        for name, given in layer.items():
            if name == "all":
                continue
            below = merged.get(name, PolicyConfig())
            merged[name] = PolicyConfig(given.enforcement or below.enforcement, {**below.properties, **given.properties})
    return {name: c for name, c in merged.items() if c.enforcement}


def problems(declared: Sequence[Declared], merged: Mapping[str, PolicyConfig]) -> list[str]:
    """What does not fit the schemas: `policy: property: what is wrong`."""
    found = []
    for d in declared:
        if not d.properties and not d.required:
            continue
        import jsonschema

        schema = {"type": "object", "properties": dict(d.properties), "required": list(d.required)}
        instance = dict(merged[d.name].properties) if d.name in merged else {}
        for error in jsonschema.Draft7Validator(schema).iter_errors(instance):
            found.append(f"{d.name}: {_worded(error)}")
    return found


def _worded(error: Any) -> str:
    where = ".".join(map(str, error.absolute_path))
    if error.validator == "type":
        message = f"Invalid type. Expected: {_types(error.validator_value)}, given: {_type_of(error.instance)}"
    elif error.validator == "required":
        message = error.message.replace("'", "").replace(" is a required property", " is required")
    else:
        message = error.message
    return f"{where}: {message}" if where else message


def _types(expected: Any) -> str:
    return "/".join(expected) if isinstance(expected, list) else str(expected)


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    names = ((bool, "boolean"), (str, "string"), (list, "array"), (dict, "object"))
    named = next((name for kind, name in names if isinstance(value, kind)), None)
    return named or ("integer" if float(value).is_integer() else "number")
