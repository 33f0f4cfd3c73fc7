"""A whole subscription pauses, and goes on. https://docs.stripe.com/billing/subscriptions/pause"""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import refusal
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.shop import DAY, moment
from tests.stripe_local.test_billing_thresholds import Metered

SUCCESS: Any = {"payment_behavior": "resume_on_payment_success"}
INVOICE: Any = {"invoicing_behavior": "invoice"}


class Pausing(Metered):
    """A shop whose subscriptions pause."""

    def pause(self, subscription: Any, **params: Any) -> Any:
        wanted: Any = params
        return self.v1.subscriptions.pause(subscription.id, wanted)

    def stop(self, subscription: Any) -> Any:
        """Pauses without giving anything back."""
        return self.pause(subscription, bill_for={"unused_time_from": {"type": "none"}})

    def resume(self, subscription: Any, **params: Any) -> Any:
        wanted: Any = params
        return self.v1.subscriptions.resume(subscription.id, wanted)

    def card(self, subscription: Any, card: str) -> None:
        """Gives the customer another card, by default."""
        attached = self.v1.payment_methods.attach(card, {"customer": subscription.customer})
        self.v1.customers.update(subscription.customer, {"invoice_settings": {"default_payment_method": attached.id}})

    def last(self, subscription: Any) -> Any:
        return self.v1.invoices.retrieve(self.now(subscription).latest_invoice)


@pytest.fixture
def shop(server: LocalStripe, client: StripeClient) -> Pausing:
    server.clock(set=moment("2027-06-01"))
    return Pausing(server, client)


# Pausing


def test_a_pause_gives_back_what_is_left_and_bills_what_was_used(shop: Pausing) -> None:
    """#pause-subscriptions: the defaults of `bill_for` are now, and both wait for an invoice."""
    subscription = shop.subscribe(shop.price(3000), shop.metered(100))
    shop.at("2027-06-16")
    shop.use(subscription, 7)
    paused = shop.pause(subscription)
    assert paused.status == "paused"
    details = paused.status_details.to_dict()["paused"]
    assert (details["type"], details["subscription"]) == ("subscription", {"type": "pause_requested"})
    assert details["transitioned_at"] // 60 == moment("2027-06-16") // 60
    assert [item.current_period_end for item in paused["items"].data] == [details["transitioned_at"]] * 2
    assert (shop.pending(subscription), shop.invoices(subscription)) == ([-1500, 700], [])
    # Nothing is billed for the duration of the pause.
    shop.use(subscription, 50)
    shop.at("2027-09-16")
    assert shop.invoices(subscription) == []


@pytest.mark.parametrize(
    ("bill_for", "amounts"),
    [
        ({}, [-1500, 700]),
        ({"unused_time_from": {"type": "none"}}, [700]),
        ({"unused_time_from": {"type": "item_current_period_start"}}, [-3000, 700]),
        ({"outstanding_usage_through": {"type": "none"}}, [-1500]),
    ],
)
def test_what_a_pause_bills_is_previewed(shop: Pausing, bill_for: Any, amounts: list[int]) -> None:
    """#preview-the-invoice-before-pausing; https://docs.stripe.com/api/subscriptions/pause#pause_subscription-bill_for"""
    subscription = shop.subscribe(shop.price(3000), shop.metered(100))
    shop.at("2027-06-16")
    shop.use(subscription, 7)
    preview = shop.preview(subscription, pause={**INVOICE, "bill_for": bill_for})
    assert sorted(line.amount for line in preview.lines.data) == amounts
    assert shop.now(subscription).status == "active"
    shop.pause(subscription, **INVOICE, bill_for=bill_for)
    assert [sorted(found) for found in shop.amounts(subscription)] == [amounts]
    assert shop.pending(subscription) == []


def test_what_waits_for_no_invoice_has_no_preview(shop: Pausing) -> None:
    """Of `pending_invoice_item`, and where nothing is due, Stripe returns a 404."""
    subscription = shop.subscribe(shop.price(3000))
    nothing = {"unused_time_from": {"type": "none"}}
    for pause in ({"invoicing_behavior": "pending_invoice_item"}, {**INVOICE, "bill_for": nothing}):
        error = refusal(shop.preview, subscription, pause=pause)
        assert (error.http_status, error.code) == (404, "invoice_upcoming_none")


