"""PromotionCode: what customers type to get a coupon's discount. https://docs.stripe.com/api/promotion_codes"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

import pulumi
from typing_extensions import Required, TypedDict, Unpack

from stripe_client.client import Client
from stripe_client.errors import Refused
from stripe_resources._core.behaviour import History, Recovery, Values
from stripe_resources._core.existing import tag_of
from stripe_resources._core.lifecycles import Archived, OneHolder
from stripe_resources._core.values import ownership
from stripe_resources.declare import ENFORCED, FILLED, IMMUTABLE, Between, Default, Form, Input
from stripe_resources.fields import Adopt, Amount, Currency, Metadata
from stripe_resources.resource import StripeResource
from stripe_resources.rules import AtMostOne, Needs, OnlyWith, OtherCurrencies, When

from ._shared import Timestamp


class Promotion(TypedDict, total=False):
    """What the code gives: a coupon, by its id."""

    type: Required[Input[Literal["coupon"]]]
    coupon: Input[str]


class PromotionCurrencyOption(TypedDict, total=False):
    """The least amount in one more currency, in that currency's minor units."""

    minimum_amount: Annotated[Input[Amount], Between(1)]


class PromotionRestrictions(TypedDict, total=False):
    """Who may use the code, and for how large a purchase."""

    currency_options: Input[Mapping[Currency, Input[PromotionCurrencyOption]]]
    first_time_transaction: Annotated[Input[bool], Default(False)]
    """Only by customers who have not paid anything yet."""
    minimum_amount: Annotated[Input[Amount], Between(1)]
    """Minor units of `minimum_amount_currency`."""
    minimum_amount_currency: Input[Currency]


class PromotionCodeArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/promotion_codes/create"""

    promotion: Required[Annotated[Input[Promotion], IMMUTABLE]]
    active: Annotated[Input[bool], Default(True), ENFORCED]
    adopt: Adopt
    """The id of an existing promotion code to begin with, or True for the active one with this `code`, if there is one."""
    code: Annotated[Input[str], IMMUTABLE, FILLED, Form("[A-Za-z0-9-]{1,500}", "letters, digits and hyphens")]
    """Only one active code can be this, in whatever case; Stripe makes one up where it is left out."""
    customer: Annotated[Input[str], IMMUTABLE]
    """The id of the only customer who can use it."""
    customer_account: Annotated[Input[str], IMMUTABLE]
    expires_at: Annotated[Input[Timestamp], IMMUTABLE]
    max_redemptions: Annotated[Input[int], IMMUTABLE, Between(1)]
    metadata: Input[Metadata]
    restrictions: Annotated[Input[PromotionRestrictions], IMMUTABLE]


RULES = (
    AtMostOne(("customer", "customer_account"), "a code is for one customer, or for all"),
    Needs("coupon", "the id of a coupon", at="promotion"),
    Needs("minimum_amount_currency", "both, or neither", When("minimum_amount"), at="restrictions"),
    Needs("minimum_amount", "both, or neither", When("minimum_amount_currency"), at="restrictions"),
    OnlyWith("currency_options", When("minimum_amount"), at="restrictions"),
    OtherCurrencies(currency="minimum_amount_currency", at="restrictions"),
)


class PromotionCodeBehaviour(Archived, OneHolder):
    """A code is deactivated, never deleted, and then free for another."""

    natural_key: ClassVar[str] = "code"

    def named(self, client: Client, value: Any) -> Iterable[Values]:
        """The active promotion codes with this code."""
        return [c for page in client.pages(self.schema.path, {"code": value, **self.in_use}) for c in page]

    def expand(self, values: Values) -> list[str]:
        """Amounts in further currencies have to be asked for."""
        restrictions = values.get("restrictions")
        declared = isinstance(restrictions, Mapping) and "currency_options" in restrictions
        return ["restrictions.currency_options"] if declared else []

    def live(self, live: Values) -> Values:
        """Stripe has the currency of the least amount among the options."""
        restrictions = live.get("restrictions") or {}
        options = restrictions.get("currency_options")
        promotion = live.get("promotion") or {}
        coupon = promotion.get("coupon")
        result = {**live, "promotion": {**promotion, "coupon": coupon["id"]}} if isinstance(coupon, Mapping) else dict(live)
        if options:
            own = restrictions.get("minimum_amount_currency")
            others = {k: v for k, v in options.items() if k != own}
            result["restrictions"] = {**restrictions, "currency_options": others or None}
        return result

    def recover(
        self,
        client: Client,
        params: Values,
        inputs: Values,
        history: History,
        refused: Refused,
    ) -> Recovery | None:
        """Frees the code, where this resource has it and is to be replaced (`--replace`)."""
        owner = ownership.owner_of(inputs)
        if not history.forced or "code" not in inputs or not owner:
            return None
        holder = next((c for c in self.named(client, inputs["code"]) if tag_of(c) == owner), None)
        if holder is None:
            return None
        client.post(f"{self.schema.path}/{holder['id']}", {"active": False})
        return Recovery(params=dict(params))


class PromotionCode(
    StripeResource,
    path="/v1/promotion_codes",
    arguments=PromotionCodeArgs,
    behaviour=PromotionCodeBehaviour,
    creation_only={
        "restrictions": "an update takes amounts in further currencies only: restrictions that change are a new code",
        **dict.fromkeys(
            ("restrictions.currency_options", "restrictions.currency_options.minimum_amount"), "a part of the restrictions"
        ),
    },
    rules=RULES,
):
    """A code for a coupon. Deleting it deactivates it: nobody can use it any more, and whoever has used it keeps the discount."""

    code: pulumi.Output[str]
    """As declared; None where Stripe made it up."""
    active: pulumi.Output[bool]
    livemode: pulumi.Output[bool]
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[PromotionCodeArgs]) -> None:
        super().__init__(resource_name, args, opts)
