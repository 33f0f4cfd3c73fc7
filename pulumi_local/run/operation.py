"""One preview, update, refresh or destroy: from a request to an exit, around the engine."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from pulumi_local.errors import CANCELLED, UNEXPECTED_CHANGES, EngineError, Reported, Signalled
from pulumi_local.interfaces import Cancellation, ConfigValue, Event, Options, Project, Result
from pulumi_local.project.config import schema, values
from pulumi_local.project.config.keys import Key
from pulumi_local.project.workspace import Stack
from pulumi_local.request import Kind, Request
from pulumi_local.state import edit
from pulumi_local.state.backend.file import StackState
from pulumi_local.state.secrets import PassphraseSecrets

from . import plan_file, prompt
from .interrupts import Interrupts

if TYPE_CHECKING:
    from pulumi_local.display import Display
    from pulumi_local.policy.analyzer import PackProcess

NOT_CHANGES = frozenset({"same", "read", "discard", "read-replacement"})


def perform(request: Request) -> None:
    """Runs one command. Raises EngineError (with the exit code) for everything but success."""
    owner = request.stack.workspace.project
    project = owner.for_engine()
    opened = _unlocked(request.stack)
    config = _configuration(request, opened)
    run = _Run(request, project, opened, config)
    result: Result | None
    try:
        if request.dry:
            result = run.phase(request.options, locked=False)
        else:
            with request.stack.workspace.backend.lock(request.stack.reference).held():
                if request.clear_pending_creates:
                    _clear_pending_creates(request.stack)
                result = run.locked()
    except Signalled as e:
        e.outcome = e.outcome or f"the {request.kind.value} {'was over' if run.over else 'had not begun'}"
        raise
    if result and request.expect_no_changes and has_changes(result.changes):
        raise EngineError(f"no changes were expected for {request.kind.value} but changes were proposed", UNEXPECTED_CHANGES)
    if result and result.plan is not None and request.save_plan is not None:
        plan_file.write(request.save_plan, {**result.plan, "config": run.planned_config()})
        if not request.view.as_json:
            print(plan_file.hint(request.save_plan), file=sys.stderr, flush=True)  # noqa: T201


def _unlocked(stack: Stack) -> PassphraseSecrets:
    """The stack's secrets. Deriving the key takes a good part of a second, in which the engine can be imported."""
    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(stack.secrets)
        import_module("pulumi_local.engine")
        return opening.result()


def has_changes(changes: Mapping[str, int]) -> bool:
    """Whether anything but looking happened."""
    return any(count for op, count in changes.items() if op not in NOT_CHANGES)


def _configuration(request: Request, opened: PassphraseSecrets) -> dict[Key, values.Raw]:
    """The stack's configuration over the project's defaults; checked where the program is going to run."""
    owner, stack = request.stack.workspace.project, request.stack
    config = schema.with_defaults(owner.config, stack.settings.config)
    if request.kind in (Kind.PREVIEW, Kind.UPDATE, Kind.IMPORT) or request.options.run_program:
        schema.validate(owner.config, config, owner.name, stack.reference.name, opened.decrypt)
    return config


def _clear_pending_creates(stack: Stack) -> None:
    state = StackState(stack.workspace.backend, stack.reference)
    deployment = state.load() or {}
    pending = deployment.get("pending_operations") or []
    kept = [p for p in pending if p.get("type") != "creating"]
    if len(kept) != len(pending):
        state.save({**deployment, "pending_operations": kept})


def _refuse_unread(kind: Kind, why: OSError, result: Result, *, preview: bool) -> None:
    """Nobody reads the output, so standard error has to say what became of the resources."""
    changed = sum(count for op, count in result.changes.items() if op not in NOT_CHANGES and op != "refresh")
    done = "" if preview else f"; resources changed: {changed}"
    raise EngineError(
        f"the output cannot be written ({why.strerror}): the {kind.value} {'ended' if result.ok else 'was cancelled'}{done}"
    )


