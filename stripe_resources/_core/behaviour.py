"""Where one resource differs from the rest: named hooks, each with the behaviour of most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stripe_client.client import Client
from stripe_client.errors import Refused, StripeError

from .finding import find
from .values import options
from .values.check import metadata_failures, normalize, shown
from .values.compare import difference, unlike
from .values.outputs import outputs_of
from .values.ownership import alias_of, name_of, owner_of, owners_of, stack_of, tag_of
from .values.schema import UNKNOWN, Difference, Failure, Inputs, Schema, Unique

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
    replacing: bool = False
    """A diff told that a create is to come, which replaces the object."""
    wanted: Values | None = None
    """Its inputs in the program, as last checked; None where the program no longer has it."""
    attempted: bool = False
    """Stripe repeats that an earlier request to create it failed, which may have been after the work was done."""
    forced: bool = False
    """The command line asks for a replacement though nothing changed; the engine then shows neither inputs nor id."""

    @property
    def unannounced(self) -> bool:
        """Whether a create would make a replacement without a diff before it, so that nothing told the id of what it replaces.

        So it is where the program asks for it (`replacement_trigger`, `replace_with`, `deleted_with`, another provider), and
        where the command line does.
        """
        return self.forced or (self.inputs is not None and not self.id)

    def had(self, field: str, value: Any) -> bool:
        """Whether the object that is being replaced has this value; a forced replacement has all values of its successor."""
        return self.forced or (self.inputs or {}).get(field) == value


@dataclass(frozen=True)
class Retirement:
    """An object that is to be retired."""

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
class Refusal:
    """A create that Stripe refused, and what there is to go by."""

    client: Client
    params: Values
    inputs: Values
    history: History
    refused: Refused
    owners: Sequence[str]
    """The name of the resource that is to be made, and those that it had before."""


@dataclass(frozen=True)
class Recovery:
    """How to go on after a refused create."""

    params: Values = field(default_factory=dict)
    """Parameters to try again with; or, where empty:"""
    live: Values = field(default_factory=dict)
    """an object that is ours already, to be brought in line."""
    freed: str = ""
    """The id of an object that was retired to make room; "" for none."""


@dataclass(frozen=True)
class Update:
    """An update that is due."""

    client: Client
    path: str
    """Of the object."""
    olds: Values
    """The outputs before."""
    news: Values
    """The inputs."""
    params: Values
    """The parameters that follow from the declaration; {} where there is nothing to send."""
    send: Callable[[Values], Values | None]
    """Sends parameters to the object, with the name of the resource among them; None where there are none."""


class Behaviour:
    """The behaviour of a plain resource; a resource overrides what Stripe does differently for it."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        """Of the kind."""

    # -- for all kinds alike

    def path(self, values: Values) -> str:
        """Where objects with these inputs or outputs are made, and are found by their ids.

        Raises StripeError for an id without the object that it is below, as `pulumi import` has it.
        """
        below, kind = {name: values.get(name) for name in self.schema.below}, self.schema.kind
        missing = next((name for name, value in below.items() if not value), None)
        if missing:
            raise StripeError(f"{missing}: a {kind} is found below its {missing} only; declare it instead of importing it")
        return self.schema.path.format_map(below)

    def seen(self, live: Values) -> Values:
        """Stripe's object with its values in the form that inputs have."""
        for rule in self.schema.rules:
            live = rule.live(live)
        return self.live(live)

    def changes(self, olds: Values, news: Values) -> Difference:
        """How the inputs differ from the outputs `olds`, as `ignore_changes` and `replace_on_changes` have it."""
        news = options.kept(self.schema, olds, news)
        found = self._difference(olds, news)
        partly = options.replacing(self.schema, olds, news)
        if partly is not None:
            options.replaced(self.schema, found, self._difference(olds, partly), news)
        key = self.schema.key
        if key is not None and key.unique is Unique.IN_USE and found.replaces:
            found.delete_before_replace = key.field in news and olds.get(key.field) == news[key.field]
        return found

    def _difference(self, olds: Values, news: Values) -> Difference:
        found = difference(self.schema, olds, news)
        if self.schema.lifecycle.sleeps(olds):
            found.changed.append("status")
        return self.adjust(found, olds, news)

    def conflicts(self, live: Values, inputs: Values) -> list[str]:
        """The fields for which an existing object cannot become what the inputs want. What is unknown yet is taken for equal."""
        schema, seen = self.schema, self.seen(live)
        known = {k: v for k, v in inputs.items() if v is not UNKNOWN}
        olds = self.outputs(outputs_of(schema, known, seen), known, seen)
        fields = unlike(schema, seen, options.kept(schema, olds, inputs))
        # Mutable fields that hang together can need a new object too; what is immutable has been compared.
        also = self.changes(olds, known).replaces
        return fields + [n for n in also if n not in fields and schema.fields[n].in_update]

    # -- where a kind can differ

    def expand(self, values: Values) -> list[str]:
        """What Stripe must be asked to include in its answer about an object with these inputs or outputs."""
        return list(self.schema.expand)

    def rules(self, inputs: Inputs, olds: Inputs | None) -> Iterable[Failure]:
        """Stripe's rules across fields, on inputs whose types are right. Values may be `UNKNOWN`.

        `olds` are the inputs in the state; None where there is no object yet.
        """
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

    def notice(self, olds: Values, news: Values) -> str:
        """What a change means that its fields do not tell, such as what is billed from now on; "" for most changes."""
        return ""

    def make(self, client: Client, inputs: Values, history: History, say: Callable[[str], None]) -> Values | None:
        """Makes the object in another way than by a create request; None for most, which have one."""
        return None

    def ours(self, client: Client, live: Values, owners: Sequence[str]) -> bool:
        """Whether the object that has the resource's key is the resource's, which has, or had, these names."""
        return tag_of(live) in owners

    def taken(self, live: Values, inputs: Values) -> str:
        """What to do about an object that has the resource's key, if it is another resource's of this stack; "" if it is not."""
        tag, owner, key = tag_of(live), owner_of(inputs), self.schema.key
        if key is None or not owner or tag in owners_of(inputs) or not tag.startswith(stack_of(owner)):
            return ""
        return (
            f'{shown(inputs.get(key.field))} is that of "{name_of(tag)}" in this stack, {live["id"]}; if that is what this '
            f"resource was before, say so with {alias_of(tag, owner)}, else choose another one"
        )

    def recover(self, refusal: Refusal) -> Recovery | None:
        """How to go on after a refused create, or None where the refusal stands.

        Where only one object can have the natural key, that is with the one that has it, if it is this resource's and can become
        what is wanted. If it is to be replaced without a change, and gives the key up when it is retired, it is retired first.

        Raises StripeError where it would not give it up.
        """
        key, client = self.schema.key, refusal.client
        if key is None or key.unique not in (Unique.IN_USE, Unique.ALWAYS) or key.field not in refusal.inputs:
            return None
        found = find(client, self.schema, refusal.inputs[key.field])
        holder = next((o for o in found if self.ours(client, o, refusal.owners)), None)
        if holder is None:
            if problem := next(filter(None, (self.taken(live, refusal.inputs) for live in found)), ""):
                raise StripeError(f"{key.field}: {problem}")
            return None
        if refusal.history.unannounced and key.unique is Unique.IN_USE:
            self.retire(client, f"{self.path(refusal.inputs)}/{holder['id']}", Retirement(str(holder["id"]), refusal.inputs))
            return Recovery(params=refusal.params, freed=str(holder["id"]))
        if refusal.history.unannounced and not refusal.history.forced:
            raise StripeError(
                f"{key.field}: {shown(refusal.inputs[key.field])} belongs to {holder['id']}, which is to be replaced, and there "
                "cannot be two; choose another one together with the replacement, or set delete_before_replace=True"
            )
        return None if self.conflicts(holder, refusal.inputs) else Recovery(live=holder)

    def update(self, update: Update) -> Values | None:
        """Makes an update; the object then, or None where there is nothing to change at Stripe.

        Raises StripeError where the update must not be made.
        """
        return update.send(update.params)

    def objection(self, client: Client, id_: str, values: Values, stack: str) -> str:
        """Why a live stack must not retire this object without permission; "" where nothing speaks against it.

        `values` are the inputs that the program has for the resource, or the outputs of one that it no longer has; `stack` is the
        beginning of the names of the stack's own resources.
        """
        return ""

    def concluded(self, live: Values, values: Values) -> bool:
        """Whether an object that is gone ended as its inputs or outputs declare: then no other one is made."""
        return False

    def retire(self, client: Client, path: str, retirement: Retirement) -> None:
        """Takes the object out of use, as its lifecycle says. One that is out of use already is done; the one that Stripe uses by
        default, and does not let go, stays."""
        refused = None
        for step in self.schema.lifecycle.steps:
            try:
                client.delete(path) if step.deletes else client.post(f"{path}{step.below}", step.params)
            except Refused as e:
                if e.status != 400:
                    raise
                refused = e
            else:
                return
        live = client.get(path)
        if live.get("is_default"):
            retirement.say(
                f"{retirement.id} stays in use: it is the account's default {self.schema.kind}; "
                "change it in the Dashboard, or declare it again with adopt"
            )
        elif refused is not None and not self.schema.lifecycle.over(live):
            raise refused


def checked(behaviour: Behaviour, news: Values, olds: Values | None = None) -> tuple[dict[str, Any], list[Failure]]:
    """The inputs in their one form; and every failure at once: types, limits, Stripe's rules across fields.

    `olds` are the inputs in the state; None where there is no object yet. Nobody is asked.
    """
    schema = behaviour.schema
    inputs, failures = normalize(schema, news)
    broken = {f.path.partition("[")[0].partition(".")[0] for f in failures}
    unknown = {name: UNKNOWN for name in broken if name in schema.fields}  # a rule cannot judge what is of a wrong type
    sound = {**{k: v for k, v in inputs.items() if k not in broken}, **unknown}
    failures += metadata_failures(schema.fields, sound)
    failures += [failure for rule in schema.rules for failure in rule.failures(sound)]
    return inputs, [*failures, *behaviour.rules(sound, olds)]
