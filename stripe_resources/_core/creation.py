"""How a new resource comes by its object: by one that is there, or by a new one, which is made once however often it is tried."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from stripe_client.errors import NotAllowed, Refused, StripeError

from . import adoption
from .adoption import ADOPT, conflicts
from .behaviour import History, Refusal, Retirement, Values
from .existing import Existing
from .ledger import Ledger
from .objects import Objects
from .values import ownership, parameters
from .values.outputs import told
from .values.ownership import tag_of
from .values.schema import Failure

MAX_TRIES = 30
"""How many dead predecessors a create goes past before it gives up; each destroy within a day leaves one."""


class Creation:
    """For the resources of one kind. `ask_permission(id, values)` raises NotAllowed where an object must not be retired."""

    def __init__(
        self,
        objects: Objects,
        ledger: Ledger,
        ask_permission: Callable[[str, Values], None],
        say: Callable[[str], None],
    ) -> None:
        self._objects, self._ledger, self._ask_permission, self._say = objects, ledger, ask_permission, say
        self._schema, self._behaviour, self._client = objects.schema, objects.behaviour, objects.client
        self._existing = Existing(self._schema, self._client)

    def failures(self, inputs: Values) -> tuple[Failure, ...]:
        """What speaks against adopting, said at preview. Tells the user what will be adopted."""
        history = self._ledger.history(inputs)
        if history.inputs is not None or history.forced:
            return ()  # a replacement: what was adopted once is what is replaced
        try:
            if self._own(inputs, history):
                return ()
            named = self._adoptable(inputs)
        except StripeError as e:
            return (Failure(ADOPT, f"cannot be looked up: {e}"),)
        if named.live is not None and not named.failures:
            changes = self._objects.changes(self._objects.seen(named.live, inputs), inputs).changed
            # What is immutable is as declared, or an id that the preview does not know yet.
            fields = [n for n in changes if n in self._schema.fields and self._schema.fields[n].in_update]
            what = f" and changes {', '.join(fields)}" if fields else ""
            self._say(f"{self._objects.title(inputs)}: adopts {named.live['id']}{what}")
        return named.failures

    def object_for(self, inputs: Values, history: History) -> tuple[Values, Values]:
        """The object, new or not; the ledger says which. And what Stripe tells only once, as outputs.

        Raises StripeError where there can be none.
        """
        live = self._present(inputs, history) or self._made_otherwise(inputs)
        return (live, {}) if live else self._new(inputs, history)

    def retire_leftovers(self, made: str, inputs: Values, history: History) -> None:
        """Retires what carries the resource's name, is not in the state, and is not what the program wants: a run that died
        while it replaced the object left it, or one whose state is lost."""
        owner = ownership.owner_of(inputs)
        for leftover in self._existing.of(owner):
            id_ = str(leftover["id"])
            if id_ in (made, history.id) or not self._ledger.free(id_, owner):
                continue
            try:
                if not self._schema.lifecycle.one:
                    raise NotAllowed(
                        f"another {self._schema.kind} that carries its name is left alone; retire it by hand, or adopt it"
                    )
                self._ask_permission(id_, inputs)
                retirement = Retirement(id_, self._objects.outputs(inputs, leftover), made, inputs, self._say)
                self._behaviour.retire(self._client, self._objects.path(id_, inputs), retirement)
                self._say(f"{self._objects.title(inputs)}: retired {id_}, which an earlier run had left")
            except StripeError as e:
                self._say(f"{self._objects.title(inputs)}: {id_} stays: {e}")

    # -- an object that is there

    def _present(self, inputs: Values, history: History) -> Values | None:
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
        """An object that an earlier run made for this resource and that the state does not have.

        None for a kind that tells a secret once: without it the object is of no use. Only the repeated answer has it.
        """
        if self._schema.shown_once:
            return None
        for candidate in self._existing.of(ownership.owner_of(inputs), afresh=afresh):
            id_ = str(candidate["id"])
            if id_ == history.id or not self._ledger.free(id_, ownership.owner_of(inputs)):
                continue
            live = self._objects.live(id_, inputs)
            if live is None or self._schema.lifecycle.over(live):
                continue
            if not conflicts(self._behaviour, live, inputs):
                return live
        return None

    def _adoptable(self, inputs: Values) -> adoption.Named:
        def read(id_: str) -> Values | None:
            return self._objects.live(id_, inputs)

        return adoption.named(self._behaviour, self._client, read, inputs)

    def _take(self, live: Values, inputs: Values) -> bool:
        """Whether the object becomes this resource's; False where another one has it meanwhile."""
        id_, owner = str(live["id"]), ownership.owner_of(inputs)
        if not self._ledger.take(id_, owner):
            return False
        own = tag_of(live) == owner
        self._say(f"{self._objects.title(inputs)}: {'found again' if own else 'adopted'} {id_}")
        return True

    # -- a new one

    def _made_otherwise(self, inputs: Values) -> Values | None:
        live = self._behaviour.make(self._client, inputs, self._say)
        if live is not None:
            self._ledger.find(str(live["id"]), ownership.owner_of(inputs))
        return live

    def _new(self, inputs: Values, history: History) -> tuple[Values, Values]:
        """The new object, and what Stripe tells only once.

        The idempotency key follows from the resource and the parameters, so that a run that died between Stripe's answer and
        the state file gets its object back instead of a second one. Stripe replays the first answer for at least a day, though:
        what it describes may be retired by now, or be the very object that is to be replaced. Then the next key in the chain is
        used, which follows from that object, so that it too is the same in every run.
        """
        params: Mapping[str, Any] = parameters.create_params(self._schema, inputs, history.had)
        after = ""
        for _ in range(MAX_TRIES):
            try:
                made, replayed = self._objects.create(params, inputs, self._key(inputs, params, after))
            except Refused as e:
                if e.replayed:
                    # An old refusal, whose cause may be gone; or an old failure, which may have come after the work was done.
                    own = self._own(inputs, history, afresh=True) if e.status >= 500 else None
                    if own is not None and self._take(own, inputs):
                        return own, {}
                    history = replace(history, attempted=history.attempted or e.status >= 500)
                    after += "!"
                    continue
                recovery = self._behaviour.recover(Refusal(self._client, params, inputs, history, e))
                if recovery is None:
                    raise
                if recovery.live:
                    if not self._take(recovery.live, inputs):
                        # It has been named by a repeated answer already, and was found to be out of use.
                        self._ledger.retake(str(recovery.live["id"]), ownership.owner_of(inputs))
                    return recovery.live, {}
                params, after = recovery.params, after + "!"
                continue
            id_ = str(made["id"])
            first = self._ledger.make(id_) and not history.forced and history.id != id_
            if not replayed:
                return made, told(self._schema, made)
            live = self._objects.live(id_, inputs)
            if live is not None and not self._schema.lifecycle.over(live) and first:
                self._ledger.find(id_)
                return live, told(self._schema, made)
            after = id_
        raise StripeError(
            f"gave up after {MAX_TRIES} objects that were made and retired under the same parameters within a day; "
            "change the resource's name, or try again tomorrow"
        )

    def _key(self, inputs: Values, params: Mapping[str, Any], after: str) -> str | None:
        owner = ownership.owner_of(inputs)
        if not owner:
            return None
        text = json.dumps([self._schema.token, owner, params, after], sort_keys=True)
        return "pulumi-" + hashlib.sha256(text.encode()).hexdigest()[:48]
