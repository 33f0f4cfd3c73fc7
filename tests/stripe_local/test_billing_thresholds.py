"""Billing thresholds: an invoice as soon as what is not billed yet comes to an amount, or an item's usage to a quantity.

https://docs.stripe.com/billing/subscriptions/usage-based/thresholds, whose examples these are; its limitations (#limitations) are
those that it had in 2025.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import METER, refusal
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.shop import DAY, Shop, moment
from tests.stripe_local.test_test_clocks import Clocked

# "For example, you run an ad platform …": 0.50 USD for each of the first 10,000 impressions, 0.40 USD for those after.
TIERS = [{"up_to": 10_000, "unit_amount": 50}, {"up_to": "inf", "unit_amount": 40}]


class Metered(Shop):
    """A shop that sells impressions, which a meter counts."""

    def __init__(self, server: LocalStripe, client: StripeClient) -> None:
        super().__init__(server, client)
        self.meter = self.v1.billing.meters.create(METER)  # type: ignore[arg-type]

    def metered(self, amount: int | None = None, mode: str = "graduated", tiers: list[Any] = TIERS, **more: Any) -> str:
        """A price of an amount for each, or of tiers."""
        recurring = {"interval": more.pop("interval", "month"), "usage_type": "metered", "meter": self.meter.id}
        tiered: dict[str, Any] = {"billing_scheme": "tiered", "tiers_mode": mode, "tiers": tiers}
        cost = tiered if amount is None else {"unit_amount": amount}
        params: Any = {"currency": "usd", "product": self.product, "recurring": recurring, **cost, **more}
        return self.v1.prices.create(params).id

    def use(self, subscription: Any, value: int, **more: Any) -> None:
        payload = {"stripe_customer_id": subscription.customer, "value": str(value)}
        self.v1.billing.meter_events.create({"event_name": METER["event_name"], "payload": payload, **more})

    def early(self, subscription: Any) -> list[list[int]]:
        """What the invoices at thresholds are for, oldest first."""
        return [[line.amount for line in one.lines.data] for one in self.reached(subscription)]

    def reached(self, subscription: Any) -> list[Any]:
        return [one for one in self.invoices(subscription) if one.billing_reason == "subscription_threshold"]

    def now(self, subscription: Any) -> Any:
        return self.v1.subscriptions.retrieve(subscription.id)

    def at(self, text: str) -> None:
        self.server.clock(set=moment(text))
        self.server.http("GET", "/v1/account")


@pytest.fixture
def shop(server: LocalStripe, client: StripeClient) -> Metered:
    server.clock(set=moment("2027-06-01"))
    return Metered(server, client)


def at(amount: int, **more: Any) -> dict[str, Any]:
    return {"billing_thresholds": {"amount_gte": amount, **more}}


# The page's examples


def test_graduated_tiers_run_on_from_invoice_to_invoice(shop: Metered) -> None:
    """#thresholds-and-tiered-pricing: billed every 200 impressions, after 10,000 of them every 250, until the period ends."""
    subscription = shop.subscribe(shop.metered(), **at(10_000))
    for _ in range(3):
        shop.use(subscription, 199)
        already = len(shop.reached(subscription))
        shop.use(subscription, 1)
        assert len(shop.reached(subscription)) == already + 1
    assert shop.early(subscription) == [[10_000]] * 3
    shop.use(subscription, 10_000 - 600)
    shop.use(subscription, 249)
    assert len(shop.reached(subscription)) == 4
    shop.use(subscription, 1)
    assert shop.early(subscription)[3:] == [[(10_000 - 600) * 50], [10_000]]
    last = shop.reached(subscription)[-1]
    assert [(line.quantity, line.description) for line in last.lines.data] == [(250, "250 × Plan (Tier 2 at $0.40 / month)")]
    shop.use(subscription, 7)
    shop.at("2027-07-01T02:00")
    assert shop.amounts(subscription)[5:] == [[280]]
    # Then the tiers begin anew.
    shop.use(subscription, 200)
    assert shop.early(subscription)[5:] == [[10_000]]


def test_what_crosses_a_tier_is_a_line_of_each(shop: Metered) -> None:
    subscription = shop.subscribe(shop.metered(), **at(10_000))
    shop.use(subscription, 9_900)
    shop.use(subscription, 225)
    assert shop.early(subscription) == [[495_000], [5_000, 5_000]]


