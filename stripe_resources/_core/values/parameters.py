"""From inputs to the parameters of requests. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .compare import same
from .ownership import TAG, marks_of, owner_of
from .schema import Difference, Field, ListOf, MapOf, Object, Role, Schema, Type, Unique, Unset


def create_params(
    schema: Schema, inputs: Mapping[str, Any], had: Callable[[str, Any], bool] = lambda field, value: False
) -> dict[str, Any]:
    """The parameters of the create request. `had` says whether the object that this one replaces has a value."""
    sent = (f for f in schema.fields.values() if f.in_create and f.name in inputs and f.name not in schema.below)
    params = {f.stripe_name: inputs[f.name] for f in sent}
    key = schema.key
    if key is not None and key.unique is Unique.MOVES and inputs.get(key.field) and had(key.field, inputs[key.field]):
        params[key.transfer] = True
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
    if marks_of(olds) != marks_of(news):
        params = named(schema, params, news)
    if params:
        options = (f for f in schema.fields.values() if f.role is Role.OPTION and f.in_update)
        params.update({f.stripe_name: news[f.name] for f in options if f.name in news})
    return params


def named(schema: Schema, params: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of an update with the resource's name, and its lineage.

    They go with every update: an imported object does not carry them yet, and they can be lost outside.
    """
    if not schema.tagged or not owner_of(news):
        return dict(params)
    return {**params, "metadata": {**params.get("metadata", {}), **marks_of(news)}}


def updated(type_: Type, old: Any, new: Any) -> Any:
    """The new value as an update must send it: what goes away is named, with None in a map, since Stripe merges maps."""
    if isinstance(type_, ListOf):
        return list(new) or ""
    if isinstance(type_, (MapOf, Object)) and isinstance(new, Mapping):
        before = old if isinstance(old, Mapping) else {}
        if isinstance(type_, MapOf):
            gone = dict.fromkeys(k for k in before if k not in new)
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
