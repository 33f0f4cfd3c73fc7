"""The least engine that can converge: it calls the handlers in the order in which Pulumi does, over real HTTP.

https://www.pulumi.com/docs/iac/concepts/how-pulumi-works/
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stripe_client.settings import Settings
from stripe_resources import StripeError
from stripe_resources._core.handler import Handler, connect
from stripe_resources._core.values.schema import UNKNOWN
from stripe_resources.orphans.state import Held
from stripe_resources.register import KINDS
from tests.histories.accidents import Accident, Between, Died, Kill
from tests.histories.handing import take_over
from tests.histories.programs import Args, Names, Program, Ref, options, plain, refs, resolved
from tests.stripe_local.server import LocalStripe


class CheckFailed(Exception):
    """The engine goes no further with what is wrong."""


@dataclass
class Resource:
    """One resource in the state."""

    slot: str
    id: str
    inputs: Args
    outputs: Args
    args: Args
    """As the program declared them, with references."""
    protected: bool = False

    @property
    def options(self) -> Args:
        """Pulumi's, with references."""
        return options(self.args)


@dataclass
class State:
    """In the order in which things were made; what is to be deleted stays in it until it is."""

    resources: list[Resource] = field(default_factory=list)
    leaving: list[Resource] = field(default_factory=list)

    def current(self) -> dict[str, Resource]:
        """The resources that are not on their way out."""
        return {r.slot: r for r in self.resources if r not in self.leaving}

    def forget(self, resource: Resource) -> None:
        self.resources.remove(resource)
        if resource in self.leaving:
            self.leaving.remove(resource)


class HandlerStack:
    """A stack under this engine; each command has a provider process of its own."""

    owner = "p/dev"

    def __init__(self, server: LocalStripe) -> None:
        self._server = server
        self._state = State()

    def ids(self) -> dict[str, str]:
        """The ids of the resources that the stack has."""
        return {slot: r.id for slot, r in self._state.current().items()}

    def known(self) -> set[tuple[str, str]]:
        """(token, id) of all that is in the state."""
        return {(_token(r.slot), r.id) for r in self._state.resources}

    def up(self, program: Program, names: Names, accident: Accident | None = None) -> str:
        """Makes Stripe what the program says. What went wrong, or "". Raises Died where the accident is its end."""
        if accident is not None:
            accident.order(self._server)
        try:
            _Up(self._connect(accident), self._state, program, names, accident).run()
        except (StripeError, CheckFailed) as e:
            return str(e)
        finally:
            self._server.clear_faults()
        return ""

    def refresh(self) -> str:
        """Makes the state what Stripe has. What went wrong, or ""."""
        handlers = self._connect()
        try:
            for resource in list(self._state.resources):
                found = handlers(_token(resource.slot)).read(resource.id, resource.outputs)
                if found is None:
                    self._state.forget(resource)
                else:
                    resource.outputs, resource.inputs = found
        except StripeError as e:
            return str(e)
        return ""

    def saved(self) -> State:
        """The state as it is now."""
        return copy.deepcopy(self._state)

    def restore(self, state: State) -> None:
        self._state = copy.deepcopy(state)

    def lose(self) -> None:
        self._state = State()

    def take_over(self) -> None:
        """The objects of the state are its own, whatever other states found again."""
        take_over(self._server, [Held(_token(r.slot), r.id, r.outputs) for r in self._state.resources])

    def unprotect(self) -> None:
        """Nothing in the state is protected any more."""
        for resource in self._state.resources:
            resource.protected = False

    def unsettled(self, program: Program, names: Names) -> list[str]:
        """What previews would show, without a refresh and with one."""
        found = self._changes(program, names)
        if found:
            return found
        kept = self.saved()
        failure = self.refresh()
        found = [failure] if failure else self._changes(program, names)
        self._state = kept
        return found

    def _changes(self, program: Program, names: Names) -> list[str]:
        handlers, current = self._connect(), self._state.current()
        found = [f"delete {r.slot}" for r in self._state.resources if r in self._state.leaving or r.slot not in program]
        ids: dict[str, Any] = {}
        for slot, args in program.items():
            old = current.get(slot)
            try:
                inputs = checked(handlers(_token(slot)), slot, named(resolved(plain(args), ids), slot, names, options(args)), old)
                difference = handlers(_token(slot)).diff(old.id, old.outputs, inputs) if old else None
            except (StripeError, CheckFailed) as e:
                return [*found, str(e)]
            if old is None or difference:
                found.append(f"{'change' if old else 'create'} {slot}: {difference}")
            ids[slot] = UNKNOWN if old is None or (difference and difference.replaces) else old.id
        return found

    def _connect(self, accident: Accident | None = None) -> Callable[[str], Handler]:
        """Handlers by token, of a new provider process. It dies of a lost connection, where that is what is to happen."""
        settings = Settings("sk_test_local", self._server.url, False, requests_per_second=10_000)

        def sleep(seconds: float) -> None:
            if isinstance(accident, Kill):
                raise Died

        return connect(settings, KINDS, sleep=sleep, say=lambda _: None)


