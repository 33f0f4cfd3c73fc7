"""Replacing a price against a real local Stripe: its product's default, its subscriptions, and what is billed for them."""

from __future__ import annotations

from typing import Any

import pytest

from stripe_resources import Refused, StripeError
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.test_handlers import Run, Values
from tests.wrong_inputs import METER, PRODUCT

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
