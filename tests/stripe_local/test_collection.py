"""What an invoice charges, what goes to the customer's balance, and what credits pay."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe import StripeClient

from stripe_local.calculation.collection import chargeable
from tests.stripe_local.guide import make_guide, refusal
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.unhurried import unhurried

HOURS = 3600
CURRENCIES = st.sampled_from(["usd", "gbp", "jpy", "isk", "ugx", "kwd", "czk", "xof"])


@pytest.mark.parametrize(
    ("due", "currency", "expected"),
    [
        (49, "usd", 0),
        (50, "usd", 50),
        (30, "gbp", 30),
        (1499, "czk", 0),
        (1, "xof", 1),
        (0, "xof", 0),
        (550, "ugx", 600),
        (549, "ugx", 500),
        (49, "isk", 0),
        (5125, "kwd", 5130),
        (5124, "kwd", 5120),
    ],
)
def test_what_can_be_charged(due: int, currency: str, expected: int) -> None:
    """https://docs.stripe.com/currencies"""
    assert chargeable(due, currency) == expected


@unhurried
@given(st.integers(0, 10**9), CURRENCIES)
def test_nothing_of_what_is_due_is_lost(due: int, currency: str) -> None:
    charged = chargeable(due, currency)
    assert charged >= 0
    assert chargeable(charged, currency) == charged
    assert abs(due - charged) < 1500


def subscribed(client: StripeClient, currency: str, amount: int, **more: Any) -> tuple[str, Any]:
    product: Any = {"name": "Plan"}
    params: Any = {"currency": currency, "unit_amount": amount, "recurring": {"interval": "month"}, "product_data": product}
    price = client.v1.prices.create(params).id
    made: Any = {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}, **more}
    customer = client.v1.customers.create(made).id
    return customer, client.v1.subscriptions.create({"customer": customer, "items": [{"price": price}]})


def money(client: StripeClient, customer: str) -> list[tuple[int, int, int, str]]:
    """(total, amount due, ending balance, status) of each invoice, oldest first."""
    found = reversed(client.v1.invoices.list({"customer": customer}).data)
    return [(i.total, i.amount_due, i.ending_balance or 0, str(i.status)) for i in found]


def test_what_is_below_the_minimum_waits_for_the_next_invoice(server: LocalStripe, client: StripeClient) -> None:
    customer, made = subscribed(client, "usd", 20)
    assert money(client, customer) == [(20, 0, 20, "paid")]
    for _ in range(3):
        server.clock(set=client.v1.subscriptions.retrieve(made.id).items.data[0].current_period_end + 2 * HOURS)
    assert money(client, customer) == [(20, 0, 20, "paid"), (20, 0, 40, "paid"), (20, 60, 0, "paid"), (20, 0, 20, "paid")]
    assert client.v1.customers.retrieve(customer).balance == 20


@pytest.mark.parametrize(
    ("currency", "amount", "charged"),
    [("ugx", 150, 200), ("isk", 149, 100), ("kwd", 5125, 5130), ("jpy", 49, 0), ("jpy", 50, 50)],
)
def test_special_currencies(client: StripeClient, currency: str, amount: int, charged: int) -> None:
    customer, _ = subscribed(client, currency, amount)
    assert money(client, customer) == [(amount, charged, amount - charged, "paid")]
    assert client.v1.customers.retrieve(customer).balance == amount - charged


@pytest.mark.parametrize("balance", [-300, -9000, 450])
@pytest.mark.parametrize("behavior", ["void", "mark_uncollectible"])
def test_a_voided_invoice_gives_back_the_balance_that_it_used(
    server: LocalStripe, client: StripeClient, balance: int, behavior: str
) -> None:
    customer, made = subscribed(client, "usd", 1000)
    client.v1.customers.update(customer, {"balance": balance})
    pause: Any = {"pause_collection": {"behavior": behavior}}
    client.v1.subscriptions.update(made.id, pause)
    server.clock(set=made.items.data[0].current_period_end + 2 * HOURS)
    last = client.v1.invoices.list({"customer": customer}).data[0]
    assert (last.status, last.starting_balance) == ("void" if behavior == "void" else "uncollectible", balance)
    used = min(balance + 1000, 0)
    assert client.v1.customers.retrieve(customer).balance == (balance if behavior == "void" else used)


@pytest.mark.parametrize(
    ("effective", "expires", "pays"),
    [(0, None, True), (0, 60, True), (0, 0, False), (0, -60, False), (60, None, False), (-60, 60, True)],
)
def test_credits_are_for_invoices_whose_period_ends_while_they_last(
    server: LocalStripe, client: StripeClient, effective: int, expires: int | None, pays: bool
) -> None:
    """Seconds from the period's end; the invoice is finalized an hour after it."""
    guide = make_guide(client)
    end = guide.item.current_period_end
    params: Any = {
        "customer": guide.customer.id,
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 1000}},
        "applicability_config": {"scope": {"price_type": "metered"}},
        "effective_at": end + effective,
        **({} if expires is None else {"expires_at": end + expires}),
    }
    if expires is not None and expires <= effective:
        params["effective_at"] = end - 3 * HOURS
    client.v1.billing.credit_grants.create(params)
    guide.use(3000)
    server.clock(set=end + 2 * HOURS)
    (invoice,) = guide.invoices()
    assert (invoice.subtotal, invoice.total) == (120, 0 if pays else 120)


def test_how_many_there_may_be(client: StripeClient) -> None:
    guide = make_guide(client)
    filters: Any = [{"type": "customer", "customer": guide.customer.id}]
    threshold: Any = {"meter": guide.meter.id, "gte": 1, "recurrence": "one_time"}
    alert: Any = {"title": "x", "alert_type": "usage_threshold", "usage_threshold": {**threshold, "filters": filters}}
    made = [client.v1.billing.alerts.create(alert).id for _ in range(25)]
    assert refusal(client.v1.billing.alerts.create, alert).http_status == 400
    client.v1.billing.alerts.create({**alert, "usage_threshold": threshold})
    client.v1.billing.alerts.archive(made[0])
    assert client.v1.billing.alerts.create(alert).status == "active"
    later: Any = {
        "customer": guide.customer.id,
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 1}},
        "applicability_config": {"scope": {"price_type": "metered"}},
        "effective_at": guide.item.current_period_end,
    }
    for _ in range(100):
        last = client.v1.billing.credit_grants.create(later).id
    assert refusal(client.v1.billing.credit_grants.create, later).http_status == 400
    client.v1.billing.credit_grants.void_grant(last)
    client.v1.billing.credit_grants.create(later)


def test_when_a_draft_is_charged(server: LocalStripe, client: StripeClient) -> None:
    customer, made = subscribed(client, "usd", 1000)
    end = made.items.data[0].current_period_end
    server.clock(set=end + 60)
    draft = client.v1.invoices.list({"customer": customer}).data[0]
    assert (draft.status, draft.next_payment_attempt) == ("draft", end + HOURS)
    assert (draft.period_start, draft.period_end) == (made.items.data[0].current_period_start, end)
    server.clock(set=end + 2 * HOURS)
    paid = client.v1.invoices.retrieve(str(draft.id))
    assert (paid.status, paid.next_payment_attempt, paid.ending_balance) == ("paid", None, 0)
    preview = client.v1.invoices.create_preview({"subscription": made.id})
    following = client.v1.subscriptions.retrieve(made.id).items.data[0]
    assert (preview.period_start, preview.period_end) == (following.current_period_start, following.current_period_end)
