"""Two states of one stack: each object is in the one that found it last, and the other one changes it no more."""

from __future__ import annotations

from typing import Any

import pytest

from stripe_resources import StripeError
from stripe_resources.register import KINDS
from tests.stripe_local.server import LocalStripe

from .run import Run, read, unmarked
from .sample import Values
from .samples import SAMPLES
from .test_handlers import catalogue, metered
from .world import World

MARKED = [kind for kind in SAMPLES if KINDS[f"stripe:{kind}"].schema.tagged]
"""The kinds whose objects can say which state they are in."""

REFUSED = (
    r"is in another state of this stack by now, which found it again; restore that one \(`pulumi stack import`\), or hand its "
    r"objects over to this one on purpose: `python -m stripe_resources take-over --stack dev --state FILE`"
)


def writes(server: LocalStripe) -> list[str]:
    return [f"{r['method']} {r['path']}" for r in server.requests() if r["method"] != "GET"]


def mark(world: World, kind: str, id_: str) -> str | None:
    found: str | None = world.live(kind, id_)["metadata"].get("pulumi_lineage")
    return found


def two_states(kind: str, server: LocalStripe, world: World) -> tuple[str, Values, Values, Values]:
    """(id, inputs, outputs of the first state, outputs of the second one, which found the object again)."""
    args = world.filled(SAMPLES[kind].args)
    id_, first = Run(server).create(kind, "it", args)
    again, second = Run(server).create(kind, "it", args)
    assert again == id_
    return id_, args, first, second


@pytest.mark.parametrize("kind", MARKED)
def test_what_is_found_again_gets_a_mark_and_the_state_that_had_it_changes_it_no_more(
    kind: str, server: LocalStripe, world: World
) -> None:
    id_, args, first, second = two_states(kind, server, world)
    assert "__lineage" not in first
    assert second["__lineage"] == mark(world, kind, id_)
    assert unmarked(second) == first
    server.forget_requests()

    with pytest.raises(StripeError, match=f'{kind} "it" could not be read: {id_} {REFUSED}'):
        Run(server).read(kind, id_, first)
    with pytest.raises(StripeError, match=f'{kind} "it" could not be deleted: {id_} {REFUSED}'):
        Run(server).handler(kind).delete(id_, first)
    with pytest.raises(StripeError, match=f'{kind} "it" could not be updated: {id_} {REFUSED}'):
        Run(server).update(kind, id_, first, {**args, "metadata": {"a": "1"}})
    assert writes(server) == []

    assert read(Run(server), kind, id_, second) == second
    after = Run(server).update(kind, id_, second, {**args, "metadata": {"a": "1"}})
    assert after is not None
    assert after["metadata"] == {"a": "1"}
    cleared = Run(server).update(kind, id_, after, args)
    assert cleared == second
    assert mark(world, kind, id_) == second["__lineage"], "what is the program's to change is not the mark"
    Run(server).handler(kind).delete(id_, second)


@pytest.mark.parametrize("kind", [kind for kind in MARKED if SAMPLES[kind].immutable])
def test_nothing_takes_the_place_of_what_is_in_another_state(kind: str, server: LocalStripe, world: World) -> None:
    id_, args, first, _ = two_states(kind, server, world)
    server.forget_requests()
    run, owner = Run(server), {"__owner": first["__owner"]}
    handler, case = run.handler(kind), SAMPLES[kind].immutable[0]
    news = {**args, case.field: world.filled(case.theirs if case.ours == args.get(case.field) else case.ours), **owner}
    handler.check(first, news)
    found = handler.diff(id_, first, news)
    assert found.replaces
    with pytest.raises(StripeError, match=f"{id_} {REFUSED}"):
        handler.delete(id_, first) if found.delete_before_replace else handler.create(handler.check({}, news)[0])
    assert writes(server) == []


@pytest.mark.parametrize("kind", MARKED)
def test_a_preview_that_looks_for_a_new_object_sees_it(kind: str, server: LocalStripe, world: World) -> None:
    id_, args, first, _ = two_states(kind, server, world)
    key = {"EntitlementFeature": {"lookup_key": "other"}, "PromotionCode": {"code": "OTHER"}}.get(kind, {})
    other = {**args, **key, "__owner": f"p/dev/{kind}/other"}
    looks = Run(server).handler(kind)
    inputs, failures = looks.check(first, {**args, "__owner": first["__owner"]})
    assert failures == []
    assert not looks.diff(id_, first, inputs), "a preview that sends no request does not look"
    (failure,) = looks.check({}, other)[1]
    assert str(failure).startswith(f'{kind} "it": {id_} is in another state of this stack by now')
    looks = Run(server).handler(kind)
    assert looks.check({}, other)[1] == []
    with pytest.raises(StripeError, match=f'{kind} "it" could not be compared: {id_} {REFUSED}'):
        looks.diff(id_, first, inputs)


