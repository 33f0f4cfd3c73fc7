"""What customers used while their subscriptions had a price by its meter, and whether that was billed, once."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.histories.programs import Args
from tests.histories.verdict import listed
from tests.stripe_local.server import LocalStripe


class Usage:
    """Of all customers of one account."""

    def __init__(self, server: LocalStripe) -> None:
        self._server = server
        self._due: Counter[tuple[str, str]] = Counter()
        """By customer and meter: the units that are to be billed, once for each item that counts them."""
        self._forgiven: set[str] = set()

    def report(self, value: int) -> None:
        """An event comes in for each customer and each active meter by which he is billed; both formulas take it."""
        active = {m["id"]: m for m in listed(self._server, "/v1/billing/meters", status="active")}
        subscriptions = listed(self._server, "/v1/subscriptions")
        items = [(s["customer"], _meter(item["price"])) for s in subscriptions for item in s["items"]["data"]]
        for (customer, id_), times in Counter(items).items():
            if id_ not in active:
                continue
            meter = active[id_]
            payload = {"stripe_customer_id": customer, "value": value, "tokens": value}
            params = {"event_name": meter["event_name"], **{f"payload[{k}]": v for k, v in payload.items()}}
            assert self._server.http("POST", "/v1/billing/meter_events", data=params).status_code == 200
            self._due[customer, id_] += times * (1 if meter["default_aggregation"]["formula"] == "count" else value)

    def forgive(self, subscription_or_customer: str) -> None:
        """Somebody has ended a subscription by hand, or taken an item out: what was not billed yet never will be."""
        found = self._server.http("GET", f"/v1/subscriptions/{subscription_or_customer}").json()
        self._forgiven.add(str(found.get("customer", subscription_or_customer)))

    def complaints(self) -> list[str]:
        """What was billed or will be, where that is not what was used."""
        due = {key: units for key, units in self._due.items() if key[0] not in self._forgiven}
        if not due:
            return []
        meters = {p["id"]: _meter(p) for p in listed(self._server, "/v1/prices")}
        billed: Counter[tuple[str, str]] = Counter()
        invoices = listed(self._server, "/v1/invoices")
        for customer in {customer for customer, _ in due}:
            previews = [self._preview(s["id"]) for s in self._subscriptions(customer)]
            for invoice in [*(i for i in invoices if i["customer"] == customer), *previews]:
                for line in self._lines(invoice):
                    if meter := meters.get(line["pricing"]["price_details"]["price"], ""):
                        billed[customer, meter] += int(line["quantity"])
        return [
            f"{customer} used {units} units of {meter}, and is billed {billed[customer, meter]}"
            for (customer, meter), units in due.items()
            if billed[customer, meter] != units
        ]

    def _subscriptions(self, customer: str) -> list[Args]:
        return listed(self._server, "/v1/subscriptions", customer=customer)

    def _preview(self, subscription: str) -> Any:
        return self._server.http("POST", "/v1/invoices/create_preview", data={"subscription": subscription}).json()

    def _lines(self, invoice: Args) -> list[Args]:
        if not invoice["lines"]["has_more"]:
            return list(invoice["lines"]["data"])
        return listed(self._server, f"/v1/invoices/{invoice['id']}/lines")


def _meter(price: Args) -> str:
    return str((price.get("recurring") or {}).get("meter") or "")
