"""Alert: says when a customer's usage reaches a threshold. https://docs.stripe.com/api/billing/alert"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import pulumi
from typing_extensions import Required, TypedDict, Unpack

from stripe_client.client import Client
from stripe_resources._core.behaviour import Behaviour, Retirement, Values
from stripe_resources._core.values.schema import Difference
from stripe_resources.declare import IMMUTABLE, Between, Input, Length, Size
from stripe_resources.fields import Adopt
from stripe_resources.resource import StripeResource
from stripe_resources.rules import Needs


class AlertFilter(TypedDict, total=False):
    """The only customer whose usage counts."""

    type: Required[Input[Literal["customer"]]]
    customer: Input[str]


class UsageThreshold(TypedDict, total=False):
    """The usage to wait for, of each customer separately."""

    gte: Required[Annotated[Input[int], Between(1)]]
    """Units of the meter: the alert is for this much usage or more."""
    meter: Required[Input[str]]
    """The id of the meter."""
    recurrence: Required[Input[Literal["one_time"]]]
    """Once per customer."""
    filters: Annotated[Input[Sequence[Input[AlertFilter]]], Size(1)]


class AlertArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/billing/alert/create"""

    alert_type: Required[Annotated[Input[Literal["usage_threshold"]], IMMUTABLE]]
    title: Required[Annotated[Input[str], Length(256), IMMUTABLE]]
    usage_threshold: Required[Annotated[Input[UsageThreshold], IMMUTABLE]]
    adopt: Adopt
    """The id of an existing alert to begin with."""


RULES = (Needs("customer", "the id of a customer", at="usage_threshold.filters[]"),)


class AlertBehaviour(Behaviour):
    """Nothing of an alert can be changed, and it carries no metadata: a run that died is made up for within a day only, while
    Stripe still repeats its answer."""

    def live(self, live: Values) -> Values:
        """A filter's customer can be there as an object."""
        threshold = live.get("usage_threshold")
        if not isinstance(threshold, Mapping) or not threshold.get("filters"):
            return live
        filters = [{**f, "customer": _id(f.get("customer"))} for f in threshold["filters"]]
        return {**live, "usage_threshold": {**threshold, "filters": filters}}

    def adjust(self, difference: Difference, olds: Values, news: Values) -> Difference:
        """A deactivated alert is drift."""
        if olds.get("status") == "inactive":
            difference.changed.append("status")
        return difference

    def prepare(self, client: Client, path: str, olds: Values, news: Values) -> Values | None:
        """Activates an alert that was deactivated outside."""
        return client.post(f"{path}/activate", {}).body if olds.get("status") == "inactive" else None

    def gone(self, live: Values) -> bool:
        """Archived, which is for good."""
        return live.get("status") == "archived"

    def retired(self, live: Values) -> bool:
        """Archived."""
        return live.get("status") == "archived"

    def retire(self, client: Client, path: str, retirement: Retirement) -> None:
        """Archives it, which is for good."""
        client.post(f"{path}/archive", {})


def _id(value: Any) -> Any:
    return value.get("id") if isinstance(value, Mapping) else value


class Alert(
    StripeResource,
    path="/v1/billing/alerts",
    arguments=AlertArgs,
    behaviour=AlertBehaviour,
    rules=RULES,
):
    """Sends `billing.alert.triggered` once for each customer whose usage reaches a threshold. Deleting it archives it, for good;
    one that replaces it can be triggered again by the same customers."""

    title: pulumi.Output[str]
    status: pulumi.Output[str]
    """active or inactive"""
    livemode: pulumi.Output[bool]

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[AlertArgs]) -> None:
        super().__init__(resource_name, args, opts)
