"""CreditGrant: billing credits of a customer. https://docs.stripe.com/api/billing/credit-grant"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Required, TypedDict, Unpack

import pulumi

from stripe_resources.declare import ENFORCED, FILLED, IMMUTABLE, Between, Default, Input, Length, Lifecycle, List, Size, Step
from stripe_resources.fields import Adopt, Amount, Currency, Metadata, Timestamp
from stripe_resources.resource import StripeResource
from stripe_resources.rules import ExactlyOne, Later, Needs


class CreditMonetary(TypedDict, total=False):
    """An amount of money."""

    currency: Required[Input[Currency]]
    value: Required[Annotated[Input[Amount], Between(1)]]
    """Minor units."""


class CreditAmount(TypedDict, total=False):
    """How much is granted."""

    type: Required[Input[Literal["monetary"]]]
    monetary: Input[CreditMonetary] | None


class CreditPrice(TypedDict, total=False):
    """A metered price, by its id."""

    id: Required[Input[str]]


class CreditScope(TypedDict, total=False):
    """Either all metered prices, or up to 20 of them."""

    price_type: Input[Literal["metered"]] | None
    prices: Annotated[Input[List[Input[CreditPrice]]] | None, Size(20, 1)]


class ApplicabilityConfig(TypedDict, total=False):
    """What the credits pay for."""

    scope: Required[Input[CreditScope]]


class CreditGrantArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/billing/credit-grant/create"""

    amount: Required[Annotated[Input[CreditAmount], IMMUTABLE]]
    """How much is granted."""
    applicability_config: Required[Annotated[Input[ApplicabilityConfig], IMMUTABLE]]
    """What the credits pay for."""
    adopt: Adopt
    """The id of an existing credit grant to begin with."""
    category: Annotated[Input[Literal["paid", "promotional"]] | None, IMMUTABLE, Default("paid")]
    """Whether the customer paid for it."""
    customer: Annotated[Input[str] | None, IMMUTABLE]
    """The id of the customer."""
    customer_account: Annotated[Input[str] | None, IMMUTABLE]
    """The id of the account that is the customer, instead of `customer`."""
    effective_at: Annotated[Input[Timestamp] | None, IMMUTABLE, FILLED]
    """At once where it is left out."""
    expires_at: Annotated[Input[Timestamp] | None, ENFORCED]
    """Never where it is left out."""
    metadata: Input[Metadata] | None
    """For yourself, by keys of your own; up to 48."""
    name: Annotated[Input[str] | None, IMMUTABLE, Length(100)]
    """What you and the customer see."""
    priority: Annotated[Input[int] | None, IMMUTABLE, Between(0, 100), Default(50)]
    """0 is used first, 100 last."""


RULES = (
    ExactlyOne(("customer", "customer_account"), "a grant is for one customer", give="the id of a customer"),
    Needs("monetary", "a currency and a value in its minor units", at="amount"),
    ExactlyOne(("price_type", "prices"), "a grant has one scope", at="applicability_config.scope"),
    Later("effective_at", "expires_at"),
)


def _voided(live: Mapping[str, Any]) -> bool:
    return live.get("voided_at") is not None


def _expired(live: Mapping[str, Any]) -> bool:
    expires = live.get("expires_at")
    return expires is not None and bool(expires <= time.time())


class CreditGrant(
    StripeResource,
    path="/v1/billing/credit_grants",
    arguments=CreditGrantArgs,
    # Stripe does not void a grant of which something was used: what is left of it is lost to the customer when it expires.
    lifecycle=Lifecycle((Step("/void"), Step("/expire")), gone=_voided, retired=_expired),
    irreversible="taking a credit grant away cannot be undone, and a customer loses what is left of it",
    rules=RULES,
):
    """Credits that pay a customer's metered usage. Deleting the grant voids it, or expires it where some of it was used. In a
    live stack it is protected.

    An example:

        customer = Customer("acme", name="Acme")
        CreditGrant(
            "welcome",
            customer=customer.id,
            name="Welcome",
            category="promotional",
            amount={"type": "monetary", "monetary": {"currency": "usd", "value": 1000}},
            applicability_config={"scope": {"price_type": "metered"}},
        )
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    amount: pulumi.Output[Any]
    applicability_config: pulumi.Output[Any]
    adopt: pulumi.Output[bool | str]
    category: pulumi.Output[Literal["paid", "promotional"]]
    customer: pulumi.Output[str]
    customer_account: pulumi.Output[str]
    effective_at: pulumi.Output[int]
    expires_at: pulumi.Output[int]
    metadata: pulumi.Output[Mapping[str, str]]
    name: pulumi.Output[str]
    priority: pulumi.Output[int]
    # arguments: end
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[CreditGrantArgs]) -> None:
        super().__init__(resource_name, args, opts)
