"""Steps: what is done to one resource. A step knows what it is called, and how to apply itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pulumi_local import urns
from pulumi_local.engine.deployment import Deployment
from pulumi_local.engine.diff import DiffResult
from pulumi_local.engine.events import Change
from pulumi_local.engine.goals import Registration, Request
from pulumi_local.engine.hosts import InitError
from pulumi_local.engine.state import ResourceState
from pulumi_local.gojson import now

Status: TypeAlias = Literal["ok", "partial", "unknown"]
"""How a failed step left the object: untouched, created but not ready, or unknown."""
STATUS_CODES: Mapping[Status, int] = {"ok": 0, "partial": 1, "unknown": 2}

NO_DIFF = DiffResult("none")


class DeleteProtected(Exception):
    """A protected resource is not deleted."""

    def __init__(self, urn: str) -> None:
        super().__init__(
            f'resource "{urn}" cannot be deleted\n'
            "because it is protected. To unprotect the resource, either remove the `protect` flag from the resource in your "
            f"Pulumi program and run `pulumi up`, or use the command:\n`pulumi state unprotect '{urn}'`"
        )


@dataclass
class Applied:
    """How a step went. `complete` lets those that wait for it go on, once it is recorded."""

    error: Exception | None = None
    status: Status = "ok"
    complete: Callable[[], None] | None = None


class Step:
    """What is done to one resource. Subclasses name the operation (`op`) as Pulumi does."""

    op = ""
    under_way = ""
    """What the state says while it is under way, in case it is cut off; empty for nothing."""
    logical = True
    """Whether it counts as an operation of its own in the summary."""
    internal = False
    """Whether users are not told of it."""
    keys: Sequence[str] = ()
    """The properties that cause a replacement."""

    def __init__(
        self,
        deployment: Deployment,
        old: ResourceState | None,
        new: ResourceState | None,
        request: Request | None = None,
        diff: DiffResult = NO_DIFF,
    ) -> None:
        self.deployment = deployment
        self.old = old
        """The resource before."""
        self._new = new
        self._request = request
        self._diff = diff
        """How the resource changes, or (of a refresh) drifted."""

    @property
    def new(self) -> ResourceState | None:
        """The resource after."""
        return self._new

    @property
    def _latest(self) -> ResourceState:
        found = self._new if self._new is not None else self.old
        assert found is not None
        return found

    @property
    def res(self) -> ResourceState:
        """The latest that is known of the resource."""
        return self._latest

    @property
    def urn(self) -> str:
        """The resource's URN."""
        return self._latest.urn

    @property
    def hidden(self) -> bool:
        """Whether users are not told of it: also what happens to default providers."""
        return self.internal or urns.is_default_provider(self.urn)

    def change(self, op: str = "") -> Change:
        """The step as events describe it; `op` is what it turned out to be, if that is something else."""
        return Change(
            op or self.op,
            self.urn,
            self._latest.type,
            self._latest.provider,
            self.old,
            self.new,
            self.logical,
            self.keys,
            self._diff.changed_keys,
            self._diff.detailed,
        )

    def begin(self) -> int:
        """Records that it is about to start."""
        return self.deployment.journal.begin(self.under_way, self.res) if self.under_way else 0

    def end(self, number: int) -> None:
        """Records that it is done."""

    def abandon(self, number: int) -> None:
        """Records that it failed, and changed nothing."""
        self.deployment.journal.end(number)

    def apply(self) -> Applied:
        """Carries it out; here, does nothing."""
        return Applied()

    def fail(self) -> None:
        """Tells the program that it failed."""
        if self._request is not None:
            self._request.done(self.res, "failed")

    def skip(self) -> None:
        """Tells the program that it was not tried."""
        if self._request is not None:
            self._request.done(self.res, "skipped")

    def _done(self, *, unknown: bool = False) -> Callable[[], None] | None:
        request, state = self._request, self.res
        if request is None:
            return None
        return lambda: request.done(state, unknown=unknown)


