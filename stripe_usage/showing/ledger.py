"""What was billed by the ledger, or would be, as text and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from rich.table import Table

from stripe_pricing import number
from stripe_pricing.exact import exactly
from stripe_usage.asking.meter import Meter
from stripe_usage.asking.series import label
from stripe_usage.comparing.rows import Read, Row, Used
from stripe_usage.events.periods import Period
from stripe_usage.events.values import text_of, time_text
from stripe_usage.ledger.revisions import Kind, State, Window, month_of
from stripe_usage.ledger.run import SHOWN, Outcome
from stripe_usage.ledger.store import Feed, Ledger, Written

Timed = tuple[Outcome, float]
"""What was done on a meter, and how many seconds Stripe's rate makes of it."""


Events = Mapping[str, Mapping[str, int]]
"""By `hour` and `day`: by event name, how many windows the rows make."""


def outcomes_text(source: str, window: str, period: Period, outcomes: Sequence[Timed], events: Events, *, sent: bool) -> str:
    """For people."""
    start, end = map(time_text, period)
    lines = [f"{source}, by the {window}, {start} to {end} (exclusive)"]
    for outcome, seconds in outcomes:
        lines += ["", *_meter(outcome, window, seconds, events, sent=sent)]
    if not outcomes:
        lines.append("There are no rows.")
    elif not sent and any(outcome.entries for outcome, _ in outcomes):
        lines += ["", "Nothing was sent; --send does."]
    return "\n".join(lines) + "\n"


def _meter(outcome: Outcome, window: str, seconds: float, events: Events, *, sent: bool) -> list[str]:
    changes, verb = outcome.changes, "sent" if sent else "would be sent"
    other = "day" if window == "hour" else "hour"
    elsewise = f"by the {other} there would be {events[other].get(outcome.feed.event_name, 0):,}"
    lines = [
        f"{outcome.feed.event_name}: {_count(changes.windows, 'window')} ({elsewise}), {changes.new:,} new, "
        f"{changes.changed:,} changed, {changes.gone:,} without rows now",
        f"  {_count(outcome.entries, 'event')} {verb} for {_count(len(+outcome.customers), 'customer')}, "
        f"{signed(outcome.units)} units" + ("" if sent or not outcome.entries else f"; takes {_duration(seconds)}"),
    ]
    lines += [f"    {_change(window, one)}" for one in outcome.largest]
    if outcome.carried:
        lines.append(f"  {outcome.carried:,} of them carried into the present period")
    if outcome.credited:
        lines.append(f"  {_count(outcome.credited, 'change')} written down for a credit")
    if outcome.held:
        lines.append(f"  {_count(outcome.held, 'change')} not sent:")
        lines += [f"    {_change(window, one.window)}: {one.why}" for one in outcome.held_first]
        lines += ["    …"] * (outcome.held > len(outcome.held_first))
    if outcome.unanswered:
        lines.append(f"  {_count(outcome.unanswered, 'revision')} without a known answer; run again with --send")
        lines += [f"    {said}" for said in outcome.said]
    return lines


def _change(window: str, one: Window) -> str:
    was = f", {number(one.billed)} was billed" if one.billed else ""
    return f"{one.customer} {label(one.start, window)}: {number(one.value)}{was}"


def outcomes_json(source: str, window: str, period: Period, outcomes: Sequence[Timed], events: Events, *, sent: bool) -> str:
    """For programs; values are decimals in text."""
    start, end = map(time_text, period)
    meters = [
        {
            "event_name": outcome.feed.event_name,
            "meter": outcome.feed.meter,
            **outcome.changes._asdict(),
            "by": {window: found.get(outcome.feed.event_name, 0) for window, found in events.items()},
            "events": outcome.entries,
            "customers": len(+outcome.customers),
            "units": text_of(outcome.units),
            "seconds": round(seconds, 1),
            "largest": [_window(one) for one in outcome.largest],
            "carried": outcome.carried,
            "credited": outcome.credited,
            "held": outcome.held,
            "held_first": [{**_window(one.window), "why": one.why} for one in outcome.held_first],
            "unanswered": outcome.unanswered,
            "said": outcome.said,
        }
        for outcome, seconds in outcomes
    ]
    return (
        json.dumps({"source": source, "window": window, "start": start, "end": end, "sent": sent, "meters": meters}, indent=2)
        + "\n"
    )


