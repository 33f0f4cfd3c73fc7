"""What Pulumi's options mean for the objects of every kind: what is ignored, and what the program asks to replace.

An option reaches a provider as the paths that the resource puts among its inputs; the engine does its part before that, so a run
here passes inputs as an engine does: an ignored field as the state has it.
"""

from __future__ import annotations

from typing import Any

import pytest

from stripe_resources import StripeError
from stripe_resources._core.values import ownership
from stripe_resources._core.values.options import parse
from tests.stripe_local.server import LocalStripe

from .run import Run, read, unmarked
from .sample import Drift, Values, without
from .samples import SAMPLES
from .test_drift import MUTABLE, change_outside, created, parameters, schema_of
from .test_lives import KEYED
from .world import World

# -- ignore_changes


def beside(kind: str, field: str) -> Values:
    """A change of another field of the same object; {} where a kind has none that goes with every other one."""
    if schema_of(kind).tagged and field != "metadata":
        return {"metadata": {"other": "changed"}}
    name = schema_of(kind).fields.get("name")
    return {"name": "changed"} if name is not None and name.in_update and field != "name" else {}


def live_value(kind: str, field: str, id_: str, world: World) -> Any:
    """What Stripe has, without what says whose the object is."""
    live = world.live(kind, id_)
    value = live["status"] if field == "disabled" else live[schema_of(kind).fields[field].stripe_name]
    return ownership.own(value) if field == "metadata" else value


@pytest.mark.parametrize(("kind", "case"), parameters(MUTABLE))
def test_what_is_ignored_stays_as_somebody_left_it(kind: str, case: Drift, server: LocalStripe, world: World) -> None:
    id_, outputs, args = created(kind, case, Run(server), world)
    change_outside(kind, case, world.filled(case.theirs), id_, world)
    left = live_value(kind, case.field, id_, world)
    ignoring = {**args, "__ignored": [case.field, *case.along]}
    changed = {**ignoring, **beside(kind, case.field)}

    server.forget_requests()
    updated = Run(server).update(kind, id_, outputs, changed)
    for request in server.requests():
        sent = request["parameters"].get(case.field, {}) if request["method"] != "GET" else {}
        assert sent in ({}, {"pulumi_resource": outputs["__owner"]}), "it is not sent"
    assert live_value(kind, case.field, id_, world) == left, "it is not restored"
    outputs = outputs if updated is None else updated
    assert Run(server).update(kind, id_, outputs, changed) is None, "it is not compared"
    found = Run(server).read(kind, id_, outputs)
    assert found is not None
    assert Run(server).update(kind, id_, found[0], changed) is None, "nor after a refresh"

    restored = Run(server).update(kind, id_, found[0], without(changed, "__ignored"))
    assert restored is not None, "the program that ignores it no longer sees it"
    assert Run(server).update(kind, id_, restored, without(changed, "__ignored")) is None


@pytest.mark.parametrize(("kind", "case"), parameters([(k, c) for k, c in MUTABLE if schema_of(k).tagged]))
def test_what_is_ignored_is_left_alone_when_it_is_found_again(kind: str, case: Drift, server: LocalStripe, world: World) -> None:
    id_, _, args = created(kind, case, Run(server), world)
    change_outside(kind, case, world.filled(case.theirs), id_, world)
    left = live_value(kind, case.field, id_, world)
    again, outputs = Run(server).create(kind, "it", {**args, "__ignored": [case.field, *case.along]})
    if again != id_:  # what is archived is not found
        assert case.field == "active"
        return
    assert live_value(kind, case.field, id_, world) == left
    assert Run(server).update(kind, id_, outputs, {**args, "__ignored": [case.field, *case.along]}) is None


