"""A catalogue that becomes a plan, on both engines: nothing happens to what is at Stripe."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from tests.e2e.project import ROOT, Project, written
from tests.stripe_local.server import LocalStripe

pytestmark = pytest.mark.thorough

RESOURCES = """\
meter = Meter(
    "tokens",
    display_name=config.require("displayName"),
    event_name=config.require("eventName"),
    default_aggregation={"formula": "sum"},
    customer_mapping={"type": "by_id", "event_payload_key": "stripe_customer_id"},
    value_settings={"event_payload_key": "value"},
    opts=catalogue,
)
product = Product("hypernian", name="Hypernian", unit_label="token", metadata=metadata, opts=catalogue)
price = Price(
    "tokens-monthly",
    product=product.id,
    currency=config.require("currency"),
    unit_amount=config.require_int("unitAmount"),
    billing_scheme="per_unit",
    transform_quantity={"divide_by": config.require_int("tokensPerPackage"), "round": "up"},
    recurring={"interval": "month", "usage_type": "metered", "meter": meter.id},
    lookup_key=config.require("lookupKey"),
    tax_behavior="exclusive",
    metadata=metadata,
    opts=catalogue,
)
"""
"""The same catalogue as `__main__.py` declares, resource by resource."""

PLAN = (ROOT / "__main__.py").read_text()
BEGINNING, _, REST = PLAN.partition("plan = UsageBasedPlan(")
FLAT = (
    BEGINNING.replace("from stripe_components import UsageBasedPlan\n", "").replace(
        "import Customer, Subscription", "import Customer, Meter, Price, Product, Subscription"
    )
    + 'catalogue = pulumi.ResourceOptions(protect=config.get_bool("protect"))\n'
    + RESOURCES
    + REST.partition('plan.prices["tokens-monthly"]\n')[2]
)


def objects(server: LocalStripe) -> dict[str, Any]:
    """Everything at Stripe, but for the mark of the state that found it again, and when it got that."""
    paths = ("billing/meters", "products", "prices", "customers", "subscriptions")
    return {path: _unmarked(server.http("GET", f"/v1/{path}").json()["data"]) for path in paths}


def _unmarked(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _unmarked(v) for k, v in value.items() if k not in ("pulumi_lineage", "updated")}
    return [_unmarked(v) for v in value] if isinstance(value, list) else value


def kept(project: Project) -> dict[str, Any]:
    """What the state says of the objects, without their places in the tree."""
    fields = ("id", "inputs", "outputs", "protect")
    custom = [r for r in project.state()["deployment"]["resources"] if r["custom"] and "dynamic/stripe:" in r["type"]]
    return {r["urn"].rpartition("::")[2]: {k: r.get(k) for k in fields} for r in custom}


def test_a_catalogue_of_resources_becomes_a_plan(project: Project, stripe_server: LocalStripe) -> None:
    project.program(FLAT)
    project.config("hypernian:protect", "true")
    assert project.up().summary == {"create": 6}
    at_stripe, in_state, outputs = objects(stripe_server), kept(project), project.outputs()
    stripe_server.forget_requests()

    project.program(PLAN)
    preview = project.preview()
    assert (preview.code, preview.summary) == (0, {"create": 1, "same": 6}), preview.text
    up = project.up()
    assert (up.code, up.summary) == (0, {"create": 1, "same": 6}), up.text
    assert up.steps == [("create", "hypernian")]
    assert project.outputs() == outputs
    assert kept(project) == in_state
    parents = {r["urn"].rpartition("$")[2]: r["parent"] for r in project.state()["deployment"]["resources"] if "$" in r["urn"]}
    assert parents == dict.fromkeys(
        [
            "pulumi-python:dynamic/stripe:Meter::tokens",
            "pulumi-python:dynamic/stripe:Product::hypernian",
            "pulumi-python:dynamic/stripe:Price::tokens-monthly",
        ],
        "urn:pulumi:dev::hypernian::stripe:components:UsageBasedPlan::hypernian",
    )
    assert project.preview("--expect-no-changes").code == 0
    assert stripe_server.requests() == [], "Stripe is asked nothing at all"
    assert project.refresh("--expect-no-changes").code == 0
    assert objects(stripe_server) == at_stripe

    shutil.rmtree(project.folder / "state")
    (project.folder / "state").mkdir()
    project.run("stack", "init", "dev", check=True)
    found = project.up()
    assert (found.code, found.summary) == (0, {"create": 7}), found.text
    assert project.outputs() == outputs
    assert objects(stripe_server) == at_stripe, "what the resources had made is found again"


def test_a_renamed_plan_keeps_its_objects(project: Project, stripe_server: LocalStripe) -> None:
    """The product has the plan's name, so it gets a new one at Stripe's too: nothing else happens."""
    project.up()
    ids = project.outputs()
    stripe_server.forget_requests()
    project.edit('    "hypernian",\n', '    "pay-as-you-go",\n')
    alias = 'opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="hypernian")], '
    project.edit("    opts=pulumi.ResourceOptions(", f"    {alias}")
    up = project.up()
    assert (up.code, up.steps) == (0, [("update", "pay-as-you-go")]), up.text
    (request,) = written(stripe_server.requests())
    owner = {"pulumi_resource": "hypernian/dev/Product/pay-as-you-go"}
    assert (request["path"], request["parameters"]) == (f"/v1/products/{ids['product_id']}", {"metadata": owner})
    assert project.outputs() == ids
    assert project.preview("--expect-no-changes").code == 0


@pytest.mark.smoke
def test_all_that_is_wrong_with_a_plan_is_refused_at_once(project: Project, stripe_server: LocalStripe) -> None:
    project.edit('"unit_label": "token"', '"unit_label": "a package of tokens"')
    project.edit('"meter": "tokens"', '"meter": "token"')
    project.edit('"round": "up"', '"round": "even"')
    preview = project.preview()
    assert preview.code != 0
    assert 'UsageBasedPlan "hypernian" has 3 problems:' in preview.text
    for place in ("product.unit_label", 'prices["tokens-monthly"].meter', 'prices["tokens-monthly"].transform_quantity.round'):
        assert f"  - {place}: " in preview.text
    assert "Traceback" not in preview.text
    assert stripe_server.requests() == []
