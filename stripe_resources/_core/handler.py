"""check, diff, create, read, update and delete for one kind of resource."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from stripe_client.client import Client
from stripe_client.errors import ConfigurationError, NotAllowed, Refused, StripeError, Unreachable
from stripe_client.settings import Settings

from . import secrecy
from .behaviour import Behaviour, Retirement, Update, Values, checked
from .creation import Creation
from .existing import Existing
from .ledger import Ledger
from .leftovers import Leftovers
from .lineage import Held, Lineage
from .objects import Objects
from .reads import Reads
from .register import Kind
from .values import options, ownership, parameters
from .values.check import shown
from .values.outputs import everything_of, inputs_of, told_once, unsent
from .values.schema import Difference, Failure


class Handler:
    """The six verbs. One instance serves all resources of its kind in one process, from several threads."""

    def __init__(
        self,
        behaviour: Behaviour,
        settings: Settings,
        client: Client,
        existing: Existing,
        leftovers: Leftovers,
        lineage: Lineage,
        forced: Callable[[str], bool] = lambda owner: False,
        say: Callable[[str], None] = print,
    ) -> None:
        self.schema, self.behaviour = behaviour.schema, behaviour
        self._settings, self._client, self._hasty = settings, client, existing.hasty

        def say_masked(line: str) -> None:
            say(secrecy.masked(line))

        self._say = say_masked
        self._objects = Objects(behaviour, client)
        self._ledger = Ledger(forced)
        self._reads = Reads(self.schema, client)
        self._leftovers, self._lineage, self._held = leftovers, lineage, Held(self._objects, existing)
        self._creation = Creation(
            self._objects, self._ledger, existing, leftovers, self._held, lineage, self._ask_permission, self._say
        )

    # -- verbs that ask Stripe nothing, save for what a resource is to adopt, and for what a live stack must not retire

    def check(self, olds: Values, news: Values) -> tuple[dict[str, Any], list[Failure]]:
        """The inputs in their one form, and every failure at once: settings, types, limits, Stripe's rules across fields."""
        with secrecy.kept(news):
            inputs, failures = self._checked(olds, news)
            return inputs, secrecy.told(failures)

    def _checked(self, olds: Values, news: Values) -> tuple[dict[str, Any], list[Failure]]:
        failures = [Failure("", problem) for problem in self._settings.problems or self._other_account()]
        inputs, found = checked(self.behaviour, news, olds or None)
        failures += found
        if not self._ledger.place(news):
            failures.append(Failure("", ownership.declared_twice(self.schema.kind, ownership.owner_of(news))))
        if generation := self._generation(olds, news):
            inputs[options.GENERATION] = generation
        self._ledger.remember(news, wanted=inputs)
        if self.schema.key and (first := self._ledger.same_key(self.schema.key, inputs)):
            failures.append(self._declared_twice(self.schema.key.field, inputs, first))
        if olds:
            self._ledger.remember(news, inputs=olds)
        elif not failures:
            failures += self._creation.failures(inputs)
        return inputs, failures

    def _other_account(self) -> list[str]:
        """What a deployment would say of the account first, as far as Stripe can be asked at once."""
        try:
            self._hasty.verify()
        except Unreachable:
            return []
        except StripeError as e:
            return [str(e)]
        return []

    def _declared_twice(self, field: str, inputs: Values, first: str) -> Failure:
        names = f'"{ownership.name_of(first)}" and "{ownership.name_of(ownership.owner_of(inputs))}"'
        return Failure(field, f"{shown(inputs[field])} is that of both {names}; Stripe takes it once: give each its own")

    def _generation(self, olds: Values, news: Values) -> int:
        if olds:
            return options.generation(olds)
        history = self._ledger.history(news)
        known = options.generation(history.inputs or {})
        return known + 1 if history.inputs is not None and history.unannounced else known

    def diff(self, id_: str, olds: Values, news: Values) -> Difference:
        """What an update would change, and whether only a new object can have it. `olds` are outputs."""
        with self._named(news, "compared"):
            self._held.hold(id_, olds)
            changes = self._objects.changes(olds, news)
            self._ledger.remember(news, id=id_, replacing=bool(changes.replaces))
            # A refresh asks for differences too, and so does the engine for what depends on an object that has to go first, by
            # the name that the state has: nothing was checked before. These only report.
            if self._ledger.history(news).wanted is not None:
                self._ledger.hold(id_, ownership.owner_of(news))
                if changes.replaces:
                    self._ask_permission(id_, news)
                if changes and (notice := self.behaviour.notice(olds, news)):
                    self._say(f"{self._objects.title(news)}: {notice}")
        return changes

    # -- verbs that talk to Stripe

    def create(self, inputs: Values) -> tuple[str, dict[str, Any]]:
        """Creates the object; (id, outputs)."""
        with self._named(inputs, "created"):
            history = self._ledger.history(inputs)
            live, told = self._creation.object_for(inputs, history)
            id_ = str(live["id"])
            self._ledger.remember(inputs, made=id_)
            self._held.made(id_)
            if self._ledger.found(id_):
                outputs = self._brought_in_line(live, inputs)
            else:
                late = parameters.late_params(self.schema, inputs)
                if late:
                    live = self._objects.post(id_, late, inputs)
                outputs = self._objects.outputs(inputs, live)
            left = not history.unannounced and self._creation.retire_leftovers(id_, inputs, history)
            self._leftovers.done(id_)
            if left or self._ledger.found(id_):  # the state was lost, or a run has died
                self._leftovers.look(ownership.stack_of(ownership.owner_of(inputs)))
            return id_, {**told, **outputs}

    def read(self, id_: str, outputs: Values) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """(outputs, inputs) as Stripe has them now; None for an object that is gone.

        Raises StripeError where the program names the id of one that is not there.
        """
        with self._named(outputs, "read"):
            expand = self.behaviour.expand(outputs)
            live = self._reads.live(id_, outputs, expand, lambda: self._objects.live(id_, outputs))
            new = "livemode" not in outputs  # only its id was named
            if live is not None:
                self._held.compare(live, self._objects.marked(outputs, live) if new else outputs)
            if live is None or self._objects.over(live, outputs):
                if new and ownership.owner_of(outputs):  # the program reads it; a host's answer cannot say that it is not there
                    raise StripeError(f"{id_} is not a {self.schema.kind} in use that this key sees; give the id of one")
                return None
            if new:
                found = {**everything_of(self.schema, self.behaviour.seen(live)), **{n: outputs[n] for n in self.schema.below}}
                return self._objects.marked(found, live), {}
            found = self._objects.outputs(outputs, live)
            return found, inputs_of(self.schema, found, outputs)

    def update(self, id_: str, olds: Values, news: Values) -> dict[str, Any]:
        """Brings the object in line with the inputs; the outputs. `olds` are outputs."""
        with self._named(news, "updated"):
            if lineage := ownership.lineage_of(olds):
                news = {**news, ownership.LINEAGE: lineage}
            olds, news = self._as_ignored(id_, olds, news)
            updated = self._updated(id_, olds, news, self._objects.changes(olds, news))
            self._leftovers.done(id_)
            return {**told_once(self.schema, olds), **updated}

    def _brought_in_line(self, live: Values, inputs: Values) -> dict[str, Any]:
        olds = self._objects.seen(live, inputs)
        if self.schema.tagged:
            inputs = {**inputs, ownership.LINEAGE: self._lineage.mark}
        inputs = options.kept(self.schema, olds, inputs)
        changes = self._objects.changes(olds, inputs)
        return self._updated(str(live["id"]), olds, inputs, changes) if changes else self._objects.outputs(inputs, live)

    def _as_ignored(self, id_: str, olds: Values, news: Values) -> tuple[Values, Values]:
        """Outputs and inputs that have what is ignored as Stripe has it now: an update can send it along with the rest, as a list
        goes as a whole."""
        if options.IGNORED not in news:
            return olds, news
        live = self._objects.live(id_, olds)
        now = olds if live is None else self._objects.outputs(olds, live)
        return options.refreshed(self.schema, olds, now, news), options.kept(self.schema, now, news)

    def _updated(self, id_: str, olds: Values, news: Values, changes: Difference) -> dict[str, Any]:
        path, sleeps = self._objects.path(id_, olds), self.schema.lifecycle.sleeps(olds)
        params = parameters.update_params(self.schema, olds, news, changes)
        if (params or sleeps) and not self._ledger.found(id_):
            self._held.verify(id_, olds)
        revived: Values | None = None
        if sleeps:
            revived = self._client.post(f"{path}{self.schema.lifecycle.revive}", {}).body

        def send(params: Values) -> Values | None:
            return self._objects.post(id_, parameters.named(self.schema, params, news), news) if params else None

        live = self.behaviour.update(Update(self._client, path, olds, news, params, send))
        if live is None and revived is not None:  # that request includes nothing
            live = self._objects.live(id_, news) if self.schema.expand else revived
        return unsent(self.schema, olds, news) if live is None else self._objects.outputs(news, live)

    def delete(self, id_: str, outputs: Values) -> None:
        """Retires the object: deletes, deactivates, archives or cancels it. One that is gone already counts as done."""
        with self._named(outputs, "deleted"):
            holder, known = self._ledger.holder(id_, outputs)
            if self._ledger.freed(id_):
                return  # there cannot be two with this id: the old one went before the new one was made
            moved_on = known.made not in ("", id_)
            if self._ledger.found(id_) or (not ownership.same(ownership.owner_of(outputs), holder) and not moved_on):
                # It is another resource's by now, which adopted it; or a replacement that nothing announced (`pulumi state
                # taint`) was taken for a run that had died after Stripe's answer, and got the object that was there; or it is
                # a part of another object, and was set anew under another name. Retiring it would leave the stack without any.
                self._say(f"{self._objects.title(outputs)}: {id_} stays, it is in use in this stack")
                return
            retirement = self._retirement(id_, outputs)
            self._ask_permission(id_, retirement.wanted or outputs)
            self._held.verify(id_, outputs)
            try:
                self.behaviour.retire(self._client, self._objects.path(id_, outputs), retirement)
            except Refused as e:
                if not e.missing:
                    raise
            successor = retirement.successor
            if successor and retirement.wanted is not None:
                history = replace(self._ledger.history(retirement.wanted), id=id_)
                self._creation.retire_leftovers(successor, retirement.wanted, history)
            if known.inputs is None:
                # Where the old object has to go first, nothing but this tells a create that it makes a replacement.
                self._ledger.remember(outputs, inputs=outputs)

    # -- live stacks

    def _ask_permission(self, id_: str, values: Values) -> None:
        """Raises NotAllowed where a live stack would retire what somebody is billed by, and was not told that it may."""
        kind = self.schema.kind
        if not self._settings.livemode or kind in self._settings.allow_delete:
            return
        stack = ownership.stack_of(ownership.owner_of(values))
        objection = self.schema.irreversible or self.behaviour.objection(self._client, id_, values, stack)
        if objection:
            allowed = ",".join([*self._settings.allow_delete, kind])
            raise NotAllowed(
                f"this is a live stack, and {objection}; allow it with `pulumi config set stripe:allowDelete {allowed}`, "
                "or let Pulumi forget the object without retiring it: retain_on_delete=True"
            )

    # -- small things

    def _retirement(self, id_: str, outputs: Values) -> Retirement:
        known = self._ledger.holder(id_, outputs)[1]
        successor = next((i for i in (known.made, known.id) if i and i != id_), "")
        return Retirement(id_, outputs, successor, known.wanted, self._say)

    @contextmanager
    def _named(self, values: Values, done: str) -> Iterator[None]:
        """Puts the resource's name before an error."""
        with secrecy.kept(values):
            try:
                yield
            except ConfigurationError:
                raise
            except StripeError as e:
                e.args = (f"{self._objects.title(values)} could not be {done}: {secrecy.masked(str(e))}",)
                raise e from None  # what it was told by is in it


def connect(
    settings: Settings,
    kinds: Mapping[str, Kind],
    forced: Callable[[str], bool] = lambda owner: False,
    sleep: Callable[[float], None] = time.sleep,
    say: Callable[[str], None] = print,
) -> Callable[[str], Handler]:
    """Handlers by token, over one client. `sleep` is how retries wait, `say` tells the user one line."""
    client, leftovers, lineage = Client(settings, sleep), Leftovers(), Lineage()
    hasty = client.hasty()

    def handler(kind: Kind) -> Handler:
        existing = Existing(kind.schema, client, hasty)
        return Handler(kind.behaviour, settings, client, existing, leftovers, lineage, forced, say)

    return {token: handler(kind) for token, kind in kinds.items()}.__getitem__
