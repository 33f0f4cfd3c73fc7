"""What happens to a stack: edits of its program, what others do at Stripe, refreshes and ups, in any order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from hypothesis import note
from hypothesis import strategies as st

from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.convergence.outside import TOUCHES, Strangers, touch
from tests.stripe_resources.convergence.programs import PRICES, PRODUCTS, SLOTS, Args, Program, arguments, closed
from tests.stripe_resources.convergence.verdict import complaints


@dataclass(frozen=True)
class Edit:
    """The program declares this now; None: no more."""

    slot: str
    args: Args | None


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
class Up:
    """`pulumi up`."""


@dataclass(frozen=True)
class Refresh:
    """`pulumi refresh`."""


Step: TypeAlias = "Edit | Touch | Stranger | Up | Refresh"

edits = st.sampled_from(SLOTS).flatmap(
    lambda slot: st.builds(Edit, st.just(slot), st.one_of(arguments(slot), arguments(slot), arguments(slot), st.none()))
)
touches = st.sampled_from(SLOTS).flatmap(
    lambda slot: st.builds(Touch, st.just(slot), st.sampled_from(sorted(TOUCHES[slot.partition("/")[0]])))
)
strangers = st.builds(Stranger, st.sampled_from(["meter", "product", "price", "subscription"]))
beginnings = st.tuples(*(st.one_of(st.none(), *[st.builds(Edit, st.just(slot), arguments(slot))] * 5) for slot in SLOTS)).map(
    lambda edits: [edit for edit in edits if edit]
)
steps = st.one_of(edits, edits, touches, touches, strangers, st.just(Up()), st.just(Up()), st.just(Refresh()))


def stories(length: int) -> st.SearchStrategy[list[Step]]:
    """A program that is brought up, and at most so many things that happen after that."""
    return st.tuples(beginnings, st.lists(steps, max_size=length)).map(lambda parts: [*parts[0], Up(), *parts[1]])


class Stack(Protocol):
    """A stack on some engine."""

    owner: str
    """What its objects at Stripe say whose they are, without kind and name."""

    def up(self, program: Program) -> str:
        """Makes Stripe what the program says. What went wrong, or ""."""

    def refresh(self) -> None:
        """Makes the state what Stripe has."""

    def ids(self) -> dict[str, str]:
        """The ids of the resources that the stack has."""

    def unsettled(self, program: Program) -> list[str]:
        """What previews would show, without a refresh and with one."""


def tell(story: list[Step], stack: Stack, server: LocalStripe) -> None:
    """Lets it happen; then one refresh and one up, and all has to be as the program says."""
    client = server.client()
    strangers = Strangers(client)
    wishes: Program = {}
    touched: set[tuple[str, str]] = set()
    stale = False
    for step in story:
        ids = stack.ids()
        match step:
            case Edit(slot, args):
                wishes = {**wishes, slot: args} if args is not None else {s: a for s, a in wishes.items() if s != slot}
            case Touch(slot, name):
                if slot in ids:
                    touched |= {(slot, field) for field in touch(client, slot, ids[slot], name)}
                    stale = True
            case Stranger(kind):
                strangers.make(kind, [ids[s] for s in PRODUCTS if s in ids], [ids[s] for s in PRICES if s in ids])
            case Up():
                failure = stack.up(closed(wishes))
                assert stale or not failure, failure  # with a state that is out of date it may fail, and say why
            case Refresh():
                stack.refresh()
                stale = False
    program = closed(wishes)
    note(f"in the end: {program}")
    stack.refresh()
    failure = stack.up(program)
    assert not failure, failure
    assert complaints(client, program, stack.ids(), stack.owner, touched) == []
    assert strangers.changed() == []
    assert stack.unsettled(program) == []
