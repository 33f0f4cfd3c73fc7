"""Drift that is no single field: objects that are gone or out of use, items, lookup keys, ends that were declared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.kinds.test_meter import METER
from tests.stripe_resources.kinds.test_product import PRODUCT

from .kinds.test_price import FLAT as PRICE
from .kinds.test_subscription import subscribed
from .run import Run, read
from .sample import Values
from .world import World

DAY = 24 * 3600


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


# -- an end that the program declares


# -- items


# -- amounts and lookup keys


# -- what Stripe need not know
