"""A whole life of one object of each kind: made, found again after a crash, as declared, retired, made anew."""

from __future__ import annotations

import pytest

from stripe_resources._core.values.compare import fits
from tests.stripe_local.server import LocalStripe

from .run import Run, read, unmarked
from .sample import Values
from .samples import SAMPLES
from .world import World


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_life(kind: str, server: LocalStripe, world: World) -> None:
    args = world.filled(SAMPLES[kind].args)
    first = Run(server)
    id_, outputs = first.create(kind, "it", args)
    second = Run(server)
    again, found = second.create(kind, "it", args)
    assert (again, unmarked(found)) == (id_, outputs), "a run that dies before its state is written leaves one object"
    first, outputs = second, found
    assert read(first, kind, id_, outputs) == outputs
    assert first.update(kind, id_, outputs, args) is None, "what was just made is as declared"
    last = Run(server)
    last.handler(kind).delete(id_, outputs)
    last.handler(kind).delete(id_, outputs)  # a run that dies after Stripe's answer does it twice
    found = last.read(kind, id_, outputs)
    assert found is None or found[0] != outputs, "it is gone, or out of use"
    again, anew = Run(server).create(kind, "it", args)
    assert read(Run(server), kind, again, anew) == anew


@pytest.mark.parametrize("kind", SAMPLES)
def test_what_is_read_by_its_id_alone_has_the_types_that_arguments_have(kind: str, server: LocalStripe, world: World) -> None:
    """Pulumi's SDK waits for ever where an output is not of the type that the resource announces."""
    args = world.filled(SAMPLES[kind].args)
    id_, _ = Run(server).create(kind, "it", args)
    handler = Run(server).handler(kind)
    below = {name: args[name] for name in handler.schema.below}
    found = handler.read(id_, below)
    assert found is not None
    unfit = {
        name: value
        for name, value in found[0].items()
        if name in (fields := handler.schema.fields) and not fits(fields[name].type, value)
    }
    assert unfit == {}


KEYED: dict[str, Values] = {
    "Coupon": {"coupon_id": "SUMMER"},
    "Price": {"lookup_key": "tokens"},
    "Product": {"product_id": "hypernian"},
    "PromotionCode": {"code": "SUMMER25"},
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_forced_replacement_leaves_an_object_in_use(kind: str, server: LocalStripe, world: World) -> None:
    """`up --replace` creates first and deletes then, whether two can have the same key or not."""
    args = world.filled({**SAMPLES[kind].args, **KEYED.get(kind, {})})
    id_, outputs = Run(server).create(kind, "it", args)
    forced = Run(server, forced=True)
    new, anew = forced.create(kind, "it", args)
    forced.handler(kind).delete(id_, outputs)
    assert read(Run(server), kind, new, anew) == anew
    assert Run(server).update(kind, new, anew, args) is None


ANOTHER: dict[str, Values] = {
    "DefaultPrice": {"product": "{other_product}", "default_price": "{price_of_another}"},
    "EntitlementFeature": {"lookup_key": "another"},
    "Meter": {"event_name": "another"},
    "ProductFeature": {"product": "{other_product}"},
    "PromotionCode": {"code": "ANOTHER"},
}
"""What Stripe takes once at a time, for the second one."""


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_same_below_two_parents_and_again_after_a_delete(kind: str, server: LocalStripe, world: World) -> None:
    """An idempotency key is of one request: its owner is the whole chain of parents, and its path names what it is below."""
    world.price_of_another = world.made("/v1/prices", product=world.other_product, currency="usd", unit_amount=1)["id"]
    first = world.filled(SAMPLES[kind].args)
    args = {"A": first, "B": {**first, **world.filled(ANOTHER.get(kind, {}))}}

    def declared(run: Run) -> dict[str, tuple[str, Values]]:
        found = {}
        for parent, each in args.items():
            inputs, failures = run.handler(kind).check(
                {}, {**each, "__owner": f"p/dev/my:index:{parent}$my:index:Team${kind}/it"}
            )
            assert failures == []
            found[parent] = run.handler(kind).create(inputs)
        return found

    made = declared(Run(server))
    assert made["A"][0] != made["B"][0]
    last = Run(server)
    for id_, outputs in made.values():
        last.handler(kind).delete(id_, outputs)
    again = declared(Run(server))
    assert again["A"][0] != again["B"][0]
    for parent, (id_, outputs) in again.items():
        assert read(Run(server), kind, id_, outputs) == outputs
        assert Run(server).update(kind, id_, outputs, args[parent]) is None
