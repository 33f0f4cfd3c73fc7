"""Arguments in the form that engines carry: text, numbers, booleans, lists and maps, at every depth.

A Decimal and a datetime become, exactly, what Stripe takes. What has no such form is passed on as what it is called, so that the
check refuses it by its field, together with all else. An engine hides from providers what is secret: its place is passed on too.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import pulumi
from pulumi.output import Unknown

from ._core.values.check import UNFIT, exact
from ._core.values.schema import AnyOf, Field, ListOf, MapOf, Object, Type, exact_in

T = TypeVar("T", ListOf, MapOf, Object)
Path: TypeAlias = tuple[str | int, ...]
Later: TypeAlias = list[tuple[Path, pulumi.Output[Any]]]

_CARRIED = (pulumi.Resource, pulumi.Asset, pulumi.Archive, Unknown)
"""What the SDK turns into something that engines carry."""
_MOST = 2**1023
"""The SDK turns whole numbers into doubles."""


def carried(fields: Mapping[str, Field], args: Mapping[str, Any]) -> tuple[dict[str, Any], Later]:
    """The arguments in that form, and those that are there later, each with its place."""
    later: Later = []
    return {name: _carried(_of(fields, name), value, (name,), later) for name, value in args.items()}, later


async def secret_places(later: Later) -> list[list[str | int]] | None:
    """The places of what is secret; None where nothing is."""
    return [list(path) for path, output in later if await output.is_secret()] or None


def _carried(type_: Type | None, value: Any, path: Path, later: Later) -> Any:
    if value is None or isinstance(value, _CARRIED):
        return value
    if isinstance(value, pulumi.Output) or inspect.isawaitable(value):
        output: pulumi.Output[Any] = pulumi.Output.from_input(value)
        later.append((path, output))
        # One that holds neither a decimal nor a time stays what it is: to make another takes its time.
        return output.apply(lambda known: _carried(type_, known, path, [])) if type_ is not None and exact_in(type_) else output
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: _carried(_member(type_, key), value[key], (*path, key), later) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray, memoryview, range)):
        item = _only(type_, ListOf)
        return [_carried(item.item if item else None, each, (*path, i), later) for i, each in enumerate(value)]
    found = value if type_ is None else exact(type_, value)
    return found if _is_plain(found) else {UNFIT: repr(value)}


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)
    return isinstance(value, float) or (isinstance(value, int) and abs(value) < _MOST)


def _of(fields: Mapping[str, Field], name: str) -> Type | None:
    return fields[name].type if name in fields else None


def _member(type_: Type | None, key: str) -> Type | None:
    if map_ := _only(type_, MapOf):
        return map_.value
    object_ = _only(type_, Object)
    return _of(object_.fields, key) if object_ else None


def _only(type_: Type | None, shape: type[T]) -> T | None:
    """The type, or the one of its alternatives, that has this shape."""
    alternatives = type_.alternatives if isinstance(type_, AnyOf) else (type_,)
    return next((each for each in alternatives if isinstance(each, shape)), None)
