"""Test clocks: what lives by one, how it moves on, and that a year under one is billed as any other year.

https://docs.stripe.com/billing/testing/test-clocks/api-advanced-usage, https://docs.stripe.com/api/test_clocks
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.stripe_local.guide import METER
from tests.stripe_local.receiver import Receiver
from tests.stripe_local.server import LIVE_KEY, LocalStripe
from tests.stripe_local.shop import DAY, Shop, moment

NEW_YEAR = moment("2031-01-01 00:00:00")
CARD: Any = {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}


class Clocked(Shop):
    """A shop whose customers are under one test clock, which it moves on."""

    def __init__(self, server: LocalStripe, frozen_time: int = NEW_YEAR) -> None:
        super().__init__(server, server.client())
        self.clock = self.v1.test_helpers.test_clocks.create({"frozen_time": frozen_time}).id

    def customer(self, *, card: bool = True, **more: Any) -> str:
        return super().customer(card=card, test_clock=self.clock, **more)

    def frozen(self) -> Any:
        return self.v1.test_helpers.test_clocks.retrieve(self.clock)

    def start(self, to: int) -> Any:
        return self.v1.test_helpers.test_clocks.advance(self.clock, {"frozen_time": to})

    def advance(self, to: int) -> None:
        """Moves on, and waits until it is there."""
        self.start(to)
        while self.frozen().status == "advancing":
            time.sleep(0.01)
        assert self.frozen().frozen_time == to

    def types(self) -> list[str]:
        return [event.type for event in reversed(self.v1.events.list({"limit": 100}).data)]


@pytest.fixture(scope="module")
def at_once() -> Iterator[LocalStripe]:
    """A server whose test clocks are there at once."""
    with LocalStripe(advance_lag=0) as server:
        yield server


@pytest.fixture
def clocked(at_once: LocalStripe) -> Clocked:
    at_once.reset()
    return Clocked(at_once)


@pytest.fixture
def slow() -> Iterator[Clocked]:
    """One whose test clocks are on their way until the server's own time has moved on."""
    with LocalStripe(advance_lag=1000) as server:
        yield Clocked(server)


def refused(call: Callable[[], Any], status: int = 400) -> stripe.StripeError:
    with pytest.raises(stripe.StripeError) as raised:
        call()
    assert raised.value.http_status == status
    return raised.value


# The clock itself


def test_a_clock_is_made_found_listed_and_deleted(clocked: Clocked) -> None:
    clocks = clocked.v1.test_helpers.test_clocks
    made = clocks.create({"frozen_time": 1_577_836_800, "name": "Annual renewal"})
    assert (made.status, made.name, made.frozen_time, made.livemode) == ("ready", "Annual renewal", 1_577_836_800, False)
    assert made.created == pytest.approx(time.time(), abs=60)
    assert made.deletes_after - made.created == 30 * DAY
    assert made.status_details.to_dict() == {}
    assert [clock.id for clock in clocks.list().data] == [made.id, clocked.clock]
    assert clocks.delete(made.id).to_dict() == {"id": made.id, "object": "test_helpers.test_clock", "deleted": True}
    gone = refused(lambda: clocks.retrieve(made.id), 404)
    assert (gone.code, gone.user_message) == ("resource_missing", f"No such billingclock: '{made.id}'")
    assert [clock.id for clock in clocks.list().data] == [clocked.clock]


def test_what_cannot_be_a_clock(clocked: Clocked) -> None:
    def create(**params: Any) -> Any:
        return clocked.v1.test_helpers.test_clocks.create(params)  # type: ignore[arg-type]

    missing = refused(lambda: create())
    assert (missing.code, missing.param) == ("parameter_missing", "frozen_time")  # type: ignore[attr-defined]
    assert refused(lambda: create(frozen_time="now")).param == "frozen_time"  # type: ignore[attr-defined]
    assert refused(lambda: create(frozen_time=1, name="x" * 301)).param == "name"  # type: ignore[attr-defined]
    assert refused(lambda: create(frozen_time=1, customer="cus_none")).code == "resource_missing"
    live = clocked.server.client(LIVE_KEY).v1.test_helpers.test_clocks
    assert "test mode" in str(refused(lambda: live.create({"frozen_time": 1})))


