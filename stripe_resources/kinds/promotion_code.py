"""PromotionCode: what customers type to get a coupon's discount. https://docs.stripe.com/api/promotion_codes"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Required, TypedDict, Unpack

import pulumi

from stripe_resources.declare import (
    ARCHIVED,
    ENFORCED,
    EXPAND,
    FILLED,
    IMMUTABLE,
    VALUE,
    Between,
    Default,
    Form,
    Input,
    Key,
    Unique,
)
from stripe_resources.fields import Adopt, Amount, Currency, Metadata, Timestamp
from stripe_resources.resource import StripeResource
from stripe_resources.rules import AtMostOne, Needs, OnlyWith, OtherCurrencies, When


class Promotion(TypedDict, total=False):
    """What the code gives: a coupon, by its id."""

    type: Required[Input[Literal["coupon"]]]
    coupon: Input[str] | None


class PromotionCurrencyOption(TypedDict, total=False):
    """The least amount in one more currency, in that currency's minor units."""

    minimum_amount: Annotated[Input[Amount] | None, Between(1)]


class PromotionRestrictions(TypedDict, total=False):
    """Who may use the code, and for how large a purchase."""

    currency_options: Annotated[Input[Mapping[Currency, Input[PromotionCurrencyOption]]] | None, EXPAND]
    first_time_transaction: Annotated[Input[bool] | None, Default(False)]
    """Only by customers who have not paid anything yet."""
    minimum_amount: Annotated[Input[Amount] | None, Between(1)]
    """Minor units of `minimum_amount_currency`."""
    minimum_amount_currency: Input[Currency] | None


class PromotionCodeArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/promotion_codes/create"""

    promotion: Required[Annotated[Input[Promotion], IMMUTABLE]]
    """What it gives."""
    active: Annotated[Input[bool] | None, Default(True), ENFORCED]
    """Whether it can be redeemed."""
    adopt: Adopt
    """The id of an existing promotion code to begin with, or True for the active one with this `code`, if there is one."""
    code: Annotated[Input[str] | None, IMMUTABLE, FILLED, Form("[A-Za-z0-9-]{1,500}", "letters, digits and hyphens")]
    """Only one active code can be this, in whatever case; Stripe makes one up where it is left out."""
    customer: Annotated[Input[str] | None, IMMUTABLE]
    """The id of the only customer who can use it."""
    customer_account: Annotated[Input[str] | None, IMMUTABLE]
    """The id of the only account that can use it."""
    expires_at: Annotated[Input[Timestamp] | None, IMMUTABLE]
    """Never where it is left out."""
    max_redemptions: Annotated[Input[int] | None, IMMUTABLE, Between(1)]
    """How many times it can be redeemed, by all customers together."""
    metadata: Input[Metadata] | None
    """For yourself, by keys of your own; up to 48."""
    restrictions: Annotated[Input[PromotionRestrictions] | None, IMMUTABLE]
    """Who may use it, and for how large a purchase."""


RULES = (
    AtMostOne(("customer", "customer_account"), "a code is for one customer, or for all"),
    Needs("coupon", "the id of a coupon", at="promotion"),
    Needs("minimum_amount_currency", "both, or neither", When("minimum_amount"), at="restrictions"),
    Needs("minimum_amount", "both, or neither", When("minimum_amount_currency"), at="restrictions"),
    OnlyWith("currency_options", When("minimum_amount"), at="restrictions"),
    OtherCurrencies(currency="minimum_amount_currency", at="restrictions"),
)


class PromotionCode(
    StripeResource,
    path="/v1/promotion_codes",
    arguments=PromotionCodeArgs,
    lifecycle=ARCHIVED,
    key=Key("code", ({"code": VALUE, "active": True},), Unique.IN_USE, caseless=True, within=("customer", "customer_account")),
    creation_only={"restrictions": "an update takes amounts in further currencies only: restrictions that change are a new code"},
    rules=RULES,
):
    """A code for a coupon. Deleting it deactivates it: nobody can use it any more, and whoever has used it keeps the discount.

    An example:

        coupon = Coupon("summer", percent_off=20, duration="once")
        PromotionCode(
            "summer",
            code="SUMMER20",
            promotion={"type": "coupon", "coupon": coupon.id},
            max_redemptions=100,
        )
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    promotion: pulumi.Output[Any]
    active: pulumi.Output[bool]
    adopt: pulumi.Output[bool | str]
    customer: pulumi.Output[str]
    customer_account: pulumi.Output[str]
    expires_at: pulumi.Output[int]
    max_redemptions: pulumi.Output[int]
    metadata: pulumi.Output[Mapping[str, str]]
    restrictions: pulumi.Output[Any]
    # arguments: end
    code: pulumi.Output[str]
    """As declared; None where Stripe made it up."""
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[PromotionCodeArgs]) -> None:
        super().__init__(resource_name, args, opts)
