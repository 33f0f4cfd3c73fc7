"""What a deployment would meet is said by the preview, through the engine: once, at once, and with the program's own lines."""

from __future__ import annotations

import re

import pytest

from tests.e2e.project import Project
from tests.stripe_local.server import LocalStripe

pytestmark = pytest.mark.thorough

PRICE = 'Price("{}", product="prod_x", currency="usd", unit_amount=4, lookup_key="tokens")'
METER = 'Meter("{}", display_name="T", event_name="tokens", default_aggregation={{"formula": "sum"}})'
COUPON = 'Coupon("{}", percent_off=5, duration="once", coupon_id="launch")'
PRODUCT = 'Product("{}", name="T", product_id="tokens")'
CODE = 'PromotionCode("{}", promotion={{"type": "coupon", "coupon": "launch"}}, code="SUMMER")'


@pytest.mark.parametrize(
    ("declared", "field", "value"),
    [
        (PRICE, "lookup_key", "tokens"),
        (METER, "event_name", "tokens"),
        (COUPON, "coupon_id", "launch"),
        (PRODUCT, "product_id", "tokens"),
        (CODE, "code", "SUMMER"),
    ],
)
def test_two_resources_of_one_key(
    declared: str, field: str, value: str, shared_project: Project, stripe_server: LocalStripe
) -> None:
    lines = ["from stripe_resources import Coupon, Meter, Price, Product, PromotionCode", *map(declared.format, ("a", "b"))]
    shared_project.program("\n".join(lines) + "\n")
    preview = shared_project.preview()
    assert preview.code != 0
    assert re.search(rf"{field}: '{value}' is that of both \"[ab]\" and \"[ab]\"; Stripe takes it once", preview.errors)
    assert {request["method"] for request in stripe_server.requests()} <= {"GET"}


METERED = """\
from stripe_resources import Meter, Price, Product
meter = Meter("m", display_name="T", event_name="tokens", default_aggregation={"formula": "sum"})
product = Product("p", name="T")
recurring = {"interval": "month", "usage_type": "metered", "meter": meter.id}
Price("it", product=product.id, currency="usd", unit_amount=4, recurring=recurring)
"""


def test_a_price_that_is_metered_no_longer_says_what_it_bills(project: Project) -> None:
    project.program(METERED)
    assert project.up().code == 0
    project.edit(', "usage_type": "metered", "meter": meter.id', "")
    preview = project.preview()
    assert preview.code == 0
    said = 'Price "it": it bills the quantity of each subscription from now on, and no longer usage'
    assert len([line for line in preview.text.splitlines() if said in line]) == 1, preview.text


RAISES = """\
import pulumi
from stripe_components import UsageBasedPlan
from stripe_resources import Product
product = Product("p", name="T")
def mine():
    raise ValueError("no such amount")
{}
"""


MINE = "product.name.apply(lambda _: mine())"


@pytest.mark.parametrize(
    ("last", "has_line"),
    [
        ("mine()", True),
        (MINE, True),
        (f'Product("q", name={MINE})', True),
        (f'Product("q", name="T", metadata={{{{"a": {MINE}}}}})', True),
        (f'UsageBasedPlan("q", product={{{{"name": {MINE}}}}}, meters={{{{}}}}, prices={{{{}}}}, currency="usd")', False),
        (f'pulumi.export("x", {MINE})', False),
        ('Product("q", name="T", opts=5)', True),
        ('Product("q", name="T", opts=pulumi.ResourceOptions(parent=5))', True),
        ('Product("q", nam="T", name=[].pop())', True),
        ("Product()", True),
    ],
)
def test_an_error_of_a_program_shows_its_own_lines_only(last: str, has_line: bool, engine: str, shared_project: Project) -> None:
    if engine == "cli" and last != "mine()":
        pytest.skip("the Pulumi CLI also prints what its SDK wraps such an error in")
    shared_project.program(RAISES.format(last.replace("{{", "{").replace("}}", "}")))
    shown = shared_project.run("preview", "--stack", shared_project.stack, "--color", "never")
    assert shown.returncode != 0
    assert '__main__.py", line' in shown.stdout or not has_line, shown.stdout
    beside = r"site-packages|/pulumi_local/|/stripe_\w+/|asyncio|During handling|direct cause"
    assert not re.search(beside, shown.stdout), shown.stdout


def test_where_nothing_listens_one_line_of_each_resource_says_so(project: Project) -> None:
    project.program('from stripe_resources import Product\nProduct("p", name="T")\n')
    with LocalStripe() as gone:
        project.environment["STRIPE_API_BASE"] = gone.url
    up = project.up()
    assert up.code != 0
    said = [line for line in up.text.splitlines() if "Nothing listens there: start the local Stripe (`make up`" in line]
    assert len(said) == 1, up.text
    assert "in 1 attempt (Connection refused)" in said[0]
    assert "Traceback" not in up.text
