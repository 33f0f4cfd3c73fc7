"""Meter: what is counted, and how. https://docs.stripe.com/api/billing/meter"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Required, TypedDict, Unpack

import pulumi

from stripe_client.client import Client
from stripe_client.errors import StripeError
from stripe_resources._core.behaviour import Behaviour, Recovery, Refusal, Values
from stripe_resources._core.finding import find
from stripe_resources._core.values.ownership import stack_of, tag_of
from stripe_resources.declare import IMMUTABLE, Default, Input, Key, Length, Lifecycle, Step, Unique, has
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
    """What the Dashboard and invoices call it."""
    event_name: Required[Annotated[Input[str], Length(100), IMMUTABLE]]
    """Only one active meter of an account can have it."""
    default_aggregation: Required[Annotated[Input[DefaultAggregation], IMMUTABLE]]
    """How the events of a period become one number."""
    adopt: Adopt
    """The id of an existing meter to begin with, or True for the active one with this `event_name`, if there is one."""
    customer_mapping: Annotated[
        Input[CustomerMapping] | None,
        IMMUTABLE,
        Default({"event_payload_key": "stripe_customer_id", "type": "by_id"}),
    ]
    """Where an event says whose usage it is."""
    event_time_window: Annotated[Input[Literal["day", "hour"]] | None, IMMUTABLE]
    """Only the event received last in each UTC day or hour counts; by default every event counts."""
    value_settings: Annotated[Input[ValueSettings] | None, IMMUTABLE, Default({"event_payload_key": "value"})]
    """Where an event says how much was used."""


IN_USE = {"status": "active"}


class MeterBehaviour(Behaviour):
    """A meter carries no metadata that says whose it is."""

    def ours(self, client: Client, live: Values, owners: Sequence[str]) -> bool:
        """Whether prices that these owners' stack made bill by the meter, which carries no metadata."""
        stacks = tuple(map(stack_of, owners))
        pages = client.pages("/v1/prices", {"recurring": {"meter": live["id"]}})
        return any(tag_of(price).startswith(stacks) for page in pages for price in page)

    def recover(self, refusal: Refusal) -> Recovery | None:
        """Frees the event name, where the meter that has it is the one that is being replaced (`--replace`), or finds it again.

        A meter carries no metadata. That it is this stack's is known where Stripe repeats the answer to this resource's own
        request, or where prices of this stack bill by it.
        """
        client, history, event_name = refusal.client, refusal.history, refusal.inputs["event_name"]
        holder = next(iter(find(client, self.schema, event_name)), None)
        if holder is None:
            return None
        if history.had("event_name", event_name) and history.id in ("", holder["id"]):
            client.post(f"{self.schema.path}/{holder['id']}/deactivate", {})
            return Recovery(params=refusal.params)
        different = self.conflicts(holder, refusal.inputs)
        if not different and (history.attempted or self.ours(client, holder, refusal.owners)):
            return Recovery(live=holder)
        raise StripeError(
            f'event_name: "{event_name}" is counted by {holder["id"]} already, '
            + (f"a meter with another {' and '.join(different)}" if different else "and nothing shows that it is of this stack")
            + "; choose another name, "
            + (
                "or deactivate that meter"
                if different or history.inputs is not None
                else "or take the meter over with adopt=True; if this resource had another name before, say so with "
                "aliases=[pulumi.Alias(name=...)]"
            )
        )


class Meter(
    StripeResource,
    path="/v1/billing/meters",
    arguments=MeterArgs,
    behaviour=MeterBehaviour,
    lifecycle=Lifecycle(
        (Step("/deactivate"),),
        retired=has("status", "inactive"),
        in_use=IN_USE,
        dormant="inactive",
        revive="/reactivate",
    ),
    key=Key("event_name", (IN_USE,), Unique.IN_USE),
):
    """Counts the meter events of one `event_name`, per customer. Deleting it deactivates it: Stripe keeps its events.

    An example:

        Meter(
            "tokens",
            display_name="Tokens",
            event_name="tokens",
            default_aggregation={"formula": "sum"},
            customer_mapping={"type": "by_id", "event_payload_key": "stripe_customer_id"},
            value_settings={"event_payload_key": "value"},
        )
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    display_name: pulumi.Output[str]
    event_name: pulumi.Output[str]
    default_aggregation: pulumi.Output[Any]
    adopt: pulumi.Output[bool | str]
    customer_mapping: pulumi.Output[Any]
    event_time_window: pulumi.Output[Literal["day", "hour"]]
    value_settings: pulumi.Output[Any]
    # arguments: end
    status: pulumi.Output[str]
    """active or inactive"""
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[MeterArgs]) -> None:
        super().__init__(resource_name, args, opts)
