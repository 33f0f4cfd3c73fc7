"""A preview of an unchanged program whose resources read one another's outputs: nothing changes, and nothing more is asked."""

from __future__ import annotations

import pytest

from tests.e2e.project import Project, sent
from tests.stripe_local.server import LocalStripe

PROGRAM = """
import pulumi
from stripe_resources import Customer, Meter, Price, Product

theirs = Product("theirs", pulumi.ResourceOptions(id="ID"))
before = theirs
for i in range(25):
    # of what is read, of what nobody declares, and of what the resource before declares
    product = Product(
        f"p{i}",
        name=pulumi.Output.concat(theirs.name, f" {i}"),
        statement_descriptor=before.statement_descriptor,
        metadata={"before": before.name, "active": before.active.apply(str)},
        description=before.description,
    )
    meter = Meter(
        f"m{i}",
        display_name=product.name,
        event_name=f"tokens_{i}",
        default_aggregation={"formula": "sum"},
        value_settings={"event_payload_key": product.unit_label.apply(lambda label: label or "value")},
    )
    price = Price(
        f"a{i}",
        product=product.id,
        currency="usd",
        unit_amount_decimal=product.description.apply(lambda text: "0.5" if text is None else "1"),
        nickname=meter.value_settings["event_payload_key"],
        recurring={"interval": "month", "usage_type": "metered", "meter": meter.id},
    )
    Customer(
        f"c{i}",
        name=price.nickname,
        description=price.lookup_key.apply(lambda key: key or "no key"),
        metadata={"amount": price.unit_amount.apply(str), "behaviour": price.tax_behavior.apply(str)},
    )
    before = product
"""


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_a_hundred_resources_that_read_one_another_do_not_change(project: Project, stripe_server: LocalStripe) -> None:
    id_ = stripe_server.client().v1.products.create({"name": "Theirs"}).id
    project.program(PROGRAM.replace("ID", id_))
    up = project.up()
    assert up.code == 0, up.text
    assert sum("stripe:" in each["type"] for each in project.resources().values()) == 101

    stripe_server.forget_requests()
    unchanged = project.preview("--expect-no-changes")
    assert unchanged.code == 0, unchanged.text
    assert [step for step in unchanged.steps if step[0] != "read"] == []
    assert sent(stripe_server.requests()) == [f"GET /v1/products/{id_}"]

    stripe_server.forget_requests()
    refreshed = project.preview("--expect-no-changes", "--refresh")
    assert refreshed.code == 0, refreshed.text
    asked = sent(stripe_server.requests())
    assert all(request.startswith("GET ") for request in asked)
    objects = [each["id"] for each in project.resources().values() if "stripe:" in each["type"]]
    times = {id_: sum(request.endswith(f"/{id_}") for request in asked) for id_ in objects}
    times[id_] -= 1  # the program reads it, and the refresh does
    assert all(n <= 1 for n in times.values()), "what drift needs is to see each object once"
    assert len(asked) <= len(objects) + 1 + 4, "and perhaps a list of each kind"
