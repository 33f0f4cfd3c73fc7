"""Events of one customer go in order and one request at a time; nobody waits for another customer."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from stripe_usage.events.event import Event, Row
from stripe_usage.sending.deciding.schedule import Schedule


def event(number: int, customer: str) -> Event:
    return Event(number, str(number), customer, "1", 0, Row(number, customer, "1", 0, None, ""))


@given(st.lists(st.sampled_from("abcde"), max_size=60), st.integers(1, 7), st.integers(1, 5), st.randoms(use_true_random=False))
def test_any_order_of_answers(customers: list[str], most: int, at_once: int, random: object) -> None:
    schedule, waiting = Schedule(), [event(n, c) for n, c in enumerate(customers)]
    under_way: list[list[Event]] = []
    sent: dict[str, list[int]] = defaultdict(list)
    while waiting or len(schedule) or under_way:
        step = random.randrange(3)  # type: ignore[attr-defined]
        if step == 0 and waiting:
            schedule.add(waiting.pop(0))
        elif step == 1 and len(under_way) < at_once and (taken := schedule.take(most)):
            assert len(taken) <= most
            assert not {e.customer for e in taken} & {e.customer for events in under_way for e in events}
            under_way.append(taken)
        elif under_way:
            events = under_way.pop(random.randrange(len(under_way)))  # type: ignore[attr-defined]
            for e in events:
                sent[e.customer].append(e.number)
            schedule.done(events)
        assert schedule.under_way == len({e.customer for events in under_way for e in events})
    assert sent == {c: [n for n, other in enumerate(customers) if other == c] for c in set(customers)}


def test_others_go_while_one_customer_is_under_way() -> None:
    schedule = Schedule()
    for n, customer in enumerate("aaab"):
        schedule.add(event(n, customer))
    first = schedule.take(1)
    assert [e.number for e in first] == [0]
    assert [e.number for e in schedule.take(100)] == [3]
    assert schedule.take(100) == []
    schedule.done(first)
    assert [e.number for e in schedule.take(100)] == [1, 2]
