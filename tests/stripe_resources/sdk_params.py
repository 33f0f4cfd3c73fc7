"""The parameters that the installed Stripe SDK knows, read from the TypedDicts of `stripe.params`."""

import collections.abc
import typing
from typing import Any, Literal, get_args, get_origin

from stripe._request_options import RequestOptions
from typing_extensions import is_typeddict

ELSEWHERE = {"StripeContext": object, "Mapping": collections.abc.Mapping, "Dict": dict, "UntypedStripeObject": dict}
"""Names that the SDK imports for type checkers only."""


def paths(declaration: type) -> dict[str, frozenset[str]]:
    """Path of each parameter, such as `tiers.up_to` → the values that it is limited to (empty: any)."""
    found: dict[str, frozenset[str]] = {}
    _walk(declaration, "", found)
    return found


def _walk(declaration: type, prefix: str, found: dict[str, frozenset[str]]) -> None:
    hints = typing.get_type_hints(declaration, localns=ELSEWHERE)
    for name, hint in hints.items():
        if prefix or name not in RequestOptions.__annotations__:
            found[prefix + name] = _literals(hint) - {""}
            for inner in _objects(hint):
                _walk(inner, f"{prefix}{name}.", found)


def _objects(hint: Any) -> list[type]:
    if is_typeddict(hint):
        return [hint]
    return [] if get_origin(hint) is Literal else [t for arg in get_args(hint) for t in _objects(arg)]


def _literals(hint: Any) -> frozenset[str]:
    if get_origin(hint) is Literal:
        return frozenset(get_args(hint))
    if is_typeddict(hint):
        return frozenset()
    return frozenset().union(*map(_literals, get_args(hint)))