@pytest.mark.parametrize("kind", [kind for kind in SAMPLES if "adopt" in schema_of(kind).fields])
def test_an_adopted_object_keeps_what_is_ignored(kind: str, server: LocalStripe, world: World) -> None:
    sample, schema = SAMPLES[kind], schema_of(kind)
    case = next((c for c in sample.mutable if not c.along and c.field not in ("active", "disabled", "items")), None)
    if case is None:
        pytest.skip("a kind without a field that changes by itself")
    args = world.filled({**(without(sample.args, case.field) if case.base is None else case.base), case.field: case.theirs})
    id_ = str(world.made(schema.path, **{schema.fields[name].stripe_name: value for name, value in args.items()})["id"])
    left = live_value(kind, case.field, id_, world)
    wanted = {**args, case.field: world.filled(case.ours), "adopt": id_, "__ignored": [case.field]}
    again, _ = Run(server).create(kind, "it", wanted)
    assert (again, live_value(kind, case.field, id_, world)) == (id_, left)


def subscription(world: World, **more: Any) -> Values:
    items = [{"price": world.price, "quantity": 2}, {"price": world.other_price, "quantity": 1}]
    return {"customer": world.customer, "collection_method": "send_invoice", "days_until_due": 30, "items": items, **more}


@pytest.mark.parametrize(
    "ignored",
    ["items[0].quantity", "items[*].quantity", 'items[0]["quantity"]', "items[0]"],
    ids=["index", "any", "quoted", "all"],
)
def test_the_seats_of_one_item_are_ignored_when_another_item_changes(ignored: str, server: LocalStripe, world: World) -> None:
    args = subscription(world)
    id_, outputs = Run(server).create("Subscription", "it", args)
    first, second = (item["id"] for item in world.live("Subscription", id_)["items"]["data"])
    world.made(f"/v1/subscriptions/{id_}", items=[{"id": first, "quantity": 9}])
    third = world.new_price()
    changed = {**args, "items": [args["items"][0], {"price": third, "quantity": 1}], "__ignored": [ignored]}
    updated = Run(server).update("Subscription", id_, outputs, changed)
    assert updated is not None
    items = world.live("Subscription", id_)["items"]["data"]
    assert [(i["id"], i["price"]["id"], i["quantity"]) for i in items] == [(first, world.price, 9), (second, third, 1)]
    assert Run(server).update("Subscription", id_, updated, changed) is None


def test_the_seats_of_an_item_are_known_by_its_price(server: LocalStripe, world: World) -> None:
    args = subscription(world)
    id_, outputs = Run(server).create("Subscription", "it", args)
    first, second = (item["id"] for item in world.live("Subscription", id_)["items"]["data"])
    world.made(f"/v1/subscriptions/{id_}", items=[{"id": first, "deleted": True}, {"id": second, "quantity": 7}])
    outputs = read(Run(server), "Subscription", id_, outputs)
    assert Run(server).update("Subscription", id_, outputs, {**args, "__ignored": ["items[*].quantity"]}) is not None
    items = world.live("Subscription", id_)["items"]["data"]
    assert {i["price"]["id"]: i["quantity"] for i in items} == {world.price: 2, world.other_price: 7}


def test_a_list_goes_as_a_whole_with_what_is_ignored_in_it(server: LocalStripe, world: World) -> None:
    """Stripe takes marketing features as a list only, so what somebody made of the first one goes along as it is."""
    args = {"name": "Hypernian", "marketing_features": [{"name": "a"}, {"name": "b"}]}
    id_, outputs = Run(server).create("Product", "it", args)
    world.made(f"/v1/products/{id_}", marketing_features=[{"name": "theirs"}, {"name": "b"}])
    changed = {**args, "marketing_features": [{"name": "a"}, {"name": "c"}], "__ignored": ["marketing_features[0].name"]}
    updated = Run(server).update("Product", id_, outputs, changed)
    assert world.live("Product", id_)["marketing_features"] == [{"name": "theirs"}, {"name": "c"}]
    assert Run(server).update("Product", id_, updated or {}, changed) is None