def _window(one: Window) -> dict[str, object]:
    return {"customer": one.customer, "start": time_text(one.start), "value": text_of(one.value), "billed": text_of(one.billed)}


def signed(value: Decimal) -> str:
    """With its sign, as a change is written."""
    return f"{'+' if value >= 0 else ''}{number(value)}"


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{round(seconds)} s" if seconds < 120 else f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"


@dataclass
class Month:
    """What the ledger has of a source on a meter in a month, by the beginnings of windows."""

    feed: Feed
    name: str
    closed: bool
    windows: int = 0
    rows: int = 0
    value: Decimal = Decimal(0)
    billed: Decimal = Decimal(0)
    open: int = 0
    """Windows whose value is not what was billed."""
    why: Counter[str] = field(default_factory=Counter)


def months(ledger: Ledger, source: str | None) -> list[Month]:
    """All months, the oldest first."""
    found: dict[tuple[int, str], Month] = {}
    with exactly():
        for meter in dict.fromkeys(feed.meter for feed in ledger.feeds(source)):
            for feed, window, held in ledger.windows(meter, None, Period(0, 2**40)):
                if source not in (None, feed.source):
                    continue
                name = month_of(window.start)
                month = found.get((feed.id, name))
                if month is None:
                    month = found[feed.id, name] = Month(feed, name, name in ledger.closed(feed.source))
                month.windows, month.rows = month.windows + 1, month.rows + window.rows
                month.value, month.billed = month.value + window.value, month.billed + window.billed
                if window.change:
                    month.open += 1
                    month.why[held or "it is not sent yet"] += 1
    return sorted(found.values(), key=lambda month: (month.feed.source, month.feed.event_name, month.name))


def months_table(found: Sequence[Month]) -> Table:
    """A row for each month, and below it why changes are not sent."""
    shown = Table(box=None, padding=(0, 3, 0, 0), show_edge=False)
    for name in ("source", "meter", "month"):
        shown.add_column(name, no_wrap=True)
    for name in ("windows", "rows", "value", "billed", "not billed"):
        shown.add_column(name, justify="right", no_wrap=True)
    shown.add_column("", no_wrap=True)
    for month in found:
        counts = (f"{month.windows:,}", f"{month.rows:,}", number(month.value), number(month.billed))
        with exactly():
            left = signed(month.value - month.billed) if month.open else ""
        state = "closed" if month.closed else ""
        shown.add_row(month.feed.source, month.feed.event_name, month.name, *counts, left, state)
        for why, count in month.why.most_common(SHOWN):
            shown.add_row("", "", "", f"{count:,}", "", "", "", "", why)
    return shown


Again = Mapping[str, Mapping[tuple[str, int], Read]]
"""By source, what a customer's windows come to now."""


