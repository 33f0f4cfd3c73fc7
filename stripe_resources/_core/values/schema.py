"""What a resource's fields are, as data: types, mutability, limits, defaults.

A declaration (`stripe_resources/kinds/price.py` and its like) is compiled into these classes by `stripe_resources.declare`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from string import Formatter
from typing import Any, Protocol, TypeAlias

from .lifecycle import DELETED, Lifecycle


class Unknown:
    """A value that a preview cannot know yet. There is one: `UNKNOWN`."""

    def __repr__(self) -> str:
        return "<unknown>"


UNKNOWN = Unknown()


class Role(enum.Enum):
    """What a change of a field means."""

    MUTABLE = "mutable"
    """Changed in place with the update request, and compared with what Stripe has."""
    IMMUTABLE = "immutable"
    """Stripe takes it at creation only: a change replaces the object."""
    OPTION = "option"
    """Says how a request is carried out; sent along, but never a change by itself."""
    RETIRE_OPTION = "retire option"
    """Says how the object is retired; kept in state for that, sent only then."""
    ADOPTION = "adoption"
    """Says which existing object the resource begins with; kept in state, never sent, never a change."""


class Unset(enum.Enum):
    """How a field that leaves the program is put back at Stripe."""

    EMPTY = "empty"
    """By sending an empty value, which is how Stripe's form encoding clears a field."""
    DEFAULT = "default"
    """By sending Stripe's default."""
    INSIDE = "inside"
    """By clearing each of its parts: Stripe does not take an empty value for the whole."""
    KEEP = "keep"
    """Not at all: Stripe has no way back, and the value has no effect by itself."""


@dataclass(frozen=True)
class Text:
    """A string; `pattern` is a regular expression for the whole of it, `form` says in words what it asks."""

    max_length: int | None = None
    pattern: str | None = None
    form: str = ""


@dataclass(frozen=True)
class Integer:
    """A whole number. Pulumi carries numbers as doubles, so beyond 2**53 none is exact and all are refused."""

    minimum: int = -(2**53)
    maximum: int = 2**53
    money: bool = False
    """An amount in minor currency units."""
    time: bool = False
    """Unix seconds, UTC."""


@dataclass(frozen=True)
class Number:
    """A number that need not be whole (a percentage, a length): never money."""

    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Boolean:
    """True or false."""


@dataclass(frozen=True)
class Enum:
    """One of Stripe's listed values."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class DecimalText:
    """An exact decimal as a string, in minor currency units, with at most `places` decimal places."""

    places: int = 12
    minimum: int | None = 0


@dataclass(frozen=True)
class ListOf:
    """A list; its order counts."""

    item: Type
    max_items: int | None = None
    min_items: int = 0


@dataclass(frozen=True)
class MapOf:
    """A map with keys of the user's choosing."""

    value: Type
    key: Text = Text()
    max_items: int | None = None


@dataclass(frozen=True)
class AnyOf:
    """One of several types, tried in order."""

    alternatives: tuple[Type, ...]


@dataclass(frozen=True)
class Object:
    """A nested object with named fields."""

    fields: Mapping[str, Field]

    @cached_property
    def amounts(self) -> Mapping[str, str]:
        """See `amounts_in`."""
        return amounts_in(self.fields)

    @cached_property
    def exact(self) -> bool:
        """See `exact_in`."""
        return any(exact_in(field.type) for field in self.fields.values())


Type: TypeAlias = "Text | Integer | Number | Boolean | Enum | DecimalText | ListOf | MapOf | AnyOf | Object"


def exact_in(type_: Type) -> bool:
    """Whether a decimal or a time can be in what is of this type."""
    match type_:
        case AnyOf(alternatives=alternatives):
            return any(map(exact_in, alternatives))
        case ListOf(item=inside) | MapOf(value=inside):
            return exact_in(inside)
        case Object():
            return type_.exact
        case Integer(time=time):
            return time
    return isinstance(type_, DecimalText)


@dataclass(frozen=True)
class Field:
    """One field of a resource or of a nested object (where `role` and `unset` say nothing)."""

    name: str
    type: Type
    required: bool = False
    role: Role = Role.MUTABLE
    default: Any = None
    """Stripe's own default, where it is a constant; None where there is none."""
    enforced: bool = False
    """The default counts as declared: any other value at Stripe is drift (an archived price, for instance)."""
    unset: Unset = Unset.EMPTY
    readable: bool = True
    """False where Stripe does not give the value back, or changes it by itself: then it is compared with what was declared
    last, not with what Stripe has."""
    only: str = ""
    """"create" or "update" where only that request takes it; "" for both. Immutable fields are always "create"."""
    wire: str = ""
    """Stripe's name, where `name` must be another one."""
    expand: bool = False
    """Stripe leaves it out of its answers unless it is asked for by `expand`."""
    filled: bool = False
    """Stripe fills in a value of its own where none is declared, so that any is as good then (a product's id, for instance)."""

    @property
    def sent(self) -> bool:
        """Whether it is a parameter of Stripe's create and update requests at all."""
        return self.role not in (Role.RETIRE_OPTION, Role.ADOPTION)

    @property
    def in_create(self) -> bool:
        """Whether the create request takes it."""
        return self.only != "update" and self.sent

    @property
    def in_update(self) -> bool:
        """Whether the update request takes it."""
        return self.only != "create" and self.role is not Role.IMMUTABLE and self.sent

    @property
    def stripe_name(self) -> str:
        """The name of the parameter at Stripe."""
        return self.wire or self.name


class Unique(enum.Enum):
    """How many objects can have one value of a key."""

    NO = "no"
    """Any number."""
    IN_USE = "in use"
    """One that is in use: the value has to be free before it is given again."""
    ALWAYS = "always"
    """One: the value stays taken when the object is out of use."""
    MOVES = "moves"
    """One, which gives it up to another that asks for it."""