class _Up:
    def __init__(
        self, handlers: Callable[[str], Handler], state: State, program: Program, names: Names, accident: Accident | None
    ) -> None:
        self.handlers, self.state, self.program, self.names = handlers, state, program, names
        self.steps_left = accident.step if isinstance(accident, Between) else 0
        self.ids: dict[str, str] = {}
        self.replaced: set[str] = set()

    def run(self) -> None:
        for slot, args in self.program.items():
            self._register(slot, args)
        gone = [r for r in self.state.resources if r in self.state.leaving or r.slot not in self.program]
        # What depends on others was made after them, so it goes before them.
        for resource in reversed(gone):
            if resource.protected and resource not in self.state.leaving:
                raise CheckFailed(f"{resource.slot} is protected")
            self._delete(resource)

    def _done(self) -> None:
        """A step is done, and not in the state yet."""
        self.steps_left -= 1
        if self.steps_left == 0:
            raise Died

    def _register(self, slot: str, args: Args) -> None:
        handler, old = self.handlers(_token(slot)), self.state.current().get(slot)
        given = options(args)
        known = named(resolved(plain(args), self.ids), slot, self.names, given)
        inputs = checked(handler, slot, known, old)
        if old is None:
            self._create(slot, args, inputs)
        elif self._asked_to_replace(old, given):
            self._replace(old, args, known, bool(given.get("delete_before_replace")))
        else:
            found = handler.diff(old.id, old.outputs, inputs)
            if found.replaces:
                self._replace(old, args, known, bool(given.get("delete_before_replace") or found.delete_before_replace))
            else:
                if found:
                    outputs = handler.update(old.id, old.outputs, inputs)
                    self._done()
                    old.outputs = outputs
                old.inputs, old.args, old.protected = inputs, args, bool(given.get("protect"))
        self.ids[slot] = self.state.current()[slot].id

    def _asked_to_replace(self, old: Resource, given: Args) -> bool:
        """Whether the program wants another object, whatever the provider says."""
        before, now = old.options.get("replacement_trigger"), given.get("replacement_trigger")
        others = {ref.slot for ref in [*given.get("replace_with", []), given.get("deleted_with")] if isinstance(ref, Ref)}
        return bool(before and now and before != now) or bool(others & self.replaced)

    def _replace(self, old: Resource, args: Args, known: Args, first: bool) -> None:
        if old.protected:
            raise CheckFailed(f"{old.slot} is protected")
        inputs = checked(self.handlers(_token(old.slot)), old.slot, known, None)
        if first:
            self._delete_dependents(old.slot)
            self._delete(old)
        self._create(old.slot, args, inputs)
        self.replaced.add(old.slot)
        if not first:
            self.state.leaving.append(old)

    def _create(self, slot: str, args: Args, inputs: Args) -> None:
        id_, outputs = self.handlers(_token(slot)).create(inputs)
        self._done()
        self.state.resources.append(Resource(slot, id_, inputs, outputs, args, bool(options(args).get("protect"))))

    def _delete_dependents(self, slot: str) -> None:
        """Those that would have to be replaced too, if nothing were known of the resource; they are made again later."""
        condemned: list[Resource] = []
        gone = {slot}
        for resource in self.state.current().values():
            if resource.slot in self.ids:
                continue
            touched = [name for name, value in plain(resource.args).items() if refs(value) & gone]
            inputs = {**resource.inputs, **dict.fromkeys(touched, UNKNOWN)}
            if touched and self.handlers(_token(resource.slot)).diff(resource.id, resource.outputs, inputs).replaces:
                gone.add(resource.slot)
                condemned.append(resource)
        for resource in reversed(condemned):
            self._delete(resource)

    def _delete(self, resource: Resource) -> None:
        other = resource.options.get("deleted_with")
        with_other = isinstance(other, Ref) and other.slot not in self.state.current()
        if not with_other and not resource.options.get("retain_on_delete"):
            self.handlers(_token(resource.slot)).delete(resource.id, resource.outputs)
        self._done()
        self.state.forget(resource)


def _token(slot: str) -> str:
    return f"stripe:{slot.partition('/')[0]}"


def named(args: Args, slot: str, names: Names, given: Args) -> Args:
    """The arguments with what a program tells the provider of the resource's name, and of Pulumi's options."""
    told = {"__ignored": given.get("ignore_changes"), "__retained": given.get("retain_on_delete")}
    owner = f"{HandlerStack.owner}/{slot.partition('/')[0]}/{names[slot][-1].name}"
    return {**args, "__owner": owner, **{k: v for k, v in told.items() if v}}


def checked(handler: Handler, slot: str, args: Mapping[str, Any], old: Resource | None) -> Args:
    """The inputs. Raises CheckFailed where the provider refuses them."""
    if old:  # what is ignored is as the state has it
        ignored = args.get("__ignored", ())
        args = {**{k: v for k, v in args.items() if k not in ignored}, **{k: v for k, v in old.inputs.items() if k in ignored}}
    inputs, failures = handler.check(old.inputs if old else {}, args)
    if failures:
        raise CheckFailed("; ".join(f"{slot}.{failure}" for failure in failures))
    return inputs
