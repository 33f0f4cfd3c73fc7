"""Subscription: what tests need to know of it, and what it does specially."""

from __future__ import annotations

from typing import Any

import pytest
import stripe.params as params

from stripe_resources import StripeError
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.run import Run, read
from tests.stripe_resources.sample import A_AND_B, YEARS_AWAY, Drift, Plan, Sample, Values, Wrong, without
from tests.stripe_resources.world import World

SUBSCRIPTION: Values = {"customer": "{customer}", "items": [{"price": "{price}"}]}
METHODS = "payment_settings.payment_method_options"
PRICES = {"items.price": [f"price_{i}" for i in range(1, 5)]}


def settings_of_a_trial(ending: str) -> Values:
    return {"end_behavior": {"missing_payment_method": ending}}


DAY = 24 * 3600

EACH_DISCOUNT: list[Values] = [{"coupon": "25OFF"}, {"discount": "di_1"}, {"promotion_code": "promo_1"}]
DISCOUNTS: dict[str, list[Any]] = {
    "discounts": [EACH_DISCOUNT],
    "items.discounts": [[discount] for discount in EACH_DISCOUNT],
    "add_invoice_items.discounts": [[discount] for discount in EACH_DISCOUNT],
}


SAMPLE = Sample(
    "Subscription",
    "/v1/subscriptions",
    SUBSCRIPTION,
    params.SubscriptionCreateParams,
    params.SubscriptionUpdateParams,
    wrong=[
        Wrong("no customer", without(SUBSCRIPTION, "customer"), "customer"),
        Wrong("no items", without(SUBSCRIPTION, "items"), "items"),
        Wrong("no item", {**SUBSCRIPTION, "items": []}, "items"),
        Wrong("one price twice", {**SUBSCRIPTION, "items": [{"price": "p"}, {"price": "p"}]}, "items[1].price"),
        Wrong("invoice without a due date", {**SUBSCRIPTION, "collection_method": "send_invoice"}, "days_until_due"),
        Wrong("due date without invoice", {**SUBSCRIPTION, "days_until_due": 30}, "days_until_due"),
        Wrong("two ends of a trial", {**SUBSCRIPTION, "trial_end": "now", "trial_period_days": 7}, "trial_period_days"),
        Wrong("two ends", {**SUBSCRIPTION, "cancel_at": 1800000000, "cancel_at_period_end": True}, "cancel_at"),
    ],
    mutable=[
        Drift(
            "items",
            [{"price": "{price}", "quantity": 2}],
            [{"id": "{item}", "price": "{other_price}", "quantity": 3}],
            {"customer": "{customer}", "collection_method": "send_invoice", "days_until_due": 30},
        ),
        Drift("billing_thresholds", {"amount_gte": 1000}, {"amount_gte": 2000}),
        Drift("cancel_at", YEARS_AWAY, YEARS_AWAY + 60),
        Drift("cancel_at_period_end", True, False, left=False),
        Drift(
            "collection_method",
            "send_invoice",
            "charge_automatically",
            {**SUBSCRIPTION, "days_until_due": 30},
            along=("days_until_due",),
            left="charge_automatically",
        ),
        Drift(
            "days_until_due", 30, 60, {**SUBSCRIPTION, "collection_method": "send_invoice"}, leaves_with=("collection_method",)
        ),
        Drift("default_payment_method", "{card}", "{other_card}"),
        Drift("default_tax_rates", ["{tax_rate}"], ["{other_tax_rate}"], left=[]),
        Drift("description", "Tokens", "Theirs"),
        Drift("invoice_settings", {"footer": "Thanks"}, {"footer": "Theirs"}, left={"footer": None}),
        Drift("metadata", *A_AND_B, left={"a": None, "b": None}),
        Drift("pause_collection", {"behavior": "void"}, {"behavior": "keep_as_draft"}),
        Drift(
            "payment_settings",
            {"payment_method_types": ["card"]},
            {"payment_method_types": ["link"]},
            left={"payment_method_types": None},
        ),
        Drift(
            "pending_invoice_item_interval", {"interval": "week", "interval_count": 1}, {"interval": "day", "interval_count": 1}
        ),
        Drift(
            "trial_settings",
            settings_of_a_trial("pause"),
            settings_of_a_trial("cancel"),
            left=settings_of_a_trial("create_invoice"),
        ),
    ],
    immutable=[
        Drift("billing_mode", {"type": "classic"}, {"type": "flexible"}),
        Drift("currency", "usd", "eur"),
        Drift("customer", "{customer}", "{other_customer}"),
    ],
    own=("items",),
    absent={
        "application_fee_percent": 10,
        "automatic_tax": {"enabled": True},
        "customer_account": "acct_1",
        "default_source": "card_1",
        "on_behalf_of": "acct_1",
        "transfer_data": {"destination": "acct_1"},
    },
    plans=[
        Plan(
            "invoices",
            frozenset({"customer_account", "trial_period_days", "billing_cycle_anchor_config", "cancel_at_period_end"})
            | {"add_invoice_items.price_data"},
            {**PRICES, **DISCOUNTS, "collection_method": ["send_invoice"]},
        ),
        Plan(
            "charges",
            frozenset(
                {"customer", "days_until_due", "trial_end", "billing_cycle_anchor", "cancel_at", "add_invoice_items.price"}
            ),
            {**PRICES, **DISCOUNTS, "collection_method": ["charge_automatically"]},
        ),
    ],
    newer={
        "items.current_trial": "new in 2026-09-30.endive",
        "trial_settings.end_behavior.billing_cycle_anchor": "new in 2026-09-30.endive",
        f"{METHODS}.billie.company_details": "not in the description of 2026-08-26.dahlia",
        f"{METHODS}.blik": "not in the description of 2026-08-26.dahlia",
        "payment_settings.payment_method_types=blik": "not in the description of 2026-08-26.dahlia",
        "payment_settings.payment_method_types=sequra": "not in the description of 2026-08-26.dahlia",
    },
    retired_with={
        "invoice_now": False,
        "prorate": True,
        "cancellation_details": {"comment": "text", "feedback": "other", "feedback_option": "text"},
    },
)


