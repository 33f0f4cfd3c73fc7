"""Types, limits and required fields: every failure of one resource at once. Pure.

`normalize` also brings values into one form, so that what is written differently but means the same makes no diff: Pulumi's
numbers, which are doubles, become whole numbers again, decimals lose trailing zeros, absent values (None) are dropped.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from .schema import (
    UNKNOWN,
    AnyOf,
    Boolean,
    DecimalText,
    Enum,
    Failure,
    Field,
    Integer,
    ListOf,
    MapOf,
    Number,
    Object,
    Schema,
    Text,
    Type,
)

LONGEST_SHOWN = 80
"""How many characters of a value a message has at most."""
_MOST_DIGITS = 400
"""Before or after the point: a decimal with more, such as "1e999999999", would take all memory to write out."""

UNFIT = "__unfit"
"""The key of a value that engines cannot carry, which stands for it: how it is written in Python."""


def shown(value: Any) -> str:
    """A value for a message: short, on one line."""
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}… ({len(text)} characters)"


def normalize(schema: Schema, inputs: Mapping[str, Any]) -> tuple[dict[str, Any], list[Failure]]:
    """The inputs in their one form, and everything that is wrong with them by type. Keys that begin with `__` pass through."""
    internal = {k: v for k, v in inputs.items() if k.startswith("__")}
    public = {k: v for k, v in inputs.items() if not k.startswith("__")}
    failures: list[Failure] = []
    result = _fields(schema.fields, public, "", failures)
    return {**result, **internal}, failures


MAX_METADATA_KEYS = 48
"""Stripe holds 50, of which two say whose an object is, see `ownership`. https://docs.stripe.com/metadata"""


def metadata_failures(fields: Mapping[str, Field], values: Mapping[str, Any], path: str = "") -> Iterator[Failure]:
    """What is wrong with the metadata in these fields, at every depth, that no type says. Values may be `UNKNOWN`."""
    for name, value in values.items():
        if name in fields:
            yield from _metadata_failures(fields[name], value, f"{path}{name}")


def _metadata_failures(field: Field, value: Any, path: str) -> Iterator[Failure]:
    type_ = field.type
    if isinstance(type_, Object) and isinstance(value, Mapping):
        yield from metadata_failures(type_.fields, value, f"{path}.")
    elif isinstance(type_, ListOf) and isinstance(type_.item, Object) and isinstance(value, list):
        for i, item in enumerate(value):
            if isinstance(item, Mapping):
                yield from metadata_failures(type_.item.fields, item, f"{path}[{i}].")
    elif isinstance(type_, MapOf) and field.name == "metadata" and isinstance(value, Mapping):
        if len(value) > MAX_METADATA_KEYS:
            yield Failure(
                path, f"has {len(value)} keys; Stripe holds 50, of which two are needed here: give at most {MAX_METADATA_KEYS}"
            )
        for key, text in value.items():
            if text == "":
                yield Failure(f'{path}["{key}"]', 'is "", which Stripe takes for "remove"; leave the key out, or give a value')


