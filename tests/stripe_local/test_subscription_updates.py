"""One update of a subscription is one thing: checked, applied and billed once; its preview says the same amount."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import refusal
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.shop import DAY, Shop, moment


@pytest.fixture
def shop(server: LocalStripe, client: StripeClient) -> Shop:
    server.clock(set=moment("2027-06-01"))
    return Shop(server, client)


def swapped(subscription: Any, price: str) -> list[dict[str, Any]]:
    return [{"id": subscription.items.data[0].id, "price": price}]


# Trials


@pytest.mark.parametrize("behavior", ["always_invoice", "create_prorations", "none"])
@pytest.mark.parametrize("mode", ["classic", "flexible"])
def test_a_trial_that_ends_with_a_change_of_items_charges_the_new_ones(shop: Shop, behavior: str, mode: str) -> None:
    old, new = shop.price(1500), shop.price(7700)
    made = shop.subscribe(old, trial_period_days=10, billing_mode={"type": mode})
    change: Any = {"items": swapped(made, new), "trial_end": "now", "proration_behavior": behavior}
    assert shop.preview(made, **change).total == 7700
    changed = shop.update(made, **change)
    assert (changed.status, shop.amounts(made), shop.pending(made)) == ("active", [[7700]], [])
    (invoice,) = shop.invoices(made)
    assert (invoice.status, invoice.billing_reason) == ("paid", "subscription_update")
    assert changed.items.data[0].current_period_start == changed.billing_cycle_anchor == changed.trial_end


def test_a_trial_ends_by_the_settings_of_the_same_update(shop: Shop) -> None:
    ending: Any = {"end_behavior": {"missing_payment_method": "cancel"}}
    made = shop.subscribe(shop.price(1500), card=False, trial_period_days=10, trial_settings=ending)
    keeps: Any = {"end_behavior": {"missing_payment_method": "create_invoice"}}
    changed = shop.update(made, items=swapped(made, shop.price(0)), trial_end="now", trial_settings=keeps)
    assert (changed.status, shop.amounts(made)) == ("active", [[0]])


def test_a_trial_that_begins_gives_back_what_is_left_of_the_period(shop: Shop) -> None:
    made = shop.subscribe(shop.price(3000))
    shop.server.clock(set=moment("2027-06-11"))
    changed = shop.update(made, trial_end=moment("2027-06-21"), proration_date=moment("2027-06-11"))
    assert (changed.status, shop.pending(made)) == ("trialing", [-2000])
    assert changed.billing_cycle_anchor == moment("2027-06-21")
    shop.server.clock(set=moment("2027-06-21T02:00"))
    assert shop.amounts(made) == [[-2000, 3000]]


def test_a_trial_before_an_anchor_is_followed_by_a_part_of_a_period(shop: Shop) -> None:
    shop.server.clock(set=moment("2027-06-01"))
    for behavior, then in (("create_prorations", [1000]), ("none", [])):
        made = shop.subscribe(
            shop.price(3000),
            trial_end=moment("2027-06-21"),
            billing_cycle_anchor=moment("2027-07-01"),
            proration_behavior=behavior,
        )
        shop.server.clock(set=moment("2027-06-21T02:00"))
        assert [amount for amounts in shop.amounts(made) for amount in amounts] == then
        shop.server.clock(set=moment("2027-07-01T02:00"))
        assert shop.amounts(made)[-1] == [3000]
        shop.server.clock(set=moment("2027-06-01"))


# How an update is collected


@pytest.mark.parametrize("behavior", ["allow_incomplete", "error_if_incomplete", "pending_if_incomplete"])
def test_the_payment_method_of_an_update_pays_for_it(shop: Shop, behavior: str) -> None:
    made = shop.subscribe(shop.price(0), card=False)
    change: Any = {"items": swapped(made, shop.price(2500)), "proration_behavior": "always_invoice", "payment_behavior": behavior}
    changed = shop.update(made, default_payment_method="pm_card_visa", **change)
    assert (changed.status, shop.invoices(made)[0].status) == ("active", "paid")


@pytest.mark.parametrize("behavior", ["error_if_incomplete", "pending_if_incomplete"])
def test_an_update_that_cannot_be_paid_changes_nothing(shop: Shop, behavior: str) -> None:
    free = shop.price(0)
    made = shop.subscribe(free, card=False)
    change: Any = {"items": swapped(made, shop.price(2500)), "proration_behavior": "always_invoice", "payment_behavior": behavior}
    assert refusal(shop.update, made, **change).http_status == 400
    found = shop.v1.subscriptions.retrieve(made.id)
    assert (found.items.data[0].price.id, found.status, shop.invoices(made), shop.pending(made)) == (free, "active", [], [])


def test_the_collection_method_of_an_update_holds_for_its_invoice(shop: Shop) -> None:
    made = shop.subscribe(shop.price(1000))
    change: Any = {"items": swapped(made, shop.price(4000)), "proration_behavior": "always_invoice"}
    shop.update(made, collection_method="send_invoice", days_until_due=14, **change)
    (invoice,) = shop.invoices(made)
    assert (invoice.collection_method, invoice.status, invoice.amount_paid) == ("send_invoice", "open", 0)
    assert invoice.due_date == invoice.created + 14 * DAY


# One-time charges


@pytest.mark.parametrize(
    ("mode", "change", "behavior", "billed"),
    [
        ("flexible", True, "always_invoice", True),
        ("classic", True, "always_invoice", True),
        ("classic", False, "always_invoice", True),
        ("flexible", False, "always_invoice", False),
        ("classic", False, "create_prorations", False),
        ("flexible", True, "create_prorations", False),
    ],
)
def test_one_time_charges_are_on_the_updates_invoice(shop: Shop, mode: str, change: bool, behavior: str, billed: bool) -> None:
    made = shop.subscribe(shop.price(1000), billing_mode={"type": mode})
    items: Any = {"items": swapped(made, shop.price(4000))} if change else {}
    fee: Any = {"add_invoice_items": [{"price": shop.price(333, None)}], "proration_behavior": behavior}
    shop.update(made, **items, **fee)
    assert (333 in shop.pending(made)) != billed
    assert [amounts[-1] for amounts in shop.amounts(made)] == ([333] if billed else [])


# Anchors, intervals, ends


def test_a_new_anchor_with_new_items_is_billed_once(shop: Shop) -> None:
    made = shop.subscribe(shop.price(3000))
    shop.server.clock(set=moment("2027-06-16"))
    change: Any = {
        "items": swapped(made, shop.price(9000)),
        "billing_cycle_anchor": {"type": "now"},
        "proration_date": moment("2027-06-16"),
    }
    preview = shop.preview(made, **change)
    shop.update(made, **change)
    assert (preview.total, shop.amounts(made)) == (7500, [[-1500, 9000]])


@pytest.mark.parametrize(
    ("mode", "behavior", "waits_on"),
    [
        ("classic", "always_invoice", True),
        ("classic", "create_prorations", False),
        ("classic", "none", False),
        ("flexible", "always_invoice", False),
    ],
)
@pytest.mark.parametrize("by", ["anchor", "interval"])
def test_what_waits_when_the_anchor_moves(shop: Shop, mode: str, behavior: str, waits_on: bool, by: str) -> None:
    """In classic mode it waits on where the update is to be invoiced at once, but for what the update itself adds.

    https://docs.stripe.com/billing/subscriptions/billing-mode/compare
    """
    made = shop.subscribe(shop.price(3000), billing_mode={"type": mode})
    shop.update(made, add_invoice_items=[{"price": shop.price(333, None)}])
    moves: Any = (
        {"billing_cycle_anchor": {"type": "now"}} if by == "anchor" else {"items": swapped(made, shop.price(9000, "year"))}
    )
    change: Any = {**moves, "proration_behavior": behavior, "add_invoice_items": [{"price": shop.price(77, None)}]}
    previewed = [line.amount for line in shop.preview(made, **moves, proration_behavior=behavior).lines.data]
    shop.update(made, **change)
    (amounts,) = shop.amounts(made)
    assert (333 in shop.pending(made), 333 in amounts, 333 in previewed) == (waits_on, not waits_on, not waits_on)
    assert 77 in amounts


def test_another_interval_in_classic_mode_begins_a_new_period(shop: Shop) -> None:
    made = shop.subscribe(shop.price(3000), billing_mode={"type": "classic"})
    shop.server.clock(set=moment("2027-06-16"))
    changed = shop.update(made, items=swapped(made, shop.price(36500, "year")), proration_date=moment("2027-06-16"))
    assert shop.amounts(made) == [[-1500, 36500]]
    assert changed.billing_cycle_anchor == changed.items.data[0].current_period_start >= moment("2027-06-16")


def test_another_interval_in_flexible_mode_keeps_the_anchor(shop: Shop) -> None:
    made = shop.subscribe(shop.price(3000))
    shop.server.clock(set=moment("2027-06-16"))
    changed = shop.update(made, items=swapped(made, shop.price(36600, "year")), proration_date=moment("2027-06-16"))
    # The year from 1 June 2027 has 366 days, of which 15 are over.
    assert shop.amounts(made) == [[-1500, 35100]]
    assert changed.billing_cycle_anchor == made.billing_cycle_anchor
    assert changed.items.data[0].current_period_end == made.created + 366 * DAY


@pytest.mark.parametrize(("mode", "amounts"), [("classic", [0, 6000]), ("flexible", [0, 3000])])
def test_a_move_from_free_to_paid_charges_at_once(shop: Shop, mode: str, amounts: list[int]) -> None:
    made = shop.subscribe(shop.price(0), billing_mode={"type": mode})
    shop.server.clock(set=moment("2027-06-16"))
    changed = shop.update(made, items=swapped(made, shop.price(6000)), proration_date=moment("2027-06-16"))
    assert shop.amounts(made) == [amounts]
    assert (changed.billing_cycle_anchor == made.billing_cycle_anchor) == (mode == "flexible")


def test_a_billing_date_that_is_to_stay_stays_where_a_free_plan_ends(shop: Shop) -> None:
    made = shop.subscribe(shop.price(0), billing_mode={"type": "classic"})
    shop.server.clock(set=moment("2027-06-16"))
    change: Any = {"items": swapped(made, shop.price(6000)), "billing_cycle_anchor": {"type": "unchanged"}}
    changed = shop.update(made, **change, proration_date=moment("2027-06-16"))
    assert shop.amounts(made) == [[0, 3000]]
    assert changed.billing_cycle_anchor == made.billing_cycle_anchor


def test_a_credit_is_of_what_was_charged(shop: Shop) -> None:
    """Flexible billing gives back the original debit; classic billing goes by the present price.

    https://docs.stripe.com/billing/subscriptions/billing-mode/compare
    """
    cheap, dear = shop.price(3000), shop.price(9000)
    for mode, pending in (("flexible", [-1500, 1500]), ("classic", [-4500, 1500])):
        shop.server.clock(set=moment("2027-06-01"))
        made = shop.subscribe(cheap, billing_mode={"type": mode})
        shop.update(made, items=swapped(made, dear), proration_behavior="none")
        shop.server.clock(set=moment("2027-06-16"))
        shop.update(made, items=swapped(made, cheap), proration_date=moment("2027-06-16"))
        assert shop.pending(made) == pending


def test_a_change_from_before_an_item_joined_is_credited_as_far_as_it_is_charged(shop: Shop) -> None:
    """In classic mode; a seat at 30.00 from 21 June, two instead from 11 June: 20 of 30 days of one back, and of two charged."""
    made = shop.subscribe(shop.price(1000), billing_mode={"type": "classic"})
    shop.server.clock(set=moment("2027-06-21"))
    joined = shop.update(made, items=[{"price": shop.price(3000)}], proration_date=moment("2027-06-21"))
    (seat,) = (item.id for item in joined.items.data if item.price.unit_amount == 3000)
    shop.update(made, items=[{"id": seat, "quantity": 2}], proration_date=moment("2027-06-11"))
    assert shop.pending(made) == [-2000, 1000, 4000]


def test_back_and_forth_within_a_second_charges_nothing(shop: Shop) -> None:
    one, other = shop.price(3001), shop.price(4999)
    made = shop.subscribe(one)
    shop.server.clock(set=moment("2027-06-09T07:11:13"))
    at = moment("2027-06-09T07:11:13")
    shop.update(made, items=swapped(made, other), proration_date=at)
    shop.update(made, items=swapped(made, one), proration_date=at)
    assert (len(shop.pending(made)), sum(shop.pending(made))) == (4, 0)


def test_an_end_within_the_period_gives_back_the_rest(shop: Shop) -> None:
    made = shop.subscribe(shop.price(3000))
    for end, pending in (
        (moment("2027-06-11"), [-2000]),
        (moment("2027-06-21"), [-2000, 1000]),
        ("", [-2000, 1000, 1000]),
        (moment("2027-08-11"), [-2000, 1000, 1000]),
    ):
        shop.update(made, cancel_at=end)
        assert shop.pending(made) == pending
    # The last period, up to 11 August, is a part of one whatever prorations are.
    shop.server.clock(set=moment("2027-08-01T02:00"))
    assert shop.amounts(made) == [[-2000, 1000, 1000, 3000], [968]]


@pytest.mark.parametrize(
    ("mode", "behavior", "total"),
    [("flexible", "create_prorations", 1000), ("flexible", "none", 3000), ("classic", "none", 1000)],
)
def test_an_end_within_the_first_period(shop: Shop, mode: str, behavior: str, total: int) -> None:
    end: Any = {"cancel_at": moment("2027-06-11"), "proration_behavior": behavior, "billing_mode": {"type": mode}}
    made = shop.subscribe(shop.price(3000), **end)
    assert abs(shop.v1.invoices.retrieve(made.latest_invoice).total - total) <= 1


# Pauses


@pytest.mark.parametrize(
    ("params", "billed", "pending", "status"),
    [
        ({}, [[3000]], [], "paused"),
        ({"billing_cycle_anchor": {"type": "unchanged"}}, [], [1500], "active"),
        ({"billing_cycle_anchor": {"type": "unchanged"}, "proration_behavior": "always_invoice"}, [[1500]], [], "paused"),
        ({"billing_cycle_anchor": {"type": "unchanged"}, "proration_behavior": "none"}, [], [], "active"),
    ],
)
def test_resuming(shop: Shop, params: Any, billed: list[list[int]], pending: list[int], status: str) -> None:
    """https://docs.stripe.com/billing/subscriptions/pause#resume-subscriptions: paused until its invoice, if any, is paid."""
    ending: Any = {"end_behavior": {"missing_payment_method": "pause"}}
    made = shop.subscribe(shop.price(3000), card=False, trial_end=moment("2027-06-10"), trial_settings=ending)
    shop.server.clock(set=moment("2027-06-25"))
    assert shop.v1.subscriptions.retrieve(made.id).status == "paused"
    if "billing_cycle_anchor" in params:
        params = {**params, "proration_date": moment("2027-06-25")}
    assert shop.v1.subscriptions.resume(made.id, params).status == status
    assert (shop.amounts(made), shop.pending(made)) == (billed, pending)