def test_a_clock_moves_only_forward_and_two_intervals_at_most(clocked: Clocked) -> None:
    for to in (NEW_YEAR, NEW_YEAR - 1):
        assert "must be after" in str(refused(lambda to=to: clocked.start(to)))
    two_years = moment("2033-01-01 00:00:00")
    assert "two years" in str(refused(lambda: clocked.start(two_years + 1)))
    yearly = clocked.subscribe(clocked.price(10_000, "year"))
    clocked.subscribe(clocked.price(1000))
    march = moment("2031-03-01 00:00:00")
    found = refused(lambda: clocked.start(march + 1))
    assert (found.param, "two intervals" in str(found)) == ("frozen_time", True)  # type: ignore[attr-defined]
    clocked.advance(march)
    for subscription in clocked.v1.subscriptions.list({"test_clock": clocked.clock}).data:
        if subscription.id != yearly.id:
            clocked.v1.subscriptions.cancel(subscription.id)
    clocked.advance(moment("2033-03-01 00:00:00"))
    assert len(clocked.invoices(yearly)) == 2


def test_a_schedule_that_has_not_started_counts_too(clocked: Clocked) -> None:
    """https://docs.stripe.com/billing/testing/test-clocks/api-advanced-usage#advance-clock: two years "if you haven't set any
    subscriptions or subscription schedules"."""
    phase: Any = {"items": [{"price": clocked.price(1000)}], "duration": {"interval": "month", "interval_count": 3}}
    params: Any = {"customer": clocked.customer(), "start_date": NEW_YEAR + 40 * DAY, "phases": [phase]}
    schedule = clocked.v1.subscription_schedules.create(params)
    march = moment("2031-03-01 00:00:00")
    assert "two intervals" in str(refused(lambda: clocked.start(march + 1)))
    clocked.v1.subscription_schedules.cancel(schedule.id)
    clocked.advance(march + 1)


def test_a_clock_is_on_its_way_for_a_while_and_nothing_is_changed_meanwhile(slow: Clocked) -> None:
    subscription = slow.subscribe(slow.price(1000))
    february = moment("2031-02-01 00:00:00")
    target = {"advancing": {"target_frozen_time": february}}
    for shown in (slow.start(february), slow.frozen()):
        assert (shown.status, shown.status_details.to_dict(), shown.frozen_time) == ("advancing", target, NEW_YEAR)
    for change in (
        lambda: slow.update(subscription, metadata={"a": "b"}),
        lambda: slow.customer(),
        lambda: slow.v1.invoice_items.create({"customer": subscription.customer, "amount": 1, "currency": "usd"}),
        lambda: slow.v1.test_helpers.test_clocks.delete(slow.clock),
        lambda: slow.start(february + 1),
    ):
        busy = f"Test clock advancement underway - cannot perform modifications: {slow.clock}"
        assert refused(change, 429).user_message == busy
    assert slow.v1.customers.create({"name": "Jane Roe"}).test_clock is None
    assert slow.invoices(subscription) == []
    slow.server.clock(advance=1001)
    assert (slow.frozen().status, slow.frozen().frozen_time) == ("ready", february)
    assert [invoice.status for invoice in slow.invoices(subscription)] == ["draft"]
    assert slow.update(subscription, metadata={"a": "b"}).metadata.to_dict() == {"a": "b"}


# What lives by it


def test_what_is_made_under_a_clock_is_of_its_time_and_shows_it(clocked: Clocked) -> None:
    v1, customer = clocked.v1, clocked.customer()
    subscription = v1.subscriptions.create({"customer": customer, "items": [{"price": clocked.price(1000)}]})
    item = v1.invoice_items.create({"customer": customer, "amount": 100, "currency": "usd"})
    grant = v1.billing.credit_grants.create(
        {
            "customer": customer,
            "category": "paid",
            "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 100}},
            "applicability_config": {"scope": {"price_type": "metered"}},
        }
    )
    added = v1.billing.credit_balance_transactions.list({"customer": customer}).data[0]
    (invoice,) = v1.invoices.list({"customer": customer}).data
    written = v1.invoices.create({"customer": customer})
    preview = v1.invoices.create_preview({"subscription": subscription.id})
    assert item.date == NEW_YEAR
    for made in (v1.customers.retrieve(customer), subscription, invoice, written, grant, added):
        assert (made.created, made.test_clock) == (NEW_YEAR, clocked.clock)
    assert {item.test_clock, preview.test_clock} == {clocked.clock}
    assert preview.created == moment("2031-02-01 00:00:00")
    expanded = v1.subscriptions.retrieve(subscription.id, {"expand": ["test_clock", "latest_invoice.test_clock"]})
    assert expanded.test_clock.frozen_time == expanded.latest_invoice.test_clock.frozen_time == NEW_YEAR  # type: ignore[union-attr]


