"""Meter: what is counted, and how. https://docs.stripe.com/api/billing/meter"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pulumi
from typing_extensions import Required, TypedDict, Unpack

from ._core.behaviour import Behaviour, History, Recovery, Retirement, Values
from ._core.client import Client
from ._core.errors import Refused
from ._core.schema import Difference, Schema
from .declare import IMMUTABLE, Default, Input, Length, fields_of
from .resource import StripeResource


class DefaultAggregation(TypedDict, total=False):
    """How the events of a period become one number: `sum` of values, `count` of events, or the `last` value."""

    formula: Required[Input[Literal["count", "last", "sum"]]]


class CustomerMapping(TypedDict, total=False):
    """Which key of an event's payload holds the customer's id."""

    event_payload_key: Required[Annotated[Input[str], Length(100)]]
    type: Required[Input[Literal["by_id"]]]


class ValueSettings(TypedDict, total=False):
    """Which key of an event's payload holds the value."""

    event_payload_key: Required[Annotated[Input[str], Length(100)]]


class MeterArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/billing/meter/create"""

    display_name: Required[Annotated[Input[str], Length(250)]]
    event_name: Required[Annotated[Input[str], Length(100), IMMUTABLE]]
    """Only one active meter of an account can have it."""
    default_aggregation: Required[Annotated[Input[DefaultAggregation], IMMUTABLE]]
    customer_mapping: Annotated[
        Input[CustomerMapping],
        IMMUTABLE,
        Default({"event_payload_key": "stripe_customer_id", "type": "by_id"}),
    ]
    event_time_window: Annotated[Input[Literal["day", "hour"]], IMMUTABLE]
    """Only the event received last in each UTC day or hour counts; by default every event counts."""
    value_settings: Annotated[Input[ValueSettings], IMMUTABLE, Default({"event_payload_key": "value"})]


class MeterBehaviour(Behaviour):
    """A meter is never deleted, only deactivated, and only one active meter can have an event name."""

    def adjust(self, difference: Difference, olds: Values, news: Values) -> Difference:
        """A deactivated meter is drift; a new one under the same event name has to wait for the old one to go."""
        if olds.get("status") == "inactive":
            difference.changed.append("status")
        difference.delete_before_replace = bool(difference.replaces) and "event_name" not in difference.replaces
        return difference

    def prepare(self, client: Client, path: str, olds: Values, news: Values) -> Values | None:
        """Reactivates a meter that was deactivated outside."""
        return client.post(f"{path}/reactivate", {}).body if olds.get("status") == "inactive" else None

    def retired(self, live: Values) -> bool:
        """Deactivated."""
        return live.get("status") == "inactive"

    def recover(
        self,
        client: Client,
        schema: Schema,
        params: Values,
        inputs: Values,
        history: History,
        refused: Refused,
    ) -> Recovery | None:
        """Frees the event name, where the meter that has it is the one that is being replaced (`--replace`)."""
        if not history.had("event_name", inputs["event_name"]):
            return None
        active = client.get(schema.path, {"status": "active", "limit": 100})["data"]
        held = [m for m in active if m["event_name"] == inputs["event_name"]]
        if not held:
            return None
        client.post(f"{schema.path}/{held[0]['id']}/deactivate", {})
        return Recovery(params=dict(params))

    def retire(self, client: Client, path: str, retirement: Retirement) -> None:
        """Deactivates. One that is inactive already is done; Stripe's answer to doing it twice is not documented."""
        try:
            client.post(f"{path}/deactivate", {})
        except Refused as e:
            if e.missing or client.get(path).get("status") != "inactive":
                raise


SCHEMA = Schema(
    token="stripe:Meter",
    path="/v1/billing/meters",
    fields=fields_of(MeterArgs),
    computed=("status", "livemode", "created"),
    tagged=False,
)
BEHAVIOUR = MeterBehaviour()


class Meter(StripeResource, module="stripe", name="Meter"):
    """Counts the meter events of one `event_name`, per customer. Deleting it deactivates it: Stripe keeps its events."""

    display_name: pulumi.Output[str]
    event_name: pulumi.Output[str]
    default_aggregation: pulumi.Output[Mapping[str, Any]]
    status: pulumi.Output[str]
    """active or inactive"""
    livemode: pulumi.Output[bool]
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[MeterArgs]) -> None:
        super().__init__(SCHEMA, resource_name, args, opts)
