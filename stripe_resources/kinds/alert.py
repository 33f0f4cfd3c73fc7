"""Alert: says when a customer's usage reaches a threshold. https://docs.stripe.com/api/billing/alert"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Required, TypedDict, Unpack

import pulumi

from stripe_resources.declare import IMMUTABLE, Between, Input, Length, Lifecycle, List, Size, Step, has
from stripe_resources.fields import Adopt
from stripe_resources.resource import StripeResource
from stripe_resources.rules import Needs


class AlertFilter(TypedDict, total=False):
    """The only customer whose usage counts."""

    type: Required[Input[Literal["customer"]]]
    customer: Input[str] | None


class UsageThreshold(TypedDict, total=False):
    """The usage to wait for, of each customer separately."""

    gte: Required[Annotated[Input[int], Between(1)]]
    """Units of the meter: the alert is for this much usage or more."""
    meter: Required[Input[str]]
    """The id of the meter."""
    recurrence: Required[Input[Literal["one_time"]]]
    """Once per customer."""
    filters: Annotated[Input[List[Input[AlertFilter]]] | None, Size(1)]


class AlertArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/billing/alert/create"""

    alert_type: Required[Annotated[Input[Literal["usage_threshold"]], IMMUTABLE]]
    """What is watched; usage is the only thing there is."""
    title: Required[Annotated[Input[str], Length(256), IMMUTABLE]]
    """What the alert is called."""
    usage_threshold: Required[Annotated[Input[UsageThreshold], IMMUTABLE]]
    """Which usage it waits for."""
    adopt: Adopt
    """The id of an existing alert to begin with."""


class Alert(
    StripeResource,
    path="/v1/billing/alerts",
    arguments=AlertArgs,
    lifecycle=Lifecycle((Step("/archive"),), gone=has("status", "archived"), dormant="inactive", revive="/activate"),
    rules=(Needs("customer", "the id of a customer", at="usage_threshold.filters[]"),),
):
    """Sends `billing.alert.triggered` once for each customer whose usage reaches a threshold. Deleting it archives it, for good;
    one that replaces it can be triggered again by the same customers.

    An example:

        tokens = Meter(
            "tokens",
            display_name="Tokens",
            event_name="tokens",
            default_aggregation={"formula": "sum"},
        )
        Alert(
            "million",
            title="A million tokens",
            alert_type="usage_threshold",
            usage_threshold={"gte": 1_000_000, "meter": tokens.id, "recurrence": "one_time"},
        )
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    alert_type: pulumi.Output[Literal["usage_threshold"]]
    title: pulumi.Output[str]
    usage_threshold: pulumi.Output[Any]
    adopt: pulumi.Output[bool | str]
    # arguments: end
    status: pulumi.Output[str]
    """active or inactive"""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[AlertArgs]) -> None:
        super().__init__(resource_name, args, opts)
