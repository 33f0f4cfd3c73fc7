"""The state while a run goes on: what was, what is new, what is under way; saved after every step.

A step says when it begins and how it ended. New states come first, in the order in which they were made, then those of the
state before that were not touched; so a resource always follows what it depends on.
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from pulumi_local.engine import urns
from pulumi_local.engine.state import Previous, ResourceState, StateCodec
from pulumi_local.errors import EngineError
from pulumi_local.interfaces import Deployment, Json, Rendered, SecretsManager, StateStore


@dataclass(eq=False)
class _Slot:
    rendered: Rendered
    removed: bool = False

    def mark(self, **fields: Json) -> None:
        self.rendered = Rendered({**self.rendered, **fields})


class Journal:
    """Collects what steps report, and saves. One thread saves at a time, for all that wait by then."""

    def __init__(self, store: StateStore | None, secrets: SecretsManager, codec: StateCodec, previous: Previous) -> None:
        """Without a store (in a preview) nothing is kept."""
        self._store, self._secrets, self._codec = store, secrets, codec
        self._previous = previous
        self._lock = threading.Condition()
        self._version = self._saved = 0
        self._saving = False
        self._unsaved = False
        self._closed = False
        self._broken: EngineError | None = None
        self._next_operation = 0
        self._base: list[_Slot] = []
        self._new: list[_Slot] = []
        self._slots: dict[ResourceState, _Slot] = {}
        self._pending: dict[int, dict[str, Json]] = {}
        self._kept_pending = [{"resource": p.resource, "type": p.type} for p in previous.pending if p.type == "creating"]
        self._refreshed = False
        if store is not None:
            self.rebase()

    def rebase(self) -> None:
        """Takes the resources of the state before, as they are now, for the base."""
        if self._store is None:
            return
        with self._lock:
            slots = {state: _Slot(self._codec.write(state)) for state in self._previous.resources}
            self._base, self._new, self._slots = list(slots.values()), [], dict(slots)
            self._refreshed = False

    # -- what steps report

    def begin(self, operation: str, state: ResourceState | None) -> int:
        """An operation on a resource is about to start: recorded before anything else happens. Returns its number."""
        if self._store is None:
            return 0
        with self._lock:
            self._next_operation += 1
            number = self._next_operation
            if state is not None:
                self._pending[number] = {"resource": self._codec.write(state), "type": operation}
        if state is not None:
            self._commit()
        return number

    def end(
        self,
        number: int,
        *,
        new: ResourceState | None = None,
        remove: ResourceState | None = None,
        mark_delete: ResourceState | None = None,
        mark_pending_replacement: ResourceState | None = None,
        lazily: bool = False,
        read: bool = False,
    ) -> None:
        """An operation ended: what is new, what is gone, what is to be deleted or made again later.

        `read`: it was a refresh, which may find resources gone that others still refer to.
        `lazily`: it is saved at once only if the new state says something that the removed one did not.
        """
        if self._store is None:
            return
        with self._lock:
            self._pending.pop(number, None)
            self._refreshed = self._refreshed or read
            if remove is not None and remove in self._slots:
                self._slots[remove].removed = True
            if mark_delete is not None and mark_delete in self._slots:
                self._slots[mark_delete].mark(delete=True)
            if mark_pending_replacement is not None and mark_pending_replacement in self._slots:
                self._slots[mark_pending_replacement].mark(pendingReplacement=True)
            if new is not None:
                slot = _Slot(self._codec.write(new))
                self._slots[new] = slot
                self._new.append(slot)
                lazily = lazily and remove in self._slots and _alike(self._slots[remove].rendered, slot.rendered)
            self._unsaved = True
        if not lazily:
            self._commit()

    def refreshed(self, number: int, old: ResourceState, new: ResourceState | None) -> None:
        """A refresh of the whole state read this resource: it changed in place, or is gone (None)."""
        if self._store is None:
            return
        with self._lock:
            self._pending.pop(number, None)
            self._refreshed = True
            slot = self._slots[old]
            if new is None:
                slot.removed = True
            else:
                slot.rendered = self._codec.write(new)
                self._slots[new] = slot
            self._unsaved = True
        self._commit()

    def outputs(self, state: ResourceState) -> None:
        """A component or the stack registered its outputs."""
        if self._store is None:
            return
        with self._lock:
            slot = self._slots[state]
            before, slot.rendered = slot.rendered, self._codec.write(state)
            self._unsaved = True
            same = _alike(before, slot.rendered)
        if not same:
            self._commit()

    # -- saving

    def _commit(self) -> None:
        """Returns when all that was reported so far is saved. Raises EngineError, from then on, if that fails once."""
        assert self._store is not None
        with self._lock:
            if self._closed:
                return
            self._version += 1
            mine = self._version
            while self._saving and self._saved < mine and self._broken is None:
                self._lock.wait()
            if self._broken is not None:
                raise self._broken
            if self._saved >= mine or self._closed:
                return
            self._saving = True
            covered = self._version
            deployment = self._deployment()
            self._unsaved = False
        try:
            self._store.save(deployment)
        except (OSError, EngineError) as e:
            self._broken = EngineError(f"the state could not be saved: {e}")
            raise self._broken from e
        finally:
            with self._lock:
                self._saving = False
                self._saved = covered if self._broken is None else self._saved
                self._lock.notify_all()

    def stop(self) -> None:
        """From now on nothing is saved: the run is being left in the middle."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()

    def close(self) -> None:
        """Saves what is left to be saved, if that makes a difference. Raises EngineError if that fails."""
        if self._store is None or self._closed or self._broken is not None:
            return
        with self._lock:
            deployment = self._deployment()
            before = self._previous.deployment
            stale = self._unsaved or self._kept_pending != (before.get("pending_operations") or [])
        if stale and (self._saved or self._differs(deployment, before)):
            self._commit()

    @staticmethod
    def _differs(deployment: Deployment, before: Deployment) -> bool:
        keys = ("resources", "pending_operations", "secrets_providers")
        return not before or any((deployment.get(k) or []) != (before.get(k) or []) for k in keys)

    def _deployment(self) -> Deployment:
        resources = [s.rendered for s in self._new if not s.removed] + [s.rendered for s in self._base if not s.removed]
        if self._refreshed:
            resources = drop_dangling(resources)
        pending = [*self._pending.values(), *self._kept_pending]
        now = datetime.datetime.now(datetime.timezone.utc).isoformat().replace("+00:00", "Z")
        deployment: Deployment = {
            "manifest": {"time": now, "magic": "", "version": ""},
            "secrets_providers": {"type": self._secrets.type, "state": self._secrets.state},
            "resources": follow_aliases(resources),
        }
        if pending:
            deployment["pending_operations"] = pending
        deployment["metadata"] = self._previous.deployment.get("metadata") or {}
        return deployment


