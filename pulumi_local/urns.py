"""URNs (`urn:pulumi:STACK::PROJECT::PARENT_TYPE$TYPE::NAME`) and provider references (`URN::ID`)."""

from __future__ import annotations

import re
from collections.abc import Iterable

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"
_PREFIX = "urn:pulumi:"


def make(stack: str, project: str, parent_type: str, type_: str, name: str) -> str:
    """A URN; `parent_type` is the qualified type of the parent, empty for none or the stack itself."""
    qualified = f"{parent_type}${type_}" if parent_type else type_
    return f"{_PREFIX}{stack}::{project}::{qualified}::{name}"


def of_stack(stack: str, project: str) -> str:
    """The URN of the stack itself."""
    return make(stack, project, "", STACK_TYPE, f"{project}-{stack}")


def child(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """The URN of a resource under the given parent (a URN, or empty)."""
    return make(stack, project, "" if is_stack(parent) else qualified_type(parent), type_, name)


def qualified_type(urn: str) -> str:
    """The types of all parents and its own, joined by "$"; empty for what is not a URN."""
    return _part(urn, 2)


def type_of(urn: str) -> str:
    """The resource's own type; empty for what is not a URN."""
    return qualified_type(urn).rpartition("$")[2]


def name_of(urn: str) -> str:
    """The resource's name; empty for what is not a URN."""
    return _part(urn, 3)


def _part(urn: str, at: int) -> str:
    parts = urn.split("::", 3)
    return parts[at] if len(parts) == 4 else ""


def is_stack(urn: str) -> bool:
    """Whether this is a stack itself."""
    return qualified_type(urn) == STACK_TYPE


def is_provider_type(type_: str) -> bool:
    """Whether resources of this type are provider instances."""
    return type_.startswith(PROVIDER_PREFIX)


def is_default_provider(urn: str) -> bool:
    """Whether this is a provider instance that the engine made by itself."""
    return is_provider_type(type_of(urn)) and (name_of(urn) == "default" or name_of(urn).startswith("default_"))


def package_of(type_: str) -> str:
    """The package that serves a type: that of `pkg:module:Name`, or that which a provider type names."""
    return type_.removeprefix(PROVIDER_PREFIX) if is_provider_type(type_) else type_.partition(":")[0]


def stack_and_project(urn: str) -> tuple[str, str]:
    """The stack and the project that a URN is of."""
    stack, project, *_ = urn.removeprefix(_PREFIX).split("::")
    return stack, project


def is_urn(value: object) -> bool:
    """Whether a value is a URN."""
    return isinstance(value, str) and value.startswith(_PREFIX) and value.count("::") >= 3


def reference(urn: str, id_: str) -> str:
    """A reference to a provider instance."""
    return f"{urn}::{id_}"


def split_reference(reference: str) -> tuple[str, str]:
    """A provider reference as (urn, id); both are empty for an empty one."""
    urn, _, id_ = reference.rpartition("::")
    return urn, id_


class Targets:
    """URNs and patterns (`*` within a segment, `**` across segments). With nothing in it, it holds everything."""

    def __init__(self, urns_or_globs: Iterable[str] = ()) -> None:
        self.literals: dict[str, None] = {}
        """The URNs without patterns, in order."""
        self._globs: list[re.Pattern[str]] = []
        for text in urns_or_globs:
            if "*" in text:
                parts = ("[^:]*".join(map(re.escape, segment.split("*"))) for segment in text.split("**"))
                self._globs.append(re.compile(".*".join(parts)))
            else:
                self.literals[text] = None

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
        """Adds a URN, unless it is empty (which means everything)."""
        if self.constrained:
            self.literals[urn] = None

    def __contains__(self, urn: str) -> bool:
        return not self.constrained or urn in self.literals or any(g.fullmatch(urn) for g in self._globs)