class SameStep(Step):
    """Nothing to do. `untargeted`: because the resource is not part of this run."""

    op = "same"
    skipped_create = False

    def __init__(
        self,
        deployment: Deployment,
        old: ResourceState,
        new: ResourceState,
        registration: Registration | None,
        *,
        untargeted: bool = False,
    ) -> None:
        super().__init__(deployment, old, new, registration)
        self.untargeted = untargeted

    @classmethod
    def keeping(
        cls, deployment: Deployment, old: ResourceState, registration: Registration | None = None, *, untargeted: bool = False
    ) -> SameStep:
        """A step that carries a resource on as it was."""
        new = old.copied()
        new.id = ""
        return cls(deployment, old, new, registration, untargeted=untargeted)

    def apply(self) -> Applied:
        """Keeps id and outputs."""
        old, new = self.old, self._new
        assert old is not None
        assert new is not None
        new.id, new.outputs = old.id, old.outputs
        if new.is_provider and not self.skipped_create and not self.untargeted:
            # A provider that says that nothing changed is to see the inputs that it saw before.
            configured = new.copied()
            configured.inputs = old.inputs
            self.deployment.registry.same(configured, checked=True)
        return Applied(complete=self._done(unknown=self.skipped_create))

    def end(self, number: int) -> None:
        """The new state takes the place of the old; saved at once only if that makes a difference."""
        assert self.old is not None
        assert self._new is not None
        self.deployment.journal.end(number, new=self._new, remove=self.old, lazily=True)


class SkippedCreateStep(SameStep):
    """A new resource that is not part of this run: nothing is recorded of it."""

    skipped_create = True

    def __init__(self, deployment: Deployment, new: ResourceState, registration: Registration) -> None:
        super().__init__(deployment, new.copied(), new, registration)

    def end(self, number: int) -> None:
        """Nothing was created."""


class CreateStep(Step):
    """Creates an object. With `old`, in its place; `pending_delete`: the old one is deleted later."""

    under_way = "creating"

    def __init__(
        self,
        deployment: Deployment,
        new: ResourceState,
        registration: Registration | None,
        *,
        old: ResourceState | None = None,
        diff: DiffResult = NO_DIFF,
        keys: Sequence[str] = (),
        pending_delete: bool = False,
    ) -> None:
        super().__init__(deployment, old, new, registration, diff)
        self.logical = old is None
        self.op = "create" if old is None else "create-replacement"
        self.keys = keys
        self._pending_delete = pending_delete

    def apply(self) -> Applied:
        """Calls `create`; in a preview, the inputs stand for the outputs."""
        new, deployment = self._new, self.deployment
        assert new is not None
        failure: InitError | None = None
        if new.is_provider:
            new.id, new.outputs = deployment.registry.create(new.urn, new.inputs)
        elif new.custom:
            provider = deployment.provider_of(new)
            if deployment.preview:
                new.outputs = dict(new.inputs) if provider.known else {}
            else:
                try:
                    timeout = new.custom_timeouts.get("create", 0)
                    new.id, new.outputs = provider.create(new.urn, new.inputs, timeout)
                except InitError as e:
                    failure = e
                    new.id, new.outputs, new.init_errors = e.id, e.properties, e.reasons
        new.created = new.modified = now()
        if self.old is not None and self._pending_delete:
            self.old.delete = True
        if failure is not None:
            return Applied(failure, "partial")
        return Applied(complete=self._done())

    def end(self, number: int) -> None:
        """The new state joins; the old one goes if it was deleted before, else waits for its deletion."""
        old = self.old
        gone = old if old is not None and old.pending_replacement else None
        waits = old if old is not None and not old.pending_replacement else None
        self.deployment.journal.end(number, new=self._new, remove=gone, mark_delete=waits)