@pytest.mark.parametrize("kind", MARKED)
def test_a_new_object_has_no_mark_and_takes_no_more_requests(kind: str, server: LocalStripe, world: World) -> None:
    args = world.filled(SAMPLES[kind].args)
    server.forget_requests()
    id_, _ = Run(server).create(kind, "it", args)
    assert [(r["method"], r["path"]) for r in server.requests()] == [
        (method, KINDS[f"stripe:{kind}"].schema.path) for method in ("GET", "POST")
    ]
    assert mark(world, kind, id_) is None


def test_what_lost_its_mark_at_stripe_counts_as_the_states_own_and_gets_it_with_its_next_update(
    server: LocalStripe, world: World
) -> None:
    id_, args, _, second = two_states("Product", server, world)
    world.made(f"/v1/products/{id_}", metadata="")
    assert read(Run(server), "Product", id_, second) == second
    Run(server).update("Product", id_, second, {**args, "description": "New"})
    assert mark(world, "Product", id_) == second["__lineage"]


def test_a_state_that_is_lost_again_finds_its_objects_again(server: LocalStripe, world: World) -> None:
    id_, args, _, second = two_states("Customer", server, world)
    third = Run(server)
    again, outputs = third.create("Customer", "it", args)
    assert again == id_
    assert outputs["__lineage"] == mark(world, "Customer", id_) != second["__lineage"]
    with pytest.raises(StripeError, match=REFUSED):
        Run(server).handler("Customer").delete(id_, second)


def test_a_run_says_how_many_objects_it_found_again(server: LocalStripe, world: World) -> None:
    kinds = ("Product", "Customer", "Price")
    for kind in kinds:
        Run(server).create(kind, "it", world.filled(SAMPLES[kind].args))
    run = Run(server)
    ids = [run.create(kind, "it", world.filled(SAMPLES[kind].args))[0] for kind in kinds]
    said = [line for line in run.said if "found again" in line]
    assert [line.partition(";")[0] for line in said] == [
        f'{kind} "it": found again {id_} ({count} so far)' for count, (kind, id_) in enumerate(zip(kinds, ids, strict=True), 1)
    ]
    assert [line.partition("; ")[2] for line in said] == [
        "another state of this stack that has what this run finds again is refused from now on",
        "",
        "",
    ]


def test_what_took_the_place_of_an_outdated_states_object_is_no_leftover_of_it(server: LocalStripe, run: Run) -> None:
    """The second state replaced the price; the first one, which still has the old one, finds something else again."""
    meter, product = catalogue(run)
    args = metered(meter, product)
    price, first = run.create("Price", "it", args)
    run.create("Customer", "it", {})
    other = Run(server)
    new, _ = other.replace("Price", price, other.create("Price", "it", args)[1], {**args, "unit_amount": 5})
    outdated = Run(server)
    outdated.update("Price", price, first, args)
    with pytest.raises(StripeError, match=f"{new}, which an earlier run left, could not be retired: {price} {REFUSED}"):
        outdated.create("Customer", "it", {})
    assert server.client().v1.prices.retrieve(new).active


def test_what_another_stack_adopted_is_not_retired_by_the_first(server: LocalStripe) -> None:
    id_, first = Run(server).create("Product", "it", {"name": "x"})
    handler = Run(server).handler("Product")
    inputs = {"name": "x", "adopt": id_, "__owner": "p/prod/Product/it"}
    assert handler.check({}, inputs)[1] == []
    assert handler.create(inputs)[0] == id_
    message = (
        rf"{id_} was adopted by p/prod/Product/it; take it out of this state \(`pulumi state delete`\), or adopt it here again"
    )
    with pytest.raises(StripeError, match=message):
        Run(server).handler("Product").delete(id_, first)
    assert server.client().v1.products.retrieve(id_).active


def test_what_is_imported_comes_with_its_mark_and_keeps_it(server: LocalStripe, world: World) -> None:
    id_, args, _, second = two_states("Product", server, world)
    found = Run(server).read("Product", id_, {})
    assert found is not None
    assert (found[0]["__lineage"], found[0]["metadata"]) == (second["__lineage"], {})
    run = Run(server)
    outputs: dict[str, Any] = run.handler("Product").update(id_, found[0], {**args, "__owner": "p/dev/Product/it"})
    assert outputs["__lineage"] == mark(world, "Product", id_) == second["__lineage"]


def test_many_objects_are_looked_at_with_few_requests(server: LocalStripe) -> None:
    count = 100
    made = [Run(server).create("Product", f"p{i}", {"name": "x"}) for i in range(count)]
    server.forget_requests()
    run = Run(server)
    for id_, outputs in made:
        run.update("Product", id_, outputs, {"name": "y"})
    assert len(writes(server)) == count
    assert len(server.requests()) - count <= 15
