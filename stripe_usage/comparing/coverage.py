"""Which time is billed, which is free, and why the rest is neither. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from stripe_usage.events.periods import Period
from stripe_usage.events.values import time_text


class Term(NamedTuple):
    """A subscription to the meter, from its start to its end (None: it runs)."""

    id: str
    start: int
    end: int | None


class Voided(NamedTuple):
    """A period that an invoice billed which was voided since."""

    invoice: str
    period: Period


class Gap(NamedTuple):
    """A stretch of time whose usage is on no invoice, and why."""

    period: Period
    why: str


def gaps(asked: Period, covered: Iterable[Period], terms: Iterable[Term], voided: Sequence[Voided] = ()) -> list[Gap]:
    """What is left of the time asked for without what is `covered`, cut where a subscription begins or ends."""
    ordered = sorted(terms, key=lambda term: term.start)
    edges = {edge for term in ordered for edge in (term.start, term.end) if edge is not None}
    edges |= {edge for one in voided for edge in one.period}
    found: list[Gap] = []
    for start, end in _uncovered(asked, covered):
        inside = sorted(edge for edge in edges if start < edge < end)
        for one in map(Period, [start, *inside], [*inside, end]):
            why = _why(one, ordered, voided)
            if found and found[-1].why == why and found[-1].period.end == one.start:
                one = Period(found.pop().period.start, one.end)
            found.append(Gap(one, why))
    return found


def _uncovered(asked: Period, covered: Iterable[Period]) -> Iterable[tuple[int, int]]:
    start = asked.start
    for one in sorted(covered):
        if start < min(one.start, asked.end):
            yield start, min(one.start, asked.end)
        start = max(start, one.end)
    if start < asked.end:
        yield start, asked.end


def _why(gap: Period, terms: Sequence[Term], voided: Sequence[Voided]) -> str:
    undone = next((one for one in voided if one.period.start <= gap.start < one.period.end), None)
    if undone:
        return f"{undone.invoice}, which billed it, was voided"
    running = [t for t in terms if t.start <= gap.start and (t.end is None or gap.start < t.end)]
    if running:
        ended = [t for t in running if t.end is not None]
        if len(ended) == len(running):
            return f"{ended[-1].id} ended at {time_text(max(t.end or 0 for t in ended))} without an invoice of it"
        return f"no invoice of {running[-1].id} has it"
    before = max((t for t in terms if t.end is not None and t.end <= gap.start), key=lambda t: t.end or 0, default=None)
    after = next((t for t in terms if t.start >= gap.end), None)
    ends = f"{before.id} ended at {time_text(before.end or 0)}" if before else ""
    begins = f"{after.id} began at {time_text(after.start)}" if after else ""
    if ends and begins:
        return f"{ends}, and {begins}"
    return ends or (f"{begins}, later" if begins else "no subscription to a price of this meter")
