"""What the tests that run over all kinds have to be told of each: `SAMPLE` in `kinds/test_<kind>.py`.

A value such as "{product}" stands for the id of an object that the `World` makes: see its properties.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypedDict

Values = dict[str, Any]

YEARS_AWAY = 4_000_000_000
REPLACES = "replaces"
A_AND_B = ({"a": "1", "b": "2"}, {"a": "x", "b": "2"})
"""Metadata as the program has it, and as somebody leaves it."""


class Nothing(TypedDict):
    """There is no such request."""


class Wrong(NamedTuple):
    """Arguments that a preview must refuse."""

    name: str
    args: Values
    field: str
    """What the message must begin with."""


@dataclass(frozen=True)
class Drift:
    """A field, declared as `ours` beside `base`, that somebody sets to `theirs`."""

    field: str
    ours: Any
    theirs: Any
    base: Values | None = None
    """By default the sample's arguments without the field."""
    along: tuple[str, ...] = ()
    """Fields that change, and leave the program, together with it."""
    leaves_with: tuple[str, ...] = ()
    """Fields that leave the program together with it, if those are others."""
    left: Any = None
    """What Stripe has when the field has left the program; `REPLACES` where only a new object is without it."""


@dataclass(frozen=True)
class Plan:
    """Inputs to make for Stripe's checker: everything but `omit`, with the values of `choose` where it names some.

    Both name fields by paths such as `recurring.meter`; lists and maps add nothing to a path (`items.price`). `omit` can also
    name one of the values that a field is limited to: `recurring.interval=week`.
    """

    name: str
    omit: frozenset[str] = frozenset()
    choose: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def without(self, paths: Iterable[str]) -> Plan:
        """The plan with more omitted."""
        return replace(self, omit=self.omit | frozenset(paths))


@dataclass(frozen=True)
class Sample:
    """One kind."""

    kind: str
    """For instance "Price"."""
    path: str
    """Where Stripe has its objects, for instance "/v1/prices"."""
    args: Values
    """The least that makes one."""
    create: type
    """The SDK's parameters of the create request: `stripe.params.PriceCreateParams`."""
    update: type = Nothing
    """Those of the update request; `Nothing` where Stripe has none."""
    wrong: Sequence[Wrong] = ()
    """Each with one thing wrong with it."""

    mutable: Sequence[Drift] = ()
    """Every field that Stripe gives back and an update changes."""
    immutable: Sequence[Drift] = ()
    """Every field that Stripe gives back and only a new object can have otherwise."""
    own: tuple[str, ...] = ()
    """Outputs besides `created` in which an object differs from another one with the same inputs."""
    absent: Mapping[str, Any] = field(default_factory=dict)
    """Fields that the local Stripe refuses by name, and a value for each: their drift is tried without a server only."""
    tried_elsewhere: Mapping[str, str] = field(default_factory=dict)
    """Fields that Stripe gives back and that are in none of these → where they are tried, or why not."""

    plans: Sequence[Plan] = (Plan("all"),)
    """What to send to Stripe's checker; several where the kind's rules exclude some fields where others are."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """A text that matches, for each pattern of the kind's own."""
    newer: Mapping[str, str] = field(default_factory=dict)
    """Path, or path=value → why stripe-mock, whose description of the API is older than the SDK's, does not know it."""
    not_at_creation: Mapping[str, str] = field(default_factory=dict)
    """path=value → why Stripe takes it in updates only."""
    has_create: bool = True
    """Whether there is a create request of its own."""
    found_by: Values = field(default_factory=dict)
    """Outputs without which a request about an object has no address."""
    not_in_example: tuple[str, ...] = ()
    """Outputs that Stripe's own example of the object lacks."""
    retired_with: Values = field(default_factory=dict)
    """Outputs that say how an object is to be retired."""
    retired_by: str = ""
    """The first request of a delete; "" for DELETE."""


def without(args: Values, *names: str) -> Values:
    """The arguments without some."""
    return {k: v for k, v in args.items() if k not in names}