def test_volume_tiers_bill_all_anew_and_take_back_what_was_billed(shop: Metered) -> None:
    """#volume-tiers: at 5,000 USD an invoice comes with 10,000 units, and the next one with 25,000."""
    subscription = shop.subscribe(shop.metered(mode="volume"), **at(500_000))
    shop.use(subscription, 10_000)
    assert shop.early(subscription) == [[500_000]]
    for more in (1, 2_499, 12_499):  # 4,000.40 USD, 5,000 USD again, and all but the last unit
        shop.use(subscription, more)
    assert len(shop.reached(subscription)) == 1
    shop.use(subscription, 1)
    first, second = shop.reached(subscription)
    assert [(line.quantity, line.amount) for line in first.lines.data] == [(10_000, 500_000)]
    assert [(line.quantity, line.amount) for line in second.lines.data] == [(25_000, 1_000_000), (None, -500_000)]
    assert second.lines.data[1].description == "Amount previously billed (at $0.50 per unit)"
    assert (first.total, second.total) == (500_000, 500_000)


def test_what_is_owed_at_the_end_is_credited_to_the_balance(shop: Metered) -> None:
    """#volume-tiers: with one unit more the customer is owed 999.60 USD, which the balance has at the end of the period."""
    subscription = shop.subscribe(shop.metered(mode="volume"), **at(500_000))
    shop.use(subscription, 10_000)
    shop.use(subscription, 1)
    shop.at("2027-07-01T02:00")
    end = shop.invoices(subscription)[-1]
    assert (end.billing_reason, end.total, end.amount_due) == ("subscription_cycle", -99_960, 0)
    assert [line.amount for line in end.lines.data] == [400_040, -500_000]
    assert shop.v1.customers.retrieve(subscription.customer).balance == -99_960


def test_what_was_taken_back_had_its_discount(shop: Metered) -> None:
    coupon = shop.v1.coupons.create({"percent_off": 10, "duration": "forever"}).id
    subscription = shop.subscribe(shop.metered(mode="volume"), discounts=[{"coupon": coupon}], **at(450_000))
    shop.use(subscription, 10_000)
    shop.use(subscription, 15_000)
    assert [one.total for one in shop.reached(subscription)] == [450_000, 450_000]


# What reaches a threshold


def test_the_reason_is_named(shop: Metered) -> None:
    """https://docs.stripe.com/api/invoices/object#invoice_object-threshold_reason"""
    subscription = shop.subscribe(shop.metered(100), shop.price(2000), **at(5_000))
    (start,) = shop.v1.invoices.list({"subscription": subscription.id}).data
    assert "threshold_reason" not in start.to_dict()
    shop.use(subscription, 49)
    shop.use(subscription, 2)
    (invoice,) = shop.reached(subscription)
    # The license is not due before the period's end, whatever is used.
    assert [line.amount for line in invoice.lines.data] == [5_100]
    assert invoice.threshold_reason.to_dict() == {"amount_gte": 5_000, "item_reasons": []}
    assert shop.now(subscription).latest_invoice == invoice.id
    assert (invoice.period_start, invoice.period_end) == (subscription.start_date, invoice.created)


def test_usage_of_an_item_reaches_one_of_its_own(shop: Metered) -> None:
    """#usage-thresholds; https://docs.stripe.com/api/subscription_items/update#update_subscription_item-billing_thresholds"""
    subscription = shop.subscribe(shop.metered(1))
    item = subscription["items"].data[0]
    assert item.billing_thresholds is None
    changed = shop.v1.subscription_items.update(item.id, {"billing_thresholds": {"usage_gte": 2_000}})
    assert changed.billing_thresholds.to_dict() == {"usage_gte": 2_000}  # type: ignore[union-attr]
    for value in (1_999, 1, 1_000, 1_500):
        shop.use(subscription, value)
    first, second = shop.reached(subscription)
    assert [[line.quantity for line in one.lines.data] for one in (first, second)] == [[2_000], [2_500]]
    for one in (first, second):
        ids = [line.id for line in one.lines.data]
        assert one.threshold_reason.to_dict() == {
            "amount_gte": None,
            "item_reasons": [{"line_item_ids": ids, "usage_gte": 2_000}],
        }
    shop.v1.subscription_items.update(item.id, {"billing_thresholds": ""})
    shop.use(subscription, 9_000)
    assert len(shop.reached(subscription)) == 2


