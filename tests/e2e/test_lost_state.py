"""A state that is lost, and a program that says something else by then: what the preview says, and what is left at Stripe."""

from __future__ import annotations

import shutil

import pytest

from tests.e2e.project import Project, sent, written
from tests.stripe_local.server import LocalStripe

PROGRAM = """
from stripe_resources import Customer, Meter, Price, Product, Subscription

product = Product("llm", name="Hypernian")
meter = Meter("tokens", display_name="Tokens", event_name="tokens", default_aggregation={"formula": "sum"})
metered = {"interval": "month", "usage_type": "metered", "meter": meter.id}
price = Price("tokens", product=product.id, currency="usd", unit_amount=4, recurring=metered, lookup_key="tokens")
customer = Customer("john", name="John Doe")
Subscription(
    "john", customer=customer.id, items=[{"price": price.id}], collection_method="send_invoice", days_until_due=30
)
"""


def lose_the_state(project: Project) -> None:
    shutil.rmtree(project.folder / "state")
    (project.folder / "state").mkdir()
    project.run("stack", "init", project.stack, check=True)


def ids(project: Project) -> dict[str, str]:
    """By kind, of which there is one each."""
    resources = project.state()["deployment"]["resources"]
    return {r["type"].rpartition(":")[2]: r["id"] for r in resources if "dynamic/stripe:" in r["type"]}


@pytest.mark.timeout(300)
@pytest.mark.thorough
def test_a_price_that_changed_is_replaced_and_the_subscription_moves_before_the_old_one_goes(
    project: Project, stripe_server: LocalStripe
) -> None:
    project.program(PROGRAM)
    assert project.up().code == 0
    project.edit("unit_amount=4", "unit_amount=5")
    assert project.up().code == 0
    ids = {name: resource["id"] for name, resource in project.resources().items() if "id" in resource}
    lose_the_state(project)
    project.edit("unit_amount=5", "unit_amount=4")

    stripe_server.forget_requests()
    preview = project.preview()
    assert preview.code == 0, preview.text
    (old,) = (p.id for p in stripe_server.client().v1.prices.list({"active": True}).data)
    assert f'Price "tokens": replaces {old}, which an earlier run left: unit_amount is 5, not 4' in preview.text
    assert f'Product "llm": finds {ids["llm"]} again' in preview.text
    assert written(stripe_server.requests()) == []

    up = project.up()
    assert up.code == 0, up.text
    (subscription,) = stripe_server.client().v1.subscriptions.list().data
    (new,) = (p.id for p in stripe_server.client().v1.prices.list({"active": True}).data)
    assert [i.price.id for i in subscription["items"].data] == [new]
    changes = [r for r in written(stripe_server.requests()) if r["status"] == 200]
    # Before these, Stripe repeats its answers to the first requests for the meter and the price of 4 cents.
    assert sent(changes)[-3:] == ["POST /v1/prices", f"POST /v1/subscriptions/{subscription.id}", f"POST /v1/prices/{old}"]

    stripe_server.forget_requests()
    assert project.up("--expect-no-changes").code == 0
    assert stripe_server.requests() == []


@pytest.mark.timeout(300)
@pytest.mark.thorough
def test_who_cannot_be_moved_stays_on_a_price_in_use_until_the_next_up_moves_him(
    project: Project, stripe_server: LocalStripe
) -> None:
    project.program(PROGRAM.partition("customer =")[0].replace('"tokens")\n', '"tokens", existing_subscriptions="migrate")\n'))
    assert project.up().code == 0
    client = stripe_server.client().v1
    (old,) = (p.id for p in client.prices.list({"active": True}).data)
    declared = {"customer": client.customers.create().id, "collection_method": "send_invoice", "days_until_due": 30}
    subscription = client.subscriptions.create({**declared, "items": [{"price": old}], "billing_mode": {"type": "classic"}}).id
    project.edit("unit_amount=4", "unit_amount=5")
    up = project.up()
    assert up.code != 0
    assert f"1 subscription would stay on {old}, which is therefore not archived: under classic billing" in up.text
    assert client.prices.retrieve(old).active
    stripe_server.client().raw_request("post", f"/v1/subscriptions/{subscription}/migrate", billing_mode={"type": "flexible"})
    assert project.up().code == 0
    assert not client.prices.retrieve(old).active
    (item,) = client.subscriptions.retrieve(subscription)["items"].data
    assert item.price.unit_amount == 5


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_what_was_renamed_or_moved_into_a_component_meanwhile_is_found_again(
    project: Project, stripe_server: LocalStripe
) -> None:
    project.program(PROGRAM)
    assert project.up().code == 0
    before = ids(project)
    lose_the_state(project)
    stripe_server.clock(advance=30 * 3600)  # Stripe repeats no answer any more
    renamed = """
from pulumi import Alias, ComponentResource, ResourceOptions as Opts
plan = ComponentResource("my:index:Plan", "plan")
in_the_plan = Opts(parent=plan, aliases=[Alias(name="tokens", parent=None)])
not_john = Opts(aliases=[Alias(name="john")])
"""
    project.program(renamed + PROGRAM.replace('"tokens", product', '"monthly", in_the_plan, product'))
    project.edit('"john", ', '"john-doe", not_john, ')

    preview = project.preview()
    for kind, old, new in (
        ("Price", "tokens", "monthly"),
        ("Customer", "john", "john-doe"),
        ("Subscription", "john", "john-doe"),
    ):
        assert f'{kind} "{new}": finds {before[kind]} again under its former name "{old}"' in preview.text
    stripe_server.forget_requests()
    up = project.up()
    assert up.code == 0, up.text
    assert ids(project) == before
    marked = [r["parameters"]["metadata"] for r in written(stripe_server.requests()) if "metadata" in r["parameters"]]
    assert sorted(each["pulumi_resource"] for each in marked) == [
        "hypernian/dev/Customer/john-doe",
        "hypernian/dev/Product/llm",
        "hypernian/dev/Subscription/john-doe",
        "hypernian/dev/my:index:Plan$Price/monthly",
    ]
    stripe_server.forget_requests()
    assert project.up("--expect-no-changes").code == 0
    assert stripe_server.requests() == []