# Previews


def test_errors_of_a_preview_name_its_parameters(shop: Shop) -> None:
    made = shop.subscribe(shop.price(1000))
    error = refusal(shop.preview, made, items=[{"price": "price_none"}])
    assert error.param == "subscription_details[items][0][price]"


# What clients send, and what is not supported


def test_what_is_empty_can_be_cleared(shop: Shop) -> None:
    """The official Terraform provider does, with each change of a price."""
    made = shop.subscribe(shop.price(1000))
    cleared: Any = {"items": [{**swapped(made, shop.price(2000))[0], "discounts": "", "tax_rates": ""}], "discounts": ""}
    assert shop.update(made, **cleared).items.data[0].price.unit_amount == 2000
    error = refusal(shop.update, made, items=[{"id": made.items.data[0].id, "tax_rates": ["txr_1"]}])
    assert (error.code, error.param) == ("resource_missing", "items[0][tax_rates][0]")


def test_automatic_tax_can_only_be_off(shop: Shop) -> None:
    """It would stay zero here, where Stripe computes one."""
    price = shop.price(1000)
    off: Any = {"automatic_tax": {"enabled": False}}
    made = shop.subscribe(price, **off)
    v1, lines = shop.v1, [{"price": price, "quantity": 1}]
    of_a_new_one: Any = {"customer": made.customer, "subscription_details": {"items": [{"price": price}]}}
    session: Any = {"mode": "subscription", "line_items": lines, "success_url": "https://example.com/"}
    calls: list[Callable[[Any], Any]] = [
        lambda tax: shop.subscribe(price, **tax),
        lambda tax: shop.update(made, **tax),
        lambda tax: v1.invoices.create_preview({"subscription": made.id, **tax}),
        lambda tax: v1.invoices.create_preview({**of_a_new_one, **tax}),
        lambda tax: v1.checkout.sessions.create({**session, **tax}),
    ]
    for call in calls:
        assert call(off).automatic_tax.enabled is False
        error = refusal(call, {"automatic_tax": {"enabled": True}})
        assert (error.code, error.param) == ("not_supported_here", "automatic_tax[enabled]")
        to_whom = {"automatic_tax": {"enabled": False, "liability": {"type": "self"}}}
        assert refusal(call, to_whom).param == "automatic_tax[liability]"


def test_parameters_that_have_no_effect_are_refused(shop: Shop) -> None:
    price = shop.price(1000)
    made = shop.subscribe(price)
    assert refusal(shop.update, made, trial_from_plan=True).param == "trial_from_plan"
    error = refusal(shop.subscribe, price, payment_behavior="pending_if_incomplete")
    assert error.param == "payment_behavior"


@pytest.mark.parametrize(("params", "kept"), [({}, []), ({"prorate": True}, [-3000, -1500, 3000]), ({"invoice_now": True}, [])])
def test_what_waits_when_a_subscription_is_canceled(shop: Shop, params: Any, kept: list[int]) -> None:
    made = shop.subscribe(shop.price(3000))
    shop.server.clock(set=moment("2027-06-16"))
    shop.update(made, items=swapped(made, shop.price(6000)), proration_date=moment("2027-06-16"))
    shop.v1.subscriptions.cancel(made.id, params)
    assert shop.pending(made) == pytest.approx(kept, abs=1)
    assert bool(shop.invoices(made)) == ("invoice_now" in params)