def canonical_decimal(text: str) -> str:
    """The decimal without exponent and trailing zeros: "0.0015000000" and "1.5E-3" are "0.0015".

    Raises `decimal.InvalidOperation` for what is not a decimal.
    """
    number = Decimal(text)
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise InvalidOperation
    plain = format(number, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain in ("", "-0", "-") else plain


def exact(type_: Type, value: Any) -> Any:
    """A Decimal or a datetime as Stripe takes it for this type; the value itself where that would lose anything."""
    if isinstance(type_, AnyOf):
        found = (exact(alternative, value) for alternative in type_.alternatives)
        return next((each for each in found if each is not value), value)
    if isinstance(value, Decimal):
        return _exact_number(type_, value)
    if isinstance(value, datetime) and isinstance(type_, Integer) and type_.time and value.utcoffset() is not None:
        seconds, rest = divmod(value - datetime(1970, 1, 1, tzinfo=UTC), timedelta(seconds=1))
        return value if rest else seconds
    return value


def _exact_number(type_: Type, value: Decimal) -> Any:
    try:
        plain = canonical_decimal(str(value))
    except InvalidOperation:
        return value
    if isinstance(type_, DecimalText):
        return plain
    if isinstance(type_, Integer) and "." not in plain and not type_.time:
        return int(plain)
    return float(value) if isinstance(type_, Number) and Decimal(repr(float(value))) == value else value


def _fields(fields: Mapping[str, Field], value: Mapping[str, Any], path: str, failures: list[Failure]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, item in value.items():
        if item is None or item == "":
            continue  # absent; an empty string is how one clears a field at Stripe, which is what leaving it out means here
        at = f"{path}.{key}" if path else key
        if key not in fields:
            failures.append(Failure(at, _no_such_field(key, fields)))
        else:
            result[key] = _value(fields[key].type, item, at, failures)
    for field in fields.values():
        if field.required and value.get(field.name) in (None, ""):
            at = f"{path}.{field.name}" if path else field.name
            failures.append(Failure(at, f"is missing; give {_described(field.type)}"))
    return result


def _no_such_field(key: str, fields: Iterable[str]) -> str:
    close = difflib.get_close_matches(key, list(fields), n=1)
    hint = f"did you mean `{close[0]}`?" if close else f"known here: {', '.join(sorted(fields))}"
    return f"Stripe has no such field; {hint}"


def _value(type_: Type, value: Any, path: str, failures: list[Failure]) -> Any:
    if value is UNKNOWN:
        return value
    if isinstance(value, (Decimal, datetime)):
        value = exact(type_, value)
    return _CHECKS[type(type_)](type_, value, path, failures)


def _wrong_type(type_: Type, value: Any, path: str, failures: list[Failure]) -> Any:
    written = value[UNFIT] if isinstance(value, Mapping) and UNFIT in value else shown(value)
    failures.append(Failure(path, f"is {written}; give {_described(type_)}"))
    return value


def _text(type_: Text, value: Any, path: str, failures: list[Failure]) -> Any:
    if not isinstance(value, str):
        return _wrong_type(type_, value, path, failures)
    if type_.max_length is not None and len(value) > type_.max_length:
        failures.append(
            Failure(
                path,
                f"{shown(value)} has {len(value)} characters; shorten it to at most {type_.max_length}",
            )
        )
    elif type_.pattern and not re.fullmatch(type_.pattern, value):
        failures.append(Failure(path, f"is {shown(value)}; give {type_.form}"))
    return value


def _integer(type_: Integer, value: Any, path: str, failures: list[Failure]) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _wrong_type(type_, value, path, failures)
    if value != value or value in (float("inf"), float("-inf")) or int(value) != value:
        return _wrong_type(type_, value, path, failures)
    whole = int(value)
    if whole < type_.minimum:
        failures.append(Failure(path, f"{whole} is too small; give {type_.minimum} or more"))
    elif whole > type_.maximum:
        failures.append(Failure(path, f"{whole} is too large; give {type_.maximum} or less"))
    return whole


def _number(type_: Number, value: Any, path: str, failures: list[Failure]) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        return _wrong_type(type_, value, path, failures)
    if value in (float("inf"), float("-inf")):
        return _wrong_type(type_, value, path, failures)
    if type_.minimum is not None and value < type_.minimum:
        failures.append(Failure(path, f"{value} is too small; give {type_.minimum} or more"))
    elif type_.maximum is not None and value > type_.maximum:
        failures.append(Failure(path, f"{value} is too large; give {type_.maximum} or less"))
    return int(value) if value == int(value) else value


def _boolean(type_: Boolean, value: Any, path: str, failures: list[Failure]) -> Any:
    return value if isinstance(value, bool) else _wrong_type(type_, value, path, failures)


def _enum(type_: Enum, value: Any, path: str, failures: list[Failure]) -> Any:
    return value if value in type_.values else _wrong_type(type_, value, path, failures)


def _decimal(type_: DecimalText, value: Any, path: str, failures: list[Failure]) -> Any:
    if not isinstance(value, str):
        if isinstance(value, float) and not isinstance(value, bool):
            failures.append(
                Failure(
                    path, f'{shown(value)} is a number; money is exact, so give it as a string such as "0.5", or as a Decimal'
                )
            )
            return value
        return _wrong_type(type_, value, path, failures)
    try:
        plain = canonical_decimal(value)
    except InvalidOperation:
        return _wrong_type(type_, value, path, failures)
    places = len(plain.partition(".")[2])
    if places > type_.places:
        failures.append(
            Failure(
                path,
                f"{shown(value)} has {places} decimal places; Stripe keeps {type_.places}, so round it yourself",
            )
        )
    if type_.minimum is not None and Decimal(plain) < type_.minimum:
        failures.append(Failure(path, f"{plain} is too small; give {type_.minimum} or more"))
    return plain


def _list(type_: ListOf, value: Any, path: str, failures: list[Failure]) -> Any:
    if not isinstance(value, (list, tuple)):
        return _wrong_type(type_, value, path, failures)
    if type_.max_items is not None and len(value) > type_.max_items:
        failures.append(Failure(path, f"has {len(value)} entries; Stripe takes at most {type_.max_items}"))
    if len(value) < type_.min_items:
        failures.append(Failure(path, f"has {len(value)} entries; give at least {type_.min_items}, or leave it out"))
    return [_value(type_.item, item, f"{path}[{i}]", failures) for i, item in enumerate(value)]


def _map(type_: MapOf, value: Any, path: str, failures: list[Failure]) -> Any:
    if not isinstance(value, Mapping) or UNFIT in value:
        return _wrong_type(type_, value, path, failures)
    if type_.max_items is not None and len(value) > type_.max_items:
        failures.append(Failure(path, f"has {len(value)} keys; give at most {type_.max_items}"))
    result = {}
    for key, item in value.items():
        if item is None:
            continue
        at = f'{path}["{key}"]'
        _text(type_.key, key, at, failures)
        result[key] = _value(type_.value, item, at, failures)
    return result


def _any_of(type_: AnyOf, value: Any, path: str, failures: list[Failure]) -> Any:
    for alternative in type_.alternatives:
        found: list[Failure] = []
        result = _value(alternative, value, path, found)
        if not found:
            return result
    return _wrong_type(type_, value, path, failures)


def _object(type_: Object, value: Any, path: str, failures: list[Failure]) -> Any:
    if not isinstance(value, Mapping) or UNFIT in value:
        return _wrong_type(type_, value, path, failures)
    return _fields(type_.fields, value, path, failures)


_CHECKS: dict[type, Callable[[Any, Any, str, list[Failure]], Any]] = {
    Text: _text,
    Integer: _integer,
    Number: _number,
    Boolean: _boolean,
    Enum: _enum,
    DecimalText: _decimal,
    ListOf: _list,
    MapOf: _map,
    AnyOf: _any_of,
    Object: _object,
}


def _described(type_: Type) -> str:
    """What is asked for, in words."""
    if isinstance(type_, Text):
        return type_.form or "a string"
    if isinstance(type_, Integer) and type_.time:
        return "Unix seconds, or a datetime with a time zone and of whole seconds"
    if isinstance(type_, Integer):
        return "a whole number of minor currency units, of which 4 are 0.04 USD" if type_.money else "a whole number"
    if isinstance(type_, Number):
        return "a number"
    if isinstance(type_, Boolean):
        return "true or false"
    if isinstance(type_, Enum):
        return "one of " + ", ".join(f'"{v}"' for v in type_.values)
    if isinstance(type_, DecimalText):
        return 'a decimal as a string, such as "0.5", or as a Decimal'
    if isinstance(type_, ListOf):
        return "a list"
    if isinstance(type_, MapOf):
        return "a map"
    if isinstance(type_, AnyOf):
        return " or ".join(_described(t) for t in type_.alternatives)
    return "an object with " + ", ".join(type_.fields)
