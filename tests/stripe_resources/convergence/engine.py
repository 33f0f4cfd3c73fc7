"""The least engine that can converge: it calls the handlers in the order in which Pulumi does, over real HTTP.

https://www.pulumi.com/docs/iac/concepts/how-pulumi-works/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stripe_client.settings import Settings
from stripe_resources import StripeError
from stripe_resources._core.handler import Handler, connect
from stripe_resources._core.values.schema import UNKNOWN, Failure
from stripe_resources.register import KINDS
from tests.stripe_resources.convergence.programs import Args, Program, refs, resolved


@dataclass
class Resource:
    """One resource in the state."""

    slot: str
    id: str
    inputs: Args
    outputs: Args
    needs: set[str]
    """The resources that it refers to."""


@dataclass
class Stack:
    """A state, in the order in which things were made; what is to be deleted stays in it until it is."""

    url: str
    owner = "p/dev"
    resources: list[Resource] = field(default_factory=list)
    leaving: list[Resource] = field(default_factory=list)

    def current(self) -> dict[str, Resource]:
        """The resources that are not on their way out."""
        return {r.slot: r for r in self.resources if r not in self.leaving}

    def ids(self) -> dict[str, str]:
        """The ids of the resources that the stack has."""
        return {slot: r.id for slot, r in self.current().items()}

    # -- commands; each has a provider process of its own

    def up(self, program: Program) -> str:
        """Makes Stripe what the program says. What went wrong, or ""."""
        try:
            _Up(self, program).run()
        except StripeError as e:
            return str(e)
        return ""

    def refresh(self) -> None:
        """Makes the state what Stripe has."""
        handlers = _handlers(self.url)
        for resource in list(self.resources):
            found = handlers(resource.slot).read(resource.id, resource.outputs)
            if found is None:
                self._forget(resource)
            else:
                resource.outputs, resource.inputs = found

    def unsettled(self, program: Program) -> list[str]:
        """What previews would show, without a refresh and with one."""
        found = self._changes(program)
        self.refresh()
        return found or self._changes(program)

    def _changes(self, program: Program) -> list[str]:
        handlers, current = _handlers(self.url), self.current()
        found = [f"delete {r.slot}" for r in self.resources if r in self.leaving or r.slot not in program]
        ids: dict[str, Any] = {}
        for slot, args in program.items():
            old = current.get(slot)
            inputs = _checked(handlers(slot), slot, resolved(args, ids), old)
            difference = handlers(slot).diff(old.id, old.outputs, inputs) if old else None
            if old is None or difference:
                found.append(f"{'change' if old else 'create'} {slot}: {difference}")
            ids[slot] = UNKNOWN if old is None or (difference and difference.replaces) else old.id
        return found

    def _forget(self, resource: Resource) -> None:
        self.resources.remove(resource)
        if resource in self.leaving:
            self.leaving.remove(resource)


class _Up:
    def __init__(self, stack: Stack, program: Program) -> None:
        self.stack, self.program, self.handlers = stack, program, _handlers(stack.url)
        self.ids: dict[str, str] = {}

    def run(self) -> None:
        for slot, args in self.program.items():
            self._register(slot, args)
        gone = [r for r in self.stack.resources if r in self.stack.leaving or r.slot not in self.program]
        # What depends on others was made after them, so it goes before them.
        for resource in reversed(gone):
            self._delete(resource)

    def _register(self, slot: str, args: Args) -> None:
        handler, old = self.handlers(slot), self.stack.current().get(slot)
        known = resolved(args, self.ids)
        inputs = _checked(handler, slot, known, old)
        if old is None:
            self._create(slot, args, inputs)
        else:
            found = handler.diff(old.id, old.outputs, inputs)
            if found.replaces:
                inputs = _checked(handler, slot, known, None)
                if found.delete_before_replace:
                    self._delete_dependents(slot)
                    self._delete(old)
                self._create(slot, args, inputs)
                if not found.delete_before_replace:
                    self.stack.leaving.append(old)
            else:
                if found:
                    old.outputs = handler.update(old.id, old.outputs, inputs)
                old.inputs, old.needs = inputs, refs(args)
        self.ids[slot] = self.stack.current()[slot].id

    def _create(self, slot: str, args: Args, inputs: Args) -> None:
        id_, outputs = self.handlers(slot).create(inputs)
        self.stack.resources.append(Resource(slot, id_, inputs, outputs, refs(args)))

    def _delete_dependents(self, slot: str) -> None:
        """Those that would have to be replaced too, if nothing were known of the resource; they are made again later."""
        for resource in reversed(list(self.stack.current().values())):
            if slot in resource.needs and resource.slot not in self.ids:
                unknown = {s: UNKNOWN if s == slot else r.id for s, r in self.stack.current().items()}
                args = self.program.get(resource.slot)
                if args is None or not refs(args) <= unknown.keys():
                    continue
                inputs = _checked(self.handlers(resource.slot), resource.slot, resolved(args, unknown), resource)
                if self.handlers(resource.slot).diff(resource.id, resource.outputs, inputs).replaces:
                    self._delete_dependents(resource.slot)
                    self._delete(resource)

    def _delete(self, resource: Resource) -> None:
        self.handlers(resource.slot).delete(resource.id, resource.outputs)
        self.stack._forget(resource)


def _handlers(url: str) -> Any:
    """Handlers by resource, of a new provider process."""
    settings = Settings("sk_test_x", url, False, requests_per_second=10_000)
    by_token = connect(settings, KINDS, sleep=lambda _: None, say=lambda _: None)
    return lambda slot: by_token(f"stripe:{slot.partition('/')[0]}")


def _checked(handler: Handler, slot: str, args: Args, old: Resource | None) -> Args:
    inputs, failures = handler.check(old.inputs if old else {}, {**args, "__owner": f"{Stack.owner}/{slot}"})
    assert failures == [], [Failure.__str__(f) for f in failures]
    return inputs
