"""WebhookEndpoint: where Stripe sends events. https://docs.stripe.com/api/webhook_endpoints"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Required, TypedDict, Unpack

import pulumi

from stripe_resources._core.behaviour import Behaviour, Values
from stripe_resources.declare import (
    DELETED,
    ENFORCED,
    IMMUTABLE,
    UNREADABLE,
    UPDATE_ONLY,
    Default,
    Input,
    Key,
    Length,
    List,
    Size,
)
from stripe_resources.fields import WEB_ADDRESS, Adopt, Metadata
from stripe_resources.resource import StripeResource
from stripe_resources.rules import Distinct
from stripe_resources.vocabulary import ApiVersion, EventType


class WebhookEndpointArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/webhook_endpoints/create"""

    enabled_events: Required[Annotated[Input[List[Input[EventType]]], Size(minimum=1)]]
    """The types of events; "*" for all but those that have to be named."""
    url: Required[Annotated[Input[str], WEB_ADDRESS]]
    """In live mode it has to begin with https."""
    adopt: Adopt
    """The id of an existing endpoint to begin with, or True for the one with this `url`, if there is one. Its secret stays
    unknown."""
    api_version: Annotated[Input[ApiVersion] | None, IMMUTABLE]
    """In which version of Stripe's API events are written; the account's own where it is left out."""
    connect: Annotated[Input[bool] | None, IMMUTABLE, UNREADABLE, Default(False)]
    """Events of connected accounts, instead of the account's own."""
    description: Annotated[Input[str] | None, Length(5000)]
    """For yourself."""
    disabled: Annotated[Input[bool] | None, Default(False), ENFORCED, UPDATE_ONLY]
    """Stripe itself disables an endpoint that has failed for days, which shows as drift."""
    metadata: Input[Metadata] | None
    """For yourself, by keys of your own; up to 48."""


class WebhookEndpointBehaviour(Behaviour):
    """Stripe says with a status what is set with `disabled`."""

    def live(self, live: Values) -> Values:
        """The status as `disabled`."""
        return {"disabled": live.get("status") == "disabled", **live}


class WebhookEndpoint(
    StripeResource,
    path="/v1/webhook_endpoints",
    arguments=WebhookEndpointArgs,
    behaviour=WebhookEndpointBehaviour,
    # An endpoint of a run that died has a secret that nobody knows: what it is sent could not be verified.
    lifecycle=replace(DELETED, one=True),
    key=Key("url"),
    shown_once={"secret": "secret"},
    rules=(Distinct("enabled_events", "remove it here"),),
):
    """An address that Stripe sends events to. Deleting it ends that; a replacement has another secret.

    An example:

        endpoint = WebhookEndpoint(
            "alerts",
            url="https://example.com/stripe",
            enabled_events=["billing.alert.triggered"],
        )
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    enabled_events: pulumi.Output[Sequence[EventType]]
    url: pulumi.Output[str]
    adopt: pulumi.Output[bool | str]
    api_version: pulumi.Output[ApiVersion]
    connect: pulumi.Output[bool]
    description: pulumi.Output[str]
    disabled: pulumi.Output[bool]
    metadata: pulumi.Output[Mapping[str, str]]
    # arguments: end
    secret: pulumi.Output[str]
    """What verifies the signature of an event: a Pulumi secret, encrypted in the state. Stripe tells it at creation only, so that
    it is None for an endpoint that was adopted or imported."""
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[WebhookEndpointArgs]
    ) -> None:
        super().__init__(resource_name, args, opts)