def test_payments_and_events_keep_real_time(clocked: Clocked) -> None:
    """https://github.com/stripe/stripe-python/issues/1183"""
    subscription = clocked.subscribe(clocked.price(1000))
    clocked.advance(moment("2031-02-01 01:00:00"))
    paid = clocked.invoices(subscription)[0]
    assert (paid.created, paid.status_transitions.paid_at) == (moment("2031-02-01 00:00:00"), moment("2031-02-01 01:00:00"))
    real = [intent.created for intent in clocked.v1.payment_intents.list({"customer": subscription.customer}).data]
    real += [event.created for event in clocked.v1.events.list().data]
    assert real == [pytest.approx(time.time(), abs=120)] * len(real)


def test_lists_leave_out_what_is_under_a_clock(clocked: Clocked) -> None:
    v1, price = clocked.v1, clocked.price(1000)
    under = clocked.subscribe(price)
    plain = v1.subscriptions.create({"customer": v1.customers.create(CARD).id, "items": [{"price": price}]})

    def ids(found: Any) -> list[str]:
        return [one.id for one in found.data]

    assert ids(v1.customers.list()) == [plain.customer]
    assert ids(v1.customers.list({"test_clock": clocked.clock})) == [under.customer]
    assert ids(v1.subscriptions.list()) == ids(v1.subscriptions.list({"price": price})) == [plain.id]
    assert ids(v1.subscriptions.list({"test_clock": clocked.clock})) == [under.id]
    assert ids(v1.subscriptions.list({"customer": under.customer})) == [under.id]
    assert ids(v1.invoices.list()) == [plain.latest_invoice]
    assert ids(v1.invoices.list({"customer": under.customer})) == [under.latest_invoice]
    for listing in (v1.customers.list, v1.subscriptions.list):
        unknown = refused(lambda listing=listing: listing({"test_clock": "clock_none"}))
        assert (unknown.param, unknown.user_message) == ("test_clock", "No such billingclock: 'clock_none'")  # type: ignore[attr-defined]


def test_a_clock_has_three_customers_and_each_three_subscriptions(clocked: Clocked) -> None:
    price = clocked.price(1000)
    customers = [clocked.customer() for _ in range(3)]
    fourth = refused(clocked.customer)
    assert fourth.user_message == "You already have the maximum number (3) of customers allowed on this test clock."
    made = [clocked.v1.subscriptions.create({"customer": customers[0], "items": [{"price": price}]}) for _ in range(3)]
    again: Any = {"customer": customers[0], "items": [{"price": price}]}
    assert "at most 3 subscriptions" in str(refused(lambda: clocked.v1.subscriptions.create(again)))
    clocked.v1.subscriptions.cancel(made[0].id)
    # https://docs.stripe.com/billing/testing/test-clocks/api-advanced-usage: so does one that a schedule is to start.
    later: Any = {"customer": customers[0], "start_date": NEW_YEAR + DAY, "phases": [{"items": [{"price": price}]}]}
    scheduled = clocked.v1.subscription_schedules.create(later)
    for create, params in ((clocked.v1.subscriptions.create, again), (clocked.v1.subscription_schedules.create, later)):
        assert "at most 3 subscriptions" in str(refused(lambda create=create, params=params: create(params)))
    clocked.advance(NEW_YEAR + 2 * DAY)
    assert clocked.v1.subscription_schedules.retrieve(scheduled.id).status == "active"
    clocked.v1.customers.delete(customers[1])
    clocked.customer()


