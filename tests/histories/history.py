"""What happens to a stack, in any order: edits, deployments that die, what others do at Stripe, states lost and restored.

After each `up` that succeeds, Stripe has what the program says, nothing twice and nothing left over; a further one does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from hypothesis import strategies as st

from stripe_client.client import Client
from stripe_client.settings import Settings
from stripe_resources.orphans.finding import orphans
from tests.histories import remedies
from tests.histories.accidents import Accident, Between, Broken, Died, Kill, Lost, Storm, accidents
from tests.histories.outside import TOUCHES, Strangers, by_hand, touch
from tests.histories.programs import (
    BILLABLE,
    CUSTOMERS,
    METERS,
    OPTIONS,
    PRICES,
    PRODUCTS,
    SLOTS,
    SUBSCRIPTIONS,
    Args,
    Names,
    Place,
    Program,
    arguments,
    closed,
    options,
    plain,
    refs,
    repriced,
    resolved,
)
from tests.histories.usage import Usage
from tests.histories.verdict import UNSET, InUse, complaints, in_use, on_archived_prices
from tests.stripe_local.server import LocalStripe

HOUR = 3600


@dataclass(frozen=True)
class Edit:
    """The program declares this now; None: no more."""

    slot: str
    args: Args | None


@dataclass(frozen=True)
class Undo:
    """The program says of it what it said before the last edit."""

    slot: str


@dataclass(frozen=True)
class Swap:
    """The program says of each of two what it said of the other one: their keys change hands."""

    slot: str
    other: str


@dataclass(frozen=True)
class Reprice:
    """The price costs this much now; who is on it stays there, or is moved."""

    slot: str
    amount: int
    existing_subscriptions: str


@dataclass(frozen=True)
class Rename:
    """It has another name, or its first one again, and an alias for each that it had."""

    slot: str


@dataclass(frozen=True)
class Move:
    """It is declared in a component, or outside again, with an alias."""

    slot: str


@dataclass(frozen=True)
class Adopt:
    """Somebody makes an object by hand, and the program adopts it by its id."""

    slot: str
    args: Args


@dataclass(frozen=True)
class Touch:
    """Somebody does something to what the stack has under this name."""

    slot: str
    name: str


@dataclass(frozen=True)
class Stranger:
    """Somebody makes an object of his own."""

    kind: str


@dataclass(frozen=True)
class Use:
    """Each customer uses so much of all that he is billed for by a meter."""

    value: int


@dataclass(frozen=True)
class Wait:
    """So many hours pass."""

    hours: int


@dataclass(frozen=True)
class Lose:
    """The state is lost."""


@dataclass(frozen=True)
class Restore:
    """The state is again what it was before so many of the last deployments."""

    back: int


@dataclass(frozen=True)
class Refresh:
    """`pulumi refresh`."""


@dataclass(frozen=True)
class Up:
    """`pulumi up`."""

    accident: Accident | None = None


Step: TypeAlias = (
    "Edit | Undo | Swap | Reprice | Rename | Move | Adopt | Touch | Stranger | Use | Wait | Lose | Restore | Refresh | Up"
)

A_DAY, A_MONTH = 25, 24 * 32
"""After these Stripe has forgotten idempotency keys, and has billed a period."""


def _edits(slot: str) -> st.SearchStrategy[Step]:
    return st.builds(Edit, st.just(slot), arguments(slot))


slots = st.sampled_from([*SLOTS, *BILLABLE, *SUBSCRIPTIONS])
changes: st.SearchStrategy[Step] = st.one_of(
    slots.flatmap(_edits),
    slots.flatmap(_edits),
    slots.flatmap(_edits),
    st.builds(Edit, slots, st.none()),
    st.builds(Undo, slots),
    st.sampled_from([METERS, PRODUCTS, BILLABLE, CUSTOMERS, SUBSCRIPTIONS]).map(lambda two: Swap(*two)),
    st.builds(Reprice, st.sampled_from(BILLABLE), st.integers(4, 9), st.sampled_from(["migrate", "grandfather"])),
    st.builds(Rename, slots),
    st.builds(Move, slots),
    slots.flatmap(lambda slot: st.builds(Adopt, st.just(slot), arguments(slot))),
)
touches: st.SearchStrategy[Step] = slots.flatmap(
    lambda slot: st.builds(Touch, st.just(slot), st.sampled_from(sorted(TOUCHES[slot.partition("/")[0]])))
)
uses: st.SearchStrategy[Step] = st.builds(Use, st.integers(1, 30))
others: st.SearchStrategy[Step] = st.one_of(
    uses,
    uses,
    touches,
    st.builds(Stranger, st.just("subscription")),
    st.builds(Stranger, st.sampled_from(["price", "product", "meter"])),
    st.builds(Wait, st.sampled_from([A_DAY, A_MONTH])),
    st.just(Lose()),
    st.just(Lose()),
    st.builds(Restore, st.integers(1, 3)),
)
ups: st.SearchStrategy[Step] = st.one_of(
    st.just(Up()), st.just(Up()), st.builds(Up, accidents), st.builds(Up, accidents), st.just(Refresh())
)
chapters: st.SearchStrategy[list[Step]] = st.tuples(st.lists(st.one_of(changes, changes, others), max_size=4), ups).map(
    lambda parts: [*parts[0], parts[1]]
)
beginnings: st.SearchStrategy[list[Step]] = st.tuples(*(st.one_of(st.none(), *[_edits(slot)] * 7) for slot in SLOTS)).map(
    lambda edits: [edit for edit in edits if edit]
)


def histories(chapters_at_most: int) -> st.SearchStrategy[list[Step]]:
    """A program that is brought up, and so many deployments at most, with what happens before them."""
    return st.tuples(beginnings, ups, st.lists(chapters, max_size=chapters_at_most)).map(
        lambda parts: [*parts[0], parts[1], *(step for chapter in parts[2] for step in chapter)]
    )


def figures(history: list[Step]) -> Iterator[tuple[str, int]]:
    """How often what happened in it; not told of the shortest, which each seed begins with."""
    if history == [Up()]:
        return
    yield "histories", 1
    yield "edits in them", sum(isinstance(step, (Edit, Undo, Swap, Reprice, Rename, Move, Adopt)) for step in history)
    yield "lost states in them", sum(isinstance(step, Lose) for step in history)
    yield "restored states in them", sum(isinstance(step, Restore) for step in history)
    accidents = [step.accident for step in history if isinstance(step, Up)]
    yield "kills in them", sum(isinstance(accident, (Kill, Between)) for accident in accidents)
    yield "storms and lost answers in them", sum(isinstance(accident, (Storm, Lost, Broken)) for accident in accidents)
    yield "edits with Pulumi's options in them", sum(isinstance(step, Edit) and OPTIONS in (step.args or {}) for step in history)
    yield "changes by others in them", sum(isinstance(step, (Touch, Stranger, Adopt)) for step in history)


class Stack(Protocol):
    """A stack on some engine."""

    owner: str
    """What its objects at Stripe say whose they are, without kind and name."""

    def up(self, program: Program, names: Names, accident: Accident | None = None) -> str:
        """Makes Stripe what the program says. What went wrong, or "". Raises Died where it was killed."""

    def refresh(self) -> str:
        """Makes the state what Stripe has. What went wrong, or ""."""

    def ids(self) -> dict[str, str]:
        """The ids of the resources that the stack has."""

    def known(self) -> set[tuple[str, str]]:
        """(token, id) of all that is in the state."""

    def unsettled(self, program: Program, names: Names) -> list[str]:
        """What previews would show, without a refresh and with one."""

    def saved(self) -> Any:
        """The state as it is now."""

    def restore(self, state: Any) -> None:
        """The state is again what it was."""

    def lose(self) -> None:
        """There is no state any more."""

    def take_over(self) -> None:
        """The objects are this state's, see `handing`."""

    def unprotect(self) -> None:
        """`pulumi state unprotect --all`."""


