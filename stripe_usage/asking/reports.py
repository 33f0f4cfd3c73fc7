"""What Stripe dropped after it had taken it: reports of wrong meter events, which come some seconds after the events.

https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api#handle-meter-event-errors
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stripe_client.client import Client
from stripe_client.errors import Refused
from stripe_usage.events.dropped import Why
from stripe_usage.events.values import time_text

TYPE = "v1.billing.meter.error_report_triggered"
DAYS = 30
"""How long Stripe keeps events. https://docs.stripe.com/api/v2/core/events/list"""


@dataclass
class Reported:
    """What reports say."""

    named: dict[str, Why] = field(default_factory=dict)
    """Events by their identifier, as the last report has them."""
    unnamed: int = 0
    """How many more were dropped, of which the reports name only samples."""
    until: int = 0
    """When the last of these reports was made (Unix seconds); 0 where there is none."""


def reported(client: Client, meter: str, since: int) -> Reported | None:
    """What the reports about a meter say that were made at that time or later; None where the key may not read events.

    Raises `StripeError` where Stripe cannot be asked.
    """
    asked = {"types": [TYPE], "object_id": meter, "created": {"gte": time_text(since)}}
    found = Reported()
    try:
        for event in (event for page in client.pages("/v2/core/events", asked) for event in page):
            at = _seconds(event.get("created"))
            found.until = max(found.until, at)
            for error in _errors(event):
                samples = error.get("sample_errors") or []
                for sample in samples:
                    identifier = str((sample.get("request") or {}).get("identifier"))
                    found.named.setdefault(identifier, Why(str(sample.get("error_message")), at))
                found.unnamed += max(int(error.get("error_count") or 0) - len(samples), 0)
    except Refused as e:
        if e.status not in (401, 403, 404):
            raise
        return None
    return found


def _errors(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    reason = (event.get("data") or {}).get("reason") or {}
    return iter(reason.get("error_types") or [])


def _seconds(text: object) -> int:
    try:
        return int(datetime.fromisoformat(str(text).replace("Z", "+00:00")).timestamp())
    except ValueError:
        return 0
