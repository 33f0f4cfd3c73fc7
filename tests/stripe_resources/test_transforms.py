"""What a transform adds and nobody tells a provider of is refused, not passed over."""

from __future__ import annotations

import pulumi
import pytest

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
