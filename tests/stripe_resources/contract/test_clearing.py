"""What leaves the program is cleared by an empty value where Stripe's SDK says that the update takes one, and only there."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from typing_extensions import is_typeddict

from stripe_resources._core.values.schema import Field, ListOf, MapOf, Object, Role, Unset
from stripe_resources.register import KINDS
from tests.stripe_resources.samples import VERSION_1 as SAMPLES
from tests.stripe_resources.sdk_params import ELSEWHERE


def emptied(fields: Mapping[str, Field], prefix: str = "") -> Iterator[str]:
    """The paths of the fields to which an update can send an empty value."""
    for field in fields.values():
        path = f"{prefix}{field.stripe_name}"
        if not prefix and (not field.in_update or field.role is not Role.MUTABLE):
            continue
        if field.unset is Unset.EMPTY and not field.required and not isinstance(field.type, MapOf):
            yield path
        inner = field.type
        if isinstance(inner, ListOf) and path == "items":  # changed one by one; entries of other lists are sent whole
            inner = inner.item
        if isinstance(inner, Object):
            yield from emptied(inner.fields, f"{path}.")


def hint_at(declaration: type, path: str) -> Any:
    """The SDK's annotation of the parameter at a path."""
    name, _, rest = path.partition(".")
    hint = typing.get_type_hints(declaration, localns=ELSEWHERE)[name]
    if not rest:
        return hint
    (inside,) = dict.fromkeys(parts for parts in _parts(hint) if is_typeddict(parts))
    return hint_at(inside, rest)


def _parts(hint: Any) -> Iterator[Any]:
    yield hint
    for part in get_args(hint):
        yield from _parts(part)


def takes_empty(hint: Any) -> bool:
    """Whether an empty string is among the alternatives. Where values are listed, the SDK adds `str` for those to come."""
    alternatives = list(_alternatives(hint))
    listed = {value for a in alternatives if get_origin(a) is Literal for value in get_args(a)}
    return "" in listed or (str in alternatives and not listed)


def _alternatives(hint: Any) -> Iterator[Any]:
    if get_origin(hint) in (Union, types.UnionType, typing.NotRequired, typing.Required):
        for part in get_args(hint):
            yield from _alternatives(part)
    else:
        yield hint


@pytest.mark.parametrize("kind", SAMPLES)
def test_what_is_sent_empty_can_be(kind: str) -> None:
    sent = list(emptied(KINDS[f"stripe:{kind}"][0].fields))
    assert [path for path in sent if not takes_empty(hint_at(SAMPLES[kind].update, path))] == []
