"""Drift as docs/drift.md tells it: the commands of the page, on much that was changed outside at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.docs.checkout import blocks
from tests.e2e.project import Project, typed
from tests.e2e.shop import Shop
from tests.stripe_local.server import LocalStripe

pytestmark = pytest.mark.thorough

CHECK, REPAIR = blocks("docs/drift.md", "sh")


def test_what_the_page_says_works(shop: Shop) -> None:
    stripe = shop.stripe
    subscription = stripe.subscriptions.retrieve(shop.id("subscription"))
    seats = next(i for i in subscription["items"].data if i.price.id == shop.id("seats"))
    extra = stripe.prices.create(
        {"product": shop.id("product"), "currency": "usd", "unit_amount": 1, "recurring": {"interval": "month"}}
    )
    assert typed(shop.project, CHECK).returncode == 0, "nothing was changed yet: the extra price is nobody's here"

    items: Any = [{"id": seats.id, "quantity": 9}, {"price": extra.id}]
    stripe.subscriptions.update(subscription.id, {"items": items, "metadata": {"theirs": "kept"}})
    stripe.products.update(shop.id("product"), {"name": "Theirs", "active": False, "metadata": {"team": "theirs", "x": "kept"}})
    stripe.prices.update(shop.id("price"), {"nickname": "Theirs", "metadata": {"team": ""}, "lookup_key": ""})
    check = typed(shop.project, CHECK)
    assert check.returncode != 0
    assert "3 to update" in check.stdout, check.stdout

    repair = typed(shop.project, REPAIR)
    assert repair.returncode == 0, repair.stdout
    after = typed(shop.project, CHECK)
    assert after.returncode == 0, after.stdout
    shop.settled = True
    product, price = stripe.products.retrieve(shop.id("product")), stripe.prices.retrieve(shop.id("price"))
    assert (product.name, product.active) == ("Hypernian", True)
    assert (product.metadata["team"], product.metadata["x"]) == ("billing", "kept")
    assert (price.nickname, price.lookup_key, price.metadata["team"]) == ("Tokens", "tokens", "billing")
    repaired = stripe.subscriptions.retrieve(subscription.id)
    assert [(i.price.id, i.quantity) for i in repaired["items"].data if i.id == seats.id] == [(shop.id("seats"), 2)]
    assert extra.id not in [i.price.id for i in repaired["items"].data]
    assert repaired.metadata["theirs"] == "kept"


def test_a_lookup_key_that_another_price_has_is_taken_back_only_when_asked_for(
    project: Project, stripe_server: LocalStripe
) -> None:
    project.program("""
from stripe_resources import Price, Product

product = Product("product", name="Hypernian")
Price("price", product=product.id, currency="usd", unit_amount=4, lookup_key="tokens")
""")
    assert project.up().code == 0
    stripe = stripe_server.client().v1
    product = project.resources()["product"]["id"]
    theirs = stripe.prices.create(
        {"product": product, "currency": "usd", "unit_amount": 5, "lookup_key": "tokens", "transfer_lookup_key": True}
    )
    refused = project.up("--refresh")
    assert refused.code != 0
    assert f'Price "price" could not be updated: lookup_key: "tokens" belongs to {theirs.id}, an active price' in refused.text
    assert stripe.prices.retrieve(theirs.id).lookup_key == "tokens"

    project.edit('lookup_key="tokens"', 'lookup_key="tokens", transfer_lookup_key=True')
    assert project.up("--refresh").code == 0
    assert [p.id for p in stripe.prices.list({"lookup_keys": ["tokens"]}).data] == [project.resources()["price"]["id"]]
    assert project.preview("--refresh", "--expect-no-changes").code == 0
