"""Requests that nobody would think of: values that fit what is declared, more often than not, and values that fit nothing.

What is declared is Stripe's description of its API (OpenAPI), or what the local Stripe says itself of its operations. Of JSON
Schema the description uses nine words. Schemathesis 4.32 was tried on it: it writes the lists of Stripe's forms as `tiers=…` and
not as `tiers[0][up_to]=…`, and knows neither a currency nor the id of an object that is there; so nearly all of its requests are
refused for their first parameter. Here hashes, lists and ids are right, and only values are wrong.
"""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from stripe_local.resources import OPERATIONS
from stripe_local.wire import params as declared
from stripe_local.wire.currencies import Currency
from stripe_local.wire.operation import Operation
from stripe_local.wire.params import LATEST, Param

HOSTILE = [
    "",
    "²",
    "-0",
    "1e999",
    "NaN",
    "null",
    "[]",
    "\x00",
    "\ud7ff\uffff",
    "a" * 5001,
    "9" * 5000,
    "../..",
    "%",
    "{}",
    "'",
    "$.a",
]


@dataclass(frozen=True)
class Known:
    """The id of an object that is there: of `word`, such as "price"; the latest one but `back`."""

    word: str
    back: int

    def id(self, ids: dict[str, list[str]]) -> str:
        found = next((ids[path] for path in ids if path.endswith(f"/{self.word}s")), [self.word])
        return found[-1 - self.back % len(found)]


def known(word: str) -> st.SearchStrategy[Known]:
    return st.builds(Known, st.just(word.removeprefix("default_")), st.integers(0, 3))


TEXTS = st.one_of(st.sampled_from(["a", "usd", "month", "Hypernian tokens"]), st.sampled_from(HOSTILE), st.text(max_size=8))
INTEGERS = st.one_of(st.integers(0, 40), st.sampled_from([-1, 10**12, 2**31, 2**63 - 1, 2**63, -(2**63), 10**30]))
TIMES = st.one_of(
    st.integers(-40, 400).map(lambda days: int(time.time() / 3600) * 3600 + days * 86400),
    st.sampled_from([0, LATEST, LATEST + 1]),
)
DECIMALS = st.one_of(
    st.decimals(0, 1000, places=3).map(str),
    st.sampled_from(["999999999999", "0.000000000001", "-1", ".5", "1.", "1e5", "1" + "0" * 30]),
)
BOOLEANS = st.sampled_from(["true", "false"])
CURRENCIES = st.sampled_from(["usd", "eur", "jpy", "kwd", "isk", "USD"])
EXPANSIONS = st.one_of(st.just([]), st.just([]), st.just([]), st.lists(TEXTS, max_size=2))
"""Seldom any: nearly all are refused, and with them all the rest."""
KEYS = st.sampled_from(["stripe_customer_id", "value", "usd", "eur", "a"])


def texts(name: str) -> st.SearchStrategy[Any]:
    """Of a field of this name, more often than not the id of an object."""
    return st.one_of(known(name), known(name), TEXTS)


def more_often_than_not(fitting: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 15).flatmap(lambda dice: TEXTS if dice == 0 else fitting)


# Of what the local Stripe declares


def values(param: Param, name: str) -> st.SearchStrategy[Any]:
    return more_often_than_not(fitting(param, name))


def fitting(param: Param, name: str) -> st.SearchStrategy[Any]:
    match param:
        case declared.Enum():
            return st.sampled_from(param.values)
        case declared.Timestamp():
            return TIMES
        case declared.Int():
            return INTEGERS
        case declared.Dec():
            return DECIMALS
        case declared.Bool():
            return BOOLEANS
        case Currency():
            return CURRENCIES
        case declared.OneOf():
            return st.one_of([fitting(form, name) for form in param.forms])
        case declared.Obj():
            return _of_ours(param)
        case declared.ListOf():
            return st.lists(values(param.element, name.removesuffix("s")), max_size=3)
        case declared.MapOf():
            return st.dictionaries(KEYS, values(param.value, "customer"), max_size=3)
        case declared.Str():
            return texts(name)
    return TEXTS


