"""A preview of a schedule is the next invoice that it makes: compared with that invoice.

https://docs.stripe.com/billing/subscriptions/subscription-schedules#preview-an-invoice,
https://docs.stripe.com/api/invoices/create_preview#create_create_preview-schedule_details
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import refusal
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.shop import DAY, moment
from tests.stripe_local.test_subscription_schedules import Scheduled

JUNE = moment("2027-06-01")


class Previewing(Scheduled):
    """A shop that looks at what a schedule would bill."""

    def ahead(self, schedule: Any = None, **more: Any) -> Any:
        named = {} if schedule is None else {"schedule": schedule.id}
        wanted: Any = {**named, **more}
        return self.v1.invoices.create_preview(wanted)

    def present(self, schedule: Any, price: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
        """The present phase, as an update must name it."""
        start = self.now(schedule).current_phase.start_date
        return {"items": [{"price": price, "quantity": quantity}], "start_date": start, **more}


@pytest.fixture
def shop(server: LocalStripe, client: StripeClient) -> Previewing:
    server.clock(set=JUNE)
    return Previewing(server, client)


def amounts(invoice: Any) -> list[int]:
    return [line.amount for line in invoice.lines.data]


# A schedule as it is


def test_the_next_invoice_of_a_schedule(shop: Previewing) -> None:
    """#preview-an-invoice: the renewal, at the price of the phase that begins with it."""
    made = shop.plan(shop.phase(shop.price(1000)), shop.phase(shop.price(3000), quantity=2))
    preview = shop.ahead(made)
    assert (amounts(preview), preview.created) == ([6000], shop.now(made).current_phase.end_date)
    assert preview.parent.subscription_details.subscription == made.subscription
    shop.at("2027-07-01T02:00")
    assert shop.billed(shop.under(made))[1:] == [("subscription_cycle", [6000])]


def test_one_that_has_not_started(shop: Previewing) -> None:
    made = shop.plan(shop.phase(shop.price(1000), quantity=3), start_date=moment("2027-06-11"))
    preview = shop.ahead(made)
    assert (amounts(preview), preview.created, preview.parent) == ([3000], moment("2027-06-11"), None)
    shop.at("2027-06-11T02:00")
    assert shop.billed(shop.under(shop.now(made))) == [("subscription_create", [3000])]


MIDDLE = {"end_date": moment("2027-06-16")}


@pytest.mark.parametrize("behavior", ["create_prorations", "always_invoice", "none"])
@pytest.mark.parametrize("anchor", ["automatic", "phase_start"])
def test_a_phase_that_begins_within_the_period(shop: Previewing, behavior: str, anchor: str) -> None:
    second = {"proration_behavior": behavior, "billing_cycle_anchor": anchor, "duration": {"interval": "month"}}
    made = shop.plan(shop.phase(shop.price(3000), **MIDDLE), shop.phase(shop.price(6000), **second))
    before = shop.now(made).to_dict()
    preview = shop.ahead(made)
    assert shop.now(made).to_dict() == before
    shop.at("2027-06-16T02:00")
    if len(shop.invoices(shop.under(made))) == 0:
        shop.at("2027-07-01T02:00")
    (invoice, *_) = shop.invoices(shop.under(made))
    assert (amounts(preview), preview.created, preview.total) == (amounts(invoice), invoice.created, invoice.total)


def test_what_becomes_of_it_at_the_end(shop: Previewing) -> None:
    """`end_behavior`: the subscription goes on, or there is nothing to come."""
    price = shop.price(1000)
    released = shop.plan(shop.phase(price))
    assert amounts(shop.ahead(released)) == [1000]
    ends = shop.plan(shop.phase(price), end_behavior="cancel")
    assert amounts(shop.ahead(ends)) == []
    # Of an update of it alone:
    assert amounts(shop.ahead(ends, schedule_details={"end_behavior": "release"})) == [1000]
    assert shop.now(ends).end_behavior == "cancel"
    shop.v1.subscription_schedules.cancel(ends.id)
    error = refusal(shop.ahead, ends)
    assert (error.http_status, error.code) == (404, "invoice_upcoming_none")