@pytest.mark.parametrize(
    ("ignored", "expected"),
    [
        (["metadata.a"], {"a": "theirs", "b": "3"}),
        (['metadata["a"]'], {"a": "theirs", "b": "3"}),
        (["metadata"], {"a": "theirs", "b": "2"}),
        (["metadata.*"], {"a": "theirs", "b": "2"}),
        (["metadata[*]"], {"a": "theirs", "b": "2"}),
        (["*"], {"a": "theirs", "b": "2"}),
        (["name"], {"a": "1", "b": "3"}),
    ],
)
def test_a_key_of_a_map_is_ignored(ignored: list[str], expected: Values, server: LocalStripe, world: World) -> None:
    args = {"name": "Hypernian", "metadata": {"a": "1", "b": "2"}}
    id_, outputs = Run(server).create("Product", "it", args)
    world.made(f"/v1/products/{id_}", metadata={"a": "theirs"})
    changed = {**args, "metadata": {"a": "1", "b": "3"}, "__ignored": ignored}
    Run(server).update("Product", id_, read(Run(server), "Product", id_, outputs), changed)
    assert live_value("Product", "metadata", id_, world) == expected


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("items", ("items",)),
        ("items[0].quantity", ("items", 0, "quantity")),
        ("items[*].price", ("items", "*", "price")),
        ('metadata["a.b"]', ("metadata", "a.b")),
        ('metadata["a\\"b"]', ("metadata", 'a"b')),
        ("*", ("*",)),
        ("[*]", ("*",)),
        ("items[", ()),
        ("items[x]", ()),
    ],
)
def test_paths_are_read_as_pulumi_reads_them(text: str, path: tuple[str | int, ...]) -> None:
    assert parse(text) == path


# -- replace_on_changes


@pytest.mark.parametrize(("kind", "case"), parameters(MUTABLE))
def test_a_change_that_the_program_wants_to_replace_replaces(kind: str, case: Drift, server: LocalStripe, world: World) -> None:
    id_, outputs, args = created(kind, case, Run(server), world)
    theirs = {**args, case.field: world.filled(case.theirs)}

    def replaces(paths: list[str]) -> list[str]:
        news = {**theirs, "__owner": outputs["__owner"], "__replacing": paths}
        handler = Run(server).handler(kind)
        return handler.diff(id_, outputs, handler.check(outputs, news)[0]).replaces

    normal = replaces([])
    assert case.field in replaces([case.field]) or not case_differs(kind, case, theirs, args)
    assert case.field in replaces(["*"]) or not case_differs(kind, case, theirs, args)
    assert replaces(["nothing_such"]) == normal
    assert Run(server).update(kind, id_, outputs, {**args, "__replacing": [case.field, "*"]}) is None


def case_differs(kind: str, case: Drift, theirs: Values, args: Values) -> bool:
    return bool(theirs.get(case.field) != args.get(case.field))


@pytest.mark.parametrize(
    ("paths", "replaces"),
    [
        (["metadata.a"], True),
        (["metadata.b"], False),
        (["metadata.*"], True),
        (["metadata"], True),
        (["*"], True),
        (["name"], False),
    ],
)
def test_a_path_that_replaces(paths: list[str], replaces: bool, server: LocalStripe) -> None:
    args: Values = {"name": "Hypernian", "metadata": {"a": "1", "b": "2"}}
    id_, outputs = Run(server).create("Product", "it", args)
    changed = {**args, "metadata": {"a": "changed", "b": "2"}, "__replacing": paths}
    handler = Run(server).handler("Product")
    news, _ = handler.check(outputs, {**changed, "__owner": outputs["__owner"]})
    found = handler.diff(id_, outputs, news)
    assert (found.changed, bool(found.replaces)) == (["metadata"], replaces)
    if replaces:
        new, after = Run(server).replace("Product", id_, outputs, changed)
        assert new != id_
        assert Run(server).update("Product", new, after, changed) is None


# -- replacement_trigger, replace_with: the engine asks for no difference


class Replacement:
    """A run in which the engine replaces the resource "it" without a diff."""

    def __init__(self, server: LocalStripe, kind: str, old: Values, args: Values) -> None:
        self.run = Run(server)
        self.handler = self.run.handler(kind)
        news = {**args, "__owner": f"p/dev/{kind}/it"}
        declared = {k: v for k, v in old.items() if k in news or k.startswith("__")}
        assert self.handler.check(declared, news)[1] == []
        self.inputs, self.failures = self.handler.check({}, news)

    def create(self) -> tuple[str, Values]:
        assert self.failures == []
        return self.handler.create(self.inputs)


