"""Phrases that the text and the Markdown share."""

from __future__ import annotations

from stripe_impact.computing.bills import Bill, Part, Total
from stripe_impact.computing.catalogue import OtherChange, PriceChange
from stripe_impact.computing.impact import Impact
from stripe_pricing import money

COVERS = (
    "Totals compare a full period at either price, with the usage of the present one so far and the present licenses; "
    "before discounts, credits, prorations and taxes, except those that a price includes."
)

FROM_FILE = "Stripe is not asked who is subscribed: everybody in the file counts as a subscriber that no stack declares."


def formula_change(price: PriceChange) -> str:
    """Old → new formula, or the only one there is."""
    if price.before and price.after and price.before != price.after:
        return f"{price.before} → {price.after}"
    return price.after or price.before


def action(change: PriceChange | OtherChange) -> str:
    """What happens, with the fields where the formula does not tell: "updated (nickname)"."""
    tells = isinstance(change, PriceChange) and change.before and change.after and change.before != change.after
    return f"{change.action} ({', '.join(change.fields)})" if change.fields and not tells else change.action


def subscribers(price: PriceChange) -> str:
    """How many are on the price, and what becomes of them: "3 subscriptions of 2 customers: 2 move, 1 stays"."""
    if not price.subscriptions:
        return "no subscription"
    words = f"{_of(price.subscriptions, 'subscription')} of {_of(price.customers, 'customer')}"
    change = "change" if price.action == "updated" else "move"
    becomes = [
        f"{count:,} {verb if count != 1 else f'{verb}s'}"
        for count, verb in ((price.moving, change), (price.staying, "stay"), (price.ending, "end"))
        if count
    ]
    return f"{words}: {', '.join(becomes)}"


def _of(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def why(bill: Bill) -> str:
    """What becomes of the customer's subscriptions, and why: "stays: grandfathered"."""
    reasons = dict.fromkeys(_becomes(p) for p in bill.parts)
    return "; ".join(reasons)


def _becomes(part: Part) -> str:
    status = f" ({part.status})" if part.status not in ("", "active") else ""
    return f"{part.kind}{status}{f': {part.reason}' if part.reason else ''}"


def present(total: Total) -> tuple[str, str, str] | None:
    """This period's invoices, before and after, and why they are not those of a full period; None where they are."""
    now, then = total.present.before, total.present.after
    if (now, then) == (total.before, total.after):
        return None
    if then is None:
        return money(now, total.currency), "not known", "what a declared change prorates depends on the day of the deployment"
    return money(now, total.currency), money(then, total.currency), "usage before a move stays at the old price"


def some_stay(impact: Impact) -> bool:
    """Whether there is more to say than what changes: what would, if everybody moved."""
    return any(b.if_moved != b.after for b in impact.bills)
