"""The objects of one kind at Stripe, and the outputs that resources take from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stripe_client.client import Client
from stripe_client.errors import Refused

from .behaviour import Behaviour, Values
from .values import ownership
from .values.outputs import everything_of, outputs_of, told_once
from .values.ownership import tag_of
from .values.schema import Difference


class Objects:
    """Requests about single objects of a kind, whose answers include all that its resources need."""

    def __init__(self, behaviour: Behaviour, client: Client) -> None:
        self.schema, self.behaviour, self.client = behaviour.schema, behaviour, client

    def path(self, id_: str, values: Values) -> str:
        """Where the object with these inputs or outputs is."""
        return f"{self.behaviour.path(values)}/{id_}"

    def create(self, params: Mapping[str, Any], inputs: Values, key: str | None) -> tuple[Values, bool]:
        """(the new object, whether Stripe repeated an earlier answer to the same idempotency key)."""
        once = [path for path in self.schema.shown_once.values() if "." in path]
        answer = self.client.post(self.behaviour.path(inputs), self.expanded(params, inputs, once), key)
        return answer.body, answer.replayed

    def post(self, id_: str, params: Mapping[str, Any], values: Values) -> Values:
        """The object after an update with these parameters."""
        return self.client.post(self.path(id_, values), self.expanded(params, values)).body

    def live(self, id_: str, values: Values) -> Values | None:
        """The object; None where there is none, or where it is gone though Stripe still answers for it."""
        live = self.answer(id_, values)
        return None if live is None or self.over(live, values) else live

    def answer(self, id_: str, values: Values) -> Values | None:
        """What Stripe says of the object, even where it is gone; None where it knows none."""
        try:
            return self.client.get(self.path(id_, values), self.expanded({}, values))
        except Refused as e:
            if e.missing:
                return None
            raise

    def expanded(self, params: Mapping[str, Any], values: Values, also: Sequence[str] = ()) -> dict[str, Any]:
        """The parameters, and what the answer has to include for these inputs or outputs."""
        return {**params, **self.schema.asking([*self.behaviour.expand(values), *also])}

    def over(self, live: Values, values: Values) -> bool:
        """Whether the object is gone, and not in the way that these inputs or outputs declare."""
        return self.schema.lifecycle.gone(live) and not self.behaviour.concluded(live, values)

    def outputs(self, declared: Values, live: Values) -> dict[str, Any]:
        """The outputs of a resource with these inputs and this object."""
        live = self.behaviour.seen(live)
        outputs = self.behaviour.outputs(outputs_of(self.schema, declared, live), declared, live)
        return {**told_once(self.schema, declared), **outputs}

    def seen(self, live: Values, inputs: Values) -> dict[str, Any]:
        """The outputs of an object that is not in the state, with the name and the mark that it carries at Stripe.

        What the program does not declare is left out, as it stays; but all of one that the resource gave up is there, since
        nobody wishes that any more.
        """
        seen = self.outputs(inputs, live)
        if self.schema.lifecycle.retired(live) and tag_of(live) in ownership.owners_of(inputs):
            seen.update(everything_of(self.schema, self.behaviour.seen(live)))
        names = {ownership.OWNER: tag_of(live), ownership.LINEAGE: ownership.mark_of(live)} if self.schema.tagged else {}
        return {**seen, **names}

    def marked(self, outputs: Values, live: Values) -> dict[str, Any]:
        """The outputs with the mark that an object has which enters the state as it is."""
        mark = ownership.mark_of(live) if self.schema.tagged else ""
        return {**outputs, ownership.LINEAGE: mark} if mark not in ("", ownership.UNMARKED) else dict(outputs)

    def changes(self, olds: Values, news: Values) -> Difference:
        """How the inputs differ from the outputs `olds`, the name that the object carries and a mark for it included."""
        changes = self.behaviour.changes(olds, news)
        if self.schema.tagged and not ownership.same(ownership.owner_of(olds), ownership.owner_of(news)):
            changes.changed.append(ownership.OWNER)
        if ownership.LINEAGE in news and ownership.lineage_of(olds) != ownership.lineage_of(news):
            changes.changed.append(ownership.LINEAGE)
        return changes

    def title(self, values: Values) -> str:
        """What a resource is called in messages."""
        return ownership.title(self.schema.kind, values)
