"""`usage invoice`: previews with their arithmetic in words, and what does not add up."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

import stripe_pricing
from stripe_usage.invoices.invoice import invoice_of
from stripe_usage.invoices.lines import Line, lines_of
from stripe_usage.invoices.written import text
from tests.stripe_pricing.prices import QUANTITIES, prices

from .running import Usage

SEND = {"collection_method": "send_invoice", "days_until_due": 30}


def price(usage: Usage, **params: Any) -> Any:
    recurring = {"interval": "month", "usage_type": "metered", "meter": usage.meter.id}
    product = {"name": "Hypernian", "unit_label": "token"}
    return usage.stripe.v1.prices.create({"currency": "usd", "recurring": recurring, "product_data": product, **params})  # type: ignore[typeddict-item]


def subscribe(usage: Usage, customer: str, *found: Any, **more: Any) -> str:
    params: Any = {"customer": customer, "items": [{"price": p.id} for p in found], **SEND, **more}
    return usage.stripe.v1.subscriptions.create(params).id


def use(usage: Usage, customer: str, value: Any) -> None:
    payload = {"stripe_customer_id": customer, "value": str(value)}
    usage.stripe.v1.billing.meter_events.create({"event_name": "tokens", "payload": payload})


TIERS = [{"up_to": 1000, "unit_amount": 2}, {"up_to": "inf", "unit_amount_decimal": "0.5", "flat_amount": 100}]
PACKAGES = {"unit_amount": 4, "transform_quantity": {"divide_by": 100, "round": "up"}}


def test_each_way_to_charge_in_words(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    down = {"unit_amount": 4, "transform_quantity": {"divide_by": 100, "round": "down"}}
    found = [
        price(usage, **PACKAGES),
        price(usage, **down),
        price(usage, billing_scheme="tiered", tiers_mode="graduated", tiers=TIERS),
        price(usage, billing_scheme="tiered", tiers_mode="volume", tiers=TIERS),
        price(usage, unit_amount_decimal="0.0333"),
    ]
    subscription = subscribe(usage, customer, *found)
    use(usage, customer, 3025)
    scope: Any = {"scope": {"prices": [{"id": found[0].id}]}}
    amount: Any = {"type": "monetary", "monetary": {"currency": "usd", "value": 50}}
    usage.stripe.v1.billing.credit_grants.create({"customer": customer, "amount": amount, "applicability_config": scope})
    ran = usage.run("invoice", "--subscription", subscription)
    assert ran.code == 0, ran.err
    said = [line.strip() for line in ran.out.splitlines()]
    for words in (
        "3,025 tokens → 31 packages of 100 × 0.04 USD = 1.24 USD",
        "credits -0.50 USD",
        "3,025 tokens → 30 packages of 100 × 0.04 USD = 1.20 USD",
        "1,000 × 0.02 USD = 20.00 USD",
        "2,025 × 0.005 USD = 10.125 USD, rounded to 10.13 USD",
        "1.00 USD once",
        "3,025 tokens, all at the rate of above 1,000 → 3,025 × 0.005 USD + 1.00 USD = 16.125 USD, rounded to 16.13 USD",
        "3,025 tokens × 0.000333 USD = 1.007325 USD, rounded to 1.01 USD",
    ):
        assert words in said
    sums = [" ".join(line.split()) for line in said]
    assert sums.index("Subtotal 50.71 USD") < sums.index("Credits -0.50 USD") < sums.index("Total 50.21 USD")
    assert "the newest may be missing" in ran.out


@pytest.mark.parametrize(
    ("currency", "amounts", "words"),
    [
        ("jpy", {"unit_amount_decimal": "0.5"}, "3,025 tokens × 0.5 JPY = 1,512.5 JPY, rounded to 1,513 JPY"),
        ("kwd", {"unit_amount": 40}, "3,025 tokens × 0.040 KWD = 121.000 KWD"),
    ],
)
def test_currencies_without_cents_and_with_thousandths(usage: Usage, currency: str, amounts: Any, words: str) -> None:
    (customer,) = usage.customers(1)
    subscribe(usage, customer, price(usage, unit_amount=1, currency_options={currency: amounts}), currency=currency)
    use(usage, customer, 3025)
    ran = usage.run("invoice", "--customer", customer)
    assert words in ran.out
    assert ran.code == 0
    told = json.loads(usage.run("invoice", "--customer", customer, "--format", "json").out)
    ((line,),) = ([*invoice["lines"]] for invoice in told["invoices"])
    assert (line["quantity"], line["arithmetic_equals_amount"], line["meter"]) == ("3025", True, usage.meter.id)
    assert told["invoices"][0]["total"] == line["amount"]


def test_seats_that_change_and_all_of_a_customers_subscriptions(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    product = {"name": "Seats", "unit_label": "seat"}
    params: Any = {"currency": "usd", "unit_amount": 1000, "recurring": {"interval": "month"}, "product_data": product}
    seats = usage.stripe.v1.prices.create(params)
    first = subscribe(usage, customer, price(usage, **PACKAGES))
    other = subscribe(usage, customer, seats)
    item: Any = usage.stripe.v1.subscriptions.retrieve(other)["items"].data[0]
    usage.server.clock(advance=86400)
    usage.stripe.v1.subscription_items.update(item.id, {"quantity": 3})
    ran = usage.run("invoice", "--customer", customer)
    assert (ran.code, ran.out.count("Next invoice of ")) == (0, 2), ran.err
    assert first in ran.out
    assert "3 seats × 10.00 USD = 30.00 USD" in ran.out
    assert "(a part of a period, prorated by Stripe to the second)" in ran.out
    assert "Unused time on Seats after " in ran.out


def test_which_account_it_is(usage: Usage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRIPE_API_BASE")
    monkeypatch.delenv("STRIPE_API_KEY", raising=False)
    for command in ("invoice", "checkout"):
        said = usage.run(command, "--customer", "cus_1")
        assert (said.code, said.err) == (
            1,
            "error: which account is it? Give --stack (or set PULUMI_STACK), or set STRIPE_API_KEY\n",
        )


def test_which_invoice_it_is(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    subscription = subscribe(usage, customer, price(usage, **PACKAGES))
    (usage.folder / "outputs.json").write_text(json.dumps({"subscription_id": subscription}))
    assert subscription in usage.run("invoice", "--outputs", "outputs.json").out
    assert "whose invoice?" in usage.run("invoice").err
    assert 'there is no subscription "sub_none"' in usage.run("invoice", "--subscription", "sub_none").err
    assert 'there is no customer "cus_none"' in usage.run("invoice", "--customer", "cus_none").err
    usage.stripe.v1.subscriptions.cancel(subscription)
    gone = usage.run("invoice", "--subscription", subscription)
    assert (gone.code, "has no next invoice" in gone.err) == (1, True)
    assert "has no subscription, so nothing is billed" in usage.run("invoice", "--customer", customer).err


# Pure


def line(amount: int, quantity: Any, unit_amount_decimal: Any = None, description: str = "x", **more: Any) -> dict[str, Any]:
    return {
        "amount": amount,
        "currency": "usd",
        "description": description,
        "quantity_decimal": str(quantity),
        "period": {"start": 0, "end": 86400},
        "pricing": {"price_details": {"price": "price_1", "product": "p"}, "unit_amount_decimal": unit_amount_decimal},
        **more,
    }


def line_of(made: dict[str, Any], price: dict[str, Any] | None) -> Line:
    (found,) = lines_of([made], {"price_1": price} if price else {})
    return found


METERED = {"id": "price_1", "currency": "usd", "product": {"name": "Tokens", "unit_label": "token"}, "recurring": None}


@given(prices(), QUANTITIES)
def test_what_follows_from_a_price_adds_up(params: dict[str, Any], quantity: Decimal) -> None:
    amount = stripe_pricing.rounded(stripe_pricing.charge(stripe_pricing.terms(params), quantity).exact)
    made = {**line(amount, f"{quantity:f}"), "currency": params["currency"]}
    found = line_of(made, {**METERED, **params})
    assert (found.equal, found.note, found.description) == (True, "", "Tokens")
    assert found.arithmetic.endswith(stripe_pricing.money(amount, params["currency"]))
    other = line_of({**made, "amount": amount + 1}, {**METERED, **params})
    assert (other.equal, "does not add up" in other.note) == (False, True)


@pytest.mark.parametrize(
    ("made", "terms", "words"),
    [
        (line(124, 31, "4"), PACKAGES, "31 packages of 100 × 0.04 USD = 1.24 USD"),
        (
            line(1013, 2025, "0.5"),
            {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": TIERS},
            "2,025 × 0.005 USD = 10.125 USD, rounded to 10.13 USD",
        ),
    ],
)
def test_quantities_in_packages_and_tiers_in_lines_of_their_own(made: Any, terms: Any, words: str) -> None:
    """Stripe does not publish which it shows; both add up."""
    found = line_of(made, {**METERED, **terms})
    assert (found.arithmetic, found.equal) == (words, True)


ONE = {"billing_scheme": "tiered", "tiers_mode": "graduated"}
BASE = {**ONE, "tiers": [{"up_to": 1000, "flat_amount": 900}, {"up_to": "inf", "unit_amount_decimal": "3.6"}]}


@pytest.mark.parametrize(
    ("amounts", "terms", "words", "wrong"),
    [
        # As Stripe bills 1,031 units of such a price: recorded, amounts and quantities.
        (
            [(0, 1000), (900, 0), (112, 31), (0, 0)],
            BASE,
            ["1,000 × 0.00 USD = 0.00 USD", "9.00 USD once", "31 × 0.036 USD = 1.116 USD, rounded to 1.12 USD", "0.00 USD once"],
            [],
        ),
        # Three half cents: each line is rounded by itself.
        (
            [(1, 1), (1, 1), (1, 1)],
            {**ONE, "tiers": [{"up_to": u, "unit_amount_decimal": "0.5"} for u in (1, 2, "inf")]},
            ["1 × 0.005 USD = 0.005 USD, rounded to 0.01 USD"] * 3,
            [],
        ),
        (
            [(0, 1000), (900, 0), (113, 31)],
            BASE,
            ["1,000 × 0.00 USD = 0.00 USD", "9.00 USD once", "31 × 0.036 USD = 1.116 USD, rounded to 1.12 USD"],
            ["x does not add up: the lines of the tiers come to 10.13 USD at Stripe, and to 10.12 USD by the price"],
        ),
    ],
)
def test_tiers_are_lines_of_their_own_and_compared_together(amounts: Any, terms: Any, words: Any, wrong: Any) -> None:
    total = sum(amount for amount, _ in amounts)
    sums = {"currency": "usd", "period_end": 86400, "subtotal": total, "total": total, "amount_due": total}
    made = [line(amount, quantity) for amount, quantity in amounts]
    invoice = invoice_of({**sums, "customer": "cus_1"}, made, {"price_1": {**METERED, **terms}}, "sub_1")
    assert [one.arithmetic for one in invoice.lines] == words
    assert [p for p in invoice.problems if "tiers" in p] == wrong
    assert bool(invoice.problems) == bool(wrong)


def test_discounts_tax_and_what_does_not_add_up_are_shown() -> None:
    credit = {"amount": 10, "type": "credit_balance_transaction"}
    taxes = [{"amount": 21, "tax_behavior": "exclusive"}, {"amount": 5, "tax_behavior": "inclusive"}]
    discount = {"amount": 24, "discount": "di_1"}
    made = line(
        130,
        3025,
        discount_amounts=[discount],
        taxes=taxes,
        pretax_credit_amounts=[credit, {"amount": 24, "type": "discount"}],
    )
    preview = {
        "currency": "usd",
        "customer": "cus_1",
        "customer_name": "John Doe",
        "period_end": 86400,
        "subtotal": 130,
        "total": 117,
        "amount_due": 100,
        "starting_balance": -17,
        "total_discount_amounts": [discount],
        "total_pretax_credit_amounts": [credit],
        "total_taxes": taxes,
        "lines": {"total_count": 1},
    }
    invoice = invoice_of(preview, [made], {"price_1": {**METERED, **PACKAGES}}, "sub_1")
    shown = [" ".join(row.split()) for row in text(invoice).splitlines()]
    assert shown == [
        "Next invoice of sub_1, cus_1 (John Doe), at 1970-01-02T00:00:00Z",
        "",
        "Tokens, 1970-01-01T00:00:00Z to 1970-01-02T00:00:00Z",
        "3,025 tokens → 31 packages of 100 × 0.04 USD = 1.24 USD (does not add up: Stripe's line is 1.30 USD, 0.06 USD more)",
        "discount -0.24 USD",
        "credits -0.10 USD",
        "tax 0.21 USD",
        "tax in it 0.05 USD",
        "",
        "Subtotal 1.30 USD",
        "Discounts -0.24 USD",
        "Credits -0.10 USD",
        "Tax 0.21 USD",
        "Total 1.17 USD",
        "Tax in the total 0.05 USD",
        "Customer's balance -0.17 USD",
        "Amount due 1.00 USD",
        "",
        "Tokens does not add up: Stripe's line is 1.30 USD, 0.06 USD more",
    ]
    short = invoice_of({**preview, "total": 999, "lines": {"total_count": 3}}, [made], {}, "sub_1")
    assert short.problems == ["Stripe shows 1 lines of 3; the rest is missing"]
    wrong = invoice_of({**preview, "total": 999}, [made], {}, "sub_1")
    said = "the lines less discounts and credits, with tax, come to 1.17 USD; Stripe's total is 9.99 USD"
    assert wrong.problems == [f"the total does not add up: {said}"]


@pytest.mark.parametrize(
    ("made", "found", "note"),
    [
        (line(0, 1, description="Trial period for Seats"), {**METERED, "unit_amount": 1000}, "free of charge during the trial"),
        (line(500, 1), None, "an amount, not a price"),
        (line(500, 1), {**METERED, "custom_unit_amount": {"enabled": True}}, "not computed: custom_unit_amount: "),
    ],
)
def test_what_cannot_be_computed_is_no_difference(made: Any, found: Any, note: str) -> None:
    shown = line_of(made, found)
    assert (shown.equal, shown.arithmetic) == (None, "")
    assert shown.note.startswith(note)
