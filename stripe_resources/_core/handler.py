"""check, diff, create, read, update and delete for one kind of resource."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from . import adoption, shape
from .adoption import ADOPT, conflicts
from .behaviour import Behaviour, History, Retirement, Values
from .check import normalize
from .client import Client
from .compare import difference
from .errors import ConfigurationError, NotAllowed, Refused, StripeError
from .existing import Existing, tag_of
from .reads import Reads
from .schema import UNKNOWN, Difference, Failure, Schema
from .settings import Settings

MAX_TRIES = 30
"""How many dead predecessors a create goes past before it gives up; each destroy within a day leaves one."""


class Handler:
    """The six verbs. One instance serves all resources of its kind in one process, from several threads."""

    def __init__(
        self,
        schema: Schema,
        behaviour: Behaviour,
        settings: Settings,
        client: Client,
        forced: Callable[[str], bool] = lambda owner: False,
        say: Callable[[str], None] = print,
    ) -> None:
        self.schema, self.behaviour = schema, behaviour
        self._settings, self._client, self._forced, self._say = settings, client, forced, say
        self._lock = threading.Lock()
        self._reads = Reads(schema, client)
        self._histories: dict[str, History] = {}
        self._existing = Existing(schema, behaviour, client)
        self._made: set[str] = set()
        self._found: set[str] = set()
        self._holders: dict[str, str] = {}
        """By id: the resource that has the object in the state, as far as this process has seen."""

    # -- verbs that ask Stripe nothing, save for what a resource is to adopt, and for what a live stack must not retire

    def check(self, olds: Values, news: Values) -> tuple[dict[str, Any], list[Failure]]:
        """The inputs in their one form, and every failure at once: settings, types, limits, Stripe's rules across fields."""
        failures = [Failure("", problem) for problem in self._settings.problems]
        inputs, wrong_types = normalize(self.schema, news)
        failures += wrong_types
        broken = {f.path.partition("[")[0].partition(".")[0] for f in wrong_types}
        sound = {k: v for k, v in inputs.items() if k not in broken}
        missing = {name: UNKNOWN for name in broken if name in self.schema.fields}
        failures += self.behaviour.rules({**sound, **missing}, creating=not olds)
        if olds:
            failures += self.behaviour.transition(olds, {**sound, **missing})
            self._remember(news, inputs=olds)
        elif inputs.get(ADOPT) and not failures:
            failures += self._adoption_failures(inputs)
        self._remember(news, wanted=inputs)
        return inputs, failures

    def diff(self, id_: str, olds: Values, news: Values) -> Difference:
        """What an update would change, and whether only a new object can have it. `olds` are outputs."""
        self._remember(news, id=id_)
        with self._named(news, "compared"):
            self._hold(id_, shape.owner_of(news))
            changes = self._changes(olds, news)
            # A refresh asks for differences too, and checks nothing before: it only reports.
            if changes.replaces and self._history(news).wanted is not None:
                self._ask_leave(id_, news)
        return changes

    # -- verbs that talk to Stripe

    def create(self, inputs: Values) -> tuple[str, dict[str, Any]]:
        """Creates the object; (id, outputs)."""
        with self._named(inputs, "created"):
            history = self._history(inputs)
            found = self._beginning(inputs, history)
            live = found or self._made_otherwise(inputs) or self._created(inputs, history)
            id_ = str(live["id"])
            self._remember(inputs, made=id_)
            if id_ in self._found:
                outputs = self._brought_in_line(live, inputs)
            else:
                late = shape.late_params(self.schema, inputs)
                if late:
                    live = self._client.post(self._path(id_), self._expanded(late, inputs)).body
                outputs = self._outputs(inputs, live)
            if not history.forced:
                self._retire_leftovers(id_, inputs, history)
            return id_, outputs

    def read(self, id_: str, outputs: Values) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """(outputs, inputs) as Stripe has them now; None for an object that is gone."""
        with self._named(outputs, "read"):
            expand = self.behaviour.expand(self.schema, outputs)
            live = self._reads.live(id_, outputs, expand, lambda: self._live(id_, outputs))
            if live is None or self._over(live, outputs):
                return None
            if "livemode" not in outputs:  # an object that was only named by its id: everything is news
                return shape.everything_of(self.schema, self.behaviour.live(live)), {}
            found = self._outputs(outputs, live)
            return found, shape.inputs_of(self.schema, found, outputs)

    def update(self, id_: str, olds: Values, news: Values) -> dict[str, Any]:
        """Brings the object in line with the inputs; the outputs. `olds` are outputs."""
        with self._named(news, "updated"):
            return self._updated(id_, olds, news)

    def _updated(self, id_: str, olds: Values, news: Values) -> dict[str, Any]:
        prepared = self.behaviour.prepare(self._client, self._path(id_), olds, news)
        changes = self.behaviour.adjust(difference(self.schema, olds, news), olds, news)
        params = shape.update_params(self.schema, olds, news, changes)
        params = self.behaviour.update_params(params, olds, news, prepared)
        if params:
            return self._outputs(news, self._posted(id_, shape.named(self.schema, params, news), news))
        if prepared is not None:
            return self._outputs(news, prepared)
        return shape.unsent(self.schema, olds, news)

    def _posted(self, id_: str, params: Values, news: Values) -> Values:
        path = self._path(id_)
        try:
            return self._client.post(path, self._expanded(params, news)).body
        except Refused as e:
            instead = self.behaviour.recover_update(self._client, self.schema, params, news, e)
            if instead is None:
                raise
            return self._client.post(path, self._expanded(instead, news)).body

    def delete(self, id_: str, outputs: Values) -> None:
        """Retires the object: deletes, deactivates, archives or cancels it. One that is gone already counts as done."""
        with self._named(outputs, "deleted"):
            holder, known = self._holder(id_, outputs)
            moved_on = known.made not in ("", id_)
            if id_ in self._found or (holder != shape.owner_of(outputs) and not moved_on):
                # It is another resource's by now, which adopted it; or a replacement that nothing announced (`pulumi state
                # taint`) was taken for a run that had died after Stripe's answer, and got the object that was there; or it is
                # a part of another object, and was set anew under another name. Retiring it would leave the stack without any.
                self._say(f"{self._title(outputs)}: {id_} stays, it is in use in this stack")
                return
            retirement = self._retirement(id_, outputs)
            self._ask_leave(id_, retirement.wanted or outputs)
            try:
                self.behaviour.retire(self._client, self._path(id_), retirement)
            except Refused as e:
                if not e.missing:
                    raise
            if known.inputs is None:
                # Where the old object has to go first, nothing but this tells a create that it makes a replacement.
                self._remember(outputs, inputs=outputs)

    # -- beginning with an object that is there

    def _adoption_failures(self, inputs: Values) -> tuple[Failure, ...]:
        """What speaks against adopting, said at preview; and what will be adopted."""
        history = self._history(inputs)
        if history.inputs is not None or history.forced:
            return ()  # a replacement: what was adopted once is what is replaced
        try:
            if self._own(inputs, history):
                return ()
            named = self._adoptable(inputs)
        except StripeError as e:
            return (Failure(ADOPT, f"cannot be looked up: {e}"),)
        if named.live is not None and not named.failures:
            changes = self._changes(self._seen(named.live, inputs), inputs).changed
            fields = [n for n in changes if n in self.schema.fields]
            what = f" and changes {', '.join(fields)}" if fields else ""
            self._say(f"{self._title(inputs)}: adopts {named.live['id']}{what}")
        return named.failures

    def _beginning(self, inputs: Values, history: History) -> Values | None:
        """The object to begin with instead of making one, or None. Raises StripeError where `adopt` means one that cannot be."""
        if history.forced:
            return None
        live = self._own(inputs, history)
        if live is None and history.inputs is None:
            named = self._adoptable(inputs)
            if named.failures:
                raise StripeError("; ".join(map(str, named.failures)))
            live = named.live
        return live if live is not None and self._take(live, inputs) else None

    def _own(self, inputs: Values, history: History, *, afresh: bool = False) -> Values | None:
        """An object that an earlier run made for this resource and that the state does not have."""
        for candidate in self._existing.of(shape.owner_of(inputs), afresh=afresh):
            id_ = str(candidate["id"])
            if id_ == history.id or not self._free(id_, shape.owner_of(inputs)):
                continue
            live = self._live(id_, inputs)
            if live is None or self.behaviour.retired(live):
                continue
            if not conflicts(self.schema, self.behaviour, live, inputs):
                return live
        return None

    def _retire_leftovers(self, made: str, inputs: Values, history: History) -> None:
        """Retires what carries the resource's name, is not in the state, and is not what the program wants: a run that died
        while it replaced the object left it, or one whose state is lost."""
        owner = shape.owner_of(inputs)
        for leftover in self._existing.of(owner):
            id_ = str(leftover["id"])
            if id_ in (made, history.id) or not self._free(id_, owner):
                continue
            try:
                if not self.behaviour.superseded(leftover):
                    raise NotAllowed(
                        f"another {self.schema.kind} that carries its name is left alone; retire it by hand, or adopt it"
                    )
                self._ask_leave(id_, inputs)
                retirement = Retirement(id_, self._outputs(inputs, leftover), made, inputs, self._say)
                self.behaviour.retire(self._client, self._path(id_), retirement)
                self._say(f"{self._title(inputs)}: retired {id_}, which an earlier run had left")
            except StripeError as e:
                self._say(f"{self._title(inputs)}: {id_} stays: {e}")

    def _adoptable(self, inputs: Values) -> adoption.Named:
        return adoption.named(self.schema, self.behaviour, self._client, lambda id_: self._live(id_, inputs), inputs)

    def _take(self, live: Values, inputs: Values) -> bool:
        """Whether the object becomes this resource's; False where another one has it meanwhile."""
        id_ = str(live["id"])
        with self._lock:
            if not self._free_unlocked(id_, shape.owner_of(inputs)):
                return False
            self._made.add(id_)
            self._found.add(id_)
            self._holders[id_] = shape.owner_of(inputs)
        own = tag_of(live) == shape.owner_of(inputs)
        self._say(f"{self._title(inputs)}: {'found again' if own else 'adopted'} {id_}")
        return True

    def _free(self, id_: str, owner: str) -> bool:
        with self._lock:
            return self._free_unlocked(id_, owner)

    def _free_unlocked(self, id_: str, owner: str) -> bool:
        return id_ not in self._made and self._holders.get(id_, owner) == owner

    def _hold(self, id_: str, owner: str) -> None:
        """Notes which resource has an object. Raises StripeError where two have the same."""
        with self._lock:
            holder = self._holders.setdefault(id_, owner)
        if holder != owner:
            raise StripeError(
                f'{id_} is in the state of "{holder.rpartition("/")[2]}" as well; take it out of one of them '
                "(`pulumi state delete`), and run it again"
            )

    def _brought_in_line(self, live: Values, inputs: Values) -> dict[str, Any]:
        olds = self._seen(live, inputs)
        return self._updated(str(live["id"]), olds, inputs) if self._changes(olds, inputs) else self._outputs(inputs, live)

    def _seen(self, live: Values, inputs: Values) -> dict[str, Any]:
        """The outputs of an object that is not in the state, with the name that it carries at Stripe."""
        return {**self._outputs(inputs, live), shape.OWNER: tag_of(live) if self.schema.tagged else shape.owner_of(inputs)}

    def _made_otherwise(self, inputs: Values) -> Values | None:
        live = self.behaviour.make(self._client, self.schema, inputs, self._say)
        if live is not None:
            with self._lock:
                self._found.add(str(live["id"]))
        return live

    # -- creating once

    def _created(self, inputs: Values, history: History) -> Values:
        """The new object.

        The idempotency key follows from the resource and the parameters, so that a run that died between Stripe's answer and
        the state file gets its object back instead of a second one. Stripe replays the first answer for at least a day, though:
        what it describes may be retired by now, or be the very object that is to be replaced. Then the next key in the chain is
        used, which follows from that object, so that it too is the same in every run.
        """
        params = self.behaviour.create_params(shape.create_params(self.schema, inputs), inputs, history)
        after = ""
        for _ in range(MAX_TRIES):
            key = self._key(inputs, params, after)
            try:
                answer = self._client.post(self.schema.path, self._expanded(params, inputs), key)
            except Refused as e:
                if e.replayed:
                    # An old refusal, whose cause may be gone; or an old failure, which may have come after the work was done.
                    live = self._own(inputs, history, afresh=True) if e.status >= 500 else None
                    if live is not None and self._take(live, inputs):
                        return live
                    history = replace(history, attempted=history.attempted or e.status >= 500)
                    after += "!"
                    continue
                recovery = self.behaviour.recover(self._client, self.schema, params, inputs, history, e)
                if recovery is None:
                    raise
                if recovery.live:
                    self._take(recovery.live, inputs)
                    return recovery.live
                params, after = recovery.params, after + "!"
                continue
            id_ = str(answer.body["id"])
            with self._lock:
                known = id_ in self._made or history.forced or history.id == id_
                self._made.add(id_)
            if not answer.replayed:
                return answer.body
            live = self._live(id_, inputs)
            if live is not None and not self.behaviour.retired(live) and not known:
                self._found.add(id_)
                return live
            after = id_
        raise StripeError(
            f"gave up after {MAX_TRIES} objects that were made and retired under the same parameters within a day; "
            "change the resource's name, or try again tomorrow"
        )

    def _key(self, inputs: Values, params: Mapping[str, Any], after: str) -> str | None:
        owner = shape.owner_of(inputs)
        if not owner:
            return None
        text = json.dumps([self.schema.token, owner, params, after], sort_keys=True)
        return "pulumi-" + hashlib.sha256(text.encode()).hexdigest()[:48]

    # -- live stacks

    def _ask_leave(self, id_: str, values: Values) -> None:
        """Raises NotAllowed where a live stack would retire what somebody is billed by, and was not told that it may."""
        kind = self.schema.kind
        if not self._settings.livemode or kind in self._settings.allow_delete:
            return
        stack = shape.stack_of(shape.owner_of(values))
        objection = self.schema.final or self.behaviour.objection(self._client, id_, values, stack)
        if objection:
            raise NotAllowed(
                f"this is a live stack, and {objection}; allow it with `pulumi config set stripe:allowDelete {kind}`, "
                "or let Pulumi forget the object without retiring it: retain_on_delete=True"
            )

    # -- small things

    def _changes(self, olds: Values, news: Values) -> Difference:
        changes = self.behaviour.adjust(difference(self.schema, olds, news), olds, news)
        if self.schema.tagged and shape.owner_of(olds) != shape.owner_of(news):
            changes.changed.append(shape.OWNER)
        return changes

    def _title(self, values: Values) -> str:
        return f'{self.schema.kind} "{shape.owner_of(values).rpartition("/")[2]}"'

    def _history(self, values: Values) -> History:
        owner = shape.owner_of(values)
        with self._lock:
            known = self._histories.get(owner, History())
        # A changed object is announced by a diff; only where there was none can the replacement be a forced one.
        return known if known.id or not owner else replace(known, forced=self._forced(owner))

    def _retirement(self, id_: str, outputs: Values) -> Retirement:
        known = self._holder(id_, outputs)[1]
        successor = next((i for i in (known.made, known.id) if i and i != id_), "")
        return Retirement(id_, outputs, successor, known.wanted, self._say)

    def _holder(self, id_: str, outputs: Values) -> tuple[str, History]:
        """The resource that has the object, or had it until now: under an alias it has another name than the outputs say."""
        with self._lock:
            owner = self._holders.get(id_, shape.owner_of(outputs))
            return owner, self._histories.get(owner, History())

    def _path(self, id_: str) -> str:
        return f"{self.schema.path}/{id_}"

    def _expanded(self, params: Mapping[str, Any], values: Values) -> dict[str, Any]:
        expand = self.behaviour.expand(self.schema, values)
        return {**params, "expand": expand} if expand else dict(params)

    def _live(self, id_: str, values: Values) -> Values | None:
        try:
            live = self._client.get(self._path(id_), self._expanded({}, values))
        except Refused as e:
            if e.missing:
                return None
            raise
        return None if self._over(live, values) else live

    def _over(self, live: Values, values: Values) -> bool:
        return self.behaviour.gone(live) and not self.behaviour.concluded(live, values)

    def _outputs(self, declared: Values, live: Values) -> dict[str, Any]:
        live = self.behaviour.live(live)
        return self.behaviour.outputs(shape.outputs_of(self.schema, declared, live), declared, live)

    def _remember(self, values: Values, **found: Any) -> None:
        owner = shape.owner_of(values)
        if owner:
            with self._lock:
                self._histories[owner] = replace(self._histories.get(owner, History()), **found)

    @contextmanager
    def _named(self, values: Values, done: str) -> Iterator[None]:
        """Puts the resource's name before an error."""
        try:
            yield
        except ConfigurationError:
            raise
        except StripeError as e:
            e.args = (f"{self._title(values)} could not be {done}: {e}",)
            raise


def connect(
    settings: Settings,
    kinds: Mapping[str, tuple[Schema, Behaviour]],
    forced: Callable[[str], bool] = lambda owner: False,
    sleep: Callable[[float], None] = time.sleep,
    say: Callable[[str], None] = print,
) -> Callable[[str], Handler]:
    """Handlers by token, over one client. `sleep` is how retries wait, `say` tells the user one line."""
    client = Client(settings, sleep)
    handlers = {token: Handler(schema, behaviour, settings, client, forced, say) for token, (schema, behaviour) in kinds.items()}
    return handlers.__getitem__
