"""Which invoice has usage of a time, and whether it still takes more. https://docs.stripe.com/api/invoices/object"""

from __future__ import annotations

from collections import defaultdict

from stripe_usage.asking.billed import Billing
from stripe_usage.comparing.rows import as_made, billed_of

from .revisions import Invoiced

AGAIN_SECONDS = 600
"""How long an answer is good for: a draft becomes final while a run sends."""

ALMOST_SECONDS = 300
"""So long before it becomes final a draft is left alone: Stripe counts an event some time after it took it."""


class Invoices:
    """The invoices of an account that bill one meter."""

    def __init__(self, billing: Billing, meter: str) -> None:
        self._billing, self._meter = billing, meter
        self._since = self._asked_at = 0
        self.found: dict[str, list[Invoiced]] = {}
        """By customer."""

    def look(self, since: int, now: int) -> None:
        """Asks for those that bill usage of that time or later, unless that is known. Raises `StripeError`."""
        if self._asked_at and self._since <= since and now - self._asked_at < AGAIN_SECONDS:
            return
        since = min(since, self._since or since)
        found = defaultdict(list)
        for past in self._billing.invoices(None, since):
            draft = past.status == "draft" and (past.finalizes_at is None or past.finalizes_at > now + ALMOST_SECONDS)
            for line in billed_of(past.subscription, past.lines, self._meter, past.id):
                if bill := as_made(line, past.created):
                    found[past.customer].append(Invoiced(past.id, bill.period, final=not draft))
        self.found, self._since, self._asked_at = dict(found), since, now

    def of(self, customer: str, timestamp: int) -> Invoiced | None:
        """The invoice that has usage of that time; a final one where there are several."""
        mine = [one for one in self.found.get(customer, ()) if one.period.start <= timestamp < one.period.end]
        return max(mine, key=lambda one: one.final, default=None)
