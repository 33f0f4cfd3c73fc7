"""A schedule changes its subscription at the time of each phase, and every change is billed as any other change is."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import refusal
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.shop import DAY, Shop, moment


class Scheduled(Shop):
    """A shop that sells by schedules."""

    def plan(self, *phases: Any, **more: Any) -> Any:
        """A schedule of phases, which starts on the first of June unless told otherwise."""
        customer = more.pop("customer", None) or self.customer()
        params: Any = {"customer": customer, "start_date": moment("2027-06-01"), "phases": list(phases), **more}
        return self.v1.subscription_schedules.create(params)

    def phase(self, price: str, *, quantity: int = 1, **more: Any) -> dict[str, Any]:
        return {"items": [{"price": price, "quantity": quantity}], **more}

    def now(self, schedule: Any) -> Any:
        return self.v1.subscription_schedules.retrieve(schedule.id)

    def under(self, schedule: Any) -> Any:
        return self.v1.subscriptions.retrieve(schedule.subscription or schedule.released_subscription)

    def change(self, schedule: Any, **params: Any) -> Any:
        wanted: Any = params
        return self.v1.subscription_schedules.update(schedule.id, wanted)

    def at(self, text: str) -> None:
        self.server.clock(set=moment(text))
        self.server.http("GET", "/v1/account")

    def billed(self, subscription: Any) -> list[tuple[str, list[int]]]:
        found = self.v1.invoices.list({"subscription": subscription.id, "limit": 100}).data
        return [(one.billing_reason, [line.amount for line in one.lines.data]) for one in reversed(found)]

    def told(self, since: int = 0) -> list[str]:
        """The types of the events since then, in order."""
        found = self.v1.events.list({"limit": 100, "created": {"gte": since}}).data
        kinds = ("subscription_schedule.", "customer.subscription.", "invoice.created")
        return [event.type for event in reversed(found) if event.type.startswith(kinds)]


@pytest.fixture
def shop(server: LocalStripe, client: StripeClient) -> Scheduled:
    server.clock(set=moment("2027-06-01"))
    return Scheduled(server, client)


# Beginning


def test_a_schedule_that_starts_now_has_a_subscription_and_a_draft(shop: Scheduled) -> None:
    """https://docs.stripe.com/billing/subscriptions/subscription-schedules: the first invoice is a draft for about an hour."""
    price = shop.price(1000)
    made = shop.plan(shop.phase(price, quantity=2), metadata={"deal": "7"}, start_date="now")
    assert (made.status, made.end_behavior, made.metadata.to_dict()) == ("active", "release", {"deal": "7"})
    (phase,) = made.phases
    # Without a duration or an end, a phase lasts one interval of its price.
    assert phase.end_date - phase.start_date == 30 * DAY
    assert made.current_phase.to_dict() == {"start_date": phase.start_date, "end_date": phase.end_date}
    subscription = shop.under(made)
    assert (subscription.schedule, subscription.status, subscription.items.data[0].quantity) == (made.id, "active", 2)
    (invoice,) = shop.v1.invoices.list({"subscription": subscription.id}).data
    assert (invoice.status, invoice.total, invoice.billing_reason) == ("draft", 2000, "subscription_create")
    shop.at("2027-06-01T02:00")
    assert shop.v1.invoices.retrieve(invoice.id).status == "paid"
    assert shop.told()[:3] == ["invoice.created", "customer.subscription.created", "subscription_schedule.created"]


def test_one_that_starts_later_starts_then(shop: Scheduled) -> None:
    made = shop.plan(shop.phase(shop.price(1000)), start_date=moment("2027-06-11"))
    assert (made.status, made.subscription, made.current_phase) == ("not_started", None, None)
    (found,) = shop.v1.subscription_schedules.list({"scheduled": True}).data
    assert found.id == made.id
    shop.at("2027-06-11T02:00")
    subscription = shop.under(shop.now(made))
    assert subscription.start_date == subscription.billing_cycle_anchor == moment("2027-06-11")
    assert shop.billed(subscription) == [("subscription_create", [1000])]
    assert shop.v1.subscription_schedules.list({"scheduled": True}).data == []
    assert shop.told()[-4:] == [
        *("subscription_schedule.created", "invoice.created", "customer.subscription.created"),
        "subscription_schedule.updated",
    ]


