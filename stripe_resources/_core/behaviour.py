"""Where one resource differs from the rest: named hooks, each with the behaviour of most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from stripe_client.client import Client
from stripe_client.errors import Refused

from .values.check import metadata_failures, normalize
from .values.schema import UNKNOWN, Difference, Failure, Inputs, Schema

Values = Mapping[str, Any]


@dataclass(frozen=True)
class History:
    """What this process has seen of a resource that the state already has."""

    inputs: Values | None = None
    """Its inputs in the state; None for a resource that is new."""
    id: str = ""
    """Its id in the state, as far as a diff told."""
    made: str = ""
    """The id that a create of this process gave it."""
    wanted: Values | None = None
    """Its inputs in the program, as last checked; None where the program has it no more."""
    attempted: bool = False
    """Stripe repeats that an earlier request to create it failed, which may have been after the work was done."""
    forced: bool = False
    """The user asked for a replacement though nothing changed; the engine then shows neither inputs nor id."""

    def had(self, field: str, value: Any) -> bool:
        """Whether the object that is being replaced has this value; a forced replacement has all values of its successor."""
        return self.forced or (self.inputs or {}).get(field) == value


@dataclass(frozen=True)
class Retirement:
    """What there is to know when an object is retired."""

    id: str
    outputs: Values
    """Of the object that goes."""
    successor: str = ""
    """The id of the object that is the resource's from now on; "" where the resource goes altogether."""
    wanted: Values | None = None
    """The inputs of the resource in the program; None where the resource goes altogether."""
    say: Callable[[str], None] = print
    """Tells the user one line."""


@dataclass(frozen=True)
class Recovery:
    """How to go on after a refused create or update."""

    params: dict[str, Any] = field(default_factory=dict)
    """Parameters to try again with; or, where empty:"""
    live: dict[str, Any] = field(default_factory=dict)
    """an object that is ours already, to be brought in line."""


class Behaviour:
    """The behaviour of a plain resource; a resource overrides what Stripe does differently for it."""

    in_use: ClassVar[Values] = MappingProxyType({})
    """The list parameters that leave out what is out of use."""
    natural_key: ClassVar[str] = ""
    """The field by which an object is known besides its id; "" where there is none."""

    spellings: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Fields that say the same as another one: the one that `comparable` keeps → the other."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        """Of the kind."""

    def path(self, values: Values) -> str:
        """Where objects with these inputs or outputs are made, and are found by their ids."""
        return self.schema.path

    def named(self, client: Client, value: Any) -> Iterable[Values]:
        """The objects whose natural key has this value."""
        return ()

    def comparable(self, values: Values) -> Values:
        """The values with what can be written in two ways written in one, see `spellings`."""
        return values

    def expand(self, values: Values) -> list[str]:
        """What Stripe must be asked to include in its answer about an object with these inputs or outputs."""
        return list(self.schema.expand)

    def rules(self, inputs: Inputs, creating: bool) -> Iterable[Failure]:
        """Stripe's rules across fields, on inputs whose types are right. Values may be `UNKNOWN`.

        `creating`: there is no object yet, or a new one is to replace it.
        """
        return ()

    def transition(self, olds: Inputs, inputs: Inputs) -> Iterable[Failure]:
        """Rules on the way from the inputs in the state to these, whose types are right. Values may be `UNKNOWN`."""
        return ()

    def live(self, live: Values) -> Values:
        """Stripe's object with the values that are written otherwise in inputs put in their form."""
        return live

    def outputs(self, outputs: dict[str, Any], declared: Values, live: Values) -> dict[str, Any]:
        """The outputs, where some field needs more than its own value."""
        return outputs

    def adjust(self, difference: Difference, olds: Values, news: Values) -> Difference:
        """The difference, where fields hang together, or where the object's state at Stripe is a change."""
        return difference

    def create_params(self, params: dict[str, Any], inputs: Values, history: History) -> dict[str, Any]:
        """The create parameters, where they depend on what was there before."""
        return params

    def make(self, client: Client, inputs: Values, say: Callable[[str], None]) -> Values | None:
        """Makes the object in another way than by a create request; None for most, which have one."""
        return None

    def prepare(self, client: Client, path: str, olds: Values, news: Values) -> Values | None:
        """What an update needs beforehand: requests of its own, or a look at the object; the object then, or None without need.

        Raises StripeError where the update must not be made.
        """
        return None

    def update_params(self, params: dict[str, Any], olds: Values, news: Values, prepared: Values | None = None) -> dict[str, Any]:
        """The update parameters, where a field is no plain value; `prepared` is what `prepare` returned."""
        return params

    def recover(
        self,
        client: Client,
        params: Values,
        inputs: Values,
        history: History,
        refused: Refused,
    ) -> Recovery | None:
        """How to go on after a refused create, or None where the refusal stands."""
        return None

    def recover_update(self, client: Client, params: Values, inputs: Values, refused: Refused) -> Values | None:
        """The parameters to send instead after a refused update, or None where the refusal stands."""
        return None

    def gone(self, live: Values) -> bool:
        """Whether the object exists no more, though Stripe still answers for it."""
        return bool(live.get("deleted"))

    def objection(self, client: Client, id_: str, values: Values, stack: str) -> str:
        """Why a live stack must not retire this object without leave; "" where nothing speaks against it.

        `values` are the inputs that the program has for the resource, or the outputs of one that it has no more; `stack` is the
        beginning of the names of the stack's own resources.
        """
        return ""

    def superseded(self, live: Values) -> bool:
        """Whether an object that carries the resource's name, but is not what the program wants, is retired once there is one.

        False leaves it alone.
        """
        return False

    def concluded(self, live: Values, values: Values) -> bool:
        """Whether an object that is gone came to the end that its inputs or outputs declare: then no other is to be made."""
        return False

    def retired(self, live: Values) -> bool:
        """Whether the object still exists, but is out of use, as after its delete here."""
        return live.get("active") is False

    def retire(self, client: Client, path: str, retirement: Retirement) -> None:
        """Deletes the object, or does what Stripe has instead. An object that is gone is not an error."""
        client.delete(path)


class Checked(NamedTuple):
    """Inputs as they were looked at, without asking anybody."""

    inputs: dict[str, Any]
    """In their one form."""
    sound: dict[str, Any]
    """The same, with `UNKNOWN` for each field that has something of a wrong type in it: what rules can be asked about."""
    failures: list[Failure]


def checked(schema: Schema, behaviour: Behaviour, news: Values, *, creating: bool) -> Checked:
    """Types, limits, and Stripe's rules across fields: every failure at once."""
    inputs, failures = normalize(schema, news)
    broken = {f.path.partition("[")[0].partition(".")[0] for f in failures}
    missing = {name: UNKNOWN for name in broken if name in schema.fields}
    sound = {**{k: v for k, v in inputs.items() if k not in broken}, **missing}
    broken_rules = (failure for rule in schema.rules for failure in rule.failures(sound))
    return Checked(
        inputs, sound, [*failures, *metadata_failures(schema.fields, sound), *broken_rules, *behaviour.rules(sound, creating)]
    )