def test_what_cannot_be_paused(shop: Pausing) -> None:
    """#pause-subscriptions: "You can't pause a subscription if it …"."""
    price = shop.price(3000)
    sent: Any = {"collection_method": "send_invoice", "days_until_due": 10}
    for more in (sent, {"billing_mode": {"type": "classic"}}, {"trial_period_days": 5}):
        assert refusal(shop.pause, shop.subscribe(price, **more)).http_status == 400
    paused = shop.subscribe(price)
    shop.pause(paused)
    assert refusal(shop.pause, paused).http_status == 400
    attach: Any = {"from_subscription": paused.id}
    assert refusal(shop.v1.subscription_schedules.create, attach).param == "from_subscription"
    canceled = shop.subscribe(price)
    shop.v1.subscriptions.cancel(canceled.id)
    assert refusal(shop.pause, canceled).http_status == 404
    scheduled = shop.subscribe(price)
    shop.v1.subscription_schedules.create({"from_subscription": scheduled.id})
    assert refusal(shop.pause, scheduled).http_status == 400


# Going on


def test_it_is_paused_until_the_invoice_is_paid(shop: Pausing) -> None:
    """#payment-behavior: by default the request attempts no payment; it is paid with the pay endpoint."""
    subscription = shop.subscribe(shop.price(3000))
    shop.stop(subscription)
    shop.at("2027-06-16")
    waits = shop.resume(subscription)
    assert (waits.status, waits.pending_update.expires_at) == ("paused", shop.last(subscription).created + 23 * 3600)
    invoice = shop.last(subscription)
    assert (invoice.status, invoice.attempted, invoice.auto_advance, invoice.total) == ("open", False, False, 3000)
    shop.v1.invoices.pay(invoice.id)
    going = shop.now(subscription)
    assert (going.status, going.pending_update, hasattr(going, "status_details")) == ("active", None, False)
    assert going.billing_cycle_anchor == going["items"].data[0].current_period_start == invoice.created
    shop.at("2027-07-16T02:00")
    assert shop.amounts(subscription) == [[3000], [3000]]


def test_a_payment_that_fails_by_default_leaves_it_past_due(shop: Pausing) -> None:
    """#payment-behavior: `past_due`, and it is not retried."""
    subscription = shop.subscribe(shop.price(3000))
    shop.stop(subscription)
    shop.resume(subscription)
    shop.card(subscription, "pm_card_chargeCustomerFail")
    assert refusal(shop.v1.invoices.pay, shop.last(subscription).id).http_status == 402
    assert (shop.now(subscription).status, shop.last(subscription).next_payment_attempt) == ("past_due", None)


def test_one_that_has_to_succeed_is_paid_at_once(shop: Pausing) -> None:
    subscription = shop.subscribe(shop.price(3000))
    shop.stop(subscription)
    shop.at("2027-06-16")
    going = shop.resume(subscription, **SUCCESS)
    assert (going.status, going.pending_update, shop.last(subscription).status) == ("active", None, "paid")


def test_one_that_has_to_succeed_stays_paused_and_is_retried(shop: Pausing) -> None:
    """#payment-behavior: `paused`, retries, and a year until it expires."""
    subscription = shop.subscribe(shop.price(3000))
    shop.stop(subscription)
    shop.card(subscription, "pm_card_chargeCustomerFail")
    waits = shop.resume(subscription, **SUCCESS)
    assert waits.status == "paused"
    invoice = shop.last(subscription)
    assert (invoice.status, invoice.attempt_count) == ("open", 1)
    assert waits.pending_update.expires_at == invoice.created + 365 * DAY
    shop.card(subscription, "pm_card_visa")
    shop.server.clock(set=invoice.next_payment_attempt + 60)
    assert (shop.now(subscription).status, shop.last(subscription).status) == ("active", "paid")