def test_one_that_started_in_the_past_is_backdated(shop: Scheduled) -> None:
    """https://docs.stripe.com/billing/subscriptions/backdating: the period that began then is charged."""
    made = shop.plan(shop.phase(shop.price(3100)), start_date=moment("2027-05-17"))
    assert (made.status, made.phases[0].end_date) == ("active", moment("2027-06-17"))
    subscription = shop.under(made)
    assert (subscription.start_date, subscription.items.data[0].current_period_end) == (
        *(moment("2027-05-17"), moment("2027-06-17")),
    )
    assert [sum(amounts) for _, amounts in shop.billed(subscription)] == [3100]


# From phase to phase


def test_a_price_that_changes_at_the_end_of_the_period_is_on_the_renewal(shop: Scheduled) -> None:
    """One invoice at the new values, nothing pending; then the schedule lets go of the subscription."""
    made = shop.plan(shop.phase(shop.price(1000)), shop.phase(shop.price(3000), quantity=2))
    item = shop.under(made).items.data[0].id
    coming: Any = shop.v1.invoices.create_preview({"subscription": made.subscription})
    assert [line.amount for line in coming.lines.data] == [6000]
    shop.at("2027-07-01T02:00")
    subscription = shop.under(made)
    assert shop.billed(subscription) == [("subscription_create", [1000]), ("subscription_cycle", [6000])]
    assert (shop.pending(subscription), subscription.items.data[0].id) == ([], item)
    assert shop.now(made).current_phase.start_date == moment("2027-07-01")
    assert shop.told(moment("2027-07-01")) == [
        *("invoice.created", "customer.subscription.updated", "subscription_schedule.updated"),
    ]
    shop.at("2027-08-01T02:00")
    over = shop.now(made)
    assert (over.status, over.released_at, over.released_subscription) == ("released", moment("2027-08-01"), subscription.id)
    assert (over.subscription, over.current_phase, over.completed_at, len(over.phases)) == (None, None, None, 2)
    assert shop.under(over).schedule is None
    assert shop.billed(subscription)[2:] == [("subscription_cycle", [6000])]
    assert shop.told(moment("2027-07-02")) == [
        *("subscription_schedule.expiring", "invoice.created", "customer.subscription.updated"),
        *("subscription_schedule.updated", "subscription_schedule.released"),
    ]


# https://docs.stripe.com/billing/subscriptions/prorations: half of a period at 30.00 is given back, half of one at 60.00 charged.
@pytest.mark.parametrize(
    ("behavior", "then", "at_the_end"),
    [
        ("create_prorations", [], [-1500, 3000, 6000]),
        ("always_invoice", [("subscription_update", [-1500, 3000])], [6000]),
        ("none", [], [6000]),
    ],
)
def test_a_price_that_changes_within_a_period_is_prorated_as_the_phase_says(
    shop: Scheduled, behavior: str, then: list[Any], at_the_end: list[int]
) -> None:
    first = shop.phase(shop.price(3000), end_date=moment("2027-06-16"))
    duration = {"interval": "month", "interval_count": 2}
    made = shop.plan(first, shop.phase(shop.price(6000), proration_behavior=behavior, duration=duration))
    shop.at("2027-06-16T02:00")
    subscription = shop.under(made)
    assert shop.billed(subscription)[1:] == then
    shop.at("2027-07-01T02:00")
    assert shop.billed(subscription)[-1] == ("subscription_cycle", at_the_end)


@pytest.mark.parametrize(("behavior", "charged"), [("create_prorations", [-1500, 6000]), ("none", [6000])])
def test_a_phase_that_sets_the_billing_date_charges_a_whole_period(shop: Scheduled, behavior: str, charged: list[int]) -> None:
    """https://docs.stripe.com/billing/subscriptions/subscription-schedules: `billing_cycle_anchor=phase_start`."""
    first = shop.phase(shop.price(3000), end_date=moment("2027-06-16"))
    second = shop.phase(shop.price(6000), proration_behavior=behavior, billing_cycle_anchor="phase_start")
    subscription = shop.under(shop.plan(first, second))
    shop.at("2027-06-16T02:00")
    assert shop.billed(subscription)[1:] == [("subscription_update", charged)]
    changed = shop.v1.subscriptions.retrieve(subscription.id)
    assert changed.billing_cycle_anchor == moment("2027-06-16")
    assert changed.items.data[0].current_period_end == moment("2027-07-16")