VALUE = "{value}"
"""Stands for the value of a key in the parameters that find it."""


@dataclass(frozen=True)
class Key:
    """The field by which an object is known besides its id."""

    field: str
    lists: tuple[Mapping[str, Any], ...] = ({},)
    """The parameters of the lists that have the objects with `VALUE`; where they do not name it, the objects are looked through.
    None for an object whose id it is."""
    unique: Unique = Unique.NO
    caseless: bool = False
    """Whether values that differ in case are the same."""
    within: tuple[str, ...] = ()
    """The fields among whose values it is unique."""

    def claimed(self, inputs: Inputs) -> tuple[str, ...] | None:
        """What no two objects in use can have; None where these inputs claim nothing, or that is not known yet."""
        parts = [inputs.get(name) for name in (self.field, *self.within)]
        if self.unique is Unique.NO or parts[0] is None or UNKNOWN in parts:
            return None
        if self.unique is Unique.IN_USE and inputs.get("active") is False:
            return None
        words = ["" if part is None else str(part) for part in parts]
        return (words[0].lower() if self.caseless else words[0], *words[1:])

    @property
    def transfer(self) -> str:
        """The parameter that takes the value from another object, see `Unique.MOVES`."""
        return f"transfer_{self.field}"


@dataclass(frozen=True)
class Schema:
    """One resource: its fields, where it lives, what it reports besides."""

    token: str
    """For instance "stripe:Price"; part of the state's format, never changed."""
    path: str
    """For instance "/v1/prices", or "/v1/products/{product}/features" for what is found below another object only."""
    fields: Mapping[str, Field]
    computed: tuple[str, ...] = ()
    """Outputs that are not inputs; only values that do not change by themselves."""
    shown_once: Mapping[str, str] = field(default_factory=dict)
    """Those of them that Stripe tells only when it makes the object, such as a signing secret, each with the path of Stripe's own
    field: kept from then on, as secrets."""
    irreversible: str = ""
    """Why deleting one cannot be undone and costs somebody something; "" where it can, or costs nothing. A live stack then
    needs permission."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Parameters of Stripe's that are not fields here → why; for instance "items.plan"."""
    creation_only: Mapping[str, str] = field(default_factory=dict)
    """Parameters that Stripe's update request takes as well → why they are not sent with it."""
    rules: tuple[Rule, ...] = ()
    """Stripe's rules across the fields."""
    lifecycle: Lifecycle = DELETED
    key: Key | None = None
    part_of: str = ""
    """The token of the kind whose objects have this one as a part, under the same path; "" where objects are its own."""
    arguments: type = dict
    """The TypedDict that declares the fields."""
    resource: type = object
    """The class that programs use."""

    @property
    def kind(self) -> str:
        """For instance "Price"."""
        return self.token.partition(":")[2]

    @property
    def tagged(self) -> bool:
        """Whether Stripe keeps metadata for it, so that ownership can be written there."""
        return "metadata" in self.fields

    @cached_property
    def expand(self) -> tuple[str, ...]:
        """What every request must ask Stripe to include, or drift in it is invisible."""
        return tuple(_expanded(self.fields))

    def asking(self, names: Iterable[str], *, listed: bool = False) -> dict[str, list[str]]:
        """The parameters that ask Stripe to include these in its answer, or in each object of a list."""
        parameter = include_parameter(self.path)
        asked = [f"data.{name}" if listed and parameter == "expand" else name for name in names]
        return {parameter: asked} if asked else {}

    @cached_property
    def amounts(self) -> Mapping[str, str]:
        """See `amounts_in`."""
        return amounts_in(self.fields)

    @cached_property
    def below(self) -> tuple[str, ...]:
        """The fields that are parts of the path."""
        return tuple(name for _, name, _, _ in Formatter().parse(self.path) if name)


def amounts_in(fields: Mapping[str, Field]) -> Mapping[str, str]:
    """The amounts that can be written in two ways: the field with the decimal → the one with whole minor units."""
    decimals = (name for name, field in fields.items() if isinstance(field.type, DecimalText))
    return {name: whole for name in decimals if (whole := name.rpartition("_decimal")[0]) in fields}


def include_parameter(path: str) -> str:
    """The parameter that asks Stripe to include what it leaves out; version 2 of the API has another one than version 1."""
    return "include" if path.startswith("/v2/") else "expand"


def _expanded(fields: Mapping[str, Field]) -> Iterator[str]:
    for each in fields.values():
        if each.expand:
            yield each.stripe_name
        elif isinstance(each.type, Object):
            yield from (f"{each.stripe_name}.{name}" for name in _expanded(each.type.fields))


@dataclass(frozen=True)
class Failure:
    """One thing wrong with the inputs of one resource."""

    path: str
    """For instance `tiers[1].up_to`."""
    reason: str
    """What is wrong with which value, and the remedy, as one sentence."""

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


Inputs = Mapping[str, Any]
"""A resource's inputs: plain values, `UNKNOWN` where a preview cannot know."""


class Rule(Protocol):
    """A rule across fields, see `stripe_resources.rules`."""

    def failures(self, inputs: Inputs) -> Iterable[Failure]:
        """Where inputs whose types are right break it."""

    def live(self, live: Inputs) -> Inputs:
        """Stripe's object without what no inputs can have for this rule."""


@dataclass
class Difference:
    """What an update would do."""

    changed: list[str] = field(default_factory=list)
    replaces: list[str] = field(default_factory=list)
    delete_before_replace: bool = False

    def __bool__(self) -> bool:
        return bool(self.changed)
