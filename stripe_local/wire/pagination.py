"""Lists: `limit`, `starting_after`, `ending_before`, newest first. https://docs.stripe.com/api/pagination"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from stripe_local.store.objects import Body, Condition, Where

from .errors import StripeError, invalid, no_such
from .params import Int, ListOf, Param, Str

PAGE: dict[str, Param] = {
    "limit": Int(minimum=1, maximum=100),
    "starting_after": Str(),
    "ending_before": Str(),
}
SEARCH: dict[str, Param] = {
    "query": Str(required=True),
    "limit": Int(minimum=1, maximum=100),
    "page": Str(),
}
EXPAND: dict[str, Param] = {"expand": ListOf(Str(), clearable=True)}

DEFAULT_LIMIT = 10


class Listed(Protocol):
    """What can be listed page by page: stored objects, events."""

    def find(
        self, kind: str, conditions: Iterable[Condition] = (), *, newest_first: bool = False, limit: int | None = None
    ) -> list[Body]:
        """As `Objects.find`."""

    def sequence(self, kind: str, id: str) -> int | None:
        """As `Objects.sequence`."""


def page(
    objects: Listed, kind: str, noun: str, params: dict[str, Any], conditions: Sequence[Condition]
) -> tuple[list[Body], bool]:
    """One page of objects, newest first, and whether there are more in that direction.

    Raises StripeError for a cursor that does not exist; `noun` is what Stripe calls the object in that error.
    """
    limit = params.get("limit") or DEFAULT_LIMIT
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        raise _both_cursors()
    if before:
        where = Where("seq", ">", _cursor(objects, kind, noun, before, "ending_before"))
        found = objects.find(kind, [*conditions, where], limit=limit + 1)
        return list(reversed(found[:limit])), len(found) > limit
    cursor = [Where("seq", "<", _cursor(objects, kind, noun, after, "starting_after"))] if after else []
    found = objects.find(kind, [*conditions, *cursor], newest_first=True, limit=limit + 1)
    return found[:limit], len(found) > limit


def page_of(found: list[Body], noun: str, params: dict[str, Any]) -> tuple[list[Body], bool]:
    """One page of what belongs to an object, in its own order, and whether there is more in that direction."""
    limit = params.get("limit") or DEFAULT_LIMIT
    places = {one["id"]: place for place, one in enumerate(found)}
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        raise _both_cursors()
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor and cursor not in places:
            raise no_such(noun, cursor, name)
    if before:
        end = places[before]
        return found[max(end - limit, 0) : end], end > limit
    start = places[after] + 1 if after else 0
    return found[start : start + limit], len(found) > start + limit


def _both_cursors() -> StripeError:
    return invalid("You may only specify one of these parameters: starting_after, ending_before.")


def _cursor(objects: Listed, kind: str, noun: str, id: str, param: str) -> int:
    sequence = objects.sequence(kind, id)
    if sequence is None:
        raise no_such(noun, id, param)
    return sequence


def range_conditions(field: str, value: Any) -> list[Where]:
    """Conditions for a filter such as `created`, which is a timestamp or a hash of gt, gte, lt, lte."""
    if value is None:
        return []
    if isinstance(value, int):
        return [Where(field, "=", value)]
    operators = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
    return [Where(field, operators[name], bound) for name, bound in value.items()]


def list_object(url: str, data: list[Body], has_more: bool) -> Body:
    """The envelope of a list."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}
