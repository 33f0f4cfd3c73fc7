"""Which subscriptions are to be looked at, since something came that their billing thresholds count.

By the server's own time, whatever clock they live by: usage counts once `--event-lag` has passed. The looking itself is
`billing.thresholds`. https://docs.stripe.com/billing/subscriptions/usage-based/thresholds
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stripe_local.store.kinds import SUBSCRIPTION
from stripe_local.store.objects import Where, equal
from stripe_local.wire.operation import Context

KIND = "_threshold_watch"

_ANY = "any:threshold"
"""There has been a subscription with thresholds. Without it, nothing needs to be asked of anybody's usage."""

# Usage is there from the millisecond after which the lag has passed.
_MOMENT = 0.001


def of_customers(context: Context, customers: Iterable[str]) -> None:
    """Have those subscriptions of these customers looked at that have thresholds."""
    if context.objects.get(KIND, _ANY) is None:
        return
    for customer in customers:
        for body in context.objects.find(SUBSCRIPTION, [equal("customer", customer), Where("_thresholds", "is not null", None)]):
            of_subscription(context, body["id"])


def of_subscription(context: Context, id: str) -> None:
    """Have a subscription looked at once all usage counts that is there now."""
    if context.objects.get(KIND, _ANY) is None:
        context.objects.insert(KIND, {"id": _ANY})
    _have_looked_at(context, id, context.precise_now if context.server_now is None else context.server_now)


def of_usage_to_come(context: Context, id: str, customer: str, meters: Mapping[str, int], moment: float) -> None:
    """Have a subscription looked at when usage of its customer arrives after that moment: usage is there where time was set back.

    `meters` says from when on usage counts.
    """
    after_ms = int((moment - context.settings.event_lag) * 1000)
    found = (context.usage.next_received_ms(meter, customer, after_ms, since) for meter, since in meters.items())
    first = min((received_ms for received_ms in found if received_ms is not None), default=None)
    if first is not None:
        _have_looked_at(context, id, first / 1000)


def _have_looked_at(context: Context, id: str, received: float) -> None:
    lag = context.settings.event_lag
    moment = received + lag + _MOMENT if lag else received
    watch = context.objects.get(KIND, f"{id}:threshold")
    if watch is None:
        context.objects.insert(KIND, {"id": f"{id}:threshold", "_due": moment, "_last": moment})
    else:
        context.objects.put(KIND, {**watch, "_due": min(moment, watch["_due"]), "_last": max(moment, watch["_last"])})


def take(context: Context, moment: float) -> list[str]:
    """The ids of the subscriptions that are to be looked at by then."""
    found = []
    for watch in context.objects.find(KIND, [Where("_due", "<=", moment)]):
        found.append(watch["id"].partition(":")[0])
        if watch["_last"] > watch["_due"]:  # something came since, which may not count yet
            context.objects.put(KIND, {**watch, "_due": watch["_last"]})
        else:
            context.objects.remove(KIND, watch["id"])
    return found


INDEXED = {KIND: ("_due",)}
