"""Objects that were made by hand: every kind, every field. Exported, imported, previewed and refreshed, none of them changes.

The fields and values are those of drift (`test_drift`). The objects carry no name of a resource, and once more they have what
Stripe's older versions and the dashboard leave in an object, and no resource knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import stripe

from stripe_client.client import Client
from stripe_resources._core.behaviour import Behaviour
from stripe_resources._core.values.compare import same
from stripe_resources._core.values.schema import Role, Schema
from stripe_resources.export.declaring import ELSEWHERE, declaration
from stripe_resources.export.exportable import exportable
from stripe_resources.register import KINDS
from tests.sampling import short
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.run import Run
from tests.stripe_resources.sample import Drift, Values, without
from tests.stripe_resources.samples import SAMPLES
from tests.stripe_resources.test_drift import base_of
from tests.stripe_resources.world import World

from .exporting import export
from .test_account import holds

Cell = tuple[str, Drift]
TOKENS = exportable(KINDS)
KIND_NAMES = [schema.kind for schema, _ in TOKENS.values()]
CELLS: list[Cell] = [
    (kind, cell)
    for kind in KIND_NAMES
    for case in (*SAMPLES[kind].mutable, *SAMPLES[kind].immutable)
    if (f"stripe:{kind}", case.field) not in ELSEWHERE  # those are a field of the other kind
    for cell in (case, replace(case, ours=case.theirs, base=without(base_of(kind, case), *case.along)))
    if "{item}" not in str(cell.ours)  # which is what an update says
]
"""A kind, a field and a value that Stripe keeps: both the one that the program of `test_drift` has, and the other one."""


def name_of(cell: Cell) -> str:
    kind, case = cell
    return f"{kind}.{case.field}"


def made_by_hand(kind: str, case: Drift, world: World) -> str:
    """The id of an object that has the value; what Stripe takes in an update only is set afterwards."""
    schema = KINDS[f"stripe:{kind}"].schema
    base = {schema.fields[name].stripe_name: value for name, value in world.filled(base_of(kind, case)).items()}
    value = {schema.fields[case.field].stripe_name: world.filled(case.ours)}
    if schema.part_of:  # the object is there already
        return str(world.made(f"{schema.path}/{world.product}", **value)["id"])
    try:
        return str(world.made(schema.path, **{**base, **value})["id"])
    except stripe.InvalidRequestError:
        id_ = world.made(schema.path, **base)["id"]
        world.made(f"{schema.path}/{id_}", **value)
        return str(id_)


MAPS = ("metadata", "currency_options")
"""What has keys of one's own, or currencies, instead of fields."""


def with_what_nobody_knows(live: Any, name: str = "") -> Any:
    """The object with fields that no resource has, at every depth."""
    if isinstance(live, Mapping):
        more = {"of_old": {"amount": 1, "parts": [None]}, "of_old_too": None} if live and name not in MAPS else {}
        return {**{k: v if k == "metadata" else with_what_nobody_knows(v, k) for k, v in live.items()}, **more}
    return [with_what_nobody_knows(part) for part in live] if isinstance(live, list) else live


def nothing_asked(schema: Schema, behaviour: Behaviour, live: Values, name: str) -> bool:
    """Whether a field has at Stripe what it has unasked, or what no program can tell."""
    field = schema.fields[name]
    seen = behaviour.seen(live).get(field.stripe_name)
    with_defaults = {**seen, **field.default} if isinstance(seen, dict) and isinstance(field.default, Mapping) else None
    return not field.readable or same(field.type, seen, field.default) or seen == with_defaults or not any(asks(seen))


def asks(value: Any) -> Iterator[bool]:
    """Of every text and number in a value, whether it asks for anything."""
    if isinstance(value, Mapping | list):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from asks(part)
    else:
        yield value not in (None, False, "", "none")


@pytest.mark.parametrize("cell", short(CELLS, 12, name_of))
def test_no_field_of_what_was_made_by_hand_changes(cell: Cell, server: LocalStripe, reader: Client, tmp_path: Path) -> None:
    kind, case = cell
    schema, behaviour = KINDS[f"stripe:{kind}"]
    world = World(server)
    id_ = made_by_hand(kind, case, world)
    exported = export(reader, archived=True, kinds=[schema.token])
    (resource,) = [r for r in exported.resources if r["id"] == id_]
    holds(exported, tmp_path)

    inputs, outputs = ({k: v for k, v in resource[part].items() if k != "__provider"} for part in ("inputs", "outputs"))
    server.forget_requests()
    refreshed = Run(server).read(kind, id_, outputs)
    assert refreshed == (outputs, inputs)
    assert {r["method"] for r in server.requests()} == {"GET"}

    live = world.live(kind, id_)
    found = declaration(schema, behaviour, live)
    assert case.field in found.inputs or case.field in found.undeclared or nothing_asked(schema, behaviour, live, case.field)
    by_hand = with_what_nobody_knows(live)
    assert declaration(schema, behaviour, by_hand) == found


def test_every_field_that_stripe_gives_back_is_in_a_cell() -> None:
    """But for those that `test_drift` names with the place where they are tried."""
    tried = {(kind, case.field) for kind, case in CELLS}
    for kind in KIND_NAMES:
        schema, sample = KINDS[f"stripe:{kind}"].schema, SAMPLES[kind]
        given_back = {n for n, f in schema.fields.items() if f.readable and f.role in (Role.MUTABLE, Role.IMMUTABLE)}
        needed = given_back - sample.tried_elsewhere.keys() - sample.absent.keys() - sample.args.keys()
        assert {n for n in needed if (kind, n) not in tried and (schema.token, n) not in ELSEWHERE} == set(), kind