class DeleteStep(Step):
    """Deletes an object. `replacing`: because another takes its place; `pending_replacement`: which is yet to come."""

    under_way = "deleting"

    def __init__(
        self,
        deployment: Deployment,
        old: ResourceState,
        other_deletions: set[str],
        *,
        replacing: bool = False,
        pending_replacement: bool = False,
    ) -> None:
        super().__init__(deployment, old, None)
        self._others = other_deletions
        self._replacing = replacing
        self._pending_replacement = pending_replacement
        self.logical = not replacing
        if old.external:
            self.op = "discard-replaced" if replacing else "discard"
        else:
            self.op = "delete-replaced" if replacing else "delete"

    def apply(self) -> Applied:
        """Calls `delete`, unless the object is external, retained, or deleted together with another."""
        old, deployment = self.old, self.deployment
        assert old is not None
        if old.protect and not self._replacing:
            raise DeleteProtected(old.urn)
        called = not (
            deployment.preview or old.external or old.retain_on_delete or old.deleted_with in self._others or not old.custom
        )
        if called and old.is_provider:
            deployment.registry.delete(old.urn, old.id)
        elif called:
            timeout = old.custom_timeouts.get("delete", 0)
            deployment.provider_of(old).delete(old.urn, old.id, old.inputs, old.outputs or {}, timeout)
        if self._pending_replacement:
            old.pending_replacement = True
        return Applied()

    def end(self, number: int) -> None:
        """The state goes, or is kept to be replaced."""
        old = self.old
        assert old is not None
        if old.pending_replacement:
            self.deployment.journal.end(number, mark_pending_replacement=old)
        else:
            self.deployment.journal.end(number, remove=old)


class RemovePendingReplaceStep(Step):
    """Drops a state whose object was deleted before, and that is not wanted any more."""

    op = "remove-pending-replace"
    logical = False
    internal = True

    def end(self, number: int) -> None:
        """The state goes."""
        self.deployment.journal.end(number, remove=self.old)


class UpdateStep(Step):
    """Changes an object."""

    op = "update"
    under_way = "updating"

    def __init__(
        self,
        deployment: Deployment,
        old: ResourceState,
        new: ResourceState,
        registration: Registration,
        diff: DiffResult,
        ignore_changes: list[str],
    ) -> None:
        super().__init__(deployment, old, new, registration, diff)
        self._ignore_changes = ignore_changes
        self._partial = False

    def apply(self) -> Applied:
        """Calls `update`; in a preview, the inputs stand for the outputs."""
        old, new, deployment = self.old, self._new, self.deployment
        assert old is not None
        assert new is not None
        new.id, new.created, new.modified = old.id, old.created, old.modified
        failure: InitError | None = None
        if new.is_provider:
            new.outputs = deployment.registry.update(new.urn, new.id, new.inputs)
        elif new.custom:
            provider = deployment.provider_of(new)
            if deployment.preview:
                new.outputs = dict(new.inputs) if provider.known else {}
            else:
                try:
                    timeout = new.custom_timeouts.get("update", 0)
                    new.outputs = provider.update(new.urn, old, new.inputs, timeout, self._ignore_changes)
                except InitError as e:
                    failure = e
                    new.outputs, new.init_errors = e.properties, e.reasons
        if new.custom:
            new.modified = now()
        if failure is not None:
            self._partial = True
            return Applied(failure, "partial")
        return Applied(complete=self._done())

    def end(self, number: int) -> None:
        """The new state takes the old one's place. After half an update the old inputs stay, so that the next run tries again."""
        assert self.old is not None
        assert self._new is not None
        if self._partial:
            self._new.inputs = dict(self.old.inputs)
        self.deployment.journal.end(number, new=self._new, remove=self.old)


class ReplaceStep(Step):
    """Says that creating one object and deleting another belong together; does nothing by itself."""

    op = "replace"

    def __init__(
        self,
        deployment: Deployment,
        old: ResourceState,
        new: ResourceState,
        diff: DiffResult = NO_DIFF,
        keys: Sequence[str] = (),
    ) -> None:
        super().__init__(deployment, old, new, None, diff)
        self.keys = keys