# An update


@pytest.mark.parametrize("behavior", ["create_prorations", "always_invoice", "none"])
def test_an_update_of_the_present_phase(shop: Previewing, behavior: str) -> None:
    """#update-subscription-schedules: the active phase's quantity becomes two; the update says how that is prorated."""
    price = shop.price(3000)
    made = shop.plan(shop.phase(price), shop.phase(price))
    shop.at("2027-06-16")
    details: Any = {
        "phases": [shop.present(made, price, quantity=2, end_date=made.phases[0].end_date), shop.phase(price, quantity=2)],
        "proration_behavior": behavior,
    }
    preview = shop.ahead(made, schedule_details=details)
    assert shop.under(made)["items"].data[0].quantity == 1
    shop.change(made, **details)
    if behavior != "always_invoice":
        shop.at("2027-07-01T02:00")
    (invoice, *_) = shop.invoices(shop.under(made))
    assert (amounts(preview), preview.total) == (amounts(invoice), invoice.total)
    assert preview.total == {"create_prorations": 7500, "always_invoice": 1500, "none": 6000}[behavior]


def test_a_phase_that_ends_now(shop: Previewing) -> None:
    """#update-subscription-schedules: the present phase ends, and a new one starts."""
    old, new = shop.price(3000), shop.price(9000)
    made = shop.plan(shop.phase(old))
    shop.at("2027-06-16")
    then: Any = shop.phase(new, start_date="now", proration_behavior="always_invoice", duration={"interval": "month"})
    details: Any = {"phases": [shop.present(made, old, end_date="now"), then]}
    preview = shop.ahead(made, schedule_details=details)
    shop.change(made, **details)
    (invoice,) = shop.invoices(shop.under(made))
    assert amounts(preview) == amounts(invoice) == [-1500, 4500]


def test_phases_to_come_change_the_renewal(shop: Previewing) -> None:
    old, new = shop.price(1000), shop.price(5000)
    made = shop.plan(shop.phase(old), shop.phase(old))
    details: Any = {"phases": [shop.present(made, old, end_date=made.phases[0].end_date), shop.phase(new)]}
    assert amounts(shop.ahead(made, schedule_details=details)) == [5000]
    assert amounts(shop.ahead(made)) == [1000]


def test_a_trial_to_come(shop: Previewing) -> None:
    """A phase that is a trial begins where the period ends: nothing is billed before it is over."""
    price = shop.price(1000)
    made = shop.plan(shop.phase(price), shop.phase(price, trial=True))
    preview = shop.ahead(made)
    assert (amounts(preview), preview.created) == ([1000], moment("2027-08-01") + preview.created % DAY)


# A new one


def test_the_first_invoice_of_a_new_schedule(shop: Previewing) -> None:
    """#previewing-schedule-creation-and-updates: one phase of twelve periods, which starts now."""
    customer, price = shop.customer(), shop.price(1000)
    phase = shop.phase(price, start_date="now", duration={"interval": "month", "interval_count": 12})
    preview = shop.ahead(customer=customer, schedule_details={"phases": [phase]})
    assert (amounts(preview), preview.parent, preview.customer) == ([1000], None, customer)
    assert shop.v1.subscription_schedules.list().data == []
    assert shop.v1.subscriptions.list({"customer": customer}).data == []


