"""A whole invoice preview: its lines, and how they add up to the total. https://docs.stripe.com/api/invoices/object"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stripe_pricing import money

from .lines import Json, Line, credits_among, lines_of, total


@dataclass(frozen=True)
class Invoice:
    """What a subscription will be billed next. Amounts are minor currency units, times Unix seconds."""

    subscription: str
    customer: str
    customer_name: str
    currency: str
    due: int
    """When the period ends that it bills."""
    lines: tuple[Line, ...]
    missing_lines: int
    """Lines that Stripe has, but did not show."""
    subtotal: int
    discounts: int
    credits: int
    taxes: int
    taxes_included: int
    total: int
    starting_balance: int
    amount_due: int

    @property
    def problems(self) -> list[str]:
        """What does not add up, in words."""
        found = [f"{line.description} {line.note}" for line in self.lines if line.equal is False]
        if self.missing_lines:
            found.append(f"Stripe shows {len(self.lines)} lines of {len(self.lines) + self.missing_lines}; the rest is missing")
            return found
        lines = sum(line.amount for line in self.lines)
        computed = lines - self.discounts - self.credits + self.taxes
        if computed != self.total:
            found.append(
                "the total does not add up: the lines less discounts and credits, with tax, come to "
                f"{money(computed, self.currency)}; "
                f"Stripe's total is {money(self.total, self.currency)}"
            )
        return found


def invoice_of(preview: Json, lines: Sequence[Json], prices: Mapping[str, Json], subscription: str) -> Invoice:
    """The invoice. `lines` are all that could be had, `prices` those on them, by id, as `lines_of` takes them."""
    taxes = preview.get("total_taxes") or []
    count: Any = (preview.get("lines") or {}).get("total_count") or len(lines)
    return Invoice(
        subscription=subscription,
        customer=str(preview.get("customer") or ""),
        customer_name=str(preview.get("customer_name") or preview.get("customer_email") or ""),
        currency=preview["currency"],
        due=preview["period_end"],
        lines=tuple(lines_of(lines, prices)),
        missing_lines=max(int(count) - len(lines), 0),
        subtotal=preview["subtotal"],
        discounts=total(preview.get("total_discount_amounts")),
        credits=total(credits_among(preview.get("total_pretax_credit_amounts"))),
        taxes=total(t for t in taxes if t.get("tax_behavior") != "inclusive"),
        taxes_included=total(t for t in taxes if t.get("tax_behavior") == "inclusive"),
        total=preview["total"],
        starting_balance=preview.get("starting_balance") or 0,
        amount_due=preview["amount_due"],
    )
