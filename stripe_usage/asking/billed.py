"""What Stripe billed and will bill: subscriptions, their invoices, previews of the next ones, and the prices on them.

https://docs.stripe.com/api/invoices/create_preview. Since 2025-03-31 a preview covers one subscription, never all of a
customer's: https://docs.stripe.com/changelog/basil/2025-03-31/invoice-preview-api-deprecations
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from stripe_client.client import Client
from stripe_client.errors import Refused
from stripe_usage.errors import UsageError
from stripe_usage.invoices.invoice import Invoice, invoice_of
from stripe_usage.invoices.lines import Line, lines_of, price_of

LINES = 100


class NothingToBill(UsageError):
    """The subscription has no next invoice."""


@dataclass(frozen=True)
class Past:
    """An invoice that was made. `subscription` is "" for one of none; `finalizes_at` is None where it does not by itself."""

    id: str
    customer: str
    subscription: str
    created: int
    status: str
    """draft, open, paid, uncollectible or void"""
    finalizes_at: int | None
    lines: tuple[Line, ...]
    early: bool = False
    """Whether a billing threshold was reached: it bills what was used until then, and the rest of the period comes later."""

    @property
    def voided(self) -> bool:
        """Whether it bills nothing any more."""
        return self.status == "void"


class Billing:
    """Fetches each price once. Safe to use from several threads."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._prices: dict[tuple[str, str], dict[str, Any]] = {}
        self._lock = threading.Lock()

    def subscriptions(self, customer: str, *, ended: bool = False) -> list[dict[str, Any]]:
        """The customer's subscriptions, oldest first; with `ended` also those that are over.

        Raises `UsageError` where there is no such customer.
        """
        asked = {"customer": customer, **({"status": "all"} if ended else {})}
        try:
            found = [s for page in self._client.pages("/v1/subscriptions", asked) for s in page]
        except Refused as e:
            raise _readable(e, "customer", customer) from None
        if not found:
            self._check_customer(customer)
        return found[::-1]

    def _check_customer(self, customer: str) -> None:
        try:
            found = self._client.get(f"/v1/customers/{customer}", kind="customer")
        except Refused as e:
            raise _readable(e, "customer", customer) from None
        if found.get("deleted"):
            raise UsageError(f"customer {customer} was deleted")

    def preview(self, subscription: str) -> Invoice:
        """The next invoice of a subscription. Raises `NothingToBill`, and `UsageError` where there is no such subscription."""
        try:
            text = self._client.post("/v1/invoices/create_preview", {"subscription": subscription}, kind="invoice").text
        except Refused as e:
            if e.code == "invoice_upcoming_none":
                raise NothingToBill(f"subscription {subscription} has no next invoice: it is canceled, or ends before") from None
            raise _readable(e, "subscription", subscription) from None
        preview: dict[str, Any] = json.loads(text, parse_float=Decimal)
        lines = self._lines(preview["lines"])
        prices = self._prices_of(lines, preview["currency"])
        return invoice_of(preview, lines, prices, subscription)

    def invoices(self, customer: str | None, since: int) -> list[Past]:
        """The customer's invoices, or all of the account, that were made since then, the oldest first."""
        asked = {"created": {"gte": since}, **({"customer": customer} if customer else {})}
        found = [i for page in self._client.pages("/v1/invoices", asked) for i in page]
        return [self._past(invoice) for invoice in reversed(found)]

    def invoice(self, id: str) -> Past:
        """One that was made. Raises `UsageError` where there is no such invoice."""
        try:
            return self._past(self._client.get_exact(f"/v1/invoices/{quote(id, safe='')}", {}))
        except Refused as e:
            raise _readable(e, "invoice", id) from None

    def _past(self, invoice: Mapping[str, Any]) -> Past:
        lines = self._lines(invoice["lines"])
        of = ((invoice.get("parent") or {}).get("subscription_details") or {}).get("subscription") or ""
        subscription = str(of["id"] if isinstance(of, Mapping) else of)
        shown = tuple(lines_of(lines, self._prices_of(lines, invoice["currency"])))
        return Past(
            invoice["id"],
            str(invoice["customer"]),
            subscription,
            invoice["created"],
            invoice["status"],
            invoice.get("automatically_finalizes_at"),
            shown,
            invoice.get("billing_reason") == "subscription_threshold",
        )

    def _lines(self, listed: Mapping[str, Any]) -> list[dict[str, Any]]:
        """All lines that Stripe shows; it does not publish whether those of a preview can be paged."""
        lines: list[dict[str, Any]] = list(listed["data"])
        more = bool(listed["has_more"])
        while more and lines:
            try:
                page = self._client.page(listed["url"], {"limit": LINES, "starting_after": lines[-1]["id"]}, exact=True)
            except Refused as e:
                if e.status not in (400, 404):
                    raise
                break
            lines += page["data"]
            more = bool(page["has_more"])
        return lines

    def _prices_of(self, lines: Sequence[Mapping[str, Any]], currency: str) -> dict[str, dict[str, Any]]:
        ids = dict.fromkeys(filter(None, map(price_of, lines)))
        return {id: self._price(id, currency) for id in ids}

    def _price(self, id: str, currency: str) -> dict[str, Any]:
        with self._lock:
            known = self._prices.get((id, currency))
        if known is None:
            expand = ["product", "tiers", "currency_options"]
            known = self._client.get_exact(f"/v1/prices/{id}", {"expand": expand}, kind="price")
            if known.get("billing_scheme") == "tiered" and currency != known["currency"]:
                expand[-1] = f"currency_options.{currency}.tiers"
                known = self._client.get_exact(f"/v1/prices/{id}", {"expand": expand}, kind="price")
            with self._lock:
                self._prices[id, currency] = known
        return known


def _readable(e: Refused, what: str, id: str) -> Refused | UsageError:
    """Stripe's refusal as one line, if it says that there is no such object."""
    missing = e.code == "resource_missing" or e.status == 404
    return UsageError(f'there is no {what} "{id}" in this account') if missing else e