def test_nobody_to_charge_is_an_error(shop: Pausing) -> None:
    """#payment-behavior: "Otherwise, Stripe returns an error"."""
    ending: Any = {"end_behavior": {"missing_payment_method": "pause"}}
    made = shop.subscribe(shop.price(3000), card=False, trial_end=moment("2027-06-10"), trial_settings=ending)
    shop.at("2027-06-25")
    why = shop.now(made).status_details.to_dict()["paused"]["subscription"]
    assert why == {"type": "trial_end_without_payment_method"}
    assert refusal(shop.resume, made, **SUCCESS).code == "resource_missing"
    assert (shop.now(made).status, shop.invoices(made)) == ("paused", [])


@pytest.mark.parametrize(("end", "status"), [("void_invoice", "paused"), ("mark_uncollectible", "active")])
def test_an_invoice_that_is_void_or_given_up(shop: Pausing, end: str, status: str) -> None:
    """#resume-subscriptions"""
    subscription = shop.subscribe(shop.price(3000))
    shop.stop(subscription)
    shop.resume(subscription)
    getattr(shop.v1.invoices, end)(shop.last(subscription).id)
    assert (shop.now(subscription).status, shop.now(subscription).pending_update) == (status, None)


def test_without_an_attempt_it_expires(shop: Pausing) -> None:
    """https://docs.stripe.com/api/subscriptions/resume: within 23 hours; the invoice is void, and it stays paused."""
    subscription = shop.subscribe(shop.price(3000))
    shop.stop(subscription)
    shop.resume(subscription)
    shop.at("2027-06-02")
    assert (shop.now(subscription).status, shop.last(subscription).status) == ("paused", "void")


def test_a_card_can_come_meanwhile(shop: Pausing) -> None:
    subscription = shop.subscribe(shop.price(3000))
    shop.stop(subscription)
    shop.resume(subscription)
    attached = shop.v1.payment_methods.attach("pm_card_mastercard", {"customer": subscription.customer})
    assert shop.update(subscription, default_payment_method=attached.id).pending_update is not None
    shop.v1.invoices.pay(shop.last(subscription).id)
    assert shop.now(subscription).status == "active"


def test_a_resumption_is_previewed(shop: Pausing) -> None:
    """#preview-the-invoice-before-resuming"""
    subscription = shop.subscribe(shop.price(3000))
    shop.stop(subscription)
    shop.at("2027-06-16")
    preview = shop.preview(subscription, resume_at="now")
    assert [line.amount for line in preview.lines.data] == [3000]
    unchanged: Any = {"billing_cycle_anchor": {"type": "unchanged"}, "proration_behavior": "always_invoice"}
    preview = shop.preview(subscription, resume_at="now", **unchanged)
    assert [line.amount for line in preview.lines.data] == [1500]
    assert shop.now(subscription).status == "paused"


def test_what_cannot_be_resumed(shop: Pausing) -> None:
    classic = {"billing_mode": {"type": "classic"}, "trial_end": moment("2027-06-10")}
    ending: Any = {"end_behavior": {"missing_payment_method": "pause"}}
    made = shop.subscribe(shop.price(3000), card=False, trial_settings=ending, **classic)
    assert refusal(shop.resume, made).http_status == 400
    shop.at("2027-06-25")
    assert refusal(shop.resume, made, **SUCCESS).param == "payment_behavior"
    error = refusal(shop.preview, made, resume_at="now", metadata={"a": "b"})
    assert error.param == "subscription_details[resume_at]"


def test_a_crash_resumes_nothing_twice(tmp_path: Path) -> None:
    with LocalStripe(tmp_path / "stripe.db") as server:
        server.clock(set=moment("2027-06-01"))
        shop = Pausing(server, server.client())
        subscription = shop.subscribe(shop.price(3000))
        shop.stop(subscription)
        shop.resume(subscription, **SUCCESS)
        assert server.kill() == -signal.SIGKILL
        server.start()
        shop.v1 = server.client().v1
        assert shop.now(subscription).status == "active"
        assert [invoice.status for invoice in shop.invoices(subscription)] == ["paid"]
