"""Takes orphans out of use, or says how to declare them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from stripe_client.client import Client
from stripe_client.errors import StripeError
from stripe_client.settings import Settings
from stripe_resources._core.adoption import ADOPT
from stripe_resources._core.handler import connect
from stripe_resources._core.values import ownership
from stripe_resources._core.values.outputs import everything_of
from stripe_resources.export.declaring import Inexpressible, declaration
from stripe_resources.export.names import Found, Named
from stripe_resources.export.program import statements
from stripe_resources.export.reading import complete
from stripe_resources.export.references import snake
from stripe_resources.register import KINDS

from .finding import Object


def retire(settings: Settings, owned: Sequence[Object], say: Callable[[str], None]) -> list[str]:
    """Takes the objects out of use, each before what it refers to, as a destroy does; what could not be, a line each.

    A live stack needs the same permissions as for a destroy.
    """
    handlers = connect(settings, KINDS, say=say)
    failed: list[str] = []
    for one in reversed(owned):
        token, id_ = one.key
        try:
            for part, (schema, behaviour) in KINDS.items():
                if schema.part_of == token and not schema.below:
                    outputs = everything_of(schema, behaviour.seen(one.live))
                    handlers(part).delete(id_, {**outputs, ownership.OWNER: one.owner})
            found = handlers(token).read(id_, {})
            if found is not None:
                handlers(token).delete(id_, {**found[0], ownership.OWNER: one.owner})
            say(f"{one.label} is out of use")
        except StripeError as e:
            failed.append(f"{one.label}: {e}")
    return failed


def lines(client: Client, owned: Sequence[Object]) -> str:
    """The lines of a program that declare the objects again, under the names that they had."""
    return "\n".join(_lines(client, owned))


def _lines(client: Client, owned: Sequence[Object]) -> Iterator[str]:
    resources: list[Named] = []
    for one in owned:
        schema, behaviour = one.kind
        try:
            declared = declaration(schema, behaviour, complete(client, schema, behaviour, one.live))
        except Inexpressible as e:
            yield f"# {one.label} cannot be declared: {e}\n"
            continue
        metadata = ownership.own(declared.inputs.get("metadata", {}))
        rest = {k: v for k, v in declared.inputs.items() if k != "metadata"}
        inputs = {**rest, **({"metadata": metadata} if metadata else {}), ADOPT: one.key[1]}
        name = ownership.name_of(one.owner)
        variable = f"{snake(schema.token)}_{len(resources)}"
        resources.append(Named(Found(schema, one.live, replace(declared, inputs=inputs)), name, variable))
    yield from statements(resources)
