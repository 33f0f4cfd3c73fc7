"""What a plan is declared with, in the words of `stripe_resources.declare`: a field's annotation says what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Required, TypedDict

from stripe_resources import MeterArgs, ProductArgs
from stripe_resources.declare import DECIMAL, Between, Form, Input, Length, List
from stripe_resources.fields import (
    Adopt,
    Amount,
    Currency,
    CurrencyOptions,
    Interval,
    Metadata,
    TaxBehavior,
    Tier,
    TransformQuantity,
)

ENTITLEMENT = "entitlement_"
"""What the metadata keys begin with under which a product carries its plan's entitlements."""

ResourceName = Annotated[str, Form(r"[\w.-]+", "a resource name of letters, digits, hyphens, underscores and dots")]


class PlanPrice(TypedDict, total=False):
    """One price of a plan: Stripe's parameters, without those that follow from the plan (`product`, `currency`, `recurring`,
    `billing_scheme`). With a `meter` it bills usage, without one it is a flat fee for each interval."""

    meter: Annotated[Input[str] | None, Length(5000)]
    """The name of one of the plan's own `meters`, or the id of another one (`meter.id`)."""
    unit_amount: Annotated[Input[Amount] | None, Between(0)]
    """Minor units of the plan's currency per unit (or per package, see `transform_quantity`)."""
    unit_amount_decimal: Annotated[Input[str | Decimal] | None, DECIMAL]
    """The same with up to 12 decimal places, as a string or a Decimal: "0.0004"."""
    tiers: Input[List[Input[Tier]]] | None
    """Amounts by quantity; needs `tiers_mode`."""
    tiers_mode: Input[Literal["graduated", "volume"]] | None
    """Each unit at its own tier's amount, or all units at that of the tier reached."""
    transform_quantity: Input[TransformQuantity] | None
    """Bills packages of units instead of units."""
    currency_options: CurrencyOptions | None
    """The amounts in further currencies; all prices of a plan have the same ones."""
    interval: Input[Interval] | None
    """Where it differs from the plan's."""
    interval_count: Annotated[Input[int] | None, Between(1)]
    """How many intervals a billing period has, at most three years in all; 1 by default."""
    lookup_key: Annotated[Input[str] | None, Length(200)]
    """By default the price's name, with underscores for hyphens and dots."""
    nickname: Annotated[Input[str] | None, Length(5000)]
    """For yourself: customers do not see it."""
    tax_behavior: Input[TaxBehavior] | None
    """Where it differs from the plan's."""
    metadata: Metadata | None
    """Besides the plan's."""
    active: Input[bool] | None
    """Whether it can be sold."""
    adopt: Adopt
    """The id of an existing price to begin with, or True for the one with this `lookup_key`, if there is one."""
    existing_subscriptions: Input[Literal["grandfather", "migrate"]] | None
    """What becomes of subscriptions that no stack declares when the price is replaced."""
    transfer_lookup_key: Input[bool] | None
    """Take the lookup key from whichever price has it."""


class UsageBasedPlanArgs(TypedDict, total=False):
    """What can be sold as one: a product, the meters that count its use, and the prices."""

    product: Required[ProductArgs]
    """The product, which gets the plan's name as its resource name."""
    currency: Required[Input[Currency]]
    """Of all prices; further ones are in their `currency_options`."""
    interval: Required[Input[Interval]]
    """How often the prices are billed."""
    prices: Required[Mapping[ResourceName, PlanPrice]]
    """The prices, by the names of their resources; at least one."""
    meters: Mapping[ResourceName, MeterArgs] | None
    """The meters that are the plan's own, by the names of their resources. One that several plans bill by is declared beside
    them as a `Meter`."""
    tax_behavior: Input[TaxBehavior] | None
    """Of all prices, in all currencies."""
    metadata: Metadata | None
    """Of the product and the prices. (Stripe keeps none for meters.)"""
    entitlements: (
        Mapping[
            Annotated[str, Length(28), Form(r"[^\[\]]+", "a key without square brackets")],
            Input[Annotated[str, Length(500)] | int | bool],
        ]
        | None
    )
    """What a customer of the plan may do, for the application to read: `{"requests_per_minute": 600}` is kept as
    `entitlement_requests_per_minute` = "600" in the product's metadata; True and False as "true" and "false"."""
