"""Reading from Stripe who is billed by what changes, and for how much usage. Only GET requests are sent.

A change that touches nobody's bill (new resources, names, metadata) asks Stripe nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from stripe_client.subscriptions import OVER
from stripe_pricing import meter_of

from .changes import Changes
from .facts import Facts, Subscription, Values, subscription_of
from .preview import Preview, unknown

AT_ONCE = 8
"""How many requests wait for an answer at a time; all stay below the client's rate."""

MINUTE = 60

T = TypeVar("T")
K = TypeVar("K")


class Reader(Protocol):
    """The part of the HTTP client that is needed here: nothing in it can change anything."""

    def get(self, path: str, params: Mapping[str, Any] | None = None, kind: str = "") -> dict[str, Any]:
        """The object at `path`."""

    def get_exact(self, path: str, params: Mapping[str, Any] | None = None, kind: str = "") -> dict[str, Any]:
        """The same, with exact numbers."""

    def page(self, path: str, params: Mapping[str, Any] | None = None, *, exact: bool = False) -> dict[str, Any]:
        """One page of a list."""

    def pages(self, path: str, params: Mapping[str, Any] | None = None) -> Iterator[list[dict[str, Any]]]:
        """The pages of a list."""


def facts(preview: Preview, changes: Changes, client: Reader, say: Callable[[str], None] = lambda _: None) -> Facts:
    """What Stripe has of everything that the preview changes. Raises `StripeError`; `say` is called before what takes long."""
    found = Facts()
    stopping = [m.id for m in changes.meters_that_stop]
    found.prices_of_meter = _all(client, sorted({*stopping, *changes.meters_that_lose_a_price}), _prices_of_meter)
    touched = {*changes.priced_ids, *(p for m in stopping for p in found.prices_of_meter[m])}
    of = [*(("price", p) for p in sorted(touched)), *(("customer", c.id) for c in changes.customers)]
    for subscriptions in _all(client, of, _subscriptions).values():
        found.subscriptions.update((s.id, s) for s in subscriptions)
    missing = [s.id for s in changes.subscriptions if s.id not in found.subscriptions]
    for one in _all(client, missing, _subscription).values():
        if one.status not in OVER:
            found.subscriptions[one.id] = one
    billed = {i.price for s in found.subscriptions.values() for i in s.items}
    found.prices = _all(client, sorted(billed | touched | set(changes.declared_prices)), _price)
    found.meters = _all(client, sorted({m for p in found.prices.values() if (m := meter_of(p))}), _meter)
    known = {s.id for s in preview.of("Product") if s.id}
    products = {str(p["product"]) for i, p in found.prices.items() if i in touched} - known
    found.products = _all(client, sorted(products), _product)
    spans = sorted(set(_spans(found, changes)))
    if len(spans) > 100:
        say(f"reading the usage of {len(spans):,} customers")
    found.usage = _all(client, spans, _usage)
    return found


def _spans(found: Facts, changes: Changes) -> Iterator[tuple[str, str, int, int]]:
    """Which usage has to be known: for each metered item that of its meter, and of the meter of the price it moves to."""
    for subscription in found.subscriptions.values():
        for item in subscription.items:
            price = found.prices[item.price]
            meters = {meter_of(price), *(m for m in changes.successor_meters(item.price) if not unknown(m))}
            for step in changes.subscriptions:
                if step.id == subscription.id:
                    ids = {str(i.get("price")) for i in step.new.get("items") or [] if isinstance(i, Mapping)}
                    meters |= {meter_of(found.prices[i]) for i in ids if i in found.prices}
            for meter in meters - {""}:
                yield meter, subscription.customer, item.start, item.end


def _all(client: Reader, keys: Iterable[K], read: Callable[[Reader, K], T]) -> dict[K, T]:
    keys = list(keys)
    if not keys:
        return {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(keys, pool.map(lambda key: read(client, key), keys), strict=True))


def _listed(client: Reader, path: str, params: Values) -> list[dict[str, Any]]:
    return [one for page in client.pages(path, params) for one in page]


def _prices_of_meter(client: Reader, meter: str) -> dict[str, bool]:
    return {str(p["id"]): bool(p["active"]) for p in _listed(client, "/v1/prices", {"recurring": {"meter": meter}})}


def _subscriptions(client: Reader, of: tuple[str, str]) -> list[Subscription]:
    """All of a price or a customer that have not ended: Stripe leaves out canceled ones by default.

    https://docs.stripe.com/api/subscriptions/list
    """
    name, id_ = of
    found = _listed(client, "/v1/subscriptions", {name: id_})
    return [subscription_of(s) for s in found if s["status"] not in OVER]


def _subscription(client: Reader, id_: str) -> Subscription:
    return subscription_of(client.get(f"/v1/subscriptions/{id_}", kind="subscription"))


def _price(client: Reader, id_: str) -> Values:
    """With its tiers; those of another currency can only be asked for by the currency's name."""
    path, expand = f"/v1/prices/{id_}", ["tiers", "currency_options"]
    price = client.get_exact(path, {"expand": expand}, kind="price")
    if price.get("billing_scheme") != "tiered" or not price.get("currency_options"):
        return price
    further = (f"currency_options.{currency}.tiers" for currency in price["currency_options"])
    return client.get_exact(path, {"expand": [*expand, *further]}, kind="price")


def _meter(client: Reader, id_: str) -> Values:
    return client.get(f"/v1/billing/meters/{id_}", kind="billing.meter")


def _product(client: Reader, id_: str) -> Values:
    return client.get(f"/v1/products/{id_}", kind="product")


def _usage(client: Reader, span: tuple[str, str, int, int]) -> Decimal:
    """What the meter counted from the period's start to its end: so far, since later events do not exist yet.

    Stripe wants whole minutes. https://docs.stripe.com/api/billing/meter-event-summary/list
    """
    meter, customer, start, end = span
    params = {"customer": customer, "start_time": start // MINUTE * MINUTE, "end_time": -(-end // MINUTE) * MINUTE}
    page = client.page(f"/v1/billing/meters/{meter}/event_summaries", params, exact=True)
    return sum((Decimal(s["aggregated_value"]) for s in page["data"]), Decimal(0))
