"""From an object at Stripe to the inputs that declare it. Pure.

Every parameter that Stripe takes for an object is a field of its declaration, or among what the kind leaves out: what is not
turned into an input here cannot be set at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stripe_resources._core.behaviour import Behaviour, Values, checked
from stripe_resources._core.register import Kind
from stripe_resources._core.values import ownership
from stripe_resources._core.values.check import canonical_decimal
from stripe_resources._core.values.compare import fits, referenced, same
from stripe_resources._core.values.outputs import outputs_of
from stripe_resources._core.values.schema import AnyOf, DecimalText, Field, ListOf, MapOf, Object, Role, Schema, Type
from stripe_resources.register import KINDS

Kinds = Mapping[str, Kind]
"""By token, as in `register.KINDS`."""

Seen = dict[str, list[Values]]
"""Stripe's objects, with all that can be expanded, by the token of their kind.

A kind that is `part_of` another has no objects of its own, and is given those of the other.
"""

ELSEWHERE: Mapping[tuple[str, str], str] = {
    (schema.part_of, name): token for token, (schema, _) in KINDS.items() if schema.part_of for name in schema.fields
}
"""(token, field) → the kind that declares the field, being a part of the other one.

Price and product, for instance, would otherwise need each other's id.
"""

DERIVED: Mapping[tuple[str, str], str] = {("stripe:Subscription", "cancel_at"): "cancel_at_period_end"}
"""(token, field) → the field for which Stripe fills it in: a subscription that ends with its period gets the time, too.

https://docs.stripe.com/api/subscriptions/object
"""

_MADE_UP_BY_STRIPE = re.compile(r"prod_(?=.*[A-Z0-9])[A-Za-z0-9]{14,}")
"""The id of a product. That of a coupon is eight letters and digits, which somebody might have chosen as well."""


class Inexpressible(Exception):
    """No inputs declare this object; the message says why, in one line."""


@dataclass(frozen=True)
class Declaration:
    """The inputs that declare an object, without the owner."""

    inputs: dict[str, Any]
    undeclared: tuple[str, ...]
    """Fields with a value at Stripe that is not in the inputs: Stripe changes it by itself, or does not tell how it was set."""
    elsewhere: tuple[str, ...]
    """Fields that a resource of another kind declares, see `ELSEWHERE`."""


def declaration(schema: Schema, behaviour: Behaviour, live: Values) -> Declaration:
    """What declares the object as Stripe has it: every field that differs from Stripe's default, and nothing else.

    `live` is Stripe's object with all that can be expanded. Raises `Inexpressible` where a check would refuse the inputs,
    or a diff call them a change: then the object cannot be declared as it is.
    """
    undeclared: list[str] = []
    declared = _fields(schema.fields, behaviour.seen(live), "", undeclared)
    elsewhere = tuple(name for name in declared if (schema.token, name) in ELSEWHERE)
    derived = {k for k in declared if declared.get(DERIVED.get((schema.token, k), ""))}
    wished = {k: v for k, v in declared.items() if k not in elsewhere and k not in derived}
    inputs, failures = checked(behaviour, wished)
    if failures:
        raise Inexpressible("; ".join(map(str, failures)))
    outputs = outputs_if_made(schema, behaviour, inputs, live)
    changes = behaviour.changes(outputs, inputs)
    if changes:
        state = ", ".join(f"{name} is {outputs.get(name)!r}" for name in changes.changed)
        raise Inexpressible(f"{state}, which no program can declare")
    return Declaration(inputs, tuple(name for name in undeclared if not _repeats(live.get(name), inputs)), elsewhere)


def outputs_if_made(schema: Schema, behaviour: Behaviour, inputs: Values, live: Values) -> dict[str, Any]:
    """The outputs of a resource with these inputs, as if it had created the object."""
    plain = behaviour.seen(live)
    return behaviour.outputs(outputs_of(schema, inputs, plain), inputs, plain)


def _fields(fields: Mapping[str, Field], live: Values, path: str, undeclared: list[str]) -> dict[str, Any]:
    declared: dict[str, Any] = {}
    for field in fields.values():
        at = f"{path}{field.name}"
        value = live.get(field.stripe_name)
        if field.role in (Role.OPTION, Role.RETIRE_OPTION) or _said_twice(field, live):
            continue
        if not field.readable:
            if value and not same(field.type, value, field.default):
                undeclared.append(at)
            continue
        found = value if field.required and value == [] else _value(field.type, value, f"{at}.", undeclared)
        if found is not None and (field.required or not _by_default(field, found)):
            declared[field.name] = found
    return declared


def _said_twice(field: Field, live: Values) -> bool:
    """Whether this is the decimal form of an amount that Stripe gives as a whole number too."""
    whole, suffix, _ = field.stripe_name.rpartition("_decimal")
    return bool(suffix) and live.get(whole) is not None


def _repeats(value: Any, inputs: Values) -> bool:
    """Whether an object says nothing that inputs of the same names do not: a product's `tax_details` have its `tax_code`."""
    return isinstance(value, Mapping) and all(v is None or inputs.get(k) == v for k, v in value.items())


def _by_default(field: Field, value: Any) -> bool:
    """Whether Stripe has the value unasked."""
    if field.stripe_name == "id":
        return bool(_MADE_UP_BY_STRIPE.fullmatch(str(value)))
    return same(field.type, value, field.default)


def _unasked(fields: Mapping[str, Field], declared: Mapping[str, Any]) -> bool:
    """Whether Stripe has all of this unasked: a required list with nothing in it, which cannot be sent, and defaults."""
    return [] in declared.values() and all(v == [] or _by_default(fields[k], v) for k, v in declared.items())


def _value(type_: Type, live: Any, path: str, undeclared: list[str]) -> Any:
    """The value as one declares it, or None where there is nothing to declare."""
    if live is None or live in ("", [], {}):
        return None
    if isinstance(type_, AnyOf):
        type_ = next((t for t in type_.alternatives if fits(t, live)), type_)
    if isinstance(type_, Object) and isinstance(live, Mapping):
        declared = _fields(type_.fields, live, path, undeclared)
        return None if not declared or _unasked(type_.fields, declared) else declared
    if isinstance(type_, MapOf) and isinstance(live, Mapping):
        parts = {k: _value(type_.value, v, path, undeclared) for k, v in ownership.own(live).items()}
        return {k: v for k, v in parts.items() if v is not None} or None
    if isinstance(type_, ListOf) and isinstance(live, list):
        return [_value(type_.item, item, path, undeclared) for item in live]
    if isinstance(type_, DecimalText):
        return canonical_decimal(str(live))
    return referenced(type_, live)