def _of_ours(param: declared.Obj, *, over: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    taken = {name: field for name, field in param.fields.items() if not isinstance(field, declared.Refused)}
    fields = {name: functools.partial(values, field, name) for name, field in taken.items()}
    return hashes(fields, [] if over else [name for name, field in taken.items() if field.required], 2 if over else 4)


Strategies = dict[str, Callable[[], st.SearchStrategy[Any]]]
"""By name; made when they are drawn from, since a body has hundreds of them."""


@st.composite
def hashes(draw: st.DrawFn, fields: Strategies, required: list[str], most: int = 4) -> dict[str, Any]:
    """What is required, but sometimes one thing of it, and some of the others, as many as `most`."""
    others = [name for name in fields if name not in required]
    chosen = draw(st.lists(st.sampled_from(others), max_size=most, unique=True)) if others else []
    found = {name: draw(fields[name]()) for name in [*required, *chosen]}
    if draw(st.integers(0, 20)) == 0 and found:
        found.pop(draw(st.sampled_from(sorted(found))))
    return found


# Of what Stripe describes


def described(schema: dict[str, Any], name: str) -> st.SearchStrategy[Any]:
    return more_often_than_not(_described(schema, name))


def _described(schema: dict[str, Any], name: str) -> st.SearchStrategy[Any]:
    match schema:
        case {"enum": words}:
            return st.sampled_from(words)
        case {"anyOf": forms}:
            return st.one_of([_described(form, name) for form in forms])
        case {"format": "unix-time"}:
            return TIMES
        case {"format": "decimal"} | {"type": "number"}:
            return DECIMALS
        case {"format": "currency"}:
            return CURRENCIES
        case {"type": "integer"}:
            return st.one_of(INTEGERS, TIMES)
        case {"type": "boolean"}:
            return BOOLEANS
        case {"type": "array", "items": element}:
            return st.lists(described(element, name.removesuffix("s")), max_size=3)
        case {"type": "object", "properties": fields}:
            parts: Strategies = {inner: functools.partial(described, field, inner) for inner, field in fields.items()}
            return hashes(parts, schema.get("required", []))
        case {"type": "object", "additionalProperties": dict(value)}:
            return st.dictionaries(KEYS, described(value, "customer"), max_size=3)
    return texts(name)


@dataclass(frozen=True)
class Described:
    """An operation that exists both in the description and here."""

    operation: Operation
    alone: st.SearchStrategy[dict[str, Any]]
    """Its parameters, with those that are required."""
    over: st.SearchStrategy[dict[str, Any]]
    """A few, to be put over those of a well-formed call."""


def of_ours() -> list[Described]:
    return [Described(operation, _of_ours(operation.params), _of_ours(operation.params, over=True)) for operation in OPERATIONS]


def of_stripes(paths: dict[str, Any]) -> list[Described]:
    """What the description says of operations that the local Stripe has. It knows none of version 2, and not the newest."""
    known = {(method, _bare(path)): found for path, methods in paths.items() for method, found in methods.items()}
    return [
        Described(operation, _of_stripes(found), _of_stripes(found, over=True))
        for operation in OPERATIONS
        if (found := known.get((operation.method.lower(), _bare(operation.path))))
    ]


def _bare(path: str) -> str:
    """A path without the names of what stands in it, which are not the same everywhere."""
    return re.sub(r"\{\w+\}", "{}", path)


def _of_stripes(found: dict[str, Any], *, over: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    query = [one for one in found.get("parameters", []) if one["in"] == "query"]
    body = found.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {}).get("schema", {})
    schemas = {one["name"]: one["schema"] for one in query} | body.get("properties", {})
    fields: Strategies = {name: functools.partial(described, schema, name) for name, schema in schemas.items()}
    if "expand" in fields:
        fields["expand"] = lambda: EXPANSIONS
    required = [one["name"] for one in query if one["required"]] + body.get("required", [])
    return hashes(fields, [] if over else required, 2 if over else 4)


# A request


@dataclass(frozen=True)
class Request:
    """What is sent. With `over` it is a well-formed call of the operation in which these parameters are put over its own."""

    operation: Operation
    path: list[Any]
    """What stands in the operation's path, in order."""
    parameters: dict[str, Any]
    over: bool


@st.composite
def requests(draw: st.DrawFn, of: Sequence[Described]) -> Request:
    chosen, over = draw(st.sampled_from(of)), draw(st.booleans())
    words = [path.rsplit("/", 1)[-1].removesuffix("s") for path in re.findall(r"([^{}]*)/\{", chosen.operation.path)]
    return Request(chosen.operation, [draw(texts(word)) for word in words], draw(chosen.over if over else chosen.alone), over)


def resolved(value: Any, ids: dict[str, list[str]]) -> Any:
    if isinstance(value, Known):
        return value.id(ids)
    if isinstance(value, dict):
        return {name: resolved(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        return [resolved(inner, ids) for inner in value]
    return value


def pairs(value: Any, name: str) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in pairs(inner, f"{name}[{key}]" if name else key)]
    if isinstance(value, list):
        return [pair for index, inner in enumerate(value) for pair in pairs(inner, f"{name}[{index}]")]
    return [(name, str(value))]
