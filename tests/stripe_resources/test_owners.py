"""What a resource tells its provider of its names: the one that it has, and those that it had before."""

from __future__ import annotations

from pathlib import Path

import pytest

from stripe_resources.testing import run
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.run import Run

BEGIN = """
import pulumi
from stripe_components import UsageBasedPlan, flat
from stripe_resources import Customer, Product

Alias, Opts, TOP = pulumi.Alias, pulumi.ResourceOptions, pulumi.ROOT_STACK_RESOURCE
CUSTOMER = "pulumi-python:dynamic/stripe:Customer"

class Team(pulumi.ComponentResource):
    def __init__(self, name, *aliases):
        super().__init__("my:index:Team", name, None, Opts(aliases=list(aliases)))

def customer(name, *aliases, parent=None):
    return Customer(name, Opts(parent=parent, aliases=list(aliases)), name="John Doe")

def plan(name, *aliases):
    prices = {f"{name}-base": flat(1)}
    UsageBasedPlan(name, Opts(aliases=list(aliases)), product={"name": "x"}, prices=prices, currency="usd", interval="month")

"""


def former(folder: Path, program: str, name: str = "new") -> list[str] | None:
    """Of the resource of this name."""
    (folder / "Pulumi.yaml").write_text("name: p\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_text("config: {}\n")
    (folder / "__main__.py").write_text(BEGIN + program)
    internal = run("dev", folder).resources[name].internal
    assert internal["__owner"].rpartition("/")[2] == name
    found: list[str] | None = internal.get("__former")
    return found


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ('customer("new")', None),
        ('customer("new", Alias(name="old"))', ["Customer/old"]),
        ('customer("new", Alias(name="new"))', None),
        ('customer("new", Alias(name="old"), Alias(name="older"))', ["Customer/old", "Customer/older"]),
        ('customer("new", f"urn:pulumi:dev::p::{CUSTOMER}::old")', ["Customer/old"]),
        ('customer("new", pulumi.Output.from_input(Alias(name="old")))', ["Customer/old"]),
        ('customer("new", Alias(type_=CUSTOMER, name="old"), Alias(type_="my:index:Customer"))', ["Customer/old"]),
        ('customer("new", "no URN")', None),
        # Into a component, out of one, from one to another.
        ('customer("new", Alias(parent=TOP, name="old"), parent=Team("t"))', ["Customer/old"]),
        ('customer("new", Alias(parent=TOP), parent=Team("t"))', None),  # it keeps its name: see `resource._owner`
        ('customer("new", f"urn:pulumi:dev::p::my:index:Team${CUSTOMER}::new")', ["my:index:Team$Customer/new"]),
        ('customer("new", Alias(parent=Team("t")))', ["my:index:Team$Customer/new"]),
        ('customer("new", Alias(parent="urn:pulumi:dev::p::a:b:C$a:b:D::t"), parent=Team("t"))', ["a:b:D$Customer/new"]),
        # A component that is renamed, or of another type by now.
        ('customer("new", parent=Team("t", Alias(name="u")))', None),
        ('customer("new", parent=Team("new", Alias(name="old")))', ["my:index:Team$Customer/old"]),
        ('customer("new", parent=Team("t", Alias(type_="my:index:Crew")))', ["my:index:Crew$Customer/new"]),
        ('plan("new", Alias(name="old"))', ["stripe:components:UsageBasedPlan$Product/old", "Product/old"]),
    ],
)  # fmt: skip
def test_what_it_was_before_follows_from_its_aliases(program: str, expected: list[str] | None, tmp_path: Path) -> None:
    assert former(tmp_path, program) == (expected and [f"p/dev/{each}" for each in expected])


def test_it_may_come_from_another_project_or_stack(tmp_path: Path) -> None:
    assert former(tmp_path, 'customer("new", Alias(stack="s", project="q"))') == ["q/s/Customer/new"]


def test_a_name_that_another_resource_has_by_now_is_nobodys_former_one(tmp_path: Path) -> None:
    renamed = 'customer("new", Alias(name="old"))\n'
    for program in (f'{renamed}customer("old")', f'customer("old")\n{renamed}'):
        assert former(tmp_path, program) is None


NESTED = """
class Region(pulumi.ComponentResource):
    def __init__(self, name, type_):
        super().__init__(type_, name)
        team = pulumi.ComponentResource("my:index:Team", name, None, Opts(parent=self))
        customer("new", parent=team)

Region("eu", "my:index:Europe")
"""


def test_where_a_resource_is_below_several_parents_the_provider_is_told(tmp_path: Path) -> None:
    assert former(tmp_path, NESTED) is None
    internal = run("dev", tmp_path).resources["new"].internal
    assert (internal["__owner"], internal["__parents"]) == ("p/dev/my:index:Team$Customer/new", "my:index:Europe$my:index:Team")


@pytest.mark.parametrize("other", ["my:index:America$my:index:Team", None])
def test_two_of_one_name_below_different_parents_are_refused_at_preview(other: str | None, server: LocalStripe) -> None:
    handler = Run(server).handler("Customer")
    inputs = {"name": "x", "__owner": "p/dev/my:index:Team$Customer/new", "__parents": "my:index:Europe$my:index:Team"}
    assert [handler.check({}, inputs)[1] for _ in range(2)] == [[], []]
    _, failures = handler.check({}, {**inputs, "__parents": other})
    assert [f.reason for f in failures] == [
        'Customer "new" is declared twice, under different parents; at Stripe the two would be taken for one. '
        "Give one of them another name"
    ]
