"""The state during a run: old resources, new ones, and operations under way; saved after every step.

A step says when it begins and how it ended. New states come first, in the order in which they were made, then those of the
state before that were not touched; so a resource always follows what it depends on.

A small state is always saved as a whole; of a large one, what changed is added to a log (see `notes`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pulumi_local import changelog
from pulumi_local.engine.commits import GroupCommit
from pulumi_local.engine.notes import Notes
from pulumi_local.engine.references import drop_dangling, follow_aliases
from pulumi_local.engine.state import Previous, ResourceState, StateCodec
from pulumi_local.gojson import now
from pulumi_local.interfaces import Deployment, Json, Rendered, SecretsManager, StateStore, manifest


@dataclass(eq=False)
class _Slot:
    number: int
    rendered: Rendered
    removed: bool = False


class Journal:
    """Collects what steps report, and saves: a begin before the call, an end before anybody hears of it."""

    def __init__(
        self,
        store: StateStore | None,
        secrets: SecretsManager,
        codec: StateCodec,
        previous: Previous,
        notes: Notes | None = None,
    ) -> None:
        """Without a store (in a preview) nothing is kept."""
        self._store, self._secrets, self._codec = store, secrets, codec
        self._previous = previous
        self._unsaved = False
        self._next_operation = 0
        self._base: list[_Slot] = []
        self._new: list[_Slot] = []
        self._slots: dict[ResourceState, _Slot] = {}
        self._pending: dict[int, dict[str, Json]] = {}
        self._in_call: set[int] = set()
        self._kept_pending = [p for p in previous.pending if p["type"] == "creating"]
        self._refreshed = self._found_gone = False
        self._aliased = False
        self._numbers = 0
        self._notes = notes or Notes()
        if store is not None:
            self._commits = GroupCommit(self._prepare, lambda: bool(self._in_call))
            self._lock = self._commits.lock
            self.rebase()

    def rebase(self) -> None:
        """Takes the resources of the state before, as they are now, for the base."""
        if self._store is None:
            return
        with self._lock:
            slots = {state: self._slot(state) for state in self._previous.resources}
            self._base, self._new, self._slots = list(slots.values()), [], dict(slots)
            self._refreshed = self._found_gone = False
            self._notes.stop()

    def _slot(self, state: ResourceState) -> _Slot:
        self._aliased = self._aliased or bool(state.aliases)
        self._numbers += 1
        return _Slot(self._numbers, self._codec.write(state))

    def _put(self, slot: _Slot, rendered: Rendered) -> None:
        slot.rendered = rendered
        self._notes.add(changelog.put(slot.number, rendered))

    def _drop(self, slot: _Slot) -> None:
        slot.removed = True
        self._notes.add(changelog.drop(slot.number))

    # -- what steps report

    def begin(self, operation: str, state: ResourceState) -> int:
        """An operation on a resource is about to start: recorded before anything else happens. Returns its number."""
        if self._store is None:
            return 0
        with self._lock:
            self._next_operation += 1
            number = self._next_operation
            self._pending[number] = {"resource": self._codec.write(state), "type": operation}
            self._notes.add(changelog.begin(number, self._pending[number]))
        self._commits.commit()
        with self._lock:
            self._in_call.add(number)
        return number

    def _ended(self, number: int) -> None:
        if self._pending.pop(number, None) is not None:
            self._notes.add(changelog.end(number))
        self._in_call.discard(number)
        self._unsaved = True

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

        `read`: it was a refresh, which may find resources gone that others still refer to. It is saved with what comes next: if
        it is lost, the next refresh finds the same. `lazily`: saved at once only if the new state says something that the removed
        one did not.
        """
        if self._store is None:
            return
        with self._lock:
            self._ended(number)
            self._refreshed = self._refreshed or read
            self._found_gone = self._found_gone or (read and new is None)
            if remove is not None and remove in self._slots:
                self._drop(self._slots[remove])
            for state, mark in ((mark_delete, "delete"), (mark_pending_replacement, "pendingReplacement")):
                if state is not None and state in self._slots:
                    marked = self._slots[state]
                    self._put(marked, Rendered({**marked.rendered, mark: True}))
            if new is not None:
                slot = self._slot(new)
                self._slots[new] = slot
                self._new.append(slot)
                self._put(slot, slot.rendered)
                lazily = lazily and remove in self._slots and _alike(self._slots[remove].rendered, slot.rendered)
        if not lazily and not read:
            self._commits.commit()

    def refreshed(self, number: int, old: ResourceState, new: ResourceState | None) -> None:
        """A refresh of the whole state read this resource: it changed in place, or is gone (None). Saved with what comes next."""
        if self._store is None:
            return
        with self._lock:
            self._ended(number)
            self._refreshed = True
            slot = self._slots[old]
            if new is None:
                self._found_gone = True
                self._drop(slot)
            else:
                self._put(slot, self._codec.write(new))
                self._slots[new] = slot

    def outputs(self, state: ResourceState) -> None:
        """A component or the stack registered its outputs."""
        if self._store is None:
            return
        with self._lock:
            slot = self._slots[state]
            before = slot.rendered
            self._put(slot, self._codec.write(state))
            self._unsaved = True
            same = _alike(before, slot.rendered)
        if not same:
            self._commits.commit()

    # -- saving

    def stop(self) -> None:
        """From now on nothing is saved: the run is being left in the middle."""
        if self._store is not None:
            self._commits.stop()

    def close(self) -> None:
        """Saves what is not saved yet, if it makes a difference. Raises EngineError if that fails."""
        if self._store is None or self._commits.over:
            return
        before = self._previous.deployment
        with self._lock:
            stale = self._unsaved or self._kept_pending != (before.get("pending_operations") or [])
            differs = self._notes.written or (stale and (self._commits.any or self._differs(self._deployment(), before)))
            self._notes.stop()
        if differs:
            self._commits.commit()

    @staticmethod
    def _differs(deployment: Deployment, before: Deployment) -> bool:
        keys = ("resources", "pending_operations", "secrets_providers")
        return not before or any((deployment.get(k) or []) != (before.get(k) or []) for k in keys)

    def _prepare(self) -> Callable[[], None]:
        """What saves all that was reported by now: the state as a whole, or what changed of it."""
        store = self._store
        assert store is not None
        self._unsaved = False
        # Where a resource is gone, or has another URN, those that refer to it change as well.
        text = b"" if self._found_gone or self._aliased else self._notes.take()
        if text:
            return lambda: store.note(text)
        deployment = self._deployment()
        new = [s.number for s in self._new if not s.removed]
        base = [s.number for s in self._base if not s.removed]
        self._notes.restart(deployment, [*new, *base], len(new), self._pending)
        return lambda: store.save(deployment)

    def _deployment(self) -> Deployment:
        resources = [s.rendered for s in self._new if not s.removed] + [s.rendered for s in self._base if not s.removed]
        if self._refreshed:
            resources = drop_dangling(resources)
        if self._aliased:
            resources = follow_aliases(resources)
        pending = [*self._pending.values(), *self._kept_pending]
        deployment: Deployment = {
            "manifest": manifest(now()),
            "secrets_providers": {"type": self._secrets.type, "state": self._secrets.state},
            "resources": resources,
        }
        if pending:
            deployment["pending_operations"] = pending
        deployment["metadata"] = self._previous.deployment.get("metadata") or {}
        return deployment


_WHERE_AND_WHEN = ("created", "modified", "sourcePosition")


def _alike(a: Rendered, b: Rendered) -> bool:
    return all(a.get(k) == b.get(k) for k in a.keys() | b.keys() if k not in _WHERE_AND_WHEN)
