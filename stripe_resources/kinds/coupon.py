"""Coupon: a discount that can be given. https://docs.stripe.com/api/coupons"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Required, TypedDict, Unpack

import pulumi

from stripe_resources._core.behaviour import Behaviour, Values
from stripe_resources._core.values.schema import UNKNOWN, Difference, Failure, Inputs
from stripe_resources.declare import (
    EXPAND,
    FILLED,
    IMMUTABLE,
    Between,
    Default,
    Input,
    Key,
    Length,
    List,
    Size,
    Unique,
    Unset,
    Wire,
)
from stripe_resources.fields import OWN_ID, Adopt, Amount, Currency, Metadata, Timestamp
from stripe_resources.resource import StripeResource
from stripe_resources.rules import ExactlyOne, Needs, OnlyWith, OtherCurrencies, When


class CouponAppliesTo(TypedDict, total=False):
    """What the discount is limited to."""

    products: Required[Annotated[Input[List[Input[str]]], Size(minimum=1)]]
    """Ids of products."""


class CouponCurrencyOption(TypedDict, total=False):
    """The amount in one more currency, in that currency's minor units."""

    amount_off: Required[Annotated[Input[Amount], Between(1)]]


class CouponArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/coupons/create"""

    adopt: Adopt
    """The id of an existing coupon to begin with, or True for the one with this `coupon_id`, if there is one."""
    amount_off: Annotated[Input[Amount] | None, IMMUTABLE, Between(1)]
    """Minor units of `currency`."""
    applies_to: Annotated[Input[CouponAppliesTo] | None, IMMUTABLE, EXPAND]
    """The products that are discounted; all where it is left out."""
    coupon_id: Annotated[Input[str] | None, IMMUTABLE, FILLED, Wire("id"), OWN_ID]
    """Stripe's `id`: one of your own choosing (Pulumi keeps the name `id` for itself)."""
    currency: Annotated[Input[Currency] | None, IMMUTABLE]
    """Of `amount_off`."""
    currency_options: Annotated[Input[Mapping[Currency, Input[CouponCurrencyOption]]] | None, EXPAND, Unset.KEEP]
    """The amount in further currencies, by currency. Stripe cannot take a currency away again: that replaces the coupon."""
    duration: Annotated[Input[Literal["forever", "once", "repeating"]] | None, IMMUTABLE, Default("once")]
    """For how long a subscription has the discount."""
    duration_in_months: Annotated[Input[int] | None, IMMUTABLE, Between(1)]
    """Of a repeating discount."""
    max_redemptions: Annotated[Input[int] | None, IMMUTABLE, Between(1)]
    """How many times it can be redeemed, by all customers together."""
    metadata: Input[Metadata] | None
    """For yourself, by keys of your own; up to 48."""
    name: Annotated[Input[str] | None, Length(40)]
    """What invoices call it; the id where there is none."""
    percent_off: Annotated[Input[float] | None, IMMUTABLE, Between(0, 100)]
    """Per cent, more than 0; instead of `amount_off`."""
    redeem_by: Annotated[Input[Timestamp] | None, IMMUTABLE]
    """At most five years ahead."""


REPEATING = When("duration", "repeating", default="once")
RULES = (
    ExactlyOne(("amount_off", "percent_off"), "a coupon gives one discount"),
    Needs("currency", "that of the amount", When("amount_off")),
    OnlyWith("currency", When("amount_off")),
    OnlyWith("currency_options", When("amount_off")),
    OtherCurrencies(),
    Needs("duration_in_months", "a number of months", REPEATING),
    OnlyWith("duration_in_months", REPEATING),
)


class CouponBehaviour(Behaviour):
    """A coupon is more than nothing, and no currency goes away."""

    def rules(self, inputs: Inputs, olds: Inputs | None) -> Iterable[Failure]:
        """A discount is more than nothing."""
        if inputs.get("percent_off") == 0:
            yield Failure("percent_off", "is 0, which is not a discount; give more than 0")

    def adjust(self, difference: Difference, olds: Values, news: Values) -> Difference:
        """A currency cannot go."""
        before, after = olds.get("currency_options") or {}, news.get("currency_options") or {}
        if "currency_options" in difference.changed and after is not UNKNOWN and set(before) - set(after):
            difference.replaces.append("currency_options")
        return difference


class Coupon(
    StripeResource,
    path="/v1/coupons",
    arguments=CouponArgs,
    behaviour=CouponBehaviour,
    key=Key("coupon_id", (), Unique.IN_USE),
    rules=RULES,
):
    """A discount by a percentage or an amount. Deleting it ends it for new customers; customers who have the discount keep it.

    An example:

        Coupon("launch", name="Launch", percent_off=25, duration="repeating", duration_in_months=3)
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    adopt: pulumi.Output[bool | str]
    amount_off: pulumi.Output[int]
    applies_to: pulumi.Output[Any]
    coupon_id: pulumi.Output[str]
    currency: pulumi.Output[str]
    currency_options: pulumi.Output[Mapping[str, Any]]
    duration: pulumi.Output[Literal["forever", "once", "repeating"]]
    duration_in_months: pulumi.Output[int]
    max_redemptions: pulumi.Output[int]
    metadata: pulumi.Output[Mapping[str, str]]
    name: pulumi.Output[str]
    percent_off: pulumi.Output[float]
    redeem_by: pulumi.Output[int]
    # arguments: end
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[CouponArgs]) -> None:
        super().__init__(resource_name, args, opts)