@pytest.mark.parametrize(("anchor", "charged"), [("automatic", []), ("phase_start", [("subscription_cycle", [12000])])])
def test_from_monthly_to_yearly_without_prorations(shop: Scheduled, anchor: Any, charged: list[Any]) -> None:
    """Recorded: where the billing date stays, what is left of the year is not charged."""
    yearly = shop.phase(shop.price(12000, "year"), proration_behavior="none", billing_cycle_anchor=anchor)
    subscription = shop.under(shop.plan(shop.phase(shop.price(1000)), yearly))
    shop.at("2027-07-01T02:00")
    assert shop.billed(subscription)[1:] == charged


def test_a_coupon_of_a_phase_ends_with_it(shop: Scheduled) -> None:
    """https://docs.stripe.com/billing/subscriptions/subscription-schedules#phases: half off for three months, then the whole."""
    coupon = shop.v1.coupons.create({"percent_off": 50, "duration": "forever"}).id
    price, length = shop.price(1000), {"interval": "month", "interval_count": 3}
    made = shop.plan(shop.phase(price, discounts=[{"coupon": coupon}], duration=length), shop.phase(price))
    shop.at("2027-09-01T02:00")
    subscription = shop.under(made)
    invoices = shop.v1.invoices.list({"subscription": subscription.id}).data
    assert [invoice.total for invoice in reversed(invoices)] == [500, 500, 500, 1000]
    assert (subscription.discounts, shop.v1.coupons.retrieve(coupon).times_redeemed) == ([], 1)


def test_a_preview_has_the_discount_of_the_coming_phase(shop: Scheduled) -> None:
    coupon = shop.v1.coupons.create({"percent_off": 25, "duration": "once"}).id
    price = shop.price(1000)
    made = shop.plan(shop.phase(price), shop.phase(price, discounts=[{"coupon": coupon}]))
    assert shop.v1.invoices.create_preview({"subscription": made.subscription}).total == 750
    assert shop.v1.coupons.retrieve(coupon).times_redeemed == 0
    shop.at("2027-07-01T02:00")
    assert shop.v1.invoices.list({"subscription": made.subscription}).data[0].total == 750


def test_a_phase_is_a_trial(shop: Scheduled) -> None:
    """https://docs.stripe.com/api/subscription_schedules/create#create_subscription_schedule-phases-trial."""
    price = shop.price(1000)
    made = shop.plan(shop.phase(price, trial=True), shop.phase(price, quantity=3))
    assert (made.phases[0].trial_end, shop.under(made).status) == (moment("2027-07-01"), "trialing")
    shop.at("2027-07-01T02:00")
    subscription = shop.under(made)
    assert (subscription.status, shop.billed(subscription)) == (
        "active",
        [("subscription_create", [0]), ("subscription_cycle", [3000])],
    )


def test_an_update_may_say_twice_that_a_phase_is_a_trial(shop: Scheduled) -> None:
    """https://docs.stripe.com/api/subscription_schedules/update: with `trial`, `trial_end` must match the phase's end date."""
    price = shop.price(1000)
    made = shop.plan(shop.phase(price))
    (first,) = made.phases
    present = {**shop.phase(price), "start_date": first.start_date, "end_date": first.end_date}
    end = first.end_date + 9 * DAY
    later = shop.phase(price, trial=True, end_date=end)
    changed = shop.change(made, phases=[present, {**later, "trial_end": end}])
    assert changed.phases[1].trial_end == end
    assert refusal(shop.change, made, phases=[present, {**later, "trial_end": end - 1}]).param == "phases[1][trial]"


def test_a_later_phase_is_a_trial(shop: Scheduled) -> None:
    price = shop.price(1000)
    made = shop.plan(shop.phase(price), shop.phase(price, trial_end=moment("2027-07-11")))
    shop.at("2027-07-01T02:00")
    assert (shop.under(made).status, shop.billed(shop.under(made))[1:]) == ("trialing", [])
    shop.at("2027-07-11T02:00")
    assert (shop.under(made).status, shop.billed(shop.under(made))[1:]) == ("active", [("subscription_cycle", [1000])])


