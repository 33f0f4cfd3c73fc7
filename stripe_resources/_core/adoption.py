"""Which existing object a new resource begins with, instead of making one.

Two ways lead there. An object that carries the resource's own name was made by it: by a run that died, or one whose state is
lost. Any other object is taken over only where the program says so (`adopt`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stripe_client.client import Client

from .behaviour import Behaviour, Values
from .finding import find
from .values.check import shown
from .values.schema import UNKNOWN, Failure

ADOPT = "adopt"
"""The argument that names the object to take over: its id, or True for the one with the same natural key."""


@dataclass(frozen=True)
class Named:
    """The object that `adopt` means, or what is wrong with it. Neither where there is no such object, which then is made."""

    live: Values | None = None
    failures: tuple[Failure, ...] = ()
    by: Any = None
    """How no other resource may find it: its id; or the field and the value of its natural key, where there is none yet."""


def named(
    behaviour: Behaviour,
    client: Client,
    read: Callable[[str], Values | None],
    was_ours: Callable[[str], bool],
    inputs: Values,
) -> Named:
    """The object that the `adopt` of these inputs means.

    `read` gets an object by its id, None where there is none in use; `was_ours` tells whether one that is gone was this
    resource's, which then has another one made, as any resource has.
    """
    schema, wish = behaviour.schema, inputs.get(ADOPT)
    if not wish or wish is UNKNOWN:
        return Named()
    if isinstance(wish, str):
        live = read(wish)
        if live is None:
            if was_ours(wish):
                return Named()
            reason = (
                f'"{wish}" is not a {schema.kind} in use that this key sees; give the id of one, or leave out `adopt` to make one'
            )
            return Named(failures=(Failure(ADOPT, reason),))
    else:
        if schema.key is None:
            return Named(failures=(Failure(ADOPT, f"is True, but a {schema.kind} is known by its id only; give that"),))
        key = schema.key.field
        value = inputs.get(key)
        if value is UNKNOWN:
            return Named()
        if value is None:
            return Named(failures=(Failure(ADOPT, f"is True, which finds an object by `{key}`; give that, or an id here"),))
        found = find(client, schema, value)
        if not found:
            return Named(by=(key, str(value)))
        if len(found) > 1:
            ids = ", ".join(str(f["id"]) for f in found)
            return Named(failures=(Failure(ADOPT, f"is True, but {ids} all have the {key} {shown(value)}; give the id of one"),))
        live = read(str(found[0]["id"])) or found[0]
    return Named(live, tuple(_refusals(behaviour, live, inputs)), live["id"])


def _refusals(behaviour: Behaviour, live: Values, inputs: Values) -> Iterator[Failure]:
    for name in behaviour.conflicts(live, inputs):
        wanted, has = both(behaviour, name, live, inputs)
        yield Failure(
            name,
            f"is {wanted}, but {live['id']}, which is to be adopted, has {has}, and Stripe cannot change that; "
            "declare what it has, or leave out `adopt` to make a new one",
        )


def both(behaviour: Behaviour, name: str, live: Values, inputs: Values) -> tuple[str, str]:
    """A field as it is wanted, and as an object has it, for a message."""
    field = behaviour.schema.fields[name]
    return shown(_brief(inputs.get(name, field.default))), shown(_brief(behaviour.seen(live).get(field.stripe_name)))


def _brief(value: Any) -> Any:
    """Without what is null: Stripe names every field that an object could have."""
    if isinstance(value, Mapping):
        return {k: _brief(v) for k, v in value.items() if v is not None}
    return [_brief(v) for v in value] if isinstance(value, (list, tuple)) else value
