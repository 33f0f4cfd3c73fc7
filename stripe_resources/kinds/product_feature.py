"""ProductFeature: what buyers of a product may use. https://docs.stripe.com/api/product-feature"""

from __future__ import annotations

from typing import Annotated, Any

import pulumi
from typing_extensions import Required, TypedDict, Unpack

from stripe_client.client import Client
from stripe_client.errors import Refused, StripeError
from stripe_resources._core.behaviour import Behaviour, History, Recovery, Values
from stripe_resources._core.existing import tag_of
from stripe_resources._core.values import ownership
from stripe_resources.declare import IMMUTABLE, UNREADABLE, Input
from stripe_resources.resource import StripeResource


class ProductFeatureArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/product-feature/attach"""

    product: Required[Annotated[Input[str], IMMUTABLE, UNREADABLE]]
    """The id of the product. Part of the address, so that the object does not say it."""
    entitlement_feature: Required[Annotated[Input[str], IMMUTABLE]]
    """The id of the feature."""


class ProductFeatureBehaviour(Behaviour):
    """A part of a product, found by the product's id and its own."""

    def path(self, values: Values) -> str:
        """Below the product. Raises StripeError for an id without a product, as `pulumi import` has it."""
        if not values.get("product"):
            raise StripeError("product: a ProductFeature is found below its product only; declare it instead of importing it")
        return f"{self.schema.path}/{values['product']}/features"

    def create_params(self, params: dict[str, Any], inputs: Values, history: History) -> dict[str, Any]:
        """The product is in the address."""
        return {k: v for k, v in params.items() if k != "product"}

    def recover(
        self,
        client: Client,
        params: Values,
        inputs: Values,
        history: History,
        refused: Refused,
    ) -> Recovery | None:
        """Finds the attachment that is there already, where product or feature is this stack's; one that is to be replaced
        (`--replace`) goes first, since there cannot be two.

        Raises StripeError where both are somebody else's: then so is the attachment.
        """
        there = (f for page in client.pages(self.path(inputs)) for f in page)
        holder = next((f for f in there if f["entitlement_feature"]["id"] == inputs["entitlement_feature"]), None)
        if holder is None:
            return None
        if history.forced:
            client.delete(f"{self.path(inputs)}/{holder['id']}")
            return Recovery(params=dict(params))
        stack = ownership.stack_of(ownership.owner_of(inputs))
        product = client.get(f"{self.schema.path}/{inputs['product']}")
        if any(tag_of(of).startswith(stack) for of in (holder["entitlement_feature"], product)):
            return Recovery(live=holder)
        raise StripeError(
            f"entitlement_feature: {inputs['product']} has {inputs['entitlement_feature']} already, and this stack declares "
            "neither; leave the attachment to whoever declares them, or remove it at Stripe first"
        )

    def retired(self, live: Values) -> bool:
        """Never: it is there, or gone."""
        return False


class ProductFeature(
    StripeResource, path="/v1/products", arguments=ProductFeatureArgs, behaviour=ProductFeatureBehaviour, part_of="stripe:Product"
):
    """Entitles the customers of a product to a feature. Deleting it takes the feature off the product; Stripe then takes it from
    the customers too."""

    product: pulumi.Output[str]
    entitlement_feature: pulumi.Output[str]
    livemode: pulumi.Output[bool]

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[ProductFeatureArgs]
    ) -> None:
        super().__init__(resource_name, args, opts)
