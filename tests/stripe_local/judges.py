"""Two judges of answers, neither written here: Stripe's description of its API, and the annotations of the installed SDK."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from decimal import Decimal
from types import NoneType
from typing import Any, NamedTuple, get_args, get_origin

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match
from stripe import StripeObject
from stripe._object_classes import get_object_class
from stripe._stripe_object import UntypedStripeObject
from stripe.events._event_classes import get_v2_event_class

LISTS = ("list", "search_result")


class Fault(NamedTuple):
    """What is wrong with a field: of which type of object (`object`), where in it, and what."""

    object: str
    path: str
    what: str


UNDECLARED = "is not declared"


def objects(shown: Any) -> Iterator[dict[str, Any]]:
    """Every object of Stripe's in an answer, at any depth; each is judged by itself."""
    if isinstance(shown, dict):
        if _tagged(shown) and shown["object"] not in LISTS:
            yield shown
        shown = list(shown.values())
    if isinstance(shown, list):
        for value in shown:
            yield from objects(value)


def _tagged(shown: Any) -> bool:
    return isinstance(shown, dict) and isinstance(shown.get("object"), str)


# -- Stripe's description (OpenAPI)


class Description:
    """The description as JSON Schema, in which an object of Stripe's inside another is just that: an object with its type."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.paths: dict[str, Any] = found["paths"]
        self.schemas: dict[str, Any] = found["components"]["schemas"]
        self.tags = {tag: name for name, schema in self.schemas.items() if (tag := self._tag(schema))}
        self._converted = {name: self._convert(schema) for name, schema in self.schemas.items()}
        self._validators: dict[str, Draft202012Validator] = {}

    @staticmethod
    def _tag(schema: dict[str, Any]) -> str | None:
        enum = schema.get("properties", {}).get("object", {}).get("enum", [])
        if len(enum) != 1 or enum[0] in LISTS:
            return None
        return f"deleted {enum[0]}" if "deleted" in schema["properties"] else str(enum[0])

    def _convert(self, part: Any) -> Any:
        if isinstance(part, list):
            return [self._convert(one) for one in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            name = part["$ref"].rpartition("/")[2]
            return {"type": "object", "required": ["object"]} if self._tag(self.schemas[name]) else {"$ref": f"#/$defs/{name}"}
        schema = {key: self._convert(part[key]) for key in ("items", "anyOf", "additionalProperties") if key in part}
        schema |= {key: part[key] for key in ("type", "enum", "maxLength", "pattern", "required") if key in part}
        if "properties" in part:
            schema["properties"] = {name: self._convert(field) for name, field in part["properties"].items()}
            schema.setdefault("additionalProperties", False)
        return {"anyOf": [schema, {"type": "null"}]} if part.get("nullable") else schema

    def judge(self, shown: dict[str, Any]) -> Iterator[Fault]:
        """The faults of an object, or of the body of an error; none for a type that the description does not have."""
        tag = "error" if "error" in shown else shown["object"]
        name = "error" if "error" in shown else self.tags.get(f"deleted {tag}" if shown.get("deleted") else tag)
        if name is None:
            return
        if name not in self._validators:
            self._validators[name] = Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": self._converted})
        for error in self._validators[name].iter_errors(shown):
            yield from self._faults(tag, best_match([error]) or error)

    def _faults(self, tag: str, error: ValidationError) -> Iterator[Fault]:
        path = ".".join(str(part) for part in error.absolute_path if not isinstance(part, int))
        if error.validator == "additionalProperties":
            for field in error.instance.keys() - error.schema["properties"].keys():
                yield Fault(tag, f"{path}.{field}".lstrip("."), UNDECLARED)
        else:
            yield Fault(tag, path, error.message[:200])

    # What can be expanded

    def expansions(self, schema: dict[str, Any], depth: int = 4, seen: tuple[str, ...] = ()) -> Iterator[str]:
        """Every path that can be expanded in what has this schema."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if name not in seen:
                yield from self.expansions(self.schemas[name], depth, (*seen, name))
            return
        for other in schema.get("anyOf", []):
            yield from self.expansions(other, depth, seen)
        if depth == 0:
            return
        for field in schema.get("x-expandableFields", []):
            shown = schema["properties"].get(field, {})
            targets = shown.get("x-expansionResources", {}).get("oneOf") or [shown.get("items", shown)]
            inner = targets if "properties" not in shown else []
            if "x-expansionResources" in shown or "x-expansionResources" in shown.get("items", {}) or "properties" in shown:
                yield field
            if "properties" in shown and "data" in shown["properties"]:
                inner = [shown["properties"]["data"]["items"]]
                field += ".data"
            spent = 1 + field.endswith(".data")
            for target in inner:
                for path in self.expansions(target, max(depth - spent, 0), seen):
                    yield f"{field}.{path}"


