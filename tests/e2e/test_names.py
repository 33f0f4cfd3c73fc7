"""Resources may be called what a program wishes: names of every class of characters get through, or are refused by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stripe_project.ci import report
from tests.e2e.project import Project
from tests.e2e.test_export import exported
from tests.hostile.names import NAMES, UNSEEN
from tests.stripe_local.server import LocalStripe

PROGRAM = f"""
import json
from stripe_resources import Product

for name in json.loads({json.dumps(json.dumps(NAMES))}).values():
    Product(name, name="Product of a long name")
"""


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_names_of_every_class_get_through_to_stripe_and_back(project: Project, stripe_server: LocalStripe) -> None:
    project.program(PROGRAM)
    shown = project.run("preview", "--stack", project.stack).stdout
    assert "x" * 300 in shown
    assert not UNSEEN & set(shown)
    up = project.up()
    assert up.code == 0, up.text[-3000:]
    products = [p for page in [stripe_server.client().v1.products.list({"limit": 100})] for p in page.data]
    tags = {(p.metadata or {})["pulumi_resource"] for p in products}
    assert tags == {f"hypernian/dev/Product/{name}" for name in NAMES.values()}
    again = project.up()
    assert (again.code, again.steps) == (0, []), again.text[-3000:]
    names = {
        r["urn"].partition("::pulumi-python:dynamic/stripe:Product::")[2] for r in project.state()["deployment"]["resources"]
    }
    assert names - {""} == set(NAMES.values())
    comment = report.comment("hypernian", [report.Preview("dev", {"create": 1}, [], "\n".join(NAMES.values()), "")])
    assert not UNSEEN & set(comment)
    destroyed = project.destroy()
    assert destroyed.code == 0, destroyed.text[-3000:]
    assert sorted(name for _, name in destroyed.steps) == sorted(NAMES.values())
    assert not any(p.active for p in stripe_server.client().v1.products.list({"limit": 100}).data)
    assert project.resources() == {}


LOOKUP_KEY_AT_MOST = 200


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_objects_of_such_names_are_exported_and_come_under_management(project: Project, stripe_server: LocalStripe) -> None:
    """Every text that the program has is one that somebody else wrote."""
    stripe = stripe_server.client().v1
    for number, name in enumerate(NAMES.values()):
        key = name[:LOOKUP_KEY_AT_MOST]
        described: Any = {"name": f"{number} {name}", "description": name, "metadata": {"said": name}}
        product = stripe.products.create(described).id
        stripe.prices.create({"product": product, "currency": "usd", "unit_amount": number, "nickname": name, "lookup_key": key})
    said = exported(project, "--kinds", "Product,Price")
    program = (project.folder / "__main__.py").read_text()
    assert not UNSEEN & {*said, *program}
    preview = project.preview("--expect-no-changes")
    assert (preview.code, preview.summary) == (0, {"same": 1 + 2 * len(NAMES)}), preview.text[-3000:]
    stripe_server.forget_requests()
    destroyed = project.destroy()
    assert destroyed.code == 0, destroyed.text[-3000:]
    assert not [p for p in stripe.prices.list({"limit": 100}).data if p.active]
    assert not [p for p in stripe.products.list({"limit": 100}).data if p.active]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "says"),
    [(r"a\ud800b", "the resource's name: give a string of whole characters"), ("x" * 600, "")],
    ids=["half of a character", "very long"],
)
def test_what_cannot_get_through_is_refused_in_a_few_lines(name: str, says: str, project: Project) -> None:
    project.program(f'from stripe_resources import Product\n\nProduct("{name}", name="x")\n')
    up = project.up()
    assert up.code != 0, up.text[-2000:]
    assert says in up.text
    assert "Traceback" not in up.text, up.text[-3000:]
    assert up.text.count("\n") < 40
