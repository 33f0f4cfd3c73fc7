"""What Stripe counted: meter event summaries. https://docs.stripe.com/api/billing/meter-event-summary"""

from __future__ import annotations

from decimal import Decimal

from stripe_client.client import Client
from stripe_client.errors import Refused
from stripe_usage.errors import UsageError
from stripe_usage.events.periods import Period

from .meter import Meter
from .series import Series, Window

MOST = 100
"""Summaries in one answer."""


def series_of(client: Client, meter: Meter, customer: str, period: Period, by: str) -> Series:
    """What a customer used in a period, which must be aligned with `by`: hour, day or total.

    Raises `UsageError` where there is no such customer, else what the client raises.
    """
    asked: dict[str, object] = {
        "customer": customer,
        "start_time": period.start,
        "end_time": period.end,
        "limit": MOST,
        **({} if by == "total" else {"value_grouping_window": by}),
    }
    windows: list[Window] = []
    while True:
        try:
            page = client.page(f"/v1/billing/meters/{meter.id}/event_summaries", asked, exact=True)
        except Refused as e:
            if e.code == "resource_missing" and e.param == "customer":
                raise UsageError(f'there is no customer "{customer}" in this account') from None
            raise
        found = page["data"]
        windows += (Window(s["start_time"], s["end_time"], Decimal(s["aggregated_value"])) for s in found)
        if not page["has_more"]:
            # Stripe does not publish whether it leaves out windows without usage; here they are always left out.
            used = sorted(w for w in windows if w.value or meter.formula == "last")
            return Series(customer, meter.formula, period, by, tuple(used))
        asked["starting_after"] = found[-1]["id"]