def test_a_customer_who_is_there_gets_a_new_clock_for_good(clocked: Clocked) -> None:
    v1, price = clocked.v1, clocked.price(1000)
    subscription = v1.subscriptions.create({"customer": v1.customers.create(CARD).id, "items": [{"price": price}]})
    customer = subscription.customer
    assert isinstance(customer, str)
    end = subscription["items"].data[0].current_period_end
    clock = v1.test_helpers.test_clocks.create({"frozen_time": end + 3600, "customer": customer})
    assert v1.customers.retrieve(customer).test_clock == clock.id
    for found in (v1.subscriptions.retrieve(subscription.id), *v1.invoices.list({"customer": customer}).data):
        assert found.test_clock == clock.id
    # What its time has made due happens at once.
    assert [(one.created, one.status) for one in clocked.invoices(subscription)] == [(end, "paid")]
    again: Any = {"frozen_time": end, "customer": customer}
    assert clock.id in str(refused(lambda: v1.test_helpers.test_clocks.create(again)))


def test_usage_is_of_the_time_of_the_customers_clock(clocked: Clocked) -> None:
    v1 = clocked.v1
    meter = v1.billing.meters.create(METER)  # type: ignore[arg-type]
    price = clocked.price(4, recurring={"interval": "month", "usage_type": "metered", "meter": meter.id}, interval=None)
    subscription = clocked.subscribe(price)

    def use(value: int, **more: Any) -> Any:
        payload = {"stripe_customer_id": subscription.customer, "value": str(value)}
        return v1.billing.meter_events.create({"event_name": METER["event_name"], "payload": payload, **more})

    assert use(10).timestamp == NEW_YEAR
    clocked.advance(NEW_YEAR + 40 * DAY)
    use(5)
    use(7, timestamp=NEW_YEAR + 39 * DAY)
    for timestamp, code in ((NEW_YEAR + 4 * DAY, "timestamp_too_far_in_past"), (NEW_YEAR + 41 * DAY, "timestamp_in_future")):
        assert refused(lambda timestamp=timestamp: use(1, timestamp=timestamp)).code == code
    clocked.advance(moment("2031-03-01 01:00:00"))
    assert clocked.amounts(subscription) == [[40], [48]]


def test_a_checkout_and_the_hosted_pages_are_at_the_time_of_the_clock(clocked: Clocked) -> None:
    customer = clocked.customer()
    session = clocked.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": customer,
            "line_items": [{"price": clocked.price(1000), "quantity": 1}],
            "success_url": "https://example.com/",
        }
    )
    assert session.created == pytest.approx(time.time(), abs=60)
    done = clocked.server.http("POST", f"/_local/checkout/{session.id}", key=None, json={"payment_method": "pm_card_visa"})
    assert done.status_code == 200, done.text
    (subscription,) = clocked.v1.subscriptions.list({"test_clock": clocked.clock}).data
    assert (subscription.customer, subscription.start_date) == (customer, NEW_YEAR)
    wanted: Any = {"customer": customer, "collection_method": "send_invoice", "days_until_due": 9}
    written = clocked.v1.invoices.create(wanted).id
    clocked.v1.invoice_items.create({"customer": customer, "invoice": written, "amount": 700, "currency": "usd"})
    clocked.v1.invoices.send_invoice(written)
    clocked.advance(NEW_YEAR + 5 * DAY)
    page = f"/_local/hosted/i/{written}"
    assert clocked.server.http("POST", page, key=None, json={"payment_method": "pm_card_visa"}).json()["status"] == "paid"
    assert clocked.v1.invoices.retrieve(written).status_transitions.paid_at == NEW_YEAR + 5 * DAY


# What happens on the way


def test_what_falls_due_happens_in_its_order_with_its_events(clocked: Clocked) -> None:
    subscription = clocked.subscribe(clocked.price(1000), trial_period_days=7)
    before = len(clocked.types())
    clocked.advance(moment("2031-02-08 01:00:00"))
    first, second = clocked.invoices(subscription)
    assert [first.created, second.created] == [moment("2031-01-08 00:00:00"), moment("2031-02-08 00:00:00")]
    assert [first.status_transitions.paid_at, second.status_transitions.paid_at] == [
        moment("2031-01-08 01:00:00"),
        moment("2031-02-08 01:00:00"),
    ]
    cycle = ["invoice.created", "customer.subscription.updated"]
    paid = ["invoice.finalized", "payment_intent.succeeded", "invoice.paid", "invoice_payment.paid"]
    wanted = {*cycle, *paid, "customer.subscription.trial_will_end", "invoice.upcoming"}
    happened = clocked.types()[before:]
    assert (happened[0], happened[-1]) == ("test_helpers.test_clock.advancing", "test_helpers.test_clock.ready")
    assert [type for type in happened if type in wanted] == [
        "customer.subscription.trial_will_end",
        *(*cycle, *paid),
        "invoice.upcoming",
        *(*cycle, *paid),
    ]


