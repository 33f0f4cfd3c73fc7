"""What an invoice amounts to: discounts of its lines, credits, taxes, and the sums.

In this order, each on what the one before left. https://docs.stripe.com/billing/subscriptions/coupons,
https://docs.stripe.com/billing/subscriptions/usage-based/billing-credits, https://docs.stripe.com/tax/tax-rates
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from stripe_local.calculation.credits import Payment
from stripe_local.calculation.discounts import Charge, Taken, taken
from stripe_local.calculation.taxes import Taxed, taxed
from stripe_local.resources.products import tax_rates
from stripe_local.store.objects import Body
from stripe_local.wire.operation import Context

from . import credit_grants, discounts

_EXEMPT = {"exempt": "customer_exempt", "reverse": "reverse_charge"}


def total(context: Context, body: Body) -> list[Payment]:
    """Bring the amounts of an invoice and its lines up to date with what the lines cost; returns what credits pay."""
    lines = body["_lines"]
    found = _taken(context, body)
    left = [line["amount"] - sum(off.values()) for line, off in zip(lines, found, strict=True)]
    paid = credit_grants.payments(
        context, body["customer"], body["currency"], [line["price"] for line in lines], left, body["period_end"]
    )
    subtotal = inside = everything = excluding = 0
    for place, (line, off) in enumerate(zip(lines, found, strict=True)):
        credited = [payment.amount for payment in paid if payment.line == place]
        base = left[place] - sum(credited)
        rates = line.get("tax_rates") or body["default_tax_rates"]
        result, line["taxes"] = taxes(context, base, rates, body["customer_tax_exempt"])
        line["discount_amounts"] = _amounts(off)
        line["credits"] = credited
        line["total"] = result.total
        subtotal += line["amount"] - sum(amount for id, amount in off.items() if discounts.is_of_a_part(context, id))
        inside += base - result.excluding
        everything += result.total
        excluding += result.excluding
    by_discount: Taken = dict.fromkeys(body["discounts"], 0)
    _add(by_discount, ((id, amount) for off in found for id, amount in off.items()))
    by_grant: dict[str, int] = {}
    _add(by_grant, ((payment.grant, payment.amount) for payment in paid))
    body["subtotal"], body["subtotal_excluding_tax"] = subtotal, subtotal - inside
    body["total"], body["total_excluding_tax"] = everything, excluding
    body["total_discount_amounts"] = _amounts(by_discount)
    body["total_pretax_credit_amounts"] = pretax(body["total_discount_amounts"], [(sum, None) for sum in by_grant.values()])
    body["total_taxes"] = summed(tax for line in lines for tax in line["taxes"])
    # A positive balance is owed and added; a negative one is credit, and is used up as far as needed.
    body["amount_due"] = max(everything + body["starting_balance"], 0)
    body["amount_remaining"] = body["amount_due"] - body["amount_paid"]
    return paid


def _taken(context: Context, body: Body) -> list[Taken]:
    """What is taken off each line: the invoice's discounts first, as Stripe lists them.

    A proration comes with what was taken off it, or has it in its amount: then the discounts are named, with nothing.
    https://docs.stripe.com/changelog/clover/2025-09-30/itemize-proration-discount-amounts
    """
    lines, currency, common = body["_lines"], body["currency"], body["discounts"]
    ids = discounts.on(body)
    known = dict(zip(ids, discounts.terms(context, ids, currency), strict=True))
    if not known:
        return [{} for _ in lines]
    charges = [
        Charge(line["amount"], line["product"], tuple(known[id] for id in line.get("discounts", ())), is_discountable(line))
        for line in lines
    ]
    found = taken(charges, [known[id] for id in common])
    return [
        {**dict.fromkeys(common, 0), **line.get("taken", {})}
        if line["proration"]
        else {**{id: off[id] for id in common if id in off}, **off}
        for line, off in zip(lines, found, strict=True)
    ]


def is_discountable(line: Body) -> bool:
    """Whether discounts apply to a line: never to a proration, and to what is negative only when told so."""
    return bool(not line["proration"] and line.get("discountable", line["amount"] >= 0))


def name_credits(body: Body) -> None:
    """Name the transactions of the credits that an invoice has used, now that it is final."""
    used = [(amount, made) for line in body["_lines"] for _, amount, made in line.get("credit_transactions", [])]
    if used:
        body["total_pretax_credit_amounts"] = pretax(body["total_discount_amounts"], used)


def pretax_of(line: Body) -> list[Body]:
    """What is off a line before tax."""
    used = [(amount, made) for _, amount, made in line.get("credit_transactions", [])]
    return pretax(line.get("discount_amounts", []), used or [(amount, None) for amount in line.get("credits", [])])


def pretax(discount_amounts: list[Body], credits: Iterable[tuple[int, str | None]]) -> list[Body]:
    """What is off before tax: discounts, and then credits, with their transactions once they are used."""
    return [
        *({**entry, "type": "discount"} for entry in discount_amounts),
        *(
            {"amount": amount, "credit_balance_transaction": made, "type": "credit_balance_transaction"}
            for amount, made in credits
        ),
    ]


def _add(sums: dict[str, int], entries: Iterable[tuple[str, int]]) -> None:
    for id, amount in entries:
        sums[id] = sums.get(id, 0) + amount


def _amounts(off: Taken) -> list[Body]:
    return [{"amount": amount, "discount": id} for id, amount in off.items()]


def taxes(context: Context, amount: int, rates: Iterable[str], tax_exempt: str) -> tuple[Taxed, list[Body]]:
    """The taxes by these rates on an amount, and as Stripe shows them; `tax_exempt` is what the customer is."""
    reason = _EXEMPT.get(tax_exempt)
    result = taxed(amount, [tax_rates.rate(context, id) for id in rates], exempt=reason is not None)
    return result, [
        {
            "amount": tax.amount,
            "tax_behavior": "inclusive" if tax.rate.inclusive else "exclusive",
            "tax_rate_details": {"tax_rate": tax.rate.id},
            "taxability_reason": reason or "not_available",
            "taxable_amount": 0 if reason else result.excluding,
            "type": "tax_rate_details",
        }
        for tax in result.taxes
    ]


def summed(entries: Iterable[Body]) -> list[Body]:
    """Taxes, one for each rate."""
    by_rate: dict[str, dict[str, Any]] = {}
    for tax in entries:
        rate = by_rate.setdefault(tax["tax_rate_details"]["tax_rate"], {**tax, "amount": 0, "taxable_amount": 0})
        for name in ("amount", "taxable_amount"):
            rate[name] += tax[name]
    return list(by_rate.values())