def test_what_waits_counts_too(shop: Metered) -> None:
    """In the page's words of 2019 the value "includes discounts and applicable prorations"."""
    subscription = shop.subscribe(shop.metered(100), **at(5_000))
    shop.use(subscription, 30)
    wanted: Any = {"customer": subscription.customer, "subscription": subscription.id, "currency": "usd", "amount": 1_999}
    shop.v1.invoice_items.create(wanted)
    assert shop.early(subscription) == []
    shop.v1.invoice_items.create({**wanted, "amount": 1})
    assert shop.early(subscription) == [[1_999, 1, 3_000]]


def test_a_threshold_that_is_reached_when_it_is_set(shop: Metered) -> None:
    subscription = shop.subscribe(shop.metered(100))
    shop.use(subscription, 60)
    shop.update(subscription, **at(6_001))
    assert shop.early(subscription) == []
    shop.update(subscription, **at(6_000))
    assert shop.early(subscription) == [[6_000]]


def _grant(shop: Metered, subscription: Any, value: int) -> None:
    grant: Any = {
        "customer": subscription.customer,
        "category": "paid",
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": value}},
        "applicability_config": {"scope": {"price_type": "metered"}},
    }
    shop.v1.billing.credit_grants.create(grant)


def test_taxes_are_left_out_and_discounts_and_credits_taken_off(shop: Metered) -> None:
    """The value used excludes taxes but includes discounts and billing credits."""
    rate = shop.v1.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": False}).id
    coupon = shop.v1.coupons.create({"percent_off": 50, "duration": "forever"}).id
    more: dict[str, Any] = {"default_tax_rates": [rate], "discounts": [{"coupon": coupon}]}
    subscription = shop.subscribe(shop.metered(100), **more, **at(5_000))
    _grant(shop, subscription, 1_000)
    shop.use(subscription, 119)
    assert shop.early(subscription) == []
    shop.use(subscription, 1)
    (invoice,) = shop.reached(subscription)
    assert (invoice.subtotal, invoice.total_excluding_tax, invoice.total) == (12_000, 5_000, 6_000)


def _with_credits(shop: Metered, **price: Any) -> Any:
    subscription = shop.subscribe(shop.metered(**price))
    item = subscription["items"].data[0].id
    shop.v1.subscription_items.update(item, {"billing_thresholds": {"usage_gte": 9_000}})
    _grant(shop, subscription, 10_000_000)
    return subscription


def _credits_used(shop: Metered, subscription: Any) -> list[int]:
    found = shop.v1.billing.credit_balance_transactions.list({"customer": subscription.customer}).data
    return [one.debit.amount.monetary.value for one in reversed(found) if one.debit and one.debit.amount.monetary]


def test_credits_pay_no_more_than_what_is_billed_anew_costs_more(shop: Metered) -> None:
    """#volume-tiers: what was billed previously is taken back, so the invoice is for the rest, and credits pay that."""
    subscription = _with_credits(shop, mode="volume")
    shop.use(subscription, 10_000)
    shop.use(subscription, 15_000)
    assert [(one.subtotal, one.total) for one in shop.reached(subscription)] == [(500_000, 0), (500_000, 0)]
    shop.at("2027-06-01T03:00")
    assert _credits_used(shop, subscription) == [500_000, 500_000]
    assert shop.v1.customers.retrieve(subscription.customer).balance == 0


def test_what_is_owed_at_the_end_uses_no_credits(shop: Metered) -> None:
    subscription = _with_credits(shop, mode="volume")
    shop.use(subscription, 10_000)
    shop.use(subscription, 1)
    shop.at("2027-07-01T02:00")
    assert shop.invoices(subscription)[-1].total == -99_960
    assert _credits_used(shop, subscription) == [500_000]