def test_each_clock_and_the_server_have_times_of_their_own(clocked: Clocked) -> None:
    price, other = clocked.price(1000), Clocked(clocked.server, moment("2020-01-01 00:00:00"))
    here, there = clocked.subscribe(price), other.subscribe(price)
    plain: Any = {"customer": clocked.v1.customers.create(CARD).id, "items": [{"price": price}]}
    without = clocked.v1.subscriptions.create(plain)
    clocked.advance(moment("2031-02-01 01:00:00"))
    other.advance(moment("2020-03-01 00:00:00"))
    assert [len(clocked.invoices(one)) for one in (here, there, without)] == [1, 2, 0]
    clocked.server.clock(set=without["items"].data[0].current_period_end + 3600)
    assert [len(clocked.invoices(one)) for one in (here, there, without)] == [1, 2, 1]


def test_credits_expire_and_payments_are_retried_by_the_clock(clocked: Clocked) -> None:
    subscription = clocked.subscribe(clocked.price(1000))
    customer = subscription.customer
    clocked.v1.billing.credit_grants.create(
        {
            "customer": customer,
            "category": "paid",
            "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 100}},
            "applicability_config": {"scope": {"price_type": "metered"}},
            "expires_at": NEW_YEAR + 10 * DAY,
        }
    )
    clocked.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
    failing: Any = {"invoice_settings": {"default_payment_method": "pm_card_chargeCustomerFail"}}
    clocked.v1.customers.update(customer, failing)
    clocked.advance(moment("2031-02-01 01:00:00"))
    found = clocked.v1.billing.credit_balance_transactions.list({"customer": customer}).data
    assert [(one.type, one.effective_at) for one in found] == [("debit", NEW_YEAR + 10 * DAY), ("credit", NEW_YEAR)]
    (invoice,) = clocked.invoices(subscription)
    assert (invoice.attempt_count, clocked.v1.subscriptions.retrieve(subscription.id).status) == (1, "past_due")
    clocked.advance(invoice.next_payment_attempt)
    assert clocked.invoices(subscription)[0].attempt_count == 2


def test_webhooks_tell_of_a_clock(clocked: Clocked) -> None:
    with closing(Receiver()) as receiver:
        clocked.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["test_helpers.test_clock.ready"]})
        clocked.advance(NEW_YEAR + 60)
        told = json.loads(receiver.deliveries.get(timeout=30)[0])
    assert (told["type"], told["data"]["object"]["id"]) == ("test_helpers.test_clock.ready", clocked.clock)
    assert (told["data"]["object"]["status"], told["data"]["object"]["frozen_time"]) == ("ready", NEW_YEAR + 60)


# Its end


def test_a_clock_goes_with_its_customers(clocked: Clocked) -> None:
    subscription = clocked.subscribe(clocked.price(1000))
    clocked.advance(NEW_YEAR + 60)
    before = len(clocked.types())
    clocked.v1.test_helpers.test_clocks.delete(clocked.clock)
    assert clocked.v1.customers.retrieve(subscription.customer).deleted
    found = clocked.v1.subscriptions.retrieve(subscription.id)
    assert (found.status, found.canceled_at, found.test_clock) == ("canceled", NEW_YEAR + 60, clocked.clock)
    assert clocked.types()[before:] == ["customer.deleted", "customer.subscription.deleted", "test_helpers.test_clock.deleted"]
    (left,) = clocked.v1.invoices.list({"customer": subscription.customer}).data
    assert (left.id, left.status, left.test_clock) == (subscription.latest_invoice, "paid", clocked.clock)


