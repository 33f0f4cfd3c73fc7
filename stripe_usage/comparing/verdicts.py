"""What was sent, compared with a figure of Stripe's. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from stripe_pricing import number
from stripe_pricing.exact import exactly

from .tally import Amount


class Verdict(Enum):
    """From the best to the worst."""

    EQUAL = "equal"
    OPEN = "to be processed"
    """What differs are events that Stripe need not have processed yet."""
    DIFFERS = "differs"


@dataclass(frozen=True)
class Compared:
    """An amount that was sent, what Stripe says, and what that means. `why` is "" where they are equal."""

    sent: Decimal
    stripe: Decimal
    verdict: Verdict
    why: str

    @property
    def difference(self) -> Decimal:
        """How much more Stripe has than was sent."""
        with exactly():
            return self.stripe - self.sent


def compared(amount: Amount, stripe: Decimal, formula: str, *, billed: bool = False, packages: Decimal | None = None) -> Compared:
    """Compares. Where it is `billed`, an amount below 0 counts as 0; `packages` is what was sent, as the price counts it."""
    sent = max(amount.sent, Decimal(0)) if billed else amount.sent
    if stripe == sent or (packages is not None and stripe == packages):
        return Compared(sent, stripe, Verdict.EQUAL, "")
    possible = amount.possible(stripe) or (billed and stripe == 0 and amount.low < 0)
    if possible and amount.resolves:
        return Compared(sent, stripe, Verdict.OPEN, _difference(sent, stripe, formula) + _open(amount))
    why = _difference(sent, stripe, formula)
    if possible:
        why += f", as {_events(amount.unsure)} without a known answer would explain: import the file again"
    elif stripe > sent:
        why += ": somebody else reports usage too, or the checkpoint is incomplete"
    return Compared(sent, stripe, Verdict.DIFFERS, why)


def _difference(sent: Decimal, stripe: Decimal, formula: str) -> str:
    if formula == "last":
        return f"has {number(stripe)}, and {number(sent)} was sent last"
    with exactly():
        difference = abs(stripe - sent)
    return f"{number(difference)} {'more' if stripe > sent else 'less'} than was sent"


def _open(amount: Amount) -> str:
    parts = []
    if amount.young:
        parts.append(f"{_events(amount.young)} sent a moment ago {'is' if amount.young == 1 else 'are'} still to be processed")
    if amount.canceled:
        parts.append(f"{_events(amount.canceled)} canceled within the last day may still be counted")
    if amount.unsure:
        parts.append(f"the answer to {_events(amount.unsure)} is unknown")
    return f": {', '.join(parts)}"


def _events(count: int) -> str:
    return f"{count:,} event{'' if count == 1 else 's'}"
