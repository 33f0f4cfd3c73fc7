"""Which state an object is in, where a stack has more than one: a mark at Stripe, compared before anything is changed.

To a provider a second state, which is empty, looks like a lost one, and what the first one has is found again. So what is found
again gets a new mark, at Stripe and in the state that it enters; a state that has the object under another mark is out of date.
"""

from __future__ import annotations

import secrets
import threading

from stripe_client.errors import StripeError

from .behaviour import Values
from .existing import Existing
from .objects import Objects
from .reads import Reads
from .values import ownership


class Outdated(StripeError):
    """Another state has an object of this one's by now."""


class Lineage:
    """What one process marks with what it finds again. Safe to use from several threads."""

    def __init__(self) -> None:
        self.mark = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._found = 0

    def found(self) -> int:
        """Counts an object that was found again: how many there are now."""
        with self._lock:
            self._found += 1
            return self._found


class Held:
    """The objects of one kind that the state has. Safe to use from several threads.

    All raise `Outdated` where an object is marked otherwise at Stripe than in the state. Kinds without metadata have no marks.
    """

    def __init__(self, objects: Objects, existing: Existing) -> None:
        self._objects, self._existing = objects, existing
        self._reads = Reads(objects.schema, objects.client, heeds_writes=False)
        self._lock = threading.Lock()
        self._held: dict[str, Values] = {}
        self._compared: set[str] = set()

    def hold(self, id_: str, outputs: Values) -> None:
        """The state has the object, with these outputs. Compared if this process has listed it already."""
        with self._lock:
            self._held[id_] = outputs
        live = self._existing.seen(id_)
        if live is not None:
            self.compare(live, outputs)

    def made(self, id_: str) -> None:
        """This process made the object, or found it again."""
        with self._lock:
            self._compared.add(id_)

    def compare_listed(self) -> None:
        """Compares what is held with what has been listed."""
        with self._lock:
            due = {id_: outputs for id_, outputs in self._held.items() if id_ not in self._compared}
        for id_, outputs in due.items():
            live = self._existing.seen(id_)
            if live is not None:
                self.compare(live, outputs, self._objects.title(outputs))

    def compare(self, live: Values, outputs: Values, title: str = "") -> None:
        """Compares Stripe's object with the outputs in the state."""
        if not self._concerns(outputs):
            return
        id_ = str(live["id"])
        with self._lock:
            self._compared.add(id_)
        if ownership.marked_otherwise(live, ownership.lineage_of(outputs)):
            raise Outdated((f"{title}: " if title else "") + _elsewhere(id_, live, ownership.owner_of(outputs)))

    def verify(self, id_: str, outputs: Values | None = None) -> None:
        """Compares an object before it is changed, unless this process has done so. `outputs` are those in the state, by default
        the ones that it is held with; what is not held is another matter."""
        with self._lock:
            outputs, compared = outputs or self._held.get(id_), id_ in self._compared
        if outputs is None or compared or not self._concerns(outputs):
            return
        live = self._existing.seen(id_) or there(self._reads, self._objects, id_, outputs)
        if live is not None:
            self.compare(live, outputs)

    def _concerns(self, outputs: Values) -> bool:
        return self._objects.schema.tagged and bool(ownership.owner_of(outputs))


def there(reads: Reads, objects: Objects, id_: str, outputs: Values) -> ownership.Live | None:
    """An object that a state has with these outputs, whether in use or not; None where it is deleted."""

    def alone() -> ownership.Live | None:
        live = objects.answer(id_, outputs)
        return None if live is None or live.get("deleted") else live

    return reads.live(id_, outputs, list(objects.schema.expand), alone)


def _elsewhere(id_: str, live: Values, owner: str) -> str:
    tag, stack = ownership.tag_of(live), ownership.stack_of(owner)
    if tag and not tag.startswith(stack):
        return f"{id_} was adopted by {tag}; take it out of this state (`pulumi state delete`), or adopt it here again"
    return (
        f"{id_} is in another state of this stack by now, which found it again; restore that one (`pulumi stack import`), or "
        "hand its objects over to this one on purpose: "
        f"`python -m stripe_resources take-over --stack {stack.split('/')[1]} --state FILE`"
    )
