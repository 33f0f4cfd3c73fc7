"""Pulumi's resource options on resources of this package: what a program says with them, and what Stripe has afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.project import Project, sent, written
from tests.stripe_local.server import LocalStripe

pytestmark = pytest.mark.thorough

BEGIN = """
import pulumi
from stripe_resources import Customer, DefaultPrice, Meter, Price, Product, PromotionCode, Subscription, WebhookEndpoint

Opts = pulumi.ResourceOptions
"""


def deployed(project: Project, text: str) -> str:
    project.program(BEGIN + text)
    up = project.up()
    assert up.code == 0, up.text
    return up.text


def settled(project: Project) -> None:
    again = project.preview("--expect-no-changes")
    assert again.code == 0, again.text


# -- ignore_changes

IGNORING = """
product = Product("p", name="P")
seats = Price("seats", product=product.id, currency="usd", unit_amount=100, recurring={"interval": "month"})
more = Price("more", product=product.id, currency="usd", unit_amount=MORE, recurring={"interval": "month"})
customer = Customer("c", Opts(ignore_changes=["email"]), name="KIND", email="a@example.com")
Subscription("s", Opts(ignore_changes=["items[0].quantity", 'metadata["a"]']), customer=customer.id,
             collection_method="send_invoice", days_until_due=30, metadata={"a": "1", "kind": "KIND"},
             items=[{"price": seats.id, "quantity": 2}, {"price": more.id, "quantity": 1}])
