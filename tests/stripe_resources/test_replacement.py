"""Replacing a price against a real local Stripe: its product's default, its subscriptions, and what is billed for them."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from stripe_resources import Refused, StripeError
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.kinds.test_meter import METER
from tests.stripe_resources.kinds.test_product import PRODUCT
from tests.stripe_resources.run import Run
from tests.stripe_resources.sample import Values

MONTHLY = {"interval": "month"}
CLASSIC = {"billing_mode": {"type": "classic"}}
INVOICED = {"collection_method": "send_invoice", "days_until_due": 30}


@pytest.fixture
def server(shared_server: LocalStripe) -> LocalStripe:
    shared_server.reset()
    shared_server.forget_requests()
    return shared_server


@pytest.fixture
def run(server: LocalStripe) -> Run:
    return Run(server)


class Shop:
    """A product of the stack with a metered price and a licensed one, and subscriptions that nobody declares."""

    def __init__(self, run: Run) -> None:
        self.run, self.server, self.client = run, run.server, run.server.client()
        meter, _ = run.create("Meter", "m", METER)
        self.product, _ = run.create("Product", "p", PRODUCT)
        recurring = {**MONTHLY, "usage_type": "metered", "meter": meter}
        self.args: Values = {"currency": "usd", "product": self.product, "unit_amount": 4, "recurring": recurring}
        self.price, self.outputs = run.create("Price", "tokens", self.args)

    def seat(self, **args: Any) -> tuple[str, Values, Values]:
        declared = {"currency": "usd", "product": self.product, "unit_amount": 1000, "recurring": MONTHLY, **args}
        return (*self.run.create("Price", "seat", declared), declared)

    def subscribe(self, price: str = "", **params: Any) -> str:
        customer = self.client.v1.customers.create({"name": "John Doe"}).id
        items = [{"price": price or self.price, **params.pop("item", {})}]
        made: Any = {"customer": customer, "items": items, **INVOICED, **params}
        return self.client.v1.subscriptions.create(made).id

    def items(self, subscription: str) -> list[tuple[str, int | None]]:
        """(price, quantity) of each item."""
        found = self.server.http("GET", f"/v1/subscriptions/{subscription}").json()["items"]["data"]
        return [(i["price"]["id"], i.get("quantity")) for i in found]

    def default(self) -> str | None:
        default: str | None = self.server.http("GET", f"/v1/products/{self.product}").json()["default_price"]
        return default

    def active(self, price: str) -> bool:
        return self.client.v1.prices.retrieve(price).active

    def replace(self, **args: Any) -> str:
        """Replaces the metered price by one with these arguments; the new one's id."""
        return self.run.replace("Price", self.price, self.outputs, {**self.args, "unit_amount": 5, **args})[0]

    def changes(self) -> list[tuple[str, str]]:
        """The requests that changed something."""
        return [r for r in self.run.sent() if r[0] != "GET"]


@pytest.fixture
def shop(run: Run) -> Shop:
    shop = Shop(run)
    run.server.forget_requests()
    return shop


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


# -- the default price


def test_a_default_price_is_set_once_however_often_a_run_dies(shop: Shop) -> None:
    declared = {"product": shop.product, "default_price": shop.price}
    id_, outputs = shop.run.create("DefaultPrice", "default", declared)
    assert (id_, shop.default()) == (shop.product, shop.price)
    again = Run(shop.server).create("DefaultPrice", "default", declared)
    assert again == (id_, outputs)
    assert shop.changes() == [("POST", f"/v1/products/{shop.product}")]
    assert shop.run.read("DefaultPrice", id_, outputs) == (outputs, {**declared, "__owner": "p/dev/DefaultPrice/default"})
    assert shop.run.update("DefaultPrice", id_, outputs, declared) is None


@pytest.mark.parametrize("elsewhere", ["another price", "none"])
def test_a_default_price_that_was_changed_outside_is_drift_and_repaired(elsewhere: str, shop: Shop) -> None:
    declared = {"product": shop.product, "default_price": shop.price}
    id_, outputs = shop.run.create("DefaultPrice", "default", declared)
    other = "" if elsewhere == "none" else shop.seat()[0]
    shop.client.v1.products.update(shop.product, {"default_price": other})
    found = shop.run.read("DefaultPrice", id_, outputs)
    assert found is not None
    assert found[0].get("default_price", "") == other
    assert shop.run.update("DefaultPrice", id_, found[0], declared) == outputs
    assert shop.default() == shop.price


