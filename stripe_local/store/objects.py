"""Stored objects: JSON bodies by kind and id, each scope separate.

A body has the fields of Stripe's object; names that begin with an underscore are the emulator's own, and never leave
it.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from .superseded import Superseded

Body = dict[str, Any]

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*\Z")


@dataclass(frozen=True)
class Where:
    """A condition on a field of the body, or on the column `created`: `field operator value`."""

    field: str
    operator: str
    value: Any

    def sql(self, scope: int) -> tuple[str, list[Any]]:
        """The condition and its bindings."""
        return self.on(_column(self.field))

    def on(self, column: str) -> tuple[str, list[Any]]:
        """The condition on this column, and its bindings."""
        if self.operator in ("in", "not in"):
            return f"{column} {self.operator.upper()} ({', '.join('?' * len(self.value))})", list(self.value)
        if self.operator in ("is null", "is not null"):
            return f"{column} {self.operator.upper()}", []
        if self.operator == "is unset":  # as most objects are: an index of them would not help
            return f"+{column} IS NULL", []
        assert self.operator in ("=", "<", "<=", ">", ">=", "!=", "is")
        value = int(self.value) if isinstance(self.value, bool) else self.value
        return f"{column} {self.operator} ?", [value]


@dataclass(frozen=True)
class NamedBy:
    """The condition that an object of `kind` which meets all `conditions` names this one in its `field`."""

    kind: str
    field: str
    conditions: Sequence[Where]

    def sql(self, scope: int) -> tuple[str, list[Any]]:
        """The condition and its bindings."""
        text, values = _all(self.kind, self.conditions, scope)
        return f"id IN (SELECT {_column(self.field)} FROM objects WHERE {text})", values


Condition = Where | NamedBy


def equal(field: str, value: Any) -> Where:
    """`field = value`."""
    return Where(field, "=", value)


def _column(field: str) -> str:
    if field in ("created", "seq", "id"):
        return field
    assert _FIELD.match(field), field
    return f"json_extract(body, '$.{field}')"


def _all(kind: str, conditions: Iterable[Condition], scope: int) -> tuple[str, list[Any]]:
    """The condition that an object is of the kind and scope and meets all conditions, and its bindings."""
    # The kind is written out because SQLite uses a partial index only for a condition it can see.
    texts, values = [f"livemode = ? AND kind = '{kind}'"], [scope]
    for condition in conditions:
        text, bindings = condition.sql(scope)
        texts.append(text)
        values += bindings
    return " AND ".join(texts), values


Changing = Callable[[str, str, Body | None, bool], None]
"""What is told (kind, id, the new body, whether the object is new) before it changes; the body is None where it is removed."""


class Objects:
    """The objects of one scope, within a transaction. `superseded` keeps what search still sees."""

    def __init__(self, connection: sqlite3.Connection, scope: int, superseded: Superseded, changing: Changing) -> None:
        self.connection = connection
        self.scope = scope
        self.superseded = superseded
        self._changing = changing

    def get(self, kind: str, id: str) -> Body | None:
        """The object, or None."""
        row = self.connection.execute(
            f"SELECT body FROM objects WHERE livemode = ? AND kind = '{kind}' AND id = ?", (self.scope, id)
        ).fetchone()
        return None if row is None else load(row[0])

    def insert(self, kind: str, body: Body) -> Body:
        """Store a new object; its id must be new."""
        self._changing(kind, body["id"], body, True)
        self.connection.execute(
            "INSERT INTO objects (livemode, kind, id, created, body) VALUES (?, ?, ?, ?, ?)",
            (self.scope, kind, body["id"], body.get("created", 0), dump(body)),
        )
        self.superseded.nothing(kind, body["id"])
        return body

    def put(self, kind: str, body: Body) -> Body:
        """Store the new state of an existing object."""
        self._changing(kind, body["id"], body, False)
        self.superseded.body(kind, body["id"])
        self.connection.execute(
            f"UPDATE objects SET body = ? WHERE livemode = ? AND kind = '{kind}' AND id = ?",
            (dump(body), self.scope, body["id"]),
        )
        return body

    def remove(self, kind: str, id: str) -> None:
        """Forget the object."""
        self._changing(kind, id, None, False)
        self.superseded.body(kind, id)
        self.connection.execute(f"DELETE FROM objects WHERE livemode = ? AND kind = '{kind}' AND id = ?", (self.scope, id))

    def find(
        self,
        kind: str,
        conditions: Iterable[Condition] = (),
        *,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[Body]:
        """Objects that meet all conditions, oldest first unless `newest_first`."""
        conditions = list(conditions)
        text, values = _all(kind, conditions, self.scope)
        order = "DESC" if newest_first else "ASC"
        # Where ids are given, SQLite should look them up and sort them, not go through all objects in order (the plus).
        sort = "+seq" if any(isinstance(condition, NamedBy) for condition in conditions) else "seq"
        rows = self.connection.execute(
            f"SELECT body FROM objects WHERE {text} ORDER BY {sort} {order} LIMIT ?",
            (*values, -1 if limit is None else limit),
        )
        return [load(row[0]) for row in rows]

    def searchable(self, kind: str) -> list[Body]:
        """All objects as search sees them, newest first."""
        return [load(text) for text in self.superseded.seen(kind)]

    def first(self, kind: str, *conditions: Condition) -> Body | None:
        """The oldest object that meets all conditions, or None."""
        found = self.find(kind, conditions, limit=1)
        return found[0] if found else None

    def exists(self, kind: str, *conditions: Condition) -> bool:
        """Whether an object meets all conditions."""
        return self.first(kind, *conditions) is not None

    def has_any(self, *kinds: str) -> bool:
        """Whether there is an object of one of these kinds; without any, of whichever kind."""
        conditions = [f" AND kind = '{kind}'" for kind in kinds] or [""]
        texts = [f"EXISTS (SELECT 1 FROM objects WHERE livemode = ?1{condition})" for condition in conditions]
        (found,) = self.connection.execute(f"SELECT {' OR '.join(texts)}", (self.scope,)).fetchone()
        return bool(found)

    def sequence(self, kind: str, id: str) -> int | None:
        """The object's place in the order of creation, or None."""
        row = self.connection.execute(
            f"SELECT seq FROM objects WHERE livemode = ? AND kind = '{kind}' AND id = ?", (self.scope, id)
        ).fetchone()
        return None if row is None else int(row[0])

    def kind_of(self, id: str) -> str | None:
        """The kind of the object with this id, or None."""
        row = self.connection.execute("SELECT kind FROM objects WHERE livemode = ? AND id = ?", (self.scope, id)).fetchone()
        return None if row is None else str(row[0])

    def naming(self, id: str) -> str | None:
        """The id of another object that names this one anywhere in its body, or None."""
        row = self.connection.execute(
            "SELECT id FROM objects WHERE livemode = ? AND id <> ? AND instr(body, ?)", (self.scope, id, json.dumps(id))
        ).fetchone()
        return None if row is None else str(row[0])

    def smallest(self, fields: tuple[tuple[str, str], ...], *conditions: Where) -> float | None:
        """The smallest value of numeric fields, each of a kind, among objects that meet all conditions, or None."""
        asked = _smallest(fields, tuple((condition.field, condition.operator) for condition in conditions))
        row = self.connection.execute(
            asked, [self.scope, *(condition.value for condition in conditions)] * len(fields)
        ).fetchone()
        return min((float(value) for value in row if value is not None), default=None)


