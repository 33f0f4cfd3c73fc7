"""The report as the body of a pull-request comment: verdict first, short, the rest folded. Ids only, no names of people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from stripe_impact.computing.bills import Bill, Total, largest
from stripe_impact.computing.impact import Impact, percent
from stripe_pricing import money, signed

from .spread import spread
from .text import histogram
from .words import COVERS, FROM_FILE, action, formula_change, present, some_stay, subscribers, why

LONGEST = 60_000
"""GitHub takes comments of up to 65,536 characters."""

_SPECIAL = re.compile(r"([\\`*\[\]<>|~#@&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
"""An underscore within a word means nothing."""


def marker(stack: str) -> str:
    """The line by which an earlier comment is found, to be updated in place."""
    return f"<!-- billing-impact: {re.sub('[^A-Za-z0-9_./-]', '', stack)} -->"


def markdown(impact: Impact, picture: str | None = None) -> str:
    """The comment. `picture` is an address of the SVG, where readers of the comment can fetch it."""
    whole = "\n".join(_lines(impact, picture))
    if len(whole) > LONGEST:
        whole = whole[:LONGEST].rpartition("\n")[0] + "\n\nThis report is cut off: the text and JSON reports are complete.\n"
    return whole


def _lines(impact: Impact, picture: str | None) -> Iterator[str]:
    yield marker(impact.stack)
    yield f"### Billing impact of {escaped(f'{impact.project}/{impact.stack}')}"
    yield ""
    yield f"**{escaped(impact.verdict)}**"
    if impact.notices:
        yield ""
    for notice in impact.notices:
        sign = ":warning:" if notice.level == "warning" else ":information_source:"
        yield f"- {sign} {escaped(notice.text)}"
    if impact.prices:
        yield ""
        yield from _table(
            ("Price", "", "Formula", "On it now"),
            [
                (
                    code(p.name),
                    escaped(action(p)),
                    escaped(formula_change(p)),
                    "" if p.action == "new" else escaped(subscribers(p)),
                )
                for p in impact.prices
            ],
        )
    if impact.totals:
        yield ""
        yield from _totals(impact.totals, some_stay(impact))
    if impact.bills:
        yield from _folded(_heading(impact), _bills(largest(impact.bills), some_stay(impact)))
        yield from _spread(impact, picture)
    if impact.others:
        rows = [(escaped(o.kind), code(o.name), escaped(action(o))) for o in impact.others]
        yield from _folded("Products and meters", _table(("", "Name", ""), rows))
    if impact.bills:
        yield ""
        yield f"<sub>{COVERS}{f' {FROM_FILE}' if impact.source != 'Stripe' else ''}</sub>"
    yield ""


def _totals(totals: Sequence[Total], would: bool) -> Iterator[str]:
    head = ("Bills", "Customers", "Now", "Then", "Change", *(("If all moved",) if would else ()))
    rows: list[Sequence[str]] = []
    for t in totals:
        change = signed(t.change, t.currency)
        share = percent(t.before, t.after)
        total = (f"total, {t.over}", f"{t.customers:,}", money(t.before, t.currency), money(t.after, t.currency))
        rows.append((*total, f"{change} ({share})" if share else change, *((money(t.if_moved, t.currency),) if would else ())))
        last = ("",) if would else ()
        if m := t.medians:
            sides = (money(m.before, t.currency), money(m.after, t.currency), signed(m.change, t.currency))
            rows.append(("median", "", *sides, *last))
        if found := present(t):
            rows.append((f"this period's invoices: {found[2]}", "", found[0], found[1], "", *last))
    yield from _table(head, rows, numbers=1)


def _heading(impact: Impact) -> str:
    shown = largest(impact.bills)
    count = len(impact.bills)
    return f"The {len(shown)} largest changes, of {count:,} bills" if count > len(shown) else "Each customer's bill"


def _bills(bills: Sequence[Bill], would: bool) -> Iterator[str]:
    head = ("Customer", "Now", "Then", "Change", *(("If moved",) if would else ()), "Why", "Calculation then")
    rows = []
    for b in bills:
        amounts = [money(b.before, b.currency), money(b.after, b.currency), signed(b.change, b.currency)]
        moved = (money(b.if_moved, b.currency),) if would else ()
        words = [line.words for p in b.parts for line in p.after]
        rows.append((code(b.customer), *amounts, *moved, escaped(why(b)), "<br>".join(map(escaped, words))))
    yield from _table(head, rows, numbers=1, texts=2)


def _spread(impact: Impact, picture: str | None) -> Iterator[str]:
    found = spread(impact)
    if found is None:
        return
    lines = ["```text", *histogram(found), "```"]
    if picture:
        lines += ["", f"![How many bills change by how much]({picture})"]
    title = "How the changes would be spread if everybody moved" if found.would else "How the changes are spread"
    yield from _folded(title, lines)


def _folded(summary: str, lines: Iterator[str] | Sequence[str]) -> Iterator[str]:
    yield ""
    yield f"<details><summary>{summary}</summary>"
    yield ""
    yield from lines
    yield ""
    yield "</details>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: int | None = None, texts: int = 0) -> Iterator[str]:
    """`numbers` is the first column that is aligned to the right, `texts` how many at the end are not."""
    right = range(len(head) if numbers is None else numbers, len(head) - texts)
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join(' ---: ' if i in right else ' --- ' for i in range(len(head)))}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def escaped(text: str) -> str:
    """A text as it is: nothing in it formats, links or mentions."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split())).replace("\\@", "&#64;")


def code(text: str) -> str:
    """An identifier, as code."""
    return f"`{' '.join(text.split()).replace('`', '').replace('|', '')}`"
