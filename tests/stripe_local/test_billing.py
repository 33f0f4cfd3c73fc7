"""What is billed: previews, invoices, swaps of prices, the passing of time."""

from __future__ import annotations

import time
from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import Guide, lines, make_guide, refusal
from tests.stripe_local.server import LocalStripe

DAY = 86400
MONTH = 31 * DAY


@pytest.fixture
def guide(client: StripeClient) -> Guide:
    return make_guide(client)


def swap(guide: Guide, price: Any, **more: Any) -> Any:
    params: Any = {"items": [{"id": guide.item.id, "price": price.id}], **more}
    return guide.client.v1.subscriptions.update(guide.subscription.id, params)


# Previews of the guide's price: 4 cents per 100 tokens, begun packages counted


@pytest.mark.parametrize(("quantity", "total"), [(0, 0), (1, 4), (25, 4), (100, 4), (101, 8), (3000, 120), (3025, 124), (-5, 0)])
def test_the_guides_price(guide: Guide, quantity: int, total: int) -> None:
    if quantity:
        guide.use(quantity)
    preview = guide.preview()
    assert (preview.total, preview.subtotal, preview.amount_due) == (total, total, total)
    assert [line.amount for line in preview.lines.data] == [total]


def test_a_preview_is_about_the_present_period(guide: Guide) -> None:
    guide.use(100, timestamp=guide.subscription.created - 60)
    guide.use(25)
    preview = guide.preview()
    assert preview.total == 4
    period = preview.lines.data[0].period
    assert (period.start, period.end) == (guide.item.current_period_start, guide.item.current_period_end)
    assert (preview.period_start, preview.period_end) == (period.start, period.end)
    details: Any = preview.parent
    assert details.subscription_details.subscription == guide.subscription.id


@pytest.mark.parametrize(
    ("price", "quantity", "total"),
    [
        ({"transform_quantity": {"divide_by": 100, "round": "down"}}, 25, 0),
        ({"transform_quantity": {"divide_by": 100, "round": "down"}}, 250, 8),
        ({"transform_quantity": None}, 3, 12),
        # Rounded half up, once, after multiplying.
        ({"transform_quantity": None, "unit_amount": None, "unit_amount_decimal": "0.05"}, 30, 2),
        ({"transform_quantity": None, "unit_amount": None, "unit_amount_decimal": "0.05"}, 29, 1),
        ({"transform_quantity": None, "unit_amount": None, "unit_amount_decimal": "0.000000000001"}, "500000000000", 1),
        ({"transform_quantity": None}, "2.5", 10),
        ({"transform_quantity": None}, "0.1", 0),
    ],
)
def test_other_prices_per_unit(client: StripeClient, price: Any, quantity: Any, total: int) -> None:
    guide = make_guide(client, **price)
    guide.use(quantity)
    assert guide.preview().total == total


TIERS: list[Any] = [
    {"up_to": 1000, "unit_amount": 5, "flat_amount": 100},
    {"up_to": 5000, "unit_amount_decimal": "2.5"},
    {"up_to": "inf", "unit_amount": 1, "flat_amount": 7},
]


@pytest.mark.parametrize(
    ("mode", "quantity", "total"),
    [
        ("graduated", 0, 100),
        ("graduated", 1000, 5100),
        ("graduated", 1001, 5103),
        ("graduated", 5000, 15100),
        ("graduated", 5001, 15108),
        ("volume", 0, 100),
        ("volume", 1000, 5100),
        ("volume", 1001, 2503),
        ("volume", 6000, 6007),
    ],
)
def test_tiers(client: StripeClient, mode: str, quantity: int, total: int) -> None:
    tiered: Any = {"billing_scheme": "tiered", "tiers_mode": mode, "tiers": TIERS}
    guide = make_guide(client, unit_amount=None, transform_quantity=None, **tiered)
    if quantity:
        guide.use(quantity)
    assert guide.preview().total == total


