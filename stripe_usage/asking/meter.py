"""The meter that usage is reported to, as Stripe has it. https://docs.stripe.com/api/billing/meter"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stripe_client.client import Client
from stripe_client.errors import Refused
from stripe_usage.errors import UsageError


@dataclass(frozen=True)
class Meter:
    """An active meter; `customer_key` and `value_key` are what it looks for in the payload of an event."""

    id: str
    event_name: str
    customer_key: str
    value_key: str
    formula: str
    livemode: bool
    event_time_window: str | None = None
    """`hour` or `day` where events are sums already: in each such window only the last one received counts."""

    def payload(self, customer: str, value: str) -> dict[str, str]:
        """The payload of an event."""
        return {self.customer_key: customer, self.value_key: value}


def meter_of(client: Client, id: str | None, event_name: str | None, *, inactive: bool = False) -> Meter:
    """The active meter with that id, or else with that event name; with `inactive`, the id may be that of an inactive one.

    Raises `UsageError` where there is none, or it takes no events; `StripeError` where Stripe cannot be asked.
    """
    if id:
        try:
            found = client.get(f"/v1/billing/meters/{id}", kind="billing.meter")
        except Refused as e:
            if e.status != 404:
                raise
            raise UsageError(f"there is no meter {id} in this account; deploy the stack, or use a key of its account") from None
        if found["status"] != "active" and not inactive:
            raise UsageError(f"meter {id} is {found['status']}, and takes no events; deploy the stack, or reactivate it")
        return _meter(found)
    match = next((meter for meter in active(client) if meter.event_name == event_name), None)
    if match is None:
        raise UsageError(f'there is no active meter for the event name "{event_name}" in this account')
    return match


def active(client: Client) -> Iterator[Meter]:
    """The active meters, of which no two have the same event name. Raises `StripeError`."""
    return (_meter(meter) for page in client.pages("/v1/billing/meters", {"status": "active"}) for meter in page)


def _meter(found: dict[str, Any]) -> Meter:
    return Meter(
        found["id"],
        found["event_name"],
        found["customer_mapping"]["event_payload_key"],
        found["value_settings"]["event_payload_key"],
        found["default_aggregation"]["formula"],
        found["livemode"],
        found.get("event_time_window"),
    )
