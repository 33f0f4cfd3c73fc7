"""URNs (`urn:pulumi:STACK::PROJECT::PARENT_TYPE$TYPE::NAME`) and provider references (`URN::ID`)."""

from __future__ import annotations

import re
from collections.abc import Iterable

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"


def make(stack: str, project: str, parent_type: str, type_: str, name: str) -> str:
    """A URN; `parent_type` is the qualified type of the parent, empty for none or the stack itself."""
    qualified = f"{parent_type}${type_}" if parent_type else type_
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def child(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """The URN of a resource under the given parent (a URN, or empty)."""
    parent_type = qualified_type(parent) if parent else ""
    return make(stack, project, "" if parent_type == STACK_TYPE else parent_type, type_, name)


def qualified_type(urn: str) -> str:
    """The types of all parents and its own, joined by "$"."""
    return urn.split("::", 3)[2]


def type_of(urn: str) -> str:
    """The resource's own type."""
    return qualified_type(urn).rpartition("$")[2]


def name_of(urn: str) -> str:
    """The resource's name."""
    return urn.split("::", 3)[3]


def is_provider_type(type_: str) -> bool:
    """Whether resources of this type are provider instances."""
    return type_.startswith(PROVIDER_PREFIX)


def is_default_provider(urn: str) -> bool:
    """Whether this is a provider instance that the engine made by itself."""
    return is_provider_type(type_of(urn)) and (name_of(urn) == "default" or name_of(urn).startswith("default_"))


def package_of(type_: str) -> str:
    """The package that serves a type: that of `pkg:module:Name`, or that which a provider type names."""
    return type_.removeprefix(PROVIDER_PREFIX) if is_provider_type(type_) else type_.partition(":")[0]


def split_reference(reference: str) -> tuple[str, str]:
    """A provider reference as (urn, id)."""
    urn, _, id_ = reference.rpartition("::")
    return urn, id_


class Targets:
    """URNs and patterns (`*` within a segment, `**` across segments). With nothing in it, it holds everything."""

    def __init__(self, urns_or_globs: Iterable[str] = ()) -> None:
        self.literals: list[str] = []
        self._members: set[str] = set()
        self._globs: list[re.Pattern[str]] = []
        for text in urns_or_globs:
            if "*" in text:
                parts = ("[^:]*".join(map(re.escape, segment.split("*"))) for segment in text.split("**"))
                self._globs.append(re.compile(".*".join(parts)))
            else:
                self.literals.append(text)
                self._members.add(text)

    @property
    def constrained(self) -> bool:
        """Whether anything is in it."""
        return bool(self.literals or self._globs)

    def clone(self) -> Targets:
        """A copy that can grow by itself."""
        copy = Targets(self.literals)
        copy._globs = list(self._globs)
        return copy

    def add(self, urn: str) -> None:
        """Adds a URN, unless there is nothing in it (which means everything)."""
        if self.constrained and urn not in self._members:
            self.literals.append(urn)
            self._members.add(urn)

    def __contains__(self, urn: str) -> bool:
        return not self.constrained or urn in self._members or any(g.fullmatch(urn) for g in self._globs)
