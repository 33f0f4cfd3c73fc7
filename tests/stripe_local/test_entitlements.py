"""What customers are entitled to, and the event that tells of it, through Stripe's client. Pages are below docs.stripe.com."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import pytest
import stripe
from stripe import StripeClient

from tests.stripe_local.guide import refusal
from tests.stripe_local.receiver import Receiver
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.shapes import check, plain
from tests.stripe_local.shop import DAY, Shop

TYPE = "entitlements.active_entitlement_summary.updated"


@pytest.fixture
def shop(server: LocalStripe, client: StripeClient) -> Shop:
    return Shop(server, client)


def attach(shop: Shop, *keys: str, product: str = "") -> list[str]:
    """New features of a product, by default the shop's; what attaches each."""
    features = [shop.v1.entitlements.features.create({"name": key, "lookup_key": key}).id for key in keys]
    place = product or shop.product
    return [shop.v1.products.features.create(place, {"entitlement_feature": feature}).id for feature in features]


def told(shop: Shop) -> list[dict[str, Any]]:
    """The events, oldest first."""
    return [plain(event) for event in shop.v1.events.list({"type": TYPE, "limit": 100}).data][::-1]


def keys(summary: dict[str, Any]) -> list[str]:
    return [one["lookup_key"] for one in summary["entitlements"]["data"]]


def steps(shop: Shop) -> list[tuple[list[str], list[str]]]:
    """Of each event, what the customer was entitled to before, and what since."""
    return [(keys(event["data"]["previous_attributes"]), keys(event["data"]["object"])) for event in told(shop)]


def test_what_a_customer_is_entitled_to(server: LocalStripe, shop: Shop) -> None:
    """billing/entitlements: the features of the products of active subscriptions, each once, until these end."""
    attach(shop, "sso", "audit")
    made = shop.subscribe(shop.price(100), shop.price(200), trial_period_days=3)
    listed = shop.v1.entitlements.active_entitlements.list({"customer": made.customer, "limit": 1, "expand": ["data.feature"]})
    assert ([one.lookup_key for one in listed.data], listed.has_more) == (["audit"], True)
    assert listed.data[0].feature.name == "audit"  # type: ignore[union-attr]
    assert shop.v1.entitlements.active_entitlements.retrieve(listed.data[0].id).lookup_key == "audit"
    assert shop.v1.entitlements.active_entitlements.list({"customer": shop.customer()}).data == []
    shop.update(made, cancel_at_period_end=True)
    server.clock(advance=4 * DAY)
    assert shop.v1.entitlements.active_entitlements.list({"customer": made.customer}).data == []
    assert refusal(shop.v1.entitlements.active_entitlements.retrieve, listed.data[0].id).http_status == 404
    assert steps(shop) == [([], ["audit", "sso"]), (["audit", "sso"], [])], "the trial's end is the end"


def test_the_summary(shop: Shop) -> None:
    """billing/entitlements: the example of the event, which names no request; the first ten are in it."""
    attach(shop, *(f"feature-{number}" for number in range(11)))
    made = shop.subscribe(shop.price(100))
    (event,) = told(shop)
    summary = event["data"]["object"]
    check(summary, stripe.entitlements.ActiveEntitlementSummary)
    check(summary["entitlements"]["data"][0], stripe.entitlements.ActiveEntitlement)
    assert (summary["customer"], summary["livemode"]) == (made.customer, False)
    listed = shop.v1.entitlements.active_entitlements.list({"customer": made.customer})
    assert summary["entitlements"] == {
        "object": "list",
        "data": [plain(one) for one in listed.data],
        "has_more": True,
        "url": f"/v1/customer/{made.customer}/entitlements",
    }
    assert len(listed.data) == 10
    assert event["data"]["previous_attributes"] == {"entitlements": {"data": []}}
    assert event["request"] == {"id": None, "idempotency_key": None}
    (thin,) = shop.server.http("GET", f"/v2/core/events?types[0]=v1.{TYPE}").json()["data"]
    assert (thin["snapshot_event"], thin.get("related_object")) == (event["id"], None)


def test_a_life_with_entitlements(server: LocalStripe, shop: Shop) -> None:
    """billing/entitlements: "Occurs each time a customer's active entitlements change", and only then."""
    attach(shop, "basic")
    better = shop.v1.products.create({"name": "Better"}).id
    attach(shop, "better", product=better)
    free, dear = shop.price(0), shop.price(200, product=better)
    first = shop.subscribe(free)
    shop.update(first, metadata={"a": "b"})
    shop.update(first, items=[{"id": first["items"].data[0].id, "quantity": 2}])
    assert steps(shop) == [([], ["basic"])]
    server.clock(advance=32 * DAY)
    assert told(shop) == [], "the first is too old to be listed, and another period changes nothing"
    second: Any = {"customer": first.customer, "items": [{"price": free}]}
    other = shop.v1.subscriptions.create(second)
    shop.v1.subscriptions.cancel(other.id)
    assert told(shop) == [], "what two subscriptions give is there once, and as long as one gives it"
    shop.update(first, items=[{"id": first["items"].data[0].id, "price": dear}])
    shop.v1.subscriptions.create(second)
    shop.v1.customers.delete(first.customer)
    assert steps(shop) == [(["basic"], ["better"]), (["better"], ["better", "basic"]), (["better", "basic"], [])]


def test_what_is_not_paid_entitles_to_nothing_yet(shop: Shop) -> None:
    """billing/subscriptions/overview#payment-status: provision access when the subscription is active."""
    attach(shop, "sso")
    made = shop.subscribe(shop.price(100), card=False, payment_behavior="default_incomplete")
    assert told(shop) == []
    shop.v1.payment_methods.attach("pm_card_visa", {"customer": made.customer})
    method = shop.v1.payment_methods.list({"customer": made.customer}).data[0].id
    shop.v1.invoices.pay(str(made.latest_invoice), {"payment_method": method})
    assert steps(shop) == [([], ["sso"])]


def test_features_of_a_product_change_at_the_next_period(server: LocalStripe, shop: Shop) -> None:
    """billing/entitlements: "Existing subscriptions will create active entitlements for any product feature changes at the
    start of the next billing period"."""
    made = shop.subscribe(shop.price(100))
    (first,) = attach(shop, "first")
    assert told(shop) == []
    server.clock(advance=32 * DAY)
    assert steps(shop) == [([], ["first"])]
    shop.v1.products.features.delete(shop.product, first)
    attach(shop, "second")
    listed = shop.v1.entitlements.active_entitlements.list({"customer": made.customer})
    assert ([one.lookup_key for one in listed.data], len(told(shop))) == (["first"], 1)
    server.clock(advance=32 * DAY)
    assert steps(shop) == [(["first"], ["second"])]


def test_without_features_nothing_is_told(server: LocalStripe, shop: Shop) -> None:
    made = shop.subscribe(shop.price(100))
    server.clock(advance=32 * DAY)
    shop.v1.subscriptions.cancel(made.id)
    assert told(shop) == []


def test_a_webhook_is_told(shop: Shop) -> None:
    """billing/entitlements#webhooks"""
    attach(shop, "sso")
    with closing(Receiver()) as receiver:
        wanted: Any = {"url": receiver.url, "enabled_events": [TYPE]}
        shop.v1.webhook_endpoints.create(wanted)
        made = shop.subscribe(shop.price(100))
        body, _ = receiver.deliveries.get(timeout=60)
    event = json.loads(body)
    summary = event["data"]["object"]
    assert (event["type"], summary["customer"], keys(summary)) == (TYPE, made.customer, ["sso"])