def test_usage_is_billed_at_the_price_of_its_phase(shop: Scheduled) -> None:
    """Stripe's way to a new price of metered usage: https://docs.stripe.com/billing/subscriptions/usage-based/manage-billing."""
    meter: Any = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    metered = {"interval": "month", "usage_type": "metered", "meter": shop.v1.billing.meters.create(meter).id}
    old, new = (shop.price(amount, None, recurring=metered) for amount in (2, 3))
    made = shop.plan({"items": [{"price": old}]}, {"items": [{"price": new}]})

    def use(value: int) -> None:
        event: Any = {"event_name": "calls", "payload": {"stripe_customer_id": made.customer, "value": str(value)}}
        shop.v1.billing.meter_events.create(event)

    use(100)
    shop.at("2027-07-02")
    use(10)
    shop.at("2027-08-01T02:00")
    assert [amounts for _, amounts in shop.billed(shop.under(shop.now(made)))] == [[200], [30]]


def test_items_join_and_leave(shop: Scheduled) -> None:
    seats, support, storage = (shop.price(amount) for amount in (1000, 200, 50))
    both = {"items": [{"price": seats}, {"price": support}]}
    made = shop.plan(both, {"items": [{"price": seats, "quantity": 2}]}, {"items": [{"price": seats}, {"price": storage}]})
    shop.at("2027-08-01T02:00")
    assert [sorted(amounts) for _, amounts in shop.billed(shop.under(made))] == [[200, 1000], [2000], [50, 1000]]


def test_what_a_phase_does_not_say_the_default_settings_say(shop: Scheduled) -> None:
    """https://docs.stripe.com/billing/subscriptions/subscription-schedules: a phase beats the default settings."""
    price, once = shop.price(1000), shop.price(500, None)
    defaults = {"description": "Usual", "collection_method": "send_invoice", "invoice_settings": {"days_until_due": 10}}
    first = shop.phase(price, description="First", metadata={"a": "1", "b": "1"})
    second = shop.phase(price, metadata={"a": "", "c": "2"}, add_invoice_items=[{"price": once}])
    made = shop.plan(first, {**second, "invoice_settings": {"days_until_due": 3}}, default_settings=defaults)
    subscription = shop.under(made)
    assert (subscription.description, subscription.days_until_due) == ("First", 10)
    assert subscription.metadata.to_dict() == {"a": "1", "b": "1"}
    shop.at("2027-07-01T02:00")
    subscription = shop.under(made)
    assert (subscription.description, subscription.days_until_due, subscription.collection_method) == ("Usual", 3, "send_invoice")
    assert subscription.metadata.to_dict() == {"b": "1", "c": "2"}
    assert sorted(shop.billed(subscription)[-1][1]) == [500, 1000]


def test_an_item_of_another_interval_is_renewed_before_it_goes(shop: Scheduled) -> None:
    """https://docs.stripe.com/billing/subscriptions/mixed-interval, recorded: the renewal, then its credit."""
    month, year = shop.price(1000), shop.price(12000, "year")
    made = shop.plan({"items": [{"price": month}, {"price": year}]}, {"items": [{"price": year}]})
    shop.at("2027-07-01T02:00")
    assert shop.billed(shop.under(shop.now(made)))[1:] == [("subscription_cycle", [1000])]
    assert shop.pending(shop.under(made)) == [-1000]


# The end


def test_a_schedule_that_cancels_sets_the_end_when_its_last_phase_begins(shop: Scheduled) -> None:
    price = shop.price(1000)
    made = shop.plan(shop.phase(price), shop.phase(price), end_behavior="cancel")
    assert shop.under(made).cancel_at is None
    shop.at("2027-07-02")
    assert shop.under(made).cancel_at == moment("2027-08-01")
    shop.at("2027-08-01T02:00")
    over, subscription = shop.now(made), shop.under(made)
    assert (over.status, over.completed_at, subscription.status) == ("completed", moment("2027-08-01"), "canceled")
    assert [amounts for _, amounts in shop.billed(subscription)] == [[1000], [1000]]
    assert shop.told(moment("2027-07-02")) == [
        *("subscription_schedule.expiring", "customer.subscription.deleted", "subscription_schedule.completed"),
    ]


