"""What a credit note amounts to: shares of lines of its invoice, and lines of its own.

https://docs.stripe.com/invoicing/integration/programmatic-credit-notes. What is credited of a line takes its share of the line's
discounts, credits and taxes with it. Shares are counted from the line's start, so that however many credit notes there are, those
of a whole line sum to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from stripe_local.calculation.pricing import round_half_up
from stripe_local.resources.products import tax_rates
from stripe_local.store.ids import new_id
from stripe_local.store.objects import Body
from stripe_local.wire.errors import StripeError, exclusive_params, invalid, missing_param
from stripe_local.wire.jsontext import plain
from stripe_local.wire.operation import Context

from . import discounts, invoice_totals

LINE = "credit_note_line_item"

_OF_INVOICE_LINES = ("amount", "invoice_line_item")
_OF_CUSTOM_LINES = ("description", "tax_rates", "unit_amount", "unit_amount_decimal")


def of_invoice_line(context: Context, invoice: Body, credited: list[Body], wanted: dict[str, Any], here: str) -> Body:
    """A part of a line of the invoice, of which lines of other credit notes have `credited` some. Raises StripeError."""
    _only(wanted, _OF_CUSTOM_LINES, here, "invoice_line_item")
    if wanted.get("invoice_line_item") is None:
        raise missing_param(f"{here}[invoice_line_item]")
    id = wanted["invoice_line_item"]
    line: Body | None = next((line for line in invoice["_lines"] if line["id"] == id), None)
    if line is None:
        raise invalid(f"No such invoice line item: '{id}'", f"{here}[invoice_line_item]", "resource_missing")
    given = [name for name in ("amount", "quantity") if wanted.get(name) is not None]
    if len(given) != 1:
        raise exclusive_params(f"{here}[amount]", f"{here}[quantity]") if given else missing_param(f"{here}[amount]")
    (by,) = given
    before = [one for one in credited if one.get("invoice_line_item") == id]
    if any((one["quantity"] is None) != (by == "amount") for one in before):
        other = "quantity" if by == "amount" else "amount"
        raise invalid(f"The line {id} was credited by {other} before, so it can only be credited by {other}.", f"{here}[{by}]")
    already = sum(one["amount"] for one in before)
    if by == "amount":
        amount = wanted["amount"]
    else:
        counted = sum(one["quantity"] for one in before)
        amount = _share(line["amount"], Decimal(line["quantity"]), counted, wanted["quantity"])
    low, high = sorted((0, line["amount"] - already))
    if amount == 0 or not low <= amount <= high:
        raise invalid(f"Of the line {id}, {line['amount'] - already} can still be credited, not {amount}.", f"{here}[{by}]")
    return {
        **_line(context, wanted, "invoice_line_item"),
        "amount": amount,
        "description": line["description"],
        "invoice_line_item": id,
        "quantity": wanted.get("quantity"),
        "unit_amount": _whole(line["unit_amount_decimal"]) if by == "quantity" else None,
        "unit_amount_decimal": line["unit_amount_decimal"] if by == "quantity" else None,
        **_shares(line, already, amount),
        "_rates": line.get("tax_rates") or invoice["default_tax_rates"],
    }


def custom_line(context: Context, invoice: Body, wanted: dict[str, Any], here: str) -> Body:
    """What is credited beside the lines of the invoice. Raises StripeError."""
    _only(wanted, _OF_INVOICE_LINES, here, "custom_line_item")
    given = [name for name in ("unit_amount", "unit_amount_decimal") if wanted.get(name) is not None]
    if len(given) != 1:
        names = [f"{here}[{name}]" for name in ("unit_amount", "unit_amount_decimal")]
        raise exclusive_params(*names) if given else missing_param(names[0])
    each, quantity = Decimal(wanted[given[0]]), wanted.get("quantity", 1)
    rates = tax_rates.given(context, wanted.get("tax_rates"), f"{here}[tax_rates]")
    return {**_line(context, wanted, "custom_line_item"), **_plain(context, invoice, each, quantity, rates)}


def of_an_amount(context: Context, invoice: Body, amount: int) -> Body:
    """The only line of a credit note of which no more is said than its amount."""
    return {**_line(context, {}, "custom_line_item"), **_plain(context, invoice, Decimal(amount), 1, [])}


def _line(context: Context, wanted: dict[str, Any], type: str) -> Body:
    return {
        "id": new_id("cnli"),
        "object": LINE,
        "description": wanted.get("description"),
        "livemode": context.livemode,
        "metadata": {key: value for key, value in (wanted.get("metadata") or {}).items() if value is not None},
        "type": type,
    }


def _plain(context: Context, invoice: Body, each: Decimal, quantity: int, rates: list[str]) -> Body:
    amount = round_half_up(Fraction(each) * quantity)
    result, taxes = invoice_totals.taxes(context, amount, rates, invoice["customer_tax_exempt"])
    return {
        "amount": amount,
        "discount_amount": 0,
        "discount_amounts": [],
        "pretax_credit_amounts": [],
        "quantity": quantity,
        "taxes": taxes,
        "unit_amount": _whole(plain(each)),
        "unit_amount_decimal": plain(each),
        "_excluding": result.excluding,
        "_rates": rates,
        "_total": result.total,
    }


def _only(wanted: dict[str, Any], others: tuple[str, ...], here: str, type: str) -> None:
    wrong = [name for name in others if wanted.get(name) is not None]
    if wrong:
        raise _not_of(type, f"{here}[{wrong[0]}]")


def _not_of(type: str, param: str) -> StripeError:
    return invalid(f"`{param}` cannot be set where the line's `type` is `{type}`.", param)


def _whole(text: str | None) -> int | None:
    return None if text is None or Decimal(text) % 1 else int(Decimal(text))


def _share(whole: int, all: Decimal | int, before: Decimal | int, part: Decimal | int) -> int:
    """What of a `whole` belongs to a `part` of `all`, where parts that sum to `before` had theirs."""

    def up_to(end: Decimal | int) -> int:
        return round_half_up(whole * Fraction(end) / Fraction(all)) if all else 0

    return up_to(before + part) - up_to(before)


def _shares(line: Body, already: int, amount: int) -> Body:
    """What goes with the next `amount` of a line: discounts, credits, taxes, and what it comes to."""

    def share(whole: int) -> int:
        return _share(whole, line["amount"], already, amount)

    def shared(entries: Iterable[Body]) -> list[Body]:
        return [{**one, **{name: share(one[name]) for name in ("amount", "taxable_amount") if name in one}} for one in entries]

    pretax, taxes = invoice_totals.pretax_of(line), line.get("taxes", [])
    exclusive = sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "exclusive")
    # Who is exempt does not pay the tax that a price includes, though it is no tax of theirs.
    unpaid = line["amount"] - sum(one["amount"] for one in pretax) + exclusive - line["total"]
    off, on = shared(pretax), shared(taxes)
    total = amount - sum(one["amount"] for one in off) - share(unpaid)
    total += sum(tax["amount"] for tax in on if tax["tax_behavior"] == "exclusive")
    discount_amounts = shared(line.get("discount_amounts", []))
    return {
        "discount_amount": sum(one["amount"] for one in discount_amounts),
        "discount_amounts": discount_amounts,
        "pretax_credit_amounts": off,
        "taxes": on,
        "_excluding": total - sum(tax["amount"] for tax in on),
        "_total": total,
    }


def summed(context: Context, lines: list[Body]) -> Body:
    """The amounts of a credit note of these lines."""
    discount_amounts = _by(("discount",), (one for line in lines for one in line["discount_amounts"]))
    left = [line["amount"] - sum(one["amount"] for one in line["pretax_credit_amounts"]) for line in lines]
    of_parts = [
        one["amount"] for line in lines for one in line["discount_amounts"] if discounts.is_of_a_part(context, one["discount"])
    ]
    subtotal = sum(line["amount"] for line in lines) - sum(of_parts)
    excluding = sum(line["_excluding"] for line in lines)
    total = sum(line["_total"] for line in lines)
    return {
        "amount": total,
        "discount_amount": sum(one["amount"] for one in discount_amounts),
        "discount_amounts": discount_amounts,
        "pretax_credit_amounts": _by(
            ("discount", "credit_balance_transaction"), (one for line in lines for one in line["pretax_credit_amounts"])
        ),
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal - (sum(left) - excluding),
        "total": total,
        "total_excluding_tax": excluding,
        "total_taxes": invoice_totals.summed(tax for line in lines for tax in line["taxes"]),
    }


def _by(names: tuple[str, ...], entries: Iterable[Body]) -> list[Body]:
    """The entries, one for each of what they name."""
    found: dict[tuple[str | None, ...], Body] = {}
    for entry in entries:
        one = found.setdefault(tuple(entry.get(name) for name in names), {**entry, "amount": 0})
        one["amount"] += entry["amount"]
    return list(found.values())
