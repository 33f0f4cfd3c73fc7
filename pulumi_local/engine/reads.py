"""Steps that look at objects: reads, refreshes, imports."""

from __future__ import annotations

from collections.abc import Callable

from pulumi_local.engine import wire
from pulumi_local.engine.deployment import Deployment
from pulumi_local.engine.errors import ProviderError
from pulumi_local.engine.goals import ReadRequest, Registration
from pulumi_local.engine.hosts import InitError
from pulumi_local.engine.state import ResourceState
from pulumi_local.engine.steps import Applied, Step
from pulumi_local.engine.values import equal_maps
from pulumi_local.errors import Unsupported
from pulumi_local.gojson import now


class ReadStep(Step):
    """Reads an object that the stack does not own. `replacing`: one that it owned before, which is then deleted."""

    under_way = "reading"

    def __init__(
        self,
        deployment: Deployment,
        request: ReadRequest,
        old: ResourceState | None,
        new: ResourceState,
        *,
        replacing: bool = False,
    ) -> None:
        super().__init__(deployment, old, new, request)
        self._replacing = replacing
        self.logical = not replacing
        self.op = "read-replacement" if replacing else "read"

    def apply(self) -> Applied:
        """Calls `read`, in previews too, unless the id is unknown."""
        new, old = self._new, self.old
        assert new is not None
        failure: InitError | None = None
        if new.id == wire.UNKNOWN_STRING:
            new.outputs = {}
        else:
            timeout = new.custom_timeouts.get("read", 0)
            answer = self.deployment.provider_of(new).read(new.urn, new.id, new.inputs, new.inputs, timeout)
            if failure := answer.failure:
                new.init_errors = failure.reasons
            if answer.outputs is None:
                raise ProviderError(f"resource '{new.id}' does not exist", recoverable=True)
            new.outputs = answer.outputs
            new.id = answer.id or new.id
        if old is not None:
            if self._replacing:
                old.delete = True
            new.created, new.modified = old.created, old.modified
            if not equal_maps(new.inputs, old.inputs) or not equal_maps(new.outputs, old.outputs or {}):
                new.modified = now()
        return Applied(failure, "partial" if failure else "ok", self._done())

    @property
    def changed(self) -> bool:
        """Whether the object looks different from last time: only then does it count in the summary."""
        old, new = self.old, self._new
        if old is None or new is None or old.outputs is None or new.outputs is None:
            return False
        return not equal_maps(old.outputs, new.outputs)

    def end(self, number: int) -> None:
        """The new state joins, the old one goes."""
        self.deployment.journal.end(number, new=self._new, remove=self.old)


class RefreshStep(Step):
    """Reads an object of the stack, and records what it finds.

    Without a continuation it belongs to a refresh of the whole state, which it changes in place. With one, it is part of a run
    of the program, and what it found is handed on: the new state, None for an object that is gone, or an error.
    """

    op = "refresh"
    logical = False

    def __init__(
        self,
        deployment: Deployment,
        old: ResourceState,
        new: ResourceState | None = None,
        then: Callable[[ResourceState | None, Exception | None], None] | None = None,
        *,
        internal: bool = False,
    ) -> None:
        super().__init__(deployment, old, new if new is not None else old)
        self._then = then
        self.internal = internal
        self._gone = False

    @property
    def new(self) -> ResourceState | None:
        """The resource as it is; None if it is gone."""
        return None if self._gone else self._new

    @property
    def res(self) -> ResourceState:
        """The resource as it was."""
        assert self.old is not None
        return self.old

    @property
    def result_op(self) -> str:
        """What the read found: same, update or delete."""
        old, new = self.old, self._new
        assert old is not None
        assert new is not None
        if self._gone:
            return "delete"
        if new is old:
            return "same"
        if old.external:
            return "same" if equal_maps(old.outputs or {}, new.outputs or {}) else "update"
        return "same" if self._diff.changes == "none" else "update"

    def apply(self) -> Applied:
        """Calls `read`, and `diff` to tell what drifted."""
        old = self.old
        assert old is not None
        if not old.custom or old.is_provider or old.pending_replacement:
            if self._then is None:
                return Applied()
            self._new = old.copied()
            return Applied(complete=self._continue)
        try:
            return self._read(old)
        except Exception as e:
            if self._then is not None:
                self._then(None, e)
            raise

    def _continue(self) -> None:
        if self._then is not None:
            self._then(self.new, None)

    def _read(self, old: ResourceState) -> Applied:
        deployment = self.deployment
        provider = deployment.provider_of(self._new or old)
        answer = provider.read(old.urn, old.id, old.inputs, old.outputs or {}, old.custom_timeouts.get("read", 0))
        init_errors = answer.failure.reasons if answer.failure else []
        if answer.failure:
            reasons = "\n* ".join(init_errors)
            deployment.events.warning(f"Refreshed resource is in an unhealthy state:\n* {reasons}", old.urn)
        if not answer.id or answer.outputs is None:
            self._gone = True
            return Applied(complete=self._continue)
        assert self._new is not None
        new = self._new = self._new.copied()
        new.id, new.init_errors, new.outputs = answer.id, init_errors, answer.outputs
        new.inputs = answer.inputs if answer.inputs is not None else old.inputs
        if not equal_maps(new.inputs, old.inputs) or not equal_maps(new.outputs, old.outputs or {}):
            new.modified = now()
        if not old.external:
            # What `up` would do about it, seen from the other side: the object against what was wanted.
            found = deployment.diff(new, new, old.inputs, old.ignore_changes, unknowns=deployment.preview)
            self._diff = found.inverted()
        return Applied(complete=self._continue)

    def end(self, number: int) -> None:
        """What was found takes the place of what was."""
        old = self.old
        assert old is not None
        if self._then is None:
            self.deployment.journal.refreshed(number, old, self.new)
        else:
            self.deployment.journal.end(number, new=self.new, remove=old, read=True)


class ImportStep(Step):
    """Imports an existing object by its id. The SDK's provider host cannot: its `read` needs the serialised provider."""

    under_way = "importing"

    def __init__(
        self, deployment: Deployment, new: ResourceState, registration: Registration, original: ResourceState | None
    ) -> None:
        super().__init__(deployment, None, new, registration)
        self.logical = original is None
        self.op = "import" if original is None else "import-replacement"

    def apply(self) -> Applied:
        """Calls `read` with nothing but the id."""
        new = self._new
        assert new is not None
        new.id = new.import_id
        self.deployment.provider_of(new).read(new.urn, new.id, None, None, 0)
        raise Unsupported(f"resource {new.urn}: importing dynamic resources is not supported")