@dataclass
class _Run:
    """The phases of one command."""

    request: Request
    project: Project
    secrets: PassphraseSecrets
    config: Mapping[Key, values.Raw]
    over: bool = False
    """Whether the operation, and not only its preview, has been carried out."""

    def locked(self) -> Result | None:
        """Preview, question, operation, history; the stack is locked. None where there was nothing to do."""
        request, options = self.request, self.request.options
        kept = edit.held_by_protection(request.stack.load()) if request.exclude_protected else []
        if request.exclude_protected:
            resources = request.stack.load().get("resources") or []
            if kept and len(kept) == len(resources):
                self._say(
                    f"There were no unprotected resources to destroy. There are still {len(kept)} protected resources associated "
                    "with this stack."
                )
                return None
            options = dataclasses.replace(options, excludes=(*options.excludes, *kept))
        if not request.skip_preview:
            events: list[Event] = []
            self.phase(dataclasses.replace(options, preview=True), locked=True, events=events)
            if not request.confirmed:
                prompt.confirm(request.kind.operation, events, request.view)
        result = self.phase(options, locked=True)
        if request.kind is Kind.DESTROY and not request.options.targets:
            self._after_destroy(len(kept))
        return result

    def _after_destroy(self, still_protected: int) -> None:
        if still_protected:
            self._say(
                f"All unprotected resources were destroyed. There are still {still_protected} protected resources associated "
                "with this stack."
            )
            return
        self._say(
            "The resources in the stack have been deleted, but the history and configuration associated with the stack are still "
            f"maintained. \nIf you want to remove the stack completely, run `pulumi stack rm {self.request.stack.shown}`."
        )

    def _say(self, text: str) -> None:
        if not self.request.view.as_json:
            print(text, flush=True)  # noqa: T201

    def phase(self, options: Options, *, locked: bool, events: list[Event] | None = None) -> Result:
        """One run of the engine, shown as it goes. Raises `Reported` where it failed."""
        from pulumi_local import display, engine

        request = self.request
        cancellation = Cancellation()
        unread: list[OSError] = []

        def gone(error: OSError) -> None:
            unread.append(error)
            cancellation.stop.set()

        shown = display.open_display(request.kind, request.stack, options, request.view, gone)
        started = int(time.time())
        state = StackState(request.stack.workspace.backend, request.stack.reference)
        with Interrupts(cancellation, shown.emit, preview=options.preview) as interrupts:
            try:
                with self._analyzers(options, shown) as (analyzers, packs):

                    def emit(event: Event) -> None:
                        if packs and "summaryEvent" in event:
                            event = {**event, "summaryEvent": {**event["summaryEvent"], "PolicyPacks": packs}}
                        shown.emit(event)
                        if events is not None:
                            events.append(event)

                    def work() -> Result:
                        return engine.run(
                            self.project,
                            request.stack.reference.name,
                            self._values(),
                            state,
                            self.secrets,
                            options,
                            emit,
                            analyzers,
                            cancellation,
                        )

                    def abandon() -> None:
                        for pack in analyzers:
                            pack.abandon()

                    result = interrupts.run(work, abandon)
            finally:
                state.close()
                shown.close()
            if not options.preview:
                self._record(result, started)
                self.over = True
        if unread:
            _refuse_unread(request.kind, unread[0], result, preview=options.preview)
        self._judge(result, cancellation)
        self._permalink()
        return result

    @contextlib.contextmanager
    def _analyzers(self, options: Options, shown: Display) -> Iterator[tuple[Sequence[PackProcess], dict[str, str]]]:
        """The policy packs at work, and how summaries list them: name and folder, version."""
        if not self.request.policy_packs or options.operation != "update":
            yield (), {}
            return
        from pulumi_local.policy.pack import ConfigurationRefused, Deployed
        from pulumi_local.policy.pack import started as started_packs

        shown.emit({"policyLoadEvent": {}})
        stack = self.request.stack.reference.name
        try:
            deployed = Deployed(self.project, stack, self._values(), options.preview)
            with started_packs(self.request.policy_packs, deployed) as running:
                yield running, {pack.event_name: pack.version for pack in running}
        except ConfigurationRefused as e:
            for message in e.messages:
                payload = {"severity": "error", "prefix": "error: ", "message": f"{message}\n", "color": "never"}
                shown.emit({"diagnosticEvent": payload})
            raise

    def _values(self) -> dict[str, ConfigValue]:
        decrypt = self.secrets.decrypt
        return {str(k): ConfigValue(values.text(v, decrypt), values.has_secret(v)) for k, v in self.config.items()}

    def planned_config(self) -> dict[str, values.Raw]:
        """The configuration as plans have it: secrets encrypted, plain values as texts."""
        raw = {str(k): v for k, v in self.config.items()}
        return {k: v if isinstance(v, dict | list) else values.text(v, self.secrets.decrypt) for k, v in raw.items()}

    def _judge(self, result: Result, cancellation: Cancellation) -> None:
        if result.ok:
            return
        if cancellation.terminate.is_set():
            raise EngineError(f"{self.request.kind.value} cancelled", CANCELLED)
        if result.bailed:
            raise EngineError(result.bailed)
        raise Reported

    def _record(self, result: Result, started: int) -> None:
        request = self.request
        outcome: Literal["succeeded", "failed"] = "succeeded" if result.ok else "failed"
        update: dict[str, Any] = {
            "kind": request.kind.recorded,
            "startTime": started,
            "message": request.message,
            "environment": {"exec.kind": "pulumi_local"},
            "config": {str(k): v for k, v in request.stack.settings.config.items()},
            "version": 0,
            "result": outcome,
            "endTime": int(time.time()),
            "resourceChanges": dict(result.changes),
        }
        request.stack.workspace.backend.record(request.stack.reference, update)

    def _permalink(self) -> None:
        if self.request.view.permalink:
            path = self.request.stack.workspace.backend.path(self.request.stack.reference)
            self._say(f"Permalink: file://{path}?no_tmp_dir=true")
