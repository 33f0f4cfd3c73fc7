"""Meter: what is counted, and how. https://docs.stripe.com/api/billing/meter"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal

import pulumi
from typing_extensions import Required, TypedDict, Unpack

from stripe_client.client import Client
from stripe_client.errors import Refused, StripeError
from stripe_resources._core.adoption import conflicts
from stripe_resources._core.behaviour import Behaviour, History, Recovery, Retirement, Values
from stripe_resources._core.existing import tag_of
from stripe_resources._core.values import ownership
from stripe_resources._core.values.schema import Difference
from stripe_resources.declare import IMMUTABLE, Default, Input, Length
from stripe_resources.fields import Adopt
from stripe_resources.resource import StripeResource


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
    adopt: Adopt
    """The id of an existing meter to begin with, or True for the active one with this `event_name`, if there is one."""
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

    in_use: ClassVar[Values] = MappingProxyType({"status": "active"})
    natural_key: ClassVar[str] = "event_name"

    def named(self, client: Client, value: Any) -> Iterable[Values]:
        """The active meter of this event name."""
        return [m for page in client.pages(self.schema.path, self.in_use) for m in page if m["event_name"] == value]

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
        params: Values,
        inputs: Values,
        history: History,
        refused: Refused,
    ) -> Recovery | None:
        """Frees the event name, where the meter that has it is the one that is being replaced (`--replace`), or finds it again.

        A meter carries no metadata. That it is this stack's is known where Stripe repeats the answer to this resource's own
        request, or where prices of this stack bill by it.
        """
        event_name = inputs["event_name"]
        holder = next(iter(self.named(client, event_name)), None)
        if holder is None:
            return None
        if history.had("event_name", event_name) and history.id in ("", holder["id"]):
            client.post(f"{self.schema.path}/{holder['id']}/deactivate", {})
            return Recovery(params=dict(params))
        different = conflicts(self.schema, self, holder, inputs)
        if not different and (history.attempted or _bills_for(client, holder, ownership.owner_of(inputs))):
            return Recovery(live=dict(holder))
        raise StripeError(
            f'event_name: "{event_name}" is counted by {holder["id"]} already, '
            + (f"a meter with another {' and '.join(different)}" if different else "and nothing shows that it is of this stack")
            + "; choose another name, "
            + ("or deactivate that meter" if different else "or take the meter over with adopt=True")
        )

    def retire(self, client: Client, path: str, retirement: Retirement) -> None:
        """Deactivates. One that is inactive already is done; Stripe's answer to doing it twice is not documented."""
        try:
            client.post(f"{path}/deactivate", {})
        except Refused as e:
            if e.missing or client.get(path).get("status") != "inactive":
                raise


def _bills_for(client: Client, meter: Values, owner: str) -> bool:
    """Whether prices that this owner's stack made bill by the meter."""
    stack = ownership.stack_of(owner)
    pages = client.pages("/v1/prices", {"recurring": {"meter": meter["id"]}})
    return any(tag_of(price).startswith(stack) for page in pages for price in page)


class Meter(StripeResource, path="/v1/billing/meters", arguments=MeterArgs, behaviour=MeterBehaviour):
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
        super().__init__(resource_name, args, opts)
