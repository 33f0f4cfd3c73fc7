"""CreditGrant: billing credits of a customer. https://docs.stripe.com/api/billing/credit-grant"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal

import pulumi
from typing_extensions import Required, TypedDict, Unpack

from stripe_client.client import Client
from stripe_client.errors import Refused
from stripe_resources._core.behaviour import Behaviour, Retirement, Values
from stripe_resources._core.schema import Failure, Inputs
from stripe_resources.declare import ENFORCED, FILLED, IMMUTABLE, Between, Default, Input, Length, Size
from stripe_resources.resource import StripeResource

from ._shared import Adopt, Amount, Currency, Metadata, Timestamp, at_most_one


class CreditMonetary(TypedDict, total=False):
    """An amount of money."""

    currency: Required[Input[Currency]]
    value: Required[Annotated[Input[Amount], Between(1)]]
    """Minor units."""


class CreditAmount(TypedDict, total=False):
    """How much is granted."""

    type: Required[Input[Literal["monetary"]]]
    monetary: Input[CreditMonetary]


class CreditPrice(TypedDict, total=False):
    """A metered price, by its id."""

    id: Required[Input[str]]


class CreditScope(TypedDict, total=False):
    """Either all metered prices, or up to 20 of them."""

    price_type: Input[Literal["metered"]]
    prices: Annotated[Input[Sequence[Input[CreditPrice]]], Size(20, 1)]


class ApplicabilityConfig(TypedDict, total=False):
    """What the credits pay for."""

    scope: Required[Input[CreditScope]]


class CreditGrantArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/billing/credit-grant/create"""

    amount: Required[Annotated[Input[CreditAmount], IMMUTABLE]]
    applicability_config: Required[Annotated[Input[ApplicabilityConfig], IMMUTABLE]]
    adopt: Adopt
    """The id of an existing credit grant to begin with."""
    category: Annotated[Input[Literal["paid", "promotional"]], IMMUTABLE, Default("paid")]
    customer: Annotated[Input[str], IMMUTABLE]
    customer_account: Annotated[Input[str], IMMUTABLE]
    effective_at: Annotated[Input[Timestamp], IMMUTABLE, FILLED]
    """At once where it is left out."""
    expires_at: Annotated[Input[Timestamp], ENFORCED]
    """Never where it is left out."""
    metadata: Input[Metadata]
    name: Annotated[Input[str], IMMUTABLE, Length(100)]
    priority: Annotated[Input[int], IMMUTABLE, Between(0, 100), Default(50)]
    """0 is used first, 100 last."""


class CreditGrantBehaviour(Behaviour):
    """A grant is money's worth that a customer has: a live stack takes it away only with leave."""

    def rules(self, inputs: Inputs, creating: bool) -> Iterable[Failure]:
        """One customer, one amount, one scope."""
        yield from at_most_one(inputs, ("customer", "customer_account"), "a grant is for one customer")
        if "customer" not in inputs and "customer_account" not in inputs:
            yield Failure("customer", "is missing; give the id of a customer")
        amount = inputs.get("amount")
        if isinstance(amount, Mapping) and "monetary" not in amount:
            yield Failure("amount.monetary", "is missing; give a currency and a value in its minor units")
        config = inputs.get("applicability_config")
        scope = config.get("scope") if isinstance(config, Mapping) else None
        if isinstance(scope, Mapping) and ("price_type" in scope) == ("prices" in scope):
            yield Failure("applicability_config.scope", "takes either `price_type` or `prices`; give exactly one of the two")
        begin, end = inputs.get("effective_at"), inputs.get("expires_at")
        if isinstance(begin, int) and isinstance(end, int) and end <= begin:
            yield Failure("expires_at", f"{end} is not after `effective_at` ({begin}); give a later time")

    def gone(self, live: Values) -> bool:
        """Voided, which is for good."""
        return live.get("voided_at") is not None

    def retired(self, live: Values) -> bool:
        """Voided or expired."""
        expires = live.get("expires_at")
        return self.gone(live) or (expires is not None and expires <= time.time())

    def retire(self, client: Client, path: str, retirement: Retirement) -> None:
        """Voids the grant; one of which something was used already, which Stripe cannot void, expires at once: what is left is
        lost to the customer."""
        try:
            client.post(f"{path}/void", {})
        except Refused as e:
            if e.status != 400:
                raise
            live = client.get(path)
            if not self.retired(live):
                client.post(f"{path}/expire", {})


class CreditGrant(
    StripeResource,
    path="/v1/billing/credit_grants",
    arguments=CreditGrantArgs,
    behaviour=CreditGrantBehaviour,
    irreversible="taking a credit grant away cannot be undone, and a customer loses what is left of it",
):
    """Credits that pay a customer's metered usage. Deleting the grant voids it, or expires it where some of it was used. In a
    live stack it is protected."""

    name: pulumi.Output[str]
    livemode: pulumi.Output[bool]
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[CreditGrantArgs]) -> None:
        super().__init__(resource_name, args, opts)
