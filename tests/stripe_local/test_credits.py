"""Billing credits on previews and invoices, against an independent calculation."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st
from stripe import StripeClient

from stripe_local.calculation.credits import Charge, Grant, order, payments
from tests.stripe_local.guide import Guide, make_guide
from tests.stripe_local.server import LocalStripe

MONTH = 32 * 86400
PRICES = ("a", "b", "c")
SCOPES = st.none() | st.frozensets(st.sampled_from(PRICES), min_size=1)
GRANTS = st.lists(st.tuples(st.integers(0, 50), SCOPES), max_size=5).map(
    lambda found: [Grant(str(i), left, prices) for i, (left, prices) in enumerate(found)]
)
CHARGES = st.lists(st.builds(Charge, st.sampled_from(PRICES), st.integers(-20, 60)), max_size=5)


@given(GRANTS, CHARGES)
def test_credits_pay_cent_by_cent(grants: list[Grant], charges: list[Charge]) -> None:
    """Each cent of each grant, in order, goes to the first line that it may pay and that is not paid yet.

    A cent that is taken back of a price is off its first line that is not all taken back.
    """
    unpaid = {i: max(c.amount, 0) for i, c in enumerate(charges)}
    for price in (c.price for c in charges for _ in range(-c.amount)):
        off = next((i for i, c in enumerate(charges) if c.price == price and unpaid[i]), None)
        if off is not None:
            unpaid[off] -= 1
    expected: dict[tuple[str, int], int] = {}
    for grant in grants:
        for _ in range(grant.left):
            may = [i for i, c in enumerate(charges) if grant.prices is None or c.price in grant.prices]
            line = next((i for i in may if unpaid[i]), None)
            if line is not None:
                unpaid[line] -= 1
                expected[grant.id, line] = expected.get((grant.id, line), 0) + 1
    assert {(p.grant, p.line): p.amount for p in payments(grants, charges)} == expected


def test_the_order_of_grants() -> None:
    ordered = [
        order(0, None, "paid", 9, 9),
        order(50, 100, "paid", 9, 9),
        order(50, 200, "promotional", 9, 9),
        order(50, 200, "paid", 1, 9),
        order(50, 200, "paid", 9, 1),
        order(50, None, "promotional", 1, 1),
        order(51, 1, "promotional", 1, 1),
    ]
    backwards = ordered[::-1]
    assert sorted(backwards) == ordered


@pytest.fixture
def guide(client: StripeClient) -> Guide:
    return make_guide(client)


def grant(guide: Guide, value: int, **more: Any) -> stripe.billing.CreditGrant:
    params: Any = {
        "customer": guide.customer.id,
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": value}},
        "applicability_config": {"scope": {"price_type": "metered"}},
        **more,
    }
    return guide.client.v1.billing.credit_grants.create(params)


def left(guide: Guide, id_: str) -> int:
    summary = guide.client.v1.billing.credit_balance_summary.retrieve(
        {"customer": guide.customer.id, "filter": {"type": "credit_grant", "credit_grant": id_}}
    )
    (balance,) = summary.balances
    assert balance.available_balance.monetary is not None
    return balance.available_balance.monetary.value


def test_a_preview_shows_credits_and_uses_none(guide: Guide) -> None:
    guide.use(3000)  # 120 cents
    late = grant(guide, 100, priority=60)
    first = grant(guide, 50)
    grant(guide, 1000, applicability_config={"scope": {"prices": [{"id": guide.new_price(9).id}]}}, priority=0)
    grant(guide, 1000, amount={"type": "monetary", "monetary": {"currency": "eur", "value": 1000}}, priority=0)
    for _ in range(2):
        preview = guide.preview()
        assert (preview.subtotal, preview.total, preview.amount_due) == (120, 0, 0)
        assert [c.amount for c in preview.total_pretax_credit_amounts or []] == [50, 70]
        (line,) = preview.lines.data
        assert (line.amount, [c.amount for c in line.pretax_credit_amounts or []]) == (120, [50, 70])
    assert (left(guide, first.id), left(guide, late.id)) == (50, 100)


def test_a_finalized_invoice_uses_credits(guide: Guide, server: LocalStripe) -> None:
    made, other = grant(guide, 100), grant(guide, 7, priority=60)
    guide.use(3000)
    server.clock(advance=MONTH)
    (invoice,) = guide.invoices()
    # 13 cents are less than can be charged.
    assert (invoice.subtotal, invoice.total, invoice.amount_due) == (120, 13, 0)
    assert (left(guide, made.id), left(guide, other.id)) == (0, 0)
    credit_grants = guide.client.v1.billing.credit_grants
    with pytest.raises(stripe.InvalidRequestError, match="cannot void"):
        credit_grants.void_grant(made.id)
    assert credit_grants.expire(made.id).expires_at is not None


def test_what_is_void_or_expired_pays_nothing(guide: Guide) -> None:
    guide.use(3000)
    credit_grants = guide.client.v1.billing.credit_grants
    credit_grants.void_grant(grant(guide, 100).id)
    credit_grants.expire(grant(guide, 100).id)
    ahead = guide.subscription.created + MONTH
    grant(guide, 100, effective_at=ahead)
    assert guide.preview().total == 120
    grant(guide, 3, expires_at=ahead)
    assert guide.preview().total == 117
