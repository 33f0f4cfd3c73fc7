"""What others do at Stripe meanwhile: to our objects, and with objects of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import stripe

Touch = Callable[[stripe.StripeClient, str], Any]
"""Does something to one of our objects."""


def _update(service: str, **params: Any) -> Touch:
    return lambda client, id_: getattr(client.v1, service).update(id_, params)


def _add_item(client: stripe.StripeClient, id_: str) -> Any:
    product = client.v1.products.create({"name": "Theirs"})
    price = client.v1.prices.create(
        {
            "currency": "usd",
            "product": product.id,
            "unit_amount": 1,
            "recurring": {"interval": "month"},
            "metadata": {"theirs": "alone"},
        }
    )
    return client.v1.subscription_items.create({"subscription": id_, "price": price.id})


def _items(client: stripe.StripeClient, id_: str) -> list[Any]:
    return list(client.v1.subscription_items.list({"subscription": id_}).data)


def _remove_item(client: stripe.StripeClient, id_: str) -> Any:
    items = _items(client, id_)
    return client.v1.subscription_items.delete(items[0].id) if len(items) > 1 else None


def _mark_item(client: stripe.StripeClient, id_: str) -> Any:
    return client.v1.subscription_items.update(_items(client, id_)[0].id, {"metadata": {"a": "theirs"}})


def _count_item(client: stripe.StripeClient, id_: str) -> Any:
    licensed = [i for i in _items(client, id_) if i.price.recurring.usage_type == "licensed"]
    return client.v1.subscription_items.update(licensed[0].id, {"quantity": 9}) if licensed else None


def _delete_product(client: stripe.StripeClient, id_: str) -> Any:
    return client.v1.products.delete(id_)


THEIRS = {"metadata": {"a": "theirs", "theirs": "x"}}

TOUCHES: Mapping[str, Mapping[str, tuple[Touch, tuple[str, ...]]]] = {
    "Meter": {
        "deactivate": (lambda client, id_: client.v1.billing.meters.deactivate(id_), ()),
        "reactivate": (lambda client, id_: client.v1.billing.meters.reactivate(id_), ()),
        "rename": (lambda client, id_: client.v1.billing.meters.update(id_, {"display_name": "Theirs"}), ("display_name",)),
    },
    "Product": {
        "archive": (_update("products", active=False), ()),
        "unarchive": (_update("products", active=True), ()),
        "delete": (_delete_product, ()),
        "metadata": (_update("products", **THEIRS), ("metadata",)),
        "rename": (_update("products", name="Theirs"), ("name",)),
        "describe": (_update("products", description="theirs"), ("description",)),
        "features": (_update("products", marketing_features=[{"name": "theirs"}]), ("marketing_features",)),
        "no images": (_update("products", images=""), ("images",)),
    },
    "Price": {
        "archive": (_update("prices", active=False), ()),
        "unarchive": (_update("prices", active=True), ()),
        "metadata": (_update("prices", **THEIRS), ("metadata",)),
        "nickname": (_update("prices", nickname="theirs"), ("nickname",)),
        "no nickname": (_update("prices", nickname=""), ("nickname",)),
        "lookup key": (lambda client, id_: client.v1.prices.update(id_, {"lookup_key": f"theirs_{id_}"}), ("lookup_key",)),
        "no lookup key": (_update("prices", lookup_key=""), ("lookup_key",)),
    },
    "Customer": {
        "delete": (lambda client, id_: client.v1.customers.delete(id_), ()),
        "metadata": (_update("customers", **THEIRS), ("metadata",)),
        "rename": (_update("customers", name="Theirs"), ("name",)),
        "no address": (_update("customers", address=""), ("address",)),
        "shipping": (_update("customers", shipping={"name": "Theirs", "address": {"city": "theirs"}}), ("shipping",)),
        "footer": (_update("customers", invoice_settings={"footer": "theirs"}), ("invoice_settings",)),
        "locales": (_update("customers", preferred_locales=["de"]), ("preferred_locales",)),
    },
    "Subscription": {
        "cancel": (lambda client, id_: client.v1.subscriptions.cancel(id_), ()),
        "metadata": (_update("subscriptions", **THEIRS), ("metadata",)),
        "describe": (_update("subscriptions", description="theirs"), ("description",)),
        "at period end": (_update("subscriptions", cancel_at_period_end=True), ("cancel_at_period_end",)),
        "pause": (_update("subscriptions", pause_collection={"behavior": "keep_as_draft"}), ("pause_collection",)),
        "resume": (_update("subscriptions", pause_collection=""), ("pause_collection",)),
        "due": (_update("subscriptions", days_until_due=5), ("days_until_due",)),
        "add item": (_add_item, ()),
        "remove item": (_remove_item, ()),
        "mark item": (_mark_item, ("items",)),
        "count item": (_count_item, ("items",)),
    },
}
"""By kind and name: what is done, and the fields that, where nobody declares them, stay as they are then."""


def touch(client: stripe.StripeClient, slot: str, id_: str, name: str) -> tuple[str, ...]:
    """Does it; the fields that others have set. Nothing happens where Stripe does not allow it."""
    action, fields = TOUCHES[slot.partition("/")[0]][name]
    try:
        action(client, id_)
    except stripe.InvalidRequestError:
        return ()
    return fields


def by_hand(client: stripe.StripeClient, slot: str, args: Mapping[str, Any]) -> str:
    """Somebody makes, in the Dashboard, what the arguments (with ids) say. The id; "" where Stripe does not allow it."""
    kind = slot.partition("/")[0]
    later = ("existing_subscriptions", "pause_collection")
    params: Any = {"id" if k == "product_id" else k: v for k, v in args.items() if k not in later}
    service = client.v1.billing.meters if kind == "Meter" else getattr(client.v1, f"{kind.lower()}s")
    try:
        return str(service.create(params).id)
    except stripe.InvalidRequestError:
        return ""


SUBSCRIBED: Any = {"collection_method": "send_invoice", "days_until_due": 30}


class Strangers:
    """Objects of somebody else, which nothing may change."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client
        self._seen: dict[tuple[str, str], Any] = {}
        self.movable: set[str] = set()
        """Prices of ours that have said `existing_subscriptions="migrate"`: who is on one is moved."""

    def make(self, kind: str, products: list[str], prices: list[str]) -> None:
        """One more object, made to look like ours, on a product or a price of ours (ids) where there is one."""
        v1 = self._client.v1
        kept = {p.id for p in v1.products.list({"ids": products}).data} if products else set()
        products = [p for p in products if p in kept]
        if not products:
            self._keep("products", v1.products.create({"name": "one"}))
            products = [id_ for service, id_ in self._seen if service == "products"]
        product = products[-1]
        number = len(self._seen)
        # Another project's, another stack's, one's own from before there was a mark.
        marks = ({"pulumi_resource": "q/dev/Product/p"}, {"pulumi_resource": "p/dev2/Price/a"}, {})
        mark: Any = {"metadata": marks[number % 3]}
        if kind == "meter":
            args = {"display_name": "one", "event_name": f"theirs{number}", "default_aggregation": {"formula": "sum"}}
            self._keep("billing.meters", v1.billing.meters.create(args))
        elif kind == "product":
            self._keep("products", v1.products.create({"name": "one", **mark}))
        elif kind == "price":
            args = {"currency": "usd", "product": product, "unit_amount": 1, "lookup_key": f"theirs{number}", **mark}
            self._keep("prices", v1.prices.create(args))
        else:
            customer = v1.customers.create({"name": "one", "email": "one@example.com", **mark})
            billable = [p.id for p in map(v1.prices.retrieve, prices) if p.active and p.recurring]
            if billable:
                args = {"customer": customer.id, "items": [{"price": billable[number % len(billable)]}], **SUBSCRIBED, **mark}
                self._keep("subscriptions", v1.subscriptions.create(args))
            self._keep("customers", customer)  # as his subscription leaves him

    def changed(self) -> list[str]:
        """Those that are not as they were."""
        found = {key: self._now(*key) for key in self._seen}
        return [
            f"{id_}, which is somebody else's, was {self._seen[s, id_]} and is {now}"
            for (s, id_), now in found.items()
            if not self._alike(self._seen[s, id_], now)
        ]

    def look_again(self) -> None:
        """Time has passed, and changed them."""
        self._seen = {key: self._now(*key) for key in self._seen}

    def ids(self) -> set[str]:
        return {id_ for _, id_ in self._seen}

    def _alike(self, before: Any, now: Any) -> bool:
        """Whether it is as it was, but for an item that has moved from a price that says so."""
        moved = {
            item
            for item, price in before.get("items", {}).items()
            if now["items"].get(item, price) != price and price in self.movable
        }
        if not moved:
            return bool(before == now)
        before, now = ({k: v for k, v in each.items() if k not in MOVED} for each in (before, now))
        before["items"], now["items"] = ({k: v for k, v in each["items"].items() if k not in moved} for each in (before, now))
        return bool(before == now)

    def _keep(self, service: str, made: Any) -> None:
        self._seen[service, made.id] = self._now(service, made.id)

    def _now(self, service: str, id_: str) -> Any:
        api: Any = self._client.v1
        for part in service.split("."):
            api = getattr(api, part)
        found = api.retrieve(id_).to_dict()
        if service == "subscriptions":  # what its prices are like is ours to say
            items = found["items"]["data"]
            return {
                **found,
                "items": {i["id"]: i["price"]["id"] for i in items},
                "quantities": [i.get("quantity") for i in items],
            }
        return found


MOVED = ("latest_invoice", "plan", "quantity")
"""What of a subscription follows from a move of its item."""
