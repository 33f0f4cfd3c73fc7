"""Which subscriptions are moved to a price that takes another one's place, and how."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_resources.moves.rules import key, move, moved, obstacle, unbilled

Values = dict[str, Any]

METERED = {"interval": "month", "interval_count": 1, "usage_type": "metered", "meter": "mtr_1"}
LICENSED = {"interval": "month", "interval_count": 1, "usage_type": "licensed", "meter": None}


def price(id_: str, **more: Any) -> Values:
    return {"id": id_, "currency": "usd", "active": True, "recurring": METERED, "unit_amount": 4, **more}


def item(id_: str, price_: Values, **more: Any) -> Values:
    return {"id": id_, "price": price_, **more}


def subscription(*items: Values, **more: Any) -> Values:
    plain: Values = {
        "id": "sub_1",
        "status": "active",
        "customer": "cus_1",
        "currency": "usd",
        "billing_mode": {"type": "flexible"},
        "schedule": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "pause_collection": None,
        "pending_update": None,
        "trial_end": None,
        "billing_schedules": [],
        "metadata": {},
        "items": {"data": list(items or [item("si_1", OLD)])},
    }
    return {**plain, **more}


OLD, NEW = price("old"), price("new", unit_amount=5)
SEAT, DEARER = price("seat", recurring=LICENSED), price("dearer", recurring=LICENSED, unit_amount=5)
CLASSIC = {"billing_mode": {"type": "classic"}}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({}, ""),
        ({"status": "past_due"}, ""),
        ({"status": "trialing"}, ""),
        ({"status": "incomplete"}, "its first payment is incomplete"),
        ({"metadata": {"order": "7"}}, ""),
        ({"metadata": {"pulumi_resource": "shop/prod/Subscription/john"}}, "declared by the stack shop/prod"),
        ({"schedule": "sub_sched_1"}, "a subscription schedule manages it"),
        ({"pending_update": {"expires_at": 1}}, "an update of it waits for a payment"),
        ({"billing_schedules": [{"key": "a"}]}, "it is billed ahead (billing_schedules)"),
        ({"currency": "eur"}, "the new price has no amount in its currency, eur"),
        ({"items": {"data": [], "has_more": True}}, "Stripe's answer does not show which one of its items is to change"),
        ({"items": {"data": [item("si_1", OLD), item("si_2", NEW)]}}, "another item has the new price already"),
    ],
)
def test_which_are_moved(more: Values, reason: str) -> None:
    assert obstacle(subscription(**more), "old", NEW) == reason


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"active": False}, "the new price is archived"),
        ({"recurring": {**METERED, "interval": "year"}}, "the new price is billed every year, the old one every month"),
        ({"recurring": {**METERED, "interval_count": 3}}, "the new price is billed every 3 months, the old one every month"),
        ({"recurring": LICENSED}, "the new price is licensed, the old one metered"),
        ({"recurring": None}, "the new price is billed once, the old one every month"),
        ({"recurring": {**METERED, "meter": "mtr_2"}}, ""),
        ({"currency": "eur"}, "the new price has no amount in its currency, usd"),
        ({"currency": "eur", "currency_options": {"usd": {"unit_amount": 5}}}, ""),
    ],
)
def test_which_prices_can_take_the_place(more: Values, reason: str) -> None:
    assert obstacle(subscription(), "old", {**NEW, **more}) == reason


def test_usage_under_classic_billing_is_never_left_behind() -> None:
    assert "Stripe never bills the usage of a price that an item leaves" in obstacle(subscription(**CLASSIC), "old", NEW)
    assert obstacle(subscription(billing_mode=None), "old", NEW) == obstacle(subscription(**CLASSIC), "old", NEW)
    seats = item("si_1", SEAT, quantity=3)
    assert obstacle(subscription(seats, **CLASSIC), "seat", DEARER) == ""
    free = item("si_1", {**SEAT, "unit_amount": 0}, quantity=3)
    assert "begins a new period" in obstacle(subscription(free, **CLASSIC), "seat", DEARER)
    assert obstacle(subscription(free), "seat", DEARER) == ""


@pytest.mark.parametrize("prorations", [None, "create_prorations", "always_invoice", "none"])
@pytest.mark.parametrize("mode", ["flexible", "classic"])
def test_where_stripe_bills_the_usage_of_a_price_that_goes(mode: str, prorations: str | None) -> None:
    assert bool(unbilled(mode, prorations)) == (mode == "classic" or prorations == "none")


def test_usage_is_billed_at_the_old_price() -> None:
    assert move(subscription(), "old", "new") == {
        "items": [{"id": "si_1", "price": "new"}],
        "proration_behavior": "create_prorations",
    }


def test_a_license_keeps_its_quantity_and_what_was_paid_stays_paid() -> None:
    both = subscription(item("si_1", OLD), item("si_2", SEAT, quantity=3))
    assert move(both, "seat", "dearer") == {
        "items": [{"id": "si_2", "price": "dearer", "quantity": 3}],
        "proration_behavior": "none",
    }


ids = st.lists(st.sampled_from("abcdef"), unique=True, max_size=4)


@given(ids, st.integers(0, 9), st.booleans(), st.booleans())
def test_a_move_changes_one_item_and_is_known_as_made_afterwards(
    others: list[str], quantity: int, metered: bool, old_first: bool
) -> None:
    recurring = METERED if metered else LICENSED
    mine = item("si_x", price("old", recurring=recurring), **({} if metered else {"quantity": quantity}))
    rest = [item(f"si_{o}", price(o, recurring=LICENSED), quantity=1) for o in others]
    before = subscription(*([mine, *rest] if old_first else [*rest, mine]))
    new = price("new", recurring=recurring)
    assert obstacle(before, "old", new) == ""
    params = move(before, "old", "new")
    assert not moved(before, params)
    (change,) = params["items"]
    assert change["id"] == "si_x"
    # Stripe makes the quantity of an item whose price changes 1 unless one is sent.
    after_item = item("si_x", new, **({} if metered else {"quantity": change.get("quantity", 1)}))
    after = subscription(*rest, after_item)
    assert moved(after, params)
    assert metered or after_item["quantity"] == quantity
    assert obstacle(after, "old", new) != "", "it is moved once"
    assert params["proration_behavior"] == ("create_prorations" if metered else "none")


def test_a_move_has_one_key_in_every_run() -> None:
    params = move(subscription(), "old", "new")
    assert key("sub_1", params) == key("sub_1", move(subscription(), "old", "new"))
    others = {key("sub_2", params), key("sub_1", params, "!"), key("sub_1", move(subscription(), "old", "newer"))}
    assert len(others | {key("sub_1", params)}) == 4