"""


def test_what_is_ignored_is_left_to_others_whatever_else_changes(project: Project, stripe_server: LocalStripe) -> None:
    deployed(project, IGNORING.replace("KIND", "first").replace("MORE", "5"))
    subscription, customer = (project.resources()[name]["id"] for name in ("s", "c"))
    stripe: Any = stripe_server.client().v1
    first = stripe.subscriptions.retrieve(subscription)["items"].data[0].id
    stripe.subscriptions.update(subscription, {"items": [{"id": first, "quantity": 9}], "metadata": {"a": "theirs"}})
    stripe.customers.update(customer, {"email": "b@example.com"})

    deployed(project, IGNORING.replace("KIND", "second").replace("MORE", "6"))
    settled(project)
    live = stripe.subscriptions.retrieve(subscription)
    assert [item.quantity for item in live["items"].data] == [9, 1]
    assert (live.metadata["a"], live.metadata["kind"]) == ("theirs", "second")
    found = stripe.customers.retrieve(customer)
    assert (found.name, found.email) == ("second", "b@example.com")

    assert project.refresh().code == 0
    settled(project)


# -- replacement_trigger, replace_with, replace_on_changes

TRIGGERED = """
class Team(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("my:index:Team", name, None)

hook = WebhookEndpoint("hook", Opts(replacement_trigger="WHEN"), url="https://example.com/h", enabled_events=["invoice.paid"])
inner = WebhookEndpoint("inner", Opts(parent=Team("t"), replacement_trigger="WHEN"), url="https://example.com/i",
                        enabled_events=["invoice.paid"])
product = Product("p", name="P")
price = Price("price", Opts(replace_with=[hook]), product=product.id, currency="usd", unit_amount=100, lookup_key="seats",
              recurring={"interval": "month"})
DefaultPrice("default", product=product.id, default_price=price.id)
customer = Customer("c", name="C")
Subscription("s", customer=customer.id, collection_method="send_invoice", days_until_due=30, items=[{"price": price.id}])
pulumi.export("ids", pulumi.Output.all(hook.id, inner.id, price.id))
pulumi.export("secrets", pulumi.Output.all(hook.secret, inner.secret).apply("".join))
"""


def shown(project: Project) -> tuple[list[str], str]:
    """The ids, and the secrets."""
    found = json.loads(project.run("stack", "output", "--json", "--show-secrets", "--stack", project.stack, check=True).stdout)
    return found["ids"], found["secrets"]


def test_a_trigger_makes_new_objects_and_retires_the_old_ones_last(project: Project, stripe_server: LocalStripe) -> None:
    deployed(project, TRIGGERED.replace("WHEN", "october"))
    (old, secrets), ids = shown(project), {name: found.get("id", "") for name, found in project.resources().items()}
    project.program(BEGIN + TRIGGERED.replace("WHEN", "november"))
    steps = {name: op for op, name in project.preview().steps if op in ("replace", "update")}
    assert steps == {"hook": "replace", "inner": "replace", "price": "replace", "default": "update", "s": "update"}

    stripe_server.forget_requests()
    text = deployed(project, TRIGGERED.replace("WHEN", "november"))
    new, new_secrets = shown(project)
    assert not set(new) & set(old)
    assert new_secrets != secrets
    for message in ("earlier run", "found again", "stays"):
        assert message not in text
    requests = sent(written(stripe_server.requests()))
    assert [r["status"] for r in stripe_server.requests() if r["status"] >= 400] == []
    last = max(requests.index(f"POST /v1/{of}") for of in (f"products/{ids['p']}", f"subscriptions/{ids['s']}"))
    gone = [f"DELETE /v1/webhook_endpoints/{old[0]}", f"DELETE /v1/webhook_endpoints/{old[1]}", f"POST /v1/prices/{old[2]}"]
    assert all(requests.index(request) > last for request in gone)
    stripe: Any = stripe_server.client().v1
    assert [p.active for p in map(stripe.prices.retrieve, (old[2], new[2]))] == [False, True]
    assert stripe.prices.retrieve(new[2]).lookup_key == "seats"
    assert {e.id for e in stripe.webhook_endpoints.list().data} == {new[0], new[1]}
    settled(project)


def test_a_trigger_whose_run_dies_ends_with_the_same_objects(project: Project, stripe_server: LocalStripe) -> None:
    deployed(project, TRIGGERED.replace("WHEN", "october"))
    old, _ = shown(project)
    before = project.run("stack", "export", "--stack", project.stack, check=True).stdout
    text = TRIGGERED.replace("WHEN", "november")
    deployed(project, text)
    new, secrets = shown(project)
    stripe: Any = stripe_server.client().v1
    # As if the run had died with the new objects at Stripe, the state not written and the old ones in use.
    (project.folder / "before.json").write_text(before)
    project.run("stack", "import", "--stack", project.stack, "--file", "before.json", check=True)
    stripe.prices.update(old[2], {"active": True})
    deployed(project, text)
    assert shown(project) == (new, secrets)
    assert stripe.prices.retrieve(old[2]).active is False
    settled(project)


REPLACING = """
product = Product("p", name="P")
Price("price", Opts(replace_on_changes=["metadata.terms"]), product=product.id, currency="usd", unit_amount=1,
      nickname="NICK", metadata={"terms": "TERMS"})
"""


def test_a_change_that_is_to_replace_replaces_and_no_other(project: Project, stripe_server: LocalStripe) -> None:
    deployed(project, REPLACING.replace("NICK", "a").replace("TERMS", "1"))
    old = project.resources()["price"]["id"]
    deployed(project, REPLACING.replace("NICK", "b").replace("TERMS", "1"))
    assert project.resources()["price"]["id"] == old
    deployed(project, REPLACING.replace("NICK", "b").replace("TERMS", "2"))
    new = project.resources()["price"]["id"]
    stripe: Any = stripe_server.client().v1
    assert [p.active for p in map(stripe.prices.retrieve, (old, new))] == [False, True]
    settled(project)


ONE_AT_A_TIME = """
meter = Meter("m", Opts(replacement_trigger="WHEN"), display_name="M", event_name="tokens",
              default_aggregation={"formula": "sum"})
product = Product("p", name="P")
Price("price", product=product.id, currency="usd", unit_amount=1,
      recurring={"interval": "month", "usage_type": "metered", "meter": meter.id})
"""


@pytest.mark.parametrize("first", ["", ", delete_before_replace=True"])
def test_a_trigger_of_what_stripe_has_once_at_a_time(first: str, project: Project, stripe_server: LocalStripe) -> None:
    text = ONE_AT_A_TIME.replace('"WHEN"', f'"WHEN"{first}')
    deployed(project, text.replace("WHEN", "october"))
    old = project.resources()["m"]["id"]
    said = deployed(project, text.replace("WHEN", "november"))
    assert "earlier run" not in said
    new = project.resources()["m"]["id"]
    meters: Any = stripe_server.client().v1.billing.meters
    assert [m.status for m in map(meters.retrieve, (old, new))] == ["inactive", "active"]
    settled(project)


# -- import_


def test_import_is_refused_by_name_with_what_to_do_instead(project: Project, stripe_server: LocalStripe) -> None:
    id_ = stripe_server.client().v1.products.create({"name": "Old"}).id
    project.program(BEGIN + f'Product("old", Opts(import_="{id_}"), name="Old")\n')
    preview = project.preview()
    assert preview.code != 0
    assert f"Product \"old\": import_ is not for dynamic resources; give adopt='{id_}'" in preview.text
    assert "Traceback" not in preview.text
    deployed(project, f'Product("old", name="Old", adopt="{id_}")\n')
    assert project.resources()["old"]["id"] == id_


# -- what is not declared, and what is read

UNDECLARED = """
product = Product("p", name="P")
Product("q", name=product.description.apply(lambda text: text or "none"))
Price("price", product=product.id, currency="usd", unit_amount=product.metadata.apply(lambda m: 5 if m else 100))
code = PromotionCode("code", promotion={"type": "coupon", "coupon": "SUMMER"})
Customer("c", name="C", description=code.code, metadata={"active": product.active.apply(str)})
pulumi.export("code", code.code)
"""


def test_outputs_of_what_is_not_declared_are_no_change(project: Project, stripe_server: LocalStripe) -> None:
    stripe: Any = stripe_server.client().v1
    stripe.coupons.create({"id": "SUMMER", "percent_off": 10})
    deployed(project, UNDECLARED)
    settled(project)
    code = stripe.promotion_codes.retrieve(project.resources()["code"]["id"]).code
    assert project.outputs()["code"] == code
    assert stripe.customers.retrieve(project.resources()["c"]["id"]).description == code
    assert stripe.customers.retrieve(project.resources()["c"]["id"]).metadata["active"] == "True"
    assert stripe.prices.retrieve(project.resources()["price"]["id"]).unit_amount == 100
    project.edit('name="P"', 'name="P2"')  # in the preview of an update too
    assert project.preview().steps == [("update", "p")]


READ = """
product = Product("theirs", Opts(id="ID"), name="made up", description="made up")
Product("ours", name=product.name, description=product.description.apply(lambda text: text or "none"))
Price("price", product=product.id, currency="usd", unit_amount=5)
pulumi.export("name", product.name)
"""


def test_what_is_read_by_its_id_is_as_stripe_has_it_in_a_preview_too(project: Project, stripe_server: LocalStripe) -> None:
    id_ = stripe_server.client().v1.products.create({"name": "Theirs"}).id
    deployed(project, READ.replace("ID", id_))
    assert project.outputs()["name"] == "Theirs"
    ours = stripe_server.client().v1.products.retrieve(project.resources()["ours"]["id"])
    assert (ours.name, ours.description) == ("Theirs", "none")
    settled(project)


def test_what_is_not_there_cannot_be_read(project: Project) -> None:
    project.program(BEGIN + READ.replace("ID", "prod_missing"))
    for run in (project.preview(), project.up()):
        assert run.code != 0
        assert 'Product "theirs" could not be read: prod_missing is not a Product in use' in run.text
        assert "Traceback" not in run.text


# -- transforms

TRANSFORMED = """
from stripe_components import UsageBasedPlan, flat


def late(args):
    return pulumi.ResourceTransformResult(args.props, pulumi.ResourceOptions.merge(args.opts, Opts(LATE)))


prices = {"tokens": flat(1)}
UsageBasedPlan("llm", Opts(transforms=[late]), product={"name": "LLM"}, prices=prices, currency="usd", interval="month")
Customer("c", Opts(transforms=[late]), name="C")
"""


@pytest.mark.parametrize("late", ['replace_on_changes=["metadata"]', 'aliases=[pulumi.Alias(name="old")]'])
def test_what_a_transform_adds_too_late_is_refused_at_preview(late: str, project: Project, stripe_server: LocalStripe) -> None:
    project.program(BEGIN + TRANSFORMED.replace("LATE", late))
    preview = project.preview()
    assert preview.code != 0
    if project.engine == "local":
        assert "transforms are not supported by this engine" in preview.text
    else:
        assert f"a transform adds {late.partition('=')[0]}, which no engine tells a provider of" in preview.text
    assert written(stripe_server.requests()) == []


def test_what_a_transform_adds_otherwise_holds(project: Project, stripe_server: LocalStripe) -> None:
    if project.engine == "local":
        pytest.skip("the local engine refuses transforms")
    text = TRANSFORMED.replace("LATE", "protect=True, ignore_changes=['name']")
    deployed(project, text)
    assert all(found["protect"] for name, found in project.resources().items() if name in ("tokens", "c"))
    settled(project)
    deployed(project, text.replace('name="C"', 'name="D", description="changed"'))
    customer = stripe_server.client().v1.customers.retrieve(project.resources()["c"]["id"])
    assert (customer.name, customer.description) == ("C", "changed")
    settled(project)
