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

from . import shape
from .behaviour import Behaviour, History, Retirement, Values
from .check import normalize
from .client import Client
from .compare import difference
from .errors import ConfigurationError, Refused, StripeError
from .schema import UNKNOWN, Difference, Failure, Role, Schema
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
        self._histories: dict[str, History] = {}
        self._made: set[str] = set()
        self._found: set[str] = set()

    # -- pure verbs: no request is ever sent

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
        self._remember(news, wanted=inputs)
        return inputs, failures

    def diff(self, id_: str, olds: Values, news: Values) -> Difference:
        """What an update would change, and whether only a new object can have it. `olds` are outputs."""
        self._remember(news, id=id_)
        changes = self.behaviour.adjust(difference(self.schema, olds, news), olds, news)
        if self.schema.tagged and shape.owner_of(olds) != shape.owner_of(news):
            changes.changed.append(shape.OWNER)
        return changes

    # -- verbs that talk to Stripe

    def create(self, inputs: Values) -> tuple[str, dict[str, Any]]:
        """Creates the object; (id, outputs)."""
        with self._named(inputs, "created"):
            history = self._history(inputs)
            live = self.behaviour.make(self._client, self.schema, inputs, self._say)
            if live is None:
                params = self.behaviour.create_params(shape.create_params(self.schema, inputs), inputs, history)
                live = self._created(params, inputs, history)
            else:
                with self._lock:
                    self._found.add(str(live["id"]))
            late = shape.late_params(self.schema, inputs)
            if late:
                live = self._client.post(self._path(live["id"]), self._expanded(late, inputs)).body
            self._remember(inputs, made=str(live["id"]))
            return str(live["id"]), self._outputs(inputs, live)

    def read(self, id_: str, outputs: Values) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """(outputs, inputs) as Stripe has them now; None for an object that is gone."""
        with self._named(outputs, "read"):
            live = self._live(id_, outputs)
            if live is None:
                return None
            if "livemode" not in outputs:  # an object that was only named by its id: everything is news
                return shape.everything_of(self.schema, self.behaviour.live(live)), {}
            found = self._outputs(outputs, live)
            return found, shape.inputs_of(self.schema, found, outputs)

    def update(self, id_: str, olds: Values, news: Values) -> dict[str, Any]:
        """Brings the object in line with the inputs; the outputs. `olds` are outputs."""
        with self._named(news, "updated"):
            prepared = self.behaviour.prepare(self._client, self._path(id_), olds, news)
            changes = self.behaviour.adjust(difference(self.schema, olds, news), olds, news)
            params = shape.update_params(self.schema, olds, news, changes)
            params = self.behaviour.update_params(params, olds, news, prepared)
            if params:
                live = self._client.post(self._path(id_), self._expanded(params, news)).body
                return self._outputs(news, live)
            if prepared is not None:
                return self._outputs(news, prepared)
            # What changed concerns only how the object is retired: Stripe need not know yet.
            ours = {n for n, f in self.schema.fields.items() if f.role is Role.RETIRE_OPTION}
            stripes = {k: v for k, v in olds.items() if k not in ours and not k.startswith("__")}
            return {**stripes, **{k: v for k, v in news.items() if k in ours or k.startswith("__")}}

    def delete(self, id_: str, outputs: Values) -> None:
        """Retires the object: deletes, deactivates, archives or cancels it. One that is gone already counts as done."""
        with self._named(outputs, "deleted"):
            if id_ in self._found:
                # A replacement that nothing announced (`pulumi state taint`) was taken for a run that had died after Stripe's
                # answer, and got the object that was there; or the object is a part of another one, and was set anew under
                # another name. Retiring it now would leave the stack without any.
                return
            try:
                self.behaviour.retire(self._client, self._path(id_), self._retirement(id_, outputs))
            except Refused as e:
                if not e.missing:
                    raise

    # -- creating once

    def _created(self, params: dict[str, Any], inputs: Values, history: History) -> dict[str, Any]:
        """The new object.

        The idempotency key follows from the resource and the parameters, so that a run that died between Stripe's answer and
        the state file gets its object back instead of a second one. Stripe replays the first answer for at least a day, though:
        what it describes may be retired by now, or be the very object that is to be replaced. Then the next key in the chain is
        used, which follows from that object, so that it too is the same in every run.
        """
        after = ""
        for _ in range(MAX_TRIES):
            key = self._key(inputs, params, after)
            try:
                answer = self._client.post(self.schema.path, self._expanded(params, inputs), key)
            except Refused as e:
                if e.replayed and e.status < 500:
                    after += "!"  # an old refusal, whose cause may be gone
                    continue
                recovery = self.behaviour.recover(self._client, self.schema, params, inputs, history, e)
                if recovery is None:
                    raise
                if recovery.live:
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
                return dict(live)
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

    # -- small things

    def _history(self, values: Values) -> History:
        owner = shape.owner_of(values)
        with self._lock:
            known = self._histories.get(owner, History())
        # A changed object is announced by a diff; only where there was none can the replacement be a forced one.
        return known if known.id or not owner else replace(known, forced=self._forced(owner))

    def _retirement(self, id_: str, outputs: Values) -> Retirement:
        with self._lock:
            # What replaces it may have another name (an alias), and then only the id tells.
            replaced = (h for h in self._histories.values() if h.id == id_)
            known = next(replaced, self._histories.get(shape.owner_of(outputs), History()))
        successor = next((i for i in (known.made, known.id) if i and i != id_), "")
        return Retirement(id_, outputs, successor, known.wanted, self._say)

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
        return None if self.behaviour.gone(live) else live

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
            name = shape.owner_of(values).rpartition("/")[2]
            e.args = (f'{self.schema.kind} "{name}" could not be {done}: {e}',)
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