# -- the SDK


def judge(shown: dict[str, Any]) -> Iterator[Fault]:
    """What the SDK's class of the object says against it; nothing for deleted objects, of which it has no class.

    Of those, version 2 of the API shows the id and the type.
    """
    kind = sdk_class(shown["object"])
    if shown["object"] == "v2.core.event":
        kind = get_v2_event_class(shown["type"])
    if kind is not None and not shown.get("deleted") and shown.keys() != {"id", "object"}:
        for path, what in _of_class(shown, kind, ""):
            yield Fault(shown["object"], path, what)


def sdk_class(tag: str) -> type | None:
    """The SDK's class of objects of this type."""
    kind = get_object_class("V2" if tag.startswith("v2.") else "V1", tag)
    return None if kind is StripeObject else kind


def _fields(kind: type) -> dict[str, Any]:
    parts = [part for part in reversed(kind.__mro__) if issubclass(part, StripeObject) and part is not StripeObject]
    hints = {name: hint for part in parts for name, hint in vars(part).get("__annotations__", {}).items()}
    return {name: hint for name, hint in hints.items() if not name.startswith("_") and get_origin(hint) is not typing.ClassVar}


Found = Iterator[tuple[str, str]]


def _of_class(shown: dict[str, Any], kind: type, path: str) -> Found:
    fields = _fields(kind)
    for name in shown.keys() - fields.keys():
        yield f"{path}.{name}".lstrip("."), UNDECLARED
    for name, hint in fields.items():
        here = f"{path}.{name}".lstrip(".")
        if name in shown:
            yield from _of_hint(shown[name], hint, here)
        elif NoneType not in get_args(hint):
            yield here, "is absent"


_PLAIN: dict[Any, tuple[type, ...]] = {str: (str,), Decimal: (str,), bool: (bool,), int: (int,), float: (int, float)}


def _of_hint(value: Any, hint: Any, path: str) -> Found:
    origin = get_origin(hint) or hint
    if origin is typing.Union:
        yield from _of_union(value, get_args(hint), path)
    elif _tagged(value):
        return
    elif origin is typing.Literal:
        if value not in get_args(hint):
            yield path, f"{value!r} is none of its values"
    elif origin is list:
        if not isinstance(value, list):
            yield path, f"{value!r} is no list"
        else:
            for one in value:
                yield from _of_hint(one, get_args(hint)[0], path)
    elif origin is UntypedStripeObject:
        for name, one in value.items():
            yield from _of_hint(one, get_args(hint)[0], f"{path}.{name}")
    elif origin in _PLAIN:
        if not isinstance(value, _PLAIN[origin]) or (isinstance(value, bool) and origin is not bool):
            yield path, f"{value!r} is no {origin.__name__}"
    elif isinstance(origin, type) and issubclass(origin, StripeObject):
        if isinstance(value, dict):
            yield from _of_class(value, origin, path)
        else:
            yield path, f"{value!r} is no object"


def _of_union(value: Any, options: tuple[Any, ...], path: str) -> Found:
    if value is None or _tagged(value):
        if value is None and NoneType not in options:
            yield path, "is null"
        return
    # The SDK adds `str` to words, for those to come.
    words = [option for option in options if get_origin(option) is typing.Literal]
    forms = words or [option for option in options if option is not NoneType]
    yield from min((list(_of_hint(value, form, path)) for form in forms), key=len)
