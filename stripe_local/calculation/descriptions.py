"""What invoice lines are called, as recorded from Stripe and shown on its pages.

https://docs.stripe.com/billing/subscriptions/prorations, https://docs.stripe.com/products-prices/pricing-models
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from .money import with_symbol
from .pricing import Part


@dataclass(frozen=True)
class Sold:
    """What a line is for: the product's name and its `unit_label`, the price's currency, interval and package size."""

    name: str
    currency: str
    unit_label: str | None = None
    interval: str = ""
    interval_count: int = 1
    divide_by: int | None = None


def part(sold: Sold, part: Part) -> str:
    """A quantity, or a tier's flat fee: "31 credit × Name (Tier 2 at $0.036 / month)", "Name (Tier 1 at $9.00 / month)".

    What is taken back is as in https://docs.stripe.com/billing/subscriptions/usage-based/thresholds#volume-tiers
    """
    each = with_symbol(part.each, sold.currency)
    package = f" per {sold.divide_by} units" if sold.divide_by is not None else ""
    if part.before:
        return f"Amount previously billed (at {each}{package or ('' if part.flat else ' per unit')})"
    tier = f"Tier {part.tier} " if part.tier is not None else ""
    at = f"({tier}at {each}{package}{_every(sold)})"
    return f"{sold.name if part.flat else count(sold, part.quantity)} {at}"


def count(sold: Sold, quantity: Decimal) -> str:
    """How many: "1000 credit × Name"."""
    return f"{_plain(quantity)} {_label(sold)}× {sold.name}"


def free(sold: Sold, quantity: Decimal, *, metered: bool, classic: bool) -> str:
    """A trial, of a license or of what is used in it.

    https://docs.stripe.com/billing/subscriptions/billing-mode/compare#standardize-trial-period-line-item-description
    """
    if not classic:
        return f"Free trial for {count(sold, quantity)}"
    return f"{count(sold, quantity)} (Free trial)" if metered else f"Trial period for {sold.name}"


def proration(sold: Sold, quantity: int, at: int, *, credit: bool) -> str:
    """Time that is given back or charged from a moment on; the quantity is not said where it is 1."""
    what = sold.name if quantity == 1 else count(sold, Decimal(quantity))
    day = datetime.fromtimestamp(at, UTC).strftime("%d %b %Y")
    return f"{'Unused' if credit else 'Remaining'} time on {what} after {day}"


def _every(sold: Sold) -> str:
    if not sold.interval:
        return ""
    return f" / {sold.interval}" if sold.interval_count == 1 else f" every {sold.interval_count} {sold.interval}s"


def _label(sold: Sold) -> str:
    return f"{sold.unit_label} " if sold.unit_label else ""


def _plain(quantity: Decimal) -> str:
    text = format(quantity, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
