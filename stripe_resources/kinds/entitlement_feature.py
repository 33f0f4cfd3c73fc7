"""EntitlementFeature: what a customer may use. https://docs.stripe.com/api/entitlements/feature"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

import pulumi
from typing_extensions import Required, TypedDict, Unpack

from stripe_client.client import Client
from stripe_client.errors import Refused
from stripe_resources._core.behaviour import History, Recovery, Values
from stripe_resources._core.existing import tag_of
from stripe_resources._core.lifecycles import Archived
from stripe_resources._core.values import ownership
from stripe_resources.declare import ENFORCED, IMMUTABLE, UPDATE_ONLY, Default, Input, Length
from stripe_resources.fields import Adopt, Metadata
from stripe_resources.resource import StripeResource


class EntitlementFeatureArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/entitlements/feature/create"""

    lookup_key: Required[Annotated[Input[str], Length(80), IMMUTABLE]]
    """What applications ask for; one feature of an account has it, and keeps it when it is archived."""
    name: Required[Annotated[Input[str], Length(80)]]
    """For yourself: customers do not see it."""
    active: Annotated[Input[bool], Default(True), ENFORCED, UPDATE_ONLY]
    adopt: Adopt
    """The id of an existing feature to begin with, or True for the one with this `lookup_key`, if there is one."""
    metadata: Input[Metadata]


class EntitlementFeatureBehaviour(Archived):
    """A feature is archived, never deleted; its lookup key stays taken then."""

    in_use: ClassVar[Values] = MappingProxyType({"archived": False})
    natural_key: ClassVar[str] = "lookup_key"

    def named(self, client: Client, value: Any) -> Iterable[Values]:
        """The features with this lookup key, archived or not."""
        for archived in (False, True):
            for page in client.pages(self.schema.path, {"lookup_key": value, "archived": archived}):
                yield from page

    def recover(
        self,
        client: Client,
        params: Values,
        inputs: Values,
        history: History,
        refused: Refused,
    ) -> Recovery | None:
        """Takes the archived feature that has the lookup key back into use, if it was this resource's."""
        owner = ownership.owner_of(inputs)
        holder = next((f for f in self.named(client, inputs["lookup_key"]) if owner and tag_of(f) == owner), None)
        return Recovery(live=dict(holder)) if holder is not None else None


class EntitlementFeature(
    StripeResource, path="/v1/entitlements/features", arguments=EntitlementFeatureArgs, behaviour=EntitlementFeatureBehaviour
):
    """Something that customers of a product may use, see ProductFeature. Deleting it archives it: no product can be given it any
    more, and customers who are entitled to it stay so."""

    lookup_key: pulumi.Output[str]
    name: pulumi.Output[str]
    active: pulumi.Output[bool]
    livemode: pulumi.Output[bool]

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[EntitlementFeatureArgs]
    ) -> None:
        super().__init__(resource_name, args, opts)
