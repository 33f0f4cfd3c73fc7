"""The main job, as a user of either engine sees it, and as Stripe sees it."""

from typing import Any

import pytest
import stripe

from tests.e2e.project import Project, sent, written
from tests.stripe_local.server import LocalStripe

pytestmark = pytest.mark.thorough

CREATED = {
    "customer": "john-doe",
    "meter": "tokens",
    "plan": "hypernian",
    "price": "tokens-monthly",
    "product": "hypernian",
    "subscription": "john-doe-tokens",
}


def live(server: LocalStripe) -> dict[str, Any]:
    """What is in use at Stripe."""
    client = server.client()
    return {
        "meters": [m.id for m in client.v1.billing.meters.list({"status": "active"}).data],
        "products": [p.id for p in client.v1.products.list({"active": True}).data],
        "prices": [p.id for p in client.v1.prices.list({"active": True}).data],
        "customers": [c.id for c in client.v1.customers.list().data],
        "subscriptions": [s.id for s in client.v1.subscriptions.list().data],
    }


@pytest.mark.smoke
def test_the_catalogue_comes_up_and_stays(project: Project, stripe_server: LocalStripe) -> None:
    preview = project.preview()
    assert (preview.code, preview.summary) == (0, {"create": 7})
    assert written(stripe_server.requests()) == [], "a preview changes nothing"

    up = project.up()
    assert (up.code, up.summary) == (0, {"create": 7})
    assert sorted(up.steps) == sorted(("create", name) for name in CREATED.values())
    assert len(written(stripe_server.requests())) == 5
    outputs = project.outputs()
    assert {k: v for k, v in outputs.items() if not k.endswith("_id")} == {
        "event_name": "hypernian_tokens",
        "price_lookup_key": "hypernian_tokens_monthly",
    }
    assert {len(ids) for ids in live(stripe_server).values()} == {1}
    price = stripe_server.client().v1.prices.retrieve(outputs["price_id"])
    assert price.recurring is not None
    assert (price.unit_amount, price.recurring.meter) == (4, outputs["meter_id"])

    stripe_server.forget_requests()
    again = project.up("--expect-no-changes")
    assert (again.code, again.summary) == (0, {"same": 7})
    assert stripe_server.requests() == [], "without a change Stripe is asked nothing"

    assert (project.refresh("--expect-no-changes").code, project.preview("--expect-no-changes").code) == (0, 0)


def test_a_dearer_price(project: Project, stripe_server: LocalStripe) -> None:
    project.up()
    before = project.outputs()
    stripe_server.forget_requests()
    project.config("hypernian:unitAmount", "5")

    preview = project.preview()
    assert preview.code == 0
    assert preview.summary == {"replace": 1, "update": 1, "same": 5}
    assert preview.steps == [
        ("create-replacement", "tokens-monthly"),
        ("replace", "tokens-monthly"),
        ("update", "john-doe-tokens"),
        ("delete-replaced", "tokens-monthly"),
    ]
    assert stripe_server.requests() == []

    assert project.up().code == 0
    requests = written(stripe_server.requests())
    after = project.outputs()
    item = project.resources()["john-doe-tokens"]["outputs"]["items"][0]
    assert sent(requests) == [
        "POST /v1/prices",
        f"POST /v1/subscriptions/{before['subscription_id']}",
        f"POST /v1/prices/{before['price_id']}",
    ]
    assert requests[0]["parameters"]["transfer_lookup_key"] == "true"
    assert requests[1]["parameters"]["items"] == [{"id": item["id"], "price": after["price_id"]}]
    assert requests[2]["parameters"]["active"] == "false"
    assert {k for k in after if after[k] != before[k]} == {"price_id"}

    client = stripe_server.client()
    assert [p.id for p in client.v1.prices.list({"lookup_keys": ["hypernian_tokens_monthly"]}).data] == [after["price_id"]]
    assert client.v1.prices.retrieve(before["price_id"]).active is False
    assert project.preview("--expect-no-changes").code == 0


def test_back_and_forth_twice(project: Project, stripe_server: LocalStripe) -> None:
    def settled() -> dict[str, Any]:
        """The price in the state, without what is another price's by nature, and the engine's times."""
        resource = project.resources()["tokens-monthly"]
        kept = {k: resource[k] for k in ("urn", "type", "inputs", "parent", "provider", "propertyDependencies")}
        return {**kept, "outputs": {k: v for k, v in resource["outputs"].items() if k != "created"}}

    project.up()
    first = settled()
    for amount in ("5", "4", "5", "4"):
        project.config("hypernian:unitAmount", amount)
        assert project.up().code == 0
    assert settled() == first
    assert {len(ids) for ids in live(stripe_server).values()} == {1}
    assert live(stripe_server)["prices"] == [project.outputs()["price_id"]]
    assert project.preview("--expect-no-changes").code == 0


def test_another_display_name_is_one_update(project: Project, stripe_server: LocalStripe) -> None:
    project.up()
    stripe_server.forget_requests()
    project.config("hypernian:displayName", "Tokens")
    up = project.up()
    assert (up.code, up.steps) == (0, [("update", "tokens")])
    requests = stripe_server.requests()
    assert sent(requests) == [f"POST /v1/billing/meters/{project.outputs()['meter_id']}"]
    assert requests[0]["parameters"] == {"display_name": "Tokens"}


