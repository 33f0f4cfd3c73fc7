"""Objects that are found again after a lost state, or adopted, and differ from the program: every kind, every field.

The cases are those of drift (`test_drift`): a field as the program has it, and as the object has it. What Stripe can change is
brought in line; what it cannot is replaced after a lost state, and refused by name on adoption. Nothing is retired before what
takes its place is there; the preview says what happens; and a second run has nothing to do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from stripe_resources import StripeError
from stripe_resources._core.values.schema import Unique
from tests.stripe_local.server import LocalStripe

from .run import Run, read
from .sample import Drift, Values, without
from .samples import SAMPLES
from .test_drift import OPTIONAL, base_of, change_outside, created, cut, parameters, schema_of
from .world import World

A_DAY = 30 * 3600
"""Seconds after which Stripe has forgotten an idempotency key."""

ONE_AT_A_TIME = {("PromotionCode", "promotion"), ("Subscription", "currency")}
"""What Stripe has only once the old object is gone: with a state, the engine retires it first, and says so."""

Cases = list[tuple[str, Drift]]
MUTABLE: Cases = [(kind, case) for kind, sample in SAMPLES.items() for case in sample.mutable]
IMMUTABLE: Cases = [(kind, case) for kind, sample in SAMPLES.items() for case in sample.immutable]


def marked(cases: Cases) -> list[Any]:
    """Those of the kinds whose objects say whose they are; of the others, another object is made after a lost state."""
    return parameters([(kind, case) for kind, case in cases if schema_of(kind).tagged])


def adoptable(cases: Cases) -> list[Any]:
    return parameters([(kind, case) for kind, case in cases if "adopt" in schema_of(kind).fields])


def changed(kind: str, case: Drift, run: Run, world: World) -> tuple[str, Values]:
    """(id, what the program wants) of an object of the resource "it" in which somebody changed the field."""
    id_, _, args = created(kind, case, run, world)
    change_outside(kind, case, world.filled(case.theirs), id_, world)
    return id_, args


def different(kind: str, case: Drift, world: World, owner: str = "") -> tuple[str, Values]:
    """(id, what the program wants) of an object that was made with another value."""
    schema = schema_of(kind)
    args, theirs = (world.filled({**base_of(kind, case), case.field: value}) for value in (case.ours, case.theirs))
    params = {schema.fields[name].stripe_name: value for name, value in theirs.items()}
    if owner:
        params["metadata"] = {**params.get("metadata", {}), "pulumi_resource": owner}
    return str(world.made(schema.path, **params)["id"]), args


def preview(run: Run, kind: str, name: str, args: Values) -> list[str]:
    """What a preview refuses; what it says else is in `run.said`."""
    return [str(f) for f in run.handler(kind).check({}, {**args, "__owner": f"p/dev/{kind}/{name}"})[1]]


def assert_settled(server: LocalStripe, kind: str, id_: str, outputs: Values, args: Values) -> None:
    """Stripe has what the program says, and a further run asks for nothing."""
    further = Run(server)
    assert read(further, kind, id_, outputs) == outputs
    server.forget_requests()
    assert further.update(kind, id_, outputs, args) is None
    assert further.sent() == []


def assert_replaced(server: LocalStripe, kind: str, old: str, new: str) -> None:
    """The old object is out of use, and it was left alone until the new one was there."""
    writes = [(r["method"], r["path"]) for r in server.requests() if r["method"] != "GET" and r["status"] == 200]
    assert writes[0] == ("POST", schema_of(kind).path)
    assert any(old in path for _, path in writes[1:])
    assert new != old
    found = Run(server).handler(kind)
    assert found.read(old, {"livemode": False, "__owner": ""}) is None or schema_of(kind).lifecycle.over(
        server.client().raw_request("get", f"{schema_of(kind).path}/{old}").data
    )


# -- found again after a lost state


@pytest.mark.parametrize(("kind", "case"), marked(MUTABLE))
def test_found_again_and_brought_in_line(kind: str, case: Drift, server: LocalStripe, run: Run, world: World) -> None:
    id_, args = changed(kind, case, run, world)
    if schema_of(kind).shown_once:  # without its secret it is of no use: it is replaced as a whole
        server.clock(advance=A_DAY)
    server.forget_requests()
    looks, later = Run(server), Run(server)
    assert preview(looks, kind, "it", args) == []
    again, outputs = later.create(kind, "it", args)
    if case.field == "active":  # what is out of use is not found, but where its key stays taken
        assert (again == id_) == (kind == "EntitlementFeature")
        assert looks.said == []
    elif schema_of(kind).shown_once:
        assert f'{kind} "it": replaces {id_}' in looks.said[0]
        if again != id_:  # else Stripe repeated its first answer
            assert_replaced(server, kind, id_, again)
    else:
        assert again == id_
        (said,) = looks.said
        assert said.startswith(f'{kind} "it": finds {id_} again and changes ')
        assert case.field in said
    assert_settled(server, kind, again, outputs, args)


@pytest.mark.parametrize(("kind", "case"), marked(IMMUTABLE))
def test_found_again_and_replaced(kind: str, case: Drift, server: LocalStripe, world: World) -> None:
    id_, args = different(kind, case, world, f"p/dev/{kind}/it")
    server.forget_requests()
    looks, later = Run(server), Run(server)
    if (kind, case.field) in ONE_AT_A_TIME:
        (said,) = preview(looks, kind, "it", args)
        assert said.startswith(f"{case.field} is ")
        assert f"an earlier run left {id_}, and Stripe takes no other {kind} beside it" in said
        with pytest.raises(StripeError, match=f"an earlier run left {id_}"):
            later.handler(kind).create({**args, "__owner": f"p/dev/{kind}/it"})
        assert [request for request in later.sent() if request[0] != "GET"] == []
        return
    assert preview(looks, kind, "it", args) == []
    (said,) = looks.said
    assert said.startswith(f'{kind} "it": replaces {id_}, which an earlier run left: ')
    assert schema_of(kind).shown_once or f"{case.field} is " in said
    new, outputs = later.create(kind, "it", args)
    assert_replaced(server, kind, id_, new)
    assert_settled(server, kind, new, outputs, args)


# -- adopted


@pytest.mark.parametrize(("kind", "case"), adoptable(MUTABLE))
def test_adopted_and_brought_in_line(kind: str, case: Drift, server: LocalStripe, run: Run, world: World) -> None:
    id_, args = changed(kind, case, run, world)
    looks, later = Run(server), Run(server)
    assert preview(looks, kind, "other", {**args, "adopt": id_}) == []
    (said,) = looks.said
    assert said.startswith(f'{kind} "other": adopts {id_} and changes ')
    assert case.field in said
    again, outputs = later.create(kind, "other", {**args, "adopt": id_})
    assert again == id_
    assert_settled(server, kind, id_, outputs, {**args, "adopt": id_})


@pytest.mark.parametrize(("kind", "case"), adoptable(IMMUTABLE))
def test_not_adopted_where_it_cannot_become_what_is_wanted(kind: str, case: Drift, server: LocalStripe, world: World) -> None:
    id_, args = different(kind, case, world)
    server.forget_requests()
    run = Run(server)
    (said,) = preview(run, kind, "it", {**args, "adopt": id_})
    assert said.startswith(f"{case.field}: is ")
    assert id_ in said
    with pytest.raises(StripeError, match=f"{case.field}: is .*{id_}"):
        run.handler(kind).create({**args, "adopt": id_, "__owner": f"p/dev/{kind}/it"})
    assert [request for request in run.sent() if request[0] != "GET"] == []


# -- what the program does not declare


@pytest.mark.parametrize(("kind", "case"), adoptable(MUTABLE))
def test_what_is_not_declared_stays(kind: str, case: Drift, server: LocalStripe, run: Run, world: World) -> None:
    field = schema_of(kind).fields[case.field]
    if field.required or field.enforced:
        return
    id_, _, args = created(kind, case, run, world)
    rest = without(args, case.field, *(case.leaves_with or case.along))
    before = world.live(kind, id_)[field.stripe_name]
    again, outputs = Run(server).create(kind, "other", {**rest, "adopt": id_})
    assert again == id_
    if case.field != "metadata":
        assert world.live(kind, id_)[field.stripe_name] == before
    assert_settled(server, kind, id_, outputs, {**rest, "adopt": id_})


# -- given up, while its id or its key stays taken

KEPT = [(k, c) for k, c in OPTIONAL if (key := schema_of(k).key) and key.unique is Unique.ALWAYS]


@pytest.mark.parametrize(("kind", "case"), parameters(KEPT))
def test_what_was_given_up_is_taken_back_as_a_new_one(
    kind: str, case: Drift, server: LocalStripe, run: Run, world: World
) -> None:
    """With nothing of what it had before; what somebody adopts keeps that."""
    schema = schema_of(kind)
    assert schema.key
    own = replace(case, base={**base_of(kind, case), schema.key.field: "ours"})
    id_, outputs, args = created(kind, own, run, world)
    if kind == "Product":  # else it is deleted, and its id is free
        world.made("/v1/prices", product=id_, currency="usd", unit_amount=1)
    Run(server).handler(kind).delete(id_, outputs)
    rest = without(args, case.field)
    again, outputs = Run(server).create(kind, "it", rest)
    assert again == id_
    assert cut(case.left, world.live(kind, id_)[schema.fields[case.field].stripe_name]) == case.left
    assert_settled(server, kind, id_, outputs, rest)