def test_licenses_are_billed_ahead_and_usage_behind(client: StripeClient, guide: Guide) -> None:
    seat = client.v1.prices.create(
        {"currency": "usd", "unit_amount": 1000, "recurring": {"interval": "month"}, "product_data": {"name": "Seat"}}
    )
    client.v1.subscriptions.update(
        guide.subscription.id,
        {"items": [{"price": seat.id, "quantity": 2}], "proration_behavior": "none"},
    )
    guide.use(25)
    preview = guide.preview()
    assert lines(preview) == [(guide.price.id, 4), (seat.id, 2000)]
    behind, ahead = (line.period for line in preview.lines.data)
    assert behind.end == ahead.start


@pytest.mark.parametrize(
    ("params", "total"),
    [
        ({"subscription_details": {"cancel_now": True}}, 4),
        ({"subscription_details": {"cancel_at_period_end": True}}, 4),
        ({"preview_mode": "recurring"}, 4),
        ({"invoice_items": [{"amount": 50, "currency": "usd", "description": "extra"}]}, 54),
        ({"subscription_details": {"billing_cycle_anchor": {"type": "now"}}}, 4),
    ],
)
def test_previews_of_something_else(guide: Guide, params: Any, total: int) -> None:
    guide.use(25)
    assert guide.preview(**params).total == total
    assert guide.preview().total == 4
    found = guide.client.v1.subscriptions.retrieve(guide.subscription.id)
    assert (found.status, found.cancel_at_period_end, found.latest_invoice) == ("active", False, None)


def test_previews_of_other_items(guide: Guide) -> None:
    guide.use(25)
    other = guide.new_price(9)
    details: Any = {"items": [{"id": guide.item.id, "price": other.id}]}
    assert lines(guide.preview(subscription_details=details)) == [(guide.price.id, 4), (other.id, 0)]
    assert lines(guide.preview()) == [(guide.price.id, 4)]
    assert guide.client.v1.invoice_items.list().data == []


def test_previews_of_a_subscription_that_does_not_exist(guide: Guide) -> None:
    preview: Any = guide.client.v1.invoices.create_preview
    seat = guide.client.v1.prices.create(
        {"currency": "usd", "unit_amount": 1000, "recurring": {"interval": "month"}, "product_data": {"name": "Seat"}}
    )
    details = {"items": [{"price": guide.price.id}, {"price": seat.id, "quantity": 2}]}
    made = preview({"customer": guide.customer.id, "subscription_details": details})
    assert lines(made) == [(seat.id, 2000)]
    assert len(guide.client.v1.subscriptions.list().data) == 1
    assert refusal(preview, {"customer": guide.customer.id}).code == "parameter_missing"
    assert refusal(preview, {"subscription": "sub_none"}).code == "resource_missing"
    guide.client.v1.subscriptions.cancel(guide.subscription.id)
    assert refusal(preview, {"subscription": guide.subscription.id}).code == "invoice_upcoming_none"


def test_a_balance_is_taken_into_account(guide: Guide) -> None:
    guide.use(3000)
    guide.client.v1.customers.update(guide.customer.id, {"balance": -100})
    preview = guide.preview()
    assert (preview.total, preview.starting_balance, preview.amount_due) == (120, -100, 20)


# Swapping the price in mid-period: old usage at the old price, and never twice


def test_old_usage_is_billed_at_the_old_price(guide: Guide) -> None:
    guide.use(3000)
    dearer = guide.new_price(5)
    swap(guide, dearer)
    guide.use(100)
    assert lines(guide.preview()) == [(guide.price.id, 120), (dearer.id, 5)]
    cheaper = guide.new_price(1)
    swap(guide, cheaper)
    guide.use(100)
    assert lines(guide.preview()) == [(guide.price.id, 120), (dearer.id, 5), (cheaper.id, 1)]
    assert guide.preview(preview_mode="recurring").total == 1


def test_without_proration_old_usage_is_not_billed(guide: Guide) -> None:
    guide.use(3000)
    dearer = guide.new_price(5)
    swap(guide, dearer, proration_behavior="none")
    guide.use(100)
    assert lines(guide.preview()) == [(dearer.id, 5)]