def test_another_event_name_is_another_meter(project: Project, stripe_server: LocalStripe) -> None:
    project.up()
    before = project.outputs()
    stripe_server.forget_requests()
    project.config("hypernian:eventName", "hypernian_output_tokens")
    up = project.up()
    assert up.code == 0, up.text
    after = project.outputs()
    assert sent(written(stripe_server.requests())) == [
        "POST /v1/billing/meters",
        "POST /v1/prices",
        f"POST /v1/subscriptions/{before['subscription_id']}",
        f"POST /v1/prices/{before['price_id']}",
        f"POST /v1/billing/meters/{before['meter_id']}/deactivate",
    ]
    assert live(stripe_server)["meters"] == [after["meter_id"]]
    assert live(stripe_server)["prices"] == [after["price_id"]]
    assert after["subscription_id"] == before["subscription_id"]
    assert project.preview("--expect-no-changes").code == 0


def test_another_formula_under_the_same_event_name(project: Project, stripe_server: LocalStripe) -> None:
    """Stripe has one active meter per event name, so the old one has to go first, and the price that hangs on it with it."""
    project.up()
    before = project.outputs()
    project.edit('{"formula": "sum"}', '{"formula": "count"}')
    up = project.up()
    assert up.code == 0, up.text
    after = project.outputs()
    assert after["meter_id"] != before["meter_id"]
    assert live(stripe_server)["meters"] == [after["meter_id"]]
    assert live(stripe_server)["prices"] == [after["price_id"]]
    subscription = stripe_server.client().v1.subscriptions.retrieve(before["subscription_id"])
    assert [i.price.id for i in subscription["items"].data] == [after["price_id"]]
    assert project.preview("--expect-no-changes").code == 0


def test_forced_replacement_makes_new_objects(project: Project, stripe_server: LocalStripe) -> None:
    project.up()
    before = project.outputs()
    for name in ("tokens-monthly", "tokens"):
        urn = project.resources()[name]["urn"]
        up = project.up("--replace", urn)
        assert up.code == 0, up.text
    after = project.outputs()
    assert after["price_id"] != before["price_id"]
    assert after["meter_id"] != before["meter_id"]
    assert live(stripe_server)["meters"] == [after["meter_id"]]
    assert live(stripe_server)["prices"] == [after["price_id"]]
    assert project.preview("--expect-no-changes").code == 0


def test_destroy_leaves_nothing_billing(project: Project, stripe_server: LocalStripe) -> None:
    project.up()
    before = project.outputs()
    client = stripe_server.client()
    client.v1.billing.meter_events.create(
        {"event_name": "hypernian_tokens", "payload": {"stripe_customer_id": before["customer_id"], "value": "25"}}
    )
    assert project.destroy().code == 0
    assert live(stripe_server) == {"meters": [], "products": [], "prices": [], "customers": [], "subscriptions": []}
    assert client.v1.subscriptions.retrieve(before["subscription_id"]).status == "canceled"
    assert [i.total for i in client.v1.invoices.list({"subscription": before["subscription_id"]}).data] == [4], (
        "usage that was not invoiced yet is billed"
    )
    retired: Any = client.v1.customers.retrieve(before["customer_id"])
    assert retired.deleted is True

    again = project.up()
    assert again.code == 0, again.text
    after = project.outputs()
    assert {k for k in after if k.endswith("_id") and after[k] == before[k]} == set()
    assert {len(ids) for ids in live(stripe_server).values()} == {1}
    assert project.destroy().code == 0


def test_drift_is_shown_and_repaired(project: Project, stripe_server: LocalStripe) -> None:
    project.up()
    outputs = project.outputs()
    client = stripe_server.client()
    client.v1.billing.meters.deactivate(outputs["meter_id"])
    client.v1.prices.update(outputs["price_id"], {"active": False})
    client.v1.products.update(outputs["product_id"], {"name": "Somebody's", "metadata": {"theirs": "kept"}})
    client.v1.subscriptions.cancel(outputs["subscription_id"])
    client.v1.customers.delete(outputs["customer_id"])

    preview = project.preview("--refresh", "--expect-no-changes")
    assert preview.code != 0
    up = project.up("--refresh")
    assert up.code == 0, up.text
    assert project.preview("--refresh", "--expect-no-changes").code == 0
    after = project.outputs()
    assert {k for k in after if after[k] != outputs[k]} == {"customer_id", "subscription_id"}
    assert {len(ids) for ids in live(stripe_server).values()} == {1}
    product = client.v1.products.retrieve(outputs["product_id"])
    assert (product.name, product.metadata["theirs"]) == ("Hypernian", "kept")


def test_a_lost_answer_makes_no_second_object(project: Project, stripe_server: LocalStripe) -> None:
    for path in ("/v1/products", "/v1/prices", "/v1/customers", "/v1/subscriptions", "/v1/billing/meters"):
        stripe_server.fault(match={"method": "POST", "path": path}, times=1, lose_connection="after_work")
    up = project.up()
    assert up.code == 0, up.text
    assert {len(ids) for ids in live(stripe_server).values()} == {1}
    assert isinstance(stripe_server.client(), stripe.StripeClient)
