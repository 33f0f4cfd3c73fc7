"""Invoice previews as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from stripe_pricing import money
from stripe_usage.events.values import time_text

from .invoice import Invoice
from .lines import Line


def text(invoice: Invoice) -> str:
    """For people: every line with its arithmetic, then the sums; at the end what does not add up."""
    who = f"{invoice.customer} ({invoice.customer_name})" if invoice.customer_name else invoice.customer
    parts = [f"Next invoice of {invoice.subscription}, {who}, at {time_text(invoice.due)}", ""]
    for line in invoice.lines:
        parts += _line(line, invoice.currency)
    if not invoice.lines:
        parts.append("  nothing is billed")
    parts.append("")
    sums = _sums(invoice)
    amounts = [money(amount, invoice.currency) for _, amount in sums]
    widest, longest = max(map(len, amounts)), max(len(name) for name, _ in sums)
    parts += [f"  {name.ljust(longest)}  {amount.rjust(widest)}" for (name, _), amount in zip(sums, amounts, strict=True)]
    parts += [f"\n  {problem}" for problem in invoice.problems]
    return "\n".join(parts) + "\n"


def _line(line: Line, currency: str) -> list[str]:
    parts = [f"  {line.description}, {time_text(line.start)} to {time_text(line.end)}"]
    said = line.arithmetic or money(line.amount, currency)
    if line.note:
        said += f" ({line.note})"
    parts.append(f"    {said}")
    for what, amount in (("discount", -line.discounts), ("credits", -line.credits), ("tax", line.taxes)):
        if amount:
            parts.append(f"    {what} {money(amount, currency)}")
    if line.taxes_included:
        parts.append(f"    tax in it {money(line.taxes_included, currency)}")
    return parts


def _sums(invoice: Invoice) -> list[tuple[str, int]]:
    optional = [
        ("Discounts", -invoice.discounts),
        ("Credits", -invoice.credits),
        ("Tax", invoice.taxes),
    ]
    balance = [("Customer's balance", invoice.starting_balance)] if invoice.starting_balance else []
    included = [("Tax in the total", invoice.taxes_included)] if invoice.taxes_included else []
    return [
        ("Subtotal", invoice.subtotal),
        *((name, amount) for name, amount in optional if amount),
        ("Total", invoice.total),
        *included,
        *balance,
        ("Amount due", invoice.amount_due),
    ]


def json_text(invoices: Sequence[Invoice], now: int) -> str:
    """For programs: amounts are whole minor currency units, quantities decimals in text."""
    whole = {"asked_at": time_text(now), "newest_events_may_be_missing": True, "invoices": [_json(i) for i in invoices]}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _json(invoice: Invoice) -> dict[str, object]:
    lines = [
        {
            "description": line.description,
            "price": line.price,
            "meter": line.meter,
            "quantity": f"{line.quantity:f}",
            "amount": line.amount,
            "arithmetic": line.arithmetic or None,
            "arithmetic_equals_amount": line.equal,
            "note": line.note or None,
            "start": time_text(line.start),
            "end": time_text(line.end),
            "discounts": line.discounts,
            "credits": line.credits,
            "taxes": line.taxes,
            "taxes_included": line.taxes_included,
        }
        for line in invoice.lines
    ]
    names = ("subtotal", "discounts", "credits", "taxes", "taxes_included", "total", "starting_balance", "amount_due")
    return {
        "subscription": invoice.subscription,
        "customer": invoice.customer,
        "currency": invoice.currency,
        "due": time_text(invoice.due),
        "lines": lines,
        "missing_lines": invoice.missing_lines,
        **{name: getattr(invoice, name) for name in names},
        "problems": invoice.problems,
    }