def explained(ledger: Ledger, meter: Meter, row: Row, what: str, period: Period, again: Again, invoice: str = "") -> str:
    """What a customer used in a period on one meter, from `what` is explained down to windows, revisions and rows.

    Of all invoices, or one. The sums of each level are those of the next one, or the difference has a name.
    """
    customer, used = row.customer, row.used or Used(0, Decimal(0), Decimal(0))
    windows = [
        (feed, window, held, ledger.revisions(window.id)) for feed, window, held in ledger.windows(meter.id, customer, period)
    ]
    ids = {window.id for _, window, _, _ in windows}
    here = [one for *_, revisions in windows for one in revisions]
    elsewhere = [one for one in ledger.counted(meter.id, customer, period) if one.window not in ids]
    with exactly():
        carried = sum(
            (
                one.value
                for one in here
                if one.kind is Kind.CARRY and one.state is State.ACCEPTED and not period.start <= one.timestamp < period.end
            ),
            Decimal(0),
        )
        noted = sum((one.value for one in here if one.state is State.NOTED), Decimal(0))
        arrived = sum((one.value for one in elsewhere), Decimal(0))
        parts = {
            "sent for this time": used.billed - carried - noted,
            "carried into a later one": carried,
            "written down for a credit": noted,
            "not billed": used.value - used.billed,
        }
    lines = [f"{customer}, {what}, {meter.event_name}"]
    if used.read:
        lines.append(f"  the source, read now: {_count(used.read.rows, 'row')}, {number(used.read.value)} in all")
    said = ", ".join(f"{number(value)} {name}" for name, value in parts.items() if value) or "nothing"
    lines.append(f"  the ledger: {_count(used.rows, 'row')}, {number(used.value)} in all: {said}")
    if row.counted:
        came = f", with {number(arrived)} carried from an earlier one" if elsewhere else ""
        lines.append(f"  sent with times in it: {number(row.counted.sent)}{came}; Stripe counted: {number(row.counted.stripe)}")
    for bill in row.bills:
        if bill.billed.period.start < period.end and bill.billed.invoice == (invoice or bill.billed.invoice):
            start, end = map(time_text, bill.billed.period)
            name = f"invoice {bill.billed.invoice}" if bill.billed.invoice else f"next invoice of {bill.billed.subscription}"
            quantity = f"{number(bill.compared.stripe)} billed, {number(bill.compared.sent)} sent"
            lines.append(f"  {name}, {start} to {end} (exclusive): {quantity}")
    lines += [f"  {said}" for said in row.said]
    for feed, window, held, revisions in windows:
        now = again.get(feed.source, {}).get((customer, window.start), Read(0, Decimal(0)))
        changed = feed.source in again and now != (window.rows, window.value)
        lines.append(
            f"    {label(window.start, feed.window)}  {number(window.value)} of {_count(window.rows, 'row')} of {feed.source}"
            + (f": {held or 'it is not sent yet'}" if window.change else "")
            + (f"; now {number(now.value)} of {_count(now.rows, 'row')}" if changed else "")
        )
        lines += [f"      {_revision(one)}" for one in revisions]
    lines += [f"    carried from {time_text(one.start)}: {_revision(one)}" for one in elsewhere]
    return "\n".join(lines) + "\n"


def _revision(one: Written) -> str:
    at = f", at {time_text(one.timestamp)}" if one.kind is Kind.CARRY else ""
    on = f", on {one.invoice}" if one.invoice else ""
    when = time_text(one.answered_at or one.tried_at)
    return f"revision {one.revision}: {one.kind} {number(one.value)}{at}, {one.state} {when}{on}, {one.identifier}"


def window_json(feed: Feed, window: Window, held: str | None, revisions: Sequence[Written]) -> dict[str, object]:
    """A window and its revisions; values are decimals in text."""
    return {
        "source": feed.source,
        "event_name": feed.event_name,
        "meter": feed.meter,
        "customer": window.customer,
        "start": time_text(window.start),
        "end": time_text(window.end),
        "rows": window.rows,
        "value": text_of(window.value),
        "billed": text_of(window.billed),
        "not_billed_because": (held or "it is not sent yet") if window.change else None,
        "revisions": [
            {
                "revision": one.revision,
                "kind": one.kind,
                "value": text_of(one.value),
                "timestamp": time_text(one.timestamp),
                "identifier": one.identifier,
                "state": one.state,
                "sent_at": time_text(one.sent_at),
                "invoice": one.invoice,
            }
            for one in revisions
        ],
    }