def test_the_default_price_of_a_product_that_is_gone_is_gone(shop: Shop) -> None:
    product, _ = shop.run.create("Product", "other", PRODUCT)
    price, _ = shop.run.create("Price", "other", {**shop.args, "product": product})
    id_, outputs = shop.run.create("DefaultPrice", "default", {"product": product, "default_price": price})
    gone = {**outputs, "product": "prod_gone"}
    assert shop.run.read("DefaultPrice", "prod_gone", gone) is None
    shop.run.handler("DefaultPrice").delete("prod_gone", gone)
    assert id_ == product


def test_deleting_a_default_price_unsets_it_unless_it_is_another_by_now(shop: Shop) -> None:
    declared = {"product": shop.product, "default_price": shop.price}
    id_, outputs = shop.run.create("DefaultPrice", "default", declared)
    seat, _, _ = shop.seat()
    shop.client.v1.products.update(shop.product, {"default_price": seat})
    Run(shop.server).handler("DefaultPrice").delete(id_, outputs)
    assert shop.default() == seat
    shop.client.v1.products.update(shop.product, {"default_price": shop.price})
    Run(shop.server).handler("DefaultPrice").delete(id_, outputs)
    assert shop.default() is None


def test_a_default_price_under_another_name_stays_set(shop: Shop) -> None:
    declared = {"product": shop.product, "default_price": shop.price}
    id_, outputs = shop.run.create("DefaultPrice", "old name", declared)
    renaming = Run(shop.server)
    renaming.create("DefaultPrice", "new name", declared)
    renaming.handler("DefaultPrice").delete(id_, outputs)
    assert shop.default() == shop.price


def test_somebodys_default_price_of_somebodys_product_stays(shop: Shop) -> None:
    theirs = shop.client.v1.products.create({"name": "Theirs", "default_price_data": {"currency": "usd", "unit_amount": 1}})
    ours, _ = shop.run.create("Price", "ours", {"currency": "usd", "product": theirs.id, "unit_amount": 2})
    declared = {"product": theirs.id, "default_price": ours}
    with pytest.raises(StripeError, match=f'"default" could not be created: default_price: {theirs.id}, which this stack') as e:
        shop.run.create("DefaultPrice", "default", declared)
    assert f"has {theirs.default_price} as its default price already" in str(e.value)
    assert shop.client.v1.products.retrieve(theirs.id).default_price == theirs.default_price

    shop.client.v1.products.update(theirs.id, {"default_price": ""})
    shop.run.create("DefaultPrice", "default", declared)
    assert shop.client.v1.products.retrieve(theirs.id).default_price == ours
    next_, _ = shop.run.create("Price", "next", {"currency": "usd", "product": theirs.id, "unit_amount": 3})
    Run(shop.server).create("DefaultPrice", "default", {**declared, "default_price": next_})
    assert shop.client.v1.products.retrieve(theirs.id).default_price == next_, "the one before was this stack's"


def test_a_default_price_is_replaced_where_product_and_prices_are_somebodys(shop: Shop) -> None:
    theirs = shop.client.v1.products.create({"name": "Theirs"}).id
    first, second = (shop.client.v1.prices.create({"currency": "usd", "product": theirs, "unit_amount": n}).id for n in (1, 2))
    declared = {"product": theirs, "default_price": first, "__replacing": ["default_price"]}
    id_, outputs = shop.run.create("DefaultPrice", "default", declared)
    shop.run.replace("DefaultPrice", id_, outputs, {**declared, "default_price": second})
    assert shop.client.v1.products.retrieve(theirs).default_price == second


