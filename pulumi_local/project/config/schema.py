"""The schema of configuration in `Pulumi.yaml`: types, defaults, required values; with the CLI's rules and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_local import gojson
from pulumi_local.errors import EngineError
from pulumi_local.project.config import keys, values
from pulumi_local.project.config.keys import Key
from pulumi_local.project.config.values import Decrypt, Raw


@dataclass(frozen=True)
class Items:
    """The type of an array's elements."""

    type: str
    items: Items | None = None


@dataclass(frozen=True)
class Declaration:
    """One key of `config:` in `Pulumi.yaml`."""

    name: str
    key: Key
    type: str | None = None
    items: Items | None = None
    default: Any = None
    value: Any = None
    secret: bool = False

    @property
    def type_name(self) -> str:
        """The type with its elements: array<array<string>>."""
        return _type_name(self.type or "", self.items)


TYPES = ("string", "integer", "boolean", "array", "object")
_ATTRIBUTES = {"type", "description", "items", "default", "value", "secret"}


def declarations(project: str, config: Mapping[str, Any]) -> dict[str, Declaration]:
    """The `config:` section as declarations, by name. Raises EngineError for one that contradicts itself."""
    return {name: _declaration(project, str(name), config[name]) for name in sorted(config, key=str)}


def _declaration(project: str, name: str, spec: Any) -> Declaration:
    own = ":" not in name or name.startswith(f"{project}:")
    if not isinstance(spec, dict):
        spec = {"default" if own else "value": spec}
    if unknown := sorted(set(spec) - _ATTRIBUTES):
        raise EngineError(
            f"#/config/{name}: additionalProperties '{unknown[0]}' not allowed; the allowed attributes are "
            f"{', '.join(repr(a) for a in sorted(_ATTRIBUTES)[:-1])} and 'value'"
        )
    kind = spec.get("type")
    if kind is not None and kind not in TYPES:
        allowed = ", ".join(f'"{t}"' for t in TYPES)
        raise EngineError(f"#/config/{name}/type: value must be one of {allowed}")
    key = keys.parse_qualified(name if ":" in name else f"{project}:{name}")
    made = Declaration(
        name, key, kind, _items(spec.get("items")), spec.get("default"), spec.get("value"), bool(spec.get("secret"))
    )
    _check(made, own)
    return made


def _check(d: Declaration, own: bool) -> None:
    if d.default is not None and d.value is not None:
        raise EngineError(f"project config '{d.name}' cannot have both a 'default' and 'value' attribute")
    if own:
        if d.type == "array" and d.items is None:
            raise EngineError(
                f"The configuration key '{d.name}' declares an array but does not specify the underlying type via "
                "the 'items' attribute"
            )
        if d.type and d.default is not None and not _fits(d.type, d.items, d.default):
            raise EngineError(
                f"The default value specified for configuration key '{d.name}' is not of the expected type '{d.type_name}'"
            )
        return
    if d.type:
        raise EngineError(f"Configuration key '{d.name}' is not namespaced by the project and should not define a type")
    if d.default is not None:
        raise EngineError(
            f"Configuration key '{d.name}' is not namespaced by the project and should not define a default value. "
            "Did you mean to use the 'value' attribute instead of 'default'?"
        )
    if d.value is None:
        raise EngineError(f"Configuration key '{d.name}' is namespaced and must provide an attribute 'value'")


def with_defaults(declared: Mapping[str, Declaration], config: Mapping[Key, Raw]) -> dict[Key, Raw]:
    """The stack's configuration with the project's defaults and values under it."""
    merged = dict(config)
    for d in declared.values():
        fallback = d.default if d.default is not None else d.value
        if _found(d, merged) or fallback is None:
            continue
        top, below = keys.split_path(d.key)
        if isinstance(fallback, (str, bool, int)) and not below:
            merged[top] = fallback if isinstance(fallback, str) else gojson.dumps(fallback)
        elif below:
            holder = merged.get(top)
            merged[top] = holder if values.is_object(holder) else values.new_container(below[0])
            values.set_path(merged[top], below, fallback, d.name)
        else:
            merged[top] = fallback
    return merged


def validate(declared: Mapping[str, Declaration], config: Mapping[Key, Raw], project: str, stack: str, decrypt: Decrypt) -> None:
    """Refuses missing values (all of them at once) and values of the wrong type. `config` has the defaults in it."""
    missing = [d.name for d in declared.values() if d.key.namespace == project and not _found(d, config)]
    if missing:
        noun = "value" if len(missing) == 1 else "values"
        raise EngineError(f"validating stack config: Stack '{stack}' is missing configuration {noun} {_and(missing)}")
    for d in declared.values():
        if d.type:
            _validate_one(d, config, stack, decrypt)


def _validate_one(d: Declaration, config: Mapping[Key, Raw], stack: str, decrypt: Decrypt) -> None:
    top, below = keys.split_path(d.key)
    raw = values.get_path(config.get(top), below)[0]
    if d.secret and not values.has_secret(raw):
        raise EngineError(
            f"validating stack config: Stack '{stack}' with configuration key '{d.name}' must be encrypted as it's secret"
        )
    content = values.opened(raw, decrypt) if values.is_object(raw) else values.text(raw, decrypt)
    if not _fits(d.type or "", d.items, content):
        raise EngineError(
            f"validating stack config: Stack '{stack}' with configuration key '{d.name}' must be of type '{d.type_name}'"
        )


def _found(d: Declaration, config: Mapping[Key, Raw]) -> bool:
    top, below = keys.split_path(d.key)
    return top in config and values.get_path(config[top], below)[1]


def _fits(kind: str, items: Items | None, value: Any) -> bool:
    """The CLI's rule: texts that read as integers or booleans are fine, since top-level values are texts."""
    if kind == "string":
        return isinstance(value, str)
    if kind == "integer":
        if isinstance(value, str):
            sign = value[1:] if value[:1] in ("-", "+") else value
            return sign.isascii() and sign.isdigit()
        return not isinstance(value, bool) and isinstance(value, (int, float)) and value == int(value)
    if kind == "boolean":
        return isinstance(value, bool) or value in ("true", "false")
    if kind == "object":
        return isinstance(value, dict)
    return isinstance(value, list) and items is not None and all(_fits(items.type, items.items, v) for v in value)


def _items(spec: Any) -> Items | None:
    if not isinstance(spec, dict):
        return None
    return Items(str(spec.get("type", "")), _items(spec.get("items")))


def _type_name(kind: str, items: Items | None) -> str:
    return kind if items is None else f"array<{_type_name(items.type, items.items)}>"


def _and(names: list[str]) -> str:
    quoted = [f"'{n}'" for n in sorted(names)]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
