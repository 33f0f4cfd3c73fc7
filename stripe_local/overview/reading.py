"""Everything that the page shows, read in one transaction: Stripe's own objects as its API gives them, and in words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from stripe_local.resources import OPERATIONS
from stripe_local.resources.usage import meters
from stripe_local.store.kinds import PRICE, PRODUCT
from stripe_local.store.objects import Body
from stripe_local.store.usage_over_time import usage_over_time
from stripe_local.wire.operation import Context
from stripe_local.wire.perform import perform

from . import words

SHOWN = 50
"""How many objects of a kind are shown; the newest."""
SPANS = {"hour": 48, "day": 35}
"""How many windows a chart shows. Events are no older than 35 days when they are recorded."""

_OPERATIONS = {(operation.method, operation.path): operation for operation in OPERATIONS}

Json = dict[str, Any]


@dataclass(frozen=True)
class Wish:
    """What the page asks for. `customer` narrows usage down, `subscription` says whose invoice (default: the newest)."""

    livemode: bool = False
    customer: str | None = None
    subscription: str | None = None
    window: str = "day"
    errors: bool = False


class Reading:
    """One view of the store, read by operations of Stripe's API, which are not recorded as requests."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def overview(self, wish: Wish) -> Json:
        """What is sold, to whom, what they used, and what they will be billed."""
        subscriptions = self._list("/v1/subscriptions")
        return {
            "products": [self._product(body) for body in self._list("/v1/products")],
            "meters": [self._meter(body) for body in self._list("/v1/billing/meters")],
            "customers": [self._customer(body, subscriptions) for body in self._list("/v1/customers")],
            "usage": self._usage(wish),
            "invoice": self._upcoming(wish, subscriptions),
            "counts": self._counts(),
        }

    def _ask(self, method: str, path: str, **params: Any) -> tuple[int, Body]:
        operation = _OPERATIONS[method, path]
        self._context.params, self._context.path = operation.params.parse(params, ""), {}
        return perform(operation, self._context)

    def _list(self, path: str, **params: Any) -> list[Body]:
        _, body = self._ask("GET", path, limit=SHOWN, **params)
        found: list[Body] = body.get("data", [])
        return found

    def _counts(self) -> dict[str, int]:
        rows = self._context.connection.execute(
            "SELECT kind, COUNT(*) FROM objects WHERE livemode = ? "
            "AND kind IN ('product', 'customer', 'billing.meter') GROUP BY kind",
            (self._context.livemode,),
        )
        return dict(rows.fetchall())

    # What is sold

    def _product(self, body: Body) -> Json:
        found = self._list("/v1/prices", product=body["id"])
        return {
            "id": body["id"],
            "name": body["name"],
            "description": body["description"],
            "active": body["active"],
            "prices": [self._price(price, body) for price in found],
        }

    def _price(self, listed: Body, product: Body) -> Json:
        body = self._in_currency(listed["id"], listed["currency"])
        recurring = body["recurring"] or {}
        meter = self._context.objects.get(meters.KIND, recurring.get("meter") or "")
        others = sorted(code.upper() for code in body["currency_options"] if code != body["currency"])
        return {
            "id": body["id"],
            "active": body["active"],
            "lookup_key": body["lookup_key"],
            "meter": meter["display_name"] if meter else None,
            "words": words.price(body, product.get("unit_label"), counted=recurring.get("usage_type") == "metered"),
            "also": others,
        }

    def _in_currency(self, id: str, currency: str) -> Body:
        body = self._context.objects.get(PRICE, id)
        assert body is not None, id
        return words.in_currency(body, currency)

    @staticmethod
    def _meter(body: Body) -> Json:
        formula = body["default_aggregation"]["formula"]
        counts = {"sum": "the sum of the events' values", "count": "the number of events", "last": "the latest event's value"}
        window = body["event_time_window"]
        return {
            "id": body["id"],
            "name": body["display_name"],
            "event_name": body["event_name"],
            "active": body["status"] == "active",
            "counts": counts[formula] + (f", the last one of each {window}" if window else ""),
            "value_key": body["value_settings"]["event_payload_key"],
            "customer_key": body["customer_mapping"]["event_payload_key"],
        }

    # To whom

    def _customer(self, body: Body, subscriptions: list[Body]) -> Json:
        return {
            "id": body["id"],
            "name": body["name"],
            "email": body["email"],
            "subscriptions": [self._subscription(one) for one in subscriptions if one["customer"] == body["id"]],
        }

    def _subscription(self, body: Body) -> Json:
        items = body["items"]["data"]
        names = [self._product_name(item["price"]["product"]) for item in items]
        return {
            "id": body["id"],
            "status": body["status"],
            "products": sorted(set(names)),
            "period_start": min(item["current_period_start"] for item in items),
            "period_end": min(item["current_period_end"] for item in items),
            "cancels": body["cancel_at"],
        }

    def _product_name(self, id: str) -> str:
        product = self._context.objects.get(PRODUCT, id)
        return str(product["name"]) if product and product.get("name") else id

    # What they used

    def _usage(self, wish: Wish) -> Json:
        seconds, spans = meters.WINDOW_SECONDS[wish.window], SPANS[wish.window]
        end = (self._context.now // seconds + 1) * seconds
        start = end - spans * seconds
        shown = []
        for meter in self._list("/v1/billing/meters"):
            found = usage_over_time(
                self._context.usage,
                meter["id"],
                meter["default_aggregation"]["formula"],
                meters.event_window(meter),
                seconds,
                start,
                end,
                wish.customer,
            )
            if found or meter["status"] == "active":
                shown.append(self._series(meter, found))
        return {"customer": wish.customer, "window": wish.window, "seconds": seconds, "start": start, "end": end, "meters": shown}

    @staticmethod
    def _series(meter: Body, found: dict[int, Decimal]) -> Json:
        last = meter["default_aggregation"]["formula"] == "last"
        whole = list(found.values())[-1] if last and found else sum(found.values(), Decimal(0))
        return {
            "id": meter["id"],
            "name": meter["display_name"],
            "event_name": meter["event_name"],
            "total": words.number(whole),
            "latest": last,
            "data": [{"start": moment, "value": str(value), "text": words.number(value)} for moment, value in found.items()],
        }

    # What they will be billed

    def _upcoming(self, wish: Wish, subscriptions: list[Body]) -> Json:
        chosen = next((one for one in subscriptions if one["id"] == wish.subscription), None)
        chosen = chosen or next((one for one in subscriptions if wish.customer in (None, one["customer"])), None)
        if chosen is None:
            return {"subscription": None}
        shown: Json = {
            "subscription": chosen["id"],
            "customer": chosen["customer"],
            "issued": [self._issued(body) for body in self._list("/v1/invoices", subscription=chosen["id"])[:5]],
        }
        status, body = self._ask("POST", "/v1/invoices/create_preview", subscription=chosen["id"])
        if status != 200:
            return {**shown, "error": body["error"]["message"]}
        currency = body["currency"]
        return {
            **shown,
            "due": body["next_payment_attempt"] or body["created"],
            "period_end": body["period_end"],
            "total": words.money(body["total"], currency),
            "amount_due": words.money(body["amount_due"], currency),
            "balance": words.money(body["starting_balance"], currency) if body["starting_balance"] else None,
            "lines": [self._line(line) for line in body["lines"]["data"]],
            "more_lines": body["lines"]["total_count"] - len(body["lines"]["data"]),
        }

    def _line(self, line: Body) -> Json:
        details = (line.get("pricing") or {}).get("price_details") or {}
        name, arithmetic, currency = line["description"], None, line["currency"]
        if details.get("price"):
            product = self._context.objects.get(PRODUCT, details["product"]) or {}
            usage = not (line["parent"]["subscription_item_details"] or line["parent"]["invoice_item_details"])["proration"]
            name = product.get("name") or name
            if usage:
                body = self._in_currency(details["price"], currency)
                if body["tiers_mode"] != "graduated":
                    # Lines of graduated tiers say themselves what is in them.
                    arithmetic = words.arithmetic(body, Decimal(line["quantity_decimal"]), product.get("unit_label"))
        return {
            "name": name if arithmetic else line["description"],
            "arithmetic": arithmetic,
            "amount": words.money(line["amount"], currency),
            "start": line["period"]["start"],
            "end": line["period"]["end"],
        }

    @staticmethod
    def _issued(body: Body) -> Json:
        return {
            "id": body["id"],
            "number": body["number"],
            "status": body["status"],
            "total": words.money(body["total"], body["currency"]),
            "start": body["period_start"],
            "end": body["period_end"],
        }