def test_old_usage_can_be_invoiced_at_once(guide: Guide) -> None:
    guide.use(3000)
    swap(guide, guide.new_price(5), proration_behavior="always_invoice")
    assert [(invoice.total, invoice.billing_reason) for invoice in guide.invoices()] == [(120, "subscription_update")]
    assert guide.preview().total == 0


def test_in_classic_mode_old_usage_is_lost(client: StripeClient) -> None:
    guide = make_guide(client, subscription={"billing_mode": {"type": "classic"}})
    guide.use(3000)
    dearer = guide.new_price(5)
    swap(guide, dearer)
    assert lines(guide.preview()) == [(dearer.id, 0)]


def test_swapping_there_and_back(guide: Guide) -> None:
    dearer = guide.new_price(5)
    for price in (dearer, guide.price, dearer, guide.price):
        guide.use(100)
        swap(guide, price)
    guide.use(100)
    assert sum(amount for _, amount in lines(guide.preview())) == 4 + 5 + 4 + 5 + 4


def test_removing_a_metered_item_bills_its_usage(guide: Guide) -> None:
    guide.use(3000)
    other = guide.new_price(9)
    params: Any = {"items": [{"id": guide.item.id, "deleted": True}, {"price": other.id}]}
    guide.client.v1.subscriptions.update(guide.subscription.id, params)
    guide.use(100)
    assert lines(guide.preview()) == [(guide.price.id, 120), (other.id, 9)]


def test_usage_is_at_the_price_of_when_it_is_reported(server: LocalStripe, guide: Guide) -> None:
    """https://docs.stripe.com/billing/subscriptions/usage-based/manage-billing"""
    guide.use(100)
    server.clock(advance=3600)
    second = guide.new_price(5)
    swap(guide, second)
    guide.use(100, timestamp=guide.subscription.created + 60)
    assert lines(guide.preview()) == [(guide.price.id, 4), (second.id, 5)]
    third = guide.new_price(7)
    swap(guide, third)
    guide.use(200, timestamp=guide.subscription.created + 90)
    assert lines(guide.preview()) == [(guide.price.id, 4), (second.id, 5), (third.id, 14)]
    server.clock(set=guide.item.current_period_end + 60)
    guide.use(100, timestamp=guide.item.current_period_end - 60)
    assert guide.invoices()[-1].total == 4 + 5 + 21
    assert guide.preview().total == 0