@pytest.mark.parametrize(
    "phase",
    [
        lambda shop: {"add_invoice_items": [{"price": shop.price(700, None)}]},
        lambda shop: {"discounts": [{"coupon": shop.v1.coupons.create({"percent_off": 25, "duration": "once"}).id}]},
        lambda shop: {"trial": True},
        lambda shop: {"start_date": moment("2027-05-25"), "duration": {"interval": "month", "interval_count": 2}},
        lambda shop: {"start_date": moment("2027-06-20")},
    ],
)
def test_it_is_what_the_schedule_then_bills(shop: Previewing, phase: Callable[[Previewing], dict[str, Any]]) -> None:
    customer = shop.customer()
    wanted = {"start_date": "now", **shop.phase(shop.price(3100), quantity=2), **phase(shop)}
    preview = shop.ahead(customer=customer, schedule_details={"phases": [wanted]})
    start = wanted.pop("start_date")
    made = shop.plan(wanted, customer=customer, start_date=start)
    shop.at("2027-06-20T02:00")
    (invoice,) = shop.v1.invoices.list({"subscription": str(shop.now(made).subscription)}).data
    assert (amounts(preview), preview.total) == (amounts(invoice), invoice.total)


def test_what_comes_back_each_period(shop: Previewing) -> None:
    once = {"add_invoice_items": [{"price": shop.price(700, None)}], "start_date": "now"}
    new = {"customer": shop.customer(), "schedule_details": {"phases": [shop.phase(shop.price(1000), **once)]}}
    assert amounts(shop.ahead(**new)) == [700, 1000]
    assert amounts(shop.ahead(**new, preview_mode="recurring")) == [1000]


def test_its_own_discounts_and_items(shop: Previewing) -> None:
    made = shop.plan(shop.phase(shop.price(1000)))
    coupon = shop.v1.coupons.create({"percent_off": 50, "duration": "once"}).id
    more: Any = {"discounts": [{"coupon": coupon}], "invoice_items": [{"amount": 200, "currency": "usd"}]}
    assert shop.ahead(made, **more).total == 600
    assert shop.v1.coupons.retrieve(coupon).times_redeemed == 0


def test_a_schedule_of_a_customer_who_is_not_there_yet(shop: Previewing) -> None:
    """https://docs.stripe.com/api/invoices/create_preview#create_create_preview-customer_details"""
    phases = [shop.phase(shop.price(1000), quantity=2, start_date="now")]
    preview = shop.ahead(customer_details={"address": {"country": "US"}}, schedule_details={"phases": phases})
    assert (preview.customer, preview.total, preview.customer_address.country) == (None, 2000, "US")


# What is refused


def test_what_is_wrong_is_named(shop: Previewing) -> None:
    price = shop.price(1000)
    made, other = shop.plan(shop.phase(price)), shop.customer()
    new: Any = {"customer": other, "schedule_details": {"phases": [shop.phase(price, start_date="now")]}}

    def details(**more: Any) -> dict[str, Any]:
        return {**new, "schedule_details": more}

    for params, param in (
        # "Cannot be used with subscription or subscription fields."
        ({**new, "subscription": made.subscription}, "schedule_details"),
        ({"schedule": made.id, "subscription_details": {"cancel_now": True}}, "schedule"),
        ({"schedule": "sub_sched_nothing"}, "schedule"),
        ({"schedule": made.id, "customer": other}, "customer"),
        ({"schedule": made.id, "currency": "eur"}, "currency"),
        ({**new, "currency": "eur"}, "currency"),
        ({"schedule_details": new["schedule_details"]}, "customer"),
        (details(end_behavior="release"), "schedule_details[phases]"),
        (details(end_behavior="renew"), "schedule_details[end_behavior]"),
        (details(pause_schedules=[{"key": "a"}]), "schedule_details[pause_schedules]"),
        # "Must be set on the first phase."
        (details(phases=[shop.phase(price)]), "schedule_details[phases][0][start_date]"),
        (details(phases=[shop.phase("price_nothing", start_date="now")]), "schedule_details[phases][0][items][0][price]"),
        ({"schedule": made.id, "schedule_details": {"billing_mode": {"type": "classic"}}}, "schedule_details[billing_mode]"),
        ({"schedule": made.id, "schedule_details": {"phases": [shop.phase(price)]}}, "schedule_details[phases]"),
    ):
        assert refusal(shop.v1.invoices.create_preview, params).param == param