@cache
def _smallest(fields: tuple[tuple[str, str], ...], conditions: tuple[tuple[str, str], ...]) -> str:
    """One query with a column for each field."""
    texts = []
    for kind, field in fields:
        column = _column(field)
        condition, _ = _all(kind, [Where(name, operator, None) for name, operator in conditions], False)
        texts.append(f"(SELECT {column} FROM objects WHERE {condition} AND {column} IS NOT NULL ORDER BY {column} LIMIT 1)")
    return f"SELECT {', '.join(texts)}"


# Fields that Stripe leaves out where they hold nothing, by object: its description of the API does not let them be null.
_LEFT_OUT = {
    "checkout.session": (
        "branding_settings",
        "excluded_payment_method_types",
        "name_collection",
        "presentment_details",
        "redirect_on_completion",
        "return_url",
        "tax_id_collection",
    ),
    "customer": ("business_name", "individual_name"),
    "invoice": ("status_details", "threshold_reason"),
    "payment_link": ("name_collection",),
    "subscription": ("presentment_details", "status_details"),
    "subscription_item": ("billed_until",),
}


def public(body: Body, drop: Sequence[str] = ()) -> Body:
    """The body without the emulator's own fields, without `drop`, and without what Stripe leaves out."""
    shown = {key: value for key, value in body.items() if key[0] != "_"}
    for key in drop:
        shown.pop(key, None)
    for key in _LEFT_OUT.get(body.get("object", ""), ()):
        if shown.get(key, "") is None:
            del shown[key]
    return shown


def dump(body: Body) -> str:
    """A body as it is stored."""
    try:
        return orjson.dumps(body).decode()
    except orjson.JSONEncodeError:
        return f" {orjson.dumps(wide(body)).decode()}"


def load(text: str) -> Body:
    """A body that was stored."""
    # orjson reads integers beyond 64 bits as floats; `dump` puts a space before them.
    body: Body = json.loads(text) if text.startswith(" ") else orjson.loads(text)
    return body


def wide(value: Any) -> Any:
    """The value with integers of more than 64 bits, which orjson does not write, as it does write them."""
    if isinstance(value, dict):
        return {name: wide(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [wide(member) for member in value]
    return orjson.Fragment(str(value)) if isinstance(value, int) and not -(2**63) <= value < 2**64 else value
