"""The report for a terminal: everything, plainly."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from stripe_impact.computing.bills import Bill, Total, largest
from stripe_impact.computing.impact import Impact, percent
from stripe_pricing import money, signed

from .spread import Spread, spread
from .words import COVERS, FROM_FILE, action, formula_change, present, some_stay, subscribers, why

WIDTH = 110
"""Characters of a line that is a sentence."""

BAR = 40


def text(impact: Impact) -> str:
    """Verdict, notices, prices, totals, the largest changes with their calculation, the spread."""
    return "\n".join(_lines(impact)) + "\n"


def _lines(impact: Impact) -> Iterator[str]:
    yield f"Billing impact of {impact.project}/{impact.stack}"
    yield ""
    yield impact.verdict
    for notice in impact.notices:
        yield f"{notice.level.upper()}: {notice.text}"
    if impact.prices:
        yield "\nPrices:"
        for price in impact.prices:
            yield f"  {price.name} {action(price)}: {formula_change(price)}"
            if price.action != "new":
                yield f"    {price.id}, {subscribers(price)}"
    if impact.others:
        yield "\nProducts and meters:"
        for other in impact.others:
            yield f"  {other.kind} {other.name} {action(other)}"
    if not impact.bills:
        return
    would = some_stay(impact)
    for total in impact.totals:
        yield from _total(total, would)
    shown = largest(impact.bills)
    yield f"\nThe {'largest changes' if len(impact.bills) > len(shown) else 'customers'}:"
    for bill in shown:
        yield from _bill(bill, would)
    if found := spread(impact):
        yield f"\n{'If everybody moved, customers' if found.would else 'Customers'} by change of their bill:"
        yield from (f"  {line}" for line in histogram(found))
    covers = f"{COVERS} {FROM_FILE}" if impact.source != "Stripe" else COVERS
    yield f"\n{textwrap.fill(covers, WIDTH)}"


def _total(total: Total, would: bool) -> Iterator[str]:
    currency = total.currency
    yield f"\n{currency.upper()}, {total.customers:,} customer{'' if total.customers == 1 else 's'}, {total.over}:"
    change = ", ".join(filter(None, (signed(total.change, currency), percent(total.before, total.after))))
    yield f"  total   {money(total.before, currency)} → {money(total.after, currency)} ({change})"
    if medians := total.medians:
        sides = f"{money(medians.before, currency)} → {money(medians.after, currency)}"
        yield f"  median  {sides} (change: {signed(medians.change, currency)})"
    if found := present(total):
        yield f"  this period's invoices  {found[0]} → {found[1]}: {found[2]}"
    if would:
        yield f"  if everybody moved: {money(total.if_moved, currency)} ({signed(total.if_moved - total.before, currency)})"


def _bill(bill: Bill, would: bool) -> Iterator[str]:
    sums = f"{money(bill.before, bill.currency)} → {money(bill.after, bill.currency)} ({signed(bill.change, bill.currency)})"
    more = f", if moved {money(bill.if_moved, bill.currency)}" if would and bill.if_moved != bill.after else ""
    charged = sum(p.charged for p in bill.parts)
    if charged != sum(p.after_once for p in bill.parts):
        more += f", charged {money(charged, bill.currency)}"
    yield f"  {bill.customer}: {sums}{more}; {why(bill)}"
    for part in bill.parts:
        for name, lines in (("now", part.before), ("then", part.after)):
            for line in lines:
                yield f"    {name:5}{line.price}: {line.words}"


def histogram(found: Spread) -> list[str]:
    """A line for each step: its label, a bar, a count."""
    most = max(s.count for s in found.steps)
    labels = [found.label(s) for s in found.steps]
    width = max(map(len, labels))
    bars = ["█" * max(1 if s.count else 0, s.count * BAR // most) for s in found.steps]
    return [f"{label:>{width}}  {bar} {s.count:,}" for label, bar, s in zip(labels, bars, found.steps, strict=True)]
