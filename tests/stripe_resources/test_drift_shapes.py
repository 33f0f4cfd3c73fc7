"""Drift in every field at every depth, without a server: what of Stripe's object shows, and what the update then sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from stripe_resources._core.values import parameters
from stripe_resources._core.values.outputs import inputs_of, outputs_of
from stripe_resources._core.values.schema import (
    AnyOf,
    Boolean,
    DecimalText,
    Enum,
    Field,
    Integer,
    ListOf,
    MapOf,
    Number,
    Object,
    Role,
    Schema,
    Text,
    Type,
)
from stripe_resources.register import KINDS
from tests.stripe_resources.contract.samples import samples
from tests.stripe_resources.sent import sent

from .sample import Values
from .samples import SAMPLES

SENT_OTHERWISE = ("billing_mode",)
"""What has a request of its own: https://docs.stripe.com/api/subscriptions/migrate"""

Changed = tuple[str, Any]
"""(path, the value with one leaf at that path changed)"""


def changed(type_: Type, value: Any, path: str) -> Iterator[Changed]:
    """Every way to change one leaf of a value; parts that Stripe does not give back are left alone."""
    match type_:
        case Object(fields=fields) if isinstance(value, Mapping):
            yield from _inside(fields, value, f"{path}.")
        case ListOf(item=inner):
            for i, item in enumerate(value):
                yield from ((below, [*value[:i], part, *value[i + 1 :]]) for below, part in changed(inner, item, path))
            yield f"{path} one fewer", value[:-1]
        case MapOf(value=inner):
            for key, item in value.items():
                yield from ((below, {**value, key: part}) for below, part in changed(inner, item, path))
                yield f"{path} without a key", {k: v for k, v in value.items() if k != key}
        case AnyOf() if isinstance(value, int):  # a keyword is not what Stripe answers with
            yield path, value + 1
        case Boolean():
            yield path, not value
        case Integer() | Number():
            yield path, value + 1
        case DecimalText():
            yield path, "0.75"
        case Enum(values=values):
            yield from ((path, v) for v in values[:2] if v != value)
        case Text():
            yield path, f"{value}x"


def _inside(fields: Mapping[str, Field], value: Mapping[str, Any], prefix: str) -> Iterator[Changed]:
    for name, part in value.items():
        if fields[name].readable:
            yield from ((path, {**value, name: other}) for path, other in changed(fields[name].type, part, prefix + name))


def answer(schema: Schema, declared: Values) -> Values:
    """Stripe's object, if it took what was declared; with much beside it that nobody declared."""
    fields = schema.fields
    filled = {f.stripe_name: f.default for f in fields.values() if f.readable}
    given = {fields[name].stripe_name: value for name, value in declared.items()}
    live = {**filled, "livemode": False, "created": 1, "status": "active", "type": "x", "something": "new", **given}
    if "metadata" in given:
        live["metadata"] = {**given["metadata"], "somebody": "else's"}
    for name in given.keys() & {"items", "line_items"}:
        live[name] = {"data": [{**item, "id": f"si_{i}", "created": 1} for i, item in enumerate(given[name])]}
    return live


def outputs(token: str, declared: Values, live: Values) -> Values:
    schema, behaviour = KINDS[token]
    seen = behaviour.seen(live)
    return behaviour.outputs(outputs_of(schema, declared, seen), declared, seen)


def declarations(token: str) -> Iterator[Values]:
    for plan in SAMPLES[KINDS[token][0].kind].plans:
        for declared in samples(KINDS[token][0], plan):
            yield {k: v for k, v in declared.items() if KINDS[token][0].fields[k].role is not Role.OPTION}


@pytest.mark.parametrize("token", [f"stripe:{kind}" for kind in SAMPLES])
def test_what_stripe_fills_in_shows_nowhere(token: str) -> None:
    schema, behaviour = KINDS[token]
    for declared in declarations(token):
        seen = outputs(token, declared, answer(schema, declared))
        found = behaviour.changes(seen, declared)
        assert found.changed == []
        quiet = {name for name, field in schema.fields.items() if field.enforced and declared.get(name) == field.default}
        assert inputs_of(schema, seen, seen) == {k: v for k, v in declared.items() if k not in quiet}


@pytest.mark.parametrize("token", [f"stripe:{kind}" for kind in SAMPLES])
def test_whatever_is_changed_of_what_was_declared_shows_and_is_sent_back(token: str) -> None:
    schema, behaviour = KINDS[token]
    tried: set[str] = set()
    for declared in declarations(token):
        for name, field in schema.fields.items():
            if name not in declared or not field.readable or field.role not in (Role.MUTABLE, Role.IMMUTABLE):
                continue
            for path, value in changed(field.type, declared[name], name):
                seen = outputs(token, declared, answer(schema, {**declared, name: value}))
                found = behaviour.changes(seen, declared)
                assert found.changed == [name], path
                tried.add(name)
                if found.replaces:
                    assert found.replaces == [name], path
                elif name not in SENT_OTHERWISE:
                    params = sent(behaviour, seen, declared, parameters.update_params(schema, seen, declared, found))
                    assert params.keys() == {field.stripe_name}, path
    fields = schema.fields.items()
    one_value = {n for n, f in fields if isinstance(f.type, Enum) and len(f.type.values) == 1}
    readable = {n for n, f in fields if f.readable and f.role in (Role.MUTABLE, Role.IMMUTABLE)} - one_value
    assert tried == readable