def test_a_schedule_lets_go_of_its_subscription(shop: Scheduled) -> None:
    price = shop.price(1000)
    for keeps in (False, True):
        made = shop.plan(shop.phase(price), end_behavior="cancel")
        assert shop.under(made).cancel_at == moment("2027-07-01")
        told = len(shop.told())
        over = shop.v1.subscription_schedules.release(made.id, {"preserve_cancel_date": keeps})
        assert (over.status, over.current_phase, over.released_subscription) == ("released", None, made.subscription)
        assert over.released_at >= over.created
        assert (shop.under(over).schedule, shop.under(over).cancel_at) == (None, moment("2027-07-01") if keeps else None)
        assert shop.told()[told:] == [
            *("customer.subscription.updated", "subscription_schedule.updated", "subscription_schedule.released"),
        ]
        message = refusal(shop.v1.subscription_schedules.cancel, made.id).user_message
        assert message == (
            "You cannot cancel a subscription schedule that is currently in the `released` status. It must be in "
            "`not_started, active` status to be canceled."
        )
        refusal(shop.change, made, metadata={"a": "b"})
    waiting = shop.plan(shop.phase(price), start_date=moment("2027-06-11"))
    assert shop.v1.subscription_schedules.release(waiting.id).released_subscription is None


@pytest.mark.parametrize(("options", "billed"), [({}, [-1500]), ({"prorate": False}, []), ({"invoice_now": False}, [])])
def test_a_schedule_is_canceled_with_its_subscription(shop: Scheduled, options: Any, billed: list[int]) -> None:
    """https://docs.stripe.com/api/subscription_schedules/cancel: prorated and billed, unless told not to."""
    made = shop.plan(shop.phase(shop.price(3000)))
    shop.at("2027-06-16")
    over = shop.v1.subscription_schedules.cancel(made.id, options)
    assert (over.status, over.canceled_at, shop.under(over).status) == ("canceled", shop.under(over).canceled_at, "canceled")
    assert [amount for _, amounts in shop.billed(shop.under(over))[1:] for amount in amounts] == billed
    assert shop.told()[-2:] == ["customer.subscription.deleted", "subscription_schedule.canceled"]


def test_a_schedule_ends_with_its_subscription_or_its_customer(shop: Scheduled) -> None:
    made = shop.plan(shop.phase(shop.price(1000)))
    shop.v1.subscriptions.cancel(made.subscription)
    assert shop.now(made).status == "canceled"
    later = shop.plan(shop.phase(shop.price(1000)), start_date=moment("2027-06-11"))
    shop.v1.customers.delete(later.customer)
    assert shop.now(later).status == "canceled"


def test_a_schedule_whose_subscription_is_not_paid_is_aborted(shop: Scheduled) -> None:
    """https://docs.stripe.com/api/events/types#event_types-subscription_schedule.aborted."""
    shop.server.http("POST", "/_local/collection", json={"retries": 0, "then": "cancel"})
    length = {"interval": "month", "interval_count": 4}
    made = shop.plan(shop.phase(shop.price(1000), duration=length))
    shop.at("2027-06-02")
    shop.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": made.customer})
    card: Any = {"invoice_settings": {"default_payment_method": "pm_card_chargeCustomerFail"}}
    shop.v1.customers.update(made.customer, card)
    shop.at("2027-07-01T02:00")
    assert (shop.now(made).status, shop.under(made).status) == ("canceled", "canceled")
    assert {"subscription_schedule.aborted", "subscription_schedule.canceled"} <= set(shop.told())


# From a subscription that is there


def test_a_subscription_gets_a_schedule_of_its_present_period(shop: Scheduled) -> None:
    old, new = shop.price(1000), shop.price(2000)
    subscription = shop.subscribe(old, description="Deal", metadata={"a": "1"})
    made: Any = shop.v1.subscription_schedules.create({"from_subscription": subscription.id, "expand": ["subscription"]})
    assert (made.status, made.subscription.schedule, made.default_settings.description) == ("active", made.id, "Deal")
    (phase,) = made.phases
    (item,) = subscription.items.data
    assert (phase.start_date, phase.end_date) == (item.current_period_start, item.current_period_end)
    assert (phase["items"][0].price, phase["items"][0].quantity, phase.metadata.to_dict()) == (old, 1, {})
    present: Any = {"items": [{"price": old, "quantity": 1}], "start_date": phase.start_date, "end_date": phase.end_date}
    shop.change(made, phases=[present, shop.phase(new)])
    shop.at("2027-07-01T02:00")
    assert shop.billed(subscription) == [("subscription_create", [1000]), ("subscription_cycle", [2000])]
    assert shop.v1.subscriptions.retrieve(subscription.id).description == "Deal"


