"""What a transform adds and nobody tells a provider of is refused, not passed over; and so is what goes lost beside it."""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
import pytest
from pulumi.resource import DependencyResource
from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime.proto import resource_pb2

from stripe_resources import Customer
from stripe_resources.pulumi_options import LOST_BY_TRANSFORMS
from stripe_resources.transforms import watched

Opts = pulumi.ResourceOptions
PRICE = "pulumi-python:dynamic/stripe:Price"


def transformed(own: Opts, added: Opts, type_: str = PRICE) -> Opts:
    """The options that the engine gets, which calls one transform after another. Raises what one of them does."""

    def add(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
        return pulumi.ResourceTransformResult(args.props, Opts.merge(args.opts, added))

    opts = own
    for transform in watched(Opts(transforms=[add])).transforms or []:
        result = transform(pulumi.ResourceTransformArgs(custom=True, type_=type_, name="seats", props={}, opts=opts))
        if isinstance(result, pulumi.ResourceTransformResult):
            opts = result.opts
    return opts


@pytest.mark.parametrize(
    ("own", "added", "named"),
    [
        (Opts(), Opts(replace_on_changes=["nickname"]), "replace_on_changes"),
        (Opts(replace_on_changes=["nickname"]), Opts(replace_on_changes=["metadata"]), "replace_on_changes"),
        (Opts(), Opts(aliases=[pulumi.Alias(name="old")]), "aliases"),
        (Opts(aliases=[pulumi.Alias(name="old")]), Opts(aliases=["urn:pulumi:dev::p::t::n"]), "aliases"),
        (Opts(), Opts(aliases=["urn:pulumi:dev::p::t::n"], replace_on_changes=["*"]), "aliases and replace_on_changes"),
    ],
)
def test_what_comes_too_late_is_refused_with_what_to_do(own: Opts, added: Opts, named: str) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        transformed(own, added)
    assert str(refused.value) == (
        f'Price "seats": a transform adds {named}, which no engine tells a provider of; give it to the resource itself, or add '
        "it with `transformations`"
    )


def test_all_else_is_let_through() -> None:
    own = Opts(aliases=[pulumi.Alias(name="old")], replace_on_changes=["nickname"])
    opts = transformed(own, Opts(ignore_changes=["nickname"], protect=True))
    assert (opts.ignore_changes, opts.protect, opts.replace_on_changes) == (["nickname"], True, ["nickname"])
    late = Opts(replace_on_changes=["*"])
    assert transformed(Opts(), late, "my:index:Team").replace_on_changes == ["*"], "what is not of this package"
    assert watched(late) is late


GIVEN: dict[str, Any] = {
    "hide_diffs": ["name"],
    "replace_with": [DependencyResource("urn:pulumi:dev::p::t::n")],
    "replacement_trigger": "2026-11",
}


@pytest.mark.parametrize("option", LOST_BY_TRANSFORMS)
def test_what_goes_lost_beside_transforms_is_refused_with_what_to_do(option: str) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        Customer("acme", Opts(transforms=[lambda args: None], **{option: GIVEN[option]}), name="Acme")
    assert str(refused.value) == (
        f'Customer "acme": {option} is lost where a transform returns options; give `transformations` instead of transforms'
    )


def test_the_sdk_still_loses_it() -> None:
    """Where this fails, `LOST_BY_TRANSFORMS` is out of date."""
    sdk = object.__new__(_CallbackServicer)
    options = resource_pb2.TransformResourceOptions(hide_diff=["name"], replace_with=["urn:pulumi:dev::p::t::n"])
    opts = sdk._resource_options(resource_pb2.TransformRequest(options=options))
    assert (opts.hide_diffs, opts.replace_with) == (None, None)
    with pytest.raises(TypeError):
        asyncio.run(sdk._transformation_resource_options(Opts(replacement_trigger="2026-11"), "acme"))