def test_licenses_are_prorated(server: LocalStripe, client: StripeClient, guide: Guide) -> None:
    seat = client.v1.prices.create(
        {"currency": "usd", "unit_amount": 1000, "recurring": {"interval": "day"}, "product_data": {"name": "Seat"}}
    )
    made = client.v1.subscriptions.create(
        {
            "customer": guide.customer.id,
            "items": [{"price": seat.id, "quantity": 2}],
            "collection_method": "send_invoice",
            "days_until_due": 1,
        }
    )
    server.clock(set=made.created + DAY // 4)
    changed: Any = {"items": [{"id": made.items.data[0].id, "quantity": 3}], "proration_date": made.created + DAY // 4}
    client.v1.subscriptions.update(made.id, changed)
    pending = client.v1.invoice_items.list({"pending": True}).data
    assert sorted(item.amount for item in pending) == [-1500, 2250]
    assert all(item.proration for item in pending)


def test_another_price_makes_a_quantity_one_unless_it_is_sent(client: StripeClient, guide: Guide) -> None:
    seat: Any = {"currency": "usd", "recurring": {"interval": "month"}, "product_data": {"name": "Seat"}}
    prices = [client.v1.prices.create({**seat, "unit_amount": amount}).id for amount in (1000, 1100, 1200)]
    made = client.v1.subscriptions.create(
        {
            "customer": guide.customer.id,
            "items": [{"price": prices[0], "quantity": 3}],
            "collection_method": "send_invoice",
            "days_until_due": 1,
        }
    )
    id_ = made.items.data[0].id
    kept = client.v1.subscriptions.update(made.id, {"items": [{"id": id_, "price": prices[1], "quantity": 3}]})
    assert kept.items.data[0].quantity == 3
    reset = client.v1.subscriptions.update(made.id, {"items": [{"id": id_, "price": prices[2]}]})
    assert reset.items.data[0].quantity == 1


# Cancellation


def test_usage_is_billed_when_asked_for(guide: Guide) -> None:
    guide.use(3000)
    gone = guide.client.v1.subscriptions.cancel(guide.subscription.id, {"invoice_now": True})
    assert gone.status == "canceled"
    assert [(invoice.id, invoice.total) for invoice in guide.invoices()] == [(gone.latest_invoice, 120)]


def test_usage_is_lost_otherwise(guide: Guide) -> None:
    guide.use(3000)
    guide.client.v1.subscriptions.cancel(guide.subscription.id)
    assert guide.invoices() == []


def test_pending_usage_is_on_the_last_invoice(guide: Guide) -> None:
    guide.use(3000)
    swap(guide, guide.new_price(5))
    guide.use(100)
    guide.client.v1.subscriptions.cancel(guide.subscription.id, {"invoice_now": True})
    assert [invoice.total for invoice in guide.invoices()] == [125]
    assert guide.client.v1.invoice_items.list({"pending": True}).data == []


# Time


def test_a_period_ends_and_is_invoiced(server: LocalStripe, guide: Guide) -> None:
    end = guide.item.current_period_end
    guide.use(3000)
    server.clock(set=end + 60)
    found = guide.client.v1.subscriptions.retrieve(guide.subscription.id)
    item = found.items.data[0]
    assert item.current_period_start == end
    assert 28 * DAY <= item.current_period_end - end <= 31 * DAY
    invoice = guide.client.v1.invoices.retrieve(str(found.latest_invoice))
    assert (invoice.status, invoice.total, invoice.billing_reason) == ("draft", 120, "subscription_cycle")
    assert (invoice.created, invoice.automatically_finalizes_at) == (end, end + 3600)
    # Within the hour of grace, usage of the old period is still taken.
    guide.use(25, timestamp=end - 60)
    guide.use(500)
    assert guide.client.v1.invoices.retrieve(invoice.id).total == 124
    assert guide.preview().total == 20
    server.clock(set=end + 3660)
    invoice = guide.client.v1.invoices.retrieve(invoice.id)
    assert (invoice.status, invoice.total, invoice.amount_remaining) == ("open", 124, 124)
    assert invoice.number
    guide.use(1000, timestamp=end - 60)
    assert guide.client.v1.invoices.retrieve(invoice.id).total == 124
    # There was nothing to charge.
    assert guide.client.v1.subscriptions.retrieve(guide.subscription.id).status == "past_due"


def test_periods_follow_the_anchor(server: LocalStripe, client: StripeClient) -> None:
    server.clock(set=1801396800)  # 2027-01-31T12:00:00Z
    guide = make_guide(client)
    server.clock(set=1801396800 + 70 * DAY)
    starts = [invoice.period_end for invoice in guide.invoices()]
    # The end of February, and then the 31st again.
    assert starts == [1803816000, 1806494400]
    assert [invoice.status for invoice in guide.invoices()] == ["paid", "paid"]


def test_a_subscription_ends_with_its_period(server: LocalStripe, guide: Guide) -> None:
    guide.client.v1.subscriptions.update(guide.subscription.id, {"cancel_at_period_end": True})
    guide.use(3000)
    assert guide.preview().total == 120
    server.clock(set=guide.item.current_period_end + 7200)
    found = guide.client.v1.subscriptions.retrieve(guide.subscription.id)
    assert (found.status, found.ended_at) == ("canceled", guide.item.current_period_end)
    assert [(invoice.total, invoice.status) for invoice in guide.invoices()] == [(120, "open")]
    server.clock(advance=3 * MONTH)
    assert len(guide.invoices()) == 1


def test_a_date_of_cancellation(server: LocalStripe, guide: Guide) -> None:
    end = guide.subscription.created + 10 * DAY
    guide.client.v1.subscriptions.update(guide.subscription.id, {"cancel_at": end})
    guide.use(25)
    assert guide.preview().total == 4
    server.clock(set=end)
    assert guide.client.v1.subscriptions.retrieve(guide.subscription.id).status == "canceled"
    assert [invoice.total for invoice in guide.invoices()] == [4]


def test_a_trial(server: LocalStripe, client: StripeClient) -> None:
    guide = make_guide(client, subscription={"trial_period_days": 7})
    assert guide.subscription.status == "trialing"
    assert guide.subscription.trial_end == guide.subscription.created + 7 * DAY
    guide.use(3000)
    assert guide.preview().total == 0
    server.clock(set=guide.subscription.trial_end + 60)
    found = client.v1.subscriptions.retrieve(guide.subscription.id)
    assert found.status == "active"
    assert found.items.data[0].current_period_start == guide.subscription.trial_end
    guide.use(25)
    assert guide.preview().total == 4
    (free,) = guide.invoices()
    assert (free.total, free.lines.data[0].quantity) == (0, 3000)


@pytest.mark.parametrize(("behavior", "status"), [("cancel", "canceled"), ("pause", "paused")])
def test_a_trial_without_a_payment_method(server: LocalStripe, client: StripeClient, behavior: str, status: str) -> None:
    trial = {"trial_period_days": 1, "trial_settings": {"end_behavior": {"missing_payment_method": behavior}}}
    guide = make_guide(client, subscription=trial)
    server.clock(advance=2 * DAY)
    assert client.v1.subscriptions.retrieve(guide.subscription.id).status == status
    if status == "paused":
        guide.use(3000)
        assert client.v1.subscriptions.resume(guide.subscription.id).status == "active"
        assert guide.preview().total == 0


def test_a_trial_cut_short(server: LocalStripe, client: StripeClient) -> None:
    guide = make_guide(client, subscription={"trial_period_days": 30})
    server.clock(advance=DAY)
    guide.use(3000)
    found = client.v1.subscriptions.update(guide.subscription.id, {"trial_end": "now"})
    assert found.status == "active"
    # https://docs.stripe.com/billing/subscriptions/trials: there is an invoice when a trial ends, by itself or by hand.
    (free,) = guide.invoices()
    assert (free.id, free.total, [line.quantity for line in free.lines.data]) == (found.latest_invoice, 0, [3000])
    guide.use(25)
    assert guide.preview().total == 4


def test_usage_before_a_trial_is_not_lost(server: LocalStripe, guide: Guide) -> None:
    guide.use(3000)
    later: Any = {"trial_end": server.clock() + DAY}
    assert guide.client.v1.subscriptions.update(guide.subscription.id, later).status == "trialing"
    guide.use(500)
    found = [(line.quantity, line.amount) for line in guide.preview().lines.data]
    assert found == [(3000, 120), (500, 0)]


def test_the_end_of_the_period_moves_with_the_anchor(server: LocalStripe, guide: Guide) -> None:
    guide.client.v1.subscriptions.update(guide.subscription.id, {"cancel_at_period_end": True})
    server.clock(advance=DAY)
    changed = guide.client.v1.subscriptions.update(guide.subscription.id, {"billing_cycle_anchor": {"type": "now"}})
    assert changed.cancel_at == changed.items.data[0].current_period_end
    server.clock(set=changed.cancel_at - 60)
    assert guide.client.v1.subscriptions.retrieve(guide.subscription.id).status == "active"
    server.clock(set=changed.cancel_at)
    assert guide.client.v1.subscriptions.retrieve(guide.subscription.id).status == "canceled"


def test_an_incomplete_subscription_expires(server: LocalStripe, client: StripeClient, guide: Guide) -> None:
    seat = client.v1.prices.create(
        {"currency": "usd", "unit_amount": 1000, "recurring": {"interval": "month"}, "product_data": {"name": "Seat"}}
    )
    made = client.v1.subscriptions.create(
        {"customer": guide.customer.id, "items": [{"price": seat.id}], "payment_behavior": "default_incomplete"}
    )
    server.clock(advance=DAY)
    assert client.v1.subscriptions.retrieve(made.id).status == "incomplete_expired"


def test_collection_that_is_paused(server: LocalStripe, guide: Guide) -> None:
    pause: Any = {"pause_collection": {"behavior": "void"}}
    guide.client.v1.subscriptions.update(guide.subscription.id, pause)
    guide.use(25)
    server.clock(set=guide.item.current_period_end + 7200)
    assert [invoice.status for invoice in guide.invoices()] == ["void"]
    assert guide.client.v1.subscriptions.retrieve(guide.subscription.id).status == "active"


def test_a_new_anchor(server: LocalStripe, guide: Guide) -> None:
    guide.use(25)
    server.clock(advance=DAY)
    changed = guide.client.v1.subscriptions.update(guide.subscription.id, {"billing_cycle_anchor": {"type": "now"}})
    assert changed.items.data[0].current_period_start == changed.billing_cycle_anchor
    assert changed.billing_cycle_anchor >= guide.subscription.created + DAY
    assert [invoice.total for invoice in guide.invoices()] == [4]
    assert guide.preview().total == 0


def test_anchors_at_creation(client: StripeClient, guide: Guide) -> None:
    now = guide.subscription.created
    anchored = client.v1.subscriptions.create(
        {"customer": guide.customer.id, "items": [{"price": guide.price.id}], "billing_cycle_anchor": now + 5 * DAY}
    )
    item = anchored.items.data[0]
    assert (item.current_period_start, item.current_period_end) == (anchored.created, now + 5 * DAY)
    by_day = client.v1.subscriptions.create(
        {
            "customer": guide.customer.id,
            "items": [{"price": guide.price.id}],
            "billing_cycle_anchor_config": {"day_of_month": 1, "hour": 0, "minute": 0, "second": 0},
        }
    )
    assert by_day.billing_cycle_anchor_config is not None
    assert by_day.items.data[0].current_period_end % DAY == 0
    backdated = client.v1.subscriptions.create(
        {"customer": guide.customer.id, "items": [{"price": guide.price.id}], "backdate_start_date": now - DAY}
    )
    assert backdated.start_date == now - DAY
    guide.use(25, timestamp=now - 3600)
    assert client.v1.invoices.create_preview({"subscription": backdated.id}).total == 4


def test_a_day_of_the_month_begins_at_the_time_of_day_of_the_creation(server: LocalStripe, guide: Guide) -> None:
    """Also after a trial. https://docs.stripe.com/billing/subscriptions/billing-cycle"""
    server.clock(set=1_814_605_200)  # 2027-07-03 09:00
    made = guide.client.v1.subscriptions.create(
        {
            "customer": guide.customer.id,
            "items": [{"price": guide.price.id}],
            "trial_end": 1_815_447_600,  # 2027-07-13 03:00
            "billing_cycle_anchor_config": {"day_of_month": 20},
        }
    )
    assert made.billing_cycle_anchor == made.created + 17 * DAY


def test_time_passes_without_being_asked(server: LocalStripe, guide: Guide) -> None:
    """A period that ends while the server runs is noticed by the next request."""
    guide.use(25)
    end = guide.item.current_period_end
    server.clock(set=end - 1)
    while server.clock() < end:
        time.sleep(0.1)
    assert [invoice.total for invoice in guide.invoices()] == [4]


def test_time_that_passed_while_the_server_was_down(server: LocalStripe, tmp_path: Any) -> None:
    with LocalStripe(tmp_path / "stripe.db") as own:
        guide = make_guide(own.client())
        guide.use(25)
        own.clock(set=guide.item.current_period_end - 1)
        own.kill()
        time.sleep(1.1)
        own.start()
        assert [invoice.total for invoice in guide.invoices()] == [4]
