"""Product: what is sold. https://docs.stripe.com/api/products"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Literal, Required, TypedDict, Unpack

import pulumi

from stripe_resources.charging import warn
from stripe_resources.declare import (
    ARCHIVE,
    ARCHIVED,
    DECIMAL,
    DELETE,
    ENFORCED,
    FILLED,
    IMMUTABLE,
    UNREADABLE,
    UPDATE_ONLY,
    Between,
    Default,
    Input,
    Key,
    Length,
    List,
    Size,
    Unique,
    Wire,
)
from stripe_resources.fields import (
    OWN_ID,
    STATEMENT_DESCRIPTOR,
    TAX_CODE,
    WEB_ADDRESS,
    Adopt,
    Amount,
    Currency,
    CurrencyOptions,
    CustomUnitAmount,
    Metadata,
    Recurring,
    TaxBehavior,
)
from stripe_resources.resource import StripeResource
from stripe_resources.rules import AtMostOne, ExactlyOne, Places

from .price import custom_amount_rules


class MarketingFeature(TypedDict, total=False):
    """One line of a pricing table."""

    name: Required[Annotated[Input[str], Length(80)]]


class PackageDimensions(TypedDict, total=False):
    """In inches and ounces."""

    height: Required[Annotated[Input[float], Between(0)]]
    length: Required[Annotated[Input[float], Between(0)]]
    weight: Required[Annotated[Input[float], Between(0)]]
    width: Required[Annotated[Input[float], Between(0)]]


class ProductTaxDetails(TypedDict, total=False):
    """How the product is taxed."""

    performance_location: Input[str] | None
    tax_code: Annotated[Input[str] | None, TAX_CODE]


class DefaultPriceData(TypedDict, total=False):
    """A price made together with the product; it cannot be metered, and is not managed afterwards: declare a Price instead."""

    currency: Required[Input[Currency]]
    currency_options: Input[CurrencyOptions] | None
    custom_unit_amount: Input[CustomUnitAmount] | None
    metadata: Input[Metadata] | None
    recurring: Input[Recurring] | None
    tax_behavior: Input[TaxBehavior] | None
    unit_amount: Annotated[Input[Amount] | None, Between(0)]
    unit_amount_decimal: Annotated[Input[str | Decimal] | None, DECIMAL]


class ProductArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/products/create"""

    name: Required[Annotated[Input[str], Length(5000)]]
    """What customers see."""
    active: Annotated[Input[bool] | None, Default(True), ENFORCED]
    """Whether it can be sold."""
    adopt: Adopt
    """The id of an existing product to begin with, or True for the one with this `product_id`, if there is one."""
    default_price: Annotated[Input[str] | None, UPDATE_ONLY]
    """The id of an active price of this product."""
    default_price_data: Annotated[Input[DefaultPriceData] | None, IMMUTABLE, UNREADABLE]
    """A price made together with the product, as its default one."""
    description: Annotated[Input[str] | None, Length(40000)]
    """What customers see below the name."""
    images: Annotated[Input[List[Input[Annotated[str, WEB_ADDRESS]]]] | None, Size(8)]
    """Up to 8 URLs."""
    marketing_features: Annotated[Input[List[Input[MarketingFeature]]] | None, Size(15)]
    """The lines of a pricing table."""
    metadata: Input[Metadata] | None
    """For yourself, by keys of your own; up to 48."""
    package_dimensions: Input[PackageDimensions] | None
    """The size and weight of what is shipped."""
    product_id: Annotated[
        Input[str] | None,
        IMMUTABLE,
        FILLED,
        Wire("id"),
        OWN_ID,
    ]
    """Stripe's `id`: one of your own choosing (Pulumi keeps the name `id` for itself)."""
    shippable: Annotated[Input[bool] | None, Default(False)]
    """Whether it is goods that are shipped."""
    statement_descriptor: Annotated[Input[str] | None, Length(22), STATEMENT_DESCRIPTOR]
    """What the customer's bank statement says."""
    tax_code: Annotated[Input[str] | None, TAX_CODE]
    """The id of a tax code."""
    tax_details: Annotated[Input[ProductTaxDetails] | None, UNREADABLE]
    """How it is taxed."""
    type: Annotated[Input[Literal["good", "service"]] | None, IMMUTABLE, UNREADABLE, Default("service")]
    """Goods or a service."""
    unit_label: Annotated[Input[str] | None, Length(12)]
    """What invoices and receipts call a unit of it."""
    url: Annotated[Input[str] | None, WEB_ADDRESS]
    """Its page on the web."""


RULES = (
    AtMostOne(("default_price", "default_price_data"), "a product has one default price"),
    ExactlyOne(("unit_amount", "unit_amount_decimal", "custom_unit_amount"), "a price has one amount", at="default_price_data"),
    *custom_amount_rules("default_price_data."),
    *(Places(side, 2, at="package_dimensions") for side in ("height", "length", "weight", "width")),
)


class Product(
    StripeResource,
    path="/v1/products",
    arguments=ProductArgs,
    lifecycle=replace(ARCHIVED, steps=(DELETE, ARCHIVE)),
    key=Key("product_id", (), Unique.ALWAYS),
    rules=RULES,
):
    """What is sold. Deleting it archives it where it has prices: what subscribers have bought goes on.

    An example:

        Product(
            "api",
            name="API",
            description="Answers by the token",
            unit_label="token",
            metadata={"team": "billing"},
        )
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    name: pulumi.Output[str]
    active: pulumi.Output[bool]
    adopt: pulumi.Output[bool | str]
    default_price: pulumi.Output[str]
    default_price_data: pulumi.Output[Any]
    description: pulumi.Output[str]
    images: pulumi.Output[Sequence[str]]
    marketing_features: pulumi.Output[Sequence[Any]]
    metadata: pulumi.Output[Mapping[str, str]]
    package_dimensions: pulumi.Output[Any]
    product_id: pulumi.Output[str]
    shippable: pulumi.Output[bool]
    statement_descriptor: pulumi.Output[str]
    tax_code: pulumi.Output[str]
    tax_details: pulumi.Output[Any]
    type: pulumi.Output[Literal["good", "service"]]
    unit_label: pulumi.Output[str]
    url: pulumi.Output[str]
    # arguments: end
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[ProductArgs]) -> None:
        super().__init__(resource_name, args, opts)
        data: Any = args.get("default_price_data")
        warn(self, f'Product "{resource_name}"', data, "default_price_data.")
