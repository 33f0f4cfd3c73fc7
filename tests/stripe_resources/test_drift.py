"""Drift in every field that Stripe gives back, against a real local Stripe.

Each field goes the whole way. Changed outside, it shows in a read, and it alone; the next update (a replacement, where Stripe
cannot change it) puts it back; then a read shows nothing more. When the program drops it, Stripe's default is back, and what is
changed outside from then on shows no more.
"""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from stripe_resources._core.values.schema import ListOf, Role, Schema, Unset
from stripe_resources.register import KINDS
from tests.sampling import spread

from .run import Run
from .sample import REPLACES, Drift, Values, without
from .samples import SAMPLES
from .world import World


def schema_of(kind: str) -> Schema:
    return KINDS[f"stripe:{kind}"][0]


def base_of(kind: str, case: Drift) -> Values:
    return without(SAMPLES[kind].args, case.field) if case.base is None else case.base


def parameters(cases: list[tuple[str, Drift]]) -> list[Any]:
    """All of the cases; a third of them, spread evenly, are in the short run."""
    numbers = spread(range(len(cases)), -(-len(cases) // 3))
    return [
        pytest.param(kind, case, id=f"{kind}.{case.field}", marks=() if n in numbers else pytest.mark.thorough)
        for n, (kind, case) in enumerate(cases)
    ]


# -- what is changed in place

MUTABLE = [(kind, case) for kind, sample in SAMPLES.items() for case in sample.mutable]
CLEARABLE = [(k, c) for k, c in MUTABLE if (f := schema_of(k).fields[c.field]).unset is Unset.EMPTY and not f.required]
OPTIONAL = [(k, c) for k, c in MUTABLE if not schema_of(k).fields[c.field].required]


def created(kind: str, case: Drift, run: Run, world: World) -> tuple[str, Values, Values]:
    """(id, outputs, inputs) of the object that the case declares."""
    base = base_of(kind, case)
    if (kind, case.field) == ("Product", "default_price"):  # a price of a product that has to be there first
        world.product, outputs = run.create(kind, "it", base)
        args = world.filled({**base, case.field: case.ours})
        return world.product, run.update(kind, world.product, outputs, args) or {}, args
    args = world.filled({**base, case.field: case.ours})
    id_, outputs = run.create(kind, "it", args)
    world.item = outputs["items"][0]["id"] if "items" in outputs else ""
    return id_, outputs, args


def change_outside(kind: str, case: Drift, value: Any, id_: str, world: World) -> None:
    schema = schema_of(kind)
    world.made(f"{schema.path}/{id_}", **{schema.fields[case.field].stripe_name: value})


def differing(a: Values, b: Values) -> set[str]:
    return {k for k in a.keys() | b.keys() if a.get(k) != b.get(k)}


def assert_repaired(kind: str, case: Drift, id_: str, outputs: Values, args: Values, run: Run) -> None:
    """What was changed outside shows; it is put back; nothing shows any more."""
    found = run.read(kind, id_, outputs)
    assert found is not None
    shown, inputs = found
    assert differing(shown, outputs) == {case.field, *case.along}
    declarable = {name for name in case.along if name in schema_of(kind).fields}
    assert differing(inputs, {**args, "__owner": outputs["__owner"]}) == {case.field, *declarable}
    assert run.update(kind, id_, shown, args) == outputs
    again = run.read(kind, id_, outputs)
    assert again is not None
    assert again[0] == outputs


@pytest.mark.parametrize(("kind", "case"), parameters(MUTABLE))
def test_what_is_changed_outside_shows_and_is_put_back(kind: str, case: Drift, run: Run, world: World) -> None:
    id_, outputs, args = created(kind, case, run, world)
    change_outside(kind, case, world.filled(case.theirs), id_, world)
    assert_repaired(kind, case, id_, outputs, args, run)


@pytest.mark.parametrize(("kind", "case"), parameters(CLEARABLE))
def test_what_is_removed_outside_shows_and_is_put_back(kind: str, case: Drift, run: Run, world: World) -> None:
    id_, outputs, args = created(kind, case, run, world)
    change_outside(kind, case, "", id_, world)
    assert_repaired(kind, case, id_, outputs, args, run)


def cut(value: Any, live: Any) -> Any:
    """What Stripe has, cut to the parts of a value."""
    return {k: cut(v, (live or {}).get(k)) for k, v in value.items()} if isinstance(value, dict) else live


@pytest.mark.parametrize(("kind", "case"), parameters(OPTIONAL))
def test_what_leaves_the_program_goes_back_to_stripes_default_and_shows_no_more(
    kind: str, case: Drift, run: Run, world: World
) -> None:
    field = schema_of(kind).fields[case.field]
    together = case.leaves_with or case.along
    id_, outputs, args = created(kind, case, run, world)
    rest = without(args, case.field, *together)
    if case.left == REPLACES:
        new, after = run.replace(kind, id_, outputs, rest)
        assert run.update(kind, new, after, rest) is None
        return
    before = world.live(kind, id_)
    if field.enforced and case.ours == field.default:  # declared or not: the default is what is wanted
        assert run.update(kind, id_, outputs, rest) is None
        return
    after_or_none = run.update(kind, id_, outputs, rest)
    assert after_or_none is not None
    after: Values = after_or_none
    live = world.live(kind, id_)
    kept = field.unset is Unset.KEEP and not together
    assert cut(case.left, live.get(field.stripe_name)) == (before[field.stripe_name] if kept else case.left)
    assert run.update(kind, id_, after, rest) is None
    if field.enforced:
        return
    if not together:
        change_outside(kind, case, world.filled(case.theirs), id_, world)
    found = run.read(kind, id_, after)
    assert found is not None
    assert without(found[0], "__made") == without(after, "__made")
    assert case.field not in found[1]


def nothing(kind: str, case: Drift) -> Any:
    """What a program declares to have the field as Stripe has it where nobody set it; None where it has no word for that."""
    field = schema_of(kind).fields[case.field]
    if field.enforced or case.left == REPLACES or case.leaves_with or case.along:
        return None
    return [] if isinstance(field.type, ListOf) and field.unset is Unset.EMPTY else field.default


ANEW = [(k, c) for k, c in OPTIONAL if nothing(k, c) is not None]


@pytest.mark.parametrize(("kind", "case"), parameters(ANEW))
def test_what_is_declared_anew_is_at_stripe_whatever_others_had_set(kind: str, case: Drift, run: Run, world: World) -> None:
    args = world.filled(base_of(kind, case))
    id_, outputs = run.create(kind, "it", args)
    change_outside(kind, case, world.filled(case.theirs), id_, world)
    wanted = nothing(kind, case)
    declared = {**args, case.field: wanted}
    after = run.update(kind, id_, outputs, declared)
    assert after is not None
    assert (cut(wanted, world.live(kind, id_)[schema_of(kind).fields[case.field].stripe_name]) or wanted) == wanted
    assert run.update(kind, id_, after, declared) is None
    found = run.read(kind, id_, after)
    assert found is not None
    assert found[0] == after


# -- what only a new object can have

IMMUTABLE = [(kind, case) for kind, sample in SAMPLES.items() for case in sample.immutable]


@pytest.mark.parametrize(("kind", "case"), parameters(IMMUTABLE))
def test_what_stripe_cannot_change_shows_and_is_replaced(kind: str, case: Drift, run: Run, world: World) -> None:
    """Nobody can change it outside: the state came to name another object, by an edit or an old backup."""
    schema = schema_of(kind)
    id_, outputs, args = created(kind, case, run, world)
    run.handler(kind).delete(id_, outputs)
    theirs = world.filled({**base_of(kind, case), case.field: case.theirs})
    other = world.made(schema.path, **{schema.fields[k].stripe_name: v for k, v in theirs.items()})["id"]

    found = run.read(kind, other, outputs)
    assert found is not None
    shown, inputs = found
    assert case.field in differing(shown, outputs)
    assert differing(inputs, {**args, "__owner": outputs["__owner"]}) == {case.field}
    new, after = run.replace(kind, other, shown, args)
    assert new != other
    own = ("created", "__lineage", "__made", *SAMPLES[kind].own)
    assert differing(without(after, *own), without(outputs, *own)) == set()
    again = run.read(kind, new, after)
    assert again is not None
    assert again[0] == after


# -- what the local Stripe does not have


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, sample in SAMPLES.items() for name in sample.absent])
def test_what_is_not_tried_here_does_not_exist_here(kind: str, name: str, world: World) -> None:
    schema, sample = schema_of(kind), SAMPLES[kind]
    base = world.filled(without(sample.args, name.removesuffix("_account")))  # a customer is named in one of two ways
    at = f"{schema.path}/{world.customer}" if schema.fields[name].only == "update" else schema.path
    with pytest.raises(stripe.InvalidRequestError, match=name):
        world.made(at, **base, **{name: sample.absent[name]})


@pytest.mark.parametrize("kind", SAMPLES)
def test_every_field_that_stripe_gives_back_is_tried(kind: str) -> None:
    sample = SAMPLES[kind]
    tried = {case.field for case in (*sample.mutable, *sample.immutable)} | {*sample.absent, *sample.tried_elsewhere}
    fields = schema_of(kind).fields.items()
    compared = {name for name, field in fields if field.readable and field.role in (Role.MUTABLE, Role.IMMUTABLE)}
    assert sorted(compared - tried) == [], f"`mutable` or `immutable` of SAMPLE in the test file of {kind} has none for these"
    assert sorted(tried - compared) == [], "not what Stripe gives back and we compare"
