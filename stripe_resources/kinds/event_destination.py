"""EventDestination: where Stripe sends events, thin ones too. https://docs.stripe.com/api/v2/core/event_destinations"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Required, TypedDict, Unpack

import pulumi

from stripe_resources._core.behaviour import Behaviour, Values
from stripe_resources.declare import EXPAND, FILLED, IMMUTABLE, Input, Lifecycle, List, Size, Unset
from stripe_resources.fields import WEB_ADDRESS, Adopt, Metadata
from stripe_resources.resource import StripeResource
from stripe_resources.rules import Distinct, Needs, NotWith, OnlyWith, When


class DestinationWebhookEndpoint(TypedDict, total=False):
    """An address of your own."""

    url: Required[Annotated[Input[str], EXPAND, WEB_ADDRESS]]
    """In live mode it has to begin with https."""


class DestinationAmazonEventbridge(TypedDict, total=False):
    """The AWS account in which Stripe makes a partner event source."""

    aws_account_id: Required[Input[str]]
    aws_region: Required[Input[str]]


class DestinationAzureEventGrid(TypedDict, total=False):
    """The Azure resource group in which Stripe makes a partner topic."""

    azure_region: Required[Input[str]]
    azure_resource_group_name: Required[Input[str]]
    azure_subscription_id: Required[Input[str]]


class EventDestinationArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/v2/core/event_destinations/create"""

    enabled_events: Required[Annotated[Input[List[Input[str]]], Size(minimum=1)]]
    """The types of events."""
    event_payload: Required[Annotated[Input[Literal["snapshot", "thin"]], IMMUTABLE]]
    """A thin event names the object; a snapshot has it as it was."""
    name: Required[Input[str]]
    """For yourself."""
    type: Required[Annotated[Input[Literal["amazon_eventbridge", "azure_event_grid", "webhook_endpoint"]], IMMUTABLE]]
    """Where events go: each has its own settings."""
    adopt: Adopt
    """The id of an existing destination to begin with. Its signing secret stays unknown."""
    amazon_eventbridge: Annotated[Input[DestinationAmazonEventbridge] | None, IMMUTABLE]
    """Where events go at AWS."""
    azure_event_grid: Annotated[Input[DestinationAzureEventGrid] | None, IMMUTABLE]
    """Where events go at Azure."""
    description: Input[str] | None
    """For yourself."""
    events_from: Annotated[Input[List[Input[str]]] | None, IMMUTABLE, FILLED]
    """Whose events: `@self` (the default), `@accounts`, `@organization_members`, `@organization_members/@accounts`."""
    metadata: Input[Metadata] | None
    """For yourself, by keys of your own; up to 48."""
    snapshot_api_version: Annotated[Input[str] | None, IMMUTABLE, FILLED]
    """In which version of Stripe's API snapshots are written; the account's own where it is left out."""
    webhook_endpoint: Annotated[Input[DestinationWebhookEndpoint] | None, Unset.KEEP]
    """The address that events are sent to."""


_SOURCE = "aws_event_source_arn"
TARGETS = {
    "amazon_eventbridge": "an AWS account and region",
    "azure_event_grid": "an Azure subscription, resource group and region",
    "webhook_endpoint": "an address",
}
RULES = (
    *(Needs(target, give, When("type", target)) for target, give in TARGETS.items()),
    *(OnlyWith(target, When("type", target)) for target in TARGETS),
    NotWith("snapshot_api_version", When("event_payload", "thin")),
    Distinct("enabled_events", "remove it here"),
)


class EventDestinationBehaviour(Behaviour):
    """Stripe tells the region of an AWS account only as a part of the event source's name."""

    def live(self, live: Values) -> Values:
        """With `aws_region`: https://docs.stripe.com/event-destinations/eventbridge"""
        bridge = live.get("amazon_eventbridge")
        if not isinstance(bridge, Mapping) or not (source := re.match(r"arn:[\w-]+:events:([\w-]+):", str(bridge.get(_SOURCE)))):
            return live
        return {**live, "amazon_eventbridge": {"aws_region": source[1], **bridge}}


class EventDestination(
    StripeResource,
    path="/v2/core/event_destinations",
    arguments=EventDestinationArgs,
    behaviour=EventDestinationBehaviour,
    lifecycle=Lifecycle(dormant="disabled", revive="/enable", one=True),
    shown_once={"signing_secret": "webhook_endpoint.signing_secret"},
    rules=RULES,
):
    """A destination of events. One that is disabled outside is enabled again. Deleting it ends it; a replacement has another
    signing secret.

    An example:

        destination = EventDestination(
            "alerts",
            name="Alerts",
            type="webhook_endpoint",
            event_payload="snapshot",
            enabled_events=["billing.alert.triggered"],
            webhook_endpoint={"url": "https://example.com/stripe"},
        )
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    enabled_events: pulumi.Output[Sequence[str]]
    event_payload: pulumi.Output[Literal["snapshot", "thin"]]
    name: pulumi.Output[str]
    type: pulumi.Output[Literal["amazon_eventbridge", "azure_event_grid", "webhook_endpoint"]]
    adopt: pulumi.Output[bool | str]
    amazon_eventbridge: pulumi.Output[Any]
    azure_event_grid: pulumi.Output[Any]
    description: pulumi.Output[str]
    events_from: pulumi.Output[Sequence[str]]
    metadata: pulumi.Output[Mapping[str, str]]
    snapshot_api_version: pulumi.Output[str]
    webhook_endpoint: pulumi.Output[Any]
    # arguments: end
    signing_secret: pulumi.Output[str]
    """What verifies the signature of an event that a webhook endpoint gets: a Pulumi secret, encrypted in the state. Stripe tells
    it at creation only, so that it is None for a destination that was adopted or imported."""
    status: pulumi.Output[str]
    """enabled or disabled"""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[EventDestinationArgs]
    ) -> None:
        super().__init__(resource_name, args, opts)
