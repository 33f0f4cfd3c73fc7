"""What this process has seen of its resources, and which of them has which object."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from stripe_client.errors import StripeError

from .behaviour import History, Values
from .values import ownership
from .values.schema import Key


class Ledger:
    """Of the resources of one kind. Safe to use from several threads.

    An engine tells a provider about one resource at a time. That an object which is to be retired is in use under another name,
    or that a create replaces something, follows only from the calls before.
    """

    def __init__(self, forced: Callable[[str], bool] = lambda owner: False) -> None:
        self._forced = forced
        self._lock = threading.Lock()
        self._histories: dict[str, History] = {}
        self._places: dict[str, str] = {}
        self._keys: dict[tuple[str, ...], str] = {}
        """By what its natural key claims: the resource of the program that was checked first."""
        self._made: set[str] = set()
        self._found: set[str] = set()
        self._freed: set[str] = set()
        self._holders: dict[str, str] = {}
        """By id: the resource that has the object in the state, as far as this process has seen."""
        self._claims: dict[Any, str] = {}
        """By id, or by field and value of a natural key: the new resource that is to begin with that object."""

    # -- resources

    def remember(self, values: Values, **seen: Any) -> None:
        """Adds to the history of the resource that these inputs or outputs belong to."""
        owner = ownership.owner_of(values)
        if owner:
            with self._lock:
                self._histories[owner] = replace(self._histories.get(owner, History()), **seen)

    def place(self, values: Values) -> bool:
        """Notes where in the tree of resources the one with these inputs is; False where another place has the same owner."""
        owner, parents = ownership.owner_of(values), str(values.get(ownership.PARENTS) or "")
        with self._lock:
            return not owner or self._places.setdefault(owner, parents) == parents

    def same_key(self, key: Key, values: Values) -> str:
        """The other resource of the program whose natural key claims the same as these inputs; "" where there is none."""
        claimed, owner = key.claimed(values), ownership.owner_of(values)
        if claimed is None or not owner:
            return ""
        with self._lock:
            first = self._keys.setdefault(claimed, owner)
            if first == owner:
                return ""
            wanted = self._histories.get(first, History()).wanted
            if wanted is not None and key.claimed(wanted) == claimed:
                return first
            self._keys[claimed] = owner  # the other one was checked again, with another value
            return ""

    def history(self, values: Values) -> History:
        """What this process has seen of the resource that these inputs or outputs belong to."""
        owner = ownership.owner_of(values)
        with self._lock:
            known = self._histories.get(owner, History())
        # A changed object is announced by a diff; only where there was none can the replacement be a forced one.
        return known if known.id or not owner else replace(known, forced=self._forced(owner))

    def owners(self, values: Values) -> list[str]:
        """The owner of these inputs, and what it was before, without the names that other resources of the program have now."""
        owner, *former = ownership.owners_of(values) or [""]
        with self._lock:
            return [owner, *(name for name in former if self._histories.get(name, History()).wanted is None)] if owner else []

    # -- objects

    def hold(self, id_: str, owner: str) -> None:
        """Notes which resource has an object. Raises StripeError where two have the same."""
        with self._lock:
            holder = self._holders.setdefault(id_, owner)
            claimant = self._claims.get(id_, owner)
        if holder != owner:
            raise StripeError(
                f'{id_} is in the state of "{ownership.name_of(holder)}" as well; take it out of one of them '
                "(`pulumi state delete`), and run it again"
            )
        if claimant != owner:
            other = ownership.name_of(claimant)
            raise StripeError(f'adopt: "{other}" is to adopt {id_} too: two resources cannot have one object; declare it once')

    def claim(self, object_: Any, owner: str) -> str:
        """Notes that a new resource is to begin with this object, given by its id or by field and value of its natural key.

        The other resource of the program that has it, or is to have it; then nothing is noted. "" where there is none.
        """
        with self._lock:
            holder = self._holders.get(object_) or self._claims.get(object_, owner)
            if holder != owner and self._histories.get(holder, History()).wanted is not None:
                return holder
            self._claims[object_] = owner
            return ""

    def known(self) -> dict[str, History]:
        """What this process has seen of the program's resources, by the names that they have, and had before."""
        with self._lock:
            found = {owner: history for owner, history in self._histories.items() if history.wanted is not None}
        former = {name: history for history in found.values() for name in ownership.owners_of(history.wanted or {})}
        return {**former, **found}

    def holder(self, id_: str, outputs: Values) -> tuple[str, History]:
        """The resource that has the object, or had it until now: under an alias it has another name than the outputs say."""
        with self._lock:
            owner = self._holders.get(id_, ownership.owner_of(outputs))
            return owner, self._histories.get(owner, History())

    def free(self, id_: str, owner: str) -> bool:
        """Whether no other resource has the object, nor this one as a new one."""
        with self._lock:
            return self._free(id_, owner)

    def take(self, id_: str, owner: str) -> bool:
        """Makes an object that was there the resource's; False where another resource has it meanwhile."""
        with self._lock:
            if not self._free(id_, owner):
                return False
            self._made.add(id_)
            self._found.add(id_)
            self._holders[id_] = owner
            return True

    def retake(self, id_: str, owner: str) -> None:
        """Makes an object that a create was answered with the resource's, as one that was there; not if another has it."""
        with self._lock:
            if self._holders.get(id_, owner) == owner:
                self._found.add(id_)
                self._holders[id_] = owner

    def make(self, id_: str) -> bool:
        """Notes that a create was answered with this object; whether that was the first time."""
        with self._lock:
            known = id_ in self._made
            self._made.add(id_)
            return not known

    def find(self, id_: str, owner: str = "") -> None:
        """Notes that an object which a create ends with was there before, and whose it is from now on."""
        with self._lock:
            self._found.add(id_)
            if owner:
                self._holders[id_] = owner

    def found(self, id_: str) -> bool:
        """Whether a create of this process ended with an object that was there before."""
        with self._lock:
            return id_ in self._found

    def free_up(self, id_: str) -> None:
        """Notes that an object was retired so that another one could be made."""
        with self._lock:
            self._freed.add(id_)

    def freed(self, id_: str) -> bool:
        """Whether an object was retired so that another one could be made, which then got the same id."""
        with self._lock:
            return id_ in self._freed & self._made

    def _free(self, id_: str, owner: str) -> bool:
        return id_ not in self._made and self._holders.get(id_, owner) == owner
