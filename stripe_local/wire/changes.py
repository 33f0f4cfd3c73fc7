"""What a piece of work changed, and which events that makes: the one place where both are known.

`stripe_local.resources.occasions` declares the events of every kind of object:

    declare("coupon", "coupon", path="/v1/coupons")                   # coupon.created, coupon.updated, coupon.deleted
    declare("tax_rate", "tax_rate", path="/v1/tax_rates", words=only("created", "updated"))
    declare("payment_intent", "payment_intent", path="/v1/payment_intents", words=_intent, place=PAYMENT)

The first is the kind under which objects are stored, the second what the types of their events begin with. `words` says what
happened from the object before and after, each as the API shows it (`Change`). No handler makes an event: whoever stores, changes
or removes an object of a declared kind, within a request or because time passed, makes its events. What one piece of work does to
an object is one change, however often it is stored meanwhile; where Stripe tells of two (an invoice is finalized, then paid),
`events.record(context)` between them divides it. An object that is shown within another (a subscription item) is `part` of it.
What follows from all that changed together, such as what a customer may use, is told by a function of its own (`follow`).

`Changes` keeps the state of each object before its first change. What is thrown away again, as by a preview, is `unnoticed`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from stripe_local.store.objects import Body, public

from .differences import previous_attributes
from .errors import StripeError
from .expand import renderer
from .operation import Context

# Recorded: besides updates, the one event that has `previous_attributes`.
_TELLS_WHAT_WAS = ("payment_method.detached",)

USUAL, PAYMENT, INVOICE, SUBSCRIPTION, LAST = range(5)
"""The order of events of one piece of work, by kind; within a place, as the objects were changed."""


@dataclass(frozen=True)
class Change:
    """An object before and after, as the API shows it (None: there is none), at a `moment` (Unix seconds)."""

    before: Body | None
    after: Body | None
    moment: int

    @property
    def previous(self) -> Body:
        """What `previous_attributes` of an update shows; nothing for what is new or gone."""
        return {} if self.before is None or self.after is None else previous_attributes(self.before, self.after)


Words = Callable[[Change], Iterable[str]]
Show = Callable[[Body], Body | None]


def usual(change: Change) -> Iterator[str]:
    """What happens to most objects."""
    if change.before is None:
        yield "created"
    elif change.after is None:
        yield "deleted"
    elif change.previous:
        yield "updated"


def only(*words: str) -> Words:
    """Those of the usual ones."""
    return lambda change: (word for word in usual(change) if word in words)


@dataclass(frozen=True)
class Declared:
    """What `declare` was told."""

    name: str
    path: str | None
    words: Words
    shows: Show | None
    place: int
    quiet: Sequence[str]
    gone: Body
    about: str | None
    alone: Callable[[Body], str] | None


@dataclass(frozen=True)
class Happened:
    """An event to be: its type, the object, its previous attributes (mostly of an update), and what a thin one is related to."""

    type: str
    object: Body
    previous: Body | None
    related: Body | None
    asked: bool = True
    """Whether the request that made it, if any, is named in it."""


Follows = Callable[[Context, Sequence[Change]], Iterable[Happened]]

_declared: dict[str, list[Declared]] = {}
_parts: dict[str, tuple[str, str]] = {}
_following: dict[str, Follows] = {}


def declare(
    kind: str,
    name: str,
    *,
    path: str | None = None,
    words: Words = usual,
    shows: Show | None = None,
    place: int = USUAL,
    quiet: Sequence[str] = (),
    gone: Body | None = None,
    about: str | None = None,
    alone: Callable[[Body], str] | None = None,
) -> None:
    """Declare the events of stored objects of a kind: their types are `name.word`. A kind may be declared several times.

    `path` is where the API has the object, without its id. Events show it as expansion does, or what `shows` makes of that, of
    which None is none.
    `quiet` fields never change as far as events go. `gone` is what a deleted object shows instead of what it was. Thin events are
    related to the object, or to the one in its field `about`; `alone` says where the API has what is read without an id.
    """
    _declared.setdefault(kind, []).append(Declared(name, path, words, shows, place, quiet, gone or {}, about, alone))


def part(kind: str, of: str, by: str) -> None:
    """Declare that objects of a kind are shown in one of the kind `of`, whose id they have in their field `by`."""
    _parts[kind] = (of, by)


def follow(kind: str, follows: Follows) -> None:
    """Declare what follows from all changes of objects of a declared kind in one piece of work.

    `follows` may store it, as objects of kinds that are not declared; the events that it answers with come after all others.
    """
    _following[kind] = follows


class Changes:
    """The objects that one piece of work has changed so far."""

    def __init__(self) -> None:
        self.emitted = False
        """Whether there is an event to deliver."""
        self._before: dict[tuple[str, str], Body | None] = {}
        self._unnoticed = False

    @contextlib.contextmanager
    def unnoticed(self) -> Iterator[None]:
        """What changes meanwhile makes no events."""
        was, self._unnoticed = self._unnoticed, True
        try:
            yield
        finally:
            self._unnoticed = was

    def notice(self, context: Context, kind: str, id: str, body: Body | None, *, new: bool) -> None:
        """Keep what the object is, before it is made as `body`, changes to it, or goes."""
        if self._unnoticed:
            return
        if kind in _parts:
            of, by = _parts[kind]
            holder = (body or context.objects.get(kind, id) or {}).get(by)
            kind, id, new = of, str(holder), False
        if kind in _declared and (kind, id) not in self._before:
            self._before[kind, id] = None if new else _shown(context, kind, id)

    def take(self, context: Context, answer: Body | None = None) -> list[Happened]:
        """What happened since the last time, in order; `answer` is shown in place of an object that it is."""
        before, self._before = self._before, {}
        found: list[tuple[int, Happened]] = []
        followed: dict[str, list[Change]] = {}
        for (kind, id), old in before.items():
            new = answer if _is(answer, kind, id) else _shown(context, kind, id)
            for one in _declared[kind]:
                found += [(one.place, event) for event in _events(one, old, new, context.moment)]
            if kind in _following:
                followed.setdefault(kind, []).append(Change(old, new, context.moment))
        found.sort(key=lambda each: each[0])
        last = [event for kind, changes in followed.items() for event in _following[kind](context, changes)]
        return [event for _, event in found] + last


def _is(answer: Body | None, kind: str, id: str) -> bool:
    return answer is not None and answer.get("id") == id and answer.get("object") == kind and not answer.get("deleted")


def _shown(context: Context, kind: str, id: str) -> Body | None:
    body, render = context.objects.get(kind, id), renderer(kind)
    if body is None or render is None:
        return None if body is None else public(body)
    try:
        shown = render(context, id)
    except StripeError:
        return None
    return None if shown.get("deleted") else shown


def _events(one: Declared, before: Body | None, after: Body | None, moment: int) -> Iterator[Happened]:
    if one.shows is not None:
        before, after = before and one.shows(before), after and one.shows(after)
    if before is None and after is None:
        return
    if before is not None and after is not None and one.quiet:
        before = {**before, **{name: after[name] for name in one.quiet if name in after}}
    change = Change(before, after, moment)
    shown = after if after is not None else {**(before or {}), **one.gone}
    for word in one.words(change):
        previous = change.previous if word == "updated" or f"{one.name}.{word}" in _TELLS_WHAT_WAS else None
        yield Happened(f"{one.name}.{word}", shown, previous, _related(one, shown[one.about] if one.about else shown))


def _related(one: Declared, body: Body) -> Body | None:
    if one.alone:
        return {"type": body["object"], "url": one.alone(body)}
    return {"id": body["id"], "type": body["object"], "url": f"{one.path}/{body['id']}"} if one.path else None
