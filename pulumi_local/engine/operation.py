"""One run: a preview, or an update, refresh or destroy."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pulumi_local.engine import plan_documents, state
from pulumi_local.engine.deployment import Deployment
from pulumi_local.engine.errors import EXPECTED, Bail, RunError
from pulumi_local.engine.events import Events
from pulumi_local.engine.execution import Execution
from pulumi_local.engine.goals import Finished
from pulumi_local.engine.hosts import HostSettings
from pulumi_local.engine.importing import Importing, refuse_types
from pulumi_local.engine.journal import Journal
from pulumi_local.engine.monitor import Server
from pulumi_local.engine.program import Program
from pulumi_local.engine.registry import Registry
from pulumi_local.engine.state import StateCodec
from pulumi_local.errors import EngineError
from pulumi_local.interfaces import (
    MASK,
    Analyzer,
    Cancellation,
    ConfigValue,
    Emit,
    Options,
    Project,
    Result,
    SecretsManager,
    StateStore,
)
from pulumi_local.urns import Targets


def run(
    project: Project,
    stack: str,
    config: Mapping[str, ConfigValue],
    state: StateStore,
    secrets: SecretsManager,
    options: Options,
    emit: Emit,
    analyzers: Sequence[Analyzer] = (),
    cancellation: Cancellation | None = None,
) -> Result:
    """One preview or one operation. Raises nothing for what a user can cause: that becomes diagnostics or `bailed`."""
    events = Events(emit, [v.value for v in config.values() if v.secret])
    return _Run(project, stack, config, state, secrets, options, events, analyzers, cancellation or Cancellation()).run()


@dataclass
class _Run:
    _project: Project
    _stack: str
    _config: Mapping[str, ConfigValue]
    _store: StateStore
    _secrets: SecretsManager
    _options: Options
    _events: Events
    _analyzers: Sequence[Analyzer]
    _cancellation: Cancellation
    _program: Program | None = None

    @property
    def _runs_program(self) -> bool:
        return self._options.operation == "update" or self._options.run_program

    def run(self) -> Result:
        """Runs; ends everything that was started."""
        try:
            return self._prepared()
        except (EngineError, RunError) as e:
            return Result(False, {}, bailed=str(e))
        finally:
            self._events.cancel()

    def _prepared(self) -> Result:
        options = self._options
        refuse_types(options.imports)
        codec = StateCodec(self._secrets)
        previous = state.load(self._store.load(), codec)
        if options.operation != "update":
            _require_targets(options, previous)
        server: Server | None = None

        def address() -> str:
            assert server is not None
            return server.address

        settings = HostSettings(self._project.python, self._project.program, self._project.name, address, self._log)
        registry = Registry(settings, options.preview)
        journal = Journal(None if options.preview else self._store, self._secrets, codec, previous)
        deployment = Deployment(
            stack=self._stack,
            project=self._project.name,
            options=options,
            previous=previous,
            registry=registry,
            events=self._events,
            journal=journal,
            analyzers=self._analyzers,
            plan=None if options.plan is None else plan_documents.read(options.plan, codec),
        )
        server = Server(deployment, self._config, self._project.root)
        over = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(deployment, registry, over), daemon=True)
        watcher.start()
        try:
            if previous.resources or self._runs_program or options.imports:
                registry.warm_up()
            return self._measured(deployment, journal, server, codec)
        finally:
            over.set()
            if self._program is not None:
                self._program.stop()
            server.close()
            registry.close()
            watcher.join()

    def _log(self, severity: str, line: str) -> None:
        self._events.diagnostic(severity, line)

    def _watch(self, deployment: Deployment, registry: Registry, over: threading.Event) -> None:
        """Acts on interrupts: the first lets running steps end, the second does not."""
        while not over.is_set():
            if self._cancellation.stop.wait(0.05) and not deployment.stopping.is_set():
                deployment.stopping.set()
                deployment.inbox.put(None)
            if self._cancellation.terminate.is_set() and not deployment.leaving.is_set():
                deployment.leaving.set()
                deployment.journal.stop()
                # The program is stopped first, before it can report a failure.
                if self._program is not None:
                    self._program.stop()
                registry.close()
                deployment.inbox.put(None)
            if deployment.stopping.is_set():
                over.wait(0.05)

    def _measured(self, deployment: Deployment, journal: Journal, server: Server, codec: StateCodec) -> Result:
        self._events.prelude({k: MASK if v.secret else v.value for k, v in self._config.items()})
        started = time.monotonic()
        good = False
        try:
            if self._options.operation == "import":
                good = Importing(deployment, self._config, codec).run()
            else:
                start = self._start_program(deployment, server) if self._runs_program else None
                good = Execution(deployment, start).run() and self._release_program(deployment, server)
        except Bail:
            pass
        except EXPECTED as e:
            self._events.error(str(e), getattr(e, "urn", ""))
        try:
            journal.close()
        except EngineError as e:
            self._events.error(str(e))
            good = False
        leaving = deployment.leaving.is_set()
        self._events.summary(
            preview=self._options.preview,
            seconds=time.monotonic() - started,
            changes=deployment.changes,
            result="canceled" if leaving else "succeeded" if good else "failed",
            packs={},
        )
        made = deployment.planning.made if good and not leaving else None
        return Result(
            good and not leaving,
            dict(deployment.changes),
            cancelled=leaving,
            plan=None if made is None else plan_documents.write(made, codec),
        )

    def _start_program(self, deployment: Deployment, server: Server) -> Callable[[], Program]:
        def start() -> Program:
            self._program = Program(
                self._project,
                self._stack,
                self._config,
                server.address,
                preview=self._options.preview,
                parallel=self._options.parallel,
                log=self._log,
                ended=lambda error: deployment.inbox.put(Finished(error)),
            )
            return self._program

        return start

    def _release_program(self, deployment: Deployment, server: Server) -> bool:
        """Lets the program, which was held until now, end; False if it fails even then."""
        program = self._program
        if program is None:
            return True
        server.monitor.stop()
        while not program.wait(0.2):
            if deployment.stopping.is_set():
                return True
        if program.error:
            self._events.error(program.error)
        return program.error is None


def _require_targets(options: Options, previous: state.Previous) -> None:
    wanted = [*options.targets, *options.excludes]
    if not wanted:
        return
    if not previous.exists:
        raise EngineError("targets specified, but snapshot was nil")
    known = {r.urn for r in previous.resources}
    for urn in (*Targets(options.targets).literals, *Targets(options.excludes).literals):
        if urn not in known:
            raise EngineError(f"no resource named '{urn}' found")
