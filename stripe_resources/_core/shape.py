"""Between inputs, request parameters, and Stripe's objects. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .compare import same
from .schema import AnyOf, Difference, Enum, Field, ListOf, MapOf, Object, Role, Schema, Text, Type, Unset

OWNER = "__owner"
"""An internal input: project/stack/Kind/name of the resource. Keys that begin with two underscores are shown to nobody."""

TAG = "pulumi_resource"
"""The metadata key under which the owner is written at Stripe."""


def owner(project: str, stack: str, path: str, name: str) -> str:
    """Who an object belongs to: project/stack/Kind/name. In `path` a parent's type comes before the kind, as in a URN."""
    return f"{project}/{stack}/{path}/{name}"


def owner_of(values: Mapping[str, Any]) -> str:
    """The owner recorded in inputs or outputs, or "" where there is none."""
    owner = values.get(OWNER, "")
    return owner if isinstance(owner, str) else ""


def stack_of(owner: str) -> str:
    """What the owners of all resources of one stack begin with: project/stack/."""
    return "/".join(owner.split("/")[:2]) + "/"


# -- requests


def create_params(schema: Schema, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of the create request."""
    params = {f.stripe_name: inputs[f.name] for f in schema.fields.values() if f.in_create and f.name in inputs}
    if schema.tagged and owner_of(inputs):
        params["metadata"] = {**params.get("metadata", {}), TAG: owner_of(inputs)}
    return {k: v for k, v in params.items() if v not in ([], {})}


def late_params(schema: Schema, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What was declared but the create request does not take: sent in an update right after it."""
    fields = (f for f in schema.fields.values() if f.only == "update" and f.role is Role.MUTABLE)
    return {f.stripe_name: inputs[f.name] for f in fields if f.name in inputs}


def update_params(schema: Schema, olds: Mapping[str, Any], news: Mapping[str, Any], changes: Difference) -> dict[str, Any]:
    """The parameters of the update request: what changed, and what left the program; {} where there is nothing to send."""
    params: dict[str, Any] = {}
    for name in changes.changed:
        field = schema.fields.get(name)
        if field is None or not field.in_update:  # a status, or the owner: not a parameter
            continue
        if name in news:
            params[field.stripe_name] = updated(field.type, olds.get(name), news[name])
        elif isinstance(field.type, MapOf) or field.unset is Unset.INSIDE:
            params[field.stripe_name] = updated(field.type, olds.get(name), {})
        elif field.unset is Unset.DEFAULT:
            params[field.stripe_name] = field.default
        elif field.unset is Unset.EMPTY:
            params[field.stripe_name] = ""
    if owner_of(olds) != owner_of(news):
        params = named(schema, params, news)
    if params:
        options = (f for f in schema.fields.values() if f.role is Role.OPTION and f.in_update)
        params.update({f.stripe_name: news[f.name] for f in options if f.name in news})
    return params


def named(schema: Schema, params: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of an update with the resource's name.

    It goes with every update: an imported object does not carry it yet, and it can be lost outside.
    """
    if not schema.tagged or not owner_of(news):
        return dict(params)
    return {**params, "metadata": {**params.get("metadata", {}), TAG: owner_of(news)}}


def updated(type_: Type, old: Any, new: Any) -> Any:
    """The new value as an update must send it: "" for what goes away, since Stripe merges maps and leaves out nothing."""
    if isinstance(type_, ListOf):
        return list(new) or ""
    if isinstance(type_, (MapOf, Object)) and isinstance(new, Mapping):
        before = old if isinstance(old, Mapping) else {}
        if isinstance(type_, MapOf):
            gone = {k: "" for k in before if k not in new}
            kept = {k: v for k, v in new.items() if k not in before or not same(type_.value, before[k], v)}
            return {**kept, **gone}
        changed = {k: updated(type_.fields[k].type, before.get(k), v) for k, v in new.items()}
        return {**changed, **cleared(type_, before, new)}
    return new


def cleared(type_: Object, before: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """What to send for the parts that left the program; nothing for those that Stripe takes no empty value for (`Unset.KEEP`)."""
    gone = [f for f in type_.fields.values() if f.name in before and f.name not in new and f.unset is not Unset.KEEP]
    return {f.name: _cleared(f, before[f.name]) for f in gone}


def _cleared(field: Field, old: Any) -> Any:
    if isinstance(field.type, MapOf) or field.unset is Unset.INSIDE:
        return updated(field.type, old, {})
    return field.default if field.unset is Unset.DEFAULT else ""


# -- answers


def outputs_of(schema: Schema, declared: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs: what is declared as Stripe has it, enforced defaults, computed values, and the internal keys."""
    result = {k: v for k, v in declared.items() if k.startswith("__")}
    for field in schema.fields.values():
        if not field.sent or (field.role is not Role.OPTION and not field.readable):
            if field.name in declared:
                result[field.name] = declared[field.name]
        elif field.role is not Role.OPTION and (field.name in declared or field.enforced):
            value = project(field.type, declared.get(field.name, field.default), live.get(field.stripe_name))
            if value is not None:
                result[field.name] = value
    result.update({name: live[name] for name in schema.computed if live.get(name) is not None})
    return result


def told_once(schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    """What outputs, or the answer to a create request, have that Stripe does not tell again."""
    return {name: values[name] for name in schema.shown_once if values.get(name) is not None}


def unsent(schema: Schema, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs after a change that Stripe need not know of: how the object is retired, or that a field is declared no more."""
    result = {k: v for k, v in news.items() if k.startswith("__")}
    for field in schema.fields.values():
        if field.name in news and field.role is not Role.OPTION:
            ours = not field.sent or field.name not in olds
            result[field.name] = news[field.name] if ours else olds[field.name]
        elif field.enforced and field.name in olds:
            result[field.name] = olds[field.name]
    result.update({name: olds[name] for name in schema.computed if name in olds})
    return result


def everything_of(schema: Schema, live: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of an object that nobody declared: all that Stripe says about it."""
    known: Iterable[Field] = (f for f in schema.fields.values() if f.readable and f.role in (Role.MUTABLE, Role.IMMUTABLE))
    result = {f.name: live[f.stripe_name] for f in known if live.get(f.stripe_name) is not None}
    result.update({name: live[name] for name in schema.computed if live.get(name) is not None})
    return result


def inputs_of(schema: Schema, outputs: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs that would declare what Stripe has: those of `declared` (outputs before), with Stripe's values.

    Outputs do not tell whether an enforced default was declared; while it holds, it is as well left out.
    """
    fields = schema.fields
    quiet = {f.name for f in fields.values() if f.enforced and outputs.get(f.name) == f.default}
    names = [k for k in declared if k in outputs and k not in quiet and (k in fields or k.startswith("__"))]
    return {k: _declarable(fields[k].type, outputs[k]) if k in fields else outputs[k] for k in names}


def _declarable(type_: Type, value: Any) -> Any:
    """Without the parts that only outputs have, such as the id of a subscription item."""
    if isinstance(type_, Object) and isinstance(value, Mapping):
        return {k: _declarable(type_.fields[k].type, v) for k, v in value.items() if k in type_.fields}
    if isinstance(type_, ListOf) and isinstance(value, (list, tuple)):
        return [_declarable(type_.item, v) for v in value]
    if isinstance(type_, MapOf) and isinstance(value, Mapping):
        return {k: _declarable(type_.value, v) for k, v in value.items()}
    return value


def project(type_: Type, declared: Any, live: Any) -> Any:
    """Stripe's value, cut to what was declared: parts that Stripe filled in by itself are left out."""
    if live is None:
        return None
    if isinstance(type_, Object) and isinstance(declared, Mapping) and isinstance(live, Mapping):
        pairs = ((k, project(type_.fields[k].type, v, live.get(k))) for k, v in declared.items() if k in type_.fields)
        return {k: v for k, v in pairs if v is not None}
    if isinstance(type_, MapOf) and isinstance(declared, Mapping) and isinstance(live, Mapping):
        pairs = ((k, project(type_.value, v, live.get(k))) for k, v in declared.items())
        return {k: v for k, v in pairs if v is not None}
    if isinstance(type_, ListOf) and isinstance(declared, (list, tuple)) and isinstance(live, (list, tuple)):
        return [project(type_.item, declared[i] if i < len(declared) else None, x) for i, x in enumerate(live)]
    if isinstance(type_, Text) and isinstance(live, Mapping):
        return live.get("id")  # an object where an id was declared: Stripe expands some references by itself
    if isinstance(type_, AnyOf):
        if isinstance(declared, str) and not isinstance(live, str) and any(isinstance(t, Enum) for t in type_.alternatives):
            return declared  # a keyword such as "min_period_end": Stripe answers with the time that it stood for
        for alternative in type_.alternatives:
            if isinstance(alternative, Object) and isinstance(live, Mapping):
                return project(alternative, declared, live)
    return live
