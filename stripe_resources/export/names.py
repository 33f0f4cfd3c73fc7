"""What exported resources are called, and the program's variables for them. Pure, and the same for the same account.

A resource is called by the name that its object has for applications or people; one without by what it belongs to.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stripe_resources._core.behaviour import Values
from stripe_resources._core.values.schema import Schema

from .declaring import Declaration
from .references import snake, targets

SAYING = ("lookup_key", "event_name", "name", "nickname", "email")
"""Fields whose value says what an object is, the best first."""

LONGEST = 60
"""Characters; a name is part of the tag that Stripe keeps in 500."""


@dataclass(frozen=True)
class Found:
    """An object that is to be exported, and what declares it."""

    schema: Schema
    live: Values
    """Stripe's object."""
    declared: Declaration

    @property
    def id(self) -> str:
        """Stripe's id."""
        return str(self.live["id"])

    @property
    def inputs(self) -> Values:
        """The inputs that declare it."""
        return self.declared.inputs


@dataclass(frozen=True)
class Named:
    """An object with the name of its resource, unique among its kind, and the variable that holds it in the program."""

    found: Found
    name: str
    variable: str


def named(found: Sequence[Found]) -> list[Named]:
    """The objects in the order of a program: kind by kind as in `found`, the oldest first, but none before what it refers to."""
    kinds = list(dict.fromkeys(f.schema.token for f in found))
    ordered = sorted(found, key=lambda f: (kinds.index(f.schema.token), f.live.get("created", 0), f.id))
    by_id = {(f.schema.token, f.id): f for f in ordered}
    result: dict[tuple[str, str], Named] = {}
    taken: set[str] = set()

    def place(key: tuple[str, str]) -> None:
        needed = references(by_id[key], by_id)
        for other in needed:
            if other not in result:
                place(other)
        name, variable = _free(wish(by_id[key], [result[n].name for n in needed]), key[0], taken)
        result[key] = Named(by_id[key], name, variable)

    for key in [(f.schema.token, f.id) for f in ordered]:
        if key not in result:
            place(key)
    return list(result.values())


def references(one: Found, known: Mapping[tuple[str, str], Any]) -> list[tuple[str, str]]:
    """(token, id) of every known object that this one's inputs name; first what the object as a whole belongs to."""
    wanted = [t for t in targets(one.schema, one.inputs, dict.fromkeys(token for token, _ in known)) if t in known]
    return sorted(wanted, key=lambda target: target[1] not in one.inputs.values())


def wish(one: Found, needed: Sequence[str]) -> str:
    """What the resource would best be called; `needed` are the names of the resources that it refers to."""
    for field in SAYING:
        if said := slug(str(one.inputs.get(field) or "")):
            return said
    recurring = one.inputs.get("recurring") or {}
    interval = f"{recurring.get('interval_count', '')}{recurring.get('interval', '')}"
    parts = (*needed[:1], one.inputs.get("currency"), interval)
    text = "-".join(str(p) for p in parts if p) if needed else one.id
    return slug(text) or snake(one.schema.token)


def slug(text: str) -> str:
    """Letters, digits, underscores and hyphens of the text, in lower case, without accents: "Café Zürich" is cafe-zurich."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_]+", "-", plain)[:LONGEST].strip("-_")


def _free(name: str, token: str, taken: set[str]) -> tuple[str, str]:
    """The name, numbered where it must be, and its variable, which nothing else in the program can be called."""
    prefix = f"{snake(token)}_"  # with it in front, no variable is a keyword, or the name of something else
    for number in itertools.count(1):
        candidate = name if number == 1 else f"{name}-{number}"
        variable = prefix + candidate.replace("-", "_").removeprefix(prefix)
        if variable not in taken:
            break
    taken.add(variable)
    return candidate, variable
