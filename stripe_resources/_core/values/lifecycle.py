"""How objects of a kind go out of use, and come back. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Values = Mapping[str, Any]


def has(name: str, *values: Any) -> Callable[[Values], bool]:
    """Whether an object has one of these values in a field."""
    return lambda live: live.get(name) in values


@dataclass(frozen=True)
class Step:
    """A POST to an object that takes it out of use; a DELETE where there are neither `params` nor a path `below` its own."""

    below: str = ""
    params: Values = field(default_factory=dict)

    @property
    def deletes(self) -> bool:
        """Whether it is a DELETE."""
        return not self.below and not self.params


_deleted = has("deleted", True)
DELETE = Step()
ARCHIVE = Step(params={"active": False})


@dataclass(frozen=True)
class Lifecycle:
    """Where objects of a kind end, and how they come there; the default is that they are deleted."""

    steps: tuple[Step, ...] = (DELETE,)
    """What retires an object. Where Stripe refuses a step, the next one is taken."""
    gone: Callable[[Values], bool] = _deleted
    """Whether the object is gone, though Stripe still answers for it."""
    retired: Callable[[Values], bool] = lambda live: False
    """Whether the object still exists, but is out of use, as after its delete here."""
    in_use: Values = field(default_factory=dict)
    """The list parameters that leave out what is out of use."""
    dormant: str = ""
    """The `status` of an object that was put to sleep outside, which is drift."""
    revive: str = ""
    """The path, below the object's own, that a POST to wakes it."""
    one: bool = False
    """Whether an object that carries the resource's name, but is not what the program wants, is retired once there is one that
    is; it is left alone otherwise."""

    def over(self, live: Values) -> bool:
        """Whether the object is out of use."""
        return self.gone(live) or self.retired(live)

    def sleeps(self, values: Values) -> bool:
        """Whether the object, or the outputs, say that it was put to sleep."""
        return bool(self.dormant) and values.get("status") == self.dormant


DELETED = Lifecycle()
ARCHIVED = Lifecycle((ARCHIVE,), retired=has("active", False), in_use={"active": True})
"""Never deleted: `active: false` takes the object out of use, `active: true` back into it."""
