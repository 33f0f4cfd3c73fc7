"""What a resource tells its provider of its names: the one that it has, and those that it had before."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stripe_resources import StripeError
from stripe_resources._core.values import ownership
from stripe_resources.register import KINDS
from stripe_resources.testing import run
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.run import Run
from tests.stripe_resources.samples import SAMPLES
from tests.stripe_resources.world import World

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
        (
            'customer("new", Alias(parent="urn:pulumi:dev::p::a:b:C$a:b:D::t"), parent=Team("t"))',
            ["a:b:C$a:b:D$Customer/new", "a:b:D$Customer/new"],  # the second in the old form
        ),
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


def test_the_owner_has_all_parents_and_was_known_by_the_last_one(tmp_path: Path) -> None:
    assert former(tmp_path, NESTED) == ["p/dev/my:index:Team$Customer/new"]
    internal = run("dev", tmp_path).resources["new"].internal
    assert (internal["__owner"], internal.get("__shared")) == ("p/dev/my:index:Europe$my:index:Team$Customer/new", None)


def test_two_of_one_name_below_different_parents_are_told_apart(tmp_path: Path) -> None:
    assert former(tmp_path, NESTED + 'Region("us", "my:index:America")\n') is None
    two = [each.internal for each in run("dev", tmp_path).declared if each.name == "new"]
    assert {internal["__owner"] for internal in two} == {
        f"p/dev/my:index:{region}$my:index:Team$Customer/new" for region in ("Europe", "America")
    }
    assert {internal["__shared"] for internal in two} == {"p/dev/my:index:Team$Customer/new"}


WHOLE, OLD = "p/dev/my:index:Europe$my:index:Team$Customer/new", "p/dev/my:index:Team$Customer/new"


def test_a_mark_of_the_old_form_is_no_change_and_is_rewritten_with_the_next_one(server: LocalStripe) -> None:
    handler = Run(server).handler("Customer")
    id_, outputs = handler.create({"name": "x", "__owner": OLD})
    inputs = {"name": "x", "__owner": WHOLE, "__former": [OLD]}
    later = Run(server).handler("Customer")
    assert not later.diff(id_, outputs, later.check({**inputs, "__owner": OLD}, inputs)[0])
    changed = {**inputs, "name": "y"}
    assert later.diff(id_, outputs, changed).changed == ["name"]
    updated = later.update(id_, outputs, changed)
    assert updated["__owner"] == WHOLE
    assert server.client().v1.customers.retrieve(id_).to_dict()["metadata"] == {"pulumi_resource": WHOLE}
    removed = Run(server).handler("Customer")
    removed.delete(id_, outputs)
    assert server.client().v1.customers.retrieve(id_).to_dict()["deleted"]


def test_a_mark_of_the_old_form_is_found_unless_it_fits_two(server: LocalStripe) -> None:
    id_, _ = Run(server).handler("Customer").create({"name": "x", "__owner": OLD})
    lost = Run(server).handler("Customer")
    inputs = {"name": "x", "__owner": WHOLE}
    _, failures = lost.check({}, {**inputs, "__shared": OLD})
    assert [str(failure).partition(" of an earlier")[0] for failure in failures] == [f'{id_} carries the mark "{OLD}"']
    with pytest.raises(StripeError, match="fits several resources of this program"):
        lost.create({**inputs, "__shared": OLD})
    assert Run(server).handler("Customer").create({**inputs, "__former": [OLD]})[0] == id_


ANOTHER: dict[str, dict[str, str]] = {"EntitlementFeature": {"lookup_key": "another"}, "PromotionCode": {"code": "ANOTHER"}}


@pytest.mark.parametrize("kind", [kind for kind in SAMPLES if KINDS[f"stripe:{kind}"][0].tagged])
def test_a_mark_of_the_old_form_that_two_objects_carry_is_refused(kind: str, server: LocalStripe, world: World) -> None:
    """Which of them it is nothing tells, so neither is taken and neither is retired, before somebody says so at Stripe."""
    args, schema = world.filled(SAMPLES[kind].args), KINDS[f"stripe:{kind}"][0]
    old, whole = f"p/dev/my:index:Team${kind}/new", f"p/dev/my:index:Europe$my:index:Team${kind}/new"
    ids = [Run(server).handler(kind).create({**args, "__owner": old})[0]]
    ids.append(Run(server).handler(kind).create({**args, **ANOTHER.get(kind, {}), "__owner": f"p/dev/{kind}/other"})[0])
    world.made(f"{schema.path}/{ids[1]}", metadata={"pulumi_resource": old})
    inputs = {**args, "__owner": whole, "__former": [old]}
    server.forget_requests()

    lost = Run(server).handler(kind)
    _, failures = lost.check({}, inputs)
    assert sorted(str(failures[0]).partition(" carry the mark")[0].split(" and ")) == sorted(ids)
    with pytest.raises(StripeError, match="which says the same of both"):
        lost.create(inputs)
    assert [r["path"] for r in server.requests() if r["method"] != "GET"] == []

    world.made(f"{schema.path}/{ids[0]}", metadata={"pulumi_resource": whole})
    said = Run(server).handler(kind)
    assert said.check({}, inputs)[1] == []
    made, outputs = said.create(inputs)
    assert (made == ids[0]) is not bool(schema.shown_once)
    assert not schema.lifecycle.over(world.live(kind, ids[1])), "the other one is left alone"
    assert Run(server).update(kind, made, outputs, {**args, "__former": [old]}) is None


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


@given(st.text(min_size=1), st.sampled_from(["Price", "my:index:Team$Price", "a:b/c:D$my:index:Team$Price"]))
@example("a/b/c", "Price")
@example("/a//", "my:index:Team$Price")
@example("a$b/c", "Price")
@example("a\nb/c", "Price")
def test_a_name_is_read_as_it_was_written(name: str, path: str) -> None:
    written = ownership.owner("shop", "dev", path, name)
    assert ownership.parts_of(written) == (path, name)
    assert ownership.name_of(written) == name
    assert ownership.stack_of(written) == "shop/dev/"
