"""Product: what is sold. https://docs.stripe.com/api/products"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal, Required, TypedDict, Unpack

import pulumi

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
    Size,
    Unique,
    Wire,
)
from stripe_resources.fields import Adopt, Amount, Currency, CurrencyOptions, CustomUnitAmount, Metadata, TaxBehavior
from stripe_resources.resource import StripeResource
from stripe_resources.rules import AtMostOne, ExactlyOne

from ._shared import OWN_ID, WEB_ADDRESS, Recurring


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
        OWN_ID,
    ]
    """Stripe's `id`: one of your own choosing (Pulumi keeps the name `id` for itself)."""
    shippable: Annotated[Input[bool], Default(False)]
    statement_descriptor: Annotated[Input[str], Length(22)]
    tax_code: Input[str]
    tax_details: Annotated[Input[ProductTaxDetails], UNREADABLE]
    type: Annotated[Input[Literal["good", "service"]], IMMUTABLE, UNREADABLE, Default("service")]
    unit_label: Annotated[Input[str], Length(12)]
    url: Annotated[Input[str], WEB_ADDRESS]


RULES = (
    AtMostOne(("default_price", "default_price_data"), "a product has one default price"),
    ExactlyOne(("unit_amount", "unit_amount_decimal", "custom_unit_amount"), "a price has one amount", at="default_price_data"),
)


class Product(
    StripeResource,
    path="/v1/products",
    arguments=ProductArgs,
    lifecycle=replace(ARCHIVED, steps=(DELETE, ARCHIVE)),
    key=Key("product_id", (), Unique.ALWAYS),
    rules=RULES,
):
    """What is sold. Deleting it archives it where it has prices: what subscribers have bought goes on."""

    name: pulumi.Output[str]
    active: pulumi.Output[bool]
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[ProductArgs]) -> None:
        super().__init__(resource_name, args, opts)
