"""DefaultPrice: which price of a product is its default. https://docs.stripe.com/api/products/update#update_product-default_price"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Required, TypedDict, Unpack

import pulumi

from stripe_client.client import Client
from stripe_client.errors import StripeError
from stripe_resources._core.behaviour import Behaviour, History, Retirement, Values
from stripe_resources._core.values.ownership import owner_of, stack_of, tag_of, title
from stripe_resources.declare import IMMUTABLE, Input, Wire
from stripe_resources.resource import StripeResource


class DefaultPriceArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/products/update"""

    product: Required[Annotated[Input[str], IMMUTABLE, Wire("id")]]
    """The id of the product."""
    default_price: Required[Input[str]]
    """The id of an active price of this product. What happens to one that is there already: see
    [the default price](replacement.md#the-default-price)."""


class DefaultPriceBehaviour(Behaviour):
    """A field of a product that is managed apart from it, since the price that it names has to be made after the product."""

    def make(self, client: Client, inputs: Values, history: History, say: Callable[[str], None]) -> Values | None:
        """Sets the field, unless it has the value. Raises StripeError where both product and default are somebody else's."""
        path, wanted = f"{self.schema.path}/{inputs['product']}", inputs["default_price"]
        live = client.get(path, {"expand": ["default_price"]})
        present = live.get("default_price") or {}
        if present.get("id") == wanted:
            return live
        if present:
            stack = stack_of(owner_of(inputs))
            ours = history.had("default_price", present["id"])
            if not ours and not any(tag_of(of).startswith(stack) for of in (live, present)):
                raise StripeError(
                    f"default_price: {live['id']}, which this stack does not declare, has {present['id']} as its default price "
                    "already, which it does not declare either; take that away at Stripe first, or declare the product here"
                )
            say(f"{title(self.schema.kind, inputs)}: {wanted} replaces {present['id']} as the default price of {live['id']}")
        return client.post(path, {"default_price": wanted}).body

    def retire(self, client: Client, path: str, retirement: Retirement) -> None:
        """Leaves the product without a default price. One that has another by now keeps that; one that is gone is done."""
        ours = retirement.outputs.get("default_price")
        if client.get(path).get("default_price") == ours and ours:
            client.post(path, {"default_price": ""})


class DefaultPrice(
    StripeResource,
    path="/v1/products",
    arguments=DefaultPriceArgs,
    behaviour=DefaultPriceBehaviour,
    part_of="stripe:Product",
    left_out=dict.fromkeys(
        (
            *("active", "description", "images", "marketing_features", "metadata", "name", "package_dimensions", "shippable"),
            *("statement_descriptor", "tax_code", "tax_details", "unit_label", "url"),
        ),
        "a field of the product: declare it there",
    ),
):
    """Makes a price its product's default, which the product, made before the price, cannot say itself. Its id is the
    product's. Deleting it leaves the product without a default price.

    An example:

        product = Product("api", name="API")
        monthly = Price(
            "api-monthly",
            product=product.id,
            currency="usd",
            unit_amount=2000,
            recurring={"interval": "month"},
        )
        DefaultPrice("api", product=product.id, default_price=monthly.id)
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    product: pulumi.Output[str]
    default_price: pulumi.Output[str]
    # arguments: end

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[DefaultPriceArgs]) -> None:
        super().__init__(resource_name, args, opts)
