"""The impact of a change on bills: everything that a report says. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import stripe_pricing
from stripe_impact.reading.changes import Changes
from stripe_impact.reading.facts import Facts
from stripe_impact.reading.preview import Preview

from .bills import Bill, Total, Uncounted, bills, totals
from .catalogue import OtherChange, PriceChange, other_changes, price_changes, unit_labels
from .movement import fates
from .notices import Notice, notices


@dataclass(frozen=True)
class Impact:
    """What a report says; `source` is where usage and subscriptions come from."""

    project: str
    stack: str
    source: str
    verdict: str
    notices: tuple[Notice, ...]
    prices: tuple[PriceChange, ...]
    others: tuple[OtherChange, ...]
    totals: tuple[Total, ...]
    bills: tuple[Bill, ...]
    uncounted: tuple[Uncounted, ...]


def impact(preview: Preview, changes: Changes, facts: Facts) -> Impact:
    """The impact of what a preview says, on the subscriptions that the facts tell of."""
    becomes = fates(changes, facts)
    units = unit_labels(preview, facts)
    found, uncounted = bills(becomes, changes, facts, units)
    prices = price_changes(changes, becomes, facts, units)
    others = other_changes(preview)
    sums = totals(found)
    said = notices(preview, changes, facts, becomes, prices, found, uncounted)
    return Impact(
        preview.project,
        preview.stack,
        facts.source,
        _verdict(prices, others, sums, uncounted),
        tuple(said),
        tuple(prices),
        tuple(others),
        tuple(sums),
        tuple(found),
        tuple(uncounted),
    )


def _verdict(
    prices: Sequence[PriceChange], others: Sequence[OtherChange], sums: Sequence[Total], uncounted: Sequence[Uncounted]
) -> str:
    """The report in one line."""
    changing = [t for t in sums if t.more or t.less]
    if changing:
        return "; ".join(_changing(t) for t in changing) + "." + _besides(uncounted)
    if uncounted:
        return f"No bill is known to change, but some could not be computed.{_besides(uncounted)}"
    if sums:
        count = sum(t.customers for t in sums)
        return f"No bill changes: {_customers(count)} {'pays' if count == 1 else 'pay'} as before."
    if prices:
        return "No bill changes: nobody is subscribed to a price that changes."
    if others:
        return "No bill changes: no price does."
    return "No bill changes: nothing that is billed does."


def _besides(uncounted: Sequence[Uncounted]) -> str:
    """What could not be computed, with the money that hangs on it; each currency by itself."""
    if not uncounted:
        return ""
    by_currency: dict[str, int] = {}
    for one in uncounted:
        if one.before is not None:
            by_currency[one.currency] = by_currency.get(one.currency, 0) + one.before
    count = f"{len(uncounted):,} subscription{'' if len(uncounted) == 1 else 's'}"
    now = " and ".join(stripe_pricing.money(amount, c) for c, amount in sorted(by_currency.items()))
    return f" Not known: what {count} will pay{f', now {now}' if now else ''}."


def _changing(total: Total) -> str:
    sides = [
        f"{_customers(count)} {'pays' if count == 1 else 'pay'} {word}"
        for count, word in ((total.more, "more"), (total.less, "less"))
        if count
    ]
    before, after = (stripe_pricing.money(a, total.currency) for a in (total.before, total.after))
    difference = stripe_pricing.signed(total.change, total.currency)
    share = percent(total.before, total.after)
    over = f" over {total.over}" if total.compared else ""
    return f"{' and '.join(sides)}: {before} → {after} ({difference}{f', {share}' if share else ''}){over}"


def _customers(count: int) -> str:
    return "1 customer" if count == 1 else f"{count:,} customers"


def percent(before: int, after: int) -> str:
    """The change in percent, to one decimal place: "+25.0%"; "" where there is none, or was nothing before."""
    if not before or before == after:
        return ""
    share = (Decimal(after - before) * 100 / Decimal(before)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{share:+,}%" if share else f"less than {'+' if after > before else '-'}0.1%"
