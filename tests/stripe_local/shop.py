"""A shop at the local Stripe: a product with prices, customers, and subscriptions that are changed and billed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from stripe import StripeClient

from tests.stripe_local.server import LocalStripe

DAY = 86400


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


class Shop:
    """A product with prices, and customers with and without a card."""

    def __init__(self, server: LocalStripe, client: StripeClient) -> None:
        self.server, self.v1 = server, client.v1
        self.product = self.v1.products.create({"name": "Plan"}).id

    def price(self, amount: int, interval: str | None = "month", **more: Any) -> str:
        params: Any = {"currency": "usd", "unit_amount": amount, "product": self.product, **more}
        if interval:
            params["recurring"] = {"interval": interval, "interval_count": more.pop("count", 1)}
            params.pop("count", None)
        return self.v1.prices.create(params).id

    def customer(self, *, card: bool = True, **more: Any) -> str:
        with_card = {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
        params: Any = {**(with_card if card else {}), **more}
        return self.v1.customers.create(params).id

    def subscribe(self, *prices: str, card: bool = True, **more: Any) -> Any:
        params: Any = {"customer": self.customer(card=card), "items": [{"price": price} for price in prices], **more}
        return self.v1.subscriptions.create(params)

    def update(self, subscription: Any, **params: Any) -> Any:
        wanted: Any = params
        return self.v1.subscriptions.update(subscription.id, wanted)

    def preview(self, subscription: Any, **details: Any) -> Any:
        wanted: Any = {"subscription": subscription.id, "subscription_details": details}
        return self.v1.invoices.create_preview(wanted)

    def invoices(self, subscription: Any) -> list[Any]:
        """Those after the first, oldest first."""
        found = self.v1.invoices.list({"subscription": subscription.id, "limit": 100}).data
        return [invoice for invoice in reversed(found) if invoice.billing_reason != "subscription_create"]

    def amounts(self, subscription: Any) -> list[list[int]]:
        return [[line.amount for line in invoice.lines.data] for invoice in self.invoices(subscription)]

    def pending(self, subscription: Any) -> list[int]:
        found = self.v1.invoice_items.list({"pending": True, "customer": subscription.customer}).data
        return sorted(item.amount for item in found)