def test_nothing_is_looked_at_in_a_trial_or_on_the_last_day(shop: Metered) -> None:
    """Thresholds don't apply to trial subscriptions, and are not evaluated in the 24 hours before a subscription ends."""
    trial = shop.subscribe(shop.metered(100), trial_period_days=10, **at(5_000))
    last = shop.subscribe(shop.metered(100), **at(5_000))
    shop.use(trial, 100)
    shop.at("2027-06-11T12:00")
    assert shop.early(trial) == []
    shop.use(trial, 60)
    assert shop.early(trial) == [[6_000]]
    shop.at("2027-06-30T00:00:30")
    shop.use(last, 100)
    assert shop.early(last) == []
    shop.at("2027-07-01T02:00")
    assert shop.amounts(last) == [[10_000]]


# What comes of it


def test_it_is_a_draft_for_an_hour_in_which_nothing_is_added(shop: Metered) -> None:
    """Threshold invoices don't include usage reported during the invoice finalization grace period."""
    subscription = shop.subscribe(shop.metered(100), **at(5_000))
    shop.at("2027-06-05T12:00")
    shop.use(subscription, 50)
    (invoice,) = shop.reached(subscription)
    assert (invoice.status, invoice.automatically_finalizes_at) == ("draft", invoice.created + 3600)
    shop.use(subscription, 20, timestamp=moment("2027-06-05"))
    assert shop.early(subscription) == [[5_000]]
    shop.at("2027-06-05T14:00")
    assert [(one.status, one.total) for one in shop.reached(subscription)] == [("paid", 5_000)]
    shop.at("2027-07-01T02:00")
    assert shop.amounts(subscription) == [[5_000], [2_000]]


