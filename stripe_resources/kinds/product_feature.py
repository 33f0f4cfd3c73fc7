"""ProductFeature: what buyers of a product may use. https://docs.stripe.com/api/product-feature"""

from __future__ import annotations

from typing import Annotated, Required, TypedDict, Unpack

import pulumi

from stripe_client.errors import StripeError
from stripe_resources._core.behaviour import Behaviour, Recovery, Refusal
from stripe_resources._core.values.ownership import stack_of, tag_of
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

    def recover(self, refusal: Refusal) -> Recovery | None:
        """Finds the attachment that is there already, where product or feature is this stack's; one that is to be replaced
        (`--replace`, `replacement_trigger`) goes first, since there cannot be two.

        Raises StripeError where both are somebody else's: then so is the attachment.
        """
        client, inputs, path = refusal.client, refusal.inputs, self.path(refusal.inputs)
        there = (f for page in client.pages(path) for f in page)
        holder = next((f for f in there if f["entitlement_feature"]["id"] == inputs["entitlement_feature"]), None)
        if holder is None:
            return None
        if refusal.history.unannounced:
            client.delete(f"{path}/{holder['id']}")
            return Recovery(params=refusal.params)
        stacks = tuple(map(stack_of, refusal.owners))
        product = client.get(path.removesuffix("/features"))
        if any(tag_of(of).startswith(stacks) for of in (holder["entitlement_feature"], product)):
            return Recovery(live=holder)
        raise StripeError(
            f"entitlement_feature: {inputs['product']} has {inputs['entitlement_feature']} already, and this stack declares "
            "neither; leave the attachment to whoever declares them, or remove it at Stripe first"
        )


class ProductFeature(
    StripeResource,
    path="/v1/products/{product}/features",
    arguments=ProductFeatureArgs,
    behaviour=ProductFeatureBehaviour,
    part_of="stripe:Product",
):
    """Entitles the customers of a product to a feature. Deleting it takes the feature off the product; Stripe then takes it from
    the customers too.

    An example:

        product = Product("api", name="API")
        feature = EntitlementFeature("long-context", name="Long context", lookup_key="long-context")
        ProductFeature("api-long-context", product=product.id, entitlement_feature=feature.id)
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    product: pulumi.Output[str]
    entitlement_feature: pulumi.Output[str]
    # arguments: end

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[ProductFeatureArgs]
    ) -> None:
        super().__init__(resource_name, args, opts)