def subscribed(run: Run, world: World, **args: Any) -> tuple[str, Values, Values]:
    """(id, outputs, inputs) of a subscription to one price, or to the items in `args`."""
    declared = world.filled({"customer": "{customer}", "items": [{"price": "{price}"}], **args})
    id_, outputs = run.create("Subscription", "s", declared)
    return id_, outputs, declared


def test_an_update_of_what_was_cancelled_outside_says_how_to_see_it(run: Run, world: World, server: LocalStripe) -> None:
    id_, outputs, args = subscribed(run, world)
    server.client().v1.subscriptions.cancel(id_)
    with pytest.raises(StripeError, match="`pulumi refresh --run-program` shows what Stripe still has"):
        run.update("Subscription", id_, outputs, {**args, "description": "x"})


def test_the_course_of_a_subscription_is_no_drift(run: Run, world: World, server: LocalStripe) -> None:
    """A trial that ends and a payment that fails change the status; nobody has changed the subscription."""
    id_, outputs, _ = subscribed(run, world, trial_period_days=7)
    assert outputs["status"] == "trialing"
    server.clock(advance=8 * DAY)
    assert world.live("Subscription", id_)["status"] == "active"
    assert read(run, "Subscription", id_, outputs) == outputs
    server.change(id_, status="past_due")
    assert read(run, "Subscription", id_, outputs) == outputs


def test_a_paused_subscription_shows(run: Run, world: World, server: LocalStripe) -> None:
    paused = {"end_behavior": {"missing_payment_method": "pause"}}
    id_, outputs, _ = subscribed(run, world, trial_period_days=7, trial_settings=paused)
    server.clock(advance=8 * DAY)
    assert read(run, "Subscription", id_, outputs)["status"] == "paused"


@pytest.mark.parametrize("end", [{"cancel_at_period_end": True}, {"cancel_at": "min_period_end"}], ids=str)
def test_a_subscription_that_ended_as_declared_is_not_made_anew(end: Values, run: Run, world: World, server: LocalStripe) -> None:
    id_, outputs, args = subscribed(run, world, **end)
    server.clock(advance=40 * DAY)
    over = read(run, "Subscription", id_, outputs)
    assert over == {**outputs, "status": "canceled"}
    assert run.update("Subscription", id_, over, args) is None, "nothing is left to change"
    assert run.update("Subscription", id_, over, {**args, "description": "x"}) is None

    going_on = {k: v for k, v in args.items() if k not in end}
    new, _ = run.replace("Subscription", id_, over, going_on)
    assert world.live("Subscription", new)["status"] == "active", "one that is wanted again is a new one"


def test_a_subscription_that_somebody_ended_before_its_declared_end_is_gone(run: Run, world: World, server: LocalStripe) -> None:
    id_, outputs, _ = subscribed(run, world, cancel_at_period_end=True)
    server.client().v1.subscriptions.cancel(id_)
    assert run.read("Subscription", id_, outputs) is None


def test_a_subscription_with_an_end_is_made_anew_after_a_destroy(run: Run, world: World, server: LocalStripe) -> None:
    id_, outputs, args = subscribed(run, world, cancel_at="min_period_end")
    server.clock(advance=40 * DAY)
    run.handler("Subscription").delete(id_, outputs)
    again, _ = Run(server).create("Subscription", "s", args)
    assert again != id_


