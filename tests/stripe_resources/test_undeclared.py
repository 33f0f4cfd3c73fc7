"""Outputs of arguments that a program does not declare: every kind, every field that Stripe gives back.

What a preview says before creation has to be what Stripe has afterwards, or else unknown.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from stripe_resources._core.values import ownership
from stripe_resources._core.values.compare import unlike
from stripe_resources._core.values.schema import Field, Role
from stripe_resources.register import KINDS
from stripe_resources.testing import run as run_program
from tests.stripe_local.server import LocalStripe

from .run import Run
from .sample import Values
from .samples import SAMPLES
from .world import World

PROGRAM = """
import pulumi, stripe_resources

def shown(value):
    return {{"unknown": True}} if value is pulumi.UNKNOWN else {{"is": value}}

it = stripe_resources.{kind}("it", **{args!r})
for name in {names!r}:
    pulumi.export(name, getattr(it, name).apply(shown, run_with_unknowns=True))
"""

CREATED = [kind for kind, sample in SAMPLES.items() if sample.has_create and not sample.found_by]


def undeclared(kind: str, args: Values) -> dict[str, Field]:
    fields = KINDS[f"stripe:{kind}"].schema.fields.items()
    return {name: field for name, field in fields if name not in args and field.role in (Role.MUTABLE, Role.IMMUTABLE)}


def outputs_of(folder: Path, kind: str, args: Values, *, preview: bool) -> Values:
    (folder / "Pulumi.yaml").write_text("name: p\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_text("config: {}\n")
    (folder / "__main__.py").write_text(PROGRAM.format(kind=kind, args=args, names=list(undeclared(kind, args))))
    return run_program("dev", folder, preview=preview).outputs


@pytest.mark.parametrize("kind", CREATED)
def test_what_a_preview_says_of_what_is_not_declared_is_what_stripe_has(
    kind: str, server: LocalStripe, world: World, tmp_path: Path
) -> None:
    args, definition = world.filled(SAMPLES[kind].args), KINDS[f"stripe:{kind}"]
    id_, outputs = Run(server).create(kind, "it", args)
    live = definition.behaviour.seen(world.live(kind, id_))
    live = {**live, "metadata": ownership.own(live.get("metadata") or {})}
    said = outputs_of(tmp_path, kind, args, preview=True)
    for name, field in undeclared(kind, args).items():
        if field.filled:
            assert said[name] == {"unknown": True}
            assert outputs.get("__made", {}).get(name) == live.get(field.stripe_name)
        else:
            assert said[name].keys() == {"is"}, f"{name} is known"
    known = {name: value["is"] for name, value in said.items() if value.get("is") is not None}
    different = unlike(definition.schema, live, {**args, **known}, (Role.MUTABLE, Role.IMMUTABLE))
    assert [name for name in different if name in said] == []


@pytest.mark.parametrize("kind", CREATED)
def test_a_deployment_says_the_same(kind: str, world: World, tmp_path: Path) -> None:
    args = world.filled(SAMPLES[kind].args)
    preview, deployment = (outputs_of(tmp_path, kind, args, preview=preview) for preview in (True, False))
    known = {name for name, value in preview.items() if "is" in value}
    assert {name: deployment[name] for name in known} == {name: preview[name] for name in known}


@pytest.mark.parametrize(
    "kind", [kind for kind in CREATED if any(f.filled for f in KINDS[f"stripe:{kind}"].schema.fields.values())]
)
def test_what_stripe_made_up_is_no_change_once_it_is_declared(kind: str, server: LocalStripe, world: World) -> None:
    """A subscription whose currency is declared in hindsight is not replaced by another one."""
    run, schema = Run(server), KINDS[f"stripe:{kind}"].schema
    filled = {name for name, field in schema.fields.items() if field.filled and field.readable}
    args = {name: value for name, value in world.filled(SAMPLES[kind].args).items() if name not in filled}
    id_, outputs = run.create(kind, "it", args)
    live = world.live(kind, id_)
    there = {name: live[schema.fields[name].stripe_name] for name in filled}
    declared = {name: value for name, value in there.items() if value is not None}
    assert declared
    assert run.update(kind, id_, outputs, {**args, **declared}) is None