def test_a_subscription_that_is_to_end_ends_with_its_schedule(shop: Scheduled) -> None:
    subscription = shop.subscribe(shop.price(1000), cancel_at_period_end=True)
    made: Any = shop.v1.subscription_schedules.create({"from_subscription": subscription.id})
    assert (made.end_behavior, made.phases[0].end_date) == ("cancel", subscription.cancel_at)


# Changes


@pytest.mark.parametrize(("behavior", "waits"), [("create_prorations", [-500, 1500]), ("none", [])])
def test_what_changes_of_the_present_phase_changes_the_subscription(shop: Scheduled, behavior: str, waits: list[int]) -> None:
    """https://docs.stripe.com/api/subscription_schedules/update#update_subscription_schedule-proration_behavior."""
    price = shop.price(1000)
    made = shop.plan(shop.phase(price))
    shop.at("2027-06-16")
    present = shop.phase(price, quantity=3, start_date=made.phases[0].start_date)
    changed = shop.change(made, phases=[present, shop.phase(price)], proration_behavior=behavior)
    assert (shop.pending(shop.under(made)), shop.under(made).items.data[0].quantity) == (waits, 3)
    assert [(phase.start_date, phase.end_date) for phase in changed.phases] == [
        (moment("2027-06-01"), moment("2027-07-01")),
        (moment("2027-07-01"), moment("2027-08-01")),
    ]
    # What is sent as it is changes nothing.
    shop.change(made, phases=[present, shop.phase(price)])
    assert shop.pending(shop.under(made)) == waits


def test_a_phase_ends_now(shop: Scheduled) -> None:
    old, new = shop.price(3000), shop.price(6000)
    made = shop.plan(shop.phase(old))
    shop.at("2027-06-16")
    present = shop.phase(old, start_date=made.phases[0].start_date, end_date="now")
    changed = shop.change(made, phases=[present, shop.phase(new, start_date="now", proration_behavior="always_invoice")])
    assert changed.current_phase.start_date == changed.phases[0].end_date == changed.phases[1].start_date
    assert shop.billed(shop.under(made))[1:] == [("subscription_update", [-1500, 3000])]


def test_the_end_is_changed(shop: Scheduled) -> None:
    made = shop.plan(shop.phase(shop.price(1000)))
    for behavior, end in (("cancel", moment("2027-07-01")), ("release", None)):
        shop.change(made, end_behavior=behavior)
        assert shop.under(made).cancel_at == end


def test_a_change_past_the_schedule_divides_its_phase(shop: Scheduled) -> None:
    """https://docs.stripe.com/billing/subscriptions/subscription-schedules: and the next phase may undo it."""
    price = shop.price(1000)
    made = shop.plan(shop.phase(price), shop.phase(price))
    shop.at("2027-06-16")
    item = shop.under(made).items.data[0].id
    shop.v1.subscription_items.update(item, {"quantity": 5})
    now = shop.now(made)
    first, second, third = now.phases
    assert [phase["items"][0].quantity for phase in now.phases] == [1, 5, 1]
    assert first.end_date == second.start_date == now.current_phase.start_date
    assert (second.end_date, third.start_date) == (moment("2027-07-01"), moment("2027-07-01"))
    shop.at("2027-07-01T02:00")
    assert shop.under(made).items.data[0].quantity == 1
    past = [{**shop.phase(price), "start_date": phase.start_date, "end_date": phase.end_date} for phase in now.phases]
    assert len(shop.change(made, phases=past).phases) == 3


# What is refused


def test_the_end_of_a_subscription_under_a_schedule_is_the_schedules(shop: Scheduled) -> None:
    made = shop.plan(shop.phase(shop.price(1000)))
    for params in ({"cancel_at_period_end": True}, {"cancel_at": moment("2027-06-20")}):
        wanted: Any = params
        error = refusal(shop.v1.subscriptions.update, made.subscription, wanted)
        assert error.user_message == (
            f"The subscription is managed by the subscription schedule `{made.id}`, and updating any cancelation behavior "
            "directly is not allowed. Please update the schedule instead."
        )
    error = refusal(shop.v1.subscription_schedules.create, {"from_subscription": made.subscription})
    assert error.user_message == f"You cannot migrate a subscription that is already attached to a schedule: `{made.id}`."