def tell(history: list[Step], stack: Stack, server: LocalStripe) -> None:
    """Lets it happen; in the end, one refresh and one up."""
    teller = Teller(stack, server)
    for step in history:
        teller.take(step)
    teller.take(Refresh())
    teller.take(Up())


class Teller:
    """Carries out one history on one stack."""

    def __init__(self, stack: Stack, server: LocalStripe) -> None:
        self.stack, self.server, self.client = stack, server, server.client()
        self.strangers, self.usage = Strangers(self.client), Usage(server)
        self.wishes: Program = {}
        self.before: dict[str, Args | None] = {}
        self.names: dict[str, tuple[Place, ...]] = {slot: (Place(slot.partition("/")[2]),) for slot in SLOTS}
        self.deployed = dict(self.names)
        self.touched: set[tuple[str, str]] = set()
        self.stale = False
        """The state does not show what others did at Stripe: an `up` may fail, and say why, until there is a refresh."""
        self.died = False
        """The last deployment did, and nothing has put that right yet."""
        self.accidents = False
        self.made_by_hand: set[str] = set()
        self.suspects: set[str] = set()
        """What deployments made that did not succeed (the state may not have it), or had yet to retire.

        A product or a customer that is left so may have been kept on purpose, as far as the next run knows.
        """
        self.archived: set[str] = set()
        self.retaining: set[str] = set()
        """The marks of what had `retain_on_delete` once: an object of such a resource may stay in use."""
        self.stuck: set[tuple[str, str]] = set()
        """Subscriptions of others on prices of ours that are out of use."""
        self.states: list[Any] = []
        self.live: InUse = in_use(server)

    def take(self, step: Step) -> None:
        match step:
            case Edit(slot, args):
                self._edit(slot, args)
            case Undo(slot):
                self._edit(slot, self.before.get(slot, self.wishes.get(slot)))
            case Swap(slot, other):
                one, another = self.wishes.get(slot), self.wishes.get(other)
                if slot in METERS and one and another:  # an event name has to be free before another meter has it
                    one, another = ({**a, "event_name": b["event_name"]} for a, b in ((one, another), (another, one)))
                elif slot in METERS:
                    return
                self._edit(slot, another)
                self._edit(other, one)
            case Reprice(slot, amount, existing):
                if slot in self.wishes:
                    self._edit(slot, repriced(self.wishes[slot], amount, existing))
            case Rename(slot):
                now = self.names[slot][-1]
                first = self.names[slot][0].name
                if slot not in self.stack.ids():
                    return  # what is not in the state yet is not known by the name that it had
                self._place(slot, Place(f"{first}-renamed" if now.name == first else first, now.inside))
            case Move(slot):
                now = self.names[slot][-1]
                self._place(slot, Place(now.name, not now.inside))
            case Adopt(slot, args):
                self._adopt(slot, args)
            case Touch(slot, name):
                self._touch(slot, name)
            case Stranger(kind):
                ids = self.stack.ids()
                self.strangers.make(kind, [ids[s] for s in PRODUCTS if s in ids], [ids[s] for s in PRICES if s in ids])
            case Use(value):
                self.usage.report(value)
                self.server.clock(advance=60)  # Stripe knows no less than a second: what begins in the same one counts it too
            case Wait(hours):
                self._wait(hours)
            case Lose():
                self._forget_names()
                self.stack.lose()
                self.states.clear()
                self.accidents, self.died, self.stale = True, False, False
                self._forgive_what_nobody_declares(SLOTS)
            case Restore(back):
                if len(self.states) >= back:
                    self._forget_names()
                    self.stack.restore(self.states[-back])
                    self.accidents = self.stale = True
                    self._forgive_what_nobody_declares(SLOTS)
            case Refresh():
                failure = self.stack.refresh()
                if "take-over" in failure:  # what the state has was found again by one that is gone
                    self.stack.take_over()
                    failure = self.stack.refresh()
                assert not failure, failure
                self.stale = False
            case Up(accident):
                self._up(accident)

    # -- the program

    def _edit(self, slot: str, args: Args | None) -> None:
        self.before[slot] = self.wishes.get(slot)
        if args is None:
            self.wishes.pop(slot, None)
        else:
            self.wishes[slot] = args
            self.touched |= {(slot, field) for field in options(args).get("ignore_changes", ())}
            if args.get("existing_subscriptions") == "migrate" and slot in self.stack.ids():
                self.strangers.movable.add(self.stack.ids()[slot])
        self._after_a_death(slot)

    def _place(self, slot: str, place: Place) -> None:
        former = tuple(each for each in self.names[slot] if each != place)
        self.names[slot] = (*former, place)
        self._after_a_death(slot)

    def _after_a_death(self, slot: str) -> None:
        """What the run that died did to it may be what the program says no more: then the state shows no difference."""
        if self.died:
            self.stale = self.stale or slot in self.stack.ids()
            self._forgive_what_nobody_declares([slot])

    def _forgive_what_nobody_declares(self, slots: Any) -> None:
        for slot in slots:
            self.touched |= {(slot, name) for name in (*UNSET[slot.partition("/")[0]], "metadata", "items")}

    def _forget_names(self) -> None:
        """Renamed while the state is lost, it would not be known by the name that it had."""
        self.names = dict(self.deployed)

    # -- others

    def _adopt(self, slot: str, args: Args) -> None:
        ids = self.stack.ids()
        if slot in self.wishes or slot in ids or not refs(args) <= ids.keys():
            return
        there = resolved({k: v for k, v in plain(args).items() if k not in ("metadata", "description")}, ids)
        if slot in SUBSCRIPTIONS:
            other = next((ids[s] for s in BILLABLE if s in ids and ids[s] != there["items"][0]["price"]), None)
            there["items"] = [{"price": other or there["items"][0]["price"]}]
        id_ = by_hand(self.client, slot, there)
        if id_:
            self.made_by_hand.add(id_)
            self._edit(slot, {**args, "adopt": id_})
            self._forgive_what_nobody_declares([slot])

    def _touch(self, slot: str, name: str) -> None:
        id_ = self.stack.ids().get(slot)
        if id_ is None:
            return
        if name in ("cancel", "delete", "remove item") and slot in (*SUBSCRIPTIONS, *CUSTOMERS):
            self.usage.forgive(id_)
        if name == "archive":
            self.archived.add(id_)
        self.touched |= {(slot, field) for field in touch(self.client, slot, id_, name)}
        self.stale = True

    def _wait(self, hours: int) -> None:
        _nothing(self.strangers.changed())
        self.server.clock(advance=hours * HOUR)
        self.server.http("GET", "/v1/customers")  # what is due happens before anything else
        self.strangers.look_again()
        if hours == A_MONTH:  # what is to end with the period has ended
            self.stale = self.stale or any(args.get("cancel_at_period_end") for args in self.wishes.values())

    # -- deployments

    def _up(self, accident: Accident | None) -> None:
        self.states.append(self.stack.saved())
        program = closed(self.wishes)
        seen = {id_ for objects in in_use(self.server).values() for id_ in objects}
        for _ in range(8):
            self.retaining |= set(self._marks(s for s, args in program.items() if options(args).get("retain_on_delete")))
            try:
                failure = self.stack.up(program, self.names, accident)
            except Died:
                failure = "died"
            self._look(program, seen, failure)
            if not failure:
                break
            if failure == "died" or isinstance(accident, Broken):
                self.died = self.accidents = True
                return
            if self.stale:
                self.accidents = self.died = True
                return
            accident = None
            if "take-over" in failure:
                self.stack.take_over()
                continue
            if "protect" in failure:
                self._unprotect()
                program = closed(self.wishes)
                continue
            _nothing(self.strangers.changed())
            assert remedies.follow(failure, self.wishes, self.client), failure
            self.strangers.look_again()
            program = closed(self.wishes)
        assert not failure, failure
        self.deployed = dict(self.names)
        if not self.stale:
            self.died = False
            self._judge(program)

    def _marks(self, slots: Iterable[str]) -> Iterator[str]:
        """What objects of these resources say whose they are, under all names that they had."""
        return (f"{self.stack.owner}/{s.partition('/')[0]}/{place.name}" for s in slots for place in self.names[s])

    def _unprotect(self) -> None:
        """What a user does who is told that it is protected."""
        self.stack.unprotect()
        for slot, args in self.wishes.items():
            self.wishes[slot] = {**args, OPTIONS: {k: v for k, v in options(args).items() if k != "protect"}}

    def _look(self, program: Program, seen: set[str], failure: str) -> None:
        """What has to hold whatever became of the deployment."""
        self.live = in_use(self.server)
        ids = self.stack.ids()
        if failure:
            self.suspects |= {id_ for objects in self.live.values() for id_ in objects} - seen
            self.suspects |= {*self.live["Product"], *self.live["Customer"]} - {*ids.values()}
            # What the state has no more is found again, as after a lost state.
            self._forgive_what_nobody_declares(program.keys() - ids.keys())
        for slot, args in program.items():
            if args.get("existing_subscriptions") == "migrate" and slot in ids:
                self.strangers.movable.add(ids[slot])
        _nothing(self._newly_stuck(program))
        if not self.stale:
            _nothing(on_archived_prices(program, ids, self.live, self.archived, between=bool(failure)))

    def _newly_stuck(self, program: Program) -> list[str]:
        """Who is on an archived price though it says that he is to be moved."""
        migrating = set(self._marks(s for s, args in program.items() if args.get("existing_subscriptions") == "migrate"))
        theirs = (self.live["Subscription"].get(id_, {"items": {"data": []}}) for id_ in self.strangers.ids())
        items = [item for one in theirs for item in one["items"]["data"] if not item["price"]["active"]]
        stuck = {(item["subscription"], item["price"]["id"]) for item in items} - self.stuck
        self.stuck |= stuck
        return [
            f"{item['subscription']} is left on {item['price']['id']}, which is archived"
            for item in items
            if (item["subscription"], item["price"]["id"]) in stuck
            and item["price"]["id"] not in self.archived
            and item["price"]["metadata"].get("pulumi_resource") in migrating
        ]

    def _judge(self, program: Program) -> None:
        ids = self.stack.ids()
        _nothing(complaints(self.server, program, ids, self.live, self.touched))
        _nothing(self._left_over(program))
        _nothing(self.strangers.changed())
        _nothing(self.usage.complaints())
        _nothing(self.stack.unsettled(program, self.names))

    def _left_over(self, program: Program) -> list[str]:
        """What is in use, is not declared, and is not somebody else's; but for what `orphans` lists after an accident.

        What carries the name of a declared resource is none, unless a run that died made it.
        """
        ids = self.stack.ids()
        declared = {ids[slot] for slot in program}
        self.made_by_hand -= declared
        theirs = self.strangers.ids() | self.made_by_hand
        left = {
            id_: (kind, one)
            for kind, objects in self.live.items()
            for id_, one in objects.items()
            if id_ not in declared and id_ not in theirs and not _theirs(one)
            if one.get("metadata", {}).get("pulumi_resource") not in self.retaining
        }
        if not left:
            return []
        stack = f"{self.stack.owner}/"
        client = Client(Settings("sk_test_local", self.server.url, False, requests_per_second=10_000))
        listed = {one.key[1] for one in orphans(client, stack, self.stack.known()).owned}
        owners = {f"{stack}{slot.partition('/')[0]}/{self.names[slot][-1].name}" for slot in program}
        forgotten = {
            id_: one
            for id_, (kind, one) in left.items()
            if kind == "Meter" or (id_ in listed and one["metadata"].get("pulumi_resource") not in owners)
        }
        # A price stays as long as a forgotten subscription is on it.
        below = {item["price"]["id"] for one in forgotten.values() for item in one.get("items", {"data": []})["data"]}
        allowed = {*forgotten, *(below & listed)} if self.accidents else set()
        allowed |= {id_ for id_, (kind, _) in left.items() if id_ in self.suspects and (id_ in listed or kind == "Meter")}
        return [f"{kind} {id_} is in use, and nobody declares it" for id_, (kind, _) in left.items() if id_ not in allowed]


def _nothing(found: list[str]) -> None:
    assert not found, "\n".join(found)


def _theirs(one: Mapping[str, Any]) -> bool:
    """What others made on the way to something that they did to ours."""
    return one.get("name") == "Theirs" or one.get("metadata", {}).get("theirs") == "alone"
