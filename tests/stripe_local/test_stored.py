"""Objects changed past the API: states that the Dashboard, a schedule or a failed payment produces."""

from __future__ import annotations

from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import Guide, make_guide, refusal
from tests.stripe_local.server import LIVE_KEY, LocalStripe


@pytest.fixture
def guide(client: StripeClient) -> Guide:
    return make_guide(client)


def test_a_subscription_that_a_schedule_manages(server: LocalStripe, guide: Guide) -> None:
    assert guide.subscription.schedule is None
    server.change(guide.subscription.id, schedule="sub_sched_1")
    found = guide.client.v1.subscriptions.retrieve(guide.subscription.id)
    assert (found.schedule, found.status) == ("sub_sched_1", "active")
    assert [item.id for item in found.items.data] == [guide.item.id], "everything else stays"
    assert guide.client.v1.subscriptions.list({"price": guide.price.id}).data[0].schedule == "sub_sched_1"


def test_a_subscription_whose_payment_failed(server: LocalStripe, guide: Guide) -> None:
    server.change(guide.subscription.id, status="unpaid")
    assert [found.id for found in guide.client.v1.subscriptions.list({"status": "unpaid"}).data] == [guide.subscription.id]


def test_a_subscription_that_is_over_is_not_billed_again(server: LocalStripe, guide: Guide) -> None:
    guide.use(25)
    server.change(guide.subscription.id, status="canceled")
    server.clock(advance=40 * 86400)
    assert guide.invoices() == []


def test_what_the_api_refuses(server: LocalStripe, guide: Guide) -> None:
    """A default price that is archived, and an amount that changed."""
    client, product = guide.client, guide.price.product
    client.v1.products.update(product, {"default_price": guide.price.id})
    assert refusal(client.v1.prices.update, guide.price.id, {"active": False}).http_status == 400
    server.change(guide.price.id, active=False, unit_amount=7, unit_amount_decimal="7")
    price = client.v1.prices.retrieve(guide.price.id)
    assert (price.active, price.unit_amount, price.nickname) == (False, 7, None)
    assert client.v1.products.retrieve(product).default_price == price.id


def test_a_meter_and_a_product(server: LocalStripe, guide: Guide) -> None:
    now = server.clock(advance=100)
    server.change(guide.meter.id, status="inactive", status_transitions={"deactivated_at": now})
    meter = guide.client.v1.billing.meters.retrieve(guide.meter.id)
    assert (meter.status, meter.status_transitions.deactivated_at) == ("inactive", now)
    assert meter.updated >= now
    server.change(guide.price.product, metadata={"a": "1"}, name="Renamed")
    product = guide.client.v1.products.retrieve(guide.price.product)
    assert (product.name, product.metadata.to_dict()) == ("Renamed", {"a": "1"})


def test_a_price_that_nothing_names_can_be_removed(server: LocalStripe, guide: Guide) -> None:
    unused = guide.new_price(5).id
    server.remove(unused)
    error = refusal(guide.client.v1.prices.retrieve, unused)
    assert (error.http_status, error.code) == (404, "resource_missing")
    for id, naming in ((guide.price.id, guide.item.id), (guide.customer.id, guide.subscription.id)):
        refused = server.http("DELETE", f"/_local/objects/{id}")
        assert (refused.status_code, refused.json()["error"]["message"]) == (
            400,
            f"{id} cannot be removed while {naming} names it.",
        )
    assert guide.client.v1.prices.retrieve(guide.price.id).active


def test_modes_are_apart(server: LocalStripe) -> None:
    made = server.client(LIVE_KEY).v1.products.create({"name": "a"}).id
    assert server.http("POST", f"/_local/objects/{made}", json={"name": "b"}).status_code == 404
    server.change(made, livemode=True, name="b")
    assert server.client(LIVE_KEY).v1.products.retrieve(made).name == "b"
    server.remove(made, livemode=True)
    assert server.client(LIVE_KEY).v1.products.list().data == []


@pytest.mark.parametrize(
    "fields", [{"nonsense": 1}, {"id": "price_1"}, {"object": "plan"}, {"livemode": True}, {"_inline": True}]
)
def test_what_is_no_field_of_the_object_is_refused_and_nothing_is_done(
    server: LocalStripe, guide: Guide, fields: dict[str, Any]
) -> None:
    refused = server.http("POST", f"/_local/objects/{guide.price.id}", json={"active": False, **fields})
    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == next(iter(fields))
    assert guide.client.v1.prices.retrieve(guide.price.id).active


def test_malformed_orders(server: LocalStripe, guide: Guide) -> None:
    path = f"/_local/objects/{guide.price.id}"
    assert server.http("POST", path, content=b"nonsense").status_code == 400
    assert server.http("POST", f"{path}?livemode=maybe", json={"active": False}).status_code == 400
    assert server.http("POST", "/_local/objects/price_none", json={"active": False}).status_code == 404
    assert server.http("DELETE", "/_local/objects/price_none").status_code == 404