_WHERE_AND_WHEN = ("created", "modified", "sourcePosition")


def _alike(a: Rendered, b: Rendered) -> bool:
    return all(a.get(k) == b.get(k) for k in a.keys() | b.keys() if k not in _WHERE_AND_WHEN)


def drop_dangling(resources: list[Rendered]) -> list[Rendered]:
    """Takes out references to resources that a refresh found gone."""
    out: list[Rendered] = []
    there: set[str] = set()
    for r in resources:
        fixed = dict(r)
        for key in ("dependencies", "replaceWith"):
            if key in r:
                fixed[key] = [d for d in r[key] if d in there]
        if "propertyDependencies" in r:
            kept = {k: [d for d in deps if d in there] for k, deps in r["propertyDependencies"].items()}
            fixed["propertyDependencies"] = {k: deps for k, deps in kept.items() if deps or not r["propertyDependencies"][k]}
        if r.get("deletedWith") not in there:
            fixed.pop("deletedWith", None)
        if r.get("parent") not in there:
            fixed.pop("parent", None)
        there.add(r["urn"])
        out.append(r if fixed == r else Rendered(fixed))
    return out


def follow_aliases(resources: list[Rendered]) -> list[Rendered]:
    """Writes the present URN wherever a resource is known by an alias, and leaves aliases out of the state."""
    new: dict[str, str] = {}
    for r in resources:
        new.update(dict.fromkeys(r.get("aliases", ()), r["urn"]))
        parent = new.get(r.get("parent", ""), "")
        if parent and urns.qualified_type(parent) != urns.STACK_TYPE:
            stack, project = r["urn"].removeprefix("urn:pulumi:").split("::", 2)[:2]
            moved = urns.child(stack, project, parent, urns.type_of(r["urn"]), urns.name_of(r["urn"]))
            if moved != r["urn"]:
                new[r["urn"]] = moved
    if not new:
        return resources
    return [_renamed(r, new) for r in resources]


def _renamed(r: Rendered, new: Mapping[str, str]) -> Rendered:
    fixed = {k: v for k, v in r.items() if k != "aliases"}
    for key in ("urn", "parent", "deletedWith"):
        if key in fixed:
            fixed[key] = new.get(fixed[key], fixed[key])
    if fixed.get("provider"):
        urn, id_ = urns.split_reference(fixed["provider"])
        fixed["provider"] = f"{new.get(urn, urn)}::{id_}"
    if "dependencies" in fixed:
        fixed["dependencies"] = [new.get(d, d) for d in fixed["dependencies"]]
    if "propertyDependencies" in fixed:
        fixed["propertyDependencies"] = {k: [new.get(d, d) for d in v] for k, v in fixed["propertyDependencies"].items()}
    return r if fixed == r else Rendered(fixed)