def test_a_clock_is_deleted_after_thirty_days(clocked: Clocked) -> None:
    subscription = clocked.subscribe(clocked.price(1000))
    clocked.server.clock(advance=30 * DAY - 100)
    assert clocked.frozen().status == "ready"
    clocked.server.clock(advance=200)
    refused(clocked.frozen, 404)
    assert clocked.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert clocked.types()[-1] == "test_helpers.test_clock.deleted"


def test_a_clock_that_cannot_move_on_says_so(clocked: Clocked) -> None:
    subscription = clocked.subscribe(clocked.price(1000))
    clocked.server.change(subscription.id, collection_method="send_invoice")  # without days_until_due
    clocked.start(NEW_YEAR + 31 * DAY)
    assert (clocked.frozen().status, clocked.frozen().frozen_time) == ("internal_failure", NEW_YEAR)
    assert clocked.types()[-1] == "test_helpers.test_clock.internal_failure"
    assert clocked.invoices(subscription) == []
    assert "could not advance" in str(refused(lambda: clocked.start(NEW_YEAR + 60)))


@pytest.mark.parametrize("pause", [0.0, 0.03])
def test_an_advance_that_is_cut_short_is_finished_once(tmp_path: Path, pause: float) -> None:
    with LocalStripe(tmp_path / "stripe.db", advance_lag=pause) as server:
        shop = Clocked(server)
        subscription = shop.subscribe(shop.price(1000))
        for month in (3, 5, 7):
            shop.start(moment(f"2031-0{month}-01 00:00:00"))
            server.kill()
            server.start()
            shop = _same(shop, server)
            while shop.frozen().status == "advancing":
                time.sleep(0.01)
        assert shop.frozen().frozen_time == moment("2031-07-01 00:00:00")
        billed = [invoice.created for invoice in shop.invoices(subscription)]
        assert billed == [moment(f"2031-0{month}-01 00:00:00") for month in range(2, 8)]
        counted = [type for type in shop.types() if type == "test_helpers.test_clock.ready"]
        assert len(counted) == 3


def _same(shop: Clocked, server: LocalStripe) -> Clocked:
    shop.server, shop.v1 = server, server.client().v1
    return shop


# A year, both ways


