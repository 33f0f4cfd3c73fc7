"""Valid inputs made from the declarations, which together have every field at every depth and every listed value."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
from stripe_resources.fields import STATEMENT_DESCRIPTOR, TAX_CODE, WEB_ADDRESS
from tests.stripe_resources.sample import Plan, Sample
from tests.stripe_resources.samples import VERSION_1 as SAMPLES

TEXTS = {
    "": "text",
    "[a-z]{3}": "eur",
    "[A-Z]{2}": "IE",
    "[A-Z0-9]{3,12}": "HYPER",
    r"[\w-]+": "id_1",
    r"[^\[\]]+": "key",
    r"[^@\s]+@[^@\s]+": "john@example.com",
    STATEMENT_DESCRIPTOR.pattern: "HYPERNIAN",
    TAX_CODE.pattern: "txcd_10103001",
    WEB_ADDRESS.pattern: "https://example.com",
}
"""By the pattern that a text must match; for patterns that one kind alone has, its sample has such a text."""


def samples(schema: Schema, plan: Plan) -> list[dict[str, Any]]:
    """As many inputs as it takes to have every value of every field at least once."""
    made: list[dict[str, Any]] = _objects(schema.fields, "", plan)
    return made


def known(sample: Sample) -> list[Plan]:
    """The plans of a kind, without what stripe-mock does not know."""
    return [plan.without(sample.newer) for plan in sample.plans]


def creatable(sample: Sample) -> list[Plan]:
    """Those, without what only an update takes."""
    return [plan.without(sample.not_at_creation) for plan in known(sample)]


def paths(fields: Mapping[str, Field], value: Any, prefix: str = "") -> set[str]:
    """The paths of all fields that occur in a value, and of all that could: `paths(fields, None)`."""
    found: set[str] = set()
    for name, field_ in fields.items():
        if field_.role is not Role.ADOPTION and (value is None or name in value):
            found.add(prefix + name)
            inner = None if value is None else value[name]
            found |= _inner_paths(field_.type, inner, f"{prefix}{name}.")
    return found


def _inner_paths(type_: Type, value: Any, prefix: str) -> set[str]:
    match type_:
        case Object(fields=fields):
            return paths(fields, value, prefix) if value is None or isinstance(value, Mapping) else set()
        case ListOf(item=inner):
            parts = [None] if value is None else value
            return set().union(*(_inner_paths(inner, part, prefix) for part in parts))
        case MapOf(value=inner):
            parts = [None] if value is None else value.values()
            return set().union(*(_inner_paths(inner, part, prefix) for part in parts))
        case AnyOf(alternatives=alternatives):
            return set().union(*(_inner_paths(a, value, prefix) for a in alternatives))
        case _:
            return set()


def pruned(type_: Type, value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """(path, value without it) for every optional part of a value, at every depth; entries of lists are left whole."""
    if not isinstance(value, Mapping):
        return
    if isinstance(type_, MapOf):
        yield path, {"other": next(iter(value.values()))}
    for object_ in type_.alternatives if isinstance(type_, AnyOf) else [type_]:
        if isinstance(object_, Object):
            for name in value:
                field_ = object_.fields[name]
                if not field_.required:
                    yield f"{path}.{name}", {k: v for k, v in value.items() if k != name}
                for below, part in pruned(field_.type, value[name], f"{path}.{name}"):
                    yield below, {**value, name: part}


def _values(type_: Type, path: str, plan: Plan) -> list[Any]:
    match type_:
        case Object(fields=fields):
            return _objects(fields, f"{path}.", plan)
        case ListOf(item=inner, max_items=most):
            return _chunks(_values(inner, path, plan), most or 1000)
        case MapOf(value=inner, key=key):
            return [{_text(key): value} for value in _values(inner, path, plan)]
        case AnyOf(alternatives=alternatives):
            return [value for a in alternatives for value in _values(a, path, plan)]
        case Enum(values=values):
            return [value for value in values if f"{path}={value}" not in plan.omit]
        case Boolean():
            return [True, False]
        case Integer(minimum=minimum, maximum=maximum):
            return [min(max(1, minimum), maximum)]
        case Number():
            return [1.5, 2]
        case DecimalText():
            return ["0.5"]
        case Text():
            return [_text(type_)]
    raise TypeError(f"no samples for {type_!r}")


def _text(type_: Text) -> str:
    """A text of this form. Raises LookupError where no sample has one."""
    pattern = type_.pattern or ""
    found = [texts[pattern] for texts in (TEXTS, *(sample.texts for sample in SAMPLES.values())) if pattern in texts]
    if not found:
        raise LookupError(f"a text that matches {pattern!r} is needed: give one in `texts` of the kind's SAMPLE")
    return found[0]


def _objects(fields: Mapping[str, Field], prefix: str, plan: Plan) -> list[Any]:
    choices = {
        name: plan.choose.get(prefix + name) or _values(field_.type, prefix + name, plan)
        for name, field_ in fields.items()
        if prefix + name not in plan.omit and field_.role is not Role.ADOPTION  # which is no parameter
    }
    rounds = max((len(values) for values in choices.values()), default=1)
    return [{name: values[i % len(values)] for name, values in choices.items()} for i in range(rounds)]


def _chunks(values: Sequence[Any], size: int) -> list[list[Any]]:
    return [list(values[start : start + size]) for start in itertools.islice(itertools.count(0, size), -(-len(values) // size))]
