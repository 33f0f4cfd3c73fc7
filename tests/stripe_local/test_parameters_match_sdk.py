"""The declared parameters against those of the installed SDK, so that an upgrade shows what is new.

For every operation: each parameter that the SDK knows is declared (accepted, or refused by name with a reason), nothing is
declared that it does not know, and required parameters and enums agree. What differs is listed here, with its reason.
"""

from __future__ import annotations

import sys
import typing
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import pytest
from stripe._request_options import RequestOptions
from stripe._stripe_context import StripeContext
from typing_extensions import is_typeddict

from stripe_local.resources import OPERATIONS
from stripe_local.wire.operation import Operation
from stripe_local.wire.params import AnyWord, Enum, ListOf, MapOf, Metadata, Obj, OneOf, Param, Refused
from tests.stripe_local import sdk

SDK = sdk.parameters()

# Declared although the SDK does not know it.
EXTRA = {
    "expand": "the SDK leaves it out of a few operations on which Stripe's API accepts it",
    **dict.fromkeys(
        ("bank_account", "card", "default_alipay_account", "default_bank_account", "default_card", "payment_method_types"),
        "refused by name: the SDK knows it no more, Stripe's API does",
    ),
    "page": "of version 2, where it comes with the address of the next page",
}
# Required by the SDK, and not here.
OPTIONAL = {
    "POST /v1/payment_links line_items[quantity]": "a metered price has none, as at checkout; any other price is refused without",
}


def _hints(kind: Any) -> dict[str, Any]:
    names = {**vars(typing), "StripeContext": StripeContext, **vars(sys.modules[kind.__module__])}
    options = RequestOptions.__annotations__
    return {name: hint for name, hint in typing.get_type_hints(kind, names, include_extras=True).items() if name not in options}


def _parts(hint: Any) -> Iterator[Any]:
    origin = get_origin(hint)
    if origin in (typing.NotRequired, typing.Required):
        yield from _parts(get_args(hint)[0])
    elif origin in (typing.Union, type(int | str)):
        for part in get_args(hint):
            yield from _parts(part)
    else:
        yield hint


def _typed_dicts(hint: Any) -> list[Any]:
    found = []
    for part in _parts(hint):
        if is_typeddict(part):
            found.append(part)
        elif get_origin(part) in (list, dict):
            found += _typed_dicts(get_args(part)[-1])
    return found


def _words(hint: Any) -> set[str]:
    return {word for part in _parts(hint) if get_origin(part) is typing.Literal for word in get_args(part) if word != ""}


def _objects(param: Param) -> list[Obj]:
    if isinstance(param, Obj):
        return [param]
    if isinstance(param, ListOf):
        return _objects(param.element)
    if isinstance(param, MapOf) and not isinstance(param, Metadata):
        return _objects(param.value)
    if isinstance(param, OneOf):
        return [found for form in param.forms for found in _objects(form)]
    return []


def _enum(param: Param) -> set[str]:
    if isinstance(param, Enum):
        return set(param.values)
    if isinstance(param, OneOf):
        return {word for form in param.forms for word in _enum(form)}
    return set()


def differences(declared: Obj, kind: Any, place: str, path: str = "") -> Iterator[str]:
    hints = _hints(kind)
    for name, hint in hints.items():
        here = f"{path}[{name}]" if path else name
        if name not in declared.fields:
            yield f"{place}: {here} is new in the SDK"
            continue
        param = declared.fields[name]
        if isinstance(param, Refused):
            assert param.reason
            continue
        required = name in kind.__required_keys__
        if param.required != required and f"{place} {here}" not in OPTIONAL:
            yield f"{place}: {here} is {'' if required else 'not '}required in the SDK"
        if not isinstance(param, AnyWord) and _words(hint) != _enum(param):
            yield f"{place}: {here} takes {sorted(_words(hint))} in the SDK, {sorted(_enum(param))} here"
        inner, objects = _typed_dicts(hint), _objects(param)
        if inner and not objects:
            yield f"{place}: {here} is a hash in the SDK"
        for kind_inside, object_inside in zip(inner, objects, strict=False):
            yield from differences(object_inside, kind_inside, place, here)
    for name in declared.fields:
        if name not in hints and name not in EXTRA:
            yield f"{place}: {path}[{name}] is not known to the SDK"


def _name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def _of_sdk(operation: Operation) -> Any:
    """The class of the operation's parameters."""
    return sdk.load(SDK[sdk.endpoint(operation.method, operation.path)])


# In Stripe's description, and in no client.
WITHOUT_CLIENT = {"GET /v1/customers/{customer}/discount"}


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if _name(one) not in WITHOUT_CLIENT], ids=_name)
def test_parameters(operation: Operation) -> None:
    assert list(differences(operation.params, _of_sdk(operation), _name(operation))) == []


def test_the_comparison_finds_what_is_missing() -> None:
    operation = next(found for found in OPERATIONS if _name(found) == "POST /v1/prices")
    fields = dict(operation.params.fields)
    del fields["lookup_key"]
    fields["nonsense"] = fields["nickname"]
    assert list(differences(Obj(fields), _of_sdk(operation), "x")) == [
        "x: lookup_key is new in the SDK",
        "x: [nonsense] is not known to the SDK",
    ]
