"""EntitlementFeature: what a customer may use. https://docs.stripe.com/api/entitlements/feature"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Required, TypedDict, Unpack

import pulumi

from stripe_resources.declare import (
    ARCHIVED,
    ENFORCED,
    IMMUTABLE,
    UPDATE_ONLY,
    VALUE,
    Default,
    Input,
    Key,
    Length,
    Unique,
)
from stripe_resources.fields import Adopt, Metadata
from stripe_resources.resource import StripeResource


class EntitlementFeatureArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/entitlements/feature/create"""

    lookup_key: Required[Annotated[Input[str], Length(80), IMMUTABLE]]
    """What applications ask for; one feature of an account has it, and keeps it when it is archived."""
    name: Required[Annotated[Input[str], Length(80)]]
    """For yourself: customers do not see it."""
    active: Annotated[Input[bool] | None, Default(True), ENFORCED, UPDATE_ONLY]
    """Whether products can be given it."""
    adopt: Adopt
    """The id of an existing feature to begin with, or True for the one with this `lookup_key`, if there is one."""
    metadata: Input[Metadata] | None
    """For yourself, by keys of your own; up to 48."""


class EntitlementFeature(
    StripeResource,
    path="/v1/entitlements/features",
    arguments=EntitlementFeatureArgs,
    lifecycle=replace(ARCHIVED, in_use={"archived": False}),
    key=Key("lookup_key", tuple({"lookup_key": VALUE, "archived": archived} for archived in (False, True)), Unique.ALWAYS),
):
    """Something that customers of a product may use, see ProductFeature. Deleting it archives it: no product can be given it any
    more, and customers who are entitled to it stay so.

    An example:

        EntitlementFeature("long-context", name="Long context", lookup_key="long-context")
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    lookup_key: pulumi.Output[str]
    name: pulumi.Output[str]
    active: pulumi.Output[bool]
    adopt: pulumi.Output[bool | str]
    metadata: pulumi.Output[Mapping[str, str]]
    # arguments: end

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[EntitlementFeatureArgs]
    ) -> None:
        super().__init__(resource_name, args, opts)
