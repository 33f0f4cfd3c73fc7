"""Carries out steps: chains one after the other, as many chains at a time as `--parallel` says."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from pulumi_local import urns
from pulumi_local.engine.deployment import Deployment
from pulumi_local.engine.errors import EXPECTED, ProviderError, RunError
from pulumi_local.engine.goals import Outputs
from pulumi_local.engine.reads import ReadStep, RefreshStep
from pulumi_local.engine.steps import STATUS_CODES, Applied, DeleteProtected, SkippedCreateStep, Status, Step
from pulumi_local.engine.values import Secret
from pulumi_local.errors import EngineError

_MAX_WORKERS = 256


class StepExecutor:
    """Runs steps in threads, reports them, and records them. After an error nothing new is started."""

    def __init__(self, deployment: Deployment, *, ignore_errors: bool = False) -> None:
        """`ignore_errors`: go on after an error; used where steps do not depend on each other."""
        self.deployment = deployment
        self._ignore_errors = ignore_errors
        self._workers = min(max(deployment.options.parallel, 1), _MAX_WORKERS)
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="step")
        self._free = threading.Condition()
        self._running = 0
        self._lock = threading.Lock()
        self.stopped = threading.Event()
        self.error: Exception | None = None
        self.errored_steps: list[Step] = []
        self.errored_urns: set[str] = set()
        self._registered: dict[str, Step] = {}
        self.stack_outputs: Outputs | None = None

    # -- submitting

    def run_chain(self, chain: Sequence[Step]) -> Future[None] | None:
        """Has a chain carried out. Waits for a free worker; None if everything has been stopped."""
        with self._free:
            self._free.wait_for(lambda: self._running < self._workers or self._over)
            if self._over:
                return None
            self._running += 1
        return self._pool.submit(self._run, list(chain))

    def run_all(self, steps: Sequence[Step]) -> None:
        """Carries out steps that do not depend on each other; returns when all are done, or everything has been stopped."""
        wait([f for f in (self.run_chain([s]) for s in steps) if f is not None])

    def idle(self) -> None:
        """Waits until nothing is running."""
        with self._free:
            self._free.wait_for(lambda: self._running == 0)

    @property
    def _over(self) -> bool:
        return self.stopped.is_set() or self.deployment.stopping.is_set()

    def stop(self) -> None:
        """Starts nothing new; what runs, runs to its end."""
        self.stopped.set()
        self.wake()
        self.deployment.inbox.put(None)

    def wake(self) -> None:
        """Lets those that wait for a worker check again whether to go on."""
        with self._free:
            self._free.notify_all()

    def close(self) -> None:
        """Waits for what runs, and ends the threads."""
        self._pool.shutdown(wait=True)

    # -- carrying out

    def _run(self, chain: list[Step]) -> None:
        try:
            for number, step in enumerate(chain):
                if self._over:
                    return
                error = self._step(step)
                if error is not None:
                    self._failed(chain[number:], error)
                    return
        except EngineError as e:
            self._end(str(e), e)
        except Exception as e:
            self._end(f"internal error in step {chain[0].op} of {chain[0].urn}: {type(e).__name__}: {e}", e)
            raise
        finally:
            with self._free:
                self._running -= 1
                self._free.notify_all()

    def _end(self, message: str, error: Exception) -> None:
        """Reports a failure that is not a step's, and stops."""
        with self._lock:
            first, self.error = self.error is None, self.error or error
        if first:
            self.deployment.events.error(message)
        self.stop()

    def _failed(self, steps: Sequence[Step], error: Exception) -> None:
        """After the first of the steps failed. The others are not tried: the program waits for their resources too."""
        with self._lock:
            self.error = self.error or error
        if self._ignore_errors:
            return
        if self.deployment.options.continue_on_error or isinstance(error, DeleteProtected):
            for step in steps:
                step.fail()
            with self._lock:
                self.errored_steps += steps
                self.errored_urns |= {step.res.urn for step in steps}
        else:
            self.stop()

    def _step(self, step: Step) -> Exception | None:
        deployment = self.deployment
        if not step.hidden:
            deployment.events.resource_pre(step.change(), deployment.preview)
        number = step.begin()
        if deployment.leaving.is_set():
            return None
        applied = _apply(step)
        if applied.error is None and step.logical and step.new is not None:
            self._registered[step.urn] = step
        if step.new is not None and step.op != "replace":
            self._keep_secrets(step)
            if not isinstance(step, ReadStep):
                deployment.register(step.new)
                deployment.planning.applied(step.new)
        if deployment.leaving.is_set():
            # What became of the call is unknown: the operation stays recorded as under way.
            return applied.error
        self._report(step, applied)
        if applied.error is None or applied.status == "partial":
            step.end(number)
        else:
            step.abandon(number)
        if applied.complete is not None:
            applied.complete()
        return applied.error

    def _keep_secrets(self, step: Step) -> None:
        state = step.new
        assert state is not None
        outputs = state.outputs
        for key in state.additional_secret_outputs:
            if key == "id":
                self.deployment.events.warning(
                    "The 'id' property cannot be made secret. See pulumi/pulumi#2717 for more details.", step.urn
                )
        if not outputs:
            return
        secret = {k for k in state.additional_secret_outputs if k != "id"}
        secret |= {k for k, v in state.inputs.items() if isinstance(v, Secret)}
        if any(k in outputs and not isinstance(outputs[k], Secret) for k in secret):
            state.outputs = {k: Secret(v) if k in secret and not isinstance(v, Secret) else v for k, v in outputs.items()}

    def _report(self, step: Step, applied: Applied) -> None:
        deployment, events = self.deployment, self.deployment.events
        if applied.error is not None:
            urn = "" if step.hidden else step.urn
            if deployment.preview:
                events.error(f"Preview failed: {applied.error}", urn)
            else:
                events.error(str(applied.error), urn)
                if not step.hidden:
                    events.resource_failed(step.change(), STATUS_CODES[applied.status], deployment.seen_steps)
            return
        op, record = step.op, step.logical
        if isinstance(step, RefreshStep) and deployment.options.operation == "refresh":
            op, record = step.result_op, True
        if step.op == "read" and isinstance(step, ReadStep):
            record = step.changed
        if record and not step.hidden:
            deployment.count(op)
        shown = deployment.preview or step.res.custom or step.op == "delete" or step.op == "refresh"
        if shown and not step.hidden:
            events.resource_outputs(step.change(op), deployment.preview)

    # -- outputs of components

    def register_outputs(self, outputs: Outputs, *, errored: bool = False, final: bool = False) -> None:
        """Records outputs. Those of the stack wait until the end: after an error, old ones that are not new are kept."""
        deployment = self.deployment
        if not final and urns.is_stack(outputs.urn):
            self.stack_outputs = outputs
            outputs.done()
            return
        step = self._registered.pop(outputs.urn, None)
        if step is None:
            raise RunError(f"cannot complete a resource '{outputs.urn}' whose registration isn't pending")
        if isinstance(step, SkippedCreateStep):
            outputs.done()
            return
        new = step.new
        assert new is not None
        old = deployment.olds.get(outputs.urn)
        before = (old.outputs if old is not None else None) or {}
        if not errored:
            deployment.planning.outputs(outputs.urn, before, outputs.outputs)
        new.outputs = {**before, **outputs.outputs} if final and errored else outputs.outputs
        if not step.hidden:
            deployment.events.resource_outputs(step.change(), deployment.preview)
        deployment.journal.outputs(new)
        outputs.done()


def _apply(step: Step) -> Applied:
    try:
        return step.apply()
    except (*EXPECTED, DeleteProtected) as e:
        status: Status = "unknown" if isinstance(e, ProviderError) and not e.recoverable else "ok"
        return Applied(e, status)
