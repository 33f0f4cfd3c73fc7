"""Stripe's search: `name:'Hypernian' AND metadata['stack']:'dev'`. https://docs.stripe.com/search

With the server's `--search-lag` it sees changes late, as Stripe's does; without it, at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stripe_local.store.objects import Body

from .errors import invalid
from .operation import Context
from .params import integer

_QUOTED = r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+\""""
# Nothing here can be matched in two ways (`*+` gives nothing back), so a query takes time in proportion to its length.
_CLAUSE = re.compile(
    rf"""\s*+(?P<not>-)?(?P<field>[a-z_][a-z_.]*+)(?:\[\s*+(?P<key>{_QUOTED})\s*+\])?
        \s*+(?P<operator>:|~|>=|<=|>|<)\s*+
        (?:(?P<text>{_QUOTED})|(?P<bare>(?i:null)|true|false|-?[0-9.]++))\s*+""",
    re.VERBOSE | re.DOTALL,
)
# https://docs.stripe.com/search#query-structure-and-terminology
_MOST_CLAUSES = 10
_FIELDS = {
    "customers": ("created", "email", "metadata", "name", "phone"),
    "invoices": (
        "created",
        "currency",
        "customer",
        "last_finalization_error_code",
        "last_finalization_error_type",
        "metadata",
        "number",
        "receipt_number",
        "status",
        "subscription",
        "total",
    ),
    "prices": ("active", "currency", "lookup_key", "metadata", "product", "type"),
    "products": ("active", "description", "metadata", "name", "shippable", "url"),
    "subscriptions": ("canceled_at", "created", "metadata", "status"),
}
"""What each resource can be searched by. https://docs.stripe.com/search#supported-query-fields-for-each-resource"""
_JOIN = re.compile(r"(AND|OR)\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Clause:
    negated: bool
    path: tuple[str, ...]
    operator: str
    value: str | None

    def matches(self, body: Body) -> bool:
        return self._holds(body) != self.negated

    def _holds(self, body: Body) -> bool:
        found: Any = body
        for part in self.path:
            found = found.get(part) if isinstance(found, dict) else None
        if self.value is None:
            return found is None
        if found is None:
            return False
        if self.operator == ":":
            return _text(found).lower() == self.value.lower()
        if self.operator == "~":
            return self.value.lower() in _text(found).lower()
        try:
            left, right = float(found), float(self.value)
        except (TypeError, ValueError):
            return False
        return {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[self.operator]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


def _parse(query: str) -> tuple[list[_Clause], bool]:
    """The clauses, and whether any of them suffices (OR) or all are needed (AND)."""
    clauses, joins, position = [], set(), 0
    while True:
        match = _CLAUSE.match(query, position)
        if match is None:
            raise invalid(f"We were unable to parse your search query: {query}", "query")
        path = [*match["field"].split("."), *([_unquoted(match["key"])] if match["key"] else [])]
        bare = match["bare"]
        text = _unquoted(match["text"]) if match["text"] else bare
        clauses.append(
            _Clause(bool(match["not"]), tuple(path), match["operator"], None if (bare or "").lower() == "null" else text)
        )
        if len(clauses) > _MOST_CLAUSES:
            raise invalid(f"You can combine up to {_MOST_CLAUSES} query clauses in a search.", "query")
        position = match.end()
        if position == len(query):
            break
        join = _JOIN.match(query, position)
        joins.add(join.group(1).upper() if join else "AND")
        position = join.end() if join else position
    if len(joins) > 1:
        raise invalid("You can't combine AND and OR in the same search query.", "query")
    return clauses, joins == {"OR"}


def _check_fields(clauses: list[_Clause], resource: str) -> None:
    for clause in clauses:
        field = clause.path[0] if clause.path[0] == "metadata" else ".".join(clause.path)
        if field not in _FIELDS[resource]:
            raise invalid(
                f"Field `{field}` is an unsupported search field for resource `{resource}`. See "
                f"http://stripe.com/docs/search#query-fields-for-{resource} for a list of supported fields.",
                "query",
            )


def search(
    context: Context, kind: str, url: str, render: Callable[[Body], Body], stored: Callable[[Body], Body] | None = None
) -> Body:
    """The objects that match `query`, newest first, as Stripe's search result.

    `stored` gives a stored object the fields that it is searched by, where it keeps them under other names.
    """
    clauses, any_suffices = _parse(context.params["query"])
    _check_fields(clauses, url.split("/")[2])
    limit = context.params.get("limit") or 10
    start = integer(context.params.get("page") or 0)
    if start is None or start < 0:
        raise invalid(f"Invalid page: {context.params['page']}", "page")
    combine = any if any_suffices else all
    found = [
        body
        for body in context.objects.searchable(kind)
        if not body.get("deleted") and combine(clause.matches(stored(body) if stored else body) for clause in clauses)
    ]
    end = start + limit
    more = len(found) > end
    return {
        "object": "search_result",
        "data": [render(body) for body in found[start:end]],
        "has_more": more,
        "next_page": str(end) if more else None,
        "url": url,
        "_type": kind,
    }
