"""What a run has decided so far, and the former URNs of resources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pulumi_local import urns
from pulumi_local.engine.goals import Alias
from pulumi_local.engine.state import ResourceState


@dataclass
class Seen:
    """URNs by what was decided for them."""

    urns: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    creates: set[str] = field(default_factory=set)
    sames: set[str] = field(default_factory=set)
    updates: set[str] = field(default_factory=set)
    replaces: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)
    refreshes: set[str] = field(default_factory=set)
    skipped_creates: set[str] = field(default_factory=set)
    """Those that would have been created, but are not part of this run."""
    pending_deletes: set[ResourceState] = field(default_factory=set)
    """States (not URNs) whose deletion was decided on before their time, because something that they depend on goes first."""
    providers: dict[str, ResourceState] = field(default_factory=dict)
    to_delete: list[ResourceState] = field(default_factory=list)
    """Those that a destroy goes through the program with, and deletes after."""
    refreshed: dict[ResourceState, ResourceState] = field(default_factory=dict)
    """The state of before → what a refresh made of it."""
    aliased: dict[str, str] = field(default_factory=dict)
    """Former URN → present URN."""
    aliases: dict[str, str] = field(default_factory=dict)
    """Present URN → former URN."""
    failed: bool = False
    """Whether anything was reported that fails the run in the end, though it went on."""

    def has_step(self, urn: str) -> bool:
        """Whether anything was decided for it."""
        return any(urn in s for s in (self.creates, self.sames, self.updates, self.deletes, self.replaces, self.reads))

    def is_operated_on(self, urn: str) -> bool:
        """Whether it was registered, maybe under another URN, so that it is not to be deleted."""
        urn = self.aliased.get(urn, urn)
        return any(urn in s for s in (self.sames, self.updates, self.replaces, self.reads, self.refreshes))


class Aliases:
    """Finds the former URNs of a resource: those it names, and those it has because its parent was renamed."""

    def __init__(self, stack: str, project: str, seen: Seen) -> None:
        self._stack, self._project, self._seen = stack, project, seen

    def of(self, name: str, type_: str, parent: str, aliases: Sequence[Alias]) -> list[str]:
        """All former URNs to look for, each once."""
        own = [self._urn(name, type_, parent, a) for a in aliases]
        found = dict.fromkeys(own)
        former_parent = self._seen.aliases.get(parent, "") if parent else ""
        if former_parent:
            found[self._inherited(type_, name, parent, former_parent)] = None
            for urn in own:
                found[self._inherited(urns.type_of(urn), urns.name_of(urn), parent, former_parent)] = None
        return list(found)

    def _urn(self, name: str, type_: str, parent: str, alias: Alias) -> str:
        if alias.urn:
            return alias.urn
        if alias.parent:
            parent = self._seen.aliases.get(alias.parent, alias.parent)
        if alias.no_parent:
            parent = ""
        return urns.child(
            alias.stack or self._stack, alias.project or self._project, parent, alias.type or type_, alias.name or name
        )

    def _inherited(self, type_: str, name: str, parent: str, former_parent: str) -> str:
        # A child whose name starts with its parent's is taken to be named after it.
        parent_name = urns.name_of(parent)
        if name.startswith(parent_name):
            name = urns.name_of(former_parent) + name[len(parent_name) :]
        return urns.make(self._stack, self._project, urns.qualified_type(former_parent), type_, name)

    def find(
        self, urn: str, candidates: Sequence[str], olds: dict[str, ResourceState], error: Callable[[str], None]
    ) -> tuple[ResourceState | None, str]:
        """The state of before, by its URN or else by a former one, which is given too. Conflicts are reported to `error`."""
        seen = self._seen
        if urn in seen.aliased:
            error(f"Duplicate resource URN '{urn}' conflicting with alias on resource with URN '{seen.aliased[urn]}'")
        for candidate in (urn, *candidates):
            old = olds.get(candidate)
            if old is None:
                continue
            if candidate == urn:
                return old, ""
            other = urn if candidate in seen.urns else seen.aliased.get(candidate)
            if other is not None:
                error(
                    f"Duplicate resource alias '{candidate}' applied to resource with URN '{urn}' "
                    f"conflicting with resource with URN '{other}'"
                )
            seen.aliased[candidate] = urn
            seen.aliases[urn] = candidate
            return old, candidate
        return None, ""
