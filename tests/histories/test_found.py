"""Histories in which something was lost, twice or left over once: the shortest of each kind."""

from __future__ import annotations

import pytest

from tests.histories.accidents import Between
from tests.histories.history import Edit, Lose, Rename, Step, Up, tell
from tests.histories.programs import Ref
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.handler_stack import HandlerStack

METER = {"display_name": "one", "event_name": "m1", "default_aggregation": {"formula": "sum"}}
PRICE = {
    "currency": "usd",
    "product": Ref("Product/p"),
    "unit_amount": 1,
    "recurring": {"interval": "month", "usage_type": "metered", "meter": Ref("Meter/m")},
}
LICENSED = {**PRICE, "recurring": {"interval": "month"}}
SUBSCRIPTION = {
    "customer": Ref("Customer/c"),
    "items": [{"price": Ref("Price/a")}],
    "collection_method": "send_invoice",
    "days_until_due": 30,
}
CLASSIC, FLEXIBLE = {"billing_mode": {"type": "classic"}}, {"billing_mode": {"type": "flexible"}}


def declared(subscription: dict[str, object]) -> list[Step]:
    """A subscription to a metered price, and all that it needs."""
    resources = {
        "Meter/m": METER,
        "Product/p": {"name": "one"},
        "Price/a": PRICE,
        "Customer/c": {},
        "Subscription/s": {**SUBSCRIPTION, **subscription},
    }
    return [Edit(slot, args) for slot, args in resources.items()]


FOUND: dict[str, list[Step]] = {
    "renamed while what it stands on has to go first": [
        *declared(FLEXIBLE),
        Up(),
        Edit("Meter/m", {**METER, "default_aggregation": {"formula": "count"}}),
        Rename("Subscription/s"),
        Up(),
    ],
    "a price that an earlier run left is looked for when its subscription is replaced": [
        *declared(FLEXIBLE),
        Up(),
        Lose(),
        Edit("Price/a", {**PRICE, "unit_amount": 2}),
        Edit("Subscription/s", {**SUBSCRIPTION, **CLASSIC}),
        Up(Between(step=4)),  # the price is in the state, and its subscription is not
        Up(),
    ],
    "a classic subscription becomes flexible in place after a lost state": [
        *declared(CLASSIC),
        Up(),
        Lose(),
        Edit("Price/a", {**PRICE, "unit_amount": 2}),
        Up(),
    ],
    "a meter is replaced, and a forgotten one has the event name": [
        Edit("Meter/m", {**METER, "event_name": "m2"}),
        Up(),
        Lose(),
        Edit("Meter/m", METER),
        Up(),
        Edit("Meter/m", {**METER, "event_name": "m2"}),
        Up(),
    ],
    "an item becomes metered whose quantity nobody declared": [
        *declared(FLEXIBLE),
        Edit("Price/b", LICENSED),
        Edit("Subscription/s", {**SUBSCRIPTION, "items": [{"price": Ref("Price/b"), "quantity": 3}]}),
        Up(),
        Lose(),
        Edit("Subscription/s", SUBSCRIPTION),
        Up(),
    ],
    "a product of its own id is given up and taken back with less": [
        Edit("Product/p", {"name": "one", "product_id": "own-p", "unit_label": "one", "metadata": {"a": "one"}}),
        Edit("Price/a", LICENSED),
        Up(),
        Edit("Product/p", {"name": "one"}),
        Up(),
        Edit("Product/p", {"name": "one", "product_id": "own-p"}),
        Up(),
    ],
}


@pytest.mark.parametrize("history", FOUND.values(), ids=[name.replace(" ", "-") for name in FOUND])
def test_found(history: list[Step], server: LocalStripe) -> None:
    tell(history, HandlerStack(server), server)


@pytest.fixture
def server(shared_server: LocalStripe) -> LocalStripe:
    shared_server.reset()
    return shared_server