def test_what_is_wrong_is_named(shop: Scheduled) -> None:
    price, customer, now = shop.price(1000), shop.customer(), moment("2027-06-01")
    coupon = {"coupon": "nothing"}
    plain = {"customer": customer, "start_date": "now", "phases": [shop.phase(price)]}

    def of(phase: Any, *more: Any) -> dict[str, Any]:
        return {**plain, "phases": [phase, *more]}

    for params, param in (
        ({"start_date": "now", "phases": plain["phases"]}, "customer"),
        ({"customer": customer, "start_date": "now"}, "phases"),
        ({"customer": customer, "phases": plain["phases"]}, "start_date"),
        ({**plain, "customer": "cus_nobody"}, "customer"),
        (of({"metadata": {"a": "b"}}), "phases[0][items]"),
        (of(shop.phase("price_nothing")), "phases[0][items][0][price]"),
        (of(shop.phase(price), {"items": [{"price": shop.price(1, None)}]}), "phases[1][items][0][price]"),
        (of(shop.phase(price, iterations=2)), "phases[0][iterations]"),
        (of(shop.phase(price, discounts=[coupon])), "phases[0][discounts][0][coupon]"),
        (of(shop.phase(price, end_date=now)), "phases[0][end_date]"),
        (of(shop.phase(price, end_date=now + DAY, duration={"interval": "day"})), "phases[0][end_date]"),
        (of(shop.phase(price, trial=True, trial_end=now + DAY)), "phases[0][trial]"),
        (of(shop.phase(price, trial=True, trial_end=now + 9 * DAY, end_date=now + 9 * DAY)), "phases[0][trial]"),
        (of(shop.phase(price, trial_end=now + 99 * DAY)), "phases[0][trial_end]"),
        (of(shop.phase(price, trial=True, billing_cycle_anchor="phase_start")), "phases[0][billing_cycle_anchor]"),
        (of(shop.phase(price, collection_method="send_invoice")), "phases[0][invoice_settings][days_until_due]"),
        (of(*[shop.phase(price)] * 11), "phases"),
        ({**plain, "end_behavior": "renew"}, "end_behavior"),
        ({**plain, "pause_schedules": [{"key": "a"}]}, "pause_schedules"),
        ({**plain, "from_subscription": "sub_x"}, "customer"),
        (of(shop.phase(price, billing_thresholds={"amount_gte": 49})), "phases[0][billing_thresholds][amount_gte]"),
    ):
        assert refusal(shop.v1.subscription_schedules.create, params).param == param
    made = shop.plan(shop.phase(price))
    for phases, words in (
        ([shop.phase(price)], "is missing at least one phase with a `start_date` to anchor end dates to."),
        ([shop.phase(price, start_date="now")], "You can not modify the start date of the current phase."),
    ):
        shop.at("2027-06-02")
        assert words in str(refusal(shop.change, made, phases=phases).user_message)
    assert refusal(shop.v1.subscription_schedules.retrieve, "sub_sched_nothing").http_status == 404
    listed = refusal(shop.v1.subscription_schedules.list, {"scheduled": True, "canceled_at": now})
    assert listed.param == "scheduled"


def test_a_phase_that_cannot_begin_leaves_the_subscription_as_it_is(shop: Scheduled) -> None:
    coupon = shop.v1.coupons.create({"percent_off": 50, "duration": "once", "redeem_by": moment("2027-06-15")}).id
    made = shop.plan(shop.phase(shop.price(1000)), shop.phase(shop.price(9000), discounts=[{"coupon": coupon}]))
    shop.at("2027-07-01T02:00")
    assert shop.billed(shop.under(made))[1:] == [("subscription_cycle", [1000])]
    assert shop.now(made).current_phase.start_date == moment("2027-07-01")


def test_a_crash_makes_no_phase_begin_twice(tmp_path: Path) -> None:
    with LocalStripe(tmp_path / "stripe.db") as server:
        server.clock(set=moment("2027-06-01"))
        shop = Scheduled(server, server.client())
        made = shop.plan(shop.phase(shop.price(1000)), shop.phase(shop.price(3000)), end_behavior="cancel")
        shop.at("2027-07-01T00:30")
        assert server.kill() == -signal.SIGKILL
        server.start()
        shop = Scheduled(server, server.client())
        shop.at("2027-07-01T02:00")
        assert shop.billed(shop.under(made)) == [("subscription_create", [1000]), ("subscription_cycle", [3000])]
        assert shop.now(made).current_phase.start_date == moment("2027-07-01")
