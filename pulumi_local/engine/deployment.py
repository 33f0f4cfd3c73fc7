"""What all parts of one run share."""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_local import urns
from pulumi_local.engine import diff, paths
from pulumi_local.engine.diff import DiffResult
from pulumi_local.engine.errors import DiffUnavailable, RunError
from pulumi_local.engine.events import Events
from pulumi_local.engine.goals import Goal
from pulumi_local.engine.graph import DependencyGraph
from pulumi_local.engine.hosts import Provider
from pulumi_local.engine.journal import Journal
from pulumi_local.engine.planning import Planning
from pulumi_local.engine.plans import Plan
from pulumi_local.engine.registry import Registry
from pulumi_local.engine.state import Previous, ResourceState
from pulumi_local.engine.values import PropertyMap, Value, copy_map, describe
from pulumi_local.interfaces import Analyzer, Options
from pulumi_local.urns import Targets


class Deployment:
    """The state before, the options, the providers, and what is known so far of the new state."""

    def __init__(
        self,
        *,
        stack: str,
        project: str,
        options: Options,
        previous: Previous,
        registry: Registry,
        events: Events,
        journal: Journal,
        analyzers: Sequence[Analyzer],
        plan: Plan | None = None,
    ) -> None:
        """`plan`: what the run may do at most."""
        self.stack, self.project, self.options = stack, project, options
        self.previous = previous
        self.registry = registry
        self.events = events
        self.journal = journal
        self.analyzers = analyzers
        self.planning = Planning(plan, {} if options.make_plan else None)
        self.targets = Targets(options.targets)
        self.excludes = Targets(options.excludes)
        self.replace_targets = Targets(options.replaces)
        self.inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        """What the main loop acts on: requests of the program, continuations, wake-ups (None)."""
        self.changes: dict[str, int] = {}
        self.seen_steps = 0
        self.news: dict[str, ResourceState] = {}
        self.tied_news: dict[str, ResourceState] = {}
        """Those of `news` that are replaced or deleted with another resource."""
        self.goals: dict[str, Goal] = {}
        self.stopping = threading.Event()
        """No new steps: the user asked so."""
        self.leaving = threading.Event()
        """Leave at once: the user asked twice."""
        self._lock = threading.Lock()
        self.index()

    def index(self) -> None:
        """Indexes the state before; again after a refresh changed it."""
        self.olds: dict[str, ResourceState] = {}
        self.all_olds: dict[str, list[ResourceState]] = {}
        for r in self.previous.resources:
            self.all_olds.setdefault(r.urn, []).append(r)
            if not r.delete:
                if r.urn in self.olds:
                    raise RunError(f"unexpected duplicate resource '{r.urn}'")
                self.olds[r.urn] = r
        self.tied_olds = [r for r in self.olds.values() if r.is_tied]
        self.graph = DependencyGraph(self.previous.resources)

    def register(self, new: ResourceState) -> None:
        """A resource exists now, or will."""
        self.news[new.urn] = new
        if new.is_tied:
            self.tied_news[new.urn] = new
        else:
            self.tied_news.pop(new.urn, None)

    @property
    def preview(self) -> bool:
        """Whether this only previews."""
        return self.options.preview

    def urn(self, parent: str, type_: str, name: str) -> str:
        """The URN of a resource of this stack."""
        return urns.child(self.stack, self.project, parent, type_, name)

    def count(self, op: str) -> None:
        """Counts a step that is done."""
        with self._lock:
            self.seen_steps += 1
            self.changes[op] = self.changes.get(op, 0) + 1

    # -- providers

    def provider_of(self, state: ResourceState) -> Provider:
        """The provider of a custom resource. Raises RunError if it is not there."""
        provider = self.registry.get(state.provider)
        if provider is None:
            raise RunError(f"unknown provider '{state.provider}' for resource {state.urn}", state.urn)
        return provider

    def old_provider(self, state: ResourceState) -> ResourceState | None:
        """The provider instance that a resource refers to, in the state before."""
        found = self.olds.get(state.provider_urn)
        return found if found is not None and state.provider == found.reference else None

    def ensure_provider(self, reference: str) -> None:
        """Starts a provider from the state before, if it does not run. Raises RunError if it is not in that state."""
        if not reference or self.registry.get(reference) is not None:
            return
        urn, id_ = urns.split_reference(reference)
        state = next((r for r in self.previous.resources if r.urn == urn and r.id == id_), None)
        if state is None:
            raise RunError(f"could not find provider {reference}")
        self.registry.same(state, checked=False)

    def check(self, state: ResourceState, olds: PropertyMap, news: PropertyMap) -> tuple[PropertyMap, bool]:
        """The provider's check of a custom resource's inputs; False if they are invalid, which is reported."""
        if state.is_provider:
            return self.registry.check(state.urn, news), True
        provider = self.provider_of(state)
        inputs, failures = provider.check(state.urn, olds, news, preview=self.preview)
        for f in failures:
            self.events.error(self.failure(state, inputs, f.property, f.reason), state.urn)
        return inputs, not failures

    @staticmethod
    def failure(state: ResourceState, inputs: Mapping[str, Value], name: str, reason: str) -> str:
        """The message about an invalid input; without a name, about the resource."""
        head = f"{state.type} resource '{state.name}'"
        if not name:
            return f"{head} has a problem: {reason}"
        return f"{head}: property {name} value {describe(inputs.get(name))} has a problem: {reason}"

    def diff(
        self,
        state: ResourceState,
        old: ResourceState,
        new_inputs: PropertyMap,
        ignore_changes: list[str],
        *,
        unknowns: bool,
    ) -> DiffResult:
        """The provider's diff, or the engine's own where the provider has no opinion."""
        if state.is_provider:
            return self.registry.diff(old.outputs or {}, new_inputs)
        provider = self.provider_of(state)
        if not provider.known:
            raise DiffUnavailable(
                "The provider for this resource has inputs that are not known during preview.\n"
                "This preview may not correctly represent the changes that will be applied during an update."
            )
        result = provider.diff(state.urn, old, new_inputs, ignore_changes, unknowns=unknowns)
        if result.changes != "unknown":
            return result
        own = diff.of_inputs(old.inputs, self.ignore_changes(state.urn, new_inputs, old.inputs, ignore_changes))
        return DiffResult(own.changes, result.replace_keys, own.changed_keys, own.detailed, result.delete_before_replace)

    def ignore_changes(self, urn: str, inputs: PropertyMap, old_inputs: PropertyMap, ignored: Sequence[str]) -> PropertyMap:
        """The inputs, with what is ignored as it was."""
        if not ignored:
            return inputs
        result = copy_map(inputs)
        impossible = []
        for text in ignored:
            try:
                path = paths.parse(text)
            except ValueError:
                continue
            if not paths.reset(path, old_inputs, result):
                impossible.append(text)
        if impossible:
            found = ", ".join(impossible)
            self.events.diagnostic("info", f'cannot ignore changes in added or removed elements of the path: "{found}"', urn)
        return result

    def warn_of_pending_operations(self) -> None:
        """Says which operations of an earlier run are in an unknown state."""
        pending = self.previous.pending
        lines = "".join(f"  * {p['resource']['urn']}, interrupted while {p['type']}\n" for p in pending)
        self.events.warning(
            f"Attempting to deploy or update resources with {len(pending)} pending operations from previous deployment.\n"
            f"{lines}"
            "These resources are in an unknown state because the Pulumi CLI was interrupted while "
            "waiting for changes to these resources to complete. You should confirm whether or not the "
            "operations listed completed successfully by checking the state of the appropriate provider. "
            "For example, if you are using AWS, you can confirm using the AWS Console.\n"
            "\n"
            "Once you have confirmed the status of the interrupted operations, you can repair your stack "
            "using `pulumi refresh` which will refresh the state from the provider you are using and "
            "clear the pending operations if there are any.\n"
            "\n"
            "Note that `pulumi refresh` will need to be run interactively to clear pending CREATE operations."
        )