class Year:
    """A year of subscriptions of all kinds; `at` says how the time is moved, and by what customers are made."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.v1 = shop, shop.v1
        meter = self.v1.billing.meters.create(METER)  # type: ignore[arg-type]
        self.metered = shop.price(4, None, recurring={"interval": "month", "usage_type": "metered", "meter": meter.id})
        self.monthly, self.dearer = shop.price(1000), shop.price(2500)
        self.yearly = shop.price(9000, "year")
        self.coupon = self.v1.coupons.create({"percent_off": 25, "duration": "repeating", "duration_in_months": 3}).id
        self.rate = self.v1.tax_rates.create({"display_name": "VAT", "percentage": 19, "inclusive": False}).id

    def wanted(self, start: int) -> list[dict[str, Any]]:
        """The subscriptions of one customer each."""
        return [
            {"items": [{"price": self.monthly}], "trial_end": start + 10 * DAY},
            {"items": [{"price": self.monthly, "quantity": 3}], "discounts": [{"coupon": self.coupon}]},
            {"items": [{"price": self.yearly}], "default_tax_rates": [self.rate]},
            {"items": [{"price": self.metered}, {"price": self.monthly}]},
            {"items": [{"price": self.dearer}], "cancel_at": start + 100 * DAY},
            {"items": [{"price": self.monthly}], "collection_method": "send_invoice", "days_until_due": 20},
        ]

    def month(self, number: int, subscription: Any, kind: int, start: int) -> None:
        """What a customer does at that point of the year."""
        if kind == 3:
            for day in (1, 9):
                payload = {"stripe_customer_id": subscription.customer, "value": str(1000 * number + day)}
                used: Any = {"event_name": METER["event_name"], "payload": payload, "timestamp": start - day * DAY}
                self.v1.billing.meter_events.create(used)
        if kind == 0 and number == 5:
            self.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": subscription.customer})
            failing: Any = {"invoice_settings": {"default_payment_method": "pm_card_chargeCustomerFail"}}
            self.v1.customers.update(subscription.customer, failing)
        if kind == 1 and number == 6:
            items: Any = [{"id": subscription["items"].data[0].id, "price": self.dearer}]
            self.v1.subscriptions.update(subscription.id, {"items": items, "proration_date": start - 60})

    def bills(self, subscription: Any) -> list[tuple[Any, ...]]:
        """All that a customer sees of the invoices."""
        found = self.v1.invoices.list({"customer": subscription.customer, "limit": 100}).data
        return [
            (
                *(one.created, one.billing_reason, one.status, one.subtotal, one.total, one.amount_due, one.amount_paid),
                *(one.period_start, one.period_end, one.due_date, one.attempt_count, one.next_payment_attempt),
                one.status_transitions.to_dict(),
                [off.amount for off in one.total_discount_amounts or []],
                [tax.amount for tax in one.total_taxes or []],
                [(line.amount, line.description, line.period.to_dict(), line.quantity) for line in one.lines.data],
            )
            for one in reversed(found)
        ]


def _points(start: int) -> Iterator[tuple[int, int]]:
    for number in range(1, 13):
        yield number, start + number * 30 * DAY + 7200


def test_a_year_under_clocks_is_billed_as_the_same_year_by_the_servers_own_time(at_once: LocalStripe, tmp_path: Path) -> None:
    at_once.reset()
    at_once.clock(set=NEW_YEAR)
    own = Year(Shop(at_once, at_once.client()))
    plain = [
        own.v1.subscriptions.create({"customer": own.shop.customer(), **wanted})  # type: ignore[typeddict-item]
        for wanted in own.wanted(NEW_YEAR)
    ]
    for number, point in _points(NEW_YEAR):
        at_once.clock(set=point)
        for kind, subscription in enumerate(plain):
            own.month(number, subscription, kind, point)
    with LocalStripe(tmp_path / "stripe.db", advance_lag=0) as server:
        shop = Clocked(server)
        year = Year(shop)
        # Each begins in the second in which the other one of its kind began.
        for kind, (wanted, other) in enumerate(zip(year.wanted(NEW_YEAR), plain, strict=True)):
            shop.clock = year.v1.test_helpers.test_clocks.create({"frozen_time": other.created}).id
            params: Any = {"customer": shop.customer(), **wanted}
            subscription = year.v1.subscriptions.create(params)
            for number, point in _points(NEW_YEAR):
                shop.advance(point)
                year.month(number, subscription, kind, point)
            assert year.bills(subscription) == own.bills(other), kind
    assert sum(len(own.bills(subscription)) for subscription in plain) > 45


# What else lives by one


def test_phases_of_a_schedule_begin_by_it(clocked: Clocked) -> None:
    phases: Any = [{"items": [{"price": clocked.price(amount)}], "duration": {"interval": "month"}} for amount in (1000, 1500)]
    params: Any = {"customer": clocked.customer(), "start_date": "now", "end_behavior": "cancel", "phases": phases}
    made = clocked.v1.subscription_schedules.create(params)
    assert made.test_clock == clocked.clock
    assert clocked.v1.subscription_schedules.list().data == []
    assert [one.id for one in clocked.v1.subscription_schedules.list({"customer": str(made.customer)}).data] == [made.id]
    assert made.current_phase is not None
    assert made.current_phase.start_date == NEW_YEAR
    clocked.advance(moment("2031-02-01 02:00:00"))
    clocked.advance(moment("2031-03-01 02:00:00"))
    ended = clocked.v1.subscription_schedules.retrieve(made.id)
    assert (ended.status, ended.completed_at) == ("completed", moment("2031-03-01 00:00:00"))
    invoices = clocked.v1.invoices.list({"customer": str(made.customer)}).data
    assert [(one.created, one.total) for one in reversed(invoices)] == [(NEW_YEAR, 1000), (moment("2031-02-01 00:00:00"), 1500)]


def test_money_is_given_back_at_its_time(clocked: Clocked) -> None:
    paid = clocked.v1.invoices.retrieve(str(clocked.subscribe(clocked.price(1000)).latest_invoice))
    note = clocked.v1.credit_notes.create({"invoice": paid.id, "amount": 400, "refund_amount": 400})
    assert (note.created, note.refunds[0].amount_refunded) == (NEW_YEAR, 400)
