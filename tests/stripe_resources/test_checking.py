"""What a preview would refuse, asked without an engine: the same as the provider's own check says."""

from __future__ import annotations

import asyncio
from typing import Annotated, Required, TypedDict

import pulumi
import pytest
from pulumi.output import Unknown

from stripe_resources.checking import Failure, failures_of, misplaced_outputs, wrong_types
from stripe_resources.declare import Between, Input
from tests.stripe_resources.sample import Wrong
from tests.stripe_resources.samples import WRONG


@pytest.mark.parametrize(("kind", "wrong"), WRONG, ids=[f"{kind}: {wrong.name}" for kind, wrong in WRONG])
def test_wrong_inputs(kind: str, wrong: Wrong) -> None:
    assert [str(f) for f in failures_of(kind, wrong.args) if str(f).startswith(wrong.field)]


def test_what_is_there_later_is_not_asked() -> None:
    async def ask() -> tuple[list[Failure], list[Failure]]:
        output, unknown = pulumi.Output.from_input(-1), Unknown()  # type: ignore[no-untyped-call]
        awaitable: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        price = {"product": unknown, "currency": awaitable, "recurring": {"interval": output}}
        return failures_of("Price", {**price, "unit_amount": output}), failures_of("Price", {**price, "unit_amount": -1})

    none, (failure,) = asyncio.run(ask())
    assert none == []
    assert str(failure) == "unit_amount: -1 is too small; give 0 or more"


class Args(TypedDict, total=False):
    seats: Required[Annotated[Input[int], Between(1)]]


def test_types_of_a_declaration_of_ones_own() -> None:
    assert [str(f) for f in wrong_types(Args, {"seats": 0, "color": 1})] == [
        "seats: 0 is too small; give 1 or more",
        "color: Stripe has no such field; known here: seats",
    ]
    assert [str(f) for f in wrong_types(Args, {})] == ["seats: is missing; give a whole number"]


def test_a_kind_that_there_is_not() -> None:
    with pytest.raises(KeyError):
        failures_of("Plan", {})


def test_an_output_where_only_a_plain_value_can_stand_is_named_by_its_place() -> None:
    async def ask() -> list[str]:
        output = pulumi.Output.from_input("x")
        args = {"metadata": {output: "a", "b": output}, "tiers": [{"up_to": f"{output}"}], "recurring": {"interval": "month"}}
        return [str(failure) for failure in misplaced_outputs(args)]

    assert asyncio.run(ask()) == [
        "metadata: has an output for a key, which is known too late; give a plain text, and the output as its value",
        "tiers[0].up_to: has an output printed into a text, which does not have its value; give pulumi.Output.concat(...)",
    ]
