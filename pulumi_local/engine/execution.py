"""A run from the first registration to the last deletion: the main loop, and what comes after the program."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable

from pulumi_local.engine import policies
from pulumi_local.engine.deployment import Deployment
from pulumi_local.engine.errors import EXPECTED, Bail
from pulumi_local.engine.executor import StepExecutor
from pulumi_local.engine.generator import Generator, Mode, Resume
from pulumi_local.engine.goals import Finished, Outputs, ReadRequest, Refused, Registration
from pulumi_local.engine.graph import DependencyGraph
from pulumi_local.engine.leftovers import Leftovers
from pulumi_local.engine.program import Program
from pulumi_local.engine.refresh import check_targets, rebuild, refresh_state, report_end
from pulumi_local.engine.state import ResourceState
from pulumi_local.engine.steps import Step


class Execution:
    """From the first registration to the last deletion."""

    def __init__(self, deployment: Deployment, start_program: Callable[[], Program] | None) -> None:
        self.deployment = deployment
        self._start_program = start_program

    def run(self) -> bool:
        """Whether all went well. Raises Bail where the problem has been reported."""
        deployment, options = self.deployment, self.deployment.options
        refresh = options.refresh or options.operation == "refresh"
        # A destroy refreshes the state as a whole, even when it goes through the program.
        by_program = options.run_program and options.operation != "destroy"
        if refresh and not by_program:
            refresh_state(deployment)
            if options.operation == "refresh":
                return True
        elif deployment.previous.pending and not deployment.preview:
            deployment.warn_of_pending_operations()
        if not check_targets(deployment, deployment.replace_targets, set()):
            raise Bail
        mode: Mode = "refresh" if options.operation == "refresh" else "update"
        if options.operation == "destroy" and options.run_program:
            mode = "destroy"
        generator = Generator(deployment, mode, refresh=refresh and by_program)
        executor = StepExecutor(deployment)
        try:
            return self._run(generator, executor)
        finally:
            executor.close()

    def _run(self, generator: Generator, executor: StepExecutor) -> bool:
        deployment, seen = self.deployment, generator.seen
        bailed = canceled = False
        try:
            if self._start_program is not None:
                self._start_program()
                canceled = not self._serve(generator, executor)
            if not executor.stopped.is_set() and not canceled:
                canceled = not self._finish(generator, executor)
        except Bail:
            bailed = True
            executor.stopped.set()
        except EXPECTED as e:
            deployment.events.error(str(e), getattr(e, "urn", ""))
            bailed = True
            executor.stopped.set()
        executor.idle()
        errored = bailed or executor.error is not None or seen.failed
        if executor.stack_outputs is not None and not deployment.leaving.is_set():
            executor.register_outputs(executor.stack_outputs, errored=errored, final=True)
        if bailed:
            raise Bail
        if executor.error is None and not canceled and policies.analyze_stack(deployment, seen):
            seen.failed = True
        if executor.error is not None or seen.failed:
            report_end(deployment, "failed")
            return False
        if canceled or deployment.stopping.is_set():
            report_end(deployment, "failed" if deployment.leaving.is_set() else "canceled")
            return False
        return True

    # -- while the program runs

    def _serve(self, generator: Generator, executor: StepExecutor) -> bool:
        """Acts on what the program asks for, until it ends. False if the user wants an end."""
        deployment = self.deployment
        finished = False
        skipped: set[str] = set()
        while not finished or generator.awaited:
            message = self._next()
            if deployment.stopping.is_set():
                executor.wake()
                return False
            if executor.stopped.is_set():
                return True
            if isinstance(message, Finished):
                if message.error is not None:
                    if message.error:
                        deployment.events.error(message.error)
                    raise Bail
                finished = True
            elif isinstance(message, Refused):
                deployment.events.error(message.message, message.urn)
                raise Bail
            elif message is not None:
                self._handle(message, generator, executor, skipped)
        return True

    def _next(self) -> object:
        try:
            return self.deployment.inbox.get(timeout=1)
        except queue.Empty:
            return None

    def _handle(self, message: object, generator: Generator, executor: StepExecutor, skipped: set[str]) -> None:
        deployment = self.deployment
        if isinstance(message, Outputs):
            executor.register_outputs(message)
            return
        urn = ""
        try:
            if isinstance(message, Registration):
                goal = message.goal
                urn = deployment.urn(goal.parent, goal.type, goal.name)
                steps = generator.register(message)
            elif isinstance(message, ReadRequest):
                urn = deployment.urn(message.parent, message.type, message.name)
                steps = generator.read(message)
            else:
                assert isinstance(message, Resume)
                urn = message.urn
                steps = message.decide()
        except EXPECTED as e:
            deployment.events.error(str(e), urn)
            raise Bail from e
        skipped |= executor.errored_urns
        chain: list[Step] = []
        for step in steps:
            if any(u in skipped for u in step.res.all_references()):
                step.skip()
                skipped.add(step.res.urn)
            else:
                chain.append(step)
        if chain:
            executor.run_chain(chain)

    # -- after the program

    def _finish(self, generator: Generator, executor: StepExecutor) -> bool:
        """Deletes, or refreshes, what the program did not register. False if the user wants an end."""
        deployment, seen = self.deployment, generator.seen
        executor.idle()
        known = check_targets(deployment, deployment.targets, seen.urns)
        if deployment.previous.resources and not executor.stopped.is_set():
            # Problems with the leftovers have been reported; the run goes on to its end, and fails there.
            with contextlib.suppress(Bail):
                self._settle(Leftovers(deployment, seen, generator.replacements), generator, executor)
        if not known:
            raise Bail
        if not executor.stopped.is_set() and executor.error is None and not deployment.stopping.is_set():
            self._expect_no_more()
        return not deployment.stopping.is_set()

    def _expect_no_more(self) -> None:
        """Reports what the plan expected, and did not happen."""
        missed = self.deployment.planning.missed(self.deployment.previous.resources)
        for urn, message in missed.items():
            self.deployment.events.error(message, urn)
        if missed:
            raise Bail

    def _settle(self, leftovers: Leftovers, generator: Generator, executor: StepExecutor) -> None:
        if generator.mode == "refresh":
            steps, by_state = leftovers.refreshes()
            executor.run_all(steps)
            executor.idle()
            rebuild(self.deployment, by_state)
        else:
            self._delete(leftovers, executor, generator.seen.to_delete)

    def _delete(self, leftovers: Leftovers, executor: StepExecutor, to_delete: list[ResourceState]) -> None:
        deployment = self.deployment
        sames, groups = leftovers.deletes()
        deployment.planning.decided(((step.urn, step.op) for group in (sames, *groups) for step in group), {})
        if sames:
            future = executor.run_chain(sames)
            if future is not None:
                future.result()
        needed: set[ResourceState] = set()
        accounted: set[Step] = set()
        destroyed = DependencyGraph(to_delete)
        for group in groups:
            for step in executor.errored_steps:
                if step in accounted:
                    continue
                accounted.add(step)
                for resource in (step.res, step.old):
                    for graph in (deployment.graph, destroyed):
                        if resource is not None and resource in graph:
                            needed |= graph.transitive_dependencies_of(resource)
                            break
            executor.run_all([s for s in group if s.res not in needed])
            executor.idle()