def test_the_anchor_stays_unless_it_is_to_be_reset(shop: Metered) -> None:
    """#thresholds-and-the-billing-cycle-anchor: as if the subscription had arrived at its rollover point."""
    subscription = shop.subscribe(shop.metered(), **at(10_000))
    anchor = subscription.billing_cycle_anchor
    shop.at("2027-06-11")
    shop.use(subscription, 9_950)
    assert shop.now(subscription).billing_cycle_anchor == anchor
    again = shop.update(subscription, billing_thresholds={"reset_billing_cycle_anchor": True})
    assert again.billing_thresholds.to_dict() == {"amount_gte": 10_000, "reset_billing_cycle_anchor": True}
    shop.at("2027-06-21")
    shop.use(subscription, 300)
    shop.use(subscription, 100)
    reset = shop.now(subscription)
    period = (moment("2027-06-21"), moment("2027-07-21"))
    assert (reset.billing_cycle_anchor // 60, reset.status) == (period[0] // 60, "active")
    item = reset["items"].data[0]
    assert (item.current_period_start // 60, item.current_period_end // 60) == (period[0] // 60, period[1] // 60)
    # 50 of the first tier are left, and 250 are of the second; then the tiers begin anew, at 0.50 USD.
    assert shop.early(subscription) == [[497_500], [2_500, 10_000]]
    shop.use(subscription, 100)
    assert shop.early(subscription)[2:] == [[10_000]]


def test_a_reset_gives_back_what_is_left_of_a_license_and_charges_a_new_period(shop: Metered) -> None:
    """As any reset of the billing date: https://docs.stripe.com/billing/subscriptions/billing-cycle#change-billing-cycle"""
    subscription = shop.subscribe(shop.metered(100), shop.price(3_000), **at(5_000, reset_billing_cycle_anchor=True))
    shop.at("2027-06-16")
    shop.use(subscription, 50)
    (invoice,) = shop.reached(subscription)
    assert sorted(line.amount for line in invoice.lines.data) == [-1_500, 3_000, 5_000]
    assert shop.pending(subscription) == []


def test_the_next_invoice_is_previewed_without_what_is_billed(shop: Metered) -> None:
    subscription = shop.subscribe(shop.metered(mode="volume"), **at(500_000))
    shop.use(subscription, 10_000)
    shop.use(subscription, 10)
    preview: Any = shop.v1.invoices.create_preview({"subscription": subscription.id})
    assert [line.amount for line in preview.lines.data] == [400_400, -500_000]
    assert preview.total == -99_600


def test_a_cancel_bills_the_rest(shop: Metered) -> None:
    subscription = shop.subscribe(shop.metered(100), **at(5_000))
    shop.use(subscription, 50)
    shop.use(subscription, 9)
    shop.v1.subscriptions.cancel(subscription.id, {"invoice_now": True})
    assert shop.amounts(subscription) == [[5_000], [900]]


def test_a_new_price_begins_anew(shop: Metered) -> None:
    """https://docs.stripe.com/billing/subscriptions/usage-based/manage-billing: what was reported so far is at the old price."""
    subscription = shop.subscribe(shop.metered(100), **at(5_000))
    shop.use(subscription, 50)
    shop.use(subscription, 9)
    shop.update(subscription, items=[{"id": subscription["items"].data[0].id, "price": shop.metered(200)}])
    shop.use(subscription, 20)
    assert shop.early(subscription) == [[5_000]]
    shop.use(subscription, 1)
    assert shop.early(subscription) == [[5_000], [900, 4_200]]


def test_its_events(shop: Metered) -> None:
    subscription = shop.subscribe(shop.metered(100), **at(5_000))
    shop.at("2027-06-05")
    shop.use(subscription, 50)
    shop.at("2027-06-05T02:00")
    found = shop.v1.events.list({"limit": 100, "created": {"gte": moment("2027-06-05")}, "type": "invoice.*"}).data
    told = [(event.type, event.data.object["billing_reason"]) for event in reversed(found)]
    of_it = [type for type, reason in told if reason == "subscription_threshold"]
    assert of_it == [
        *("invoice.created", "invoice.updated", "invoice.finalized"),
        *("invoice.updated", "invoice.paid", "invoice.payment_succeeded"),
    ]


def test_usage_counts_once_the_lag_has_passed(tmp_path: Path) -> None:
    with LocalStripe(tmp_path / "stripe.db", event_lag=60) as server:
        server.clock(set=moment("2027-06-01"))
        shop = Metered(server, server.client())
        subscription = shop.subscribe(shop.metered(100), **at(5_000))
        shop.use(subscription, 30)
        server.clock(advance=40)
        shop.use(subscription, 20)
        server.clock(advance=30)
        assert shop.early(subscription) == []
        server.clock(advance=40)
        assert shop.early(subscription) == [[5_000]]


def test_usage_is_looked_at_when_it_arrives_also_where_time_was_set_back(shop: Metered) -> None:
    """Usage that was reported before the clock was set back counts, and reaches a threshold, from when it was received."""
    shop.at("2027-06-10")
    customer = shop.customer()
    payload = {"stripe_customer_id": customer, "value": "50"}
    for at_time in ("2027-06-10", "2027-06-20"):
        shop.at(at_time)
        shop.v1.billing.meter_events.create({"event_name": METER["event_name"], "payload": payload})
    shop.at("2027-06-01")
    params: Any = {"customer": customer, "items": [{"price": shop.metered(100)}], **at(5_000)}
    subscription = shop.v1.subscriptions.create(params)
    assert shop.early(subscription) == []
    shop.at("2027-06-25")
    first, second = shop.reached(subscription)
    assert [one.created // 60 for one in (first, second)] == [moment("2027-06-10") // 60, moment("2027-06-20") // 60]
    assert shop.early(subscription) == [[5_000], [5_000]]


def test_under_a_test_clock(server: LocalStripe) -> None:
    clocked = Clocked(server)
    shop = Metered(server, server.client())
    params: Any = {"customer": clocked.customer(), "items": [{"price": shop.metered(100)}], **at(5_000)}
    subscription = shop.v1.subscriptions.create(params)
    clocked.advance(clocked.frozen().frozen_time + 10 * DAY)
    time = clocked.frozen().frozen_time
    shop.use(subscription, 50)
    (invoice,) = shop.reached(subscription)
    assert (invoice.created, invoice.test_clock, invoice.status) == (time, clocked.clock, "draft")
    clocked.advance(time + 2 * 3600)
    assert shop.reached(subscription)[0].status == "paid"


def test_a_crash_bills_nothing_twice(tmp_path: Path) -> None:
    with LocalStripe(tmp_path / "stripe.db") as server:
        server.clock(set=moment("2027-06-01"))
        shop = Metered(server, server.client())
        subscription = shop.subscribe(shop.metered(100), **at(5_000))
        for value in (50, 60):
            shop.use(subscription, value)
            assert server.kill() == -signal.SIGKILL
            server.start()
            shop.v1 = server.client().v1
        assert shop.early(subscription) == [[5_000], [6_000]]
        shop.at("2027-07-01T02:00")
        assert shop.amounts(subscription) == [[5_000], [6_000], [0]]


# Setting them


def test_they_are_set_changed_and_removed(shop: Metered) -> None:
    """https://docs.stripe.com/api/subscriptions/update#update_subscription-billing_thresholds: an empty string removes them."""
    subscription = shop.subscribe(shop.metered(100), **at(5_000))
    shown = {"amount_gte": 5_000, "reset_billing_cycle_anchor": False}
    assert subscription.billing_thresholds.to_dict() == shown
    assert shop.update(subscription, **at(7_000)).billing_thresholds.amount_gte == 7_000
    assert shop.update(subscription, billing_thresholds="").billing_thresholds is None
    shop.use(subscription, 1_000)
    assert shop.early(subscription) == []


def test_a_schedule_sets_them_phase_by_phase(shop: Metered) -> None:
    """https://docs.stripe.com/api/subscription_schedules/create: a phase's own come before the default settings'."""
    price = shop.metered(100)
    plain = {"items": [{"price": price}]}
    own = {"items": [{"price": price, "billing_thresholds": {"usage_gte": 10}}], **at(9_000)}
    params: Any = {"customer": shop.customer(), "start_date": "now", "phases": [own, plain], "default_settings": at(5_000)}
    made = shop.v1.subscription_schedules.create(params)
    assert made.phases[0].billing_thresholds.amount_gte == 9_000  # type: ignore[union-attr]
    assert made.phases[0].items[0].billing_thresholds.usage_gte == 10  # type: ignore[union-attr]
    assert made.default_settings.billing_thresholds.amount_gte == 5_000  # type: ignore[union-attr]
    subscription: Any = shop.v1.subscriptions.retrieve(str(made.subscription))
    assert subscription.billing_thresholds.amount_gte == 9_000
    assert subscription["items"].data[0].billing_thresholds.usage_gte == 10
    shop.at("2027-07-01T02:00")
    subscription = shop.now(subscription)
    assert subscription.billing_thresholds.amount_gte == 5_000
    assert subscription["items"].data[0].billing_thresholds is None
    shop.use(subscription, 50)
    assert shop.early(subscription) == [[5_000]]


FLAT = [{"up_to": 100, "unit_amount": 0, "flat_amount": 900}, {"up_to": "inf", "unit_amount": 5}]


@pytest.mark.parametrize(
    ("wanted", "param"),
    [
        # #monetary-thresholds: "Set the value to at least 50 currency units."
        (lambda shop: at(49), "billing_thresholds[amount_gte]"),
        (lambda shop: {"billing_thresholds": {"usage_gte": 5}}, "billing_thresholds[usage_gte]"),
        # "Monetary thresholds must be greater than the sum of any flat fees on metered subscription items."
        (lambda shop: {"items": [{"price": shop.metered(tiers=FLAT)}], **at(900)}, "billing_thresholds[amount_gte]"),
        (
            lambda shop: {"items": [{"price": shop.metered(100), "billing_thresholds": {"usage_gte": 0}}]},
            "items[0][billing_thresholds][usage_gte]",
        ),
        (
            lambda shop: {"items": [{"price": shop.price(100), "billing_thresholds": {"usage_gte": 5}}]},
            "items[0][billing_thresholds]",
        ),
    ],
)
def test_what_they_cannot_be(shop: Metered, wanted: Callable[[Metered], dict[str, Any]], param: str) -> None:
    params = {"customer": shop.customer(), "items": [{"price": shop.metered(100)}], **wanted(shop)}
    error = refusal(shop.v1.subscriptions.create, params)
    assert (error.http_status, error.param) == (400, param)


def test_a_checkout_takes_none(shop: Metered) -> None:
    """They are set once the subscription is there; `subscription_data` has no such parameter."""
    params: Any = {
        "mode": "subscription",
        "line_items": [{"price": shop.metered(100)}],
        "success_url": "https://example.com",
        "subscription_data": at(5_000),
    }
    error = refusal(shop.v1.checkout.sessions.create, params)
    assert (error.code, error.param) == ("parameter_unknown", "subscription_data[billing_thresholds]")
