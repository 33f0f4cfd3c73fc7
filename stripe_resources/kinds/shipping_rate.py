"""ShippingRate: a price of shipping that customers can choose. https://docs.stripe.com/api/shipping_rates"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Required, TypedDict, Unpack

import pulumi

from stripe_resources.declare import ARCHIVED, ENFORCED, EXPAND, IMMUTABLE, UPDATE_ONLY, Between, Default, Input, Length
from stripe_resources.fields import TAX_CODE, Adopt, Amount, Currency, Metadata, TaxBehavior
from stripe_resources.resource import StripeResource
from stripe_resources.rules import OtherCurrencies


class DeliveryBound(TypedDict, total=False):
    """A time that shipping takes."""

    unit: Required[Input[Literal["business_day", "day", "hour", "month", "week"]]]
    value: Required[Annotated[Input[int], Between(1)]]


class DeliveryEstimate(TypedDict, total=False):
    """How long shipping takes; without a bound it has none on that side."""

    maximum: Input[DeliveryBound] | None
    minimum: Input[DeliveryBound] | None


class ShippingCurrencyOption(TypedDict, total=False):
    """The amount in one more currency, in that currency's minor units."""

    amount: Required[Annotated[Input[Amount], Between(0)]]
    tax_behavior: Annotated[Input[TaxBehavior] | None, Default("unspecified")]


class ShippingFixedAmount(TypedDict, total=False):
    """What shipping costs, in minor units of `currency`."""

    amount: Required[Annotated[Input[Amount], Between(0)]]
    currency: Required[Input[Currency]]
    currency_options: Annotated[Input[Mapping[Currency, Input[ShippingCurrencyOption]]] | None, EXPAND]


class ShippingRateArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/shipping_rates/create"""

    display_name: Required[Annotated[Input[str], Length(100), IMMUTABLE]]
    """What customers see."""
    fixed_amount: Required[Annotated[Input[ShippingFixedAmount], IMMUTABLE]]
    """What shipping costs."""
    active: Annotated[Input[bool] | None, Default(True), ENFORCED, UPDATE_ONLY]
    """Whether customers can choose it."""
    adopt: Adopt
    """The id of an existing shipping rate to begin with."""
    delivery_estimate: Annotated[Input[DeliveryEstimate] | None, IMMUTABLE]
    """How long shipping takes."""
    metadata: Input[Metadata] | None
    """For yourself, by keys of your own; up to 48."""
    tax_behavior: Annotated[Input[TaxBehavior] | None, Default("unspecified")]
    """Whether the amount includes taxes."""
    tax_code: Annotated[Input[str] | None, IMMUTABLE, TAX_CODE]
    """The id of a tax code; that of shipping is txcd_92010001."""


class ShippingRate(
    StripeResource,
    path="/v1/shipping_rates",
    arguments=ShippingRateArgs,
    lifecycle=ARCHIVED,
    rules=(OtherCurrencies(at="fixed_amount"),),
    left_out={"type": "there is one, which Stripe takes unasked"},
    creation_only={"fixed_amount": "an update takes amounts in further currencies only: another amount is another rate"},
):
    """A price of shipping. Deleting it archives it: customers cannot choose it any more.

    An example:

        ShippingRate(
            "ground",
            display_name="Ground",
            fixed_amount={"amount": 500, "currency": "usd"},
            tax_behavior="exclusive",
        )
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    display_name: pulumi.Output[str]
    fixed_amount: pulumi.Output[Any]
    active: pulumi.Output[bool]
    adopt: pulumi.Output[bool | str]
    delivery_estimate: pulumi.Output[Any]
    metadata: pulumi.Output[Mapping[str, str]]
    tax_behavior: pulumi.Output[TaxBehavior]
    tax_code: pulumi.Output[str]
    # arguments: end
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[ShippingRateArgs]) -> None:
        super().__init__(resource_name, args, opts)
