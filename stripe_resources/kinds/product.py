"""Product: what is sold. https://docs.stripe.com/api/products"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

import pulumi
from typing_extensions import Required, TypedDict, Unpack

from stripe_client.client import Client
from stripe_client.errors import Refused
from stripe_resources._core.behaviour import Retirement, Values
from stripe_resources._core.lifecycles import OwnId
from stripe_resources._core.schema import Failure, Inputs
from stripe_resources.declare import (
    DECIMAL,
    ENFORCED,
    FILLED,
    IMMUTABLE,
    UNREADABLE,
    UPDATE_ONLY,
    Between,
    Default,
    Form,
    Input,
    Length,
    Size,
    Wire,
)
from stripe_resources.resource import StripeResource

from ._shared import (
    Adopt,
    Amount,
    Currency,
    CurrencyOptions,
    CustomUnitAmount,
    Metadata,
    Recurring,
    TaxBehavior,
    at_most_one,
)


class MarketingFeature(TypedDict, total=False):
    """One line of a pricing table."""

    name: Required[Annotated[Input[str], Length(5000)]]


class PackageDimensions(TypedDict, total=False):
    """In inches and ounces."""

    height: Required[Annotated[Input[float], Between(0)]]
    length: Required[Annotated[Input[float], Between(0)]]
    weight: Required[Annotated[Input[float], Between(0)]]
    width: Required[Annotated[Input[float], Between(0)]]


class ProductTaxDetails(TypedDict, total=False):
    """How the product is taxed."""

    performance_location: Input[str]
    tax_code: Input[str]


class DefaultPriceData(TypedDict, total=False):
    """A price made together with the product; it cannot be metered, and is not managed afterwards: declare a Price instead."""

    currency: Required[Input[Currency]]
    currency_options: Input[CurrencyOptions]
    custom_unit_amount: Input[CustomUnitAmount]
    metadata: Input[Metadata]
    recurring: Input[Recurring]
    tax_behavior: Input[TaxBehavior]
    unit_amount: Annotated[Input[Amount], Between(0)]
    unit_amount_decimal: Annotated[Input[str], DECIMAL]


class ProductArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/products/create"""

    name: Required[Annotated[Input[str], Length(5000)]]
    active: Annotated[Input[bool], Default(True), ENFORCED]
    adopt: Adopt
    """The id of an existing product to begin with, or True for the one with this `product_id`, if there is one."""
    default_price: Annotated[Input[str], UPDATE_ONLY]
    """The id of an active price of this product."""
    default_price_data: Annotated[Input[DefaultPriceData], IMMUTABLE, UNREADABLE]
    description: Annotated[Input[str], Length(40000)]
    images: Annotated[Input[Sequence[Input[str]]], Size(8)]
    """Up to 8 URLs."""
    marketing_features: Annotated[Input[Sequence[Input[MarketingFeature]]], Size(15)]
    metadata: Input[Metadata]
    package_dimensions: Input[PackageDimensions]
    product_id: Annotated[
        Input[str],
        IMMUTABLE,
        FILLED,
        Wire("id"),
        Form(r"[\w-]+", "an id of letters, digits, hyphens and underscores"),
    ]
    """Stripe's `id`: one of your own choosing (Pulumi keeps the name `id` for itself)."""
    shippable: Annotated[Input[bool], Default(False)]
    statement_descriptor: Annotated[Input[str], Length(22)]
    tax_code: Input[str]
    tax_details: Annotated[Input[ProductTaxDetails], UNREADABLE]
    type: Annotated[Input[Literal["good", "service"]], IMMUTABLE, UNREADABLE, Default("service")]
    unit_label: Annotated[Input[str], Length(12)]
    url: Annotated[Input[str], Form("https?://.+", "a web address such as https://example.com")]


class ProductBehaviour(OwnId):
    """A product with prices cannot be deleted, only archived; its own id stays taken then."""

    in_use: ClassVar[Values] = MappingProxyType({"active": True})
    natural_key: ClassVar[str] = "product_id"

    def rules(self, inputs: Inputs, creating: bool) -> Iterable[Failure]:
        """One default price, one price in it."""
        yield from at_most_one(inputs, ("default_price", "default_price_data"), "there is one default price")
        data = inputs.get("default_price_data")
        if isinstance(data, dict):
            amounts = [k for k in ("unit_amount", "unit_amount_decimal", "custom_unit_amount") if k in data]
            if len(amounts) != 1:
                yield Failure(
                    "default_price_data",
                    f"gives {' and '.join(amounts) or 'no amount'}; "
                    "give exactly one of unit_amount, unit_amount_decimal, custom_unit_amount",
                )

    def retire(self, client: Client, path: str, retirement: Retirement) -> None:
        """Deletes; a product that has prices, which Stripe refuses to delete, is archived."""
        try:
            client.delete(path)
        except Refused as e:
            if e.status != 400:
                raise
            client.post(path, {"active": False})


class Product(StripeResource, path="/v1/products", arguments=ProductArgs, behaviour=ProductBehaviour):
    """What is sold. Deleting it archives it where it has prices: what subscribers have bought goes on."""

    name: pulumi.Output[str]
    active: pulumi.Output[bool]
    livemode: pulumi.Output[bool]
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[ProductArgs]) -> None:
        super().__init__(resource_name, args, opts)
