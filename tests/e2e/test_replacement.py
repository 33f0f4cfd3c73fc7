"""A price is replaced: in which order, and what becomes of subscriptions that the program declares, and of those it does not."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from typing import Any

import psutil
import pytest
import stripe

from tests.e2e.project import Project, sent
from tests.stripe_local.server import LocalStripe

pytestmark = pytest.mark.thorough

CATALOGUE = """
import pulumi
from stripe_resources import Customer, DefaultPrice, Meter, Price, Product, Subscription

meter = Meter("tokens", display_name="Tokens", event_name="tokens", default_aggregation={"formula": "sum"})
product = Product("hypernian", name="Hypernian")
price = Price(
    "tokens-monthly",
    product=product.id,
    currency="usd",
    unit_amount=4,
    transform_quantity={"divide_by": 100, "round": "up"},
    recurring={"interval": "month", "usage_type": "metered", "meter": meter.id},
    lookup_key="tokens_monthly",
    existing_subscriptions="migrate",
)
default = DefaultPrice("default", product=product.id, default_price=price.id)
customer = Customer("john-doe", name="John Doe")
subscription = Subscription("john-doe-tokens", customer=customer.id, items=[{"price": price.id}])
for name in ("meter", "product", "price", "customer", "subscription"):
    pulumi.export(name, globals()[name].id)
