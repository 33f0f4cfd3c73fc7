"""Everything that the page shows, read in one transaction: Stripe's own objects as its API gives them, and in words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from stripe_local.resources import OPERATIONS
from stripe_local.resources.billing import charges, invoices
from stripe_local.resources.usage import meters
from stripe_local.store.kinds import PRICE, PRODUCT
from stripe_local.store.objects import Body
from stripe_local.store.usage_over_time import usage_over_time
from stripe_local.wire.operation import Context
from stripe_local.wire.perform import perform

from . import words
from .explaining import explained

SHOWN = 50
"""How many objects of a kind are shown; the newest."""
SPANS = {"hour": 48, "day": 35}
"""How many windows a chart shows. Events are no older than 35 days when they are recorded."""

_EVER = 2**40
"""Seconds, beyond which there is no usage."""

_OPERATIONS = {(operation.method, operation.path): operation for operation in OPERATIONS}

Json = dict[str, Any]


@dataclass(frozen=True)
class Wish:
    """What the page asks for. `customer` narrows usage down, `subscription` says whose invoices (default: the newest), `invoice`
    which of them is open besides the upcoming one."""

    livemode: bool = False
    customer: str | None = None
    subscription: str | None = None
    invoice: str | None = None
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
            "AND kind IN ('product', 'customer', 'billing.meter') AND json_extract(body, '$.test_clock') IS NULL GROUP BY kind",
            (self._context.scope,),
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
        issued = self._list("/v1/invoices", subscription=chosen["id"])
        opened = next((body for body in issued if body["id"] == wish.invoice), None)
        shown: Json = {
            "subscription": chosen["id"],
            "customer": chosen["customer"],
            "issued": [self._issued(body) for body in issued],
            "opened": opened and {**self._issued(opened), **self._explained(opened), "late": self._late(opened)},
        }
        status, body = self._ask("POST", "/v1/invoices/create_preview", subscription=chosen["id"])
        if status != 200:
            return {**shown, "error": body["error"]["message"]}
        return {
            **shown,
            **self._explained(body),
            "due": body["next_payment_attempt"] or body["created"],
            "elsewhere": self._elsewhere(chosen, subscriptions, invoices.kept_lines(self._context, body["id"])),
        }

    def _explained(self, body: Body) -> Json:
        """An invoice down to the usage behind each line."""
        currency = body["currency"]
        lines, counted = [], None
        for line in invoices.kept_lines(self._context, body["id"]):
            # Tiers are lines of one usage, which is shown once.
            lines.append(self._line(line, days=bool(line["usage"]) and line["usage"] != counted))
            counted = line["usage"]
        return {
            "total": words.money(body["total"], currency),
            "amount_due": words.money(body["amount_due"], currency),
            "balance": words.money(body["starting_balance"], currency) if body["starting_balance"] else None,
            "lines": lines,
        }

    def _line(self, line: Json, *, days: bool) -> Json:
        currency, name, arithmetic, price = line["currency"], line["description"], None, None
        if line["price"]:
            price = self._in_currency(line["price"], currency)
            product = self._context.objects.get(PRODUCT, line["product"]) or {}
            arithmetic = explained(line, price, product.get("unit_label"))
            if arithmetic and not line["proration"] and line.get("tier") is None:
                name = product.get("name") or name
        return {
            "name": name,
            "arithmetic": arithmetic,
            "amount": words.money(line["amount"], currency),
            "price": price and (price["lookup_key"] or price["id"]),
            **line["period"],
            "days": self._days(line["usage"]) if days else [],
        }

    def _days(self, usage: Json) -> list[Json]:
        found = self._counted(usage["meter"], meters.WINDOW_SECONDS["day"], usage["start"][0], usage["end"][0], usage["customer"])
        return [{"start": day, "text": words.number(value)} for day, value in found.items()]

    def _counted(self, id: str, seconds: int, start: int, end: int, customer: str | None) -> dict[int, Decimal]:
        meter = self._context.objects.get(meters.KIND, id)
        assert meter is not None, id
        formula = meter["default_aggregation"]["formula"]
        return usage_over_time(self._context.usage, id, formula, meters.event_window(meter), seconds, start, end, customer)

    def _sum(self, meter: str, start: int, end: int, customer: str | None) -> Decimal:
        return self._counted(meter, _EVER, start, end, customer).get(0, Decimal(0))

    def _late(self, body: Body) -> list[Json]:
        """Usage of an invoice's periods that came after it was final: nobody bills it."""
        found: dict[str, Decimal] = {}
        if body["status"] == "draft":
            return []
        for line in invoices.kept_lines(self._context, body["id"]):
            # What comes after a threshold was reached is on the next invoice.
            if line["usage"] and not line.get("fixed"):
                key = line["usage"]["meter"]
                if key not in found:
                    found[key] = charges.unbilled_quantity(self._context, line["usage"])
                found[key] -= Decimal(line["quantity"])
        return [self._said(meter, value, "late") for meter, value in found.items() if value]

    def _elsewhere(self, chosen: Body, subscriptions: list[Body], lines: list[Json]) -> list[Json]:
        """Usage that the upcoming invoice does not bill, and why: of the customer, and of the invoice's meters of others."""
        customer, found = chosen["customer"], []
        periods: dict[str, list[tuple[int, int]]] = {}
        for line in lines:
            if line["usage"]:
                usage = line["usage"]
                periods.setdefault(usage["meter"], []).append((usage["start"][0], usage["end"][0]))
        for meter in self._list("/v1/billing/meters"):
            id = meter["id"]
            if id not in periods:
                others = [one["id"] for one in subscriptions if one["customer"] == customer and id in _meters_of(one)]
                reason = "subscription" if others else "no_price"
                found.append(self._said(id, self._sum(id, 0, _EVER, customer), reason, other=others[0] if others else None))
                continue
            start, end = min(first for first, _ in periods[id]), max(last for _, last in periods[id])
            began = min(chosen["start_date"], start)
            found.append(self._said(id, self._sum(id, 0, began, customer), "before", at=began))
            found.append(self._said(id, self._sum(id, began, start, customer), "earlier", at=start))
            found.append(self._said(id, self._sum(id, end, _EVER, customer), "later", at=end))
            others_used = self._sum(id, start, end, None) - self._sum(id, start, end, customer)
            found.append(self._said(id, others_used, "customers"))
        return [one for one in found if one["text"] != "0"]

    def _said(self, meter: str, value: Decimal, why: str, **more: Any) -> Json:
        body = self._context.objects.get(meters.KIND, meter) or {}
        return {"meter": body.get("display_name") or meter, "text": words.number(value), "why": why, **more}

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


def _meters_of(subscription: Body) -> set[str]:
    recurring = [item["price"]["recurring"] or {} for item in subscription["items"]["data"]]
    return {one["meter"] for one in recurring if one.get("meter")}
