"""From Stripe's objects to outputs, and from these back to inputs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from . import ownership
from .compare import MADE_UP, referenced, same
from .schema import AnyOf, Enum, Field, ListOf, MapOf, Object, Role, Schema, Type


def outputs_of(schema: Schema, declared: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs: what is declared as Stripe has it, enforced defaults, computed values, and the internal keys."""
    result = {k: v for k, v in declared.items() if k.startswith("__")}
    for field in schema.fields.values():
        if not field.sent or (field.role is not Role.OPTION and not field.readable):
            if field.name in declared:
                result[field.name] = declared[field.name]
        elif field.role is not Role.OPTION and (field.name in declared or field.enforced):
            value = _projected(field, declared.get(field.name, field.default), live.get(field.stripe_name))
            if value is not None:
                result[field.name] = value
    result.update({name: live[name] for name in schema.computed if live.get(name) is not None})
    filled = (f for f in schema.fields.values() if f.filled and f.readable and f.name not in declared)
    return _with_made_up(result, {f.name: live[f.stripe_name] for f in filled if live.get(f.stripe_name) is not None})


def _with_made_up(outputs: dict[str, Any], made_up: Mapping[str, Any]) -> dict[str, Any]:
    return {**{k: v for k, v in outputs.items() if k != MADE_UP}, **({MADE_UP: dict(made_up)} if made_up else {})}


def told_once(schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    """What outputs have that Stripe does not tell again."""
    return {name: values[name] for name in schema.shown_once if values.get(name) is not None}


def told(schema: Schema, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The same, in the answer to a create request."""
    found = {name: _at(answer, path) for name, path in schema.shown_once.items()}
    return {name: value for name, value in found.items() if value is not None}


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def unsent(schema: Schema, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs after a change that Stripe is not told of: how the object is retired, or that a field is no longer declared."""
    result = {k: v for k, v in news.items() if k.startswith("__")}
    for field in schema.fields.values():
        if field.name in news and field.role is not Role.OPTION:
            ours = not field.sent or field.name not in olds
            result[field.name] = news[field.name] if ours else olds[field.name]
        elif field.enforced and field.name in olds:
            result[field.name] = olds[field.name]
    result.update({name: olds[name] for name in schema.computed if name in olds})
    return _with_made_up(result, {k: v for k, v in (olds.get(MADE_UP) or {}).items() if k not in news})


def everything_of(schema: Schema, live: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of an object that nobody declared: all that Stripe says about it."""
    known: Iterable[Field] = (f for f in schema.fields.values() if f.readable and f.role in (Role.MUTABLE, Role.IMMUTABLE))
    result = {f.name: referenced(f.type, live[f.stripe_name]) for f in known if live.get(f.stripe_name) is not None}
    if schema.tagged and isinstance(result.get("metadata"), Mapping):
        result["metadata"] = ownership.own(result["metadata"])
    result.update({name: live[name] for name in schema.computed if live.get(name) is not None})
    return result


def inputs_of(schema: Schema, outputs: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs that would declare what Stripe has: those of `declared` (outputs before), with Stripe's values.

    Outputs do not tell whether an enforced default was declared; while it holds, it is as well left out.
    """
    fields = schema.fields
    quiet = {f.name for f in fields.values() if f.enforced and outputs.get(f.name) == f.default}
    quiet |= {ownership.LINEAGE, MADE_UP}
    names = [k for k in declared if k in outputs and k not in quiet and (k in fields or k.startswith("__"))]
    return {k: declarable(fields[k].type, outputs[k]) if k in fields else outputs[k] for k in names}


def declarable(type_: Type, value: Any) -> Any:
    """Without the parts that only outputs have, such as the id of a subscription item."""
    if isinstance(type_, Object) and isinstance(value, Mapping):
        return {k: declarable(type_.fields[k].type, v) for k, v in value.items() if k in type_.fields}
    if isinstance(type_, ListOf) and isinstance(value, (list, tuple)):
        return [declarable(type_.item, v) for v in value]
    if isinstance(type_, MapOf) and isinstance(value, Mapping):
        return {k: declarable(type_.value, v) for k, v in value.items()}
    return value


def project(type_: Type, declared: Any, live: Any) -> Any:
    """Stripe's value, cut to what was declared: parts that Stripe filled in by itself are left out, those that it does not give
    back are as declared."""
    if live is None:
        return None
    if isinstance(type_, Object) and isinstance(declared, Mapping) and isinstance(live, Mapping):
        known = ((type_.fields[k], v) for k, v in declared.items() if k in type_.fields)
        pairs = ((f.name, _projected(f, v, live.get(f.name)) if f.readable else v) for f, v in known)
        return {k: v for k, v in pairs if v is not None}
    if isinstance(type_, MapOf) and isinstance(declared, Mapping) and isinstance(live, Mapping):
        pairs = ((k, project(type_.value, v, live.get(k))) for k, v in declared.items())
        return {k: v for k, v in pairs if v is not None}
    if isinstance(type_, ListOf) and isinstance(declared, (list, tuple)) and isinstance(live, (list, tuple)):
        return [project(type_.item, declared[i] if i < len(declared) else None, x) for i, x in enumerate(live)]
    if isinstance(type_, AnyOf):
        if isinstance(declared, str) and not isinstance(live, str) and any(isinstance(t, Enum) for t in type_.alternatives):
            return declared  # a keyword such as "min_period_end": Stripe answers with the time that it stood for
        for alternative in type_.alternatives:
            if isinstance(alternative, Object) and isinstance(live, Mapping):
                return project(alternative, declared, live)
    return referenced(type_, live)


def _projected(field: Field, declared: Any, live: Any) -> Any:
    """As `project`; null at Stripe also stands for what is declared empty, or as Stripe's default."""
    value = project(field.type, declared, live)
    return declared if value is None and same(field.type, declared, field.default) else value