"""


@pytest.fixture
def project(project: Project) -> Project:
    project.program(CATALOGUE)
    up = project.up()
    assert up.code == 0, up.text
    return project


def subscribe(server: LocalStripe, price: str, **params: Any) -> str:
    """A subscription that nobody declares."""
    client = server.client()
    customer = client.v1.customers.create({"name": "Jane Doe"})
    made: Any = {"customer": customer.id, "items": [{"price": price}], **params}
    return client.v1.subscriptions.create(made).id


def price_of(server: LocalStripe, subscription: str) -> str:
    price: str = server.http("GET", f"/v1/subscriptions/{subscription}").json()["items"]["data"][0]["price"]["id"]
    return price


def default_price(client: stripe.StripeClient, product: str) -> Any:
    return client.v1.products.retrieve(product).default_price


def test_the_order_of_everything(project: Project, stripe_server: LocalStripe) -> None:
    before = project.outputs()
    old, product, declared = before["price"], before["product"], before["subscription"]
    theirs = subscribe(stripe_server, old)
    stripe_server.forget_requests()
    project.edit("unit_amount=4", "unit_amount=5")

    preview = project.preview()
    assert (preview.code, preview.summary) == (0, {"replace": 1, "update": 2, "same": 4})
    assert stripe_server.requests() == []

    up = project.up()
    assert up.code == 0, up.text
    new = project.outputs()["price"]
    looked_up, *requests = stripe_server.requests()
    assert sent([looked_up]) == ["GET /v1/prices"], "what a run that died may have left"
    middle = requests[1:5]
    assert sent(requests[:1]) == ["POST /v1/prices"]
    # The engine updates what depends on the price at the same time.
    assert sorted(sent(middle)) == [
        f"GET /v1/subscriptions/{declared}",  # which state has it
        f"GET /v1/subscriptions/{declared}",  # and its items, right before they change
        f"POST /v1/products/{product}",
        f"POST /v1/subscriptions/{declared}",
    ]
    assert sent(requests[5:]) == [
        "GET /v1/subscriptions",
        f"GET /v1/prices/{new}",
        f"GET /v1/subscriptions/{theirs}",
        f"POST /v1/subscriptions/{theirs}",
        "GET /v1/subscriptions",
        f"POST /v1/prices/{old}",
    ]
    assert requests[0]["parameters"]["transfer_lookup_key"] == "true"
    by_path = {r["path"]: r["parameters"] for r in middle if r["method"] == "POST"}
    assert by_path[f"/v1/products/{product}"] == {"default_price": new}
    assert [i["price"] for i in by_path[f"/v1/subscriptions/{declared}"]["items"]] == [new]
    assert requests[8]["parameters"]["proration_behavior"] == "create_prorations"
    assert requests[10]["parameters"]["active"] == "false"

    client = stripe_server.client()
    assert {price_of(stripe_server, s) for s in (declared, theirs)} == {new}
    assert (client.v1.prices.retrieve(old).lookup_key, client.v1.prices.retrieve(new).lookup_key) == (None, "tokens_monthly")
    assert default_price(client, product) == new
    assert f'Price "tokens-monthly": 1 subscription moved to {new}' in up.text
    assert project.preview("--refresh", "--expect-no-changes").code == 0


def test_grandfathered_by_default(project: Project, stripe_server: LocalStripe) -> None:
    project.edit('    existing_subscriptions="migrate",\n', "")
    old = project.outputs()["price"]
    theirs = subscribe(stripe_server, old)
    assert project.up().code == 0
    stripe_server.forget_requests()
    project.edit("unit_amount=4", "unit_amount=5")
    up = project.up()
    assert up.code == 0, up.text
    assert "GET /v1/subscriptions" not in sent(stripe_server.requests())
    assert price_of(stripe_server, theirs) == old
    assert stripe_server.client().v1.prices.retrieve(old).active is False


def test_what_the_preview_shows(project: Project, stripe_server: LocalStripe) -> None:
    project.edit('existing_subscriptions="migrate"', 'existing_subscriptions="grandfather"')
    stripe_server.forget_requests()
    preview = project.preview()
    assert (preview.code, preview.steps) == (0, [("update", "tokens-monthly")])
    shown = project.run("preview", "--stack", "dev", "--diff", "--color", "never").stdout
    assert "existing_subscriptions" in shown
    assert "migrate" in shown
    up = project.up()
    assert (up.code, up.steps) == (0, [("update", "tokens-monthly")])
    assert stripe_server.requests() == [], "what will become of them is the state's business"


@pytest.mark.parametrize("whole", [True, False], ids=["engine and host", "engine alone"])
def test_a_killed_migration_goes_on_where_it_was(whole: bool, project: Project, stripe_server: LocalStripe) -> None:
    old = project.outputs()["price"]
    theirs = [subscribe(stripe_server, old) for _ in range(60)]
    stripe_server.forget_requests()
    project.edit("unit_amount=4", "unit_amount=5")

    engine = project.begin("up", "--yes", "--skip-preview")
    while moves(stripe_server).total() < 15:
        assert engine.poll() is None, "it must not be over before it is killed"
        time.sleep(0.02)
    hosts = psutil.Process(engine.pid).children(recursive=True) if whole else []
    engine.kill()
    engine.wait()
    for host in hosts:
        with contextlib.suppress(psutil.NoSuchProcess):  # it may have ended with the engine
            host.kill()
    assert moves(stripe_server).total() < 60
    assert stripe_server.client().v1.prices.retrieve(old).active is True

    project.run("cancel", "--yes", "dev", check=True)
    up = project.up()
    assert up.code == 0, up.text
    new = project.outputs()["price"]
    assert {price_of(stripe_server, s) for s in theirs} == {new}
    assert moves(stripe_server) == {f"/v1/subscriptions/{s}": 1 for s in theirs}, "each was moved, and once"
    assert stripe_server.client().v1.prices.retrieve(old).active is False
    assert [p.id for p in stripe_server.client().v1.prices.list({"active": True}).data] == [new]
    assert project.preview("--expect-no-changes").code == 0


def moves(server: LocalStripe) -> Counter[str]:
    """How often each subscription that nobody declares was changed; a repeated answer is no change."""
    posts = (r for r in server.requests() if r["method"] == "POST" and r["path"].startswith("/v1/subscriptions/"))
    done = (r for r in posts if r["status"] == 200 and not r["replayed"])
    return Counter(r["path"] for r in done if "proration_behavior" in r["parameters"])


def test_a_default_price_is_unset_before_its_price_is_archived(project: Project, stripe_server: LocalStripe) -> None:
    ids = project.outputs()
    stripe_server.forget_requests()
    destroyed = project.destroy()
    assert destroyed.code == 0, destroyed.text
    changes = [line for line in sent(stripe_server.requests()) if not line.startswith("GET")]
    unset = changes.index(f"POST /v1/products/{ids['product']}")
    archived = changes.index(f"POST /v1/prices/{ids['price']}")
    assert unset < archived < changes.index(f"DELETE /v1/products/{ids['product']}")
    client = stripe_server.client()
    assert (default_price(client, ids["product"]), client.v1.products.retrieve(ids["product"]).active) == (None, False)
    again = project.up()
    assert again.code == 0, again.text
    after = project.outputs()
    assert default_price(client, after["product"]) == after["price"]


def test_a_default_price_that_somebody_changed_is_put_back(project: Project, stripe_server: LocalStripe) -> None:
    ids, client = project.outputs(), stripe_server.client()
    client.v1.products.update(ids["product"], {"default_price": ""})
    assert project.preview("--refresh", "--expect-no-changes").code != 0
    up = project.up("--refresh")
    assert up.code == 0, up.text
    assert default_price(client, ids["product"]) == ids["price"]
    assert project.preview("--refresh", "--expect-no-changes").code == 0


def test_a_default_price_whose_price_has_to_go_first(project: Project, stripe_server: LocalStripe) -> None:
    """Another meter under the same event name: the old one goes first, and the price that hangs on it with it."""
    before = project.outputs()
    project.edit('{"formula": "sum"}', '{"formula": "count"}')
    up = project.up()
    assert up.code == 0, up.text
    after = project.outputs()
    assert after["price"] != before["price"]
    assert default_price(stripe_server.client(), after["product"]) == after["price"]
    assert price_of(stripe_server, after["subscription"]) == after["price"]
    assert project.preview("--refresh", "--expect-no-changes").code == 0


@pytest.mark.parametrize("name", ["default", "tokens-monthly"])
def test_a_forced_replacement_leaves_a_default_price(name: str, project: Project, stripe_server: LocalStripe) -> None:
    up = project.up("--replace", project.resources()[name]["urn"])
    assert up.code == 0, up.text
    after = project.outputs()
    assert default_price(stripe_server.client(), after["product"]) == after["price"]
    assert project.preview("--refresh", "--expect-no-changes").code == 0


def test_a_default_price_set_in_the_dashboard_does_not_stop_a_replacement(project: Project, stripe_server: LocalStripe) -> None:
    project.edit('default = DefaultPrice("default", product=product.id, default_price=price.id)\n', "")
    assert project.up().code == 0
    before, client = project.outputs(), stripe_server.client()
    client.v1.products.update(before["product"], {"default_price": before["price"]})
    project.edit("unit_amount=4", "unit_amount=5")
    up = project.up()
    assert up.code == 0, up.text
    after = project.outputs()
    assert default_price(client, after["product"]) == after["price"]
    said = f"{before['price']} was the default price of {after['product']}, which has {after['price']} now"
    assert f'Price "tokens-monthly": {said}' in up.text
    assert client.v1.prices.retrieve(before["price"]).active is False


def test_usage_that_would_be_lost_is_refused_at_preview(project: Project, stripe_server: LocalStripe) -> None:
    project.edit('items=[{"price": price.id}]', 'items=[{"price": price.id}], proration_behavior="none"')
    assert project.up().code == 0
    project.edit("unit_amount=4", "unit_amount=5")
    stripe_server.forget_requests()
    preview = project.preview()
    assert preview.code != 0
    assert "leave proration_behavior out of this change" in preview.errors
    assert project.up().code != 0
    assert [r for r in stripe_server.requests() if r["path"].startswith("/v1/subscriptions")] == []
