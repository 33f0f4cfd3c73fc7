"""What sent events come to, against all that Stripe may say while some of them are open."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_pricing.exact import exactly
from stripe_usage.comparing.tally import Amount, Event, Kind, Tally
from stripe_usage.comparing.verdicts import Verdict, compared
from stripe_usage.events.periods import Period

HOUR = 3600
WHOLE = Period(0, 10 * HOUR)
VALUES = st.one_of(st.integers(-5, 5).map(Decimal), st.sampled_from([Decimal("0.000000000000001"), Decimal(10**15 - 1)]))
DRAWN = st.lists(st.tuples(VALUES, st.integers(0, 4 * HOUR), st.sampled_from(Kind), st.booleans()), max_size=6)
FORMULAS = st.sampled_from(["sum", "count", "last"])


def made(drawn: list[tuple[Decimal, int, Kind, bool]]) -> list[Event]:
    """Only what is young can be under way without an answer; what is unsure always is."""
    answered = {Kind.SETTLED: True, Kind.CANCELED: True, Kind.UNSURE: False}
    return [Event(n, v, t, kind, answered.get(kind, yes)) for n, (v, t, kind, yes) in enumerate(drawn)]


def by_hand(formula: str, window: int | None, events: list[Event]) -> Decimal:
    if window:
        events = list({event.timestamp // window: event for event in sorted(events, key=lambda e: e.number)}.values())
    if formula == "count":
        return Decimal(len(events))
    if formula == "last":
        return max(events, key=lambda e: (e.timestamp, e.number)).value if events else Decimal(0)
    with exactly():
        return sum((e.value for e in events), Decimal(0))


def tallied(formula: str, window: str | None, events: list[Event]) -> Amount:
    tally = Tally(formula, WHOLE, window)
    with exactly():
        for event in events:
            assert tally.add(event)
    return tally.amount()


@given(FORMULAS, st.sampled_from([None, "hour"]), DRAWN)
def test_what_was_accepted_comes_to(formula: str, window: str | None, drawn: list[tuple[Decimal, int, Kind, bool]]) -> None:
    events = made(drawn)
    amount = tallied(formula, window, events)
    accepted = [e for e in events if e.answered and e.kind is not Kind.CANCELED]
    assert amount.sent == by_hand(formula, HOUR if window else None, accepted)
    assert (amount.events, amount.young) == (len(accepted), sum(e.kind is Kind.YOUNG for e in events))


@given(FORMULAS, DRAWN)
def test_all_that_stripe_may_say_is_possible(formula: str, drawn: list[tuple[Decimal, int, Kind, bool]]) -> None:
    """Whichever of the open events are counted."""
    events = made(drawn)
    amount = tallied(formula, None, events)
    for counted in product([True, False], repeat=len(events)):
        seen = [e for e, yes in zip(events, counted, strict=True) if yes or e.kind is Kind.SETTLED]
        stripe = by_hand(formula, None, seen)
        assert amount.possible(stripe)
        found = compared(amount, stripe, formula)
        assert (found.verdict is Verdict.EQUAL) == (stripe == amount.sent)
        assert found.verdict is not Verdict.DIFFERS or not amount.resolves


def test_what_lies_elsewhere_is_not_counted() -> None:
    tally = Tally("sum", Period(100, 200))
    event = Event(1, Decimal(5), 0, Kind.SETTLED)
    assert [tally.add(event._replace(timestamp=t)) for t in (99, 100, 199, 200)] == [False, True, True, False]
    assert tally.amount().sent == 10


SETTLED = Event(1, Decimal(3000), 0, Kind.SETTLED)


@pytest.mark.parametrize(
    ("more", "stripe", "verdict", "why"),
    [
        ([], 3000, Verdict.EQUAL, ""),
        ([], 2975, Verdict.DIFFERS, "25 less than was sent"),
        ([], 3025, Verdict.DIFFERS, "25 more than was sent: somebody else reports usage too"),
        ([(25, Kind.YOUNG)], 3000, Verdict.OPEN, "25 less than was sent: 1 event sent a moment ago is still to be processed"),
        ([(25, Kind.YOUNG)], 2999, Verdict.DIFFERS, "26 less than was sent"),
        ([(25, Kind.CANCELED)], 3025, Verdict.OPEN, "1 event canceled within the last day may still be counted"),
        ([(25, Kind.UNSURE)], 3025, Verdict.DIFFERS, "as 1 event without a known answer would explain"),
    ],
)
def test_verdicts(more: list[tuple[int, Kind]], stripe: int, verdict: Verdict, why: str) -> None:
    events = [SETTLED, *(Event(2, Decimal(v), 0, kind, kind is not Kind.UNSURE) for v, kind in more)]
    found = compared(tallied("sum", None, events), Decimal(stripe), "sum")
    assert found.verdict is verdict
    assert why in found.why


def test_what_is_billed_is_never_below_0_and_may_be_in_packages() -> None:
    below = tallied("sum", None, [SETTLED._replace(value=Decimal(-5))])
    assert compared(below, Decimal(0), "sum", billed=True).verdict is Verdict.EQUAL
    assert compared(below, Decimal(0), "sum").verdict is Verdict.DIFFERS
    amount = tallied("sum", None, [SETTLED])
    assert compared(amount, Decimal(30), "sum", billed=True, packages=Decimal(30)).verdict is Verdict.EQUAL
