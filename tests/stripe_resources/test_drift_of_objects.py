"""Drift that is no single field: objects that are gone or out of use, items, lookup keys, ends that were declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stripe_resources import StripeError
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.kinds.test_meter import METER
from tests.stripe_resources.kinds.test_product import PRODUCT

from .kinds.test_price import FLAT as PRICE
from .kinds.test_price import TIERED
from .run import Run
from .sample import Values
from .world import World

DAY = 24 * 3600


def subscribed(run: Run, world: World, **args: Any) -> tuple[str, Values, Values]:
    """(id, outputs, inputs) of a subscription to one price, or to the items in `args`."""
    declared = world.filled({"customer": "{customer}", "items": [{"price": "{price}"}], **args})
    id_, outputs = run.create("Subscription", "s", declared)
    return id_, outputs, declared


def read(run: Run, kind: str, id_: str, outputs: Values) -> Values:
    found = run.read(kind, id_, outputs)
    assert found is not None
    return found[0]


# -- gone, or out of use


def deactivate(world: World, id_: str) -> None:
    world.made(f"/v1/billing/meters/{id_}/deactivate")


def archive(path: str) -> Callable[[World, str], None]:
    return lambda world, id_: world.made(f"{path}/{id_}", active=False) and None


@pytest.mark.parametrize(
    ("kind", "args", "retire", "field"),
    [
        ("Meter", METER, deactivate, "status"),
        ("Product", PRODUCT, archive("/v1/products"), "active"),
        ("Price", PRICE, archive("/v1/prices"), "active"),
    ],
    ids=["a deactivated meter", "an archived product", "an archived price"],
)
def test_what_is_out_of_use_shows_and_comes_back(
    kind: str, args: Values, retire: Callable[[World, str], None], field: str, run: Run, world: World
) -> None:
    declared = world.filled(args)
    id_, outputs = run.create(kind, "it", declared)
    retire(world, id_)
    shown = read(run, kind, id_, outputs)
    assert {k for k in outputs if shown[k] != outputs[k]} == {field}
    assert run.update(kind, id_, shown, declared) == outputs
    assert read(run, kind, id_, outputs) == outputs


def test_what_is_gone_reads_as_nothing(run: Run, world: World, server: LocalStripe) -> None:
    product, of_product = run.create("Product", "p", PRODUCT)
    customer, of_customer = run.create("Customer", "c", {})
    subscription, of_subscription, _ = subscribed(run, world)
    client = server.client().v1
    client.products.delete(product)
    client.customers.delete(customer)
    client.subscriptions.cancel(subscription)
    for kind, id_, outputs in (
        ("Product", product, of_product),
        ("Customer", customer, of_customer),
        ("Subscription", subscription, of_subscription),
        ("Meter", "mtr_none", {"livemode": False}),
        ("Price", "price_none", {"livemode": False}),
    ):
        assert run.read(kind, id_, outputs) is None, kind


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


# -- an end that the program declares


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


# -- items


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


# -- amounts and lookup keys


def test_an_amount_that_somebody_adds_to_a_tier_of_a_further_currency_shows(run: Run, world: World) -> None:
    tiers = [{"up_to": 10, "unit_amount": 5}, {"up_to": "inf", "unit_amount": 4}]
    declared = world.filled({**TIERED, "currency_options": {"eur": {"tiers": tiers}}})
    id_, outputs = run.create("Price", "it", declared)
    with_a_fee = [{**tiers[0], "flat_amount": 100}, tiers[1]]
    world.made(f"/v1/prices/{id_}", currency_options={"eur": {"tiers": with_a_fee}})
    shown = read(run, "Price", id_, outputs)
    assert shown["currency_options"]["eur"]["tiers"][0] == {**tiers[0], "flat_amount_decimal": "100"}
    assert run.update("Price", id_, shown, declared) == outputs
    assert read(run, "Price", id_, outputs) == outputs


def test_a_currency_that_somebody_removes_comes_back(run: Run, world: World) -> None:
    declared = world.filled({**PRICE, "currency_options": {"eur": {"unit_amount": 5}, "gbp": {"unit_amount": 4}}})
    id_, outputs = run.create("Price", "it", declared)
    world.made(f"/v1/prices/{id_}", currency_options="")
    shown = read(run, "Price", id_, outputs)
    assert shown["currency_options"] == {}
    assert run.update("Price", id_, shown, declared) == outputs


def test_a_tax_behavior_in_a_further_currency_is_set_once(run: Run, world: World) -> None:
    exclusive, inclusive = (
        world.filled({**PRICE, "currency_options": {"eur": {"unit_amount": 5, "tax_behavior": b}}})
        for b in ("exclusive", "inclusive")
    )
    id_, outputs = run.create("Price", "it", exclusive)
    new, after = run.replace("Price", id_, outputs, inclusive)
    assert run.update("Price", new, after, inclusive) is None


def test_a_lookup_key_that_somebody_gave_to_another_price_is_not_taken_from_it_unasked(run: Run, world: World) -> None:
    """Applications may sell that price by now: who gets the key is for people to say."""
    declared = {**world.filled(PRICE), "lookup_key": "tokens"}
    id_, outputs = run.create("Price", "it", declared)
    theirs = world.made("/v1/prices", **world.filled(PRICE), lookup_key="tokens", transfer_lookup_key=True)["id"]
    shown = read(run, "Price", id_, outputs)
    assert "lookup_key" not in shown
    with pytest.raises(StripeError, match=rf'"tokens" belongs to {theirs}, an active price that no stack of this kind made'):
        run.update("Price", id_, shown, declared)
    assert world.live("Price", theirs)["lookup_key"] == "tokens"

    asked = {**declared, "transfer_lookup_key": True}
    assert run.update("Price", id_, shown, asked) == outputs
    assert world.live("Price", theirs)["lookup_key"] is None


def test_a_lookup_key_that_went_back_to_the_price_before_is_fetched(run: Run, world: World) -> None:
    declared = {**world.filled(PRICE), "lookup_key": "tokens"}
    old, outputs = run.create("Price", "it", declared)
    dearer = {**declared, "unit_amount": 5}
    new, after = run.replace("Price", old, outputs, dearer)
    world.made(f"/v1/prices/{old}", lookup_key="tokens", transfer_lookup_key=True)
    shown = read(run, "Price", new, after)
    assert run.update("Price", new, shown, dearer) == after
    assert world.live("Price", old)["lookup_key"] is None


def test_asking_for_a_transfer_sends_nothing_where_no_key_moves(run: Run, world: World) -> None:
    declared = {**world.filled(PRICE), "lookup_key": "tokens", "transfer_lookup_key": True}
    id_, outputs = run.create("Price", "it", declared)
    world.server.forget_requests()
    run.update("Price", id_, outputs, {**declared, "nickname": "Tokens"})
    assert [set(r["parameters"]) - {"expand", "metadata"} for r in world.server.requests()] == [{"nickname"}]


# -- what Stripe need not know


def test_a_field_that_stays_at_stripe_leaves_the_state_without_a_request(run: Run, world: World) -> None:
    """An amount written otherwise at the same time is still the same amount."""
    declared = {**world.filled(PRICE), "tax_behavior": "exclusive"}
    id_, outputs = run.create("Price", "it", declared)
    written = {k: v for k, v in declared.items() if k not in ("unit_amount", "tax_behavior")} | {"unit_amount_decimal": "4"}
    world.server.forget_requests()
    after = run.update("Price", id_, outputs, written)
    assert after is not None
    assert world.server.requests() == []
    assert run.update("Price", id_, after, written) is None
    assert read(run, "Price", id_, after) == after
