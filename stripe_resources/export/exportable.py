"""Which kinds can be exported, which are without being asked for, and in what order. Worked out from their declarations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stripe_resources._core.values.schema import AnyOf, Field, ListOf, Object, Text, Type

from .declaring import ELSEWHERE, Kinds
from .references import may_name

PRODUCT, PRICE = "stripe:Product", "stripe:Price"


def exportable(kinds: Kinds) -> Kinds:
    """Those of the kinds whose objects are found by their ids, none before what it refers to."""
    return {token: kinds[token] for token in _ordered(kinds) if not kinds[token].schema.below}


def catalogue(kinds: Kinds) -> set[str]:
    """Products and prices, what they refer to, and what is a part of these. Most of the rest was made by the application."""
    found = {PRODUCT, PRICE}
    found |= {target for token in (PRODUCT, PRICE) for target in _targets(token, kinds)}
    return found | {token for token, (schema, _) in kinds.items() if schema.part_of in found}


def _ordered(kinds: Kinds) -> list[str]:
    ordered: dict[str, None] = {}
    visited: set[str] = set()

    def place(token: str) -> None:
        if token not in visited:
            visited.add(token)
            for target in _targets(token, kinds):
                place(target)
            ordered[token] = None

    for token in sorted(kinds):
        place(token)
    return list(ordered)


def _targets(token: str, kinds: Kinds) -> list[str]:
    """The kinds that fields of this kind may name."""
    schema = kinds[token].schema
    own = {name: field for name, field in schema.fields.items() if (token, name) not in ELSEWHERE}
    named = set(_texts(own))
    return [other for other in sorted(kinds) if other != token and any(may_name(name, other) for name in named)]


def _texts(fields: Mapping[str, Field], of: str = "") -> Iterator[str]:
    """The names of the fields that can hold an id, at every depth; see `references.linked`."""
    for name, field in fields.items():
        yield from _texts_in(field.type, of if of and name == "id" else name)


def _texts_in(type_: Type, name: str) -> Iterator[str]:
    match type_:
        case Text():
            yield name
        case Object(fields=fields):
            yield from _texts(fields, name)
        case ListOf(item=inner):
            yield from _texts_in(inner, name)
        case AnyOf(alternatives=alternatives):
            for alternative in alternatives:
                yield from _texts_in(alternative, name)
