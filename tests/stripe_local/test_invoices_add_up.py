"""What holds of every invoice with discounts and taxes, whatever its numbers are: at the server, as a client sees it.

The numbers are drawn so that every discount takes something and every rate makes some tax: nothing holds for want of any.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sampling import ALL, THOROUGH
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.test_discounts_on_invoices import Shop

EXAMPLES = 200 if ALL else 60 if THOROUGH else 15
PERCENTS = st.integers(100, 5000).map(lambda hundredths: hundredths / 100)
RATES = st.integers(50000, 250000).map(lambda places: places / 10000)


@dataclass(frozen=True)
class Drawn:
    """Lines (amount, percentages off it alone, an inclusive rate of its own), and what is off and on the whole."""

    lines: list[tuple[int, list[float], float | None]]
    percents: list[float]
    amount: int
    inclusive: list[float]
    exclusive: list[float]
    credit: int


DRAWN = st.builds(
    Drawn,
    st.lists(st.tuples(st.integers(2000, 500_000), st.lists(PERCENTS, max_size=2), st.none() | RATES), min_size=1, max_size=4),
    st.lists(PERCENTS, max_size=2),
    # At most what is left of the smallest line: 2000 less four times a half.
    st.integers(1, 100),
    st.lists(RATES, min_size=1, max_size=2),
    st.lists(RATES, min_size=1, max_size=2),
    st.sampled_from([0, 0, -50]),
)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with LocalStripe() as server:
        yield Shop(server, server.client())


def _draft(shop: Shop, drawn: Drawn) -> Any:
    """A draft of these lines with these discounts, without rates of its own."""
    customer = shop.customer()
    off = [shop.coupon(percent) for percent in drawn.percents] + [shop.coupon(amount=drawn.amount)]
    params: Any = {"customer": customer, "discounts": [{"coupon": coupon} for coupon in off]}
    invoice = shop.v1.invoices.create({**params, "collection_method": "send_invoice", "days_until_due": 30})
    lines = [*drawn.lines, *([(drawn.credit, [], None)] if drawn.credit else [])]
    for amount, percents, rate in lines:
        item: Any = {"customer": customer, "invoice": invoice.id, "amount": amount, "currency": "usd"}
        item["discounts"] = [{"coupon": shop.coupon(percent)} for percent in percents]
        item["tax_rates"] = [] if rate is None else [shop.rate(rate, inclusive=True)]
        shop.v1.invoice_items.create(item)
    return shop.v1.invoices.retrieve(str(invoice.id))


def _sums(entries: Any, name: str, *amounts: str) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for entry in entries:
        key = entry[name] if name == "discount" else entry.tax_rate_details.tax_rate
        found[key] = tuple(a + b for a, b in zip(found.get(key, (0,) * len(amounts)), (entry[x] for x in amounts), strict=True))
    return found


def _adds_up(invoice: Any) -> tuple[int, int, int]:
    """Checks that the parts are the whole; returns what is left after discounts, and the inclusive and the exclusive tax."""
    lines = invoice.lines.data
    off = _sums((one for line in lines for one in line.discount_amounts), "discount", "amount")
    assert off == _sums(invoice.total_discount_amounts, "discount", "amount")
    for owner, of_all in [(invoice, "total_"), *((line, "") for line in lines)]:
        before = [(one.discount, one.amount) for one in owner[f"{of_all}pretax_credit_amounts"]]
        assert before == [(one.discount, one.amount) for one in owner[f"{of_all}discount_amounts"]]
    taxes = _sums((one for line in lines for one in line.taxes), "tax_rate", "amount", "taxable_amount")
    assert taxes == _sums(invoice.total_taxes, "tax_rate", "amount", "taxable_amount")
    left = sum(line.amount for line in lines) - sum(amount for (amount,) in off.values())
    of = {behavior: sum(one.amount for one in invoice.total_taxes if one.tax_behavior == behavior) for behavior in BEHAVIORS}
    assert invoice.total - sum(of.values()) == invoice.total_excluding_tax
    assert all(amount > 0 for (amount,) in off.values()), "each discount takes something"
    return left, of["inclusive"], of["exclusive"]


BEHAVIORS = ("inclusive", "exclusive")


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(drawn=DRAWN)
def test_every_invoice_adds_up(shop: Shop, drawn: Drawn) -> None:
    """https://docs.stripe.com/billing/subscriptions/coupons, https://docs.stripe.com/tax/tax-rates"""
    draft = _draft(shop, drawn)
    id, customer = str(draft.id), str(draft.customer)

    def with_rates(*rates: str) -> Any:
        wanted: Any = {"default_tax_rates": list(rates) or ""}
        return shop.v1.invoices.update(id, wanted)

    left, own, _ = _adds_up(draft)
    assert draft.total == left, "an inclusive rate of a line never changes the total"
    assert (own > 0) == any(rate is not None for *_, rate in drawn.lines)
    # An amount off is at most what the lines leave, so all of it comes off.
    assert draft.total_discount_amounts[len(drawn.percents)].amount == drawn.amount

    inside = [shop.rate(rate, inclusive=True) for rate in drawn.inclusive]
    taxed = with_rates(*inside)
    assert _adds_up(taxed)[::2] == (left, 0)
    assert taxed.total == left, "nor do those of the whole"
    assert 0 < taxed.total_excluding_tax < left

    for exempt in ("exempt", "reverse"):
        shop.v1.customers.update(customer, {"tax_exempt": exempt})
        free = shop.v1.invoices.retrieve(id)
        assert _adds_up(free) == (left, 0, 0)
        assert free.total == taxed.total_excluding_tax < taxed.total, "who pays no tax pays less"
    shop.v1.customers.update(customer, {"tax_exempt": "none"})

    both = with_rates(*inside, *(shop.rate(rate) for rate in drawn.exclusive))
    again, included, on_top = _adds_up(both)
    assert again == left
    assert both.total == left + on_top
    assert on_top > 0 or all(rate is not None for *_, rate in drawn.lines)
    assert included == left - taxed.total_excluding_tax
