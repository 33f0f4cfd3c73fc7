"""What Stripe has of a stack. Only GET requests are sent, one paged list for each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from stripe_client.client import Client
from stripe_client.errors import Refused
from stripe_resources._core.behaviour import Values
from stripe_resources._core.register import Kind
from stripe_resources._core.values.ownership import tag_of
from stripe_resources.export.exportable import exportable
from stripe_resources.export.references import targets
from stripe_resources.register import KINDS

SUBSCRIPTION, PRICE = "stripe:Subscription", "stripe:Price"

Key = tuple[str, str]
"""Token and id."""


@dataclass(frozen=True)
class Object:
    """One of Stripe's objects that is in use."""

    kind: Kind
    live: Values

    @property
    def key(self) -> Key:
        """Token and id."""
        return self.kind.schema.token, str(self.live["id"])

    @property
    def owner(self) -> str:
        """The resource that made it: project/stack/Kind/name; "" where Stripe keeps no metadata for the kind."""
        return tag_of(self.live)

    @property
    def label(self) -> str:
        """Its kind and id."""
        return f"{self.kind.schema.kind} {self.key[1]}"


@dataclass(frozen=True)
class Orphans:
    """What is in no state."""

    owned: list[Object]
    """What carries the stack's name; none before what it refers to."""
    perhaps: list[tuple[Object, list[Object]]]
    """What carries nobody's name, each with what of the stack hangs together with it."""
    billed: Mapping[str, int] = field(default_factory=dict)
    """How many of the account's subscriptions have a price, by its id."""
    held: list[Object] = field(default_factory=list)
    """What belongs to the stack, and the state has."""
    unknown: Mapping[str, str] = field(default_factory=dict)
    """The kinds of which nobody knows what there is, and why."""


def orphans(client: Client, stack: str, known: Collection[Key], most_pages: int | None = None) -> Orphans:
    """What belongs to the stack, whose owners begin with `stack` ("project/stack/"), and is not among `known`.

    A kind that the key may not list, or of which the account has more than `most_pages` pages of 100 objects in use, is
    `unknown`; the others are looked through. Raises `StripeError` for all else that is in the way.
    """
    found: dict[str, list[Object]] = {}
    unknown: dict[str, str] = {}
    for token, kind in exportable(KINDS).items():
        if not kind.schema.part_of:
            found[token], why = _in_use(client, kind, most_pages)
            unknown |= {kind.schema.kind: why} if why else {}
    ours = [one for objects in found.values() for one in objects if one.owner.startswith(stack)]
    ours += [one for objects in found.values() for one in objects if not one.kind.schema.tagged and one.key in known]
    unmarked = [one for objects in found.values() for one in objects if not one.kind.schema.tagged and one.key not in known]
    perhaps: list[tuple[Object, list[Object]]] = []
    # What names nothing comes first: an alert hangs on a meter, which a price of the stack's has.
    for one in sorted(unmarked, key=lambda one: _named(one) != []):
        near = [*ours, *(each for each, _ in perhaps)]
        linked = [other for other in near if one.key in _named(other) or other.key in _named(one)]
        if linked:
            perhaps.append((one, linked))
    owned, held = ([one for one in ours if (one.key in known) == there] for there in (False, True))
    return Orphans(owned, perhaps, _billed(found[SUBSCRIPTION]), held, unknown)


def _in_use(client: Client, kind: Kind, most_pages: int | None) -> tuple[list[Object], str]:
    """The objects, none where it is not known which there are, and then why."""
    schema = kind.schema
    asked = {**schema.lifecycle.in_use, **schema.asking(schema.expand, listed=True)}
    found: list[Object] = []
    try:
        for count, page in enumerate(client.pages(schema.path, asked), 1):
            if most_pages and count > most_pages:
                return [], f"there are more than {most_pages * 100:,} in use"
            found += [Object(kind, live) for live in page if not schema.lifecycle.over(live)]
    except Refused as e:
        if e.status != 403:
            raise
        return [], str(e)
    return found, ""


def _named(one: Object) -> list[Key]:
    return targets(one.kind.schema, one.kind.behaviour.seen(one.live), KINDS)


def _billed(subscriptions: list[Object]) -> Mapping[str, int]:
    prices = ({value for token, value in _named(one) if token == PRICE} for one in subscriptions)
    return Counter(price for each in prices for price in each)
