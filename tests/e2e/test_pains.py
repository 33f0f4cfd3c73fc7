"""Fifteen things that users of other tools for Stripe ask for, most painful first: each as they would notice it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.project import Project, sent, written
from tests.e2e.shop import Shop
from tests.stripe_local.server import LIVE_KEY, LocalStripe

pytestmark = pytest.mark.thorough

BEGIN = """
import pulumi
from stripe_resources import Customer, DefaultPrice, Meter, Price, Product, Subscription

product = Product("product", name="Hypernian")
"""


def deployed(project: Project, text: str) -> None:
    project.program(BEGIN + text)
    up = project.up()
    assert up.code == 0, up.text


def settled(project: Project) -> None:
    again = project.preview("--refresh", "--expect-no-changes")
    assert again.code == 0, again.text


DEFAULT = """
price = Price("price", product=product.id, currency="usd", unit_amount=4, lookup_key="tokens")
DefaultPrice("default", product=product.id, default_price=price.id)
"""


# 1


def test_the_new_price_is_there_and_the_default_repointed_before_the_old_one_is_archived(
    project: Project, stripe_server: LocalStripe
) -> None:
    deployed(project, DEFAULT)
    product, old = (project.resources()[name]["id"] for name in ("product", "price"))
    stripe_server.forget_requests()
    project.edit("unit_amount=4", "unit_amount=5")
    up = project.up()
    assert up.code == 0, up.text
    assert sent(written(stripe_server.requests())) == [
        "POST /v1/prices",
        f"POST /v1/products/{product}",
        f"POST /v1/prices/{old}",
    ]
    assert stripe_server.client().v1.products.retrieve(product).default_price == project.resources()["price"]["id"]
    settled(project)


# 2


def test_the_old_price_is_archived(project: Project, stripe_server: LocalStripe) -> None:
    deployed(project, 'Price("price", product=product.id, currency="usd", unit_amount=4)')
    old = project.resources()["price"]["id"]
    project.edit("unit_amount=4", "unit_amount=5")
    assert project.up().code == 0
    prices = stripe_server.client().v1.prices
    assert prices.retrieve(old).active is False
    assert [p.id for p in prices.list({"active": True}).data] == [project.resources()["price"]["id"]]


# 3


def test_a_default_price_can_be_declared_and_stands_in_no_ones_way(project: Project, stripe_server: LocalStripe) -> None:
    deployed(project, DEFAULT)
    price = project.resources()["price"]["id"]
    destroy = project.destroy()
    assert destroy.code == 0, destroy.text
    assert stripe_server.client().v1.prices.retrieve(price).active is False


# 4


def test_a_product_that_has_prices_is_archived_where_it_cannot_be_deleted(project: Project, stripe_server: LocalStripe) -> None:
    deployed(project, 'Price("price", product=product.id, currency="usd", unit_amount=4)\nProduct("alone", name="Alone")')
    product, alone = (project.resources()[name]["id"] for name in ("product", "alone"))
    assert project.destroy().code == 0
    assert stripe_server.client().v1.products.retrieve(product).active is False
    assert stripe_server.http("GET", f"/v1/products/{alone}").status_code == 404


# 5


def test_tiers_are_read_so_that_a_refresh_makes_no_new_price(shop: Shop) -> None:
    tiered = shop.id("tiered")
    shop.project.edit('"unit_amount_decimal": "0.04"', '"unit_amount_decimal": "0.040"')
    assert shop.up("--refresh", "--expect-no-changes") == []
    assert shop.id("tiered") == tiered
    shop.project.edit('"unit_amount_decimal": "0.040"', '"unit_amount_decimal": "0.04"')
    shop.settled = True


# 6


def test_amounts_below_a_cent_are_exact(project: Project, stripe_server: LocalStripe) -> None:
    deployed(project, 'Price("price", product=product.id, currency="usd", unit_amount_decimal="0.000000000001")')
    price = stripe_server.http("GET", f"/v1/prices/{project.resources()['price']['id']}").json()
    assert (price["unit_amount"], price["unit_amount_decimal"]) == (None, "0.000000000001")
    settled(project)


# 7


def test_zero_is_an_amount_and_one_amount_is_sent(project: Project, stripe_server: LocalStripe) -> None:
    deployed(project, 'Price("price", product=product.id, currency="usd", unit_amount=0)')
    (request,) = (r for r in stripe_server.requests() if r["path"] == "/v1/prices" and r["method"] == "POST")
    assert {k: v for k, v in request["parameters"].items() if "amount" in k} == {"unit_amount": "0"}
    settled(project)


# 8


def test_what_stripe_fills_in_never_shows_as_a_change(project: Project) -> None:
    deployed(
        project,
        """
