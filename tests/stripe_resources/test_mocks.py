"""Tests of programs with Pulumi's own mocks, many in one process: none sees what another one declared.

Each has a `set_mocks` of its own, as in https://www.pulumi.com/docs/iac/concepts/testing/unit/, not `stripe_resources.testing`.
"""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pytest
from pulumi.runtime.settings import reset_options

from stripe_components import UsageBasedPlan, flat
from stripe_resources import Customer, Price, Product

Opts = pulumi.ResourceOptions

pytestmark = pytest.mark.filterwarnings("ignore:unclosed", "ignore::pytest.PytestUnraisableExceptionWarning")


class Seen(pulumi.runtime.Mocks):
    """What was declared: inputs by name."""

    def __init__(self) -> None:
        self.inputs: dict[str, dict[str, Any]] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        self.inputs[args.name] = args.inputs
        return f"{args.name}-id", args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        raise AssertionError(args.token)


class Team(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("my:index:Team", name)


Expected = dict[str, tuple[str, list[str] | None]]
"""By name: the owner, and the former ones."""


def programs() -> list[tuple[Callable[[], list[pulumi.Resource]], Expected]]:
    """Programs that declare the same names elsewhere in the tree, or have them as former ones."""

    def alone() -> list[pulumi.Resource]:
        product = Product("llm", name="LLM")
        return [product, Price("tokens", product=product.id, currency="usd", unit_amount=1)]

    def plan() -> list[pulumi.Resource]:
        made = UsageBasedPlan("llm", product={"name": "LLM"}, prices={"tokens": flat(1)}, currency="usd", interval="month")
        return [made.product, made.prices["tokens"]]

    def moved() -> list[pulumi.Resource]:
        aliases = [pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]
        return [Customer("old", Opts(parent=Team("t"), aliases=aliases), name="John Doe")]

    def customer() -> list[pulumi.Resource]:
        return [Customer("old", name="John Doe")]

    def renamed() -> list[pulumi.Resource]:
        return [Customer("new", Opts(aliases=[pulumi.Alias(name="old")]), name="John Doe")]

    catalogue: Expected = {"llm": ("p/s/Product/llm", None), "tokens": ("p/s/Price/tokens", None)}
    old: Expected = {"old": ("p/s/Customer/old", None)}
    return [
        (alone, catalogue),
        (plan, catalogue),
        (moved, old),
        (customer, old),
        (renamed, {"new": ("p/s/Customer/new", ["p/s/Customer/old"])}),
    ]


@pytest.fixture(autouse=True)
def sdk() -> Iterator[None]:
    """Mocks want an event loop of the thread, which may be closed by now; they keep the stack, and never close the loops
    that they make in threads of their own."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    reset_options()
    loop.run_until_complete(loop.shutdown_default_executor())
    asyncio.set_event_loop(None)
    loop.close()
    gc.collect()


def run(declare: Callable[[], list[pulumi.Resource]], expected: Expected) -> None:
    mocks = Seen()
    pulumi.runtime.set_mocks(mocks, "p", "s")

    def test() -> pulumi.Output[Any]:
        return pulumi.Output.all(*(resource.urn for resource in declare()))

    awaited: Any = pulumi.runtime.test
    awaited(test)()
    found = {name: (inputs["__owner"], inputs.get("__former")) for name, inputs in mocks.inputs.items() if "__owner" in inputs}
    assert found == expected


def test_tests_with_mocks_declare_the_same_names() -> None:
    tests = programs()
    for declare, expected in (*tests, *reversed(tests)):
        run(declare, expected)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(10))
def test_fifty_tests_with_mocks_pass_in_any_order(seed: int) -> None:
    tests = programs() * 10
    random.Random(seed).shuffle(tests)
    for declare, expected in tests:
        run(declare, expected)


def test_an_output_that_turns_out_to_be_none_declares_nothing() -> None:
    """In a preview the SDK takes what the answer lacks for unknown, and what hangs on it with it."""
    pulumi.runtime.set_mocks(Seen(), "p", "s", preview=True)
    known: dict[str, Any] = {}

    def test() -> pulumi.Output[Any]:
        first = Product("first", name="First")
        second = Product("second", name="Second", description=first.description, metadata=first.metadata)
        third = Product("third", name=second.name, description=second.description, shippable=second.shippable)
        for name in ("name", "description", "shippable", "metadata"):
            getattr(third, name).apply(lambda value, name=name: known.update({name: value}))
        return third.urn

    awaited: Any = pulumi.runtime.test
    awaited(test)()
    assert known == {"name": "Second", "description": None, "shippable": False, "metadata": {}}


def test_an_output_where_only_a_plain_value_can_stand_is_refused_by_name() -> None:
    def resource() -> list[pulumi.Resource]:
        product = Product("llm", name="LLM")
        metadata: Any = {product.id: "1"}
        return [Customer("c", name=f"of {product.id}", metadata=metadata)]

    with pytest.raises(pulumi.RunError) as refused:
        run(resource, {})
    name, metadata = str(refused.value).splitlines()
    assert name.startswith('Customer "c": name: has an output printed into a text')
    assert metadata.startswith('Customer "c": metadata: has an output for a key')

    def component() -> list[pulumi.Resource]:
        prices: Any = {Product("other", name="Other").id: flat(1)}
        return [UsageBasedPlan("llm", product={"name": "LLM"}, prices=prices, currency="usd", interval="month")]

    with pytest.raises(pulumi.RunError, match=r'UsageBasedPlan "llm" has one problem:\s+- prices: has an output for a key'):
        run(component, {})


def test_options_that_cannot_keep_their_word_are_refused_all_at_once() -> None:
    refused = Opts(
        custom_timeouts=pulumi.CustomTimeouts(create="1m"), version="1.0.0", urn="urn:x", plugin_download_url="https://x"
    )
    with pytest.raises(pulumi.RunError) as said:
        run(lambda: [Customer("c", refused, name="John Doe")], {})
    lines = str(said.value).splitlines()
    assert [line.partition(" is not for")[0] for line in lines] == [
        f'Customer "c": {option}' for option in ("custom_timeouts", "plugin_download_url", "urn", "version")
    ]

    def plan() -> list[pulumi.Resource]:
        prices, opts = {"tokens": flat(1)}, Opts(ignore_changes=["product"], replacement_trigger=1, protect=True)
        return [UsageBasedPlan("llm", opts, product={"name": "LLM"}, prices=prices, currency="usd", interval="month")]

    with pytest.raises(
        pulumi.RunError, match='"llm": ignore_changes, replacement_trigger: does not reach the resources of a plan'
    ):
        run(plan, {})
