"""A hundred tests on one local Stripe, each with an account of its own: all at once, and one after the other."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import stripe

from stripe_local.testing import Account

from .server import UNLIMITED, Server

COUNT = 100
WAYS = {"at_once": COUNT, "one_at_a_time": 1}
"""By name, how many run at a time."""

_MONTH = 32 * 86400


def measured(way: str) -> dict[str, Any]:
    """How long the tests take, the CPU time that the server uses for them, and the most memory that it ever had."""
    with Server(0, UNLIMITED) as server:
        before, began = server.cpu_seconds(), time.monotonic()
        with ThreadPoolExecutor(WAYS[way]) as pool:
            list(pool.map(lambda number: _test(Account(server.url), number), range(COUNT)))
        seconds = time.monotonic() - began
        return {"what": way, "seconds": seconds, "cpu_seconds": server.cpu_seconds() - before, "mib": server.peak_mib()}


def _test(account: Account, number: int) -> None:
    """Usage is billed, a month passes, a request fails. Raises SystemExit where it sees what is another test's."""
    v1 = account.client(max_network_retries=0).v1
    formula: Any = {"formula": "sum"}
    meter = v1.billing.meters.create({"display_name": "Tokens", "event_name": "tokens", "default_aggregation": formula})
    recurring: Any = {"interval": "month", "usage_type": "metered", "meter": meter.id}
    price = v1.prices.create({"currency": "usd", "unit_amount": 4, "recurring": recurring, "product_data": {"name": "Tokens"}})
    card = "pm_card_visa"
    customer = v1.customers.create({"payment_method": card, "invoice_settings": {"default_payment_method": card}})
    subscription = v1.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})
    payload = {"stripe_customer_id": customer.id, "value": str(number)}
    v1.billing.meter_events.create({"event_name": "tokens", "payload": payload})
    preview = v1.invoices.create_preview({"subscription": subscription.id})
    account.fault(match={"path": "/v1/prices"}, times=1, status=503)
    try:
        v1.prices.list()
        failed = False
    except stripe.APIError:
        failed = True
    account.clock(advance=_MONTH)
    listed = [price.id for price in v1.prices.list().data], [customer.id for customer in v1.customers.list().data]
    seen = (preview.total, failed, *listed, len(v1.invoices.list().data))
    if seen != (4 * number, True, [price.id], [customer.id], 1):
        raise SystemExit(f"test {number} saw {seen}")