meter = Meter("meter", display_name="Tokens", event_name="tokens", default_aggregation={"formula": "sum"})
recurring = {"interval": "month", "usage_type": "metered", "meter": meter.id}
price = Price("price", product=product.id, currency="usd", unit_amount=4, recurring=recurring)
customer = Customer("customer")
Subscription("subscription", customer=customer.id, items=[{"price": price.id}])
""",
    )
    settled(project)
    assert project.refresh("--expect-no-changes").code == 0


# 9


def test_what_stripe_cannot_change_is_planned_as_a_replacement(shop: Shop) -> None:
    shop.project.edit('"up_to": 10, "unit_amount_decimal"', '"up_to": 20, "unit_amount_decimal"')
    assert ("replace", "tiered") in shop.project.preview().steps
    shop.project.edit('"up_to": 20, "unit_amount_decimal"', '"up_to": 10, "unit_amount_decimal"')
    shop.project.edit("    unit_amount=4,\n", '    unit_amount=4,\n    transform_quantity={"divide_by": 100, "round": "up"},\n')
    assert ("replace", "price") in shop.project.preview().steps
    shop.project.edit('    transform_quantity={"divide_by": 100, "round": "up"},\n', "")
    shop.settled = True


# 10


def test_what_was_deleted_outside_breaks_nothing_and_comes_back(project: Project, stripe_server: LocalStripe) -> None:
    deployed(project, 'Customer("customer", name="John Doe")')
    stripe = stripe_server.client().v1
    stripe.customers.delete(project.resources()["customer"]["id"])
    stripe.products.delete(project.resources()["product"]["id"])
    up = project.up("--refresh")
    assert up.code == 0, up.text
    assert (len(stripe.customers.list().data), len(stripe.products.list().data)) == (1, 1)
    settled(project)


# 11


def test_rate_limits_stop_nothing_however_much_is_done_at_once(project: Project, stripe_server: LocalStripe) -> None:
    project.config("stripe:requestsPerSecond", "1000")
    stripe_server.fault(probability=0.3, seed=4, status=429, headers={"Retry-After": "0"})
    project.program(BEGIN + 'for i in range(20):\n    Price(f"p{i}", product=product.id, currency="usd", unit_amount=i)\n')
    up = project.up("--parallel", "16")
    assert up.code == 0, up.text
    stripe_server.clear_faults()
    assert len(stripe_server.client().v1.prices.list({"limit": 100}).data) == 20
    assert any(r["status"] == 429 for r in stripe_server.requests())


# 12


def test_a_lookup_key_moves_to_the_replacement(project: Project, stripe_server: LocalStripe) -> None:
    deployed(project, 'Price("price", product=product.id, currency="usd", unit_amount=4, lookup_key="tokens")')
    project.edit("unit_amount=4", "unit_amount=5")
    assert project.up().code == 0
    found = stripe_server.client().v1.prices.list({"lookup_keys": ["tokens"]}).data
    assert [(p.id, p.unit_amount) for p in found] == [(project.resources()["price"]["id"], 5)]


# 13


def test_fields_that_stripe_shows_only_when_asked_converge(shop: Shop) -> None:
    shop.project.edit('"eur": {"unit_amount": 5}}', '"eur": {"unit_amount": 6}}')
    assert shop.up() == [("update", "price")]
    shop.settle()
    shop.project.edit('"eur": {"unit_amount": 6}}', '"eur": {"unit_amount": 5}}')
    assert shop.repaired() == [("update", "price")]


# 14


def test_answers_with_fields_and_values_of_tomorrow_break_nothing(project: Project, stripe_server: LocalStripe) -> None:
    deployed(project, "")
    product = project.resources()["product"]["id"]
    known: dict[str, Any] = stripe_server.http("GET", f"/v1/products/{product}").json()
    tomorrow = {**known, "type": "subscription_of_tomorrow", "new_field": {"nested": ["value"]}}
    stripe_server.fault(match={"method": "GET", "path": f"/v1/products/{product}"}, times=None, status=200, body=tomorrow)
    settled(project)


# 15


def test_meters_are_there_and_test_and_live_are_not_confused(
    make_project: Callable[[str], Project], stripe_server: LocalStripe
) -> None:
    project = make_project("dev")
    deployed(project, 'Meter("m", display_name="Tokens", event_name="tokens", default_aggregation={"formula": "sum"})')
    assert [m.event_name for m in stripe_server.client().v1.billing.meters.list().data] == ["tokens"]
    stripe_server.forget_requests()
    wrong = project.preview(STRIPE_API_KEY=LIVE_KEY)
    assert wrong.code == 1
    assert "STRIPE_API_KEY holds a live key, but this stack is not a live one" in wrong.text
    assert LIVE_KEY not in json.dumps(wrong.text)
    assert stripe_server.requests() == []


# And the doubt: a tool that may delete what customers are billed by


BILLED = """
price = Price("price", product=product.id, currency="usd", unit_amount=4, recurring={"interval": "month"})
customer = Customer("customer")
invoiced = {"collection_method": "send_invoice", "days_until_due": 30}
Subscription("subscription", customer=customer.id, items=[{"price": price.id}], **invoiced)
"""


def test_a_live_stack_ends_no_subscription_unless_told_that_it_may(project: Project, stripe_server: LocalStripe) -> None:
    project.config("stripe:livemode", "true")
    project.environment["STRIPE_API_KEY"] = LIVE_KEY
    deployed(project, BILLED)
    stripe_server.forget_requests()
    project.program(BEGIN)
    for run in (project.preview(), project.destroy()):
        assert run.code != 0
        assert "protect" in run.text
    assert written(stripe_server.requests()) == []

    project.config("stripe:allowDelete", "Customer, Subscription, Price")
    deployed(project, BILLED)
    assert written(stripe_server.requests()) == [], "they are protected no more, which is the state's business"
    destroy = project.destroy()
    assert destroy.code == 0, destroy.text
    assert stripe_server.client(LIVE_KEY).v1.subscriptions.list().data == []