def test_flexible_billing_comes_in_place_when_classic_leaves_the_program(run: Run, world: World) -> None:
    id_, outputs, args = subscribed(run, world, billing_mode={"type": "classic"})
    plain = {k: v for k, v in args.items() if k != "billing_mode"}
    after = run.update("Subscription", id_, outputs, plain)
    assert after is not None
    assert world.live("Subscription", id_)["billing_mode"]["type"] == "flexible"
    assert run.update("Subscription", id_, after, plain) is None


def prices_of(world: World, id_: str) -> list[tuple[str, int]]:
    return [(i["price"]["id"], i["quantity"]) for i in world.live("Subscription", id_)["items"]["data"]]


@pytest.fixture
def two_items(run: Run, world: World) -> tuple[str, Values, Values]:
    items = [{"price": "{price}", "quantity": 2, "metadata": {"a": "1"}}, {"price": "{other_price}"}]
    return subscribed(run, world, items=items, collection_method="send_invoice", days_until_due=30)


@pytest.mark.parametrize(
    ("outside", "sent"),
    [
        ([{"id": 0, "price": "third"}], [{"id": 0, "price": "price", "quantity": "2"}]),
        ([{"id": 0, "quantity": 9}], [{"id": 0, "quantity": "2"}]),
        ([{"id": 0, "metadata": {"a": "2"}}], [{"id": 0, "metadata": {"a": "1"}}]),
        ([{"price": "third"}], [{"id": 2, "deleted": "true"}]),
        ([{"id": 0, "deleted": True}], [{"price": "price", "quantity": "2", "metadata": {"a": "1"}}]),
        ([{"id": 1, "deleted": True}], [{"price": "other_price"}]),
        (
            [{"id": 0, "deleted": True}, {"price": "third"}],
            [{"id": 1, "price": "price", "quantity": "2", "metadata": {"a": "1"}}],
        ),
    ],
    ids=[
        "another price",
        "another quantity",
        "other metadata",
        "one more",
        "the first removed",
        "the last removed",
        "one for another",
    ],
)
def test_items_changed_outside_are_put_back_one_by_one(
    outside: list[Values],
    sent: list[Values],
    two_items: tuple[str, Values, Values],
    run: Run,
    world: World,
) -> None:
    """In `outside` and `sent`, items are known by their place at Stripe, prices by their name in the world."""
    id_, outputs, args = two_items
    third = world.new_price()

    def named(change: Values) -> Values:
        places = [i["id"] for i in world.live("Subscription", id_)["items"]["data"]]
        prices = {"third": third, "price": world.price, "other_price": world.other_price}
        ids = {"id": places[change["id"]]} if "id" in change else {}
        return {**change, **ids, **({"price": prices[change["price"]]} if "price" in change else {})}

    world.made(f"/v1/subscriptions/{id_}", items=[named(c) for c in outside])
    expected = [named(c) for c in sent]
    shown = read(run, "Subscription", id_, outputs)
    assert {k for k in outputs if shown.get(k) != outputs[k]} == {"items"}
    world.server.forget_requests()
    after = run.update("Subscription", id_, shown, args)
    assert after is not None
    (request,) = (r for r in world.server.requests() if r["method"] == "POST")
    assert {k: v for k, v in request["parameters"].items() if k != "metadata"} == {"items": expected}
    assert sorted(prices_of(world, id_)) == sorted([(world.price, 2), (world.other_price, 1)])
    assert read(run, "Subscription", id_, after) == after
    assert run.update("Subscription", id_, after, args) is None


@pytest.mark.parametrize("price", ["other_price", "metered_price"])
def test_a_quantity_that_nobody_declares_stays_where_the_next_price_takes_one(price: str, run: Run, world: World) -> None:
    """That a price is metered the program may not know: it can name one by its id."""
    id_, outputs, args = subscribed(run, world, items=[{"price": "{price}"}], collection_method="send_invoice", days_until_due=30)
    world.made(f"/v1/subscriptions/{id_}", items=[{"id": outputs["items"][0]["id"], "quantity": 3}])
    after = run.update("Subscription", id_, outputs, {**args, "items": [{"price": getattr(world, price)}]})
    (item,) = world.live("Subscription", id_)["items"]["data"]
    assert (item["price"]["id"], item.get("quantity")) == (getattr(world, price), 3 if price == "other_price" else None)
    assert after is not None
    assert read(run, "Subscription", id_, after) == after


def test_a_quantity_of_one_that_is_declared_anew_is_billed_whatever_others_had_set(run: Run, world: World) -> None:
    id_, outputs, args = subscribed(run, world, items=[{"price": "{price}"}])
    world.made(f"/v1/subscriptions/{id_}", items=[{"id": outputs["items"][0]["id"], "quantity": 5}])
    declared = {**args, "items": [{"price": world.price, "quantity": 1}]}
    after = run.update("Subscription", id_, outputs, declared)
    assert prices_of(world, id_) == [(world.price, 1)]
    assert after is not None
    assert run.update("Subscription", id_, after, declared) is None
