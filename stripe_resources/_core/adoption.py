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
from .values.compare import unlike
from .values.outputs import outputs_of
from .values.schema import UNKNOWN, Failure

ADOPT = "adopt"
"""The argument that names the object to take over: its id, or True for the one with the same natural key."""


@dataclass(frozen=True)
class Named:
    """The object that `adopt` means, or what is wrong with it. Neither where there is no such object, which then is made."""

    live: Values | None = None
    failures: tuple[Failure, ...] = ()


def conflicts(behaviour: Behaviour, live: Values, inputs: Values) -> list[str]:
    """The fields for which an existing object cannot become what the inputs want."""
    schema, seen = behaviour.schema, behaviour.seen(live)
    fields = unlike(schema, seen, inputs)
    olds = outputs_of(schema, inputs, seen)
    known = {k: v for k, v in inputs.items() if v is not UNKNOWN}
    # Mutable fields that hang together can need a new object too; what is immutable has been compared.
    also = behaviour.changes(olds, known).replaces
    return fields + [n for n in also if n not in fields and schema.fields[n].in_update]


def named(
    behaviour: Behaviour,
    client: Client,
    read: Callable[[str], Values | None],
    inputs: Values,
) -> Named:
    """The object that the `adopt` of these inputs means. `read` gets an object by its id, None where there is none in use."""
    schema, wish = behaviour.schema, inputs.get(ADOPT)
    if not wish or wish is UNKNOWN:
        return Named()
    if isinstance(wish, str):
        live = read(wish)
        if live is None:
            return Named(failures=(Failure(ADOPT, f'"{wish}" is not a {schema.kind} that this key sees; give the id of one'),))
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
            return Named()
        if len(found) > 1:
            ids = ", ".join(str(f["id"]) for f in found)
            return Named(failures=(Failure(ADOPT, f"is True, but {ids} all have the {key} {shown(value)}; give the id of one"),))
        live = read(str(found[0]["id"])) or found[0]
    return Named(live, tuple(_refusals(behaviour, live, inputs)))


def _refusals(behaviour: Behaviour, live: Values, inputs: Values) -> Iterator[Failure]:
    for name in conflicts(behaviour, live, inputs):
        field = behaviour.schema.fields[name]
        has = behaviour.seen(live).get(field.stripe_name)
        yield Failure(
            name,
            f"is {shown(_brief(inputs.get(name, field.default)))}, but {live['id']}, which is to be adopted, has "
            f"{shown(_brief(has))}, and Stripe cannot change that; declare what it has, or leave out `adopt` to make a new one",
        )


def _brief(value: Any) -> Any:
    """Without what is null: Stripe names every field that an object could have."""
    if isinstance(value, Mapping):
        return {k: _brief(v) for k, v in value.items() if v is not None}
    return [_brief(v) for v in value] if isinstance(value, (list, tuple)) else value