TAKEN_FOR_EVER = {"EntitlementFeature"}
"""Kinds whose key an object keeps even when it is out of use."""

SAME_ID = {"DefaultPrice", "Coupon", "Product"}
"""Kinds that have, in these samples, the id that the program says."""


@pytest.mark.parametrize("kind", [kind for kind in SAMPLES if kind not in TAKEN_FOR_EVER])
@pytest.mark.parametrize("keyed", [False, True], ids=["", "with a key"])
def test_a_replacement_that_the_program_asks_for_is_a_new_object(
    kind: str, keyed: bool, server: LocalStripe, world: World
) -> None:
    if keyed and (kind not in KEYED or kind == "Product"):
        pytest.skip("a kind without a key of its own, or whose key an object keeps")
    args = world.filled({**SAMPLES[kind].args, **(KEYED[kind] if keyed else {})})
    id_, outputs = Run(server).create(kind, "it", args)

    died = Replacement(server, kind, outputs, args)
    new, anew = died.create()
    assert died.run.said == []
    assert new != id_ or kind == "DefaultPrice" or (keyed and kind in SAME_ID)
    for secret in schema_of(kind).shown_once:
        assert anew[secret] != outputs[secret]
    again = Replacement(server, kind, outputs, args)
    found, found_outputs = again.create()
    assert (found, unmarked(found_outputs)) == (new, unmarked(anew)), "a run that dies before its state is written leaves one"
    again.handler.delete(id_, outputs)
    assert not any("earlier run" in line for line in again.run.said)

    assert read(Run(server), kind, new, found_outputs) == found_outputs
    assert Run(server).update(kind, new, found_outputs, args) is None
    if new != id_:
        left = Run(server).read(kind, id_, outputs)
        assert left is None or left[0] != outputs, "the old one is out of use"
    twice = Replacement(server, kind, found_outputs, args)
    third, _ = twice.create()
    assert third not in (id_, new) or kind == "DefaultPrice" or (keyed and kind in SAME_ID)


@pytest.mark.parametrize("kind", [kind for kind in SAMPLES if kind not in TAKEN_FOR_EVER and kind != "DefaultPrice"])
def test_the_old_object_can_go_first(kind: str, server: LocalStripe, world: World) -> None:
    """`delete_before_replace` together with a trigger."""
    args = world.filled({**SAMPLES[kind].args, **KEYED.get(kind, {})})
    id_, outputs = Run(server).create(kind, "it", args)
    first = Replacement(server, kind, outputs, args)
    first.handler.delete(id_, outputs)
    new, anew = first.create()
    assert first.run.said == []
    again, found = Replacement(server, kind, outputs, args).create()
    assert (again, unmarked(found)) == (new, unmarked(anew)), "a run that dies before its state is written leaves one"
    assert read(Run(server), kind, again, found) == found


def test_a_key_that_stays_taken_is_refused_at_preview(server: LocalStripe, world: World) -> None:
    args = world.filled(SAMPLES["EntitlementFeature"].args)
    _, outputs = Run(server).create("EntitlementFeature", "it", args)
    (failure,) = Replacement(server, "EntitlementFeature", outputs, args).failures
    assert str(failure).startswith(f"lookup_key: is '{args['lookup_key']}', which the EntitlementFeature that is to be")
    assert Replacement(server, "EntitlementFeature", outputs, {**args, "lookup_key": "another"}).failures == []


def test_a_product_with_its_own_id_has_to_go_first(server: LocalStripe) -> None:
    args: Values = {"name": "Hypernian", "product_id": "hypernian"}
    id_, outputs = Run(server).create("Product", "it", args)
    with pytest.raises(StripeError, match=r"product_id: 'hypernian' belongs to hypernian.*delete_before_replace=True"):
        Replacement(server, "Product", outputs, args).create()
    assert read(Run(server), "Product", id_, outputs) == outputs
