"""What is told of a subscription before it happens: that its trial ends, that an invoice is coming.

https://docs.stripe.com/billing/subscriptions/trials, https://docs.stripe.com/billing/subscriptions/webhooks
"""

from __future__ import annotations

from collections.abc import Sequence

from stripe_local.store.objects import Body

TRIAL_SECONDS = 3 * 86400
"""How long before its end a trial is told to end."""
UPCOMING_SECONDS = 7 * 86400
"""How long before it an invoice is told of, where a period is longer; at Stripe a setting of the account."""


def trial_ends(body: Body, moment: int) -> bool:
    """Whether a subscription's trial is to be told to end at that moment."""
    return bool(body["status"] == "trialing" and body["trial_end"] - TRIAL_SECONDS == moment)


def invoice_comes(body: Body, items: Sequence[Body], moment: int) -> bool:
    """Whether the invoice at the end of the period is to be told of at that moment."""
    return moment in _upcoming(body, items)


def next_one(body: Body, items: Sequence[Body], after: int) -> int | None:
    """When something is to be told next, after that moment; None where nothing is."""
    moments = _upcoming(body, items)
    if body["status"] == "trialing":
        moments.append(body["trial_end"] - TRIAL_SECONDS)
    return min((moment for moment in moments if moment > after), default=None)


def _upcoming(body: Body, items: Sequence[Body]) -> list[int]:
    if body["status"] not in ("active", "past_due", "trialing") or not items:
        return []
    end = min(item["current_period_end"] for item in items)
    if body["cancel_at"] is not None and body["cancel_at"] <= end:
        return []
    start = min(item["current_period_start"] for item in items if item["current_period_end"] == end)
    return [end - UPCOMING_SECONDS] if start < end - UPCOMING_SECONDS else []