def test_what_a_replacement_is_still_to_find_again_is_no_leftover(shop: Shop) -> None:
    """Creates come one after the other: the first one must not retire what the second one begins with."""
    olds = {name: shop.run.create("Price", name, shop.args) for name in ("a", "b")}
    wanted = {**shop.args, "unit_amount": 5}

    def replaced(run: Run) -> dict[str, str]:
        handler, inputs = run.handler("Price"), {}
        for name, (id_, outputs) in olds.items():
            news = {**wanted, "__owner": outputs["__owner"]}
            assert handler.diff(id_, outputs, handler.check(outputs, news)[0]).replaces
            inputs[name] = handler.check({}, news)[0]
        return {name: handler.create(each)[0] for name, each in inputs.items()}

    died = replaced(Run(shop.server))
    assert replaced(Run(shop.server)) == died
    assert all(shop.active(id_) for id_ in died.values())


def test_the_stacks_own_product_gets_the_default_price_that_is_declared(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    theirs = shop.client.v1.prices.create({"currency": "usd", "product": shop.product, "unit_amount": 1}).id
    shop.client.v1.products.update(shop.product, {"default_price": theirs})
    shop.run.create("DefaultPrice", "default", {"product": shop.product, "default_price": shop.price})
    assert shop.default() == shop.price
    assert said(capsys) == [f'DefaultPrice "default": {shop.price} replaces {theirs} as the default price of {shop.product}']


def test_a_default_price_that_nobody_declared_wanders_to_the_replacement(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.client.v1.products.update(shop.product, {"default_price": shop.price})
    new = shop.replace()
    assert (shop.default(), shop.active(shop.price)) == (new, False)
    assert said(capsys) == [f'Price "tokens": {shop.price} was the default price of {shop.product}, which has {new} now']


def test_a_price_that_is_removed_is_the_default_no_more(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.client.v1.products.update(shop.product, {"default_price": shop.price})
    Run(shop.server).handler("Price").delete(shop.price, shop.outputs)
    assert (shop.default(), shop.active(shop.price)) == (None, False)
    assert said(capsys) == [f'Price "tokens": {shop.price} was the default price of {shop.product}, which has none now']


def test_a_replacement_of_another_product_leaves_the_old_one_without_a_default_price(shop: Shop) -> None:
    shop.client.v1.products.update(shop.product, {"default_price": shop.price})
    other, _ = shop.run.create("Product", "other", PRODUCT)
    shop.replace(product=other)
    assert (shop.default(), shop.active(shop.price)) == (None, False)


def test_another_refusal_to_archive_is_said_as_it_is(shop: Shop) -> None:
    shop.server.fault(match={"method": "POST", "path": f"/v1/prices/{shop.price}"}, times=1, status=400)
    with pytest.raises(Refused, match='Price "tokens" could not be deleted'):
        Run(shop.server).handler("Price").delete(shop.price, shop.outputs)
    assert shop.active(shop.price)


# -- subscriptions that nobody declares


def test_they_stay_on_the_archived_price_and_nothing_is_asked(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.server.forget_requests()
    shop.replace()
    assert shop.run.sent() == [("POST", "/v1/prices"), ("POST", f"/v1/prices/{shop.price}")]
    assert shop.items(subscription) == [(shop.price, None)]


def test_they_are_moved_before_the_old_price_is_archived(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    subscription = shop.subscribe()
    shop.server.forget_requests()
    new = shop.replace(existing_subscriptions="migrate")
    assert shop.run.sent() == [
        ("POST", "/v1/prices"),
        ("GET", "/v1/subscriptions"),
        ("GET", f"/v1/prices/{new}"),
        ("GET", f"/v1/subscriptions/{subscription}"),
        ("POST", f"/v1/subscriptions/{subscription}"),
        ("GET", "/v1/subscriptions"),
        ("POST", f"/v1/prices/{shop.price}"),
    ]
    assert shop.items(subscription) == [(new, None)]
    assert said(capsys) == [
        f'Price "tokens": moving 1 subscription from {shop.price} to {new}',
        f'Price "tokens": 1 subscription moved to {new}',
    ]


def test_a_price_that_gets_another_name_with_the_change_has_a_successor_too(shop: Shop) -> None:
    """As an alias does it: the old name is in the outputs, the new one in the inputs."""
    subscription, handler = shop.subscribe(), shop.run.handler("Price")
    news = {**shop.args, "unit_amount": 5, "existing_subscriptions": "migrate", "__owner": "p/dev/Price/renamed"}
    handler.diff(shop.price, shop.outputs, handler.check(shop.outputs, news)[0])
    new, _ = handler.create(handler.check({}, news)[0])
    handler.delete(shop.price, shop.outputs)
    assert (shop.items(subscription), shop.active(shop.price)) == ([(new, None)], False)


@pytest.mark.thorough
def test_many_are_moved_with_progress(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    subscriptions = [shop.subscribe() for _ in range(120)]
    new = shop.replace(existing_subscriptions="migrate")
    assert {tuple(shop.items(s)) for s in subscriptions} == {((new, None),)}
    assert [line.partition(": ")[2] for line in said(capsys)] == [
        f"moving 120 subscriptions from {shop.price} to {new}",
        *(f"{n} of 120 subscriptions done" for n in (25, 50, 75, 100)),
        f"120 subscriptions moved to {new}",
    ]


def test_a_license_keeps_its_quantity_and_the_period_that_was_paid(shop: Shop) -> None:
    seat, outputs, args = shop.seat()
    subscription = shop.subscribe(seat, item={"quantity": 3})
    new, _ = shop.run.replace("Price", seat, outputs, {**args, "unit_amount": 1200, "existing_subscriptions": "migrate"})
    assert shop.items(subscription) == [(new, 3)]
    assert shop.client.v1.invoice_items.list({"pending": True}).data == []
    assert shop.client.v1.invoices.create_preview({"subscription": subscription}).total == 3600


def test_other_items_are_untouched(shop: Shop) -> None:
    seat, _, _ = shop.seat()
    subscription = shop.subscribe()
    shop.client.v1.subscriptions.update(subscription, {"items": [{"price": seat, "quantity": 7}]})
    new = shop.replace(existing_subscriptions="migrate")
    assert shop.items(subscription) == [(new, None), (seat, 7)]


def test_nothing_is_archived_while_somebody_cannot_be_moved_and_each_is_named(shop: Shop) -> None:
    movable = shop.subscribe()
    declared = shop.subscribe(metadata={"pulumi_resource": "p/prod/Subscription/theirs"})
    classic = shop.subscribe(billing_mode={"type": "classic"})
    over = shop.subscribe()
    shop.client.v1.subscriptions.cancel(over)
    with pytest.raises(StripeError) as e:
        shop.replace(existing_subscriptions="migrate")
    text = str(e.value)
    assert text.startswith(
        f'Price "tokens" could not be deleted: 2 subscriptions would stay on {shop.price}, which is therefore not'
    )
    assert f"declared by the stack p/prod: {declared}" in text
    assert "under classic billing Stripe never bills the usage" in text
    assert classic in text
    assert over not in text
    assert shop.active(shop.price)
    assert {tuple(shop.items(s)) for s in (declared, classic)} == {((shop.price, None),)}
    assert shop.items(movable) != [(shop.price, None)], "the others are moved"


def test_the_next_run_finds_who_was_left_behind(shop: Shop) -> None:
    subscription = shop.subscribe(billing_mode={"type": "classic"})
    with pytest.raises(StripeError, match="under classic billing"):
        shop.replace(existing_subscriptions="migrate")
    (new,) = {p.id for p in shop.client.v1.prices.list({"active": True}).data if p.unit_amount == 5}
    shop.client.raw_request("post", f"/v1/subscriptions/{subscription}/migrate", billing_mode={"type": "flexible"})
    later = Run(shop.server)
    news = {**shop.args, "unit_amount": 5, "existing_subscriptions": "migrate", "__owner": shop.outputs["__owner"]}
    outputs = {**shop.outputs, "unit_amount": 5}
    later.handler("Price").diff(new, outputs, later.handler("Price").check(outputs, news)[0])
    later.handler("Price").delete(shop.price, shop.outputs)  # which is still in the state, to be deleted
    assert (shop.items(subscription), shop.active(shop.price)) == ([(new, None)], False)


def test_who_is_to_stay_after_all_is_let_stay(shop: Shop) -> None:
    subscription = shop.subscribe(billing_mode={"type": "classic"})
    shop.replace(existing_subscriptions="grandfather")
    assert (shop.items(subscription), shop.active(shop.price)) == ([(shop.price, None)], False)


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ({"recurring": {"interval": "year"}}, "the new price is billed every year, the old one every month"),
        ({"recurring": {"interval": "month", "interval_count": 3}}, "the new price is billed every 3 months, the old one"),
        ({"currency": "eur"}, "the new price has no amount in its currency, usd"),
        ({"active": False}, "the new price is archived"),
        ({"recurring": None}, "the new price is billed once, the old one every month"),
    ],
)
def test_a_price_that_cannot_take_the_place_moves_nobody(args: Values, reason: str, shop: Shop) -> None:
    seat, outputs, declared = shop.seat()
    subscription = shop.subscribe(seat)
    wanted = {k: v for k, v in {**declared, "unit_amount": 1200, **args}.items() if v is not None}
    shop.server.forget_requests()
    with pytest.raises(StripeError, match=f"1 subscription would stay on {seat}, .*: {reason}.*: {subscription}"):
        shop.run.replace("Price", seat, outputs, {**wanted, "existing_subscriptions": "migrate"})
    assert [r for r in shop.changes() if "subscriptions" in r[1]] == []
    assert (shop.items(subscription), shop.active(seat)) == ([(seat, 1)], True)


def test_a_price_that_is_removed_has_nothing_to_move_to(shop: Shop) -> None:
    subscription = shop.subscribe()
    outputs = {**shop.outputs, "existing_subscriptions": "migrate"}
    with pytest.raises(StripeError, match=f'there is no new price to move to: {subscription}.* declare "grandfather"'):
        Run(shop.server).handler("Price").delete(shop.price, outputs)
    assert (shop.items(subscription), shop.active(shop.price)) == ([(shop.price, None)], True)
    Run(shop.server).handler("Price").delete(shop.price, {**outputs, "existing_subscriptions": "grandfather"})
    assert not shop.active(shop.price)


def test_a_price_that_is_gone_has_no_subscriptions(shop: Shop) -> None:
    error = {
        "code": "resource_missing",
        "param": "price",
        "message": f"No such price: '{shop.price}'",
        "type": "invalid_request_error",
    }
    shop.server.fault(match={"method": "GET", "path": "/v1/subscriptions"}, times=1, status=400, body={"error": error})
    shop.server.fault(match={"method": "POST", "path": f"/v1/prices/{shop.price}"}, times=1, status=404, body={"error": error})
    shop.replace(existing_subscriptions="migrate")
    assert shop.run.sent()[-1] == ("POST", f"/v1/prices/{shop.price}")


def test_a_new_price_that_is_gone_does_not_count_as_done(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.server.fault(match={"method": "GET", "path": "/v1/prices/*"}, times=1, status=404)
    with pytest.raises(StripeError, match='Price "tokens" could not be deleted: GET /v1/prices/'):
        shop.replace(existing_subscriptions="migrate")
    assert (shop.items(subscription), shop.active(shop.price)) == ([(shop.price, None)], True)


def test_nothing_is_archived_where_the_old_price_goes_first(shop: Shop) -> None:
    shop.subscribe()
    handler, news = shop.run.handler("Price"), {**shop.args, "unit_amount": 5, "existing_subscriptions": "migrate"}
    handler.diff(shop.price, shop.outputs, handler.check(shop.outputs, {**news, "__owner": shop.outputs["__owner"]})[0])
    with pytest.raises(StripeError, match=r"needs the new price to be there before .* remove delete_before_replace"):
        handler.delete(shop.price, shop.outputs)
    assert shop.active(shop.price)


def test_one_that_changed_meanwhile_is_moved_as_it_is_by_then(shop: Shop) -> None:
    subscription, other = shop.subscribe(), shop.subscribe()
    seat, _, _ = shop.seat()
    shop.server.forget_requests()
    shop.server.fault(match={"method": "GET", "path": f"/v1/subscriptions/{subscription}"}, times=1, delay=1.5)

    def meddle() -> None:
        while ("GET", "/v1/subscriptions") not in shop.run.sent():
            time.sleep(0.01)
        shop.client.v1.subscriptions.update(subscription, {"items": [{"price": seat, "quantity": 2}]})

    somebody = threading.Thread(target=meddle)
    somebody.start()
    new = shop.replace(existing_subscriptions="migrate")
    somebody.join()
    assert shop.items(subscription) == [(new, None), (seat, 2)]
    assert shop.items(other) == [(new, None)]


def test_two_prices_of_one_subscription_move_in_one_run(shop: Shop) -> None:
    """Each waits for the other, and neither takes the other's move for somebody else's."""
    seat, of_seat, declared = shop.seat()
    subscriptions = [shop.subscribe() for _ in range(4)]
    for subscription in subscriptions:
        shop.client.v1.subscriptions.update(subscription, {"items": [{"price": seat, "quantity": 2}]})
    shop.server.fault(match={"method": "GET", "path": "/v1/subscriptions/sub_*"}, times=4, delay=0.3)
    run, found = Run(shop.server), {}

    def replace(old: str, outputs: Values, args: Values) -> None:
        found[old], _ = run.replace("Price", old, outputs, {**args, "existing_subscriptions": "migrate"})

    both = [
        threading.Thread(target=replace, args=(shop.price, shop.outputs, {**shop.args, "unit_amount": 5})),
        threading.Thread(target=replace, args=(seat, of_seat, {**declared, "unit_amount": 1100})),
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert {tuple(shop.items(s)) for s in subscriptions} == {((found[shop.price], None), (found[seat], 2))}
    assert not shop.active(shop.price)
    assert not shop.active(seat)


def test_one_that_began_meanwhile_is_moved_too(shop: Shop) -> None:
    first = shop.subscribe()
    later: list[str] = []
    shop.server.fault(match={"method": "GET", "path": f"/v1/subscriptions/{first}"}, times=1, delay=1.0)

    def join() -> None:
        while ("GET", "/v1/subscriptions") not in shop.run.sent():
            time.sleep(0.01)
        later.append(shop.subscribe())

    somebody = threading.Thread(target=join)
    somebody.start()
    new = shop.replace(existing_subscriptions="migrate")
    somebody.join()
    assert shop.items(later[0]) == [(new, None)]


@pytest.mark.parametrize(
    "fault", [{"lose_connection": "after_work"}, {"lose_connection": "before_work"}, {"status": 500}, {"status": 429}], ids=str
)
def test_passing_faults_move_nobody_twice(fault: Values, shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.server.forget_requests()
    shop.server.fault(match={"method": "POST", "path": f"/v1/subscriptions/{subscription}"}, times=2, **fault)
    new = shop.replace(existing_subscriptions="migrate")
    assert shop.items(subscription) == [(new, None)]
    posts = [r for r in shop.server.requests() if (r["method"], r["path"]) == ("POST", f"/v1/subscriptions/{subscription}")]
    assert len({r["idempotency_key"] for r in posts}) == 1
    assert len(shop.client.v1.invoice_items.list({"pending": True}).data) == 1, "the old usage is billed once"


def test_a_failure_that_stripe_repeats_is_gone_past(shop: Shop) -> None:
    """A 500 after the work was done: Stripe repeats it under the same key for a day."""
    subscription = shop.subscribe()
    path = {"method": "POST", "path": f"/v1/subscriptions/{subscription}"}
    shop.server.fault(match=path, times=1, status=500, after_work=True)
    new = shop.replace(existing_subscriptions="migrate")
    assert (shop.items(subscription), shop.active(shop.price)) == ([(new, None)], False)
    assert len(shop.client.v1.invoice_items.list({"pending": True}).data) == 1


def test_a_key_that_may_not_change_subscriptions_archives_nothing_and_the_next_run_goes_on(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    subscriptions = [shop.subscribe() for _ in range(3)]
    shop.server.fault(match={"method": "POST", "path": "/v1/subscriptions/*"}, times=None, status=403)
    news = {**shop.args, "unit_amount": 5, "existing_subscriptions": "migrate"}
    with pytest.raises(Refused, match=r'Price "tokens" could not be deleted: POST /v1/subscriptions/.* Give the'):
        shop.replace(existing_subscriptions="migrate")
    assert shop.active(shop.price)
    assert 'Price "tokens": stopped after 0 of 3 subscriptions; the next `pulumi up` goes on with the others' in said(capsys)

    shop.server.clear_faults()
    (new,) = (p.id for p in shop.client.v1.prices.list({"active": True}).data if p.id != shop.price)
    again, outputs = Run(shop.server), {**shop.outputs, **news}
    handler = again.handler("Price")
    inputs, _ = handler.check(outputs, {**news, "__owner": shop.outputs["__owner"]})
    assert not handler.diff(new, outputs, inputs)
    handler.delete(shop.price, shop.outputs)
    assert {tuple(shop.items(s)) for s in subscriptions} == {((new, None),)}
    assert not shop.active(shop.price)


# -- subscriptions that the stack declares


def declare(shop: Shop, **args: Any) -> tuple[str, Values, Values]:
    customer, _ = shop.run.create("Customer", "c", {"name": "John Doe"})
    declared = {"customer": customer, "items": [{"price": shop.price}], **INVOICED, **args}
    return (*shop.run.create("Subscription", "s", declared), declared)


def use(shop: Shop, subscription: str, value: int) -> None:
    customer = shop.client.v1.subscriptions.retrieve(subscription).customer
    payload = {"stripe_customer_id": str(customer), "value": str(value)}
    shop.client.v1.billing.meter_events.create({"event_name": "tokens", "payload": payload})


def due(shop: Shop, subscription: str) -> int:
    return shop.client.v1.invoices.create_preview({"subscription": subscription}).total


@pytest.mark.parametrize("declared", [True, False])
def test_a_declared_license_keeps_its_quantity_when_its_price_changes(declared: bool, shop: Shop) -> None:
    seat, _, _ = shop.seat()
    quantity = {"quantity": 3} if declared else {}
    id_, outputs, args = declare(shop, items=[{"price": seat, **quantity}])
    if not declared:
        item = outputs["items"][0]["id"]
        shop.client.v1.subscriptions.update(id_, {"items": [{"id": item, "quantity": 3}]})
    dearer, _ = shop.run.create(
        "Price", "dearer", {"currency": "usd", "product": shop.product, "unit_amount": 1, "recurring": MONTHLY}
    )
    after = shop.run.update("Subscription", id_, outputs, {**args, "items": [{"price": dearer, **quantity}]})
    assert after is not None
    assert shop.items(id_) == [(dearer, 3)]


def test_a_quantity_that_leaves_the_program_with_its_price_goes_back_to_one(shop: Shop) -> None:
    seat, _, _ = shop.seat()
    id_, outputs, args = declare(shop, items=[{"price": seat, "quantity": 3}])
    dearer, _ = shop.run.create(
        "Price", "dearer", {"currency": "usd", "product": shop.product, "unit_amount": 1, "recurring": MONTHLY}
    )
    shop.run.update("Subscription", id_, outputs, {**args, "items": [{"price": dearer}]})
    assert shop.items(id_) == [(dearer, 1)]


def test_an_update_that_a_run_had_made_before_it_died_is_made_again_without_harm(shop: Shop) -> None:
    """One item moved, one removed, one added: from the state before, twice."""
    seat, _, _ = shop.seat()
    id_, outputs, args = declare(shop, items=[{"price": shop.price}, {"price": seat, "quantity": 2}])
    use(shop, id_, 25)
    dearer, _ = shop.run.create("Price", "dearer", {**shop.args, "unit_amount": 5})
    extra, _ = shop.run.create(
        "Price", "extra", {"currency": "usd", "product": shop.product, "unit_amount": 1, "recurring": MONTHLY}
    )
    news = {**args, "items": [{"price": dearer}, {"price": extra}]}
    first = shop.run.update("Subscription", id_, outputs, news)
    shop.server.forget_requests()
    again = Run(shop.server).update("Subscription", id_, outputs, news)
    assert again == first
    assert shop.changes() == []
    assert sorted(shop.items(id_), key=str) == sorted([(dearer, None), (extra, 1)], key=str)


def test_an_item_that_somebody_added_stays_when_another_changes(shop: Shop) -> None:
    id_, outputs, args = declare(shop)
    seat, _, _ = shop.seat()
    shop.client.v1.subscriptions.update(id_, {"items": [{"price": seat, "quantity": 2}]})
    dearer, _ = shop.run.create("Price", "dearer", {**shop.args, "unit_amount": 5})
    shop.run.update("Subscription", id_, outputs, {**args, "items": [{"price": dearer}]})
    assert shop.items(id_) == [(dearer, None), (seat, 2)]


@pytest.mark.parametrize("change", ["moved", "removed"])
@pytest.mark.parametrize(
    ("args", "says"),
    [
        ({"proration_behavior": "none"}, "leave proration_behavior out of this change"),
        ({"billing_mode": {"type": "classic"}}, 'declare billing_mode={"type": "flexible"}'),
    ],
    ids=["without prorations", "classic"],
)
def test_a_change_that_would_leave_usage_unbilled_is_refused_before_any_other_request(
    change: str, args: Values, says: str, shop: Shop
) -> None:
    dearer, _ = shop.run.create("Price", "dearer", {**shop.args, "unit_amount": 5})
    seat, _, _ = shop.seat()
    both = [{"price": shop.price}, {"price": seat}]
    id_, outputs, declared = declare(shop, items=both, **args)
    use(shop, id_, 3000)
    shop.server.forget_requests()
    items = [{"price": dearer}, both[1]] if change == "moved" else both[1:]
    with pytest.raises(StripeError, match=f"items: {shop.price} is metered and goes: ") as e:
        shop.run.update("Subscription", id_, outputs, {**declared, "items": items})
    assert says in str(e.value)
    assert shop.changes() == []


def test_it_is_refused_at_preview_where_the_program_knows_the_price_as_metered(shop: Shop) -> None:
    _, outputs, args = declare(shop, proration_behavior="none", __metered=[0])
    handler = shop.run.handler("Subscription")
    unknown = {**args, "items": [{"price": "price_not_made_yet"}], "__owner": outputs["__owner"]}
    shop.server.forget_requests()
    inputs = {**args, "__metered": [0], "__owner": outputs["__owner"]}
    assert [f.path for f in handler.check(inputs, unknown)[1]] == ["items"]
    assert handler.check(inputs, {**unknown, "proration_behavior": None})[1] == []
    assert handler.check(inputs, {**unknown, "items": [*args["items"], {"price": "price_other"}]})[1] == []
    assert handler.check(inputs, {**unknown, "customer": "cus_other"})[1] == [], "another subscription: this one is cancelled"
    classic = {**inputs, "proration_behavior": None, **CLASSIC}
    assert [f.path for f in handler.check(classic, {**unknown, "proration_behavior": None, **CLASSIC})[1]] == ["items"]
    flexible = {"billing_mode": {"type": "flexible"}}
    assert handler.check(classic, {**unknown, "proration_behavior": None, **flexible})[1] == []
    assert [f.path for f in handler.check(classic, {**unknown, **flexible})[1]] == ["items"]
    assert shop.run.sent() == []


def test_a_classic_subscription_becomes_flexible_first_and_its_usage_is_billed(shop: Shop) -> None:
    id_, outputs, args = declare(shop, billing_mode={"type": "classic"})
    use(shop, id_, 25)
    dearer, _ = shop.run.create("Price", "dearer", {**shop.args, "unit_amount": 5})
    news = {**args, "billing_mode": {"type": "flexible"}, "items": [{"price": dearer}]}
    shop.server.forget_requests()
    shop.run.update("Subscription", id_, outputs, news)
    assert shop.changes() == [("POST", f"/v1/subscriptions/{id_}/migrate"), ("POST", f"/v1/subscriptions/{id_}")]
    assert due(shop, id_) == 100
    shop.server.forget_requests()
    Run(shop.server).update("Subscription", id_, outputs, news)
    assert shop.changes() == [], "a run that died after it is not in the way"
