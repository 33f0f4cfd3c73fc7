"""Which credits pay for which lines of an invoice. https://docs.stripe.com/billing/subscriptions/usage-based/billing-credits

Whole minor currency units throughout, so that nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Grant:
    """What is left of a grant, and what it may pay for: every metered price (None), or the prices with these ids."""

    id: str
    left: int
    prices: frozenset[str] | None = None


@dataclass(frozen=True)
class Charge:
    """A line for metered usage: its price and amount, which is below 0 where it takes back what was billed before."""

    price: str
    amount: int


@dataclass(frozen=True)
class Payment:
    """A grant pays `amount` of the charge at `line`, its place among the charges."""

    grant: str
    line: int
    amount: int


def order(priority: int, expires_at: int | None, category: str, effective_at: int, created: int) -> tuple[object, ...]:
    """The key by which grants are used: priority, the soonest to expire, promotional ones, the oldest."""
    return priority, expires_at is None, expires_at or 0, category != "promotional", effective_at, created


def payments(grants: Sequence[Grant], charges: Sequence[Charge]) -> list[Payment]:
    """What the grants, in the order in which they are used, pay of the charges, in the order of the invoice.

    What is taken back of a price is no longer to be paid for it: it is off its charges first.
    """
    unpaid = [max(charge.amount, 0) for charge in charges]
    for back in (charge for charge in charges if charge.amount < 0):
        left = -back.amount
        for line, charge in enumerate(charges):
            if charge.price == back.price:
                taken = min(left, unpaid[line])
                unpaid[line] -= taken
                left -= taken
    found = []
    for grant in grants:
        left = grant.left
        for line, charge in enumerate(charges):
            amount = min(left, unpaid[line])
            if amount > 0 and (grant.prices is None or charge.price in grant.prices):
                found.append(Payment(grant.id, line, amount))
                unpaid[line] -= amount
                left -= amount
    return found
