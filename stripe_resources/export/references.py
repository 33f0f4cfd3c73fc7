"""Which field names an object of which kind. Pure.

Stripe calls a field that holds the id of a price `price`, or `default_price`: the kind's name, or a name that ends with it. A
list of them has the plural: `prices`. Where it holds objects, the id is in these: `prices[].id`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stripe_resources._core.values.compare import fits
from stripe_resources._core.values.schema import AnyOf, Field, ListOf, Object, Schema, Text, Type

from .declaring import ELSEWHERE

Link = Callable[[str, str], Any]
"""What to put in place of a text, by the name of its field and its value."""


UNDECLARABLE = frozenset(
    {
        *("account", "account_tax_ids", "customer_account", "on_behalf_of", "destination"),
        *("payment_method", "default_payment_method", "source", "default_source"),
        *("template", "test_clock", "trial_offer", "feedback_option", "feedback_options"),
    }
)
"""Fields that name what no kind declares, such as cards and accounts."""


def snake(token: str) -> str:
    """The kind as Stripe writes it in names of fields: `default_price` for stripe:DefaultPrice."""
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", token.partition(":")[2]).lower()


def may_name(field: str, token: str) -> bool:
    """Whether a field of this name may hold the id of an object of this kind, or a list of them."""
    return re.fullmatch(f"(.*_)?{snake(token)}s?", field) is not None


def linked(fields: Mapping[str, Field], values: Mapping[str, Any], link: Link, of: str = "") -> dict[str, Any]:
    """The values with `link` applied to every text in a field, at every depth; what is in maps, such as metadata, stays.

    `of` is the field that the values are in.
    """
    return {k: _linked(fields[k].type, v, of if of and k == "id" else k, link) if k in fields else v for k, v in values.items()}


def _linked(type_: Type, value: Any, field: str, link: Link) -> Any:
    if isinstance(type_, AnyOf):
        type_ = next((t for t in type_.alternatives if fits(t, value)), type_)
    if isinstance(type_, Object) and isinstance(value, Mapping):
        return linked(type_.fields, value, link, field)
    if isinstance(type_, ListOf) and isinstance(value, list):
        return [_linked(type_.item, item, field, link) for item in value]
    return link(field, value) if isinstance(type_, Text) and isinstance(value, str) else value


def texts(fields: Mapping[str, Field], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(field, value) of every text that `linked` would link, in order."""
    found: list[tuple[str, str]] = []
    linked(fields, values, lambda field, value: found.append((field, value)))
    return found


def targets(schema: Schema, values: Mapping[str, Any], kinds: Iterable[str]) -> list[tuple[str, str]]:
    """(token, id) of everything of these kinds that the values name.

    What another kind declares is not looked at, see `ELSEWHERE`.
    """
    own = {k: v for k, v in values.items() if (schema.token, k) not in ELSEWHERE}
    return [(token, value) for field, value in texts(schema.fields, own) for token in kinds if may_name(field, token)]
